"""What the handles of all kinds of jobs share: whether they are over, why, waiting for the end, and stopping."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Self, TypeVar

from backupkit.errors import InvalidValueError
from backupkit.observe import FINAL_STATES, reason_of
from backupkit.problems import Problem
from backupkit.recover.handle import Handle
from backupkit.recover.waiting import Job, wait

__all__ = ["JobHandle"]

J = TypeVar("J", bound=Job)


class JobHandle(Handle):
    """A job; what AWS calls by several names has one here, beside the API's own."""

    __slots__ = ()

    if TYPE_CHECKING:
        # The records and the classes of each kind have these; here type checkers learn that all have.
        @property
        def id(self) -> str:
            """The job's id."""
            ...

        @property
        def kind(self) -> str:
            """The kind of job."""
            ...

        @property
        def state(self) -> str | None:
            """The job's state."""
            ...

        @property
        def status_message(self) -> str | None:
            """AWS's sentence."""
            ...

        @property
        def resource_arn(self) -> str | None:
            """What the job is about."""
            ...

        @property
        def recovery_point_arn(self) -> str | None:
            """The point that it makes, copies, restores or scans."""
            ...

        @property
        def label(self) -> str:
            """What the job does, for people."""
            ...

        @property
        def issues(self) -> str | None:
            """What went wrong although it completed."""
            ...

        @property
        def percent(self) -> float:
            """AWS's estimate, 0 to 100."""
            ...

        def refresh(self) -> Self:
            """Return the job as it is now."""
            ...

        def children(self) -> Iterator[Self]:
            """Return the jobs below it."""
            ...

    @property
    def ended(self: Job) -> bool:
        """Whether the job is over, well or badly."""
        return self.state in FINAL_STATES[self.kind]

    @property
    def reason(self: Job) -> str | None:
        """Why the job is as it is, in a stable word to group by, for example ``access_denied``; None where all is well.

        Made of AWS's category and sentence, which is in ``status_message``; ``other`` is what no rule knows.
        `backupkit.observe.REASONS` has them all.
        """
        return reason_of(self.state, getattr(self, "message_category", None), self.status_message)

    def wait(  # noqa: PYI019 - this class alone is not a Job, only the handles that it makes are
        self: J, *, timeout: float | None = None, progress: bool = False, accept_issues: bool = False
    ) -> J:
        """Return the job once it has ended well.

        Throttling, lost connections and credentials that expire are waited out, up to an hour without any answer.

        Args:
            timeout: Seconds, or None to wait as long as it takes.
            progress: Whether to draw a bar.
            accept_issues: Whether a job that completed with issues is good enough.

        Raises:
            JobFailedError: It failed, expired, was aborted, is partial, or completed with issues.
            WaitTimeoutError: It had not ended in time; it goes on.
        """
        return wait(self, timeout=timeout, progress=progress, accept_issues=accept_issues)

    def stop(self: J) -> J:  # noqa: PYI019 - as above
        """Refuse: AWS can stop backup jobs, and no job of another kind.

        Raises:
            InvalidValueError: Always; nothing was sent.
        """
        raise InvalidValueError(
            Problem(
                f"{self.kind}_job/stop",
                f"AWS Backup cannot stop a {self.kind} job, only backup jobs",
                f"let {self.id} end, and then delete what it made",
            )
        )
