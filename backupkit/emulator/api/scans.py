"""Scan jobs: started on demand, described and listed.

Sources: the botocore model of StartScanJob, DescribeScanJob and ListScanJobs; the developer guide, malware protection.
"""

from __future__ import annotations

from datetime import datetime

from backupkit.emulator.engine import scan_run, scan_scope
from backupkit.emulator.engine.scan_answers import shown
from backupkit.emulator.kernel.job_records import gone, repeated, within
from backupkit.emulator.kernel.kinds import kind_named
from backupkit.emulator.kernel.operations import answers, refuse
from backupkit.emulator.kernel.paging import newest_first
from backupkit.emulator.kernel.simulation import Cloud
from backupkit.emulator.model import Document, Place, Point, ScanJob, ScanOrder
from backupkit.emulator.rules import organizations, point_store

__all__: list[str] = []

_SOURCE = "botocore model; developer guide, malware protection"
_BAD_VALUE = "InvalidParameterValueException"
_BAD_REQUEST = "InvalidRequestException"
_READY = frozenset({"COMPLETED", "AVAILABLE", "STOPPED", "EXPIRED"})


@answers("StartScanJob", source=_SOURCE, lacks="scans that are CANCELED")
def _start(cloud: Cloud, place: Place, params: Document) -> Document:
    token: str | None = params.get("IdempotencyToken")
    known_job = repeated(place, "StartScanJob", place.scan_jobs, token, cloud.clock.now())
    job = known_job if known_job is not None else _on_demand(cloud, place, params)
    if token is not None:
        place.tokens["StartScanJob", token] = job.id
    return {"ScanJobId": job.id, "CreationDate": job.created}


def _on_demand(cloud: Cloud, place: Place, params: Document) -> ScanJob:
    point = point_store.point_in(place, params["BackupVaultName"], params["RecoveryPointArn"])
    _check_point(cloud, point)
    base: str | None = params.get("ScanBaseRecoveryPointArn")
    if params["ScanMode"] == scan_scope.INCREMENTAL:
        _check_base(cloud, place, point, base)
    elif base is not None:
        refuse(_BAD_VALUE, "ScanBaseRecoveryPointArn can be given for an incremental scan only")
    order = ScanOrder(params["MalwareScanner"], params["ScanMode"], params["ScannerRoleArn"], frozenset())
    job = scan_run.job_of(cloud, place, point, order, params["IamRoleArn"])
    job.base_arn, job.end = base, _end(cloud, point, params.get("ContinuousScanEndTime"))
    job.token = params.get("IdempotencyToken")
    scan_run.begin(cloud, place, job)
    return job


def _check_point(cloud: Cloud, point: Point) -> None:
    if not kind_named(point.resource_type).scannable:
        refuse(_BAD_REQUEST, f"Malware scanning is not supported for {point.resource_type}")
    if point.status not in _READY:
        refuse(_BAD_REQUEST, f"Recovery point {point.arn} is {point.status} and cannot be scanned now")
    if point.continuous and not cloud.choices.continuous_points_scannable:
        refuse(_BAD_REQUEST, "Malware scanning is not supported for continuous recovery points")
    if point.storage_class == "COLD" and not cloud.choices.cold_points_scannable:
        refuse(_BAD_REQUEST, "Malware scanning is not supported for recovery points in cold storage")


def _check_base(cloud: Cloud, place: Place, point: Point, base: str | None) -> None:
    """Refuse a base that cannot be; one that is gone, or was never scanned, makes the scan a full one."""
    if point.continuous:
        refuse(_BAD_REQUEST, "An incremental scan of a continuous recovery point cannot be started on demand")
    if scan_scope.whole_only(place, point):
        refuse(_BAD_REQUEST, f"Incremental scans are not supported for recovery point {point.arn}")
    if base is None:
        if cloud.choices.incremental_scan_needs_base:
            refuse(_BAD_VALUE, "ScanBaseRecoveryPointArn is required for an incremental scan")
        return
    other = point_store.point_called(place, base)
    if other is None:
        return
    if other.resource_arn != point.resource_arn:
        refuse(_BAD_VALUE, "The base recovery point is of another resource than the target recovery point")
    if other is point or other.created > point.created:
        refuse(_BAD_VALUE, "The target recovery point must have been created after the base recovery point")


def _end(cloud: Cloud, point: Point, asked: datetime | None) -> datetime | None:
    """Up to which moment a continuous point is scanned: as asked, or until now."""
    if asked is None:
        return cloud.clock.now() if point.continuous else None
    if not point.continuous:
        refuse(_BAD_VALUE, "ContinuousScanEndTime can be given for a continuous recovery point only")
    if asked > cloud.clock.now():
        refuse(_BAD_VALUE, f"ContinuousScanEndTime {asked.isoformat()} is in the future")
    if point.history and asked < point.history[0][0]:
        refuse(_BAD_VALUE, f"ContinuousScanEndTime {asked.isoformat()} is before the earliest restorable time")
    return asked


@answers("DescribeScanJob", source=_SOURCE)
def _describe(cloud: Cloud, place: Place, params: Document) -> Document:
    found = place.scan_jobs.get(params["ScanJobId"])
    if found is None or gone(found, cloud.clock.now()):
        refuse("ResourceNotFoundException", f"Scan job {params['ScanJobId']} cannot be found.")
    return shown(cloud, place, found)


@answers("ListScanJobs", source=_SOURCE)
def _list(cloud: Cloud, place: Place, params: Document) -> Document:
    there = organizations.places(cloud, place, params.get("ByAccountId"))
    now = cloud.clock.now()
    return newest_first(
        cloud,
        place,
        "ListScanJobs",
        params,
        [(each, each.scan_jobs) for each in there],
        lambda job: not gone(job, now) and _asked_for(job, params),
        member="ScanJobs",
        show=lambda each, job: shown(cloud, each, job),
    )


def _asked_for(job: ScanJob, params: Document) -> bool:
    return (
        params.get("ByBackupVaultName", job.vault_name) == job.vault_name
        and params.get("ByMalwareScanner", job.scanner) == job.scanner
        and params.get("ByRecoveryPointArn", job.point_arn) == job.point_arn
        and params.get("ByResourceArn", job.resource_arn) == job.resource_arn
        and params.get("ByResourceType", job.resource_type) == job.resource_type
        and params.get("ByScanResultStatus", job.result) == job.result
        and params.get("ByState", job.state) == job.state
        and within(params, "ByCompleteAfter", "ByCompleteBefore", job.completed)
    )
