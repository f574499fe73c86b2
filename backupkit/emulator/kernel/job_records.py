"""The kinds of jobs as data, and what is the same for all of them: how their records are kept, found and forgotten.

Source: the botocore model of the lists and summaries of jobs; AWS keeps the record of a job for 30 days.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

import attrs

from backupkit.emulator.kernel.operations import made_by, raise_api_error, remember
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import BackupJob, CopyJob, Document, RegionScope, ReportJob, RestoreJob, ScanJob

__all__ = [
    "BACKUP_JOBS",
    "COPY_JOBS",
    "JOB_KINDS",
    "KEPT",
    "REPORT_JOBS",
    "RESTORE_JOBS",
    "SCAN_JOBS",
    "Job",
    "JobKind",
    "percent",
    "within",
]

KEPT = timedelta(days=30)
"""How long AWS keeps the record of a job."""
_DAY = timedelta(days=1)


class Job(Protocol):
    """What all jobs have in common."""

    id: str
    created: datetime
    completed: datetime | None
    token: str | None
    serial: int


J = TypeVar("J", bound=Job)
Test: TypeAlias = Callable[[Any], bool]


@attrs.frozen(kw_only=True)
class JobKind(Generic[J]):
    """A kind of job: where its records are, and what its lists and summaries can be asked for."""

    name: str
    """As the API's operations and messages have it, for example ``Backup``."""
    records: Callable[[RegionScope], dict[str, J]]
    filters: Mapping[str, str]
    """The filters of its lists, and the attribute of a job that each looks at."""
    counted_by: Mapping[str, str] = attrs.field(factory=dict)
    """What its summaries count by, and the attribute of a job that has it; empty where there are none."""
    start: str = attrs.field(init=False, default=attrs.Factory(lambda self: f"Start{self.name}Job", takes_self=True))
    """The operation that starts one."""

    def known(self, scope: RegionScope, now: datetime) -> Iterator[J]:
        """The jobs that AWS still shows."""
        return (job for job in self.records(scope).values() if not _gone(job, now))

    def called(self, scope: RegionScope, job_id: str, now: datetime) -> J:
        """The job with that id, as long as AWS shows it.

        Raises:
            ApiError: There is none.
        """
        found = self.records(scope).get(job_id)
        if found is None or _gone(found, now):
            raise_api_error("ResourceNotFoundException", f"{self.name} job {job_id} cannot be found.")
        return found

    def repeated(self, scope: RegionScope, token: str | None, now: datetime) -> J | None:
        """The job that the same request made before, as long as AWS shows it."""
        job = made_by(scope, self.start, self.records(scope), token)
        return job if job is not None and not _gone(job, now) else None

    def remember(self, scope: RegionScope, token: str | None, job: J) -> None:
        """Keep which job the request made, if it was given a token."""
        remember(scope, self.start, token, job.id)

    def enter(self, simulation: Simulation, scope: RegionScope, job: J) -> None:
        """Put a new job behind all others."""
        simulation.serial += 1
        job.serial = simulation.serial
        self.records(scope)[job.id] = job

    def forget(self, scope: RegionScope, now: datetime) -> None:
        """Drop the oldest jobs that AWS no longer shows, and their tokens; once a day is enough."""
        if scope.swept.get(self.start, now) > now - _DAY:
            scope.swept.setdefault(self.start, now)
            return
        scope.swept[self.start] = now
        records, limit, forgotten = self.records(scope), now - KEPT, []
        for job in records.values():
            if job.completed is None or job.completed >= limit:
                break
            forgotten.append(job)
        for job in forgotten:
            del records[job.id]
            if job.token is not None and scope.tokens.get((self.start, job.token)) == job.id:
                del scope.tokens[self.start, job.token]

    def matcher(self, params: Document, now: datetime) -> Callable[[J], bool]:
        """What tells whether a list with the filters of ``params`` shows a job."""
        tests = [_test(name, self.filters[name], expected) for name, expected in params.items() if name in self.filters]

        def fits(job: J) -> bool:
            for test in tests:  # lists of a million jobs are gone through: all() would double the time
                if not test(job):
                    return False
            return not _gone(job, now)

        return fits


def _gone(job: Job, now: datetime) -> bool:
    """Whether AWS no longer shows the job."""
    return job.completed is not None and job.completed + KEPT < now


def _test(name: str, attribute: str, expected: Any) -> Test:
    value = attrgetter(attribute)
    if name.endswith("After"):
        return lambda job: within({name: expected}, name, "", value(job))
    if name.endswith("Before"):
        return lambda job: within({name: expected}, "", name, value(job))
    if name == "ByMessageCategory":
        # AWS spells categories in several ways, so that case does not count.
        return lambda job: expected == "ANY" or (value(job) or "").casefold() == expected.casefold()
    return lambda job: value(job) == expected


def within(params: Document, after: str, before: str, moment: datetime | None) -> bool:
    """Whether ``moment`` is in the interval that two members of ``params`` ask for; both ends open."""
    if after not in params and before not in params:
        return True
    if moment is None:
        return False
    # As answers tell it, to the millisecond: what is asked for was read there.
    seconds = round(moment.timestamp(), 3)
    return not (
        (after in params and seconds <= params[after].timestamp())
        or (before in params and seconds >= params[before].timestamp())
    )


def percent(done: float) -> str:
    """PercentDone as the API spells it."""
    return f"{done:.2f}%"


_CREATED = {"ByCreatedAfter": "created", "ByCreatedBefore": "created"}
_COMPLETED = {"ByCompleteAfter": "completed", "ByCompleteBefore": "completed"}
_OF_ALL = {"ByState": "state", "ByResourceArn": "resource_arn", "ByResourceType": "resource_type", **_COMPLETED}
_COUNTED = {"State": "state", "ResourceType": "resource_type", "MessageCategory": "message_category"}

BACKUP_JOBS = JobKind[BackupJob](
    name="Backup",
    records=attrgetter("backup_jobs"),
    filters={
        **_OF_ALL,
        **_CREATED,
        "ByBackupVaultName": "vault_name",
        "ByMessageCategory": "message_category",
    },
    counted_by=_COUNTED,
)
COPY_JOBS = JobKind[CopyJob](
    name="Copy",
    records=lambda scope: scope.copy_jobs,
    filters={
        **_OF_ALL,
        **_CREATED,
        "ByDestinationVaultArn": "destination_vault_arn",
        "BySourceRecoveryPointArn": "source_point_arn",
        "ByMessageCategory": "message_category",
    },
    counted_by=_COUNTED,
)
RESTORE_JOBS = JobKind[RestoreJob](
    name="Restore",
    records=lambda scope: scope.restore_jobs,
    filters={
        **_CREATED,
        **_COMPLETED,
        "ByStatus": "status",
        "ByResourceType": "resource_type",
        "ByRestoreTestingPlanArn": "testing_plan_arn",
        "ResourceArn": "source_resource_arn",
        "ByRecoveryPointCreationDateAfter": "point_created",
        "ByRecoveryPointCreationDateBefore": "point_created",
    },
    counted_by={"State": "status", "ResourceType": "resource_type"},
)
SCAN_JOBS = JobKind[ScanJob](
    name="Scan",
    records=lambda scope: scope.scan_jobs,
    filters={
        **_OF_ALL,
        "ByBackupVaultName": "vault_name",
        "ByMalwareScanner": "scanner",
        "ByRecoveryPointArn": "point_arn",
        "ByScanResultStatus": "result",
    },
    counted_by={
        "State": "state",
        "ResourceType": "resource_type",
        "MalwareScanner": "scanner",
        "ScanResultStatus": "result",
    },
)
REPORT_JOBS = JobKind[ReportJob](
    name="Report",
    records=lambda scope: scope.report_jobs,
    filters={
        "ByReportPlanName": "plan_name",
        "ByStatus": "status",
        "ByCreationAfter": "created",
        "ByCreationBefore": "created",
    },
)
JOB_KINDS: tuple[JobKind[Any], ...] = (BACKUP_JOBS, COPY_JOBS, RESTORE_JOBS, SCAN_JOBS, REPORT_JOBS)
"""Every kind of job that the emulator keeps records of."""
