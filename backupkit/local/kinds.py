"""Resource types as the local service needs them: what an ARN names, and how the ARNs of points are made."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from backupkit.arn import Arn
from backupkit.catalog import TYPES, ResourceType, types_of

__all__ = ["kind_named", "managed", "name_in", "shaped", "type_of"]

_UNKNOWN = ResourceType(name="", shapes=())


def kind_named(resource_type: str) -> ResourceType:
    """The type of this string; one that can do the least where it is not known."""
    return TYPES.get(resource_type, _UNKNOWN)


@lru_cache(maxsize=65536)
def type_of(arn: str) -> str | None:
    """The type string that an ARN names; Aurora for every ``rds`` cluster; None where it is not known."""
    fitting = types_of(arn)
    return fitting[0].name if fitting else None


@lru_cache(maxsize=65536)
def name_in(arn: str) -> str:
    """The name that an ARN ends with."""
    return Arn.parse(arn).name


def managed(point_arn: str) -> bool:
    """Whether AWS Backup itself keeps the point, encrypted with its vault's key; the ARN tells."""
    return point_arn.split(":", 3)[2] == "backup"


def shaped(shape: str, *, place: tuple[str, str, str], source: str, job: str, now: datetime, bits: int) -> str:
    """A point's ARN.

    Args:
        shape: One of the catalog's.
        place: Partition, Region and account of the vault.
        source: The resource's ARN.
        job: ``job-<id>`` or ``copyjob-<id>``.
        now: When it is made.
        bits: 128 random bits.
    """
    digits = f"{bits:032x}"
    return shape.format(
        partition=place[0],
        region=place[1],
        account=place[2],
        name=name_in(source),
        job=job,
        uuid=f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}",
        hex17=digits[:17],
        hex8=digits[:8],
        stamp=f"{now:%Y%m%d%H%M%S}",
        millis=int(now.timestamp() * 1000),
    )
