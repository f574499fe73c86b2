"""Report jobs: started on demand, described and listed; and the reports that they delivered.

Source: the botocore model.
"""

from __future__ import annotations

from backupkit.emulator.kernel.job_records import gone, known, within
from backupkit.emulator.kernel.operations import made_by, operation, raise_api_error, remember
from backupkit.emulator.kernel.paging import newest_first
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Delivered, Document, RegionScope, ReportJob
from backupkit.emulator.reports import runs
from backupkit.emulator.reports.plans import plan_named

__all__ = ["delivered"]

_SOURCE = "botocore model; developer guide, Audit Manager reports; recorded reports"
_START = "StartReportJob"


@operation(_START, source=_SOURCE, missing="columns of CSV that no source shows are named like those that one does")
def _start(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    plan = plan_named(scope, params["ReportPlanName"])
    token: str | None = params.get("IdempotencyToken")
    made = made_by(scope, _START, scope.report_jobs, token)
    if made is None:
        made = runs.start(simulation, scope, plan, token)
        remember(scope, _START, token, made.id)
    return {"ReportJobId": made.id}


@operation("DescribeReportJob", source=_SOURCE)
def _describe(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    found = scope.report_jobs.get(params["ReportJobId"])
    if found is None or gone(found, simulation.clock.now()):
        raise_api_error("ResourceNotFoundException", f"Report job {params['ReportJobId']} cannot be found.")
    return {"ReportJob": _shown(scope, found)}


def _shown(scope: RegionScope, job: ReportJob) -> Document:  # noqa: ARG001 - as lists of several places show
    return {
        "ReportJobId": job.id,
        "ReportPlanArn": job.plan_arn,
        "ReportTemplate": job.setting["ReportTemplate"],
        "CreationTime": job.created,
        "CompletionTime": job.completed,
        "Status": job.status,
        "StatusMessage": job.status_message,
        "ReportDestination": {
            "S3BucketName": job.delivery["S3BucketName"],
            "S3Keys": [each.key for each in job.delivered],
        },
    }


@operation("ListReportJobs", source=_SOURCE)
def _list(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    now, name = simulation.clock.now(), params.get("ByReportPlanName")
    if name is not None and simulation.choices.report_jobs_need_plan:
        plan_named(scope, name)
    return newest_first(
        simulation,
        scope,
        "ListReportJobs",
        params,
        [(scope, scope.report_jobs)],
        lambda job: not gone(job, now) and _asked_for(job, params),
        member="ReportJobs",
        show=_shown,
    )


def _asked_for(job: ReportJob, params: Document) -> bool:
    return (
        params.get("ByReportPlanName", job.plan_name) == job.plan_name
        and params.get("ByStatus", job.status) == job.status
        and within(params, "ByCreationAfter", "ByCreationBefore", job.created)
    )


def delivered(simulation: Simulation, scope: RegionScope) -> list[Delivered]:
    """The reports that plans of that place delivered, the oldest first; as long as AWS keeps their jobs."""
    return [each for job in known(scope.report_jobs, simulation.clock.now()) for each in job.delivered]
