"""What is told to the outside: records of events and notifications for EventBridge and SNS, and metrics of them.

Sources: the developer guide's pages on EventBridge, on notifications and on CloudWatch, and messages that others
recorded. The metrics of partial backup jobs and of points that are being created are not in the guide's table;
monitoring products read them. The guide names the dimensions only by example; that metrics are told by vault, by vault
and type, and by type is what alarms and those products rely on.
"""

from __future__ import annotations

import uuid
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Protocol

import attrs

from backupkit.emulator.model import Document

__all__ = [
    "BACKUP_JOB",
    "BACKUP_PLAN",
    "BACKUP_VAULT",
    "COPY_JOB",
    "KEPT",
    "METRIC_DIMENSIONS",
    "POINT",
    "POINT_INDEX",
    "REGION_SETTING",
    "RESTORE_JOB",
    "SCAN_JOB",
    "SUBJECT",
    "Counts",
    "EmittedEvent",
    "EventPublisher",
    "Listener",
    "Log",
    "Notification",
    "Notified",
]

BACKUP_JOB = "Backup Job State Change"
COPY_JOB = "Copy Job State Change"
RESTORE_JOB = "Restore Job State Change"
POINT = "Recovery Point State Change"
BACKUP_VAULT = "Backup Vault State Change"
BACKUP_PLAN = "Backup Plan State Change"
REGION_SETTING = "Region Setting State Change"
POINT_INDEX = "Recovery Point Index State Change"
SCAN_JOB = "Scan Job State Change"

SUBJECT = "Notification from AWS Backup"
"""The subject of every notification."""

KEPT = 10_000
"""How many events are kept, and how many notifications; the oldest go first."""

_IDS = uuid.UUID("0d0b7a0e-2c1c-4d1b-9f3c-5f8e3d3b6a51")


@attrs.frozen
class EmittedEvent:
    """One event, told when it happens."""

    number: int
    """Its place in the order of all events and notifications, from 1."""
    moment: datetime
    account_id: str
    region_name: str
    kind: str
    """EventBridge's detail-type, for example ``Backup Job State Change``."""
    subject: str
    """What it is about: the id of a job or plan, the ARN of a point, the name of a vault or Region."""
    state: str
    """The state that it has reached; COLD where a point moved to cold storage."""
    detail: Document
    """EventBridge's detail, under its own names."""
    resources: tuple[str, ...] = ()
    vault_name: str | None = None
    """The vault under which metrics count it; of a copy, its destination."""
    resource_type: str | None = None

    def event(self, source: str = "aws.backup") -> Document:
        """The whole event, as EventBridge hands it to the targets of its rules."""
        return {
            "version": "0",
            "id": str(uuid.uuid5(_IDS, f"{self.account_id}/{self.region_name}/{self.number}")),
            "detail-type": self.kind,
            "source": source,
            "account": self.account_id,
            "time": f"{self.moment:%Y-%m-%dT%H:%M:%SZ}",
            "region": self.region_name,
            "resources": list(self.resources),
            "detail": self.detail,
        }


@attrs.frozen
class Notification:
    """One message to the topic of a vault."""

    number: int
    """Its place in the order of all events and notifications, from 1."""
    moment: datetime
    account_id: str
    region_name: str
    vault_name: str
    event: str
    """Which of the vault's events it is for, for example ``BACKUP_JOB_COMPLETED``."""
    topic_arn: str
    message: str
    attributes: dict[str, str]
    """SNS's message attributes, all of them of the type String."""


class Listener(Protocol):
    """Whoever hears of events. It may call the local service; what it raises is counted and logged, and stops there."""

    def __call__(self, publisher: EmittedEvent, /) -> object:
        """Hear of one event."""
        ...


class Notified(Protocol):
    """Whoever hears of notifications, under the same terms as a `Listener`."""

    def __call__(self, notification: Notification, /) -> object:
        """Hear of one notification."""
        ...


def _kept_news() -> deque[EmittedEvent]:
    return deque(maxlen=KEPT)


def _kept_notifications() -> deque[Notification]:
    return deque(maxlen=KEPT)


@attrs.define(eq=False)
class Log:
    """The latest events and notifications, in their order; a snapshot holds it."""

    events: deque[EmittedEvent] = attrs.field(factory=_kept_news)
    notifications: deque[Notification] = attrs.field(factory=_kept_notifications)
    count: int = 0
    """How many events and notifications there were in all."""


class EventPublisher(Protocol):
    """What makes events of what happens while somebody listens; `backupkit.emulator.events.publisher` has the one."""

    log: Log

    def hand_out(self) -> None:
        """Hand out what waits."""
        ...


# ---- Metrics: how many reached a state, in windows of five minutes; zeroes are never told ----


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
METRIC_DIMENSIONS = (("BackupVaultName",), ("BackupVaultName", "ResourceType"), ("ResourceType",))
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
