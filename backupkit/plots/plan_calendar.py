"""The calendar of plans: on which day at what time its rules run, how long they may start, and which one gives way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from backupkit import observe
from backupkit.declare.plan import Plan
from backupkit.display import moment
from backupkit.errors import InvalidValueError
from backupkit.insight.protections import ProtectingPlan
from backupkit.insight.runs import PlannedRun, planned_runs
from backupkit.plots.arguments import check_plans
from backupkit.plots.drawing import INK, RULES, WIDTH, altair, data, layered, nothing, on_any_page, title
from backupkit.problems import Problem, counted, quote
from backupkit.provider import Stack

if TYPE_CHECKING:
    import altair as alt

__all__ = ["calendar"]

_MOST_WINDOWS, _MOST_DAYS, _MONTH = 1_500, 366, 31
_OUTCOMES = ("backs up", "gives way to one that keeps longer")
_DAY = timedelta(days=1)
_YEARS = (1970, 2199)
"""The first and the last year of AWS's cron."""

_Plan: TypeAlias = "Plan | observe.Plan | Stack"
Plans: TypeAlias = "_Plan | Iterable[_Plan]"
_Drawn: TypeAlias = "tuple[tuple[str, PlannedRun], dict[str, object]]"
"""A run with the name of its plan, and what is drawn of it."""


def calendar(plan: Plans, *, start: datetime | None = None, days: int = 28) -> alt.LayerChart:
    """Draw the runs of one plan or several: a row for each day, and in it the start window of each run.

    Where windows of two rules of a plan overlap, AWS runs the one that keeps longer; the run that gives way is pale.
    Plans know nothing of each other: each has its colour, and its own lanes in the row of a day. Of plans that run very
    often, the first days are drawn.

    Args:
        plan: A declared plan, one from ``aws.plans.get(...)``, a stack, or a list of these.
        start: An aware moment of the first day; None: today.
        days: How many days, 1 to 366.

    Raises:
        ConfigurationError: altair is not installed.
        InvalidValueError: These are not plans with rules, ``start`` is not a moment with a time zone within the years
            of AWS's schedules, or the number of days is none of these.
    """
    alt = altair()
    first = _first_day(start)
    if type(days) is not int or not 1 <= days <= _MOST_DAYS:
        what = f"{quote(days)} is not a number of days"
        raise InvalidValueError(Problem("calendar/days", what, f"give 1 to {_MOST_DAYS}"))
    known = _named(check_plans(plan, "calendar/plan"))
    name = next(iter(known)) if len(known) == 1 else counted(len(known), "plan")
    drawn, days, cut = _drawn(known, first, days)
    if not drawn:
        return on_any_page(nothing(f"{name} does not run in these {counted(days, 'day')}"))
    lanes = [_label(known, each, rule.name) for each, of in known.items() for rule in of.rules]
    field, lane, names = ("rule", "rule", lanes) if len(known) == 1 else ("plan", "lane", list(known))
    each_day = [_day_name(first + number * _DAY) for number in range(days)]
    bars = (
        alt.Chart(data([row for _, row in drawn]))
        .mark_bar(stroke=INK, strokeWidth=0.5)
        .encode(
            x=alt.X("from:Q", title="time of day (UTC)", scale=alt.Scale(domain=[0, 24]), axis=_hours()),
            x2="to:Q",
            y=alt.Y("day:O", title=None, scale=alt.Scale(domain=each_day)),
            yOffset=alt.YOffset(f"{lane}:N", sort=lanes),
            color=alt.Color(f"{field}:N", scale=_colours(names), title=field),
            opacity=alt.Opacity("run:N", scale=_shades(), title="run", legend=alt.Legend(labelLimit=320)),
            tooltip=[*(["plan:N"] if field == "plan" else []), "rule:N", "begins:N", "ends:N", "run:N", "schedule:N"],
        )
    )
    runs = {id(run): (each, run) for (each, run), _ in drawn}.values()
    text = f"{name}: {counted(len(runs), 'run')} in {counted(days, 'day')}"
    yielding = dict.fromkeys(_label(known, each, run.rule.name) for each, run in runs if run.outlived)
    warned = f"where windows overlap, {', '.join(yielding)} gives way to what keeps longer" if yielding else ""
    fewer = "it runs so often that only the first days are drawn" if cut else ""
    chart = layered(
        bars,
        width=WIDTH,
        height=alt.Step(max((14 if days <= _MONTH else 8) // len(lanes), 3), **{"for": "offset"}),
        title=title(text, warned, fewer),
        description=f"Calendar of the runs of {text}, with their start windows.",
    )
    return on_any_page(chart)


def _named(plans: Sequence[ProtectingPlan]) -> dict[str, ProtectingPlan]:
    """Plans by their names; two of one name are numbered."""
    found: dict[str, ProtectingPlan] = {}
    for plan in plans:
        name, number = plan.name, 1
        while name in found:
            number += 1
            name = f"{plan.name} ({number})"
        found[name] = plan
    return found


def _drawn(known: Mapping[str, ProtectingPlan], first: datetime, days: int) -> tuple[list[_Drawn], int, bool]:
    """The windows of all runs in their order, of how many days, and whether these are fewer than were wanted."""
    until = first + days * _DAY
    each_plan = (_runs(name, plan, first, until) for name, plan in known.items())
    alone = len(known) == 1
    windows = (
        ((name, run), row if alone else {**row, "plan": name, "lane": _lane(name, run.rule.name)})
        for name, run in merge(*each_plan, key=lambda each: each[1].begins)
        for row in _windows(run, first, until)
    )
    drawn = list(islice(windows, _MOST_WINDOWS + 1))
    if len(drawn) <= _MOST_WINDOWS:
        return drawn, days, False
    # The last day that is begun is not whole.
    days = max((drawn[-1][0][1].begins - first) // _DAY, 1)
    whole = {_day_name(first + number * _DAY) for number in range(days)}
    return [each for each in drawn if each[1]["day"] in whole][:_MOST_WINDOWS], days, True


def _runs(name: str, plan: ProtectingPlan, first: datetime, until: datetime) -> Iterator[tuple[str, PlannedRun]]:
    return ((name, run) for run in planned_runs(plan, first, until))


def _lane(plan: str, rule: str) -> str:
    return f"{plan}: {rule}"


def _label(known: Mapping[str, ProtectingPlan], plan: str, rule: str) -> str:
    return rule if len(known) == 1 else _lane(plan, rule)


def _first_day(start: datetime | None) -> datetime:
    given = datetime.now(UTC) if start is None else start
    hint = "give an aware datetime, for example datetime.now(UTC)"
    if not isinstance(given, datetime):
        raise InvalidValueError(Problem("calendar/start", f"{quote(given)} is not a moment", hint))
    if given.utcoffset() is None:
        raise InvalidValueError(Problem("calendar/start", f"{quote(given)} has no time zone", hint))
    if not _YEARS[0] < given.year < _YEARS[1]:
        what = f"{quote(given)} is outside of the years that AWS's schedules know"
        raise InvalidValueError(Problem("calendar/start", what, f"give a year from {_YEARS[0] + 1} to {_YEARS[1] - 1}"))
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
    return altair().Scale(domain=list(_OUTCOMES), range=[1, 0.4])
