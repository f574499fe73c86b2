"""Backup jobs as handles: look again, wait for the end, get the point."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

import msgspec

from backupkit import observe
from backupkit.recover.job import JobHandle
from backupkit.recover.recovery_point import RecoveryPoint
from backupkit.recover.waiting import issues_of, percent_of

__all__ = ["BackupJob"]


class BackupJob(  # pyright: ignore[reportIncompatibleVariableOverride] - the record's fields are the handle's properties
    JobHandle, observe.BackupJob, frozen=True, kw_only=True, gc=False
):
    """A backup job. Sizes are bytes, times aware datetimes in UTC."""

    _aws: object = msgspec.field(default=None, name="-aws")

    @property
    def kind(self) -> str:
        """The kind of job: ``backup``."""
        return "backup"

    @property
    def id(self) -> str:
        """The job's id."""
        return self.backup_job_id or ""

    @property
    def label(self) -> str:
        """What the job does, for people."""
        return f"backup of {self.resource_arn} (job {self.backup_job_id})"

    @property
    def issues(self) -> str | None:
        """What went wrong in a job that AWS calls COMPLETED, or None."""
        return issues_of(self.state, self.message_category, self.status_message)

    @property
    def percent(self) -> float:
        """AWS's estimate, 0 to 100; it says 0 of some completed jobs."""
        return percent_of(self.percent_done)

    @property
    def recovery_point(self) -> RecoveryPoint:
        """The point that the job made, with what the job knows of it; its ``refresh()`` gets the rest."""
        return RecoveryPoint(
            recovery_point_arn=self.recovery_point_arn,
            backup_vault_name=self.backup_vault_name,
            backup_vault_arn=self.backup_vault_arn,
            resource_arn=self.resource_arn,
            resource_type=self.resource_type,
            iam_role_arn=self.iam_role_arn,
            creation_date=self.creation_date,
            _aws=self._aws,
        )

    def refresh(self) -> Self:
        """Return the job as it is now."""
        return self._caller.fetch("DescribeBackupJob", type(self), {"BackupJobId": self.backup_job_id})

    def children(self) -> Iterator[Self]:
        """Return the jobs below this one, where it is a parent."""
        if self.is_parent:
            yield from self._caller.listed("ListBackupJobs", type(self), {"ByParentJobId": self.backup_job_id})

    def stop(self) -> Self:
        """Ask AWS to stop the job, and return it as it is then: ABORTING, and ABORTED soon after.

        Raises:
            RejectedError: It has ended, or is of a type whose jobs AWS cannot stop: Aurora, DocumentDB, FSx, Neptune,
                SAP HANA and RDS.
        """
        self._caller.call("StopBackupJob", {"BackupJobId": self.backup_job_id})
        return self.refresh()
