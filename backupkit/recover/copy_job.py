"""Copy jobs as handles: look again, wait for the end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

import msgspec

from backupkit import observe
from backupkit.recover.job import JobHandle
from backupkit.recover.waiting import issues_of

__all__ = ["CopyJob"]


class CopyJob(  # pyright: ignore[reportIncompatibleVariableOverride] - the record's fields are the handle's properties
    JobHandle, observe.CopyJob, frozen=True, kw_only=True, gc=False
):
    """A copy job. AWS has no way to stop one."""

    _aws: object = msgspec.field(default=None, name="-aws")

    @property
    def kind(self) -> str:
        """The kind of job: ``copy``."""
        return "copy"

    @property
    def id(self) -> str:
        """The job's id."""
        return self.copy_job_id or ""

    @property
    def recovery_point_arn(self) -> str | None:
        """The point that is copied; ``destination_recovery_point_arn`` is the copy."""
        return self.source_recovery_point_arn

    @property
    def label(self) -> str:
        """What the job does, for people."""
        return f"copy of {self.source_recovery_point_arn} (job {self.copy_job_id})"

    @property
    def issues(self) -> str | None:
        """What went wrong in a job that AWS calls COMPLETED, or None."""
        return issues_of(self.state, self.message_category, self.status_message)

    @property
    def percent(self) -> float:
        """100 once it is done; AWS gives no estimate for copies."""
        return 100.0 if self.state == "COMPLETED" else 0.0

    def refresh(self) -> Self:
        """Return the job as it is now."""
        return self._caller.fetch("DescribeCopyJob", type(self), {"CopyJobId": self.copy_job_id}, member="CopyJob")

    def children(self) -> Iterator[Self]:
        """Return the jobs below this one, where it is a parent."""
        if self.is_parent:
            yield from self._caller.listed("ListCopyJobs", type(self), {"ByParentJobId": self.copy_job_id})
