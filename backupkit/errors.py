"""Everything backupkit raises.

::

    BackupKitError
    ├── InvalidValueError (ValueError)      something written is impossible; raised before any call; has .problems
    │   ├── PreflightError                  what was looked at beforehand stands against it
    │   └── AmbiguousNameError              several things carry one name; has .candidates
    ├── ConfigurationError (ValueError)     no Region, unknown profile, bad endpoint: nothing could be sent
    ├── CredentialsError                    credentials are missing, expired or refused
    ├── UnreachableError                    no usable answer came: refused, reset, timed out, not the API's JSON
    ├── ServiceError                        AWS answered no: .operation .code .message .request_id .status .retryable
    │   ├── NotFoundError                   the named thing is not there
    │   ├── AlreadyExistsError              the name, document or controls are taken
    │   ├── AccessDeniedError               not allowed, or (vaults) not there: AWS answers both alike
    │   ├── ConflictError                   another action is under way on the same thing
    │   ├── LimitError                      a quota is used up
    │   ├── RejectedError                   the request is wrong, or the thing is in the wrong state for it
    │   └── UnavailableError                throttled or out of service; calling again later may work
    ├── NotEmulatedError                    the local service does not have that operation
    ├── NeighbourError                      a service beside AWS Backup refused, or there is no session to ask it
    ├── VerificationError                   a recovery failed its own check; has .recovery
    ├── JobFailedError                      a job ended badly; has .job .children
    ├── WaitTimeoutError (TimeoutError)     a wait ran out of time; has .job as last seen
    ├── ClockStoppedError                   a move of the local clock was stopped before its end; has .reached .until
    ├── ConsentError                        a deletion or an irreversible step lacks the caller's word
    ├── CoverageError                       resources are not protected as was required; has .rows .shortfalls
    ├── EvidenceError                       restores were not tested, or not as fast, as required; has .rows .shortfalls
    ├── NotValidatedError                   a restore test could not be checked; has .validations
    ├── StaleChangesError                   the world moved between preview and apply
    └── ApplyError                          a change failed; has .done .failed .not_started

A class exists where a caller would act differently. All survive pickling and copying. No message holds a secret.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol

from backupkit.problems import Problem

__all__ = [
    "AccessDeniedError",
    "AlreadyExistsError",
    "AmbiguousNameError",
    "ApplyError",
    "BackupKitError",
    "ClockStoppedError",
    "ConfigurationError",
    "ConflictError",
    "ConsentError",
    "CoverageError",
    "CredentialsError",
    "EvidenceError",
    "InvalidValueError",
    "JobFailedError",
    "LimitError",
    "NeighbourError",
    "NotEmulatedError",
    "NotFoundError",
    "NotValidatedError",
    "PreflightError",
    "RejectedError",
    "ServiceError",
    "StaleChangesError",
    "UnavailableError",
    "UnreachableError",
    "VerificationError",
    "WaitTimeoutError",
]


class BackupKitError(Exception):
    """The base of every error of this package."""

    def __reduce__(self) -> tuple[object, ...]:
        # Exception.__reduce__ calls the class with .args, which keyword arguments would break.
        return _rebuilt, (type(self), self.args, dict(self.__dict__))


def _rebuilt(cls: type[BackupKitError], args: tuple[object, ...], state: dict[str, object]) -> BackupKitError:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class InvalidValueError(BackupKitError, ValueError):
    """Something written is impossible; nothing was sent.

    Args:
        problems: What is wrong, each with its address and the way out.
    """

    problems: tuple[Problem, ...]

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__(_listed(self.problems))


def _listed(problems: tuple[Problem, ...]) -> str:
    if len(problems) == 1:
        return str(problems[0])
    return f"{len(problems)} problems:\n" + "\n".join(f"  - {problem}" for problem in problems)


class PreflightError(InvalidValueError):
    """What was looked at beforehand stands against it; nothing was started. ``preflight=False`` skips it."""


class AmbiguousNameError(InvalidValueError):
    """Several things carry one name; backupkit never guesses.

    Args:
        problems: For each name, who carries it, and how to say which one is meant.
        candidates: The ids that carry them.
    """

    def __init__(self, problems: Problem | Iterable[Problem], candidates: tuple[str, ...]) -> None:
        self.candidates = candidates
        super().__init__(problems)


class ConfigurationError(BackupKitError, ValueError):
    """A connection cannot be made from what was given: no Region, an unknown profile, a bad endpoint."""


class CredentialsError(BackupKitError):
    """Credentials are missing, expired or refused; sign in again and repeat."""

    retryable = False


class UnreachableError(BackupKitError):
    """No usable answer came. Whether AWS did the work is unknown; calling again with the same token is safe."""

    retryable = True


class ServiceError(BackupKitError):
    """AWS answered no.

    Args:
        operation: The API operation, for example ``CreateBackupPlan``.
        code: The API's error class, for example ``InvalidParameterValueException``.
        message: AWS's own sentence.
        request_id: AWS's id of the request, for support cases.
        status: The HTTP status, or 0 where there was none.
        retryable: Whether calling again, unchanged, may work.
        settling: Whether AWS only has to catch up with itself, as with a new role; that takes it up to two minutes.
        hint: What backupkit knows about the cause and the way out.
    """

    def __init__(
        self,
        operation: str,
        code: str,
        message: str,
        *,
        request_id: str = "",
        status: int = 0,
        retryable: bool = False,
        settling: bool = False,
        hint: str = "",
    ) -> None:
        self.operation = operation
        self.code = code
        self.message = message
        self.request_id = request_id
        self.status = status
        self.retryable = retryable
        self.settling = settling
        self.hint = hint
        parts = [f"{operation}: {code}: {message}"]
        if hint:
            parts.append(hint)
        if request_id:
            parts.append(f"(request {request_id})")
        super().__init__(" ".join(parts))


class NotFoundError(ServiceError):
    """The named thing is not there."""


class AlreadyExistsError(ServiceError):
    """The name, the plan document or the set of controls is taken."""


class AccessDeniedError(ServiceError):
    """Not allowed. For vaults AWS answers this also where the vault does not exist."""


class ConflictError(ServiceError):
    """Another action is under way on the same thing; calling again later may work."""


class LimitError(ServiceError):
    """A quota of the account is used up."""


class RejectedError(ServiceError):
    """The request is wrong, or the thing is in the wrong state for it."""


class UnavailableError(ServiceError):
    """AWS throttles the caller or is out of service; calling again later may work."""


class NotEmulatedError(BackupKitError):
    """The local service does not have that operation."""


class NeighbourError(BackupKitError):
    """A service beside AWS Backup refused, or there is no session to ask it.

    Args:
        message: Which operation, and the service's code.
        code: The service's own code; empty where it gave none.
    """

    def __init__(self, message: str, *, code: str = "") -> None:
        self.code = code
        super().__init__(message)


class VerificationError(BackupKitError):
    """What came back failed the caller's own check; it stays, unless it was to be cleaned up.

    Args:
        message: What the check said.
        recovery: The evidence, a `backupkit.Recovery`.
    """

    def __init__(self, message: str, recovery: object) -> None:
        self.recovery = recovery
        super().__init__(message)


class JobSeen(Protocol):
    """What the jobs that errors carry have in common; a `BackupJob`, a `CopyJob` or a `RestoreJob` is one."""

    @property
    def state(self) -> str | None:
        """Its state, whatever the API calls the member."""
        ...

    @property
    def label(self) -> str:
        """What it is and does, for people."""
        ...

    @property
    def issues(self) -> str | None:
        """What went wrong although it completed."""
        ...

    @property
    def status_message(self) -> str | None:
        """The job's own message."""
        ...

    @property
    def percent(self) -> float:
        """AWS's estimate, 0 to 100."""
        ...


class JobFailedError(BackupKitError):
    """A job ended without what was asked for.

    Args:
        message: What happened, with the job's own message.
        job: The job as last seen.
        children: The jobs below it, where it is a parent.
    """

    def __init__(self, message: str, job: JobSeen, children: tuple[JobSeen, ...] = ()) -> None:
        self.job = job
        self.children = children
        super().__init__(message)


class WaitTimeoutError(BackupKitError, TimeoutError):
    """A wait ran out of time; the job goes on.

    Args:
        message: What was waited for, and for how long.
        job: The job as last seen.
    """

    def __init__(self, message: str, job: JobSeen) -> None:
        self.job = job
        super().__init__(message)


class ClockStoppedError(BackupKitError):
    """A move of the clock was stopped before its end.

    Args:
        reached: What the clock showed then.
        until: Where it was to go.
    """

    def __init__(self, reached: datetime, until: datetime) -> None:
        self.reached = reached
        self.until = until
        super().__init__(f"the move to {until} was stopped at {reached}; what was due until then has happened")

    def __reduce__(self) -> tuple[type[ClockStoppedError], tuple[datetime, datetime]]:
        return type(self), (self.reached, self.until)


class ConsentError(BackupKitError):
    """A deletion or an irreversible step lacks the caller's explicit word; nothing was changed."""


class CoverageSeen(Protocol):
    """What the rows of a `CoverageError` have; each is a `CoverageRow` of `backupkit.coverage`."""

    @property
    def resource_arn(self) -> str:
        """The resource."""
        ...

    @property
    def status(self) -> str:
        """Protected, unprotected or unknown."""
        ...

    @property
    def reason(self) -> str:
        """A word for why."""
        ...

    @property
    def why(self) -> str:
        """Why, for people."""
        ...


class CoverageError(BackupKitError):
    """Resources are not protected as was required, it is not known whether they are, or there are none.

    Args:
        message: How many fall short, and how the first of them do.
        rows: Their rows.
        shortfalls: How each falls short, by the resource's ARN.
    """

    def __init__(self, message: str, rows: tuple[CoverageSeen, ...], shortfalls: Mapping[str, str]) -> None:
        self.rows = rows
        self.shortfalls = shortfalls
        super().__init__(message)


class EvidenceError(BackupKitError):
    """Restores were not tested as was required, or took longer, or lost more; what is not known counts as that.

    Args:
        message: How many resources fall short, and how the first of them do.
        rows: What the tests of each came to, a `backupkit.restore_testing.ResourceEvidence` each.
        shortfalls: How each falls short, by the resource's ARN.
    """

    def __init__(self, message: str, rows: tuple[object, ...], shortfalls: Mapping[str, str]) -> None:
        self.rows = rows
        self.shortfalls = shortfalls
        super().__init__(message)


class ValidationSeen(Protocol):
    """What the validations of a `NotValidatedError` have; each is a `backupkit.restore_testing.Validation`."""

    @property
    def job_id(self) -> str:
        """The restore job."""
        ...

    @property
    def status(self) -> str | None:
        """SUCCESSFUL or FAILED; None where nothing was decided."""
        ...

    @property
    def undecided(self) -> bool:
        """Whether its checks could not be made."""
        ...


class NotValidatedError(BackupKitError):
    """Restore tests could not be checked, so AWS Backup was told nothing of them; trying again may work.

    Args:
        message: Which, and why.
        validations: What became of each that was tried, also of those that were decided: each a
            `backupkit.restore_testing.Validation`.
    """

    def __init__(self, message: str, validations: tuple[ValidationSeen, ...]) -> None:
        self.validations = validations
        super().__init__(message)


class StaleChangesError(BackupKitError):
    """The world moved between preview and apply; preview again."""


class ApplyError(BackupKitError):
    """A change failed. What was done stays; previewing and applying again continues.

    Args:
        message: What failed and why.
        done: Addresses of changes that were made.
        failed: Addresses of changes that were tried and failed.
        not_started: Addresses of changes that were not tried.
    """

    def __init__(
        self,
        message: str,
        *,
        done: tuple[str, ...] = (),
        failed: tuple[str, ...] = (),
        not_started: tuple[str, ...] = (),
    ) -> None:
        self.done = done
        self.failed = failed
        self.not_started = not_started
        super().__init__(message)
