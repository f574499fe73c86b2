"""The desk where news comes in: one function for each thing that can change its state.

Who changes a state calls it right afterwards, and only where somebody listens::

    if cloud.news is not None:
        cloud.news.backup_job(place, job)
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from backupkit.arn import Arn
from backupkit.emulator.events import event_details, sns_messages
from backupkit.emulator.events.sns_messages import Notice
from backupkit.emulator.events.subscribers import Hearers
from backupkit.emulator.kernel import event_records
from backupkit.emulator.kernel.event_records import Log, News, Notification
from backupkit.emulator.model import BackupJob, CopyJob, Document, Place, Plan, Point, RestoreJob, Vault

if TYPE_CHECKING:
    from backupkit.emulator.kernel.simulation import Cloud

__all__ = ["Desk", "back", "opened"]


class Desk:
    """Takes news of one cloud, keeps the latest, and hands all of it out."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self.log = Log()
        self.hearers = Hearers(cloud)

    def settle(self, now: datetime) -> None:
        """The clock stands still again at ``now``, or a call is answered: hand out and deliver what was told."""
        self.hearers.settle(now)

    def backup_job(self, place: Place, job: BackupJob) -> None:
        """A backup job has reached its state."""
        points = (job.point_arn,) if job.state in {"COMPLETED", "PARTIAL"} and job.point_arn is not None else ()
        self._tell(
            place,
            event_records.BACKUP_JOB,
            (job.id, job.state),
            event_details.of_backup_job(job),
            points,
            counted=(job.vault_name, job.resource_type),
        )
        vault = _asking(place, job.vault_name)
        if vault is not None:
            self._notify(place, vault, sns_messages.of_backup_job(place, job, self._cloud.choices))

    def copy_job(self, place: Place, job: CopyJob) -> None:
        """A copy job has reached its state; its source's place tells of it."""
        destination = Arn.parse(job.destination_vault_arn)
        self._tell(
            place,
            event_records.COPY_JOB,
            (job.id, job.state),
            event_details.of_copy_job(job),
            (job.source_point_arn,),
            counted=(destination.name, job.resource_type),
        )
        at_destination = self._cloud.choices.copy_notifications_at_destination
        where = destination if at_destination else Arn.parse(job.source_vault_arn)
        there = self._cloud.places.get((where.account, where.region))
        vault = _asking(there, where.name) if there is not None else None
        if there is not None and vault is not None:
            self._notify(there, vault, sns_messages.of_copy_job(there, job, self._cloud.choices))

    def restore_job(self, place: Place, job: RestoreJob, status: str | None = None) -> None:
        """A restore job has reached its status, or another one that its record does not show."""
        vault_name, told = Arn.parse(job.vault_arn).name, status or job.status
        self._tell(
            place,
            event_records.RESTORE_JOB,
            (job.id, told),
            event_details.of_restore_job(job, told),
            (job.point_arn,),
            counted=(vault_name, job.resource_type),
        )
        vault = _asking(place, vault_name)
        if vault is not None and told == job.status:
            self._notify(place, vault, sns_messages.of_restore_job(place, job, self._cloud.choices))

    def point(self, place: Place, point: Point, status: str | None = None, *, deleted_by: str | None = None) -> None:
        """A point has reached its status, or another one that its record does not show; DELETED says by whom."""
        told = status or point.status
        self._point(place, point, told, told, deleted_by)

    def cold(self, place: Place, point: Point) -> None:
        """A point has moved to cold storage."""
        self._point(place, point, "COLD", point.status)
        if self._cloud.choices.cold_is_modified:
            self.modified(place, point)

    def modified(self, place: Place, point: Point) -> None:
        """A point's lifecycle has been changed by a call."""
        vault = _asking(place, point.vault_name)
        if vault is not None:
            self._notify(place, vault, sns_messages.of_modification(place, point))

    def interrupted(self, place: Place, point: Point) -> None:
        """A continuous point has stopped, without a call that asked for it."""
        self.point(place, point)
        vault = _asking(place, point.vault_name)
        if vault is not None:
            self._notify(place, vault, sns_messages.of_interruption(place, point))

    def index(self, place: Place, point: Point, status: str, *, created: datetime, ended: datetime | None) -> None:
        """The index of a point is ACTIVE, DELETED or FAILED."""
        vault_arn = place.arn(f"backup-vault:{point.vault_name}")
        detail = event_details.of_index(
            point, status, account_id=place.account_id, vault_arn=vault_arn, created=created, ended=ended
        )
        self._tell(place, event_records.POINT_INDEX, (point.arn, status), detail, (point.arn,))
        vault = _asking(place, point.vault_name)
        if vault is not None:
            self._notify(place, vault, sns_messages.of_index(place, point, status))

    def scan_job(self, place: Place, shown: Document) -> None:
        """A scan job has reached its state; ``shown`` is what DescribeScanJob shows of it."""
        detail = event_details.of_scan_job(shown)
        subject = (str(shown["ScanJobId"]), str(shown["State"]))
        self._tell(place, event_records.SCAN_JOB, subject, detail, (str(shown["RecoveryPointArn"]),))

    def vault(self, place: Place, vault: Vault, state: str) -> None:
        """A vault was CREATED, MODIFIED (its lock) or DELETED."""
        detail = event_details.of_vault(vault, state)
        self._tell(place, event_records.BACKUP_VAULT, (vault.name, state), detail, (vault.arn,))

    def plan(self, place: Place, plan: Plan, state: str) -> None:
        """A plan was CREATED, MODIFIED or DELETED."""
        self._tell(place, event_records.BACKUP_PLAN, (plan.id, state), event_details.of_plan(plan, state), (plan.arn,))

    def region_setting(self, place: Place, opt_in: Mapping[str, bool]) -> None:
        """A Region was opted in to types, or out of them."""
        detail: Document = {
            "modifiedAt": event_details.instant(self._cloud.clock.now()),
            "ResourceTypeOptInPreference": dict(opt_in),
            "state": "MODIFIED",
        }
        self._tell(place, event_records.REGION_SETTING, (place.region_name, "MODIFIED"), detail)

    def _point(self, place: Place, point: Point, state: str, status: str, deleted_by: str | None = None) -> None:
        vault_arn = place.arn(f"backup-vault:{point.vault_name}")
        self._tell(
            place,
            event_records.POINT,
            (point.arn, state),
            event_details.of_point(point, vault_arn, status, deleted_by),
            (point.arn,),
            counted=(point.vault_name, point.resource_type),
        )

    def _tell(
        self,
        place: Place,
        kind: str,
        subject: tuple[str, str],
        detail: Document,
        resources: tuple[str, ...] = (),
        *,
        counted: tuple[str | None, str | None] = (None, None),
    ) -> None:
        self.log.told += 1
        news = News(
            number=self.log.told,
            moment=self._cloud.clock.now(),
            account_id=place.account_id,
            region_name=place.region_name,
            kind=kind,
            subject=subject[0],
            state=subject[1],
            detail=detail,
            resources=resources,
            vault_name=counted[0],
            resource_type=counted[1],
        )
        self.log.events.append(news)
        self.hearers.tell(news)

    def _notify(self, place: Place, vault: Vault, notice: Notice | None) -> None:
        if notice is None or vault.notifications is None:
            return
        sent = (
            set(notice.events)
            if self._cloud.choices.deprecated_events_notify
            else set(notice.events) - sns_messages.DEPRECATED
        )
        events = [event for event in notice.events if event in sent and event in vault.notifications.events]
        if not events:
            return
        self.log.told += 1
        notification = Notification(
            number=self.log.told,
            moment=self._cloud.clock.now(),
            account_id=place.account_id,
            region_name=place.region_name,
            vault_name=vault.name,
            event=events[0],
            topic_arn=vault.notifications.topic_arn,
            message=notice.message,
            attributes=notice.attributes,
        )
        self.log.notifications.append(notification)
        self.hearers.tell(notification)


def _asking(place: Place, vault_name: str) -> Vault | None:
    """The vault, where it asks for notifications of anything."""
    vault = place.vaults.get(vault_name)
    return vault if vault is not None and vault.notifications is not None else None


def opened(cloud: Cloud) -> Desk:
    """The desk of the cloud, which from now on is there."""
    if cloud.news is None:
        cloud.news = Desk(cloud)
    return cloud.news


def back(cloud: Cloud, log: Log | None) -> None:
    """Have the log of a snapshot again; whoever hears of news now goes on hearing."""
    if log is None and (cloud.news is None or not len(cloud.news.hearers)):
        cloud.news = None
        return
    desk = opened(cloud)
    desk.log = log if log is not None else Log()
    desk.hearers.forget()
