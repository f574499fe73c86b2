"""What a recovery point costs to decode, by decoder and kind of record; why the wire uses msgspec.

One page of 1,000 points as AWS sends them, from bytes to dictionaries or to typed records with aware times. Decoders
take turns in one process; the medians are printed in µs of CPU a point, and as multiples of what backupkit does.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime

import attrs
import msgspec
import orjson
from listing import ITEM

from backupkit.observe import RecoveryPoint, decode

POINTS, ROUNDS = 1000, 41
PAGE = json.dumps({"RecoveryPoints": [ITEM] * POINTS, "NextToken": "x"}).encode()


@attrs.frozen(kw_only=True)
class Point:
    """The same members as an attrs record; nested structures stay dictionaries, which flatters it."""

    recovery_point_arn: str | None = None
    backup_vault_name: str | None = None
    backup_vault_arn: str | None = None
    resource_arn: str | None = None
    resource_type: str | None = None
    created_by: dict[str, object] | None = None
    iam_role_arn: str | None = None
    status: str | None = None
    creation_date: datetime | None = None
    initiation_date: datetime | None = None
    completion_date: datetime | None = None
    backup_size_in_bytes: int | None = None
    calculated_lifecycle: dict[str, object] | None = None
    lifecycle: dict[str, object] | None = None
    encryption_key_arn: str | None = None
    is_encrypted: bool | None = None
    last_restore_time: datetime | None = None
    is_parent: bool | None = None
    resource_name: str | None = None
    vault_type: str | None = None
    extra: dict[str, object] = attrs.field(factory=dict)


NAMES = {"".join(part.capitalize() for part in f.name.split("_")): f.name for f in attrs.fields(Point)}


def to_attrs() -> list[Point]:
    """orjson, then attrs by hand."""
    return [_point(item) for item in orjson.loads(PAGE)["RecoveryPoints"]]


def _point(item: dict[str, object]) -> Point:
    values = {NAMES[key]: value for key, value in item.items() if key in NAMES}
    for key in ("creation_date", "initiation_date", "completion_date"):
        values[key] = datetime.fromtimestamp(values[key], UTC)
    return Point(**values)


WAYS: dict[str, Callable[[], object]] = {
    "msgspec to records (backupkit)": lambda: decode.page(PAGE, "RecoveryPoints", RecoveryPoint),
    "msgspec to dictionaries": lambda: msgspec.json.decode(PAGE),
    "orjson to dictionaries": lambda: orjson.loads(PAGE),
    "orjson, msgspec.convert to records": lambda: msgspec.convert(
        orjson.loads(PAGE)["RecoveryPoints"], list[RecoveryPoint], strict=False
    ),
    "orjson, attrs records": to_attrs,
    "json to dictionaries": lambda: json.loads(PAGE),
}


def main() -> None:
    """Print the table."""
    seen: dict[str, list[float]] = {name: [] for name in WAYS}
    for _ in range(ROUNDS):
        for name, way in WAYS.items():
            start = time.process_time()
            way()
            seen[name].append((time.process_time() - start) / POINTS * 1e6)
    ours = statistics.median(next(iter(seen.values())))
    print(f"one page of {POINTS:,} recovery points, {len(PAGE) / POINTS:,.0f} bytes each; median of {ROUNDS}")
    for name, costs in seen.items():
        median = statistics.median(costs)
        print(f"{name:36}{median:7.2f} µs{median / ours:8.2f}")


if __name__ == "__main__":
    main()
