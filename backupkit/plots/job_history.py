"""Jobs over time: how many ended how, how long they took, and why they failed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from statistics import quantiles
from typing import TYPE_CHECKING, Any

import attrs

from backupkit.display import duration, moment
from backupkit.plots.arguments import check_jobs
from backupkit.plots.drawing import (
    OUTCOMES,
    WIDTH,
    Values,
    altair,
    colour,
    data,
    nothing,
    panel_title,
    stacked,
    time_axis,
    title,
)
from backupkit.plots.sampling import evenly
from backupkit.problems import counted
from backupkit.recover.job_table import JOBS, began_of, ended_of
from backupkit.recover.polling import Job

if TYPE_CHECKING:
    import altair as alt

__all__ = ["jobs"]

_COLOURS = {"completed": OUTCOMES["good"], "failed": OUTCOMES["bad"], "not over": OUTCOMES["doubtful"]}
_SHAPES = {"completed": "circle", "failed": "cross", "not over": "triangle-up"}
_WORDS = {"good": "completed", "bad": "failed", "doubtful": "not over"}
_MOST_JOBS, _MOST_COLUMNS, _MOST_REASONS = 500, 60, 10


@attrs.frozen
class _Seen:
    """What is drawn of a job."""

    job: Job
    began: datetime
    took: timedelta | None
    outcome: str


def jobs(found: Iterable[Job]) -> alt.VConcatChart:
    """Draw jobs: how many began when and how they ended, how long they took, and why they failed.

    Up to 500 durations are drawn one by one; of more, the median and the span that 80 % of them are in. Jobs that ended
    with issues count as not over or failed as their state says.

    Args:
        found: Jobs, for example ``aws.backup_jobs()``; several kinds may be mixed.

    Raises:
        ConfigurationError: altair is not installed.
        InvalidValueError: These are not jobs; AWS was not called.
    """
    altair()
    seen = [each for job in check_jobs(found, "jobs/found") if (each := _seen(job)) is not None]
    if not seen:
        return stacked(nothing("No jobs"), heading=title(""))
    first, last = min(each.began for each in seen), max(each.began for each in seen)
    moments = evenly(first, last, _MOST_COLUMNS)
    counts = Counter(each.outcome for each in seen)
    text = ", ".join(f"{counts[word]:,} {word}" for word in _COLOURS if counts[word])
    panels = [_numbers(seen, moments), _durations(seen, moments), _reasons(seen)]
    whole = title(f"{counted(len(seen), 'job')}: {text}")
    return stacked(*(each for each in panels if each is not None), heading=whole)


def _seen(job: Job) -> _Seen | None:
    began, ended = began_of(job), ended_of(job)
    mark = JOBS.mark(job) if JOBS.mark is not None else ""
    if began is None:
        return None
    return _Seen(job, began, ended - began if ended is not None else None, _WORDS[mark])


def _numbers(seen: Sequence[_Seen], moments: Sequence[datetime]) -> Any:
    alt = altair()
    counts = Counter((_column(each.began, moments), each.outcome) for each in seen)
    used = [word for word in _COLOURS if any(each.outcome == word for each in seen)]
    rows: Values = []
    for at in sorted({at for at, _ in counts}):
        below = 0
        for outcome in reversed(used):
            number = counts[at, outcome]
            if number:
                span = {
                    "since": moments[at].isoformat(),
                    "until": moments[at + 1].isoformat(),
                    "at": moment(moments[at]),
                }
                rows.append({**span, "outcome": outcome, "jobs": number, "from": below, "to": below + number})
            below += number
    boxes = (
        alt.Chart(data(rows))
        .mark_rect()
        .encode(
            x=time_axis("since", moments[0], moments[-1]),
            x2="until:T",
            y=alt.Y("from:Q", title="jobs", axis=alt.Axis(tickMinStep=1, format=",d")),
            y2="to:Q",
            color=colour("outcome", _COLOURS, used, title=None),
            tooltip=["at:N", "outcome:N", alt.Tooltip("jobs:Q", format=",")],
        )
    )
    text = panel_title("how many began, and how they ended")
    return boxes.properties(width=WIDTH, height=100, title=text, description="Jobs over time.")


def _column(when: datetime, moments: Sequence[datetime]) -> int:
    return min(int((when - moments[0]) / (moments[1] - moments[0])), len(moments) - 2)


def _durations(seen: Sequence[_Seen], moments: Sequence[datetime]) -> Any | None:
    ended = [each for each in seen if each.took is not None]
    if not ended:
        return None
    drawn = _each(ended, moments) if len(ended) <= _MOST_JOBS else _bands(ended, moments)
    return drawn.properties(
        width=WIDTH, height=140, title=panel_title("how long they took"), description="Durations of jobs over time."
    )


def _in_minutes(took: timedelta | None) -> float:
    return 0.0 if took is None else took.total_seconds() / 60


_TICKS = (0, 1, 5, 15, 60, 240, 1440, 10080)


def _minutes(what: str) -> Any:
    words = "datum.value < 60 ? datum.value + ' min' : datum.value < 1440 ? datum.value / 60 + ' h' : "
    axis = altair().Axis(values=list(_TICKS), labelExpr=f"{words} datum.value / 1440 + ' d'")
    return altair().Y(what, title=None, scale=altair().Scale(type="symlog", nice=False), axis=axis)


def _each(ended: Sequence[_Seen], moments: Sequence[datetime]) -> Any:
    alt = altair()
    rows: Values = [
        {
            "began": each.began.isoformat(),
            "at": moment(each.began),
            "minutes": _in_minutes(each.took),
            "took": duration(each.took),
            "outcome": each.outcome,
            "kind": each.job.kind,
            "resource": each.job.resource_arn or "",
            "id": each.job.id,
            "reason": each.job.reason or "",
        }
        for each in ended
    ]
    used = [each.outcome for each in ended]
    shapes = [word for word in _COLOURS if word in used]
    return (
        alt.Chart(data(rows))
        .mark_point(filled=True, size=40, opacity=0.8)
        .encode(
            x=time_axis("began", moments[0], moments[-1]),
            y=_minutes("minutes:Q"),
            color=colour("outcome", _COLOURS, used, title=None),
            shape=alt.Shape(
                "outcome:N",
                scale=alt.Scale(domain=shapes, range=[_SHAPES[word] for word in shapes]),
                title=None,
            ),
            tooltip=["resource:N", "kind:N", "at:N", "took:N", "outcome:N", "reason:N", "id:N"],
        )
    )


def _bands(ended: Sequence[_Seen], moments: Sequence[datetime]) -> Any:
    alt = altair()
    columns: defaultdict[int, list[float]] = defaultdict(list)
    for each in ended:
        columns[_column(each.began, moments)].append(_in_minutes(each.took))
    rows: Values = []
    for at, minutes in sorted(columns.items()):
        # One number has no quantiles.
        tenths = quantiles([*minutes, *minutes], n=10, method="inclusive")
        rows.append(
            {
                "at": moments[at].isoformat(),
                "moment": moment(moments[at]),
                "low": tenths[0],
                "median": tenths[4],
                "high": tenths[8],
                "jobs": len(minutes),
            }
        )
    chart = alt.Chart(data(rows))
    x = time_axis("at", moments[0], moments[-1])
    tooltip = ["moment:N", *(alt.Tooltip(f"{name}:Q", format=",.1f") for name in ("low", "median", "high")), "jobs:Q"]
    band = chart.mark_area(opacity=0.3, color=OUTCOMES["good"]).encode(x=x, y=_minutes("low:Q"), y2="high:Q")
    line = chart.mark_line(color=OUTCOMES["good"], point=True).encode(x=x, y=_minutes("median:Q"), tooltip=tooltip)
    return alt.layer(band, line)


def _reasons(seen: Sequence[_Seen]) -> Any | None:
    alt = altair()
    counts = Counter(each.job.reason or "no reason told" for each in seen if each.outcome == "failed")
    if not counts:
        return None
    rows: Values = [{"reason": reason, "jobs": number} for reason, number in counts.most_common(_MOST_REASONS)]
    left_out = len(counts) - len(rows)
    bars = (
        alt.Chart(data(rows))
        .mark_bar(color=OUTCOMES["bad"])
        .encode(
            x=alt.X("jobs:Q", title="jobs", axis=alt.Axis(tickMinStep=1, format=",d")),
            y=alt.Y("reason:N", title=None, sort="-x", axis=alt.Axis(labelLimit=260)),
            tooltip=["reason:N", alt.Tooltip("jobs:Q", format=",")],
        )
    )
    more = f"and {counted(left_out, 'other reason')}" if left_out else ""
    return bars.properties(
        width=WIDTH,
        height=alt.Step(20),
        title=panel_title("why jobs failed", more),
        description="Failed jobs by reason.",
    )
