"""The calendar of a plan: on which day at what time its rules run, how long they may start, and which one gives way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from backupkit import declare, observe
from backupkit.display import moment
from backupkit.errors import InvalidValueError
from backupkit.insight.protections import protecting_plan
from backupkit.insight.runs import PlannedRun, planned_runs
from backupkit.plots.drawing import RULES, WIDTH, altair, data, layered, nothing, title
from backupkit.problems import Problem, counted, shown

if TYPE_CHECKING:
    import altair as alt

__all__ = ["calendar"]

_MOST_WINDOWS, _MOST_DAYS, _MONTH = 1_500, 366, 31
_OUTCOMES = ("backs up", "gives way to one that keeps longer")
_DAY = timedelta(days=1)


def calendar(plan: declare.Plan | observe.Plan, *, start: datetime | None = None, days: int = 28) -> alt.LayerChart:
    """Draw the runs of a plan: a row for each day, and in it the start window of each run.

    Where windows of two rules overlap, AWS runs the one that keeps longer; the run that gives way is pale. Of plans
    that run very often, the first days are drawn.

    Args:
        plan: A declared plan, or one from ``aws.plans.get(...)``.
        start: An aware moment of the first day; None: today.
        days: How many days, 1 to 366.

    Raises:
        ConfigurationError: altair is not installed.
        InvalidValueError: ``start`` has no time zone, or the number of days is none of these.
    """
    alt = altair()
    first = _first_day(start)
    if type(days) is not int or not 1 <= days <= _MOST_DAYS:
        what = f"{shown(days)} is not a number of days"
        raise InvalidValueError(Problem("calendar/days", what, f"give 1 to {_MOST_DAYS}"))
    known = protecting_plan(plan)
    until = first + days * _DAY
    found = ((run, row) for run in planned_runs(known, first, until) for row in _windows(run, first, until))
    drawn = list(islice(found, _MOST_WINDOWS + 1))
    if not drawn:
        return nothing(f"{known.name} does not run in these {counted(days, 'day')}")
    cut = len(drawn) > _MOST_WINDOWS
    if cut:
        days = max((drawn[-1][0].begins - first) // _DAY, 1)
        drawn = [(run, row) for run, row in drawn if run.begins < first + days * _DAY][:_MOST_WINDOWS]
    runs = {id(run): run for run, _ in drawn}.values()
    rows = [row for _, row in drawn]
    rules = [rule.name for rule in known.rules]
    each_day = [_day_name(first + number * _DAY) for number in range(days)]
    bars = (
        alt.Chart(data(rows))
        .mark_bar(stroke="#000000", strokeWidth=0.3)
        .encode(
            x=alt.X("from:Q", title="time of day (UTC)", scale=alt.Scale(domain=[0, 24]), axis=_hours()),
            x2="to:Q",
            y=alt.Y("day:O", title=None, scale=alt.Scale(domain=each_day)),
            yOffset=alt.YOffset("rule:N", sort=rules),
            color=alt.Color("rule:N", scale=_colours(rules), title="rule"),
            opacity=alt.Opacity("run:N", scale=_shades(), title="run", legend=alt.Legend(labelLimit=320)),
            tooltip=["rule:N", "begins:N", "ends:N", "run:N", "schedule:N"],
        )
    )
    text = f"{known.name}: {counted(len(runs), 'run')} in {counted(days, 'day')}"
    yielding = {run.rule.name: run for run in runs if run.outlived}
    warned = f"where windows overlap, {', '.join(yielding)} gives way to what keeps longer" if yielding else ""
    fewer = "it runs so often that only the first days are drawn" if cut else ""
    return layered(
        bars,
        width=WIDTH,
        height=alt.Step(max((14 if days <= _MONTH else 8) // len(rules), 3), **{"for": "offset"}),
        title=title(text, warned, fewer),
        description=f"Calendar of the runs of {text}, with their start windows.",
    )


def _first_day(start: datetime | None) -> datetime:
    given = datetime.now(UTC) if start is None else start
    if not isinstance(given, datetime) or given.utcoffset() is None:
        way_out = "give an aware datetime, for example datetime.now(UTC)"
        raise InvalidValueError(Problem("calendar/start", f"{shown(start)} has no time zone", way_out))
    return given.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _day_name(day: datetime) -> str:
    return f"{day:%Y-%m-%d %a}"


def _windows(run: PlannedRun, first: datetime, until: datetime) -> Iterator[dict[str, object]]:
    """The window of a run, cut at midnights."""
    schedule = run.rule.schedule
    day = run.begins.replace(hour=0, minute=0, second=0, microsecond=0)
    while day < run.ends:
        if first <= day < until:
            yield {
                "day": _day_name(day),
                "rule": run.rule.name,
                "from": max(run.begins - day, timedelta(0)) / timedelta(hours=1),
                "to": min(run.ends - day, _DAY) / timedelta(hours=1),
                "run": _OUTCOMES[run.outlived],
                "begins": moment(run.begins),
                "ends": moment(run.ends),
                "schedule": schedule.describe() if schedule is not None else "",
            }
        day += _DAY


def _hours() -> object:
    return altair().Axis(values=list(range(0, 25, 3)), labelExpr="format(datum.value, '02') + ':00'")


def _colours(rules: list[str]) -> object:
    return altair().Scale(domain=rules, range=[RULES[at % len(RULES)] for at in range(len(rules))])


def _shades() -> object:
    return altair().Scale(domain=list(_OUTCOMES), range=[1, 0.25])
