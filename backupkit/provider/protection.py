"""What changes protect less than before.

What a change takes away needs the caller's word; that something is kept for a shorter time is a warning.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice

from backupkit.declare.lifecycle import FOREVER
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, Severity, counted
from backupkit.provider.change import Leaf
from backupkit.provider.forms import Flat, Form, Pair, aligned, differences
from backupkit.schedule import Schedule

__all__ = ["denials_dropped", "lock_loosened", "shortened", "taken_away"]

_TARGETS = ("continuous", "air_gapped_vault")
"""Fields of a rule by which it makes more than a snapshot in its vault."""
_YEAR = (datetime(2028, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC))
"""The year in which the runs of a schedule are counted: one with a 29 February."""
_MOST_RUNS = 400
"""Runs that are counted at most: a schedule that runs daily has fewer."""


def taken_away(old: Form, new: Form) -> tuple[str, ...]:
    """Paths of the rules, copy actions and targets that go. A rule that only gets another name stays."""
    return tuple(_taken_away(old, new))


def _taken_away(old: Form, new: Form) -> Iterator[str]:
    pairs = _rules(old, new)
    coming = [pair.new for pair in pairs if pair.old is None and pair.new is not None]
    for label, before, after in pairs:
        if before is None:
            continue
        if after is None:
            renamed = next((form for form in coming if not differences(before, form)), None)
            if renamed is None:
                yield label
            else:
                coming.remove(renamed)
            continue
        yield from (f"{label}/{copy.label}" for copy in aligned(before, after) if copy.new is None)
        yield from (
            f"{label}/{path}"
            for path in _TARGETS
            if path in before.leaves and before.leaves[path] != after.leaves.get(path)
        )


def _rules(old: Form, new: Form) -> list[Pair]:
    return [pair for pair in aligned(old, new) if pair.label.startswith("rule.")]


def shortened(old: Form, new: Form) -> Iterator[Problem]:
    """A warning for each rule and copy action whose points will be kept for a shorter time, or come more rarely."""
    for label, before, after in _rules(old, new):
        if before is None or after is None:
            continue
        yield from _rarer(label, before, after)
        was, will = _days(before, math.inf), _days(after, math.inf)
        if will < was:
            yield _shorter(label, was, will)
        for copy in aligned(before, after):
            if copy.old is not None and copy.new is not None:
                # Sources differ about a copy without a lifecycle: it may be kept forever, or as long as its source.
                copy_was = _days(copy.old, was, unset=math.inf)
                copy_will = _days(copy.new, will)
                if copy_will < copy_was and copy.old != copy.new:
                    yield _shorter(f"{label}/{copy.label}", copy_was, copy_will)


def _rarer(label: str, before: Form, after: Form) -> Iterator[Problem]:
    if before.leaves.get("schedule") == after.leaves.get("schedule"):
        return
    was, will = _runs(before), _runs(after)
    if was is not None and will is not None and will < was:
        text = f"points come {counted(will, 'time')} a year instead of {f'{was} or more' if was == _MOST_RUNS else was}"
        yield Problem(f"{label}/schedule", text, "points that are there stay", Severity.WARNING)


def _runs(form: Form) -> int | None:
    """How often a rule runs in a year, as far as that is counted; None where its schedule cannot be read."""
    try:
        schedule = Schedule(str(form.leaves.get("schedule")))
    except InvalidValueError:
        return None
    return sum(1 for _ in islice(schedule.between(*_YEAR), _MOST_RUNS))


def _days(form: Form, source: float, unset: float | None = None) -> float:
    """How long points are kept; ``source`` where a copy says -1, ``unset`` (or ``source``) where nothing is said."""
    found = form.leaves.get("lifecycle/delete_after_days")
    if isinstance(found, int) and found != FOREVER:
        return found
    return source if found is not None or unset is None else unset


def _shorter(label: str, was: float, will: float) -> Problem:
    return Problem(
        f"{label}/lifecycle/delete_after_days",
        f"new points are kept {_days_text(will)} instead of {_days_text(was)}",
        "points that are there keep their own date",
        Severity.WARNING,
    )


def _days_text(days: float) -> str:
    if math.isinf(days):
        return "forever"
    return f"{days:.0f} day{'' if days == 1 else 's'}"


def lock_loosened(old: Flat, new: Flat) -> tuple[str, ...]:
    """The fields by which a lock lets go of what it holds today."""
    if not old or not new:
        return ()
    least, will = old.get("min_days"), new.get("min_days")
    shorter = isinstance(least, int) and (not isinstance(will, int) or will < least)
    milder = (old["mode"], new["mode"]) == ("compliance", "governance")
    return (*(("mode",) if milder else ()), *(("min_days",) if shorter else ()))


def denials_dropped(old: Flat, new: Flat) -> tuple[str, ...]:
    """The statements of an access policy that forbid something today, and are gone or forbid nothing any more."""
    return tuple(path for path, leaf in old.items() if new and _denies(leaf) and not _denies(new.get(path)))


def _denies(statement: Leaf | None) -> bool:
    try:
        read: object = json.loads(statement) if isinstance(statement, str) else None
    except ValueError:
        return False
    return isinstance(read, Mapping) and read.get("Effect") == "Deny"
