"""Backup indexes of the local AWS Backup: how they come, what they count, and how they go."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from local_stage import ACCOUNT, REGION, ROLE, START, Stage, day, table_arn, when

from backupkit import errors
from backupkit.emulator.kernel import event_records
from backupkit.emulator.kernel.behavior import Choices

VOLUME = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-0123456789abcdef0"
BUCKET = "arn:aws:s3:::photos"
DAILY = {"RuleName": "daily", "ScheduleExpression": "cron(0 5 ? * * *)"}


@pytest.fixture
def stage():
    return with_resources(Stage())


def with_resources(stage: Stage) -> Stage:
    for arn in (VOLUME, BUCKET, table_arn("orders")):
        stage.world.add(arn)
    return stage


def backed_up(stage: Stage, arn: str = VOLUME, **more: Any) -> str:
    point: str = stage.back_up(arn, **more)["RecoveryPointArn"]
    return point


def index(stage: Stage, point: str, setting: str = "ENABLED", **more: Any) -> dict[str, Any]:
    return stage.call(
        "UpdateRecoveryPointIndexSettings", BackupVaultName="prod", RecoveryPointArn=point, Index=setting, **more
    )


def details(stage: Stage, point: str) -> dict[str, Any]:
    return stage.call("GetRecoveryPointIndexDetails", BackupVaultName="prod", RecoveryPointArn=point)


def indexed(stage: Stage, **filters: Any) -> list[dict[str, Any]]:
    return stage.every("ListIndexedRecoveryPoints", "IndexedRecoveryPoints", MaxResults=1, **filters)


def refused(stage: Stage, operation: str, **params: Any) -> str:
    with pytest.raises(errors.ServiceError) as caught:
        stage.call(operation, **params)
    return caught.value.code


def test_an_index_is_pending_and_then_active_on_the_clock(stage):
    """An index asked for is built while time passes; then it tells how many items it has."""
    point = backed_up(stage)
    assert index(stage, point)["IndexStatus"] == "PENDING"
    assert "TotalItemsIndexed" not in details(stage, point)
    stage.clock.advance(minutes=5)
    told = details(stage, point)
    assert (told["IndexStatus"], told["TotalItemsIndexed"]) == ("ACTIVE", 1000)
    assert told["IndexCompletionDate"] > told["IndexCreationDate"]
    assert index(stage, point)["IndexStatus"] == "ACTIVE"


def test_the_count_is_of_what_the_point_holds_not_of_the_resource_now(stage):
    """A resource that shrank or went away since its backup changes nothing in the index of the point."""
    point = backed_up(stage)
    stage.world.remove(VOLUME)
    stage.world.add(VOLUME, size_bytes=5_000_000)
    later = backed_up(stage)
    for each in (point, later):
        index(stage, each)
    stage.clock.advance(minutes=5)
    assert [details(stage, each)["TotalItemsIndexed"] for each in (point, later)] == [1000, 5]


def test_points_show_the_status_of_their_index(stage):
    """DescribeRecoveryPoint and both lists tell it, and nothing where there is none."""
    point, bare = backed_up(stage, Index="ENABLED"), backed_up(stage)
    stage.clock.advance(minutes=5)
    listed = stage.every("ListRecoveryPointsByResource", "RecoveryPoints", ResourceArn=VOLUME)
    for shown in (stage.points(), listed):
        assert {each["RecoveryPointArn"]: each.get("IndexStatus") for each in shown} == {point: "ACTIVE", bare: None}
    assert stage.point(point)["IndexStatus"] == "ACTIVE"
    assert "IndexStatus" not in stage.point(bare)


def test_a_rule_indexes_the_points_of_the_type_it_names(stage):
    """Each backup of that type gets an index; those of other types get none."""
    stage.plan({**DAILY, "IndexActions": [{"ResourceTypes": ["EBS"]}]})
    stage.clock.advance(days=3)
    assert {each["ResourceType"] for each in stage.points()} == {"EBS", "S3", "DynamoDB"}
    assert [each["SourceResourceArn"] for each in indexed(stage, IndexStatus="ACTIVE")] == [VOLUME] * 3


def test_a_continuous_point_is_indexed_anew_once_a_day(stage):
    """However often the rule runs: its index counts what was there at the first backup of each day (UTC)."""
    stage.world.remove(BUCKET)
    stage.world.add(BUCKET, size_bytes=10_000_000, daily_change=1.0)
    hourly = {"RuleName": "hourly", "ScheduleExpression": "cron(30 * ? * * *)", "StartWindowMinutes": 60}
    rule = {**hourly, "EnableContinuousBackup": True, "Lifecycle": {"DeleteAfterDays": 35}}
    stage.plan({**rule, "IndexActions": [{"ResourceTypes": ["S3"]}]}, Resources=[BUCKET])
    stage.clock.advance(hours=3)
    [listed] = indexed(stage)
    first = details(stage, listed["RecoveryPointArn"])
    stage.clock.until(START + day(0.99))
    assert details(stage, listed["RecoveryPointArn"]) == first
    stage.clock.until(START + day(1.1))
    second = details(stage, listed["RecoveryPointArn"])
    assert second["TotalItemsIndexed"] == 2 * first["TotalItemsIndexed"]
    assert second["IndexCreationDate"] == first["IndexCreationDate"]
    assert when(second["IndexCompletionDate"]).day == 2


def test_a_disabled_index_is_deleting_and_then_gone(stage):
    """It can be built again once it is gone, and not before."""
    point = backed_up(stage, Index="ENABLED")
    stage.clock.advance(minutes=5)
    assert index(stage, point, "DISABLED")["IndexStatus"] == "DELETING"
    assert details(stage, point)["IndexStatus"] == "DELETING"
    named = {"BackupVaultName": "prod", "RecoveryPointArn": point}
    assert refused(stage, "UpdateRecoveryPointIndexSettings", **named, Index="ENABLED") == "InvalidRequestException"
    stage.clock.advance(minutes=2)
    assert refused(stage, "GetRecoveryPointIndexDetails", **named) == "ResourceNotFoundException"
    assert indexed(stage) == []
    assert index(stage, point)["IndexStatus"] == "PENDING"


def test_an_index_that_is_disabled_while_it_is_built_does_not_come_back(stage):
    """What was begun does not end in an index that nobody wants any more, nor does it touch the next one."""
    point = backed_up(stage)
    index(stage, point)
    index(stage, point, "DISABLED")
    stage.clock.advance(minutes=10)
    assert indexed(stage) == []


def test_an_index_goes_with_its_point(stage):
    """When retention ends, both are gone."""
    backed_up(stage, Index="ENABLED", Lifecycle={"DeleteAfterDays": 2})
    stage.clock.advance(days=1)
    assert len(indexed(stage)) == 1
    stage.clock.advance(days=2)
    assert stage.points() == []
    assert indexed(stage) == []
    assert stage.service.simulation.scope(ACCOUNT, REGION).indexes == {}


def test_without_its_role_an_index_fails_and_can_be_made_anew(stage):
    """The message names the role; enabling again tries again."""
    point = backed_up(stage)
    stage.service.faults.deny(ROLE)
    index(stage, point, IamRoleArn=ROLE)
    stage.clock.advance(minutes=5)
    told = stage.point(point)
    assert told["IndexStatus"] == "FAILED"
    assert ROLE in told["IndexStatusMessage"]
    assert "TotalItemsIndexed" not in details(stage, point)
    stage.service.faults.admit(ROLE)
    assert index(stage, point)["IndexStatus"] == "PENDING"
    stage.clock.advance(minutes=5)
    assert "IndexStatusMessage" not in stage.point(point)


def test_only_points_of_ebs_and_s3_can_be_indexed(stage):
    """Other types are refused, on the point and on the backup job."""
    point = backed_up(stage, table_arn("orders"))
    named = {"BackupVaultName": "prod", "RecoveryPointArn": point, "Index": "ENABLED"}
    assert refused(stage, "UpdateRecoveryPointIndexSettings", **named) == "InvalidRequestException"
    asked = {"BackupVaultName": "prod", "ResourceArn": table_arn("orders"), "IamRoleArn": ROLE, "Index": "ENABLED"}
    assert refused(stage, "StartBackupJob", **asked) == "InvalidParameterValueException"
    lenient = with_resources(Stage(choices=Choices(index_of_other_types_refused=False)))
    assert lenient.back_up(table_arn("orders"), Index="ENABLED")["State"] == "COMPLETED"
    assert indexed(lenient) == []


def test_a_point_in_cold_storage_cannot_be_indexed(stage):
    """A snapshot in the archive tier cannot be read."""
    cold = {"MoveToColdStorageAfterDays": 1, "OptInToArchiveForSupportedResources": True}
    point = backed_up(stage, Lifecycle=cold)
    stage.clock.advance(days=2)
    assert stage.point(point)["StorageClass"] == "COLD"
    named = {"BackupVaultName": "prod", "RecoveryPointArn": point, "Index": "ENABLED"}
    assert refused(stage, "UpdateRecoveryPointIndexSettings", **named) == "InvalidRequestException"


def test_a_point_that_moves_to_the_archive_while_it_is_indexed_fails_its_index(stage):
    """The move does not wait for the index, which ends FAILED and says why."""
    cold = {"MoveToColdStorageAfterDays": 1, "OptInToArchiveForSupportedResources": True}
    point = backed_up(stage, Lifecycle=cold)
    moves = when(stage.point(point)["CalculatedLifecycle"]["MoveToColdStorageAt"])
    stage.clock.until(moves - timedelta(seconds=30))
    assert index(stage, point)["IndexStatus"] == "PENDING"
    stage.clock.advance(minutes=10)
    found = details(stage, point)
    assert (found["IndexStatus"], "archive" in found["IndexStatusMessage"]) == ("FAILED", True)


@pytest.mark.parametrize("status", ["CREATING", "DELETING"])
def test_a_point_that_is_not_ready_cannot_be_indexed(stage, status):
    """One that is being made or deleted is refused."""
    if status == "CREATING":
        stage.world.add(VOLUME.replace("abcdef0", "abcdef1"), size_bytes=10**12)
        stage.start(VOLUME.replace("abcdef0", "abcdef1"))
        stage.clock.advance(minutes=2)
        [point] = [each["RecoveryPointArn"] for each in stage.points()]
    else:
        point = backed_up(stage)
        stage.call("DeleteRecoveryPoint", BackupVaultName="prod", RecoveryPointArn=point)
    assert stage.point(point)["Status"] == status
    named = {"BackupVaultName": "prod", "RecoveryPointArn": point, "Index": "ENABLED"}
    assert refused(stage, "UpdateRecoveryPointIndexSettings", **named) == "InvalidRequestException"


def test_the_list_filters_by_resource_type_status_and_time(stage):
    """Each filter of the operation leaves exactly what fits it, page by page."""
    volume = backed_up(stage, Index="ENABLED")
    stage.clock.advance(days=1)
    bucket = backed_up(stage, BUCKET, Index="ENABLED")

    def arns(**filters: Any) -> list[str]:
        return [each["RecoveryPointArn"] for each in indexed(stage, **filters)]

    assert arns() == [bucket, volume]
    assert arns(SourceResourceArn=BUCKET) == arns(ResourceType="S3") == arns(IndexStatus="PENDING") == [bucket]
    assert arns(ResourceType="EBS") == arns(IndexStatus="ACTIVE") == [volume]
    middle = START + day(0.5)
    assert arns(CreatedBefore=middle) == [volume]
    assert arns(CreatedAfter=middle) == [bucket]


def test_open_points_can_be_switched():
    """Whether a role is needed, an absent index can be disabled or asked for, a deleted one is told of, is a choice."""
    choices = Choices(
        index_needs_role=True, absent_index_deletes=False, absent_index_not_found=False, deleted_index_told=True
    )
    stage = with_resources(Stage(choices=choices))
    point = backed_up(stage)
    named = {"BackupVaultName": "prod", "RecoveryPointArn": point}
    operation = "UpdateRecoveryPointIndexSettings"
    assert refused(stage, operation, **named, Index="ENABLED") == "MissingParameterValueException"
    assert refused(stage, operation, **named, Index="DISABLED") == "ResourceNotFoundException"
    assert set(details(stage, point)) == {"RecoveryPointArn", "BackupVaultArn", "SourceResourceArn"}
    index(stage, point, IamRoleArn=ROLE)
    stage.clock.advance(minutes=5)
    index(stage, point, "DISABLED")
    stage.clock.advance(minutes=5)
    told = details(stage, point)
    assert "IndexStatus" not in told
    assert told["IndexDeletionDate"] > told["IndexCompletionDate"]
    assert indexed(stage) == []


def test_a_snapshot_keeps_indexes_and_what_becomes_of_them(stage):
    """Restored in the middle of its making, an index becomes ACTIVE all the same."""
    point = backed_up(stage, Index="ENABLED")
    kept = stage.service.save_state()
    stage.clock.advance(minutes=5)
    index(stage, point, "DISABLED")
    stage.service.load_state(kept)
    assert details(stage, point)["IndexStatus"] == "PENDING"
    stage.clock.advance(minutes=5)
    assert details(stage, point)["IndexStatus"] == "ACTIVE"


def test_the_end_of_an_index_is_told_to_those_who_listen(stage):
    """ACTIVE, DELETED and FAILED, once each."""
    stage.service.events.listen()
    point = backed_up(stage, Index="ENABLED")
    stage.clock.advance(minutes=5)
    index(stage, point, "DISABLED")
    stage.clock.advance(minutes=5)
    stage.service.faults.deny(ROLE)
    index(stage, point)
    stage.clock.advance(minutes=5)
    told = [news.state for news in stage.service.events.events() if news.kind == event_records.POINT_INDEX]
    assert told == ["ACTIVE", "DELETED", "FAILED"]


def test_forty_indexes_are_built_at_once_and_five_of_one_resource(stage):
    """The others wait, PENDING, and come in their turn."""
    volumes = [VOLUME.replace("abcdef0", f"{number:07x}") for number in range(50)]
    for arn in volumes:
        stage.world.add(arn)
    points = [backed_up(stage) for _ in range(6)]
    for point in points:
        index(stage, point)
    stage.clock.advance(minutes=10)
    ends = [details(stage, point)["IndexCompletionDate"] for point in points]
    assert ends[5] >= min(ends[:5]) + 60
    started = [stage.start(arn) for arn in volumes]
    stage.clock.advance(minutes=10)
    for job_id in started:
        index(stage, stage.job(job_id)["RecoveryPointArn"])
    stage.clock.advance(seconds=59)
    assert len(indexed(stage, IndexStatus="PENDING")) == 50
    stage.clock.advance(minutes=2.1)
    assert len(indexed(stage, IndexStatus="PENDING")) <= 10
    stage.clock.advance(minutes=5)
    assert len(indexed(stage, IndexStatus="ACTIVE")) == 56


def test_an_index_that_waits_can_be_let_go_and_asked_for_again(stage):
    """Then the new one is built, once."""
    points = [backed_up(stage) for _ in range(6)]
    for point in points:
        index(stage, point)
    index(stage, points[5], "DISABLED")
    stage.clock.advance(minutes=2)
    index(stage, points[5])
    stage.clock.advance(minutes=10)
    assert len(indexed(stage, IndexStatus="ACTIVE")) == 6
    place = stage.service.simulation.scope(ACCOUNT, REGION)
    assert place.indexes_waiting == place.indexes_building == []
