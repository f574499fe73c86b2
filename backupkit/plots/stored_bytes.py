"""Storage over time, type by type, for sizes of types count different things."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from backupkit import observe
from backupkit.display import moment, size, size_unit
from backupkit.plots.arguments import check_points
from backupkit.plots.drawing import (
    TIERS,
    WIDTH,
    Values,
    altair,
    colour,
    data,
    layered,
    nothing,
    now_line,
    panel_title,
    stacked,
    time_axis,
    title,
)
from backupkit.plots.point_spans import PointSpan, horizon, spans_of
from backupkit.plots.sampling import evenly, levels
from backupkit.recover.point_table import size_meaning

if TYPE_CHECKING:
    import altair as alt

__all__ = ["storage"]

_MOST_TYPES, _MOST_MOMENTS = 8, 150
_MEANINGS = {
    "point": "bytes of the points",
    "provisioned": "bytes allotted to the resources, for each point",
    "changed": "bytes that each backup transferred",
    "at_least": "at least so many bytes",
    "nothing": "AWS tells no sizes",
    "unknown": "what the sizes count is not known",
}


def storage(points: Iterable[observe.RecoveryPoint]) -> alt.VConcatChart:
    """Draw how many bytes the points take over time, until they expire, with a panel for each resource type.

    Sizes of types count different things, so they are never added up; each panel says what its bytes are. It has the
    eight largest types. What was deleted before is not among the points, so it is not in the picture.

    Args:
        points: Recovery points, for example ``aws.recovery_points()``.

    Raises:
        ConfigurationError: altair is not installed.
        InvalidValueError: These are not recovery points; AWS was not called.
    """
    altair()
    spans, now = spans_of(check_points(points, "storage/points"))
    of_type: defaultdict[str, list[PointSpan]] = defaultdict(list)
    for span in spans:
        if span.point.backup_size_in_bytes:
            of_type[span.point.resource_type or "no type"].append(span)
    if not of_type:
        return stacked(nothing("No recovery points with a size"), heading=title(""))
    largest = sorted(of_type, key=lambda kind: -_bytes(of_type[kind]))
    first, last = horizon(spans, now)
    moments = evenly(first, last, _MOST_MOMENTS)
    drawn = largest[:_MOST_TYPES]
    panels = [_panel(kind, of_type[kind], moments, now, last=kind == drawn[-1]) for kind in drawn]
    left_out = largest[_MOST_TYPES:]
    more = f"not shown: {', '.join(left_out)}" if left_out else ""
    return stacked(*panels, heading=title("Bytes of recovery points by type", more), shared=["x"])


def _bytes(spans: Sequence[PointSpan]) -> float:
    return sum({span.point.recovery_point_arn: span.point.backup_size_in_bytes or 0 for span in spans}.values())


def _panel(kind: str, spans: Sequence[PointSpan], moments: list[datetime], now: datetime, *, last: bool) -> Any:
    alt = altair()
    tiers = [tier for tier in TIERS if any(span.tier == tier for span in spans)]
    found = {
        tier: levels(((s.since, s.until, s.point.backup_size_in_bytes or 0) for s in spans if s.tier == tier), moments)
        for tier in tiers
    }
    highest = max(map(sum, zip(*found.values(), strict=True)))
    unit, count = size_unit(highest)
    rows: Values = [
        {"at": at.isoformat(), "tier": tier, "size": level / count, "bytes": size(int(level)), "moment": moment(at)}
        for tier, series in found.items()
        for at, level in zip(moments, series, strict=True)
    ]
    areas = (
        alt.Chart(data(rows))
        .mark_area(interpolate="step-after")
        .encode(
            x=time_axis("at", moments[0], moments[-1], "time (UTC)" if last else None),
            y=alt.Y("size:Q", title=unit, stack="zero"),
            color=colour("tier", TIERS, tiers, title="tier"),
            order=alt.Order("tier:N", sort="descending"),
            tooltip=["moment:N", "tier:N", "bytes:N"],
        )
    )
    return layered(
        areas,
        now_line(now),
        width=WIDTH,
        height=80,
        title=panel_title(kind, _MEANINGS[size_meaning(kind)]),
        description=f"Bytes of recovery points of {kind} over time, by tier.",
    )
