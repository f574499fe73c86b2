"""Copy jobs as handles: look again, wait for the end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

import msgspec

from backupkit import observe
from backupkit.recover.job import JobHandle
from backupkit.recover.waiting import issues_of

__all__ = ["CopyJob"]


class CopyJob(JobHandle, observe.CopyJob, frozen=True, kw_only=True, gc=False):
    """A copy job. AWS has no way to stop one."""

    _aws: object = msgspec.field(default=None, name="-aws")

    @property
    def outcome(self) -> str | None:
        """The job's state."""
        return self.state

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
        """The job as it is now."""
        return self._caller.fetch("DescribeCopyJob", type(self), {"CopyJobId": self.copy_job_id}, member="CopyJob")

    def children(self) -> Iterator[Self]:
        """The jobs below this one, where it is a parent."""
        if self.is_parent:
            yield from self._caller.listed("ListCopyJobs", type(self), {"ByParentJobId": self.copy_job_id})
