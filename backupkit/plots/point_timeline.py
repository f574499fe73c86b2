"""The timeline: which points of which resource are kept from when to when, and in which tier."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from backupkit import observe
from backupkit.display import moment
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
    on_any_page,
    panel_title,
    short_names,
    stacked,
    time_axis,
    title,
)
from backupkit.plots.point_spans import PointSpan, horizon, spans_of
from backupkit.plots.sampling import evenly, levels
from backupkit.problems import counted
from backupkit.recover.point_table import tells_expiry

if TYPE_CHECKING:
    import altair as alt

__all__ = ["timeline"]

_MOST_RESOURCES, _MOST_LANES = 20, 40
"""More resources, or more points of one, than these are summed up."""
_MOST_GROUPS, _MOST_COLUMNS = 30, 60


def timeline(points: Iterable[observe.RecoveryPoint]) -> alt.LayerChart | alt.VConcatChart:
    """Draw from when to when points are kept, by resource, in the colours of their tiers.

    Up to 20 resources with up to 40 points each have a bar for each point, from its creation to its expiry. Of more,
    the number of points is drawn, by resource, or by type where there are more than 30 resources. What was deleted
    before is not among the points, so it is not in the picture.

    Args:
        points: Recovery points, for example ``aws.recovery_points()``.

    Raises:
        ConfigurationError: altair is not installed.
        InvalidValueError: These are not recovery points; AWS was not called.
    """
    altair()
    spans, now = spans_of(check_points(points, "timeline/points"))
    if not spans:
        return on_any_page(nothing("No recovery points"))
    of_resource: defaultdict[str, list[PointSpan]] = defaultdict(list)
    for span in spans:
        of_resource[span.point.resource_arn or ""].append(span)
    counts = {arn: len({span.point.recovery_point_arn for span in found}) for arn, found in of_resource.items()}
    text = f"{counted(sum(counts.values()), 'recovery point')} of {counted(len(counts), 'resource')}"
    if len(counts) <= _MOST_RESOURCES and max(counts.values()) <= _MOST_LANES:
        return _each_point(of_resource, now, text)
    return _summed(_groups(of_resource), now, text)


def _each_point(of_resource: Mapping[str, Sequence[PointSpan]], now: datetime, text: str) -> alt.LayerChart:
    alt = altair()
    spans = [span for found in of_resource.values() for span in found]
    first, last = horizon(spans, now)
    names = short_names(list(of_resource))
    rows: Values = []
    for arn, found in of_resource.items():
        lanes: dict[str, int] = {}
        for span in sorted(found, key=lambda each: each.since):
            lane = lanes.setdefault(span.point.recovery_point_arn or "", len(lanes))
            rows.append(_bar(span, names[arn], lane, last))
    bars = (
        alt.Chart(data(rows))
        .mark_bar(clip=True)
        .encode(
            x=time_axis("since", first, last),
            x2="until:T",
            y=alt.Y("resource:N", title=None, axis=alt.Axis(labelLimit=260)),
            yOffset=alt.YOffset("lane:O"),
            color=colour("tier", TIERS, [span.tier for span in spans], title="tier"),
            tooltip=["resource:N", "point:N", "tier:N", "made:N", "expires:N", "status:N"],
        )
    )
    return on_any_page(
        layered(
            bars,
            now_line(now),
            width=WIDTH,
            height=alt.Step(7, **{"for": "offset"}),
            title=title(text, "from creation to expiry"),
            description=f"Timeline of {text}, from creation to expiry, by resource and tier.",
        )
    )


def _bar(span: PointSpan, resource: str, lane: int, last: datetime) -> dict[str, object]:
    ends = span.point.calculated_lifecycle
    expires = ends.delete_at if ends is not None else None
    return {
        "resource": resource,
        "lane": lane,
        "since": span.since.isoformat(),
        "until": (span.until or last).isoformat(),
        "tier": span.tier,
        "point": (span.point.recovery_point_arn or "").rpartition(":")[2],
        "made": moment(span.point.creation_date),
        "expires": _expiry_text(expires, known=tells_expiry(span.point)),
        "status": span.point.status or "",
    }


def _expiry_text(expires: datetime | None, *, known: bool) -> str:
    if expires is not None:
        return moment(expires)
    return "never" if known else "not told"


def _groups(of_resource: Mapping[str, Sequence[PointSpan]]) -> dict[str, list[PointSpan]]:
    """The spans by resource, or by type where there are many resources."""
    if len(of_resource) <= _MOST_GROUPS:
        names = short_names(list(of_resource))
        return {names[arn]: list(spans) for arn, spans in of_resource.items()}
    of_type: defaultdict[str, list[PointSpan]] = defaultdict(list)
    resources: Counter[str] = Counter()
    for spans in of_resource.values():
        kind = spans[0].point.resource_type or "no type"
        resources[kind] += 1
        of_type[kind] += spans
    return {f"{kind} ({counted(resources[kind], 'resource')})": spans for kind, spans in of_type.items()}


def _summed(groups: Mapping[str, Sequence[PointSpan]], now: datetime, text: str) -> alt.VConcatChart:
    spans = [span for found in groups.values() for span in found]
    first, last = horizon(spans, now)
    moments = evenly(first, last, _MOST_COLUMNS)
    tiers = [tier for tier in TIERS if any(span.tier == tier for span in spans)]
    panels = [_panel(tier, _cells(tier, groups, moments), (moments[0], moments[-1]), now) for tier in tiers]
    return stacked(*panels, heading=title(text, "how many are kept"), shared=("x", "color"))


def _cells(tier: str, groups: Mapping[str, Sequence[PointSpan]], moments: Sequence[datetime]) -> Values:
    rows: Values = []
    for group, spans in groups.items():
        found = levels(((span.since, span.until, 1.0) for span in spans if span.tier == tier), list(moments))
        rows += [
            {
                "group": group,
                "since": since.isoformat(),
                "until": until.isoformat(),
                "points": count,
                "at": moment(since),
            }
            for since, until, count in zip(moments, moments[1:], found, strict=False)
            if count
        ]
    return rows


def _panel(tier: str, rows: Values, ends: tuple[datetime, datetime], now: datetime) -> Any:
    alt = altair()
    cells = (
        alt.Chart(data(rows))
        .mark_rect(clip=True)
        .encode(
            x=time_axis("since", *ends),
            x2="until:T",
            y=alt.Y("group:N", title=None, axis=alt.Axis(labelLimit=260)),
            color=alt.Color(
                "points:Q", scale=alt.Scale(scheme=alt.SchemeParams("viridis", extent=[0.25, 0.95])), title="points"
            ),
            tooltip=["group:N", "at:N", alt.Tooltip("points:Q", format=",")],
        )
    )
    return layered(
        cells,
        now_line(now),
        width=WIDTH,
        height=alt.Step(16),
        title=panel_title(tier),
        description=f"How many points are kept in the tier {tier}, over time.",
    )
