"""Lists of jobs, one job by its id, and reports that are started: what a connection has to do with jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TypeVar

import msgspec

from backupkit.arn import Arn, arn_or_none
from backupkit.declare.report_plan import ReportPlan
from backupkit.declare.vault_name import VaultOrName
from backupkit.errors import InvalidValueError
from backupkit.observe import Record
from backupkit.problems import Problem, quote
from backupkit.recover.arguments import check_arn, check_name
from backupkit.recover.backup_job import BackupJob
from backupkit.recover.caller import Caller
from backupkit.recover.copy_job import CopyJob
from backupkit.recover.filters import FilterValue, States, params_of, states_of
from backupkit.recover.job_kinds import JOB_KINDS
from backupkit.recover.jobs import Jobs
from backupkit.recover.report_job import ReportJob
from backupkit.recover.restore_job import RestoreJob
from backupkit.recover.scan_job import ScanJob
from backupkit.transport.protocol import Params

__all__ = ["JobLists"]

R = TypeVar("R", bound=Record)


class JobLists:
    """The jobs of one account in one Region; AWS forgets them after 30 days.

    Wherever there is ``state=``, it takes one state or several. A state that only jobs of another kind have matches
    nothing, and one that none has is refused with the list of those there are.
    """

    _caller: Caller

    def backup_jobs(
        self,
        *,
        resource: Arn | str | None = None,
        state: States = None,
        vault: VaultOrName | None = None,
        resource_type: str | None = None,
        created_before: datetime | None = None,
        created_after: datetime | None = None,
        completed_before: datetime | None = None,
        completed_after: datetime | None = None,
        account_id: str | None = None,
        parent: str | None = None,
        message_category: str | None = None,
    ) -> Jobs[BackupJob]:
        """Return backup jobs of the last 30 days, a page at a time; AWS promises no order.

        Raises:
            InvalidValueError: A moment has no time zone, or no job has such a state.
        """
        return self._jobs(
            "backup",
            BackupJob,
            state,
            resource=resource,
            vault=vault,
            resource_type=resource_type,
            created_before=created_before,
            created_after=created_after,
            completed_before=completed_before,
            completed_after=completed_after,
            account_id=account_id,
            parent=parent,
            message_category=message_category,
        )

    def copy_jobs(
        self,
        *,
        resource: Arn | str | None = None,
        state: States = None,
        destination_vault_arn: Arn | str | None = None,
        source_point: Arn | str | None = None,
        resource_type: str | None = None,
        created_before: datetime | None = None,
        created_after: datetime | None = None,
        completed_before: datetime | None = None,
        completed_after: datetime | None = None,
        account_id: str | None = None,
        parent: str | None = None,
        message_category: str | None = None,
    ) -> Jobs[CopyJob]:
        """Return copy jobs of the last 30 days, a page at a time; AWS promises no order.

        Raises:
            InvalidValueError: A moment has no time zone, or no job has such a state.
        """
        return self._jobs(
            "copy",
            CopyJob,
            state,
            resource=resource,
            destination_vault_arn=destination_vault_arn,
            source_point=source_point,
            resource_type=resource_type,
            created_before=created_before,
            created_after=created_after,
            completed_before=completed_before,
            completed_after=completed_after,
            account_id=account_id,
            parent=parent,
            message_category=message_category,
        )

    def restore_jobs(
        self,
        *,
        resource: Arn | str | None = None,
        state: States = None,
        resource_type: str | None = None,
        created_before: datetime | None = None,
        created_after: datetime | None = None,
        completed_before: datetime | None = None,
        completed_after: datetime | None = None,
        account_id: str | None = None,
        restore_testing_plan_arn: Arn | str | None = None,
        parent: str | None = None,
    ) -> Jobs[RestoreJob]:
        """Return restore jobs of the last 30 days, a page at a time; AWS promises no order.

        Args:
            resource: The ARN of the resource that was backed up. AWS lists the jobs of one resource by another
                operation, which knows no other filter than the state; the others are then applied here.
            state: What the API calls the job's status; one or several.
            resource_type: Of this type, for example ``DynamoDB``.
            created_before: Started before this aware moment.
            created_after: Started after this aware moment.
            completed_before: Ended before this aware moment.
            completed_after: Ended after this aware moment.
            account_id: Of this account, for administrators of an organization.
            restore_testing_plan_arn: Started by this restore testing plan.
            parent: Below the job with this id.

        Raises:
            InvalidValueError: A moment has no time zone, or no job has such a state.
        """
        resource_arn = arn_or_none(resource)
        params = params_of(
            "restore",
            state,
            resource=resource,
            resource_type=resource_type,
            created_before=created_before,
            created_after=created_after,
            completed_before=completed_before,
            completed_after=completed_after,
            account_id=account_id,
            restore_testing_plan_arn=restore_testing_plan_arn,
            parent=parent,
        )
        of_resource = params.pop("ResourceArn", None)
        if resource_arn is None:
            return self._listed("restore", RestoreJob, state, params)
        if account_id is not None:  # only the general list can be asked for another account
            return self._listed("restore", RestoreJob, state, params, fits=lambda job: job.resource_arn == resource_arn)
        return self._listed(
            "restore",
            RestoreJob,
            state,
            {"ResourceArn": of_resource},
            operation="ListRestoreJobsByProtectedResource",
            fits=lambda job: _fits(job, params),
        )

    def report_jobs(
        self,
        *,
        plan: ReportPlan | str | None = None,
        resource: Arn | str | None = None,
        state: States = None,
        created_before: datetime | None = None,
        created_after: datetime | None = None,
    ) -> Jobs[ReportJob]:
        """Return report jobs of the last 30 days, a page at a time; AWS promises no order.

        Args:
            plan: Of this report plan, or of the one with this name.
            resource: Of the report plan with this ARN, which is what a report job is about.
            state: What the API calls the job's status; one or several.
            created_before: Started before this aware moment.
            created_after: Started after this aware moment.

        Raises:
            InvalidValueError: A moment has no time zone, or no job has such a state.
        """
        arn = None if resource is None else check_arn(resource, "report_jobs/resource")
        plan = plan.name if isinstance(plan, ReportPlan) else plan
        # A report plan's ARN ends in its name, a hyphen and a UUID; names have no hyphens (botocore model).
        _, of_plan, end = (arn or "").partition(":report-plan:")
        name = end.partition("-")[0] if plan is None and of_plan else plan
        state = state if of_plan or arn is None else ()
        params = params_of(
            "report", state, report_plan=name, created_before=created_before, created_after=created_after
        )
        fits = None if arn is None else (lambda job: job.resource_arn == arn)
        return self._listed("report", ReportJob, state, params, fits=fits)

    def scan_jobs(
        self,
        *,
        resource: Arn | str | None = None,
        state: States = None,
        recovery_point: Arn | str | None = None,
        vault: VaultOrName | None = None,
        resource_type: str | None = None,
        completed_before: datetime | None = None,
        completed_after: datetime | None = None,
        account_id: str | None = None,
        scanner: str | None = None,
        result: str | None = None,
    ) -> Jobs[ScanJob]:
        """Return malware scans of the last 30 days, a page at a time; AWS promises no order.

        Args:
            resource: Of points of the resource with this ARN.
            state: One state or several.
            recovery_point: Of the point with this ARN.
            vault: Of points in this vault.
            resource_type: EBS, EC2 or S3.
            completed_before: Ended before this aware moment.
            completed_after: Ended after this aware moment.
            account_id: Of this account, for administrators of an organization.
            scanner: By this scanner, for example ``GUARDDUTY``.
            result: With this result: ``NO_THREATS_FOUND``, ``THREATS_FOUND`` or ``UNKNOWN``.

        Raises:
            InvalidValueError: A moment has no time zone, or no job has such a state.
        """
        return self._jobs(
            "scan",
            ScanJob,
            state,
            resource=resource,
            recovery_point=recovery_point,
            vault=vault,
            resource_type=resource_type,
            completed_before=completed_before,
            completed_after=completed_after,
            account_id=account_id,
            scanner=scanner,
            scan_result=result,
        )

    def backup_job(self, job_id: str, /) -> BackupJob:
        """Return the backup job with this id, to look at it or to wait for it, also in another process.

        Raises:
            NotFoundError: There is none, or it is older than 30 days.
        """
        return self._job("backup", BackupJob, job_id)

    def copy_job(self, job_id: str, /) -> CopyJob:
        """Return the copy job with this id, as `backup_job` does."""
        return self._job("copy", CopyJob, job_id)

    def restore_job(self, job_id: str, /) -> RestoreJob:
        """Return the restore job with this id, as `backup_job` does."""
        return self._job("restore", RestoreJob, job_id)

    def report_job(self, job_id: str, /) -> ReportJob:
        """Return the report job with this id, as `backup_job` does."""
        return self._job("report", ReportJob, job_id)

    def scan_job(self, job_id: str, /) -> ScanJob:
        """Return the malware scan with this id, as `backup_job` does."""
        return self._job("scan", ScanJob, job_id)

    def run_report(self, plan: ReportPlan | str, /, *, token: str | None = None) -> ReportJob:
        """Start a report of a report plan now.

        Args:
            plan: The report plan, or its name.
            token: Calls with one token start one job. None: a new one for this call, kept over its retries.

        Returns:
            The job; its ``wait()`` tells how it ends, and then ``report_destination`` where the report is.

        Raises:
            NotFoundError: There is no such report plan.
        """
        name = check_name(plan.name if isinstance(plan, ReportPlan) else plan, "run_report", "a report plan")
        params: Params = {"ReportPlanName": name, "IdempotencyToken": token}
        started = self._caller.started("StartReportJob", ReportJob, params)
        return self._caller.attached(msgspec.structs.replace(started, status=started.status or "CREATED"))

    def _job(self, kind_name: str, cls: type[R], job_id: str) -> R:
        kind = JOB_KINDS[kind_name]
        _must_be_text(f"{kind_name}_job", job_id, "the id of a job")
        return self._caller.fetch(kind.describe, cls, {kind.id_member: job_id}, member=kind.member)

    def _jobs(self, kind_name: str, cls: type[R], state: States, **filters: FilterValue) -> Jobs[R]:
        return self._listed(kind_name, cls, state, params_of(kind_name, state, **filters))

    def _listed(
        self,
        kind_name: str,
        cls: type[R],
        state: States,
        params: Params,
        *,
        operation: str | None = None,
        fits: Callable[[R], bool] | None = None,
    ) -> Jobs[R]:
        kind, states = JOB_KINDS[kind_name], states_of(kind_name, state)
        question = ", ".join([*(f"{name}={value}" for name, value in params.items()), *(states or ())])

        def pages() -> Iterator[list[R]]:
            queries = [params] if states is None else [{**params, kind.state_filter: each} for each in states]
            for one in queries:
                for page in self._caller.paged(operation or kind.list, cls, one):
                    yield page if fits is None else [job for job in page if fits(job)]

        return Jobs(f"{kind_name} jobs" + (f" with {question}" if question else ""), pages, len(states or ()) > 1)


def _fits(job: RestoreJob, params: Params) -> bool:
    """Whether a job is what the filters of ListRestoreJobs ask for."""
    started_by = job.created_by.restore_testing_plan_arn if job.created_by is not None else None
    equal = {
        "ByResourceType": job.resource_type,
        "ByParentJobId": job.parent_job_id,
        "ByRestoreTestingPlanArn": started_by,
    }
    return (
        all(params.get(name, value) == value for name, value in equal.items())
        and _within(job.creation_date, params.get("ByCreatedAfter"), params.get("ByCreatedBefore"))
        and _within(job.completion_date, params.get("ByCompleteAfter"), params.get("ByCompleteBefore"))
    )


def _within(moment: datetime | None, after: object, before: object) -> bool:
    bounds = [bound for bound in (after, before) if isinstance(bound, datetime)]
    if moment is None:
        return not bounds
    return not (
        (isinstance(after, datetime) and moment <= after) or (isinstance(before, datetime) and moment >= before)
    )


def _must_be_text(where: str, value: object, what: str) -> None:
    if not isinstance(value, str) or not value:
        raise InvalidValueError(Problem(where, f"{quote(value)} is not {what}", f"give {what}"))
