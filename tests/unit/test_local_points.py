from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from local_stage import ACCOUNT, REGION, ROLE, START, Stage, day, table_arn, vault_arn, when

from backupkit.catalog import TYPES
from backupkit.emulator.kernel.behavior import Choices
from backupkit.errors import ConflictError, NotFoundError, RejectedError

TABLE = table_arn("orders")
HUGE = 10**14
OWN = f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:"
RDS = f"arn:aws:rds:{REGION}:{ACCOUNT}:"
UUID = r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}"


@pytest.fixture
def stage() -> Stage:
    made = Stage()
    made.world.add(TABLE, size_bytes=1000, tags={"Team": "platform"})
    return made


def point_of(stage: Stage, **more: Any) -> str:
    arn: str = stage.back_up(TABLE, **more)["RecoveryPointArn"]
    return arn


@pytest.mark.parametrize(
    ("arn", "shape"),
    [
        (f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-1", rf"arn:aws:ec2:{REGION}::image/ami-[0-9a-f]{{17}}"),
        (f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-1", rf"arn:aws:ec2:{REGION}::snapshot/snap-[0-9a-f]{{17}}"),
        (f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/fs-1", OWN + UUID),
        (f"{RDS}db:main", rf"{RDS}snapshot:awsbackup:job-{UUID}"),
        (f"{RDS}cluster:main", rf"{RDS}cluster-snapshot:awsbackup:job-{UUID}"),
        (TABLE, OWN + UUID),
        ("arn:aws:s3:::logs", OWN + r"logs-20260101000\d\d\d-[0-9a-f]{8}"),
        (
            f"arn:aws:fsx:{REGION}:{ACCOUNT}:file-system/fs-1",
            rf"arn:aws:fsx:{REGION}:{ACCOUNT}:backup/backup-[0-9a-f]+",
        ),
        (
            f"arn:aws:redshift:{REGION}:{ACCOUNT}:cluster:main",
            rf"arn:aws:redshift:{REGION}:{ACCOUNT}:snapshot:main/awsbackup:job-{UUID}",
        ),
        (f"arn:aws:timestream:{REGION}:{ACCOUNT}:database/d/table/t", OWN + UUID + "_beta"),
        (f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/main", OWN + r"composite:eks/main-20260101000\d\d\d"),
        (f"arn:aws:backup-gateway:{REGION}:{ACCOUNT}:vm/vm-1", OWN + UUID),
    ],
)
def test_points_of_each_type_have_its_arn(arn: str, shape: str) -> None:
    """A point's ARN has the shape that AWS gives to points of that type."""
    stage = Stage()
    stage.world.add(arn)
    point = stage.back_up(arn)["RecoveryPointArn"]
    assert re.fullmatch(shape, point), point


def test_points_of_a_multi_az_cluster_are_cluster_snapshots_never_continuous_and_never_copied() -> None:
    """RDS has no point-in-time recovery for them, and AWS Backup no copies (developer guide, feature availability)."""
    stage = Stage()
    cluster = f"{RDS}cluster:main"
    stage.world.add(cluster, resource_type="RDS")
    lifecycle = {"DeleteAfterDays": 7}
    rule = {"RuleName": "always", "ScheduleExpression": "cron(0 5 ? * * *)", "EnableContinuousBackup": True}
    stage.plan({**rule, "Lifecycle": lifecycle}, Resources=[cluster])
    stage.clock.advance(days=1, hours=6)
    points = stage.every("ListRecoveryPointsByBackupVault", "RecoveryPoints", BackupVaultName="prod")
    assert points
    assert all(":cluster-snapshot:awsbackup:job-" in each["RecoveryPointArn"] for each in points)
    assert not TYPES["RDS"].copies_point(points[0]["RecoveryPointArn"])


def test_a_table_without_advanced_features_has_the_services_own_point() -> None:
    """DynamoDB's basic points are the service's backups: no cold storage, no copies."""
    stage = Stage()
    stage.world.add(TABLE)
    stage.call("UpdateRegionSettings", ResourceTypeManagementPreference={"DynamoDB": False})
    arn = point_of(stage, Lifecycle={"MoveToColdStorageAfterDays": 1, "DeleteAfterDays": 100})
    assert re.fullmatch(rf"{TABLE}/backup/0\d+-[0-9a-f]{{8}}", arn)
    stage.clock.advance(days=5)
    assert stage.point(arn)["StorageClass"] == "WARM"


def test_retention_counts_from_the_day_of_the_backup(stage: Stage) -> None:
    """CalculatedLifecycle is the creation date and the days of the lifecycle."""
    arn = point_of(stage, Lifecycle={"MoveToColdStorageAfterDays": 7, "DeleteAfterDays": 97})
    point = stage.point(arn)
    made = when(point["CreationDate"])
    told = point["CalculatedLifecycle"]
    assert (when(told["MoveToColdStorageAt"]), when(told["DeleteAt"])) == (made + day(7), made + day(97))
    assert point["Lifecycle"] == {"MoveToColdStorageAfterDays": 7, "DeleteAfterDays": 97}


def test_a_point_goes_cold_and_expires_within_eight_hours(stage: Stage) -> None:
    """WARM until its time, COLD after it, there until DeleteAt, and gone eight hours later."""
    arn = point_of(stage, Lifecycle={"MoveToColdStorageAfterDays": 7, "DeleteAfterDays": 97})
    told = stage.point(arn)["CalculatedLifecycle"]
    stage.clock.until(when(told["MoveToColdStorageAt"]) - timedelta(seconds=1))
    assert stage.point(arn)["StorageClass"] == "WARM"
    stage.clock.advance(seconds=1)
    assert stage.point(arn)["StorageClass"] == "COLD"
    stage.clock.until(when(told["DeleteAt"]))
    assert stage.point(arn)["Status"] == "COMPLETED"
    stage.clock.advance(hours=8)
    assert stage.points() == []
    with pytest.raises(NotFoundError):
        stage.point(arn)


def test_points_of_one_moment_expire_at_different_ones() -> None:
    """The moment of deletion is random for each point, and the same for each seed."""
    stage = Stage()
    for number in range(50):
        stage.world.add(table_arn(f"t{number}"))
    stage.plan({"RuleName": "once", "ScheduleExpression": "cron(0 5 1 1 ? *)", "Lifecycle": {"DeleteAfterDays": 1}})
    stage.clock.until(START + timedelta(days=1, hours=9))
    assert 10 < len(stage.points()) < 40


@pytest.mark.parametrize("lifecycle", [None, {"MoveToColdStorageAfterDays": -1, "DeleteAfterDays": -1}])
def test_a_point_without_retention_stays(stage: Stage, lifecycle: dict[str, int] | None) -> None:
    """No lifecycle, and -1 for both, keep a point forever."""
    arn = point_of(stage, **({"Lifecycle": lifecycle} if lifecycle else {}))
    stage.clock.advance(days=40_000)
    assert "CalculatedLifecycle" not in stage.point(arn)


def test_cold_storage_is_ignored_where_a_type_has_none() -> None:
    """An instance's point stays warm, without a word; a volume's goes cold only with the archive opt-in."""
    stage = Stage()
    instance, volume = (f"arn:aws:ec2:{REGION}:{ACCOUNT}:{name}" for name in ("instance/i-1", "volume/vol-1"))
    for arn in (instance, volume):
        stage.world.add(arn)
    lifecycle = {"MoveToColdStorageAfterDays": 1, "DeleteAfterDays": 100}
    archived = {**lifecycle, "OptInToArchiveForSupportedResources": True}
    points = [
        stage.back_up(arn, Lifecycle=asked)["RecoveryPointArn"]
        for arn, asked in ((instance, archived), (volume, lifecycle), (volume, archived))
    ]
    stage.clock.advance(days=2)
    assert [stage.point(arn)["StorageClass"] for arn in points] == ["WARM", "WARM", "COLD"]


def test_lists_filter_by_everything_that_the_api_has(stage: Stage) -> None:
    """Each filter keeps what it names; pages hold each point once."""
    database = f"{RDS}db:main"
    stage.world.add(database)
    first = point_of(stage)
    stage.clock.advance(days=2)
    second = stage.back_up(database)["RecoveryPointArn"]
    middle = START + day(1)

    def arns(**filters: Any) -> list[str]:
        return [point["RecoveryPointArn"] for point in stage.points(**filters)]

    assert arns() == arns(MaxResults=1) == [second, first]
    assert arns(ByResourceArn=TABLE) == arns(ByResourceType="DynamoDB") == arns(ByCreatedBefore=middle) == [first]
    assert arns(ByCreatedAfter=middle) == [second]
    assert arns(ByBackupPlanId="no-plan") == arns(ByParentRecoveryPointArn="x") == []


def test_points_of_a_resource_come_from_all_vaults(stage: Stage) -> None:
    """ListRecoveryPointsByResource shows them with BackupSizeBytes, its own spelling."""
    stage.call("CreateBackupVault", BackupVaultName="other")
    point_of(stage)
    point_of(stage, BackupVaultName="other")
    found = stage.every("ListRecoveryPointsByResource", "RecoveryPoints", ResourceArn=TABLE)
    assert {(point["BackupVaultName"], point["BackupSizeBytes"]) for point in found} == {
        ("prod", 1000),
        ("other", 1000),
    }
    assert stage.every("ListRecoveryPointsByResource", "RecoveryPoints", ResourceArn=table_arn("none")) == []


def test_deleting_takes_its_time(stage: Stage) -> None:
    """A deleted point is DELETING, then not found; deleting twice meanwhile is not an error."""
    arn = point_of(stage)
    for _ in range(2):
        stage.call("DeleteRecoveryPoint", BackupVaultName="prod", RecoveryPointArn=arn)
        assert stage.point(arn)["Status"] == "DELETING"
    stage.clock.advance(minutes=5)
    with pytest.raises(NotFoundError):
        stage.call("DeleteRecoveryPoint", BackupVaultName="prod", RecoveryPointArn=arn)
    stage.call("DeleteBackupVault", BackupVaultName="prod")


@pytest.mark.parametrize("lock", [{}, {"ChangeableForDays": 3}])
def test_a_locked_vault_lets_no_point_go(stage: Stage, lock: dict[str, int]) -> None:
    """Governance and compliance locks refuse deletion, a new lifecycle and letting go."""
    arn = point_of(stage, Lifecycle={"DeleteAfterDays": 10})
    stage.call("PutBackupVaultLockConfiguration", BackupVaultName="prod", MinRetentionDays=7, **lock)
    for operation in ("DeleteRecoveryPoint", "UpdateRecoveryPointLifecycle", "DisassociateRecoveryPoint"):
        with pytest.raises(RejectedError) as refused:
            stage.call(operation, BackupVaultName="prod", RecoveryPointArn=arn)
        assert refused.value.code == "InvalidRequestException"
    stage.clock.advance(days=10.5)
    assert stage.points() == []


def test_a_point_in_the_making_cannot_be_deleted(stage: Stage) -> None:
    """AWS answers that another action is running; that may pass."""
    stage.world.add(table_arn("big"), size_bytes=HUGE)
    stage.start(table_arn("big"))
    stage.clock.advance(minutes=5)
    (point,) = stage.points()
    assert point["Status"] == "CREATING"
    with pytest.raises(ConflictError):
        stage.call("DeleteRecoveryPoint", BackupVaultName="prod", RecoveryPointArn=point["RecoveryPointArn"])


def test_a_point_whose_role_is_gone_expires_and_stays(stage: Stage) -> None:
    """Without its role a point is not deleted but EXPIRED, and still there, by age and on request."""
    aged, deleted = point_of(stage, Lifecycle={"DeleteAfterDays": 1}), point_of(stage)
    stage.service.faults.deny(ROLE)
    stage.call("DeleteRecoveryPoint", BackupVaultName="prod", RecoveryPointArn=deleted)
    stage.clock.advance(days=2)
    assert {stage.point(arn)["Status"] for arn in (aged, deleted)} == {"EXPIRED"}
    stage.service.faults.admit(ROLE)
    stage.call("DeleteRecoveryPoint", BackupVaultName="prod", RecoveryPointArn=deleted)
    stage.clock.advance(minutes=5)
    assert [point["RecoveryPointArn"] for point in stage.points()] == [aged]


def test_a_point_that_is_expired_can_be_restored(stage: Stage) -> None:
    """What AWS Backup could not delete is kept whole, and billed: a restore still brings it back."""
    arn = point_of(stage)
    stage.service.faults.deny(ROLE)
    stage.call("DeleteRecoveryPoint", BackupVaultName="prod", RecoveryPointArn=arn)
    stage.clock.advance(minutes=5)
    assert stage.point(arn)["Status"] == "EXPIRED"
    stage.service.faults.admit(ROLE)
    assert stage.restore(arn, {"targetTableName": "back"})["Status"] == "COMPLETED"
    assert table_arn("back") in stage.world


def update(stage: Stage, arn: str, **lifecycle: int) -> Any:
    return stage.call("UpdateRecoveryPointLifecycle", BackupVaultName="prod", RecoveryPointArn=arn, Lifecycle=lifecycle)


def test_a_new_lifecycle_takes_the_place_of_the_old(stage: Stage) -> None:
    """What is left out is reset, and the new times count, earlier ones no longer."""
    arn = point_of(stage, Lifecycle={"MoveToColdStorageAfterDays": 7, "DeleteAfterDays": 97})
    answer = update(stage, arn, DeleteAfterDays=20)
    assert answer["Lifecycle"] == {"DeleteAfterDays": 20}
    stage.clock.advance(days=15)
    assert stage.point(arn)["StorageClass"] == "WARM"
    update(stage, arn, DeleteAfterDays=30)
    stage.clock.advance(days=10)
    assert stage.point(arn)["Status"] == "COMPLETED"
    stage.clock.advance(days=6)
    assert stage.points() == []


def test_a_lifecycle_with_minus_one_keeps_for_ever(stage: Stage) -> None:
    """-1 for both members removes a lifecycle."""
    arn = point_of(stage, Lifecycle={"DeleteAfterDays": 1})
    update(stage, arn, DeleteAfterDays=-1, MoveToColdStorageAfterDays=-1)
    stage.clock.advance(days=1000)
    assert "Lifecycle" not in stage.point(arn)


def test_a_lifecycle_that_aws_refuses_changes_nothing(stage: Stage) -> None:
    """Less than 90 days cold, a move in the past, and a changed move once cold are refused."""
    arn = point_of(stage, Lifecycle={"MoveToColdStorageAfterDays": 20, "DeleteAfterDays": 200})
    stage.clock.advance(days=10)
    for bad in ({"MoveToColdStorageAfterDays": 50, "DeleteAfterDays": 100}, {"MoveToColdStorageAfterDays": 10}):
        with pytest.raises(RejectedError):
            update(stage, arn, **bad)
    assert stage.point(arn)["Lifecycle"] == {"MoveToColdStorageAfterDays": 20, "DeleteAfterDays": 200}
    update(stage, arn, MoveToColdStorageAfterDays=11, DeleteAfterDays=200)
    stage.clock.advance(days=2)
    assert stage.point(arn)["StorageClass"] == "COLD"
    with pytest.raises(RejectedError):
        update(stage, arn, MoveToColdStorageAfterDays=12, DeleteAfterDays=200)
    update(stage, arn, MoveToColdStorageAfterDays=11, DeleteAfterDays=300)


def test_the_lifecycle_of_a_point_that_is_being_deleted_cannot_be_changed(stage: Stage) -> None:
    """The request is refused as the model has it, and the point goes."""
    arn = point_of(stage)
    stage.call("DeleteRecoveryPoint", BackupVaultName="prod", RecoveryPointArn=arn)
    with pytest.raises(RejectedError, match="DELETING") as refused:
        update(stage, arn, DeleteAfterDays=100)
    assert refused.value.code == "InvalidRequestException"
    stage.clock.advance(minutes=5)
    assert stage.points() == []


def test_protected_resources_are_those_with_points(stage: Stage) -> None:
    """Each is listed with its last backup, over all vaults or in one, and no more once its points are gone."""
    stage.call("CreateBackupVault", BackupVaultName="other")
    point_of(stage, Lifecycle={"DeleteAfterDays": 1})
    stage.clock.advance(hours=1)
    last = point_of(stage, BackupVaultName="other", Lifecycle={"DeleteAfterDays": 1})
    (told,) = stage.every("ListProtectedResources", "Results")
    assert (told["ResourceArn"], told["LastRecoveryPointArn"]) == (TABLE, last)
    assert told == stage.call("DescribeProtectedResource", ResourceArn=TABLE)
    in_vault = {"BackupVaultName": "prod"}
    (told,) = stage.every("ListProtectedResourcesByBackupVault", "Results", **in_vault)
    assert told["LastRecoveryPointArn"] != last
    stage.clock.advance(days=2)
    assert stage.every("ListProtectedResources", "Results") == []
    with pytest.raises(NotFoundError):
        stage.call("DescribeProtectedResource", ResourceArn=TABLE)


# Continuous points

BUCKET = "arn:aws:s3:::logs"
DATABASE = f"arn:aws:rds:{REGION}:{ACCOUNT}:db:main"
PITR = {"RuleName": "pitr", "EnableContinuousBackup": True, "Lifecycle": {"DeleteAfterDays": 5}}


def test_a_continuous_rule_keeps_one_rolling_point() -> None:
    """One point that stays while the rule runs, whatever its retention; other types get snapshots; then it goes."""
    stage = Stage()
    stage.world.add(BUCKET)
    stage.world.add(TABLE)
    plan_id = stage.plan(PITR)
    stage.clock.advance(days=30)
    (point,) = stage.points(ByResourceArn=BUCKET)
    assert point["Status"] == "AVAILABLE"
    assert point["RecoveryPointArn"].startswith(f"{OWN}continuous:logs-")
    assert len(stage.points(ByResourceArn=TABLE)) == 5
    with pytest.raises(RejectedError):
        update(stage, point["RecoveryPointArn"], DeleteAfterDays=3)
    (chosen,) = stage.call("ListBackupSelections", BackupPlanId=plan_id)["BackupSelectionsList"]
    stage.call("DeleteBackupSelection", BackupPlanId=plan_id, SelectionId=chosen["SelectionId"])
    stage.clock.advance(days=4)
    assert stage.points(ByResourceArn=BUCKET)
    stage.clock.advance(days=2)
    assert stage.points() == []


def test_a_continuous_point_gives_the_state_of_any_second() -> None:
    """Between two runs a bucket goes on changing, and its point tells every second of it, not only those of runs."""
    stage = Stage()
    stage.world.add(BUCKET, size_bytes=86_400_000, daily_change=1.0)
    stage.plan({**PITR, "ScheduleExpression": "cron(0 5 ? * * *)"})
    stage.clock.advance(days=4)
    (point,) = stage.points(ByResourceArn=BUCKET)
    sizes = []
    for number, second in enumerate((0, 1, 3_600)):
        moment = START + timedelta(days=2, seconds=second)
        asked = {"DestinationBucketName": f"logs-{number}", "RestoreTime": moment.isoformat()}
        made = stage.restore(point["RecoveryPointArn"], asked)
        sizes.append(stage.world[made["CreatedResourceArn"]].size_bytes)
    assert [size - sizes[0] for size in sizes] == [0, 1_000, 3_600_000]


def test_after_its_last_capture_a_continuous_point_knows_no_more() -> None:
    """What became of a bucket that was lost between two runs is not made up."""
    stage = Stage()
    stage.world.add(BUCKET, size_bytes=86_400_000, daily_change=1.0)
    stage.plan({**PITR, "ScheduleExpression": "cron(0 5 ? * * *)"})
    stage.clock.advance(days=2)
    stage.world.remove(BUCKET)
    (point,) = stage.points(ByResourceArn=BUCKET)
    sizes = set()
    for number, hours in enumerate((40, 47)):
        asked = {"DestinationBucketName": f"logs-{number}", "RestoreTime": (START + timedelta(hours=hours)).isoformat()}
        made = stage.restore(point["RecoveryPointArn"], asked)
        sizes.add(stage.world[made["CreatedResourceArn"]].size_bytes)
    assert len(sizes) == 1


def test_a_continuous_point_cannot_be_deleted_while_its_job_runs() -> None:
    """Deleting waits for the job that brings the point up to date; then it goes, and the next run begins another."""
    stage = Stage()
    stage.world.add(BUCKET, size_bytes=10**12)
    stage.plan(PITR)
    stage.clock.until(START + timedelta(days=1, hours=5, minutes=15))
    (point,) = stage.points()
    asked = {"BackupVaultName": "prod", "RecoveryPointArn": point["RecoveryPointArn"]}
    with pytest.raises(ConflictError):
        stage.call("DeleteRecoveryPoint", **asked)
    stage.clock.advance(hours=6)
    stage.call("DeleteRecoveryPoint", **asked)
    stage.clock.advance(days=1)
    (after,) = stage.points()
    assert after["RecoveryPointArn"] != point["RecoveryPointArn"]


def test_a_second_continuous_rule_elsewhere_takes_snapshots_and_says_so() -> None:
    """One continuous point for each resource: in another vault the job completes with issues."""
    stage = Stage()
    stage.world.add(BUCKET)
    stage.call("CreateBackupVault", BackupVaultName="other")
    other = {**PITR, "RuleName": "other", "ScheduleExpression": "cron(0 17 * * ? *)", "TargetBackupVaultName": "other"}
    stage.plan(PITR, other)
    stage.clock.advance(days=1)
    (job,) = stage.jobs(ByBackupVaultName="other")
    assert job["State"] == "COMPLETED"
    assert "PITR already configured in backup plan" in job["StatusMessage"]
    assert job["MessageCategory"] != "SUCCESS"
    assert ":continuous:" not in stage.points("other")[0]["RecoveryPointArn"]


@pytest.mark.parametrize("arn", [BUCKET, DATABASE])
@pytest.mark.parametrize("days", [(5, 14), (14, 5)])
def test_of_two_continuous_rules_in_one_vault_the_longer_retention_wins(arn: str, days: tuple[int, int]) -> None:
    """Both bring the one point up to date, whichever was first, and neither stops it nor makes it shorter."""
    stage = Stage()
    stage.world.add(arn)
    rules = [
        {
            **PITR,
            "RuleName": f"at-{hour}",
            "ScheduleExpression": f"cron(0 {hour} * * ? *)",
            "Lifecycle": {"DeleteAfterDays": kept},
        }
        for hour, kept in zip((5, 17), days, strict=True)
    ]
    stage.plan(*rules)
    stage.clock.advance(days=1, hours=3)
    for _ in range(4):
        (point,) = stage.points()
        assert (point["Status"], point["Lifecycle"]) == ("AVAILABLE", {"DeleteAfterDays": 14})
        stage.clock.advance(hours=12)


@pytest.mark.parametrize(("arn", "statuses"), [(BUCKET, ["AVAILABLE", "STOPPED"]), (DATABASE, ["AVAILABLE"])])
def test_a_new_retention_of_a_continuous_rule(arn: str, statuses: list[str]) -> None:
    """S3's point is STOPPED and another begins at the next run; a database's own point is kept as long from then on."""
    stage = Stage()
    stage.world.add(arn)
    plan_id = stage.plan(PITR)
    stage.clock.advance(days=2)
    rule = {**PITR, "TargetBackupVaultName": "prod", "Lifecycle": {"DeleteAfterDays": 20}}
    stage.call("UpdateBackupPlan", BackupPlanId=plan_id, BackupPlan={"BackupPlanName": "plan", "Rules": [rule]})
    stage.clock.advance(days=1)
    found = {point["Status"]: point["Lifecycle"]["DeleteAfterDays"] for point in stage.points()}
    assert sorted(found) == statuses
    assert found["AVAILABLE"] == 20
    assert found.get("STOPPED", 5) == 5


def test_a_continuous_point_cannot_be_restored_to_before_its_first_capture() -> None:
    """Its creation date is that of its first job, which captured the bucket some time later."""
    stage = Stage()
    stage.world.add(BUCKET)
    stage.plan(PITR)
    stage.clock.advance(days=1)
    (point,) = stage.points()
    assert point["CreationDate"] < point["InitiationDate"]
    metadata = {"DestinationBucketName": "early", "RestoreTime": when(point["CreationDate"]).isoformat()}
    job = stage.restore(point["RecoveryPointArn"], metadata)
    assert (job["Status"], "earliest restorable time" in job["StatusMessage"]) == ("FAILED", True)
    metadata["RestoreTime"] = when(point["InitiationDate"] + 1).isoformat()
    assert stage.restore(point["RecoveryPointArn"], metadata)["Status"] == "COMPLETED"


def test_a_continuous_point_that_is_stopped_knows_nothing_of_what_came_later() -> None:
    """A restore from it brings back the last that it captured, though the bucket went on growing."""
    stage = Stage()
    stage.world.add(BUCKET, size_bytes=86_400_000, daily_growth=1.0)
    stage.plan(PITR)
    stage.clock.advance(days=2)
    (point,) = stage.points()
    stage.call("DisassociateRecoveryPoint", BackupVaultName="prod", RecoveryPointArn=point["RecoveryPointArn"])
    stage.clock.advance(days=2)
    metadata = {"DestinationBucketName": "stopped", "RestoreTime": stage.clock.now().isoformat()}
    made = stage.restore(point["RecoveryPointArn"], metadata)
    assert made["Status"] == "COMPLETED"
    assert (
        stage.world[made["CreatedResourceArn"]].size_bytes
        == stage.point(point["RecoveryPointArn"])["BackupSizeInBytes"]
    )


def test_a_continuous_point_that_is_let_go_stops_and_a_new_one_begins() -> None:
    """S3's point is STOPPED by disassociation, ages out, and the next run begins another; snapshots cannot be let go."""
    stage = Stage()
    stage.world.add(BUCKET)
    stage.world.add(TABLE)
    stage.plan(PITR)
    stage.clock.advance(days=1)
    (point,) = stage.points(ByResourceArn=BUCKET)
    arn = point["RecoveryPointArn"]
    stage.call("DisassociateRecoveryPoint", BackupVaultName="prod", RecoveryPointArn=arn)
    assert stage.point(arn)["Status"] == "STOPPED"
    (snapshot,) = stage.points(ByResourceArn=TABLE)
    with pytest.raises(RejectedError):
        stage.call("DisassociateRecoveryPoint", BackupVaultName="prod", RecoveryPointArn=snapshot["RecoveryPointArn"])
    stage.clock.advance(days=1)
    assert sorted(point["Status"] for point in stage.points(ByResourceArn=BUCKET)) == ["AVAILABLE", "STOPPED"]
    stage.clock.advance(days=5)
    assert [point["Status"] for point in stage.points(ByResourceArn=BUCKET)] == ["AVAILABLE"]


# Copies


def copies(stage: Stage, **filters: Any) -> list[dict[str, Any]]:
    return stage.every("ListCopyJobs", "CopyJobs", **filters)


def elsewhere(stage: Stage, *, region: str = "eu-west-1", account: str = ACCOUNT) -> Stage:
    other = Stage.__new__(Stage)
    other.service = stage.service.scoped(region_name=region, account_id=account)
    other.clock = stage.clock
    other.call("CreateBackupVault", BackupVaultName="dr")
    return other


def copy(stage: Stage, arn: str, destination: str, **more: Any) -> dict[str, Any]:
    asked = {"RecoveryPointArn": arn, "SourceBackupVaultName": "prod", "IamRoleArn": ROLE}
    started = stage.call("StartCopyJob", DestinationBackupVaultArn=destination, **asked, **more)
    return stage.ended(lambda: stage.call("DescribeCopyJob", CopyJobId=started["CopyJobId"])["CopyJob"], "State")


DR = vault_arn("dr", "eu-west-1")


def test_a_rule_copies_its_backups_to_another_region(stage: Stage) -> None:
    """Each backup is copied with the action's lifecycle, keeps its creation date and tags, and can be restored there."""
    dr = elsewhere(stage)
    action = {"DestinationBackupVaultArn": DR, "Lifecycle": {"DeleteAfterDays": 10}}
    stage.plan({"RuleName": "daily", "CopyActions": [action]})
    stage.clock.advance(days=1)
    (source,), (made,) = stage.points(), dr.points("dr")
    assert made["CreationDate"] == source["CreationDate"]
    assert (made["Lifecycle"], made["SourceBackupVaultArn"]) == ({"DeleteAfterDays": 10}, vault_arn("prod"))
    assert made["RecoveryPointArn"].startswith(f"arn:aws:backup:eu-west-1:{ACCOUNT}:recovery-point:")
    (job,) = copies(stage)
    assert (job["State"], job["DestinationRecoveryPointArn"]) == ("COMPLETED", made["RecoveryPointArn"])
    assert job["CreatedByBackupJobId"] == stage.jobs()[0]["BackupJobId"]
    assert dr.call("ListTags", ResourceArn=made["RecoveryPointArn"])["Tags"] == {"Team": "platform"}
    stage.world.remove(TABLE)
    assert (
        dr.restore(made["RecoveryPointArn"], {"targetTableName": "orders", "encryptionType": "KMS"})["Status"]
        == "COMPLETED"
    )
    assert table_arn("orders", "eu-west-1") in stage.world
    stage.clock.until(START + day(11))
    assert all(when(point["CreationDate"]) > START + day(1) for point in dr.points("dr"))


@pytest.mark.parametrize("follows", [True, False])
def test_a_copy_without_lifecycle_follows_its_source_or_the_choice(follows: bool) -> None:
    """AWS's documents disagree, so a switch decides."""
    stage = Stage(choices=Choices(copy_without_lifecycle_follows_source=follows))
    stage.world.add(TABLE)
    dr = elsewhere(stage)
    job = copy(stage, point_of(stage, Lifecycle={"DeleteAfterDays": 9}), DR)
    assert dr.point(job["DestinationRecoveryPointArn"], "dr").get("Lifecycle") == (
        {"DeleteAfterDays": 9} if follows else None
    )


def test_a_copy_to_nowhere_or_outside_a_lock_fails(stage: Stage) -> None:
    """A missing destination and a retention outside its lock fail the job with AWS's sentences."""
    arn = point_of(stage, Lifecycle={"DeleteAfterDays": 9})
    job = copy(stage, arn, DR)
    assert (job["State"], "does not exist" in job["StatusMessage"]) == ("FAILED", True)
    elsewhere(stage).call("PutBackupVaultLockConfiguration", BackupVaultName="dr", MinRetentionDays=30)
    job = copy(stage, arn, DR)
    assert job["StatusMessage"] == (
        "Copy job failed. The retention specified in the job is not within the range specified for the target "
        "Backup Vault."
    )


def test_a_copy_goes_to_a_vault(stage: Stage) -> None:
    """The ARN of anything else is refused at once, and no job is made."""
    asked = {"RecoveryPointArn": point_of(stage), "SourceBackupVaultName": "prod", "IamRoleArn": ROLE}
    for arn in (TABLE, vault_arn("x"), "arn:aws:s3:::copies"):
        with pytest.raises(RejectedError, match="Invalid destination backup vault ARN"):
            stage.call("StartCopyJob", **asked, DestinationBackupVaultArn=arn)
    assert copies(stage) == []


def test_copies_to_another_account_need_the_setting_and_a_policy(stage: Stage) -> None:
    """Without cross-account backup, and then without a policy that lets them in, jobs fail with AWS's sentences."""
    other = elsewhere(stage, region=REGION, account="999999999999")
    destination = vault_arn("dr", account="999999999999")
    arn = point_of(stage)
    message = "Copy job failed. Cross-account copy feature is not enabled for the current organization."
    assert copy(stage, arn, destination)["StatusMessage"] == message
    stage.call("UpdateGlobalSettings", GlobalSettings={"isCrossAccountBackupEnabled": "true"})
    assert copy(stage, arn, destination)["StatusMessage"] == "Access Denied trying to call AWS Backup service"
    allow = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "backup:CopyIntoBackupVault", "Resource": "*"}
    other.call("PutBackupVaultAccessPolicy", BackupVaultName="dr", Policy=json.dumps({"Statement": [allow]}))
    assert copy(stage, arn, destination)["State"] == "COMPLETED"
    assert len(other.points("dr")) == 1


def test_cold_and_continuous_points_are_not_copied_on_demand() -> None:
    """AWS refuses both at once."""
    stage = Stage()
    for arn in (TABLE, BUCKET):
        stage.world.add(arn)
    cold = point_of(stage, Lifecycle={"MoveToColdStorageAfterDays": 1})
    stage.plan(PITR, Resources=[BUCKET])
    stage.clock.advance(days=2)
    (continuous,) = stage.points(ByResourceArn=BUCKET)
    for arn in (cold, continuous["RecoveryPointArn"]):
        with pytest.raises(RejectedError):
            copy(stage, arn, DR)


def test_a_point_that_is_being_copied_cannot_be_deleted(stage: Stage) -> None:
    """While a copy runs its source stays."""
    elsewhere(stage)
    arn = point_of(stage)
    asked = {"RecoveryPointArn": arn, "SourceBackupVaultName": "prod", "IamRoleArn": ROLE, "IdempotencyToken": "t"}
    first = stage.call("StartCopyJob", DestinationBackupVaultArn=DR, **asked)
    assert stage.call("StartCopyJob", DestinationBackupVaultArn=DR, **asked) == first
    with pytest.raises(ConflictError):
        stage.call("DeleteRecoveryPoint", BackupVaultName="prod", RecoveryPointArn=arn)
    stage.clock.advance(hours=1)
    stage.call("DeleteRecoveryPoint", BackupVaultName="prod", RecoveryPointArn=arn)


def test_copy_lists_filter(stage: Stage) -> None:
    """Each filter keeps what it names."""
    elsewhere(stage)
    arn = point_of(stage)
    job = copy(stage, arn, DR)
    good: dict[str, Any] = {
        "ByResourceArn": TABLE,
        "ByState": "COMPLETED",
        "ByResourceType": "DynamoDB",
        "ByDestinationVaultArn": DR,
        "BySourceRecoveryPointArn": arn,
        "ByAccountId": ACCOUNT,
        "ByMessageCategory": "success",
        "ByCreatedAfter": START,
        "ByCompleteAfter": START,
        "ByCreatedBefore": START + day(1),
        "ByCompleteBefore": START + day(1),
    }
    bad = {
        **dict.fromkeys(("ByResourceArn", "ByDestinationVaultArn", "BySourceRecoveryPointArn"), BUCKET),
        "ByState": "FAILED",
        "ByResourceType": "S3",
        "ByAccountId": "999999999999",
        "ByMessageCategory": "AccessDenied",
        "ByCreatedAfter": START + day(1),
        "ByCompleteAfter": START + day(1),
        "ByCreatedBefore": START,
        "ByCompleteBefore": START,
        "ByParentJobId": "x",
    }
    for name, value in good.items():
        assert [one["CopyJobId"] for one in copies(stage, **{name: value})] == [job["CopyJobId"]], name
    for name, value in bad.items():
        assert copies(stage, **{name: value}) == [], name


# Restores


def test_a_restore_passes_its_states_and_makes_the_resource(stage: Stage) -> None:
    """PENDING, RUNNING, COMPLETED; the new resource has the size and contents of the backup."""
    before = stage.world[TABLE]
    arn = point_of(stage)
    stage.world.remove(TABLE)
    asked = {"RecoveryPointArn": arn, "Metadata": {"targetTableName": "back"}, "IdempotencyToken": "t"}
    started = stage.call("StartRestoreJob", **asked)
    assert stage.call("StartRestoreJob", **asked) == started
    states = []
    for _ in range(30):
        states.append(stage.call("DescribeRestoreJob", **started)["Status"])
        stage.clock.advance(seconds=20)
    assert list(dict.fromkeys(states)) == ["PENDING", "RUNNING", "COMPLETED"]
    job = stage.call("DescribeRestoreJob", **started)
    assert job["CreatedResourceArn"] == table_arn("back")
    assert (stage.world[table_arn("back")].contents, stage.world[table_arn("back")].size_bytes) == (
        before.contents,
        1000,
    )
    assert stage.point(arn)["LastRestoreTime"] == job["CompletionDate"]
    metadata = stage.call("GetRestoreJobMetadata", **started)["Metadata"]
    assert metadata == {"targetTableName": "back"}
    told = stage.call("DescribeProtectedResource", ResourceArn=TABLE)
    assert told["LatestRestoreJobCreationDate"] == job["CreationDate"]


def test_a_cold_point_takes_hours_longer(stage: Stage) -> None:
    """A restore from cold storage takes about four hours more."""
    arn = point_of(stage, Lifecycle={"MoveToColdStorageAfterDays": 1})
    stage.clock.advance(days=2)
    job = stage.restore(arn, {"targetTableName": "back"})
    assert job["CompletionDate"] - job["CreationDate"] > 4 * 3600


@pytest.mark.parametrize(
    ("metadata", "more", "message"),
    [
        ({}, {}, "targetTableName: a new table needs it"),
        ({"targetTableName": "orders"}, {}, "already exists"),
        ({"targetTableName": "x"}, {"CopySourceTagsToRestoredResource": True}, "DynamoDB"),
    ],
)
def test_a_restore_that_cannot_be_fails_later(
    stage: Stage, metadata: dict[str, str], more: dict[str, Any], message: str
) -> None:
    """The call succeeds, the job fails with a sentence, as with AWS."""
    job = stage.restore(point_of(stage), metadata, **more)
    assert job["Status"] == "FAILED"
    assert message in job["StatusMessage"]


def test_source_tags_come_back_only_where_asked_for() -> None:
    """A restored volume has its source's tags with CopySourceTagsToRestoredResource, and none without."""
    stage = Stage()
    volume = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-1"
    stage.world.add(volume, tags={"Team": "platform"})
    arn = stage.back_up(volume)["RecoveryPointArn"]
    plain = stage.restore(arn, {"availabilityZone": "us-east-1a"})["CreatedResourceArn"]
    zone = {"availabilityZone": "us-east-1b"}
    tagged = stage.restore(arn, zone, CopySourceTagsToRestoredResource=True)["CreatedResourceArn"]
    assert (stage.world[plain].tags, stage.world[tagged].tags) == ({}, {"Team": "platform"})


def test_an_unknown_point_or_job_is_not_found(stage: Stage) -> None:
    """Restoring and describing what is not there is refused at once."""
    with pytest.raises(NotFoundError):
        stage.restore(f"{OWN}nothing", {})
    for operation in ("DescribeRestoreJob", "GetRestoreJobMetadata"):
        with pytest.raises(NotFoundError):
            stage.call(operation, RestoreJobId="nothing")
    with pytest.raises(NotFoundError):
        stage.call("DescribeCopyJob", CopyJobId="nothing")


@pytest.mark.parametrize("other", ["RDS", "dynamodb", "Ledger"])
def test_a_point_is_restored_as_its_own_type_or_one_that_it_can_become(stage: Stage, other: str) -> None:
    """Another ResourceType, or one that nobody knows, is refused at once, and no job is made."""
    arn = point_of(stage)
    with pytest.raises(RejectedError, match=f"is not of the type {other}"):
        stage.restore(arn, {"targetTableName": "back"}, ResourceType=other)
    assert stage.every("ListRestoreJobs", "RestoreJobs") == []
    assert stage.restore(arn, {"targetTableName": "back"}, ResourceType="DynamoDB")["Status"] == "COMPLETED"


def test_a_point_of_a_type_of_tomorrow_is_restored_whatever_its_metadata_says(stage: Stage) -> None:
    """Nobody knows yet which keys such a type takes, so none is missing or wrong."""
    book = f"arn:aws:ledger:{REGION}:{ACCOUNT}:book/orders"
    stage.world.add(book, resource_type="Ledger", allow_unknown_type=True)
    arn = stage.back_up(book)["RecoveryPointArn"]
    for named in ({}, {"ResourceType": "Ledger"}):
        job = stage.restore(arn, {"anything": "goes"}, **named)
        assert (job["Status"], job["ResourceType"]) == ("COMPLETED", "Ledger")


def test_restore_lists_filter(stage: Stage) -> None:
    """Each filter of both lists keeps what it names."""
    arn = point_of(stage)
    job = stage.restore(arn, {"targetTableName": "back"})
    later = START + day(1)

    def ids(**filters: Any) -> list[str]:
        return [one["RestoreJobId"] for one in stage.every("ListRestoreJobs", "RestoreJobs", **filters)]

    for good in (
        {"ByStatus": "COMPLETED"},
        {"ByResourceType": "DynamoDB"},
        {"ByCreatedBefore": later},
        {"ByCompleteBefore": later, "ByCompleteAfter": START, "ByCreatedAfter": START, "ByAccountId": ACCOUNT},
    ):
        assert ids(**good) == [job["RestoreJobId"]]
    for bad in (
        {"ByStatus": "FAILED"},
        {"ByResourceType": "S3"},
        {"ByCreatedAfter": later},
        {"ByCompleteAfter": later},
    ):
        assert ids(**bad) == []
    by_resource = {"ResourceArn": TABLE, "ByRecoveryPointCreationDateBefore": later}
    assert stage.every("ListRestoreJobsByProtectedResource", "RestoreJobs", **by_resource) == [job]
    by_resource = {"ResourceArn": TABLE, "ByRecoveryPointCreationDateAfter": later}
    assert stage.every("ListRestoreJobsByProtectedResource", "RestoreJobs", **by_resource) == []
