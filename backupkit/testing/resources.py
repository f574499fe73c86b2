"""Strategies for the synthetic resources of a local service."""

from __future__ import annotations

import string
from collections.abc import Mapping
from typing import TypedDict

from hypothesis import strategies as st

from backupkit.testing.arns import places
from backupkit.testing.names import tags as any_tags

__all__ = ["NewResource", "resources"]

_HEX, _LOWER = "0123456789abcdef", string.ascii_lowercase + string.digits
_LARGEST_BYTES = 10_000_000_000_000


class NewResource(TypedDict):
    """What `aws.resources.add(**resource)` takes."""

    arn: str
    size_bytes: int
    tags: Mapping[str, str]
    daily_change: float
    account_id: str
    region_name: str


def resources(
    *,
    account_id: str = "123456789012",
    region_name: str = "us-east-1",
    tags: st.SearchStrategy[Mapping[str, str]] | None = None,
) -> st.SearchStrategy[NewResource]:
    """Resources to add to a local service: ``aws.resources.add(**resource)``.

    They are tables, buckets, volumes, file systems and databases. For several, ask for different ARNs:
    ``st.lists(resources(), unique_by=lambda resource: resource["arn"])``.

    Args:
        account_id: Their account, 12 digits.
        region_name: Their Region.
        tags: Their tags; None: any.
    """
    return _resources(places(account_id, region_name), any_tags() if tags is None else tags)


@st.composite
def _resources(
    draw: st.DrawFn, where: st.SearchStrategy[tuple[str, str, str]], tags: st.SearchStrategy[Mapping[str, str]]
) -> NewResource:
    partition, region_name, account_id = draw(where)
    service = draw(st.sampled_from(("dynamodb", "s3", "ec2", "elasticfilesystem", "rds")))
    name = draw(st.text(_LOWER, min_size=3, max_size=20))
    number = draw(st.text(_HEX, min_size=17, max_size=17))
    called = {
        "dynamodb": f"table/{name}",
        "s3": name,
        "ec2": f"volume/vol-{number}",
        "elasticfilesystem": f"file-system/fs-{number}",
        "rds": f"db:db-{name}",
    }[service]
    owner = ":" if service == "s3" else f"{region_name}:{account_id}"
    return {
        "arn": f"arn:{partition}:{service}:{owner}:{called}",
        "size_bytes": draw(st.integers(0, _LARGEST_BYTES)),
        "tags": draw(tags),
        "daily_change": draw(st.sampled_from((0.0, 0.02, 1.0))),
        "account_id": account_id,
        "region_name": region_name,
    }
