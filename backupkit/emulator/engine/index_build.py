"""How an index comes and goes: PENDING while it is built, ACTIVE or FAILED, DELETING, and gone; with its point at last.

Sources: the developer guide's pages on backup search and on quotas.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from backupkit.emulator.kernel.agenda import ScheduledEvent
from backupkit.emulator.kernel.resource_protocol import inspected
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import BackupJob, Document, Index, Point, RegionScope
from backupkit.emulator.rules import lifecycle

__all__ = ["begin", "delete", "follow", "status_of"]

_BYTES_PER_SECOND = 500_000_000
_MOST, _MOST_OF_RESOURCE = 40, 5
_WANTED = frozenset({"PENDING", "ACTIVE"})
_ARCHIVED = "Snapshots in the archive tier cannot be indexed"
_UNREADABLE = "The recovery point holds no file system that can be indexed"


def begin(simulation: Simulation, scope: RegionScope, point: Point, role_arn: str | None) -> Index:
    """Begin an index of a point that has none."""
    now = simulation.clock.now()
    index = scope.indexes[point.arn] = Index(point, role_arn, created=now, begun=now)
    _build(simulation, scope, index)
    return index


def follow(simulation: Simulation, scope: RegionScope, job: BackupJob, point: Point) -> None:
    """Index what a backup job made; a continuous point, which has an index already, again once a day (UTC)."""
    index, now = scope.indexes.get(point.arn), simulation.clock.now()
    if index is None or index.status in {None, "FAILED"}:
        begin(simulation, scope, point, job.role_arn)
    elif index.status == "ACTIVE" and index.begun.date() < now.date():
        index.begun = now
        _build(simulation, scope, index)


def _build(simulation: Simulation, scope: RegionScope, index: Index) -> None:
    scope.indexes_waiting.append(index)
    _build_waiting(simulation, scope)


def _build_waiting(simulation: Simulation, scope: RegionScope) -> None:
    """Begin to build what there is room for, the oldest first; what is no longer wanted is passed over."""
    if not scope.indexes_waiting or len(scope.indexes_building) >= _MOST:
        return
    of_resource = Counter(index.point.resource_arn for index in scope.indexes_building)
    waiting = [index for index in scope.indexes_waiting if _wanted(scope, index)]
    scope.indexes_waiting = []
    for index in waiting:
        resource = index.point.resource_arn
        if len(scope.indexes_building) < _MOST and of_resource[resource] < _MOST_OF_RESOURCE:
            of_resource[resource] += 1
            _start(simulation, scope, index)
        else:
            scope.indexes_waiting.append(index)


def _wanted(scope: RegionScope, index: Index) -> bool:
    """Whether the index is still that of its point, and not being deleted."""
    return scope.indexes.get(index.point.arn) is index and index.status in _WANTED


def _start(simulation: Simulation, scope: RegionScope, index: Index) -> None:
    scope.indexes_building.append(index)
    seconds = 60 + simulation.random.random() * 120 + index.point.size_bytes / _BYTES_PER_SECOND
    simulation.agenda.schedule(simulation.clock.now() + timedelta(seconds=round(seconds, 3)), _Built(scope, index))


def delete(simulation: Simulation, scope: RegionScope, index: Index) -> None:
    """Let an index go: DELETING now, gone soon."""
    index.status, index.deleted = "DELETING", simulation.clock.now()
    seconds = 30 + round(simulation.random.random() * 60, 3)
    simulation.agenda.schedule(simulation.clock.now() + timedelta(seconds=seconds), _Deleted(scope, index))


def status_of(scope: RegionScope, point: Point) -> Document:
    """What descriptions and lists of points tell of a point's index."""
    index = scope.indexes.get(point.arn)
    return {} if index is None else {"IndexStatus": index.status, "IndexStatusMessage": index.status_message}


class _Built(ScheduledEvent):
    scope: RegionScope
    index: Index

    def happen(self, simulation: Simulation) -> None:
        self.scope.indexes_building.remove(self.index)
        if _wanted(self.scope, self.index):
            self._end(simulation)
        _build_waiting(simulation, self.scope)

    def _end(self, simulation: Simulation) -> None:
        index, found = self.index, inspected(self.index.point.content)
        items = found.items if found is not None else None
        flaw = _flaw(simulation, self.scope, index, items)
        index.status_message, index.items = flaw, items if flaw is None else None
        status = index.status = "ACTIVE" if flaw is None else "FAILED"
        now = index.completed = simulation.clock.now()
        simulation.bus.index_changed(self.scope, index, status, now)


def _flaw(simulation: Simulation, scope: RegionScope, index: Index, items: int | None) -> str | None:
    """Why the index fails; None where it does not."""
    if lifecycle.denied(simulation, scope, index.role_arn):
        return lifecycle.ABSENT_ROLE.format(role=index.role_arn)
    if index.point.storage_class == "COLD":
        return _ARCHIVED
    return _UNREADABLE if items is None else None


class _Deleted(ScheduledEvent):
    scope: RegionScope
    index: Index

    def happen(self, simulation: Simulation) -> None:
        self.index.status = None
        arn = self.index.point.arn
        simulation.bus.index_changed(self.scope, self.index, "DELETED", simulation.clock.now())
        if self.scope.indexes.get(arn) is self.index and not simulation.choices.deleted_index_told:
            del self.scope.indexes[arn]
