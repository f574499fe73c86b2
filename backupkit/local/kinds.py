"""Resource types as the local service needs them: what an ARN names, and how the ARNs of points are made."""

from __future__ import annotations

from collections.abc import Callable
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
    text, open_parts = _begun(shape, place, source)
    digits = f"{bits:032x}"
    for part in open_parts:
        text = text.replace(part, job if part == "{job}" else _PARTS[part](now, digits))
    return text


_PARTS: dict[str, Callable[[datetime, str], str]] = {
    "{uuid}": lambda _, digits: f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}",
    "{hex17}": lambda _, digits: digits[:17],
    "{hex8}": lambda _, digits: digits[:8],
    "{stamp}": lambda now, _: f"{now:%Y%m%d%H%M%S}",
    "{millis}": lambda now, _: str(int(now.timestamp() * 1000)),
}


@lru_cache(maxsize=65536)
def _begun(shape: str, place: tuple[str, str, str], source: str) -> tuple[str, tuple[str, ...]]:
    """The shape with all that is the same for every point of a resource, and the parts that still are open."""
    for name, value in zip(("partition", "region", "account", "name"), (*place, name_in(source)), strict=True):
        shape = shape.replace(f"{{{name}}}", value)
    return shape, tuple(part for part in ("{job}", *_PARTS) if part in shape)
