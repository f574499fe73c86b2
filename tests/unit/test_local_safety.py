"""What is kept is not lost, whatever else happens to it at the same time."""

from __future__ import annotations

from datetime import datetime

import pytest
from local_stage import ACCOUNT, ROLE, Stage, vault_arn

from backupkit import errors
from backupkit.emulator.kernel.behavior import Choices
from backupkit.emulator.kernel.resource_protocol import Captured, WorldError
from backupkit.emulator.resources.synthetic import SyntheticWorld

BUCKET = "arn:aws:s3:::photos"
DATABASE = f"arn:aws:rds:us-east-1:{ACCOUNT}:db:shop"
VOLUME = f"arn:aws:ec2:us-east-1:{ACCOUNT}:volume/vol-0f1e2d3c4b5a69788"
STACK = f"arn:aws:cloudformation:us-east-1:{ACCOUNT}:stack/shop/4f2c9d60-1111-4222-8333-0123456789ab"
CLUSTER = f"arn:aws:eks:us-east-1:{ACCOUNT}:cluster/web"


def continuous(arn: str, *, days: int = 35, size: int = 100_000_000_000, world: SyntheticWorld | None = None) -> Stage:
    stage = Stage(world)
    stage.world.add(arn, size_bytes=size)
    stage.plan(
        {
            "RuleName": "continuous",
            "EnableContinuousBackup": True,
            "ScheduleExpression": "cron(0 5 ? * * *)",
            "StartWindowMinutes": 60,
            "Lifecycle": {"DeleteAfterDays": days},
        }
    )
    return stage


def running(stage: Stage, operation: str = "ListBackupJobs", member: str = "BackupJobs") -> dict[str, str]:
    """Wait until a job runs."""
    for _ in range(2000):
        found = [job for job in stage.every(operation, member) if job["State"] == "RUNNING"]
        if found:
            return found[0]
        stage.clock.advance(minutes=1)
    raise AssertionError("no job ever ran")


def composite(arn: str, choices: Choices | None = None) -> tuple[Stage, str]:
    """A composite of a large volume, and the ARN of its point."""
    stage = Stage(choices=choices)
    stage.world.add(VOLUME, size_bytes=500_000_000_000)
    stage.world.add(arn, members={"data": VOLUME})
    job_id = stage.start(arn)
    stage.clock.advance(hours=3)
    job = stage.job(job_id)
    assert job["State"] == "COMPLETED"
    return stage, job["RecoveryPointArn"]


def refusal(stage: Stage, operation: str, **params: str) -> str:
    with pytest.raises(errors.ServiceError) as caught:
        stage.call(operation, **params)
    return caught.value.code


@pytest.mark.parametrize("arn", [BUCKET, DATABASE])
def test_a_continuous_point_is_not_let_go_while_a_job_brings_it_up_to_date(arn: str) -> None:
    """Otherwise the job would complete with a point that is not there, or is STOPPED and AVAILABLE at once."""
    stage = continuous(arn)
    stage.clock.advance(days=1, hours=4)
    job = running(stage)
    [point] = stage.points()
    named = {"BackupVaultName": "prod", "RecoveryPointArn": point["RecoveryPointArn"]}
    assert refusal(stage, "DisassociateRecoveryPoint", **named) == "InvalidResourceStateException"
    stage.clock.advance(hours=3)
    assert stage.job(job["BackupJobId"])["State"] == "COMPLETED"
    assert [each["Status"] for each in stage.points()] == ["AVAILABLE"]
    stage.call("DisassociateRecoveryPoint", **named)


def test_a_continuous_point_does_not_expire_under_the_job_that_brings_it_up_to_date() -> None:
    """A job that completes leaves a point, also where it takes longer than the retention that was left."""
    stage = continuous(BUCKET, days=1, size=10_000_000_000_000)
    for _ in range(40):
        stage.clock.advance(hours=6)
        for job in stage.jobs(ByState="COMPLETED")[:1]:
            assert job["RecoveryPointArn"] in {point["RecoveryPointArn"] for point in stage.points()}


def test_a_restore_while_a_job_runs_does_not_turn_a_continuous_point_back() -> None:
    """What the restore saw is newer than what the job captured before it, and stays what its moment restores."""
    stage = continuous(BUCKET)
    stage.clock.advance(days=1, hours=4)
    running(stage)
    stage.world.tag(BUCKET, colour="new")
    [point] = stage.points()
    moment = f"{stage.clock.now():%Y-%m-%dT%H:%M:%SZ}"
    during = stage.restore(
        point["RecoveryPointArn"], {"destinationBucketName": "one", "newBucket": "true", "RestoreTime": moment}
    )
    assert during["Status"] == "COMPLETED"
    stage.clock.advance(hours=2)
    kept = stage.service.simulation.scope(ACCOUNT, "us-east-1").vaults["prod"].points[point["RecoveryPointArn"]]
    moments = [when for when, _ in kept.history]
    assert moments == sorted(moments)
    assert kept.content is kept.history[-1][1]


class Closed(SyntheticWorld):
    """A world whose resources cannot be looked at from some time on."""

    closed = False

    def capture(self, arn: str, account_id: str, region_name: str, now: datetime) -> Captured:
        if self.closed:
            raise WorldError("Access denied")
        return super().capture(arn, account_id, region_name, now)


def test_a_continuous_point_restores_what_it_holds_though_its_resource_cannot_be_looked_at() -> None:
    """A lost role or a broken bucket is when the backup is needed."""
    world = Closed()
    stage = continuous(BUCKET, world=world)
    stage.clock.advance(days=2)
    world.closed = True
    [point] = stage.points()
    moment = f"{stage.clock.now():%Y-%m-%dT%H:%M:%SZ}"
    metadata = {"destinationBucketName": "one", "newBucket": "true", "RestoreTime": moment}
    assert stage.restore(point["RecoveryPointArn"], metadata)["Status"] == "COMPLETED"


def test_a_composite_whose_vault_is_gone_before_its_copy_ends_fails() -> None:
    """The parent job says that the vault does not exist, like the copies that were under way."""
    stage, parent = composite(STACK)
    stage.call("CreateBackupVault", BackupVaultName="other")
    named = {"SourceBackupVaultName": "prod", "DestinationBackupVaultArn": vault_arn("other"), "IamRoleArn": ROLE}
    job_id = stage.call("StartCopyJob", RecoveryPointArn=parent, **named)["CopyJobId"]
    while not stage.points("other"):
        stage.clock.advance(seconds=20)
    [arrived] = stage.points("other")
    stage.call("DeleteRecoveryPoint", BackupVaultName="other", RecoveryPointArn=arrived["RecoveryPointArn"])
    stage.clock.advance(minutes=3)
    stage.call("DeleteBackupVault", BackupVaultName="other")
    stage.clock.advance(hours=5)
    job = stage.call("DescribeCopyJob", CopyJobId=job_id)["CopyJob"]
    assert (job["State"], "does not exist" in job["StatusMessage"]) == ("FAILED", True)
    assert "RecoveryPointArn" in stage.point(parent)


def test_a_hold_takes_no_state_of_a_cluster_whose_composite_is_being_deleted() -> None:
    """The state goes with its composite; a hold that showed it would hold nothing a minute later."""
    stage, parent = composite(CLUSTER)
    [volume] = [point["RecoveryPointArn"] for point in stage.points() if point["ResourceType"] == "EBS"]
    stage.call("DisassociateRecoveryPointFromParent", BackupVaultName="prod", RecoveryPointArn=volume)
    hold = {"LegalHoldId": stage.call("CreateLegalHold", Title="t", Description="d")["LegalHoldId"]}
    stage.clock.advance(seconds=50)
    stage.call("DeleteRecoveryPoint", BackupVaultName="prod", RecoveryPointArn=parent)
    assert {point["Status"] for point in stage.points() if point["ResourceType"] == "EKS"} == {"DELETING"}
    stage.clock.advance(seconds=15)
    held = stage.every("ListRecoveryPointsByLegalHold", "RecoveryPoints", **hold)
    assert [point["RecoveryPointArn"] for point in held] == [volume]
    stage.clock.advance(minutes=5)
    assert [point["RecoveryPointArn"] for point in stage.points()] == [volume]


@pytest.mark.parametrize("locked", [False, True])
def test_an_emptied_composite_does_not_leave_a_locked_vault(locked: bool) -> None:
    """Where composites go with the last point nested in them, a lock keeps them all the same."""
    stage, _ = composite(STACK, Choices(emptied_composite_is_deleted=True))
    if locked:
        stage.call("PutBackupVaultLockConfiguration", BackupVaultName="prod", MinRetentionDays=1)
    nested = [point["RecoveryPointArn"] for point in stage.points() if not point["IsParent"]]
    for arn in nested:
        stage.call("DisassociateRecoveryPointFromParent", BackupVaultName="prod", RecoveryPointArn=arn)
    assert any(point["IsParent"] for point in stage.points()) is locked


def test_a_token_of_a_standard_vault_makes_no_air_gapped_one() -> None:
    """Who asks for a locked vault is never answered one that is not locked."""
    stage = Stage()
    stage.call("CreateBackupVault", BackupVaultName="copies", CreatorRequestId="once")
    with pytest.raises(errors.AlreadyExistsError):
        stage.call(
            "CreateLogicallyAirGappedBackupVault",
            BackupVaultName="copies",
            CreatorRequestId="once",
            MinRetentionDays=7,
            MaxRetentionDays=30,
        )


def test_two_points_of_a_cluster_in_one_second_are_two_points() -> None:
    """Their ARNs tell no more than the second; in one vault the second would otherwise take the place of the first."""
    stage, first = composite(CLUSTER)
    second = stage.back_up(CLUSTER)["RecoveryPointArn"]
    stage.call("CreateBackupVault", BackupVaultName="other")
    named = {"SourceBackupVaultName": "prod", "DestinationBackupVaultArn": vault_arn("other"), "IamRoleArn": ROLE}
    for _ in range(60):
        for arn in (first, second):
            stage.call("StartCopyJob", RecoveryPointArn=arn, **named)
    stage.clock.advance(hours=3)
    copies = stage.every("ListCopyJobs", "CopyJobs")
    assert {copy["State"] for copy in copies} == {"COMPLETED"}
    arrived = {copy["DestinationRecoveryPointArn"] for copy in copies}
    assert len(arrived) == len(copies)
    assert arrived == {point["RecoveryPointArn"] for point in stage.points("other")}


def test_the_composite_of_a_cluster_is_not_empty_as_long_as_it_has_the_state() -> None:
    """Where composites go with the last point nested in them, taking out a volume does not delete the state."""
    stage, parent = composite(CLUSTER, Choices(emptied_composite_is_deleted=True))
    [volume] = [point["RecoveryPointArn"] for point in stage.points() if point["ResourceType"] == "EBS"]
    stage.call("DisassociateRecoveryPointFromParent", BackupVaultName="prod", RecoveryPointArn=volume)
    stage.clock.advance(days=1)
    assert sum(point["ResourceType"] == "EKS" for point in stage.points()) == 2
    assert stage.point(parent)["Status"] == "PARTIAL"


def test_the_state_of_a_cluster_is_kept_as_long_as_its_composite_and_no_shorter() -> None:
    """Its lifecycle is its composite's: it is not changed alone, and tells what the composite's was changed to."""
    stage, parent = composite(CLUSTER)
    nested = stage.points(ByParentRecoveryPointArn=parent)
    [state] = [point["RecoveryPointArn"] for point in nested if point["ResourceType"] == "EKS"]
    named = {"BackupVaultName": "prod", "RecoveryPointArn": state, "Lifecycle": {"DeleteAfterDays": 1}}
    with pytest.raises(errors.ServiceError, match="without its parent"):
        stage.call("UpdateRecoveryPointLifecycle", **named)
    stage.call(
        "UpdateRecoveryPointLifecycle", **{**named, "RecoveryPointArn": parent, "Lifecycle": {"DeleteAfterDays": 9}}
    )
    assert stage.point(state)["Lifecycle"] == stage.point(parent)["Lifecycle"] == {"DeleteAfterDays": 9}


def test_a_door_to_a_point_that_is_being_deleted_never_opens() -> None:
    """Where access points keep their points from AVAILABLE on, one that comes too late says so, and keeps nothing."""
    stage = Stage(choices=Choices(access_point_protects_at_once=False))
    stage.world.add(BUCKET)
    point = stage.back_up(BUCKET)["RecoveryPointArn"]
    made = stage.call("CreateBackupAccessPoint", Name="photos-reader", RecoveryPointArn=point)
    stage.clock.advance(seconds=50)
    stage.call("DeleteRecoveryPoint", BackupVaultName="prod", RecoveryPointArn=point)
    stage.clock.advance(seconds=15)
    assert stage.point(point)["Status"] == "DELETING"
    door = stage.call("DescribeBackupAccessPoint", AccessPointArn=made["AccessPointArn"])
    assert (door["Status"], "cannot be found" in door["StatusMessage"]) == ("FAILED", True)
    stage.clock.advance(minutes=5)
    assert stage.points() == []
