"""The rows of a report, whatever its template, over all accounts and Regions that it covers."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, Framework, RegionScope, ReportJob
from backupkit.emulator.reports import compliance_rows, job_rows, report_scope
from backupkit.emulator.reports.period import Period
from backupkit.emulator.rules import organizations

__all__ = ["COMPLIANCE", "of"]

_JOBS: dict[str, Callable[[Simulation, RegionScope, Period], Iterator[Document]]] = {
    "BACKUP_JOB_REPORT": job_rows.backups,
    "COPY_JOB_REPORT": job_rows.copies,
    "RESTORE_JOB_REPORT": job_rows.restores,
    "SCAN_JOB_REPORT": job_rows.scans,
}
COMPLIANCE: dict[str, Callable[[Simulation, RegionScope, list[Framework]], Iterator[Document]]] = {
    "CONTROL_COMPLIANCE_REPORT": compliance_rows.controls,
    "RESOURCE_COMPLIANCE_REPORT": compliance_rows.resources,
}


def of(simulation: Simulation, scope: RegionScope, job: ReportJob) -> list[Document]:
    """The rows of a report job of that place; they tell how things stand now."""
    template: str = job.setting["ReportTemplate"]
    period = Period(job.start, job.end, active=simulation.choices.reports_show_active_jobs)
    found: list[Document] = []
    for there in report_scope.covered(simulation, scope, job.setting):
        if template in COMPLIANCE:
            rows = COMPLIANCE[template](simulation, there, _frameworks(there, job.setting))
        else:
            rows = _JOBS[template](simulation, there, period)
        above = {"pathToRoot": organizations.path(simulation, there.account_id)}
        found += ({**above, **row} for row in rows)
    return found


def _frameworks(scope: RegionScope, setting: Document) -> list[Framework]:
    """Those that the setting names, and all where it names none; by name."""
    named: list[str] = setting.get("FrameworkArns") or []
    there = sorted(scope.frameworks.values(), key=lambda framework: framework.name)
    return [framework for framework in there if not named or framework.arn in named]
