"""A small local AWS Backup to play on: one vault, and short ways to call."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from backupkit.emulator.kernel.behavior import Choices
from backupkit.emulator.kernel.resource_protocol import World
from backupkit.emulator.resources.synthetic import SyntheticWorld
from backupkit.emulator.service import LocalService

ACCOUNT, REGION = "123456789012", "us-east-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/backup"
START = datetime(2026, 1, 1, tzinfo=UTC)


def table_arn(name: str, region: str = REGION) -> str:
    return f"arn:aws:dynamodb:{region}:{ACCOUNT}:table/{name}"


def vault_arn(name: str, region: str = REGION, account: str = ACCOUNT) -> str:
    return f"arn:aws:backup:{region}:{account}:backup-vault:{name}"


def any_tag(key: str, value: str) -> dict[str, Any]:
    return {"ListOfTags": [{"ConditionType": "STRINGEQUALS", "ConditionKey": key, "ConditionValue": value}]}


class Stage:
    def __init__(self, world: World | None = None, *, start: datetime = START, choices: Choices | None = None) -> None:
        self.service = LocalService(start=start, seed=1, world=world, choices=choices)
        self.clock = self.service.clock
        self.call("CreateBackupVault", BackupVaultName="prod")

    @property
    def world(self) -> SyntheticWorld:
        assert isinstance(self.service.resources, SyntheticWorld)
        return self.service.resources

    def call(self, operation: str, /, **params: Any) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.service.call(operation, params))
        return answer

    def every(self, operation: str, member: str, /, **params: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            page = self.call(operation, **params)
            found += page[member]
            if "NextToken" not in page:
                return found
            params["NextToken"] = page["NextToken"]

    def plan(self, *rules: dict[str, Any], **selection: Any) -> str:
        document = {"BackupPlanName": "plan", "Rules": [{"TargetBackupVaultName": "prod", **rule} for rule in rules]}
        plan_id: str = self.call("CreateBackupPlan", BackupPlan=document)["BackupPlanId"]
        chosen = selection or {"Resources": ["*"]}
        self.call(
            "CreateBackupSelection",
            BackupPlanId=plan_id,
            BackupSelection={"SelectionName": "all", "IamRoleArn": ROLE, **chosen},
        )
        return plan_id

    def start(self, arn: str, /, **more: Any) -> str:
        asked = {"BackupVaultName": "prod", "ResourceArn": arn, "IamRoleArn": ROLE, **more}
        job_id: str = self.call("StartBackupJob", **asked)["BackupJobId"]
        return job_id

    def job(self, job_id: str) -> dict[str, Any]:
        return self.call("DescribeBackupJob", BackupJobId=job_id)

    def back_up(self, arn: str, /, **more: Any) -> dict[str, Any]:
        """Back up and wait; the job, which may have failed."""
        job_id = self.start(arn, **more)
        return self.ended(lambda: self.job(job_id), "State")

    def ended(self, look: Any, member: str) -> dict[str, Any]:
        for _ in range(2000):
            job: dict[str, Any] = look()
            if job[member] in {"COMPLETED", "COMPLETED_WITH_ISSUES", "FAILED", "EXPIRED", "ABORTED"}:
                return job
            self.clock.advance(minutes=1)
        raise AssertionError(f"it never ended: {job}")

    def restore(self, point_arn: str, /, metadata: dict[str, str], **more: Any) -> dict[str, Any]:
        started = self.call("StartRestoreJob", RecoveryPointArn=point_arn, Metadata=metadata, IamRoleArn=ROLE, **more)
        return self.ended(lambda: self.call("DescribeRestoreJob", **started), "Status")

    def points(self, vault: str = "prod", **filters: Any) -> list[dict[str, Any]]:
        return self.every("ListRecoveryPointsByBackupVault", "RecoveryPoints", BackupVaultName=vault, **filters)

    def point(self, arn: str, vault: str = "prod") -> dict[str, Any]:
        return self.call("DescribeRecoveryPoint", BackupVaultName=vault, RecoveryPointArn=arn)

    def jobs(self, **filters: Any) -> list[dict[str, Any]]:
        return self.every("ListBackupJobs", "BackupJobs", **filters)

    def tiers(self) -> Counter[tuple[str, str]]:
        return Counter(
            (point["Status"], self.point(point["RecoveryPointArn"])["StorageClass"]) for point in self.points()
        )


def when(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)


def day(number: float) -> timedelta:
    return timedelta(days=number)
