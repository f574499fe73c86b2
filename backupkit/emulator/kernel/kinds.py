"""Resource types as the local service needs them: what an ARN names, and how the ARNs of points are made."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import TypeAlias

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


def shaped(shape: str, *, scope: tuple[str, str, str], source: str, job: str, now: datetime, bits: int) -> str:
    """A point's ARN.

    Args:
        shape: One of the catalog's.
        scope: Partition, Region and account of the vault.
        source: The resource's ARN.
        job: ``job-<id>`` or ``copyjob-<id>``.
        now: When it is made.
        bits: 128 random bits.
    """
    form, parts = _begun(shape, scope, source)
    digits = bits.to_bytes(16, "big").hex()
    return form % tuple([job if part is None else part(now, digits) for part in parts])


_Part: TypeAlias = Callable[[datetime, str], str]
_PARTS: dict[str, _Part | None] = {
    "job": None,
    "uuid": lambda _, digits: f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}",
    "hex17": lambda _, digits: digits[:17],
    "hex8": lambda _, digits: digits[:8],
    "stamp": lambda now, _: f"{now:%Y%m%d%H%M%S}",
    "millis": lambda now, _: str(int(now.timestamp() * 1000)),
}
_NAMED = re.compile(r"\{(\w+)\}")


@lru_cache(maxsize=65536)
def _begun(shape: str, scope: tuple[str, str, str], source: str) -> tuple[str, tuple[_Part | None, ...]]:
    """What is the same for every point of a resource, as a form to fill, and what makes the parts that are not."""
    partition, region, account = scope
    known: dict[str, str] = {"partition": partition, "region": region, "account": account, "name": name_in(source)}
    form = _NAMED.sub(lambda part: known[part[1]].replace("%", "%%") if part[1] in known else "%s", shape)
    return form, tuple(_PARTS[name] for name in _NAMED.findall(shape) if name not in known)
