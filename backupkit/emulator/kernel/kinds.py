"""Resource types as the local service needs them: what an ARN names, and how the ARNs of points are made."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import TypeAlias

from backupkit.arn import Arn
from backupkit.catalog import TYPES, ResourceType, types_of

__all__ = ["format_arn", "kind_named", "managed", "name_in", "type_of"]

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
    return point_arn.startswith("backup:", point_arn.find(":", 4) + 1)


def format_arn(shape: str, *, scope: tuple[str, str, str], source: str, job: str, now: datetime, bits: int) -> str:
    """A point's ARN.

    Args:
        shape: One of the catalog's.
        scope: Partition, Region and account of the vault.
        source: The resource's ARN.
        job: ``job-<id>`` or ``copyjob-<id>``.
        now: When it is made.
        bits: 128 random bits.
    """
    arn, rest = _begun(shape, scope, source)
    for part, text in rest:
        arn += part(job, now, bits) + text
    return arn


def _uuid(_job: str, _now: datetime, bits: int) -> str:
    digits = bits.to_bytes(16, "big").hex()
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


_Part: TypeAlias = Callable[[str, datetime, int], str]
_PARTS: dict[str, _Part] = {
    "job": lambda job, _now, _bits: job,
    "uuid": _uuid,
    "hex17": lambda _job, _now, bits: "%017x" % (bits >> 60),
    "hex8": lambda _job, _now, bits: "%08x" % (bits >> 96),
    "stamp": lambda _job, now, _bits: f"{now:%Y%m%d%H%M%S}",
    "millis": lambda _job, now, _bits: str(int(now.timestamp() * 1000)),
}
_NAMED = re.compile(r"\{(\w+)\}")


@lru_cache(maxsize=65536)
def _begun(shape: str, scope: tuple[str, str, str], source: str) -> tuple[str, tuple[tuple[_Part, str], ...]]:
    """How the ARN of every point of a resource begins; then what makes each part that differs, and what follows it."""
    partition, region, account = scope
    known: dict[str, str] = {"partition": partition, "region": region, "account": account, "name": name_in(source)}
    begin, *others = _NAMED.split(shape)
    rest: list[tuple[_Part, str]] = []
    for name, text in zip(others[::2], others[1::2], strict=True):
        if name not in known:
            rest.append((_PARTS[name], text))
        elif rest:
            rest[-1] = rest[-1][0], rest[-1][1] + known[name] + text
        else:
            begin += known[name] + text
    return begin, tuple(rest)
