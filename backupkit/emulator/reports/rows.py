"""The rows of a report: jobs of its period, or what frameworks found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

import attrs
import msgspec

from backupkit.arn import Arn
from backupkit.emulator.audit.evaluation import ControlResult, evaluate
from backupkit.emulator.kernel.job_records import percent
from backupkit.emulator.kernel.kinds import kind_named
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import (
    BackupJob,
    CopyJob,
    Document,
    Family,
    Finding,
    Framework,
    RegionScope,
    ReportJob,
    RestoreJob,
    ScanJob,
    Vault,
)
from backupkit.emulator.reports import writing
from backupkit.emulator.reports.writing import moment, stamp
from backupkit.emulator.rules import organizations
from backupkit.emulator.rules.lifecycle import lock_state
from backupkit.emulator.rules.point_store import point_called, vault_at

__all__ = ["COMPLIANCE", "Period", "report_rows"]

# ---- The period of a report ----
# Source: the developer guide, working with audit reports: "jobs finished in the last 24 hours and all active jobs".


class _Job(Protocol):
    created: datetime
    completed: datetime | None


J = TypeVar("J", bound=_Job)


@attrs.frozen
class Period:
    """The 24 hours of a report, after ``start`` until ``end`` (UTC), so that a report of now has what ends now.

    Args:
        start: Its beginning.
        end: Its end.
        active: Whether jobs count that were created until its end and have not ended yet.
    """

    start: datetime
    end: datetime
    active: bool = True

    def holds(self, job: _Job) -> bool:
        """Whether the job is one of the report's."""
        if job.completed is None:
            return self.active and job.created <= self.end
        return self.start < job.completed <= self.end

    def among(self, jobs: Iterable[J]) -> Iterator[J]:
        """Those of the jobs that are the report's, in their order."""
        return (job for job in jobs if self.holds(job))


# ---- Jobs ----
# Source: the sample reports of the developer guide's page on report templates.


def backup_rows(simulation: Simulation, scope: RegionScope, period: Period) -> Iterator[Document]:  # noqa: ARG001 - as all sources
    """The rows of a BACKUP_JOB_REPORT, in the order in which the jobs were made."""
    head = _split(period, scope)
    for job in period.among(scope.backup_jobs.values()):
        yield {**head, **_backup(scope, job)}


def _backup(scope: RegionScope, job: BackupJob) -> Document:
    return {
        "backupJobId": job.id,
        "jobStatus": job.state,
        "statusMessage": job.status_message,
        "resourceType": job.resource_type,
        "resourceArn": job.resource_arn,
        "resourceName": job.resource_name,
        "backupPlanArn": (job.created_by or {}).get("BackupPlanArn"),
        "backupRuleId": (job.created_by or {}).get("BackupRuleId"),
        **_rule(job.created_by),
        "initiationDate": moment(job.initiated),
        "startWindowEnd": moment(job.start_by),
        "backupOptions": job.backup_options,
        "creationDate": moment(job.created),
        "completionDate": moment(job.completed),
        "expectedCompletionDate": moment(job.expected),
        "recoveryPointArn": job.point_arn,
        "jobRunTime": _run_time(job.created, job.completed),
        "backupSizeInBytes": job.size_bytes,
        "backupVaultName": job.vault_name,
        "backupVaultArn": job.vault_arn,
        **_kept(
            scope.vaults.get(job.vault_name),
            job.key_arn,
            job.lifecycle,
            encrypted=True if job.initiated is not None else None,
        ),
        "iamRoleArn": job.role_arn,
    } | _family(job.family)


def copy_rows(simulation: Simulation, scope: RegionScope, period: Period) -> Iterator[Document]:
    """The rows of a COPY_JOB_REPORT, in the order in which the jobs were made."""
    head = _split(period, scope)
    for job in period.among(scope.copy_jobs.values()):
        yield {**head, **_copy(simulation, job)}


def _copy(simulation: Simulation, job: CopyJob) -> Document:
    vault = _vault(simulation, job.destination_vault_arn)
    return {
        "copyJobId": job.id,
        "jobStatus": job.state,
        "statusMessage": job.status_message,
        "jobRunTime": _run_time(job.created, job.completed),
        "resourceType": job.resource_type,
        "resourceArn": job.resource_arn,
        "resourceName": job.resource_name,
        **_rule(job.created_by),
        "initiationDate": moment(job.created),
        "backupOptions": {},
        "creationDate": moment(job.created),
        "completionDate": moment(job.completed),
        "backupSizeInBytes": job.size_bytes,
        "sourceRecoveryPointArn": job.source_point_arn,
        "sourceBackupVaultArn": job.source_vault_arn,
        "destinationRecoveryPointArn": job.destination_point_arn,
        "destinationBackupVaultArn": job.destination_vault_arn,
        **_kept(vault, vault.key_arn if vault is not None else None, job.lifecycle, encrypted=True),
        "iamRoleArn": job.role_arn,
    } | _family(job.family)


def restore_rows(simulation: Simulation, scope: RegionScope, period: Period) -> Iterator[Document]:
    """The rows of a RESTORE_JOB_REPORT, in the order in which the jobs were made."""
    head = {"reportTimePeriod": f"{stamp(period.start)} - {stamp(period.end)}", **_here(scope)}
    for job in period.among(scope.restore_jobs.values()):
        yield {**head, **_restore(simulation, scope, job)}


def _restore(simulation: Simulation, scope: RegionScope, job: RestoreJob) -> Document:
    """What is told of the plan, the lifecycle and the key is that of the restored point, as long as it is there."""
    point = point_called(scope, job.point_arn)
    return {
        "restoreJobId": job.id,
        "jobStatus": job.status,
        "statusMessage": job.status_message,
        "recoveryPointArn": job.point_arn,
        "resourceName": point.resource_name if point is not None else None,
        "initiationDate": moment(job.created),
        **_rule(point.created_by if point is not None else None),
        "backupOptions": {},
        **_kept(
            _vault(simulation, job.vault_arn),
            point.key_arn if point is not None else None,
            point.lifecycle if point is not None else {},
            encrypted=point.encrypted if point is not None else None,
        ),
        "sourceResourceArn": job.source_resource_arn,
        "backupVaultArn": job.vault_arn,
        "creationDate": moment(job.created),
        "completionDate": moment(job.completed),
        "backupSizeInBytes": job.size_bytes,
        "percentDone": percent(job.percent_done),
        "iamRoleArn": job.role_arn,
    } | _family(job.family)


def scan_rows(simulation: Simulation, scope: RegionScope, period: Period) -> Iterator[Document]:  # noqa: ARG001 - as all sources
    """The rows of a SCAN_JOB_REPORT, in the order in which the jobs were made."""
    head = _split(period, scope)
    for job in period.among(scope.scan_jobs.values()):
        yield {**head, **_scan(job)}


def _scan(job: ScanJob) -> Document:
    """Without a result or a message they are there and empty, as in the guide's sample."""
    return {
        "scanJobId": job.id,
        "scanId": job.scan_id,
        "malwareScanner": job.scanner,
        "jobStatus": job.state,
        "scanResultStatus": job.result or "",
        "statusMessage": job.status_message or "",
        "resourceType": job.resource_type,
        "resourceArn": job.resource_arn,
        "backupPlanArn": (job.created_by or {}).get("BackupPlanArn"),
        "creationDate": moment(job.created),
        "completionDate": moment(job.completed),
        "recoveryPointArn": job.point_arn,
        "backupVaultName": job.vault_name,
        "backupVaultArn": job.vault_arn,
        "iamRoleArn": job.role_arn,
        "scannerRoleArn": job.scanner_role_arn,
    }


def _here(scope: RegionScope) -> Document:
    return {"accountId": scope.account_id, "region": scope.region_name}


def _split(period: Period, scope: RegionScope) -> Document:
    return {
        "reportTimePeriodStart": stamp(period.start),
        "reportTimePeriodEnd": stamp(period.end),
        **_here(scope),
    }


def _rule(created_by: Document | None) -> Document:
    by = created_by or {}
    return {
        "backupPlanName": by.get("BackupPlanName"),
        "backupRuleName": by.get("BackupRuleName"),
        "backupRuleSchedule": by.get("BackupRuleCron"),
        "backupRuleTimezone": by.get("BackupRuleTimezone"),
    }


def _family(family: Family | None) -> Document:
    if family is None:
        return {"isParentJob": False, "parentJobId": None}
    return {"isParentJob": family.is_parent, "parentJobId": family.parent}


def _kept(vault: Vault | None, key_arn: str | None, lifecycle: Document, *, encrypted: bool | None) -> Document:
    return {
        "vaultType": vault.vault_type if vault is not None else None,
        "vaultLockStatus": lock_state(vault),
        "isEncrypted": encrypted,
        "encryptionKeyArn": key_arn or None,
        "deleteAfterDays": lifecycle.get("DeleteAfterDays"),
        "moveToColdAfterDays": lifecycle.get("MoveToColdStorageAfterDays"),
        "enableArchive": lifecycle.get("OptInToArchiveForSupportedResources", False),
    }


def _vault(simulation: Simulation, arn: str) -> Vault | None:
    return vault_at(simulation, Arn.parse(arn))


def _run_time(begun: datetime, ended: datetime | None) -> str | None:
    """Hours, minutes and seconds as ``00:22:20``, from creation to completion (as in the guide's sample)."""
    if ended is None:
        return None
    minutes, seconds = divmod((ended - begun) // timedelta(seconds=1), 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"


# ---- Compliance ----
# Source: the sample reports of the developer guide's page on report templates. Types and ids of resources are those
# of AWS Config; where Config's id is not part of the ARN (of databases, for example), the name in the ARN stands for
# it.


_WHOLE_ARN = "AWS::Backup::RecoveryPoint"


def control_rows(simulation: Simulation, scope: RegionScope, frameworks: list[Framework]) -> Iterator[Document]:
    """The rows of a CONTROL_COMPLIANCE_REPORT: one for each control of each framework."""
    for framework in frameworks:
        for result in evaluate(simulation, scope, framework):
            yield {**_framework(scope, framework, result), **_control(result)}


def _control(result: ControlResult) -> Document:
    """What was never judged has AWS Config's word for it (unconfirmed here); a frequency has what is not by change."""
    return {
        "controlComplianceStatus": _status(result.compliant, unknown="INSUFFICIENT_DATA"),
        "lastEvaluationTime": moment(result.evaluated),
        "numResourcesCompliant": sum(finding.compliant is True for finding in result.findings),
        "numResourcesNonCompliant": sum(finding.compliant is False for finding in result.findings),
        "controlFrequency": "TwentyFour_Hours" if result.daily else None,
        "controlScope": _scope(result.scope),
        "controlParameters": msgspec.json.encode(result.parameters).decode() if result.parameters else "",
    }


def resource_rows(simulation: Simulation, scope: RegionScope, frameworks: list[Framework]) -> Iterator[Document]:
    """The rows of a RESOURCE_COMPLIANCE_REPORT: one for each resource that a control judged."""
    for framework in frameworks:
        for result in evaluate(simulation, scope, framework):
            for finding in result.findings:
                if finding.compliant is not None:
                    yield {**_framework(scope, framework, result), **_resource(finding)}


def _resource(finding: Finding) -> Document:
    kind = kind_named(finding.resource_type).config_type or finding.resource_type
    name = finding.resource_arn if kind == _WHOLE_ARN else Arn.parse(finding.resource_arn).name
    return {
        "resourceId": f"{kind}/{name}",
        "resourceType": kind,
        "resourceComplianceStatus": _status(finding.compliant),
        "lastEvaluationTime": moment(finding.evaluated),
    }


def _framework(scope: RegionScope, framework: Framework, result: ControlResult) -> Document:
    return {
        "accountId": scope.account_id,
        "region": scope.region_name,
        "frameworkName": framework.name,
        "frameworkDescription": framework.description,
        "controlName": result.name,
    }


def _status(compliant: bool | None, unknown: str = "") -> str:
    if compliant is None:
        return unknown
    return "COMPLIANT" if compliant else "NON_COMPLIANT"


def _scope(scope: Document) -> str:
    """A scope in the spelling of the guide's sample, ``{ComplianceResourceTypes: [EBS],}``; empty takes all."""
    lists = [name for name in ("ComplianceResourceIds", "ComplianceResourceTypes") if scope.get(name)]
    text = "".join(f"{name}: [{', '.join(scope[name])}]," for name in lists)
    if scope.get("Tags"):
        text += f"Tags: {{{', '.join(f'{name}={value}' for name, value in scope['Tags'].items())}}},"
    return f"{{{text}}}" if text else ""


# ---- All rows of a report ----


_JOBS: dict[str, Callable[[Simulation, RegionScope, Period], Iterator[Document]]] = {
    "BACKUP_JOB_REPORT": backup_rows,
    "COPY_JOB_REPORT": copy_rows,
    "RESTORE_JOB_REPORT": restore_rows,
    "SCAN_JOB_REPORT": scan_rows,
}
COMPLIANCE: dict[str, Callable[[Simulation, RegionScope, list[Framework]], Iterator[Document]]] = {
    "CONTROL_COMPLIANCE_REPORT": control_rows,
    "RESOURCE_COMPLIANCE_REPORT": resource_rows,
}


def report_rows(simulation: Simulation, scope: RegionScope, job: ReportJob) -> list[Document]:
    """The rows of a report job of that place; they tell how things stand now."""
    template: str = job.setting["ReportTemplate"]
    period = Period(job.start, job.end, active=simulation.choices.reports_show_active_jobs)
    found: list[Document] = []
    for there in writing.covered_scopes(simulation, scope, job.setting):
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
