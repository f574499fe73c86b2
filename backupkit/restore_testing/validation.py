"""The validation of one restore test, and the one result that AWS Backup takes of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import attrs

from backupkit.connection import Connection
from backupkit.display import Block, Facts, Rows
from backupkit.display.displayed import Displayed
from backupkit.errors import RejectedError, UnreachableError
from backupkit.recover.restore_job import RestoreJob
from backupkit.restore_testing.results import CheckResult, Outcome, clipped, outcome_of, sentence
from backupkit.serialization import Serializable

__all__ = ["Validation", "decided", "report", "validation_of", "why_closed"]

_FINAL = frozenset({"FAILED", "SUCCESSFUL", "TIMED_OUT"})
_MARKS = {Outcome.PASSED: "good", Outcome.FAILED: "bad"}


@attrs.frozen(kw_only=True, repr=False, str=False)
class Validation(Serializable, Displayed):
    """What the validation of a restore test came to.

    Args:
        job_id: The restore job.
        resource_type: AWS Backup's word for the type.
        source_resource_arn: The resource that was backed up.
        created_resource_arn: What was restored.
        status: ``SUCCESSFUL`` or ``FAILED``; None where nothing was decided.
        message: What the checks say, as AWS is told it.
        results: What each check came to.
        reported: Whether this is what stands in AWS Backup.
        note: Why it was not reported; empty where it was.
    """

    _DERIVED: ClassVar[tuple[str, ...]] = ("passed",)

    job_id: str
    resource_type: str | None = None
    source_resource_arn: str | None = None
    created_resource_arn: str | None = None
    status: str | None = None
    message: str = ""
    results: tuple[CheckResult, ...] = ()
    reported: bool = False
    note: str = ""

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return self.status == "SUCCESSFUL"

    @property
    def undecided(self) -> bool:
        """Whether checks could not be made, so that it must be tried again."""
        return self.status is None and any(each.outcome is Outcome.UNKNOWN for each in self.results)

    def __repr__(self) -> str:
        return f"<Validation of restore job {self.job_id}: {self._verdict}>"

    @property
    def _verdict(self) -> str:
        status = self.status or "not decided"
        return f"{status}, not reported: {self.note}" if self.note else status

    def _blocks(self) -> Sequence[Block]:
        facts = [
            ("resource", self.source_resource_arn or ""),
            ("restored to", self.created_resource_arn or ""),
            ("result", self._verdict),
        ]
        rows = [[str(each.outcome), each.name, each.message, each.looked_at] for each in self.results]
        marks = [_MARKS.get(each.outcome, "doubtful") for each in self.results]
        return (
            Facts(f"Validation of restore job {self.job_id}", facts),
            Rows(("outcome", "check", "seen", "looked at") if rows else (), rows, kinds=marks),
        )


def validation_of(
    job: RestoreJob,
    *,
    status: str | None = None,
    message: str = "",
    results: tuple[CheckResult, ...] = (),
    reported: bool = False,
    note: str = "",
) -> Validation:
    """Return a validation with what the job says of itself."""
    return Validation(
        job_id=job.id,
        resource_type=job.resource_type,
        source_resource_arn=job.source_resource_arn,
        created_resource_arn=job.created_resource_arn,
        status=status,
        message=message,
        results=results,
        reported=reported,
        note=note,
    )


def why_closed(job: RestoreJob) -> str:
    """Return why the job takes no result any more, or never does; empty where it takes one."""
    if job.created_by is None or job.created_by.restore_testing_plan_arn is None:
        return "no restore testing plan started it"
    if job.status != "COMPLETED":
        return f"it is {job.status}, and only a completed one can be validated"
    if job.validation_status in _FINAL:
        return f"it has its result: {job.validation_status}"
    return "its validation window is over" if job.deletion_status is not None else ""


def report(aws: Connection, job: RestoreJob, results: tuple[CheckResult, ...], status: str) -> Validation:
    """Tell AWS Backup the result, once.

    AWS takes one result of a job and refuses every other, so a refusal, and an answer that never came, are decided by
    looking at the job: what stands there was reported by this call, or by another delivery of the event.

    Raises:
        ServiceError: AWS refused it for another reason.
        UnreachableError: No answer came, and the job has no result.
    """
    message = clipped(sentence(results))
    note = ""
    try:
        aws.call(
            "PutRestoreValidationResult",
            RestoreJobId=job.id,
            ValidationStatus=status,
            ValidationStatusMessage=message,
        )
    except (RejectedError, UnreachableError):
        now = job.refresh()
        if now.validation_status not in _FINAL:
            raise
        if (now.validation_status, now.validation_status_message) != (status, message):
            note = f"it has its result: {now.validation_status}"
    return validation_of(job, status=status, message=message, results=results, reported=not note, note=note)


def decided(results: tuple[CheckResult, ...]) -> str | None:
    """Return the status that AWS is told, or None where checks could not be made; what is not ready by now failed."""
    outcome = outcome_of(results)
    if outcome is Outcome.UNKNOWN:
        return None
    return "SUCCESSFUL" if outcome is Outcome.PASSED else "FAILED"
