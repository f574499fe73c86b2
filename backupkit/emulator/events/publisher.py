"""The publisher: it subscribes to the signals of a simulation, and makes events and notifications of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from backupkit.arn import Arn
from backupkit.emulator.events import event_details, sns_messages
from backupkit.emulator.events.sns_messages import Notice
from backupkit.emulator.events.subscribers import Subscribers
from backupkit.emulator.kernel import event_records
from backupkit.emulator.kernel.bus import Bus, Signal
from backupkit.emulator.kernel.event_records import EmittedEvent, Log, Notification
from backupkit.emulator.model import (
    BackupJob,
    CopyJob,
    Document,
    Index,
    Plan,
    Point,
    RegionScope,
    RestoreJob,
    ScanJob,
    Vault,
)
from backupkit.emulator.rules import views

if TYPE_CHECKING:
    from backupkit.emulator.kernel.simulation import Simulation

__all__ = ["Publisher", "back", "closed", "opened", "publisher_of"]


class Publisher:
    """Makes events of what happens in one simulation, keeps the latest, and hands all of them out."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self.log = Log()
        self.subscribers = Subscribers(simulation)
        self._subscriptions = self._listed(simulation.bus)

    def open(self) -> None:
        """Hear of everything from now on, after all that are there."""
        for signal, heard in self._subscriptions:
            signal.subscribe(heard)

    def hand_out(self) -> None:
        """Hand out what waits to those who listen."""
        self.subscribers.hand_out()

    def close(self) -> None:
        """Hear of nothing any more."""
        for signal, heard in self._subscriptions:
            signal.unsubscribe(heard)

    def _listed(self, bus: Bus) -> tuple[tuple[Signal[*tuple[Any, ...]], Callable[..., None]], ...]:
        return (
            (bus.backup_job_changed, self.backup_job),
            (bus.backup_job_ended, self.backup_job),
            (bus.copy_job_changed, self.copy_job),
            (bus.copy_job_ended, self._copy_job_ended),
            (bus.restore_job_made, self._restore_job_made),
            (bus.restore_job_changed, self.restore_job),
            (bus.restore_job_ended, self.restore_job),
            (bus.scan_job_changed, self._scan_job_changed),
            (bus.point_made, self.point),
            (bus.point_changed, self.point),
            (bus.point_modified, self.modified),
            (bus.point_moved_to_cold, self.cold),
            (bus.point_interrupted, self.interrupted),
            (bus.point_deleted, self._point_deleted),
            (bus.index_changed, self.index),
            (bus.vault_changed, self.vault),
            (bus.plan_changed, self.plan),
            (bus.opt_in_changed, self.region_setting),
            (bus.settled, self.subscribers.settle),
        )

    def _copy_job_ended(self, scope: RegionScope, job: CopyJob, _source: Point) -> None:
        self.copy_job(scope, job)

    def _scan_job_changed(self, scope: RegionScope, job: ScanJob) -> None:
        self.scan_job(scope, views.scan_job_view(scope, job))

    def _restore_job_made(self, scope: RegionScope, job: RestoreJob) -> None:
        self.restore_job(scope, job, "CREATED")
        self.restore_job(scope, job)

    def _point_deleted(self, scope: RegionScope, point: Point, deleted_by: str) -> None:
        if point.status != "DELETING":
            self.point(scope, point, "DELETING")
        self.point(scope, point, "DELETED", deleted_by=deleted_by)

    def backup_job(self, scope: RegionScope, job: BackupJob) -> None:
        """A backup job has reached its state."""
        points = (job.point_arn,) if job.state in {"COMPLETED", "PARTIAL"} and job.point_arn is not None else ()
        self._tell(
            scope,
            event_records.BACKUP_JOB,
            (job.id, job.state),
            event_details.of_backup_job(job),
            points,
            counted=(job.vault_name, job.resource_type),
        )
        vault = _asking(scope, job.vault_name)
        if vault is not None:
            self._notify(scope, vault, sns_messages.of_backup_job(scope, job, self._simulation.choices))

    def copy_job(self, scope: RegionScope, job: CopyJob) -> None:
        """A copy job has reached its state; its source's place tells of it."""
        destination = Arn.parse(job.destination_vault_arn)
        self._tell(
            scope,
            event_records.COPY_JOB,
            (job.id, job.state),
            event_details.of_copy_job(job),
            (job.source_point_arn,),
            counted=(destination.name, job.resource_type),
        )
        at_destination = self._simulation.choices.copy_notifications_at_destination
        where = destination if at_destination else Arn.parse(job.source_vault_arn)
        there = self._simulation.place_of(where)
        vault = _asking(there, where.name) if there is not None else None
        if there is not None and vault is not None:
            self._notify(there, vault, sns_messages.of_copy_job(there, job, self._simulation.choices))

    def restore_job(self, scope: RegionScope, job: RestoreJob, status: str | None = None) -> None:
        """A restore job has reached its status, or another one that its record does not show."""
        vault_name, state = Arn.parse(job.vault_arn).name, status or job.status
        self._tell(
            scope,
            event_records.RESTORE_JOB,
            (job.id, state),
            event_details.of_restore_job(job, state),
            (job.point_arn,),
            counted=(vault_name, job.resource_type),
        )
        vault = _asking(scope, vault_name)
        if vault is not None and state == job.status:
            self._notify(scope, vault, sns_messages.of_restore_job(scope, job, self._simulation.choices))

    def point(
        self, scope: RegionScope, point: Point, status: str | None = None, *, deleted_by: str | None = None
    ) -> None:
        """A point has reached its status, or another one that its record does not show; DELETED says by whom."""
        state = status or point.status
        self._point(scope, point, state, state, deleted_by)

    def cold(self, scope: RegionScope, point: Point) -> None:
        """A point has moved to cold storage."""
        self._point(scope, point, "COLD", point.status)
        if self._simulation.choices.cold_is_modified:
            self.modified(scope, point)

    def modified(self, scope: RegionScope, point: Point) -> None:
        """A point's lifecycle has been changed by a call."""
        vault = _asking(scope, point.vault_name)
        if vault is not None:
            self._notify(scope, vault, sns_messages.of_modification(scope, point))

    def interrupted(self, scope: RegionScope, point: Point) -> None:
        """A continuous point has stopped, without a call that asked for it."""
        self.point(scope, point)
        vault = _asking(scope, point.vault_name)
        if vault is not None:
            self._notify(scope, vault, sns_messages.of_interruption(scope, point))

    def index(self, scope: RegionScope, index: Index, status: str, ended: datetime) -> None:
        """The index of a point is ACTIVE, DELETED or FAILED."""
        point = index.point
        vault_arn = scope.arn(f"backup-vault:{point.vault_name}")
        detail = event_details.of_index(
            point, status, account_id=scope.account_id, vault_arn=vault_arn, created=index.created, ended=ended
        )
        self._tell(scope, event_records.POINT_INDEX, (point.arn, status), detail, (point.arn,))
        vault = _asking(scope, point.vault_name)
        if vault is not None:
            self._notify(scope, vault, sns_messages.of_index(scope, point, status))

    def scan_job(self, scope: RegionScope, view: Document) -> None:
        """A scan job has reached its state; ``view`` is what DescribeScanJob shows of it."""
        detail = event_details.of_scan_job(view)
        subject = (str(view["ScanJobId"]), str(view["State"]))
        self._tell(scope, event_records.SCAN_JOB, subject, detail, (str(view["RecoveryPointArn"]),))

    def vault(self, scope: RegionScope, vault: Vault, state: str) -> None:
        """A vault was CREATED, MODIFIED (its lock) or DELETED."""
        detail = event_details.of_vault(vault, state)
        self._tell(scope, event_records.BACKUP_VAULT, (vault.name, state), detail, (vault.arn,))

    def plan(self, scope: RegionScope, plan: Plan, state: str) -> None:
        """A plan was CREATED, MODIFIED or DELETED."""
        self._tell(scope, event_records.BACKUP_PLAN, (plan.id, state), event_details.of_plan(plan, state), (plan.arn,))

    def region_setting(self, scope: RegionScope, opt_in: Mapping[str, bool]) -> None:
        """A Region was opted in to types, or out of them."""
        detail: Document = {
            "modifiedAt": event_details.instant(self._simulation.clock.now()),
            "ResourceTypeOptInPreference": dict(opt_in),
            "state": "MODIFIED",
        }
        self._tell(scope, event_records.REGION_SETTING, (scope.region_name, "MODIFIED"), detail)

    def _point(self, scope: RegionScope, point: Point, state: str, status: str, deleted_by: str | None = None) -> None:
        vault_arn = scope.arn(f"backup-vault:{point.vault_name}")
        self._tell(
            scope,
            event_records.POINT,
            (point.arn, state),
            event_details.of_point(point, vault_arn, status, deleted_by),
            (point.arn,),
            counted=(point.vault_name, point.resource_type),
        )

    def _tell(
        self,
        scope: RegionScope,
        kind: str,
        subject: tuple[str, str],
        detail: Document,
        resources: tuple[str, ...] = (),
        *,
        counted: tuple[str | None, str | None] = (None, None),
    ) -> None:
        self.log.count += 1
        event = EmittedEvent(
            number=self.log.count,
            moment=self._simulation.clock.now(),
            account_id=scope.account_id,
            region_name=scope.region_name,
            kind=kind,
            subject=subject[0],
            state=subject[1],
            detail=detail,
            resources=resources,
            vault_name=counted[0],
            resource_type=counted[1],
        )
        self.log.events.append(event)
        self.subscribers.tell(event)

    def _notify(self, scope: RegionScope, vault: Vault, notice: Notice | None) -> None:
        if notice is None or vault.notifications is None:
            return
        sent = (
            set(notice.events)
            if self._simulation.choices.deprecated_events_notify
            else set(notice.events) - sns_messages.DEPRECATED
        )
        events = [event for event in notice.events if event in sent and event in vault.notifications.events]
        if not events:
            return
        self.log.count += 1
        notification = Notification(
            number=self.log.count,
            moment=self._simulation.clock.now(),
            account_id=scope.account_id,
            region_name=scope.region_name,
            vault_name=vault.name,
            event=events[0],
            topic_arn=vault.notifications.topic_arn,
            message=notice.message,
            attributes=notice.attributes,
        )
        self.log.notifications.append(notification)
        self.subscribers.tell(notification)


def _asking(scope: RegionScope, vault_name: str) -> Vault | None:
    """The vault, where it asks for notifications of anything."""
    vault = scope.vaults.get(vault_name)
    return vault if vault is not None and vault.notifications is not None else None


def publisher_of(simulation: Simulation) -> Publisher | None:
    """Return the publisher of the simulation; None where nobody listens."""
    return simulation.publisher if isinstance(simulation.publisher, Publisher) else None


def opened(simulation: Simulation) -> Publisher:
    """The publisher of the simulation, which from now on is there."""
    publisher = publisher_of(simulation)
    if publisher is None:
        publisher = simulation.publisher = Publisher(simulation)
        publisher.open()
    return publisher


def closed(simulation: Simulation) -> None:
    """Have no publisher in the simulation any more, nor what it kept."""
    publisher = publisher_of(simulation)
    if publisher is not None:
        publisher.close()
        simulation.publisher = None


def back(simulation: Simulation, log: Log | None) -> None:
    """Have the log of a snapshot again; whoever hears of news now goes on hearing."""
    there = publisher_of(simulation)
    if log is None and (there is None or not len(there.subscribers)):
        closed(simulation)
        return
    publisher = opened(simulation)
    publisher.log = log if log is not None else Log()
    publisher.subscribers.forget()
