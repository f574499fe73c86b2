"""Jobs of every kind, described and listed.

Sources: the botocore model of the operations, and the developer guide's pages on the jobs dashboard, restoring,
malware protection and Audit Manager reports.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from backupkit.emulator.api import job_views
from backupkit.emulator.kernel.job_records import (
    BACKUP_JOBS,
    COPY_JOBS,
    REPORT_JOBS,
    RESTORE_JOBS,
    SCAN_JOBS,
    Job,
    JobKind,
)
from backupkit.emulator.kernel.operations import operation
from backupkit.emulator.kernel.paging import newest_first
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, RegionScope
from backupkit.emulator.reports.plans import plan_named
from backupkit.emulator.rules import organizations, views

__all__: list[str] = []

J = TypeVar("J", bound=Job)

_DASHBOARD = "botocore model; developer guide, jobs dashboard and quotas"
_COPYING = "botocore model; developer guide, copying backups"
_RESTORING = "botocore model; developer guide, restoring"
_SCANNING = "botocore model; developer guide, malware protection"
_REPORTING = "botocore model; developer guide, Audit Manager reports; recorded reports"


@operation("DescribeBackupJob", source=_DASHBOARD)
def _describe_backup(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    job = _called(simulation, scope, BACKUP_JOBS, params)
    return {**job_views.backup_job(simulation, scope, job), **views.tally(scope.backup_jobs, job.family)}


@operation("DescribeCopyJob", source=_COPYING)
def _describe_copy(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    return {"CopyJob": job_views.copy_job(simulation, scope, _called(simulation, scope, COPY_JOBS, params))}


@operation("DescribeRestoreJob", source=_RESTORING)
def _describe_restore(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    return job_views.restore_job(simulation, scope, _called(simulation, scope, RESTORE_JOBS, params))


@operation("GetRestoreJobMetadata", source=_RESTORING)
def _restore_metadata(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    job = _called(simulation, scope, RESTORE_JOBS, params)
    return {"RestoreJobId": job.id, "Metadata": dict(job.metadata)}


@operation("DescribeScanJob", source=_SCANNING)
def _describe_scan(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    return job_views.scan_job(simulation, scope, _called(simulation, scope, SCAN_JOBS, params))


@operation("DescribeReportJob", source=_REPORTING)
def _describe_report(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    return {"ReportJob": job_views.report_job(simulation, scope, _called(simulation, scope, REPORT_JOBS, params))}


@operation("ListBackupJobs", source=_DASHBOARD)
def _list_backups(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    return _listed(simulation, scope, params, BACKUP_JOBS, job_views.backup_job)


@operation("ListCopyJobs", source=_COPYING)
def _list_copies(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    return _listed(simulation, scope, params, COPY_JOBS, job_views.copy_job)


@operation("ListRestoreJobs", source=_RESTORING)
def _list_restores(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    return _listed(simulation, scope, params, RESTORE_JOBS, job_views.restore_job)


@operation("ListRestoreJobsByProtectedResource", source=_RESTORING)
def _list_restores_of_resource(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    called = "ListRestoreJobsByProtectedResource"
    return _listed(simulation, scope, params, RESTORE_JOBS, job_views.restore_job, called)


@operation("ListScanJobs", source=_SCANNING)
def _list_scans(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    return _listed(simulation, scope, params, SCAN_JOBS, job_views.scan_job)


@operation("ListReportJobs", source=_REPORTING)
def _list_reports(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    if "ByReportPlanName" in params and simulation.choices.report_jobs_need_plan:
        plan_named(scope, params["ByReportPlanName"])
    return _listed(simulation, scope, params, REPORT_JOBS, job_views.report_job)


def _called(simulation: Simulation, scope: RegionScope, kind: JobKind[J], params: Document) -> J:
    return kind.called(scope, params[f"{kind.name}JobId"], simulation.clock.now())


def _listed(
    simulation: Simulation,
    scope: RegionScope,
    params: Document,
    kind: JobKind[J],
    view: Callable[[Simulation, RegionScope, J], Document],
    called: str | None = None,
) -> Document:
    """The page that ``params`` asks for; ``called`` is the operation where it is not the kind's own list."""
    asked_for, parent = kind.asked_for(params, simulation.clock.now()), params.get("ByParentJobId")

    def fits(job: J) -> bool:
        return asked_for(job) and views.sought(simulation, getattr(job, "family", None), parent)

    return newest_first(
        simulation,
        scope,
        called or f"List{kind.name}Jobs",
        params,
        [(there, kind.records(there)) for there in organizations.scopes(simulation, scope, params.get("ByAccountId"))],
        fits,
        member=f"{kind.name}Jobs",
        show=lambda there, job: view(simulation, there, job),
    )
