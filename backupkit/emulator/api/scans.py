"""Malware scans: started on demand, and what they found, with the point and for a moment of a continuous one.

Sources: the botocore model of StartScanJob, ScanResult, AggregatedScanResult and GetPITRMalwareScanResults; the
developer guide, malware protection.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from backupkit.emulator.engine import scan_run
from backupkit.emulator.kernel.job_records import SCAN_JOBS
from backupkit.emulator.kernel.kinds import kind_named
from backupkit.emulator.kernel.operations import operation, raise_api_error, raise_invalid_request, raise_invalid_value
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, Point, RegionScope, Scan, ScanJob, ScanOrder
from backupkit.emulator.rules import point_store

__all__ = ["aggregated_results", "results_of"]

# ---- Results ----


_MOST = 5
"""Results that a point tells at most (botocore model)."""


def results_of(scope: RegionScope, point: Point) -> Document:
    """What DescribeRecoveryPoint tells: the newest results, the newest first."""
    results = [
        {
            "MalwareScanner": scan.scanner,
            "ScanJobState": scan.state,
            "LastScanTimestamp": scan.ended,
            "Findings": _findings([scan]),
        }
        for scan in _latest(scope, point)
    ]
    return {"ScanResults": results} if results else {}


def aggregated_results(scope: RegionScope, point: Point) -> Document:
    """What lists of points tell: the same results taken together."""
    scans = _latest(scope, point)
    if not scans:
        return {}
    return {
        "AggregatedScanResult": {
            "FailedScan": any(scan.state == "FAILED" for scan in scans),
            "Findings": _findings(scans),
            "LastComputed": scans[0].ended,
        }
    }


def _latest(scope: RegionScope, point: Point) -> Sequence[Scan]:
    return scope.scanned.get(point.arn, ())[: -_MOST - 1 : -1]


def _findings(scans: Sequence[Scan]) -> list[str]:
    return ["MALWARE"] if any(scan.malware for scan in scans) else []


@operation("GetPITRMalwareScanResults", source="botocore model")
def _of_moment(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    point, moment = (
        point_store.point_in(scope, params["BackupVaultName"], params["RecoveryPointArn"]),
        params["ScanEndTime"],
    )
    if not point.continuous:
        raise_invalid_value(f"Recovery point {point.arn} is not a continuous recovery point")
    if moment > simulation.clock.now():
        raise_invalid_value(f"ScanEndTime {moment.isoformat()} is in the future")
    covering = (
        scan
        for scan in reversed(scope.scanned.get(point.arn, ()))
        if scan.completed and scan.start is not None and scan.end is not None and scan.start <= moment <= scan.end
    )
    scan = next(covering, None)
    if scan is None and not simulation.choices.unscanned_moment_unknown:
        raise_api_error(
            "ResourceNotFoundException", f"No scan of recovery point {point.arn} covers {moment.isoformat()}"
        )
    return {"ScanEndTime": moment, **(_outcome(scan) if scan is not None else {"ScanResult": _status("UNKNOWN")})}


def _outcome(scan: Scan) -> Document:
    return {
        "ScanResult": _status("THREATS_FOUND" if scan.malware else "NO_THREATS_FOUND"),
        "LastScanJobTime": scan.ended,
        "ScanId": scan.scan_id,
        "ScanMode": scan.mode,
    }


def _status(status: str) -> Document:
    return {"ScanResultStatus": status}


# ---- Jobs ----


_SOURCE = "botocore model; developer guide, malware protection"
_READY = frozenset({"COMPLETED", "AVAILABLE", "STOPPED", "EXPIRED"})


@operation("StartScanJob", source=_SOURCE, missing="scans that are CANCELED")
def _start(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    token: str | None = params.get("IdempotencyToken")
    known_job = SCAN_JOBS.repeated(scope, token, simulation.clock.now())
    job = known_job if known_job is not None else _on_demand(simulation, scope, params)
    SCAN_JOBS.remember(scope, token, job)
    return {"ScanJobId": job.id, "CreationDate": job.created}


def _on_demand(simulation: Simulation, scope: RegionScope, params: Document) -> ScanJob:
    point = point_store.point_in(scope, params["BackupVaultName"], params["RecoveryPointArn"])
    _check_point(simulation, point)
    base: str | None = params.get("ScanBaseRecoveryPointArn")
    if params["ScanMode"] == scan_run.INCREMENTAL:
        _check_base(simulation, scope, point, base)
    elif base is not None:
        raise_invalid_value("ScanBaseRecoveryPointArn can be given for an incremental scan only")
    end = _end(simulation, point, params.get("ContinuousScanEndTime"))
    order = ScanOrder(params["MalwareScanner"], params["ScanMode"], params["ScannerRoleArn"], frozenset())
    job = scan_run.job_of(simulation, scope, point, order, params["IamRoleArn"])
    job.base_arn, job.end = base, end
    job.token = params.get("IdempotencyToken")
    scan_run.begin(simulation, scope, job)
    return job


def _check_point(simulation: Simulation, point: Point) -> None:
    if not kind_named(point.resource_type).scannable:
        raise_invalid_request(f"Malware scanning is not supported for {point.resource_type}")
    if point.status not in _READY:
        raise_invalid_request(f"Recovery point {point.arn} is {point.status} and cannot be scanned now")
    if point.continuous and not simulation.choices.continuous_points_scannable:
        raise_invalid_request("Malware scanning is not supported for continuous recovery points")
    if point.storage_class == "COLD":
        raise_invalid_request("Malware scanning is not supported for recovery points in cold storage")


def _check_base(simulation: Simulation, scope: RegionScope, point: Point, base: str | None) -> None:
    """Refuse a base that cannot be; one that is gone, or was never scanned, makes the scan a full one."""
    if point.continuous:
        raise_invalid_request("An incremental scan of a continuous recovery point cannot be started on demand")
    if scan_run.whole_only(scope, point):
        raise_invalid_request(f"Incremental scans are not supported for recovery point {point.arn}")
    if base is None:
        if simulation.choices.incremental_scan_needs_base:
            raise_invalid_value("ScanBaseRecoveryPointArn is required for an incremental scan")
        return
    other = point_store.point_called(scope, base)
    if other is None:
        return
    if other.resource_arn != point.resource_arn:
        raise_invalid_value("The base recovery point is of another resource than the target recovery point")
    if other is point or other.created > point.created:
        raise_invalid_value("The target recovery point must have been created after the base recovery point")


def _end(simulation: Simulation, point: Point, until: datetime | None) -> datetime | None:
    """Up to which moment a continuous point is scanned: as asked, or until now."""
    if until is None:
        return simulation.clock.now() if point.continuous else None
    if not point.continuous:
        raise_invalid_value("ContinuousScanEndTime can be given for a continuous recovery point only")
    if until > simulation.clock.now():
        raise_invalid_value(f"ContinuousScanEndTime {until.isoformat()} is in the future")
    if point.history and until < point.history[0][0]:
        raise_invalid_value(f"ContinuousScanEndTime {until.isoformat()} is before the earliest restorable time")
    return until
