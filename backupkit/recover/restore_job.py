"""Restore jobs as handles: look again, wait for the end, get what was made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

import msgspec

from backupkit import observe
from backupkit.recover.job import JobHandle
from backupkit.recover.waiting import percent_of

__all__ = ["RestoreJob"]


class RestoreJob(  # pyright: ignore[reportIncompatibleVariableOverride] - the record's fields are the handle's properties
    JobHandle, observe.RestoreJob, frozen=True, kw_only=True, gc=False
):
    """A restore job. AWS has no way to stop one, and promises no time by which it ends."""

    _aws: object = msgspec.field(default=None, name="-aws")

    @property
    def kind(self) -> str:
        """The kind of job: ``restore``."""
        return "restore"

    @property
    def id(self) -> str:
        """The job's id."""
        return self.restore_job_id or ""

    @property
    def state(self) -> str | None:
        """The job's state, which the API calls its status."""
        return self.status

    @property
    def resource_arn(self) -> str | None:
        """The resource that was backed up; ``created_resource_arn`` is what the job makes."""
        return self.source_resource_arn

    @property
    def label(self) -> str:
        """What the job does, for people."""
        return f"restore of {self.recovery_point_arn} (job {self.restore_job_id})"

    @property
    def issues(self) -> str | None:
        """What went wrong in a job that AWS calls COMPLETED, or None.

        A completed restore may have restored nothing: "There are no objects that match the restore request for ...".
        Of objects that were skipped because their keys were there already, AWS says nothing here.
        """
        return (self.status_message or None) if self.status == "COMPLETED" else None

    @property
    def percent(self) -> float:
        """AWS's estimate, 0 to 100; it says 0 of some completed jobs."""
        return percent_of(self.percent_done)

    def refresh(self) -> Self:
        """Return the job as it is now."""
        return self._caller.fetch("DescribeRestoreJob", type(self), {"RestoreJobId": self.restore_job_id})

    def children(self) -> Iterator[Self]:
        """Return the jobs below this one, where it is a parent."""
        if self.is_parent:
            yield from self._caller.listed("ListRestoreJobs", type(self), {"ByParentJobId": self.restore_job_id})
