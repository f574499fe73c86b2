"""What the handles of all kinds of jobs share: whether they are over, and waiting for the end."""

from __future__ import annotations

from typing import TypeVar

from backupkit.recover.handle import Handle
from backupkit.recover.waiting import OVER, Job, to_the_end

__all__ = ["JobHandle"]

J = TypeVar("J", bound=Job)


class JobHandle(Handle):
    """A job. AWS Backup has three kinds, with other names for some of the same members."""

    __slots__ = ()

    @property
    def ended(self: Job) -> bool:
        """Whether the job is over, well or badly."""
        return self.outcome in OVER

    @property
    def reason(self: Job) -> str | None:
        """The job's own message."""
        return self.status_message

    def wait(  # noqa: PYI019 - this class alone is no Job, only the handles that it makes are
        self: J, *, timeout: float | None = None, progress: bool = False, accept_issues: bool = False
    ) -> J:
        """The job once it has ended well.

        Args:
            timeout: Seconds, or None to wait as long as it takes.
            progress: Whether to draw a bar.
            accept_issues: Whether a job that completed with issues is good enough.

        Raises:
            JobFailedError: It failed, expired, was aborted, is partial, or completed with issues.
            WaitTimeoutError: It had not ended in time; it goes on.
        """
        return to_the_end(self, timeout=timeout, progress=progress, accept_issues=accept_issues)
