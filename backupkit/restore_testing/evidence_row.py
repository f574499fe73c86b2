"""One restore test as evidence, and what the tests of one resource come to."""

from __future__ import annotations

import enum
import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

import attrs

from backupkit.observe import RESTORE_JOB_ENDED
from backupkit.serialization import Serializable

__all__ = ["EvidenceRow", "ResourceEvidence", "TestVerdict", "by_resource"]


class TestVerdict(enum.StrEnum):
    """What a restore test came to."""

    __test__ = False  # or pytest takes it for a test

    PASSED = "passed"
    """Restored, and its validation was reported as SUCCESSFUL."""
    FAILED = "failed"
    """Not restored, or its validation was reported as FAILED."""
    NOT_VALIDATED = "not validated"
    """Restored, and nobody said in time whether it is right."""
    RUNNING = "running"
    """Not over, or its validation is not."""


@attrs.frozen(kw_only=True)
class EvidenceRow(Serializable):
    """One restore test.

    Args:
        run: The id of the restore job.
        resource_arn: The resource that was backed up.
        resource_type: AWS Backup's word for its type.
        recovery_point_arn: The point that was restored.
        restore_testing_plan_arn: The restore testing plan.
        account_id: The account.
        data_moment: The moment that the restored data is of; None where that is not known.
        started: When the restore job was made.
        ended: When it ended.
        status: Its status.
        status_message: AWS's sentence about it.
        created_resource_arn: What was restored; it is deleted after the test.
        validation_status: SUCCESSFUL, FAILED, TIMED_OUT or VALIDATING; None: none was reported.
        validation_message: What was reported with it.
        deletion_status: What became of what was restored: DELETING, SUCCESSFUL or FAILED.
        deletion_message: AWS's sentence about that.
    """

    _DERIVED: ClassVar[tuple[str, ...]] = ("rpo", "rto", "verdict")

    run: str
    resource_arn: str = ""
    resource_type: str | None = None
    recovery_point_arn: str | None = None
    restore_testing_plan_arn: str | None = None
    account_id: str | None = None
    data_moment: datetime | None = None
    started: datetime | None = None
    ended: datetime | None = None
    status: str | None = None
    status_message: str | None = None
    created_resource_arn: str | None = None
    validation_status: str | None = None
    validation_message: str | None = None
    deletion_status: str | None = None
    deletion_message: str | None = None

    @property
    def rpo(self) -> timedelta | None:
        """How old the restored data was when the test began: what would have been lost; None where it is not known."""
        if self.started is None or self.data_moment is None:
            return None
        return max(self.started - self.data_moment, timedelta(0))

    @property
    def rto(self) -> timedelta | None:
        """How long the restore took, from when the job was made; None where it did not complete."""
        if self.started is None or self.ended is None or self.status != "COMPLETED":
            return None
        return self.ended - self.started

    @property
    def verdict(self) -> TestVerdict:
        """What the test came to."""
        if self.status not in RESTORE_JOB_ENDED:
            return TestVerdict.RUNNING
        if self.status != "COMPLETED" or self.validation_status == "FAILED":
            return TestVerdict.FAILED
        if self.validation_status == "SUCCESSFUL":
            return TestVerdict.PASSED
        over = self.validation_status == "TIMED_OUT" or self.deletion_status is not None
        return TestVerdict.NOT_VALIDATED if over else TestVerdict.RUNNING

    @property
    def order(self) -> tuple[float, str]:
        """What sorts tests by time."""
        return (self.started.timestamp() if self.started is not None else 0.0, self.run)


@attrs.frozen(kw_only=True)
class ResourceEvidence(Serializable):
    """What the tests of one resource come to. Times are None where no test that completed tells them.

    Args:
        resource_arn: The resource; empty where AWS did not tell it.
        resource_type: AWS Backup's word for its type.
        tests: How many were over.
        passed: How many of them passed.
        running: How many were not over.
        last: What the last one that was over came to; None: none was.
        last_started: When that one began.
        last_passed: When the last one that passed began.
        last_message: What was said of the last one.
        percentile: The share of tests, in percent, that ``rto`` and ``rpo`` hold for.
        rto: The longest that a restore took, in so many of a hundred tests.
        rto_worst: The longest of all.
        rpo: The oldest that restored data was, in so many of a hundred tests.
        rpo_worst: The oldest of all.
        rto_unknown: How many completed tests do not tell how long they took.
        rpo_unknown: How many completed tests do not tell how old their data was.
    """

    resource_arn: str
    resource_type: str | None = None
    tests: int = 0
    passed: int = 0
    running: int = 0
    last: TestVerdict | None = None
    last_started: datetime | None = None
    last_passed: datetime | None = None
    last_message: str = ""
    percentile: float = 100.0
    rto: timedelta | None = None
    rto_worst: timedelta | None = None
    rpo: timedelta | None = None
    rpo_worst: timedelta | None = None
    rto_unknown: int = 0
    rpo_unknown: int = 0


def by_resource(rows: Iterable[EvidenceRow], percentile: float) -> tuple[ResourceEvidence, ...]:
    """Return what the tests of each resource come to, the resources in the order of their ARNs."""
    found: dict[str, list[EvidenceRow]] = {}
    for row in rows:
        found.setdefault(row.resource_arn, []).append(row)
    return tuple(_summed(arn, sorted(found[arn], key=lambda row: row.order), percentile) for arn in sorted(found))


def _summed(arn: str, rows: Sequence[EvidenceRow], percentile: float) -> ResourceEvidence:
    over = [row for row in rows if row.verdict is not TestVerdict.RUNNING]
    passed = [row for row in over if row.verdict is TestVerdict.PASSED]
    whole = [row for row in over if row.status == "COMPLETED"]
    rtos = sorted(row.rto for row in whole if row.rto is not None)
    rpos = sorted(row.rpo for row in whole if row.rpo is not None)
    last = over[-1] if over else None
    return ResourceEvidence(
        resource_arn=arn,
        resource_type=next((row.resource_type for row in rows if row.resource_type), None),
        tests=len(over),
        passed=len(passed),
        running=len(rows) - len(over),
        last=last.verdict if last is not None else None,
        last_started=last.started if last is not None else None,
        last_passed=passed[-1].started if passed else None,
        last_message=_message(last) if last is not None else "",
        percentile=percentile,
        rto=_rank(rtos, percentile),
        rto_worst=_rank(rtos, 100.0),
        rpo=_rank(rpos, percentile),
        rpo_worst=_rank(rpos, 100.0),
        rto_unknown=len(whole) - len(rtos),
        rpo_unknown=len(whole) - len(rpos),
    )


def _message(row: EvidenceRow) -> str:
    return (row.validation_message if row.status == "COMPLETED" else row.status_message) or ""


def _rank(spans: Sequence[timedelta], percentile: float) -> timedelta | None:
    """The nearest-rank percentile: one of the spans themselves."""
    return spans[max(math.ceil(percentile / 100 * len(spans)), 1) - 1] if spans else None
