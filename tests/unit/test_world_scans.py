"""Malware and items in real buckets and volumes behind a session, as scans and indexes find them."""

from __future__ import annotations

import os
from typing import Any

import pytest
from local_stage import ROLE, Stage

from backupkit.emulator.kernel.resource_protocol import TEST_MALWARE, inspected
from backupkit.emulator.resources.session import SessionWorld, private_moto_session
from backupkit.emulator.resources.types.ebs import VolumeContent
from backupkit.emulator.resources.worlds import Worlds

BLOCK = 524_288


@pytest.fixture
def session() -> Any:
    return private_moto_session("us-east-1")


@pytest.fixture
def stage(session: Any) -> Stage:
    return Stage(Worlds(SessionWorld(session, types=["S3"])))


def full_scan(stage: Stage, point: str) -> str:
    asked = {"MalwareScanner": "GUARDDUTY", "ScanMode": "FULL_SCAN", "IamRoleArn": ROLE, "ScannerRoleArn": ROLE}
    started = stage.call("StartScanJob", BackupVaultName="prod", RecoveryPointArn=point, **asked)
    ended = stage.ended(lambda: stage.call("DescribeScanJob", ScanJobId=started["ScanJobId"]), "State")
    result: str = ended["ScanResult"]["ScanResultStatus"]
    return result


def test_an_object_with_the_eicar_text_is_malware_and_every_version_is_an_item(stage, session):
    """The points of a real bucket are clean before such an object is put into it, and infected after."""
    bucket, client = f"scanned-{os.getpid()}", session.client("s3")
    client.create_bucket(Bucket=bucket)
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for body in (b"one", b"two"):
        client.put_object(Bucket=bucket, Key="note", Body=body)
    clean = stage.back_up(f"arn:aws:s3:::{bucket}", Index="ENABLED")["RecoveryPointArn"]
    client.put_object(Bucket=bucket, Key="letter", Body=b"Dear all,\n" + TEST_MALWARE)
    infected = stage.back_up(f"arn:aws:s3:::{bucket}")["RecoveryPointArn"]
    assert [full_scan(stage, point) for point in (clean, infected)] == ["NO_THREATS_FOUND", "THREATS_FOUND"]
    told = stage.call("GetRecoveryPointIndexDetails", BackupVaultName="prod", RecoveryPointArn=clean)
    assert told["TotalItemsIndexed"] == 2


@pytest.mark.parametrize("before", [b"", b"\0" * 100, b"\0" * (BLOCK - 20)])
def test_malware_on_a_volume_is_found_across_its_blocks(before):
    """Wherever in a volume the text stands, also where a block ends in it."""
    data = (before + TEST_MALWARE).ljust(2 * BLOCK, b"\0")
    volume = VolumeContent(1, {5: data[:BLOCK], 6: data[BLOCK:]}, encrypted=False, kms_key_id=None)
    found = inspected(volume)
    assert found is not None
    assert (found.items, found.malware) == (None, {"block 5"})
