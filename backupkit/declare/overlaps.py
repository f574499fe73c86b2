"""Rules of one plan whose start windows overlap: for one resource, AWS then runs only the one that keeps longer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from heapq import merge
from itertools import combinations_with_replacement, repeat
from math import inf

from backupkit.declare.lifecycle import CopyAction
from backupkit.declare.rule import DEFAULT_START_MINUTES, Rule
from backupkit.problems import Problem, warning

__all__ = ["overlaps"]

_SHORTEST_GAP = timedelta(hours=1)
# Overlaps are looked for in a leap year, so that every day of a calendar comes up.
_YEAR = (datetime(2028, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC))


def overlaps(rules: tuple[Rule, ...]) -> Iterator[Problem]:
    """Return a warning for each pair of rules of which one would keep the other from what it is for."""
    # A schedule never starts twice within an hour, so a window of an hour cannot overlap itself.
    alone = {index for index, rule in enumerate(rules) if _window(rule) <= _SHORTEST_GAP}
    pairs = combinations_with_replacement(range(len(rules)), 2)
    pending = {(first, second) for first, second in pairs if first != second or first not in alone}
    stand_in = {pair for pair in pending if _stand_in(rules[pair[0]], rules[pair[1]])}
    if not pending:
        return
    begun: dict[int, datetime] = {}
    for moment, index in _starts(rules):
        for other, start in begun.items():
            pair = (min(index, other), max(index, other))
            together = start == moment and pair in stand_in
            if moment < start + _window(rules[other]) and pair in pending and not together:
                pending.remove(pair)
                yield _overlap(rules[other], rules[index])
        if not pending:
            return
        begun[index] = moment


def _stand_in(one: Rule, other: Rule) -> bool:
    """Whether the rule that keeps longer gives all that the other does, so that on its days it takes the other's place.

    That is how daily, weekly and monthly rules of one schedule are meant: one backup a day, kept as long as the longest
    of them says.
    """
    shorter, longer = sorted((one, other), key=_days)
    wanted, given = ({copy.vault: _days(copy) for copy in rule.copies} for rule in (shorter, longer))
    copies = all(given.get(vault, 0) >= days for vault, days in wanted.items())
    plain = not (one.continuous or other.continuous)
    targets = (one.vault, one.air_gapped_vault) == (other.vault, other.air_gapped_vault)
    return _days(shorter) < _days(longer) and copies and plain and targets


def _days(kept: Rule | CopyAction) -> float:
    days = None if kept.lifecycle is None or kept.lifecycle.keeps_for_ever else kept.lifecycle.delete_after_days
    return inf if days is None else days


def _window(rule: Rule) -> timedelta:
    return timedelta(minutes=rule.start_window_minutes or DEFAULT_START_MINUTES)


def _starts(rules: tuple[Rule, ...]) -> Iterator[tuple[datetime, int]]:
    """When which rule starts, in order, over a year."""
    starts = (zip(rule.effective_schedule.between(*_YEAR), repeat(index)) for index, rule in enumerate(rules))
    return merge(*starts)


def _overlap(first: Rule, second: Rule) -> Problem:
    address = f"{first.address}/start_window_minutes"
    if first.name == second.name:
        what = "the next backup is due before the start window has ended"
        return warning(address, what, "shorten start_window_minutes")
    what = f"the start window of {first.name} overlaps that of {second.name}; AWS runs the rule that keeps longer"
    return warning(address, what, "move the schedules apart or shorten start_window_minutes")
