"""How an index comes and goes: PENDING while it is built, ACTIVE or FAILED, DELETING, and gone; with its point at last.

Sources: the developer guide's pages on backup search and on quotas.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from backupkit.emulator.kernel.inspection import inspected
from backupkit.emulator.kernel.job_records import present
from backupkit.emulator.kernel.simulation import Cloud
from backupkit.emulator.model import BackupJob, Document, Index, Place, Point
from backupkit.emulator.model.agenda import Happening
from backupkit.emulator.rules import lifecycle

__all__ = ["begin", "delete", "follow", "status_of"]

"""The resource types whose points can have an index."""

_BYTES_PER_SECOND = 500_000_000
_MOST, _MOST_OF_RESOURCE = 40, 5
_WANTED = frozenset({"PENDING", "ACTIVE"})
_ARCHIVED = "Snapshots in the archive tier cannot be indexed"
_UNREADABLE = "The recovery point holds no file system that can be indexed"


def begin(cloud: Cloud, place: Place, point: Point, role_arn: str | None) -> Index:
    """Begin an index of a point that has none."""
    now = cloud.clock.now()
    index = place.indexes[point.arn] = Index(point, role_arn, created=now, begun=now)
    _build(cloud, place, index)
    return index


def follow(cloud: Cloud, place: Place, job: BackupJob, point: Point) -> None:
    """Index what a backup job made; a continuous point, which has an index already, anew once a day (UTC)."""
    index, now = place.indexes.get(point.arn), cloud.clock.now()
    if index is None or index.status in {None, "FAILED"}:
        begin(cloud, place, point, job.role_arn)
    elif index.status == "ACTIVE" and index.begun.date() < now.date():
        index.begun = now
        _build(cloud, place, index)


def _build(cloud: Cloud, place: Place, index: Index) -> None:
    place.indexes_waiting.append(index)
    _build_waiting(cloud, place)


def _build_waiting(cloud: Cloud, place: Place) -> None:
    """Begin to build what there is room for, the oldest first; what is no longer wanted is passed over."""
    if not place.indexes_waiting or len(place.indexes_building) >= _MOST:
        return
    of_resource = Counter(index.point.resource_arn for index in place.indexes_building)
    waiting = [index for index in place.indexes_waiting if _wanted(place, index)]
    place.indexes_waiting = []
    for index in waiting:
        resource = index.point.resource_arn
        if len(place.indexes_building) < _MOST and of_resource[resource] < _MOST_OF_RESOURCE:
            of_resource[resource] += 1
            _start(cloud, place, index)
        else:
            place.indexes_waiting.append(index)


def _wanted(place: Place, index: Index) -> bool:
    """Whether the index is still that of its point, and not being deleted."""
    return place.indexes.get(index.point.arn) is index and index.status in _WANTED


def _start(cloud: Cloud, place: Place, index: Index) -> None:
    place.indexes_building.append(index)
    seconds = 60 + cloud.random.random() * 120 + index.point.size_bytes / _BYTES_PER_SECOND
    cloud.agenda.note(cloud.clock.now() + timedelta(seconds=round(seconds, 3)), _Built(place, index))


def delete(cloud: Cloud, place: Place, index: Index) -> None:
    """Let an index go: DELETING now, gone soon."""
    index.status, index.deleted = "DELETING", cloud.clock.now()
    seconds = 30 + round(cloud.random.random() * 60, 3)
    cloud.agenda.note(cloud.clock.now() + timedelta(seconds=seconds), _Deleted(place, index))


def status_of(place: Place, point: Point) -> Document:
    """What descriptions and lists of points tell of a point's index."""
    index = place.indexes.get(point.arn)
    return {} if index is None else present(IndexStatus=index.status, IndexStatusMessage=index.status_message)


class _Built(Happening):
    place: Place
    index: Index

    def happen(self, cloud: Cloud) -> None:
        self.place.indexes_building.remove(self.index)
        if _wanted(self.place, self.index):
            self._end(cloud)
        _build_waiting(cloud, self.place)

    def _end(self, cloud: Cloud) -> None:
        index, found = self.index, inspected(self.index.point.content)
        items = found.items if found is not None else None
        flaw = _flaw(cloud, self.place, index, items)
        index.status_message, index.items = flaw, items if flaw is None else None
        status = index.status = "ACTIVE" if flaw is None else "FAILED"
        now = index.completed = cloud.clock.now()
        _tell(cloud, self.place, index, status, now)


def _flaw(cloud: Cloud, place: Place, index: Index, items: int | None) -> str | None:
    """Why the index fails; None where it does not."""
    if lifecycle.denied(cloud, place, index.role_arn):
        return lifecycle.ABSENT_ROLE.format(role=index.role_arn)
    if index.point.storage_class == "COLD":
        return _ARCHIVED
    return _UNREADABLE if items is None else None


def _tell(cloud: Cloud, place: Place, index: Index, status: str, ended: datetime) -> None:
    if cloud.news is not None:
        cloud.news.index(place, index.point, status, created=index.created, ended=ended)


class _Deleted(Happening):
    place: Place
    index: Index

    def happen(self, cloud: Cloud) -> None:
        self.index.status = None
        arn = self.index.point.arn
        _tell(cloud, self.place, self.index, "DELETED", cloud.clock.now())
        if self.place.indexes.get(arn) is self.index and not cloud.choices.deleted_index_told:
            del self.place.indexes[arn]
