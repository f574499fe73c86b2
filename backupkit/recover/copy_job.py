"""Copy jobs as handles: look again, wait for the end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Self

import msgspec

from backupkit import observe
from backupkit.checks import must_be_bools
from backupkit.recover.caller import caller_at
from backupkit.recover.job import JobHandle
from backupkit.recover.polling import Deadline
from backupkit.recover.waiting import issues_of, must_be_seconds
from backupkit.transport.connected import Connected

if TYPE_CHECKING:
    from backupkit.recover.recovery_point import RecoveryPoint

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

    def wait_at(
        self,
        destination: Connected,
        *,
        timeout: float | None = None,
        progress: bool = False,
        accept_issues: bool = False,
    ) -> RecoveryPoint:
        """Wait for the job, and then until its copy is seen on the other side; return the copy there.

        Args:
            destination: A connection to the account and Region of the copy.
            timeout: Seconds, or None to wait as long as it takes.
            progress: Whether to draw a bar.
            accept_issues: Whether a job that completed with issues is good enough.

        Raises:
            InvalidValueError: The connection is not to the account and Region of the copy.
            JobFailedError: The copy failed.
            WaitTimeoutError: It had not ended in time; it goes on.
        """
        from backupkit.recover.copying import arrived, own_vault  # noqa: PLC0415 - copies are points again

        must_be_seconds(timeout)
        must_be_bools("wait_at", progress=progress, accept_issues=accept_issues)
        there = own_vault(self, caller_at(destination, "wait_at/destination"))
        deadline = Deadline((self.clock,), timeout)
        job = self.wait(timeout=timeout, progress=progress, accept_issues=accept_issues)
        return arrived(there, job, timeout=None if timeout is None else max(0.0, deadline.left()))

    def refresh(self) -> Self:
        """Return the job as it is now."""
        return self._caller.fetch("DescribeCopyJob", type(self), {"CopyJobId": self.copy_job_id}, member="CopyJob")

    def children(self) -> Iterator[Self]:
        """Return the jobs below this one, where it is a parent."""
        if self.is_parent:
            yield from self._caller.listed("ListCopyJobs", type(self), {"ByParentJobId": self.copy_job_id})
