"""Report jobs: started on demand; and the reports that they delivered.

Source: the botocore model.
"""

from __future__ import annotations

from backupkit.emulator.kernel.job_records import REPORT_JOBS
from backupkit.emulator.kernel.operations import operation
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Delivered, Document, RegionScope
from backupkit.emulator.reports import runs
from backupkit.emulator.reports.plans import plan_named

__all__ = ["delivered"]

_SOURCE = "botocore model; developer guide, Audit Manager reports; recorded reports"


@operation(
    "StartReportJob", source=_SOURCE, missing="columns of CSV that no source shows are named like those that one does"
)
def _start(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    plan = plan_named(scope, params["ReportPlanName"])
    token: str | None = params.get("IdempotencyToken")
    made = REPORT_JOBS.repeated(scope, token, simulation.clock.now())
    if made is None:
        made = runs.start(simulation, scope, plan, token)
        REPORT_JOBS.remember(scope, token, made)
    return {"ReportJobId": made.id}


def delivered(simulation: Simulation, scope: RegionScope) -> list[Delivered]:
    """The reports that plans of that place delivered, the oldest first; as long as AWS keeps their jobs."""
    return [each for job in REPORT_JOBS.known(scope, simulation.clock.now()) for each in job.delivered]
