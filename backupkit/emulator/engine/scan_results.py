"""What scans found: told with the point, and for a moment of a continuous one.

Sources: the botocore model of ScanResult, AggregatedScanResult and GetPITRMalwareScanResults.
"""

from __future__ import annotations

from collections.abc import Sequence

from backupkit.emulator.kernel.operations import operation, raise_api_error
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, Point, RegionScope, Scan
from backupkit.emulator.rules import point_store

__all__ = ["aggregated", "each"]

_MOST = 5
"""Results that a point tells at most (botocore model)."""


def each(scope: RegionScope, point: Point) -> Document:
    """What DescribeRecoveryPoint tells: the newest results, the newest first."""
    told = [
        {
            "MalwareScanner": scan.scanner,
            "ScanJobState": scan.state,
            "LastScanTimestamp": scan.ended,
            "Findings": _findings([scan]),
        }
        for scan in _latest(scope, point)
    ]
    return {"ScanResults": told} if told else {}


def aggregated(scope: RegionScope, point: Point) -> Document:
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
        raise_api_error(
            "InvalidParameterValueException", f"Recovery point {point.arn} is not a continuous recovery point"
        )
    if moment > simulation.clock.now():
        raise_api_error("InvalidParameterValueException", f"ScanEndTime {moment.isoformat()} is in the future")
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
    return {"ScanEndTime": moment, **(_told(scan) if scan is not None else {"ScanResult": _status("UNKNOWN")})}


def _told(scan: Scan) -> Document:
    return {
        "ScanResult": _status("THREATS_FOUND" if scan.malware else "NO_THREATS_FOUND"),
        "LastScanJobTime": scan.ended,
        "ScanId": scan.scan_id,
        "ScanMode": scan.mode,
    }


def _status(status: str) -> Document:
    return {"ScanResultStatus": status}
