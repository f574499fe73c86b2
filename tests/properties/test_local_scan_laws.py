"""Laws of malware scans: what they find follows from what each point held, whatever happened between the backups."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from backupkit.emulator import LocalService

VOLUME = "arn:aws:ec2:us-east-1:123456789012:volume/vol-0123456789abcdef0"
ROLE = "arn:aws:iam::123456789012:role/backup"
ITEMS = st.frozensets(st.sampled_from("abc"))
"""The malware that is in the volume at one backup."""


def called(service: LocalService, operation: str, **params: Any) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(service.call(operation, params))
    return answer


def backed_up(service: LocalService, items: frozenset[str]) -> str:
    """A point of the volume with exactly this malware in it."""
    service.resources.disinfect(VOLUME)
    for item in items:
        service.resources.infect(VOLUME, item)
    asked = {"BackupVaultName": "prod", "ResourceArn": VOLUME, "IamRoleArn": ROLE}
    job = called(service, "StartBackupJob", **asked)["BackupJobId"]
    service.clock.advance(minutes=10)
    point: str = called(service, "DescribeBackupJob", BackupJobId=job)["RecoveryPointArn"]
    return point


def infected(service: LocalService, point: str, base: str | None = None) -> bool:
    mode = {"ScanMode": "FULL_SCAN"}
    if base is not None:
        mode = {"ScanMode": "INCREMENTAL_SCAN", "ScanBaseRecoveryPointArn": base}
    named = {"BackupVaultName": "prod", "RecoveryPointArn": point, "MalwareScanner": "GUARDDUTY"}
    job = called(service, "StartScanJob", **named, **mode, IamRoleArn=ROLE, ScannerRoleArn=ROLE)["ScanJobId"]
    service.clock.advance(minutes=10)
    ended = called(service, "DescribeScanJob", ScanJobId=job)
    assert ended["State"] == "COMPLETED"
    found: bool = ended["ScanResult"]["ScanResultStatus"] == "THREATS_FOUND"
    return found


def stage() -> LocalService:
    service = LocalService()
    called(service, "CreateBackupVault", BackupVaultName="prod")
    service.resources.add(VOLUME)
    return service


@settings(max_examples=30, deadline=None)
@given(st.lists(ITEMS, min_size=1, max_size=5))
def test_a_full_scan_finds_malware_exactly_in_the_points_that_hold_some(held):
    """In whatever order the points are scanned, each answers for itself alone."""
    service = stage()
    points = [backed_up(service, items) for items in held]
    found = [infected(service, point) for point in reversed(points)]
    assert found[::-1] == [bool(items) for items in held]


@settings(max_examples=30, deadline=None)
@given(st.lists(ITEMS, min_size=2, max_size=5))
def test_a_chain_of_incremental_scans_misses_nothing_that_full_scans_find(held):
    """As long as each builds on the scan before it and none is older than ninety days."""
    service = stage()
    points = [backed_up(service, items) for items in held]
    found = [infected(service, points[0])]
    found += [infected(service, point, base) for base, point in pairwise(points)]
    assert found == [bool(items) for items in held]


@settings(max_examples=30, deadline=None)
@given(ITEMS, ITEMS, st.booleans())
def test_an_incremental_scan_finds_what_is_new_or_was_found_of_late(before, after, of_late):
    """Beyond ninety days after the base's scan only the difference counts."""
    service = stage()
    base, point = backed_up(service, before), backed_up(service, after)
    infected(service, base)
    if not of_late:
        service.clock.advance(days=91)
    assert infected(service, point, base) == bool(after if of_late else after - before)
