"""The rows of a report, whatever its template, over all accounts and Regions that it covers."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from backupkit.emulator.kernel.simulation import Cloud
from backupkit.emulator.model import Document, Framework, Place, ReportJob
from backupkit.emulator.reports import compliance_rows, job_rows, report_scope
from backupkit.emulator.reports.period import Period
from backupkit.emulator.rules import organizations

__all__ = ["COMPLIANCE", "of"]

_JOBS: dict[str, Callable[[Cloud, Place, Period], Iterator[Document]]] = {
    "BACKUP_JOB_REPORT": job_rows.backups,
    "COPY_JOB_REPORT": job_rows.copies,
    "RESTORE_JOB_REPORT": job_rows.restores,
    "SCAN_JOB_REPORT": job_rows.scans,
}
COMPLIANCE: dict[str, Callable[[Cloud, Place, list[Framework]], Iterator[Document]]] = {
    "CONTROL_COMPLIANCE_REPORT": compliance_rows.controls,
    "RESOURCE_COMPLIANCE_REPORT": compliance_rows.resources,
}


def of(cloud: Cloud, place: Place, job: ReportJob) -> list[Document]:
    """The rows of a report job of that place; they tell how things stand now."""
    template: str = job.setting["ReportTemplate"]
    period = Period(job.start, job.end, active=cloud.choices.reports_show_active_jobs)
    found: list[Document] = []
    for there in report_scope.covered(cloud, place, job.setting):
        if template in COMPLIANCE:
            rows = COMPLIANCE[template](cloud, there, _frameworks(there, job.setting))
        else:
            rows = _JOBS[template](cloud, there, period)
        above = {"pathToRoot": organizations.path(cloud, there.account_id)}
        found += ({**above, **row} for row in rows)
    return found


def _frameworks(place: Place, setting: Document) -> list[Framework]:
    """Those that the setting names, and all where it names none; by name."""
    named: list[str] = setting.get("FrameworkArns") or []
    there = sorted(place.frameworks.values(), key=lambda framework: framework.name)
    return [framework for framework in there if not named or framework.arn in named]
