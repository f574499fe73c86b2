"""Report jobs: started on demand, described and listed; and the reports that they delivered.

Source: the botocore model.
"""

from __future__ import annotations

from backupkit.emulator.kernel.job_records import gone, known, present, within
from backupkit.emulator.kernel.operations import answers, refuse
from backupkit.emulator.kernel.paging import newest_first
from backupkit.emulator.kernel.simulation import Cloud
from backupkit.emulator.model import Delivered, Document, Place, ReportJob
from backupkit.emulator.reports import runs
from backupkit.emulator.reports.plans import plan_named

__all__ = ["delivered"]

_SOURCE = "botocore model; developer guide, Audit Manager reports; recorded reports"
_START = "StartReportJob"


@answers(_START, source=_SOURCE, lacks="columns of CSV that no source shows are named like those that one does")
def _start(cloud: Cloud, place: Place, params: Document) -> Document:
    plan = plan_named(place, params["ReportPlanName"])
    token: str | None = params.get("IdempotencyToken")
    made = place.report_jobs.get(place.tokens.get((_START, token), "")) if token is not None else None
    if made is None:
        made = runs.start(cloud, place, plan, token)
        if token is not None:
            place.tokens[_START, token] = made.id
    return {"ReportJobId": made.id}


@answers("DescribeReportJob", source=_SOURCE)
def _describe(cloud: Cloud, place: Place, params: Document) -> Document:
    found = place.report_jobs.get(params["ReportJobId"])
    if found is None or gone(found, cloud.clock.now()):
        refuse("ResourceNotFoundException", f"Report job {params['ReportJobId']} cannot be found.")
    return {"ReportJob": _shown(place, found)}


def _shown(place: Place, job: ReportJob) -> Document:  # noqa: ARG001 - as lists of several places show
    return present(
        ReportJobId=job.id,
        ReportPlanArn=job.plan_arn,
        ReportTemplate=job.setting["ReportTemplate"],
        CreationTime=job.created,
        CompletionTime=job.completed,
        Status=job.status,
        StatusMessage=job.status_message,
        ReportDestination={
            "S3BucketName": job.delivery["S3BucketName"],
            "S3Keys": [each.key for each in job.delivered],
        },
    )


@answers("ListReportJobs", source=_SOURCE)
def _list(cloud: Cloud, place: Place, params: Document) -> Document:
    now, name = cloud.clock.now(), params.get("ByReportPlanName")
    if name is not None and cloud.choices.report_jobs_need_plan:
        plan_named(place, name)
    return newest_first(
        cloud,
        place,
        "ListReportJobs",
        params,
        [(place, place.report_jobs)],
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


def delivered(cloud: Cloud, place: Place) -> list[Delivered]:
    """The reports that plans of that place delivered, the oldest first; as long as AWS keeps their jobs."""
    return [each for job in known(place.report_jobs, cloud.clock.now()) for each in job.delivered]
