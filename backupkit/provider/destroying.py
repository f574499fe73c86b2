"""What a preview of the end of a stack says beside deletions: the points that go, those that cannot, and what stays."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor

import attrs

from backupkit.display import size
from backupkit.problems import counted
from backupkit.provider.answers import number
from backupkit.provider.change import Change
from backupkit.provider.kinds.observed import World
from backupkit.provider.kinds.reader import Reader
from backupkit.provider.refresh import kind_of

__all__ = ["what_stays", "with_points"]

_COUNT = "NumberOfRecoveryPoints"


def with_points(reader: Reader, world: World, changes: Sequence[Change], executor: Executor) -> tuple[Change, ...]:
    """The changes; those of vaults that hold points say how many go with them, and which cannot, until when."""
    holding = {
        (seen.kind.word, seen.id) for seen in world.seen if _COUNT in seen.listed and number(seen.listed, _COUNT)
    }
    look = functools.partial(_with_points, reader, holding)
    return tuple(executor.map(look, changes))


def _with_points(reader: Reader, holding: set[tuple[str, str]], change: Change) -> Change:
    if (change.subject.kind, change.subject.id) not in holding or change.subject.child:
        return change
    # Stacks that are not destroyed need no handles of points.
    from backupkit.provider.draining import points_of, points_problem  # noqa: PLC0415

    points = points_of(reader, change.subject.name)
    problem = points_problem(reader, change.address, change.subject.name, points)
    going = f"{counted(len(points), 'recovery point')} ({size(points.size_bytes)}) would go first"
    return attrs.evolve(
        change,
        reason=change.reason if problem else f"{change.reason}; {going}",
        problems=(*change.problems, *((problem,) if problem else ())),
    )


def what_stays(world: World) -> Iterator[str]:
    """A sentence for each declared thing that destroying leaves as it is."""
    for thing in world.things:
        kind = kind_of(thing)
        if kind.tags is None:
            yield f"{thing.address}: nobody can own it, so it stays as it is"
        elif any(not world.owns(seen) for seen in world.found(kind.word, kind.name_of(thing))):
            yield f"{thing.address}: the stack does not own it, so it stays as it is"
