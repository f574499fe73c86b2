"""Metrics: how many jobs and points reached a state, in windows of five minutes; zeroes are never told.

Sources: the developer guide's page on CloudWatch for the metrics. Those of partial backup jobs and of points that are
being created are not in its table; monitoring products read them. The guide names the dimensions only by example; that
metrics are told by vault, by vault and type, and by type is what alarms and those products rely on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from backupkit.emulator.kernel.event_records import BACKUP_JOB, COPY_JOB, POINT, RESTORE_JOB, EmittedEvent
from backupkit.emulator.model import Document

__all__ = ["BY", "WINDOW_SECONDS", "Counts"]

WINDOW_SECONDS = 300
"""How long one data point counts."""

_METRICS = {
    BACKUP_JOB: (
        "NumberOfBackupJobs",
        frozenset({"CREATED", "PENDING", "RUNNING", "ABORTED", "COMPLETED", "PARTIAL", "FAILED", "EXPIRED"}),
    ),
    COPY_JOB: ("NumberOfCopyJobs", frozenset({"CREATED", "RUNNING", "COMPLETED", "FAILED"})),
    RESTORE_JOB: ("NumberOfRestoreJobs", frozenset({"PENDING", "RUNNING", "COMPLETED", "FAILED"})),
    POINT: ("NumberOfRecoveryPoints", frozenset({"CREATING", "COMPLETED", "PARTIAL", "EXPIRED", "DELETING", "COLD"})),
}
BY = (("BackupVaultName",), ("BackupVaultName", "ResourceType"), ("ResourceType",))
"""The sets of dimensions under which AWS is known to count."""


class Counts:
    """What is counted and not yet sent, for each Region.

    Args:
        by: Each set of dimensions to count under: of ``BackupVaultName`` and ``ResourceType``.
    """

    def __init__(self, by: Iterable[tuple[str, ...]]) -> None:
        self._by = tuple(by)
        self._window = 0
        self._counted: dict[str, Counter[tuple[str, tuple[tuple[str, str], ...]]]] = {}
        self._ready: dict[str, list[Document]] = {}

    def count(self, publisher: EmittedEvent) -> None:
        """Count what an event tells of."""
        self.close(publisher.moment)
        prefix, states = _METRICS.get(publisher.kind, ("", frozenset[str]()))
        if publisher.state not in states:
            return
        values = {"BackupVaultName": publisher.vault_name or "", "ResourceType": publisher.resource_type or ""}
        counted = self._counted.setdefault(publisher.region_name, Counter())
        for names in self._by:
            counted[prefix + publisher.state.title(), tuple((name, values[name]) for name in names)] += 1

    def close(self, now: datetime) -> None:
        """Make data points of all windows that have ended by ``now``."""
        window = int(now.timestamp()) // WINDOW_SECONDS
        if window == self._window:
            return
        moment = datetime.fromtimestamp(self._window * WINDOW_SECONDS, UTC)
        for region_name, counted in self._counted.items():
            self._ready.setdefault(region_name, []).extend(
                _datum(metric, dimensions, moment, number) for (metric, dimensions), number in counted.items()
            )
        self._window, self._counted = window, {}

    def ready(self, most: int, *, whole: bool = False) -> Iterator[tuple[str, list[Document]]]:
        """Take the data points out, so many of a Region at a time; with ``whole`` also fewer, so that none are left."""
        for region_name, data in self._ready.items():
            while len(data) >= most or (whole and data):
                part, data[:] = data[:most], data[most:]
                yield region_name, part


def _datum(metric: str, dimensions: tuple[tuple[str, str], ...], moment: datetime, number: int) -> Document:
    return {
        "MetricName": metric,
        "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions],
        "Timestamp": moment,
        "Value": float(number),
        "Unit": "Count",
    }
