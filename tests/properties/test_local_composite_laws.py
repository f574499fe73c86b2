"""Laws of composites and of air-gapped targets: whatever happens, nothing is orphaned and nothing is lost."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from backupkit import errors
from backupkit.emulator import LocalService

ACCOUNT, REGION = "123456789012", "us-east-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/backup"
VAULT = f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:"
INNER = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/inner/4f2c9d60-1111-4222-8333-0123456789ab"
OUTER = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/outer/4f2c9d60-1111-4222-8333-0123456789ac"
CLUSTER = f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/web"
VOLUME = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-0f1e2d3c4b5a69788"
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
FILES = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/fs-0a1b2c3d"
STANDARD = ("prod", "copies")

WHOLES = st.sampled_from([INNER, OUTER, CLUSTER])
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["back up", "delete", "delete", "disassociate", "copy"]),
        st.integers(0, 30),
        st.sampled_from([0, 1, 60, 600, 600, 2 * 86_400]),
    ),
    min_size=1,
    max_size=14,
)


class World:
    def __init__(self) -> None:
        self.service = LocalService(seed=3)
        for arn in (VOLUME, TABLE, FILES):
            self.service.resources.add(arn)
        self.service.resources.add(INNER, members={"Orders": TABLE})
        self.service.resources.add(OUTER, members={"Inner": INNER, "Data": VOLUME})
        self.service.resources.add(CLUSTER, members={"pv": FILES})
        for name in STANDARD:
            self.call("CreateBackupVault", BackupVaultName=name)

    def call(self, operation: str, **params: Any) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.service.call(operation, params))
        return answer

    def tried(self, operation: str, **params: Any) -> None:
        """Call; AWS may refuse what comes at the wrong time, and with these codes only."""
        try:
            self.call(operation, **params)
        except errors.ServiceError as error:
            if error.code not in {"InvalidRequestException", "InvalidResourceStateException"}:
                raise

    def points(self, vault: str) -> dict[str, dict[str, Any]]:
        found = self.call("ListRecoveryPointsByBackupVault", BackupVaultName=vault, MaxResults=1000)["RecoveryPoints"]
        return {point["RecoveryPointArn"]: point for point in found}

    def back_up(self, arn: str) -> None:
        keep = {"DeleteAfterDays": 4}
        self.call("StartBackupJob", BackupVaultName="prod", ResourceArn=arn, IamRoleArn=ROLE, Lifecycle=keep)

    def step(self, action: str, number: int) -> None:
        if action == "back up":
            self.back_up([INNER, OUTER, CLUSTER, VOLUME][number % 4])
        elif found := sorted(self.points("prod")):
            self._about(action, found[number % len(found)])

    def _about(self, action: str, arn: str) -> None:
        if action == "copy":
            asked = {"SourceBackupVaultName": "prod", "RecoveryPointArn": arn, "IamRoleArn": ROLE}
            self.tried("StartCopyJob", **asked, DestinationBackupVaultArn=f"{VAULT}copies")
            return
        operation = {"delete": "DeleteRecoveryPoint", "disassociate": "DisassociateRecoveryPointFromParent"}[action]
        self.tried(operation, BackupVaultName="prod", RecoveryPointArn=arn)


def hold_together(points: dict[str, dict[str, Any]], before: dict[str, dict[str, Any]], let_go: bool) -> None:
    """Every finished nested point names a composite that is there, and leaves it by being disassociated only."""
    for arn, point in points.items():
        parent = point.get("ParentRecoveryPointArn")
        if parent is not None and point["Status"] != "CREATING":
            assert points[parent]["IsParent"]
        was = before.get(arn, {})
        if was.get("Status") == "COMPLETED" and not let_go:
            assert was.get("ParentRecoveryPointArn") in {None, parent}


@settings(max_examples=60, deadline=None)
@given(WHOLES, STEPS)
def test_a_nested_point_always_has_its_composite_and_both_end(whole: str, steps: list[tuple[str, int, int]]) -> None:
    """Whatever is deleted, copied or disassociated when: no nested point is orphaned, and in time all expire."""
    world = World()
    world.back_up(whole)
    world.service.clock.advance(minutes=10)
    seen: dict[str, dict[str, dict[str, Any]]] = {vault: {} for vault in STANDARD}
    for action, number, seconds in steps:
        world.step(action, number)
        world.service.clock.advance(seconds=seconds)
        for vault in STANDARD:
            points = world.points(vault)
            hold_together(points, seen[vault], let_go=action == "disassociate")
            seen[vault] = points
    world.service.clock.advance(days=6)
    for vault in STANDARD:
        assert world.points(vault) == {}
    assert all("CompletionDate" in job for job in world.call("ListBackupJobs", MaxResults=1000)["BackupJobs"])
    assert all("CompletionDate" in job for job in world.call("ListCopyJobs", MaxResults=1000)["CopyJobs"])


@settings(max_examples=40, deadline=None)
@given(
    arn=st.sampled_from([VOLUME, FILES, TABLE, INNER]),
    days=st.integers(7, 40),
    moments=st.lists(st.integers(1, 3_600), max_size=6),
)
def test_once_a_backup_is_complete_a_point_is_there_until_its_retention_ends(
    arn: str, days: int, moments: list[int]
) -> None:
    """With an air-gapped target, in which vault ever, and though the role comes and goes while it is copied."""
    world = World()
    world.call("CreateLogicallyAirGappedBackupVault", BackupVaultName="gapped", MinRetentionDays=8, MaxRetentionDays=35)
    world.service.clock.advance(minutes=5)
    asked = {"BackupVaultName": "prod", "ResourceArn": arn, "IamRoleArn": ROLE, "Lifecycle": {"DeleteAfterDays": days}}
    gapped = {"LogicallyAirGappedBackupVaultArn": f"{VAULT}gapped"}
    job_id = world.call("StartBackupJob", **asked, **gapped)["BackupJobId"]
    job = world.call("DescribeBackupJob", BackupJobId=job_id)
    while "CompletionDate" not in job:
        world.service.clock.advance(seconds=20)
        job = world.call("DescribeBackupJob", BackupJobId=job_id)
    if job["State"] == "FAILED":
        assert arn in {FILES, TABLE}
        assert not 8 <= days <= 35
        return
    for number, moment in enumerate(moments):
        change = world.service.faults.deny if number % 2 == 0 else world.service.faults.admit
        change(ROLE)
        world.service.clock.advance(seconds=moment)
        assert world.points("prod") | world.points("gapped")
    world.service.faults.admit(ROLE)
    world.service.clock.advance(days=days - 1)
    assert world.points("prod") | world.points("gapped")
