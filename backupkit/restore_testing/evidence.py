"""The evidence of many restore tests: how long restores took and how old their data was, by resource."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import attrs
import msgspec

from backupkit import observe
from backupkit.arn import Arn, Arns, spelled
from backupkit.connection import Connection
from backupkit.declare.names import RESTORE_TESTING_NAME
from backupkit.declare.restore_testing import RestoreTestingPlan
from backupkit.display import Block, Facts, moment
from backupkit.errors import BackupKitError, EvidenceError, InvalidValueError
from backupkit.problems import Problem, counted, quote, typed
from backupkit.recover.arguments import check_arn
from backupkit.recover.caller import caller_of
from backupkit.recover.point_facts import aware, continuous
from backupkit.recover.restore_job import RestoreJob
from backupkit.recover.restored_moment import restored_moment, sent_metadata
from backupkit.recover.saved_work import twice
from backupkit.restore_testing.evidence_row import EvidenceRow, ResourceEvidence, by_resource
from backupkit.restore_testing.evidence_table import EVIDENCE, resources
from backupkit.restore_testing.requirement import Requirement
from backupkit.serialization import Serializable, jsonable
from backupkit.tables import Collected, RecordForm, Table
from backupkit.tables.collection import record_rows, totals
from backupkit.transport.connected import transport_of

__all__ = ["Evidence", "evidence"]

_FORMAT = "backupkit restore test evidence"
_VERSION = 1


@attrs.frozen(kw_only=True, repr=False, str=False)
class Evidence(Serializable, Table[EvidenceRow]):
    """Restore tests, the oldest first, as rows of a table; `by_resource` is what they come to.

    Args:
        rows: One for each restore test.
        made: When AWS was asked.
        regions: The Regions that were asked.
    """

    rows: tuple[EvidenceRow, ...]
    made: datetime
    regions: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[EvidenceRow]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        return f"<Evidence of {counted(len(self.rows), 'restore test')}: {self._verdicts or 'none'}>"

    def merge(self, *others: Evidence) -> Evidence:
        """Return the evidence of this and others: other accounts and Regions, or earlier exports.

        AWS forgets jobs after 30 days; an export that is merged into the next one keeps them. Of a test that is in
        several, what was read last counts.

        Raises:
            InvalidValueError: Something is not evidence.
        """
        for each in others:
            if not isinstance(each, Evidence):
                what = f"{typed(each)} is not evidence of restore tests"
                raise InvalidValueError(Problem("merge", what, "give what evidence() or from_json() returned"))
        found = {row.run: row for each in sorted((*others, self), key=lambda each: each.made) for row in each.rows}
        return Evidence(
            rows=tuple(sorted(found.values(), key=lambda row: row.order)),
            made=max(each.made for each in (self, *others)),
            regions=tuple(dict.fromkeys(region for each in (self, *others) for region in each.regions)),
        )

    def by_resource(self, *, percentile: float = 95.0) -> Collected[ResourceEvidence]:
        """Return what the tests of each resource come to, in the order of their ARNs; a table as well.

        Args:
            percentile: The share of tests, in percent, that ``rto`` and ``rpo`` are to hold for: above 0 and up to 100.
                It is one of the times that were measured, by the nearest rank.

        Raises:
            InvalidValueError: It is not such a number.
        """
        _must_be_percentile(percentile)
        found = by_resource(self.rows, float(percentile))
        return Collected(found, resources(percentile), counted(len(self.rows), "restore test"))

    def require(
        self,
        *,
        rto: timedelta | None = None,
        rpo: timedelta | None = None,
        percentile: float = 100.0,
        within: timedelta | None = None,
        resources: Arns = (),
    ) -> Evidence:
        """Return this evidence if the last test of every resource passed, and as well as is asked; for CI.

        What is not known fails, and so does evidence without any test that is over.

        Args:
            rto: The most that a restore may take.
            rpo: The most that may be lost.
            percentile: The share of tests, in percent, that must keep to these; 100: each of them.
            within: The last test that passed began no longer ago than this.
            resources: ARNs of resources that must have been tested.

        Raises:
            EvidenceError: Something falls short; it has the rows.
            InvalidValueError: What is required is not a span, a percentile or the ARN of a resource.
        """
        _must_be_percentile(percentile)
        wanted = Requirement.of(rto=rto, rpo=rpo, within=within, now=self.made, resources=resources)
        found = self.by_resource(percentile=percentile)
        missing = [ResourceEvidence(resource_arn=arn) for arn in wanted.untested(found)]
        failing = [(row, short) for row in (*found, *missing) if (short := wanted.shortfall(row))]
        if failing or not found:
            raise EvidenceError(
                _failure(failing, len(found) + len(missing)),
                tuple(row for row, _ in failing),
                {row.resource_arn: short for row, short in failing},
            )
        return self

    def to_json(self) -> str:
        """Return all of it as JSON text, for an auditor, and for `from_json`.

        It holds every test with what AWS said of it, and what the tests of each resource come to; moments are ISO 8601
        in UTC, spans seconds.
        """
        document = {
            "format": _FORMAT,
            "version": _VERSION,
            "made": self.made,
            "regions": self.regions,
            "resources": list(self.by_resource()),
            "tests": self.rows,
        }
        return json.dumps(jsonable(document), indent=2)

    @classmethod
    def from_json(cls, text: str | bytes, /) -> Evidence:
        """Return the evidence that `to_json` wrote.

        Raises:
            InvalidValueError: It is not such a text.
        """
        try:
            read = msgspec.json.decode(text, type=_Export)
        except (ValueError, TypeError, RecursionError) as error:
            raise _not_evidence(str(error)) from None
        if (read.format, read.version) != (_FORMAT, _VERSION):
            raise _not_evidence(f"it says {quote(read.format)}, version {read.version}")
        if doubled := twice((row.run for row in read.tests), "evidence/tests", "give what to_json() wrote"):
            raise InvalidValueError(doubled)
        for at, row in enumerate(read.tests):
            for each in (row.data_moment, row.started, row.ended):
                aware(each, f"evidence/tests/{at}")
        aware(read.made, "evidence/made")
        return cls(rows=read.tests, made=read.made, regions=read.regions)

    def _form(self) -> RecordForm:
        return EVIDENCE

    @property
    def _verdicts(self) -> str:
        return ", ".join(f"{value}" for name, value in totals(EVIDENCE, self.rows) if name == "verdicts")

    def _blocks(self) -> Sequence[Block]:
        found = self.by_resource()
        title = f"{counted(len(self.rows), 'restore test')} of {counted(len(found), 'resource')}"
        newest = sorted(self.rows, key=lambda row: row.order, reverse=True)
        return (
            Facts(title, [("asked", moment(self.made)), *totals(EVIDENCE, self.rows)]),
            record_rows(found.form, tuple(found)),
            Facts("The newest tests" if newest else ""),
            record_rows(EVIDENCE, newest),
        )


class _Export(msgspec.Struct, kw_only=True):
    """What `Evidence.to_json` writes, as far as it is read."""

    format: str
    version: int
    made: datetime
    regions: tuple[str, ...]
    tests: tuple[EvidenceRow, ...]


def evidence(
    aws: Connection,
    *,
    plan: RestoreTestingPlan | Arn | str | None = None,
    resource_type: str | None = None,
    started_after: datetime | None = None,
) -> Evidence:
    """Return what the restore tests of the last 30 days came to: AWS Backup forgets older jobs.

    It reads only. A test that restores a continuous point takes a call more, for the moment that it went back to.

    Args:
        aws: Where the tests ran.
        plan: Only tests of this restore testing plan: its name, under which it may have been made again, or its ARN.
        resource_type: Only tests of this type, for example ``RDS``.
        started_after: Only tests that were started after this aware moment.

    Raises:
        InvalidValueError: The moment has no time zone, the plan is not one, or ``aws`` is not a connection.
    """
    transport_of(aws, "evidence", "restore_jobs")
    aware(started_after, "evidence/started_after")
    name, arn = _named(plan)
    jobs = aws.restore_jobs(restore_testing_plan_arn=arn, resource_type=resource_type, created_after=started_after)
    # A job that begins or ends while the list is read may be in it twice.
    rows = {job.id: _row(job) for job in jobs if _is_of(job, name)}
    ordered = tuple(sorted(rows.values(), key=lambda row: row.order))
    return Evidence(rows=ordered, made=aws.clock.now(), regions=(aws.region_name,))


def _named(given: object) -> tuple[str | None, str | None]:
    """The name of a plan, or its ARN."""
    plan = spelled(given)
    if isinstance(plan, str) and plan.startswith("arn:"):
        check_arn(plan, "evidence/plan")
        return None, plan
    name = plan.name if isinstance(plan, RestoreTestingPlan) else plan
    if name is None:
        return None, None
    if not isinstance(name, str) or not RESTORE_TESTING_NAME.admits(name):
        what = f"{quote(name)} is not the name of a restore testing plan"
        raise InvalidValueError(Problem("evidence/plan", what, f"use {RESTORE_TESTING_NAME.words}, or its ARN"))
    return name, None


def _is_of(job: RestoreJob, name: str | None) -> bool:
    """Whether a plan started a job, and has that name: AWS puts an id after it, and names hold no hyphen."""
    arn = _plan_of(job)
    return arn is not None and (name is None or Arn.parse(arn).name.partition("-")[0] == name)


def _plan_of(job: RestoreJob) -> str | None:
    return job.created_by.restore_testing_plan_arn if job.created_by is not None else None


def _row(job: RestoreJob) -> EvidenceRow:
    return EvidenceRow(
        run=job.id,
        resource_arn=job.source_resource_arn or "",
        resource_type=job.resource_type,
        recovery_point_arn=job.recovery_point_arn,
        restore_testing_plan_arn=_plan_of(job),
        account_id=job.account_id,
        data_moment=_data_moment(job),
        started=job.creation_date,
        ended=job.completion_date,
        status=job.status,
        status_message=job.status_message,
        created_resource_arn=job.created_resource_arn,
        validation_status=job.validation_status,
        validation_message=job.validation_status_message,
        deletion_status=job.deletion_status,
        deletion_message=job.deletion_status_message,
    )


def _data_moment(job: RestoreJob) -> datetime | None:
    point = observe.RecoveryPoint(recovery_point_arn=job.recovery_point_arn, resource_type=job.resource_type)
    if not continuous(point):
        return job.recovery_point_creation_date
    try:
        metadata = sent_metadata(caller_of(job._aws), job)  # noqa: SLF001 - the connection that the job came by
    except BackupKitError:
        return None
    return restored_moment(metadata, job.resource_type)


def _must_be_percentile(percentile: float) -> None:
    if isinstance(percentile, bool) or not isinstance(percentile, int | float) or not 0 < percentile <= 100:
        what = f"{quote(percentile)} is not a percentile"
        raise InvalidValueError(Problem("evidence/percentile", what, "give a number above 0 and up to 100"))


def _not_evidence(why: str) -> InvalidValueError:
    return InvalidValueError(
        Problem("evidence.from_json", f"this is not evidence of restore tests: {why}", "give what to_json() wrote")
    )


def _failure(failing: Sequence[tuple[ResourceEvidence, str]], total: int) -> str:
    if not total:
        return "no restore test is over: nothing is known of any resource"
    lines = [f"{row.resource_arn}: {short}" for row, short in failing[:10]]
    lines += [f"... and {len(failing) - 10:,} more; they are in .rows"] if len(failing) > 10 else []
    return "\n".join([f"{len(failing):,} of {counted(total, 'resource')} fall short", *lines])
