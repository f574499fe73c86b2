"""From when to when points are kept, and in which tier."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

import attrs

from backupkit import observe
from backupkit.recover.point_set import PointSet
from backupkit.recover.point_table import clock_now, goes_cold, tier_of

__all__ = ["PointSpan", "horizon", "spans_of"]

_TIERS = {"WARM": "warm", "COLD": "cold", None: "not told"}
_LEAST_AHEAD = timedelta(days=30)


@attrs.frozen
class PointSpan:
    """A part of the life of a point, in one tier.

    Args:
        point: The point.
        tier: ``warm``, ``cold`` or ``not told``.
        since: When it begins.
        until: When it ends; None: never.
    """

    point: observe.RecoveryPoint
    tier: str
    since: datetime
    until: datetime | None


def spans_of(points: Iterable[observe.RecoveryPoint]) -> tuple[list[PointSpan], datetime]:
    """Return the parts of the lives of the points that say when they were made, and what moment it is."""
    # Lists by resource leave lifecycles out; a set knows where the rest is to be had.
    listed = points.in_full() if isinstance(points, PointSet) else list(points)
    now = clock_now(listed)
    return [span for point in listed for span in _spans(point, now)], now


def _spans(point: observe.RecoveryPoint, now: datetime) -> Iterator[PointSpan]:
    made, ends = point.creation_date, point.calculated_lifecycle
    if made is None:
        return
    until = ends.delete_at if ends is not None else None
    cold_at = ends.move_to_cold_storage_at if ends is not None and goes_cold(point) else None
    if cold_at is None or (until is not None and cold_at >= until):
        yield PointSpan(point, _TIERS.get(tier_of(point, now), "not told"), made, until)
        return
    yield PointSpan(point, "warm", made, cold_at)
    yield PointSpan(point, "cold", cold_at, until)


def horizon(spans: Sequence[PointSpan], now: datetime) -> tuple[datetime, datetime]:
    """Return from when to when a picture goes: as far ahead as back, at least 30 days, and not past the last expiry."""
    first = min(span.since for span in spans)
    ends = [span.until for span in spans if span.until is not None]
    last = now + max(now - first, _LEAST_AHEAD)
    return first, max(min(last, max(ends)) if len(ends) == len(spans) else last, now)
