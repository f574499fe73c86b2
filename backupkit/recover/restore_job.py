"""Restore jobs as handles: look again, wait for the end, get what was made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

import msgspec

from backupkit import observe
from backupkit.recover.caller import caller_of
from backupkit.recover.handle import Reduced, reduced, same
from backupkit.recover.waiting import OVER, percent_of, to_the_end

__all__ = ["RestoreJob"]


class RestoreJob(observe.RestoreJob, frozen=True, kw_only=True, gc=False):
    """A restore job. AWS has no way to stop one, and promises no time by which it ends."""

    _aws: object = msgspec.field(default=None, name="-aws")

    @property
    def outcome(self) -> str | None:
        """The job's status."""
        return self.status

    @property
    def ended(self) -> bool:
        """Whether the job is over, well or badly."""
        return self.status in OVER

    @property
    def label(self) -> str:
        """What the job does, for people."""
        return f"restore of {self.recovery_point_arn} (job {self.restore_job_id})"

    @property
    def issues(self) -> str | None:
        """What went wrong in a job that AWS calls COMPLETED, or None.

        A completed restore may have restored nothing: "There are no objects that match the restore request".
        """
        return (self.status_message or None) if self.status == "COMPLETED" else None

    @property
    def reason(self) -> str | None:
        """The job's own message."""
        return self.status_message

    @property
    def percent(self) -> float:
        """AWS's estimate, 0 to 100; it says 0 of some completed jobs."""
        return percent_of(self.percent_done)

    def refresh(self) -> Self:
        """The job as it is now."""
        return caller_of(self._aws).fetch("DescribeRestoreJob", type(self), {"RestoreJobId": self.restore_job_id})

    def children(self) -> Iterator[Self]:
        """The jobs below this one, where it is a parent."""
        if self.is_parent:
            yield from caller_of(self._aws).listed(
                "ListRestoreJobs", type(self), {"ByParentJobId": self.restore_job_id}
            )

    def wait(self, *, timeout: float | None = None, progress: bool = False, accept_issues: bool = False) -> Self:
        """The job once it has ended well; see `BackupJob.wait`. ``created_resource_arn`` is what came of it."""
        clock = caller_of(self._aws).transport.clock
        return to_the_end(self, clock, timeout=timeout, progress=progress, accept_issues=accept_issues)

    def __eq__(self, other: object) -> bool:
        return same(self, other)

    __hash__ = observe.Record.__hash__

    def __reduce__(self) -> Reduced:
        return reduced(self)
