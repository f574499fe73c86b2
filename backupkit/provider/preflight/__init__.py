"""What would make the things of a stack fail though AWS takes them: keys, roles, topics, destinations, quotas.

Only what a preview would make or change is looked at, each key, role, topic and vault once. What may not be looked at
is unknown, never fine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor

import attrs

from backupkit.problems import Problem
from backupkit.provider.change import Action, Change
from backupkit.provider.kinds.observed import World
from backupkit.provider.kinds.reader import Reader
from backupkit.provider.preflight.beside import looks_beside
from backupkit.provider.preflight.copies import look_at_copies
from backupkit.provider.preflight.limits import look_at_opt_in, look_at_quotas, opted
from backupkit.provider.preflight.looking import Looking, attempted
from backupkit.recover.preflight import PreflightCheck, Verdict

__all__ = ["preflight", "with_problems"]


def preflight(
    reader: Reader, world: World, changes: Iterable[Change], destinations: Iterable[Reader], executor: Executor
) -> tuple[PreflightCheck, ...]:
    """Look at what the changes rely on.

    Args:
        reader: Where to read.
        world: What the preview has seen.
        changes: What it would do.
        destinations: Other accounts and Regions, where copies go.
        executor: Looks side by side.
    """
    todo = [change for change in changes if not change.idle and change.action is not Action.DELETE]
    changing = frozenset(change.address for change in todo)
    creating = frozenset(change.address for change in todo if change.action is Action.CREATE and not _inside(change))
    looking = Looking(reader, world, changing, creating, tuple(destinations))
    found = executor.map(lambda look: look(), _looks(looking))
    return tuple(check for checks in found for check in checks)


def _looks(looking: Looking) -> Iterator[Callable[[], tuple[PreflightCheck, ...]]]:
    yield from looks_beside(looking)
    yield lambda: tuple(look_at_copies(looking))
    uses = {address: types for address, each in looking.selections() if (types := opted(each))}
    if uses:
        yield lambda: attempted("opt-in", uses, lambda: look_at_opt_in(looking, uses))
    yield lambda: tuple(look_at_quotas(looking))


def with_problems(changes: Iterable[Change], checks: Iterable[PreflightCheck]) -> tuple[Change, ...]:
    """The changes, each with the problems that were found of what it relies on."""
    listed = tuple(changes)
    known = {change.address for change in listed}
    found: dict[str, list[Problem]] = {}
    for check in checks:
        if check.verdict is Verdict.PROBLEM:
            found.setdefault(_nearest(check.address, known), []).append(check.problem)
    return tuple(
        attrs.evolve(each, problems=(*each.problems, *found[each.address])) if each.address in found else each
        for each in listed
    )


def _nearest(address: str, known: set[str]) -> str:
    """The innermost of some addresses that another is of."""
    while address and address not in known:
        address = address.rpartition("/")[0]
    return address


def _inside(change: Change) -> bool:
    return bool(change.subject.child or change.subject.part)
