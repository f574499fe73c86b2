from __future__ import annotations

from typing import Any

import pytest
from local_stage import ROLE
from test_world_ebs import HERE as VOLUME
from test_world_ebs import make as make_volume
from test_world_ec2 import HERE as INSTANCE
from test_world_ec2 import make as make_instance
from test_world_efs import make as make_file_system
from world_stage import SessionStage, fresh

from backupkit.emulator.resources.session import private_moto_session

# moto makes, captures and restores what is protected.
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def session() -> Any:
    return private_moto_session("us-east-1")


def database(session: Any) -> str:
    arn: str = session.client("rds").create_db_instance(
        DBInstanceIdentifier=fresh("orders"), Engine="mysql", DBInstanceClass="db.m5.large", AllocatedStorage=20
    )["DBInstance"]["DBInstanceArn"]
    return arn


def cluster(session: Any, engine: str) -> str:
    arn: str = session.client("rds").create_db_cluster(
        DBClusterIdentifier=fresh("c"), Engine=engine, MasterUsername="boss", MasterUserPassword="not-told"
    )["DBCluster"]["DBClusterArn"]
    return arn


MAKERS = {
    "Aurora": lambda session: cluster(session, "aurora-mysql"),
    "EBS": lambda session: VOLUME + make_volume(session, {})["VolumeId"],
    "EC2": lambda session: INSTANCE + make_instance(session, BlockDeviceMappings=[])["InstanceId"],
    "EFS": make_file_system,
    "Neptune": lambda session: cluster(session, "neptune"),
    "RDS": database,
}


def drill(stage: SessionStage, resource_type: str, arn: str) -> dict[str, Any]:
    """Run one restore test of the resource; its job."""
    stage.call(
        "CreateRestoreTestingPlan",
        RestoreTestingPlan={
            "RestoreTestingPlanName": "weekly",
            "ScheduleExpression": "cron(0 12 2 1 ? 2026)",
            "StartWindowHours": 2,
            "RecoveryPointSelection": {
                "Algorithm": "LATEST_WITHIN_WINDOW",
                "IncludeVaults": ["*"],
                "RecoveryPointTypes": ["SNAPSHOT"],
                "SelectionWindowDays": 30,
            },
        },
    )
    stage.call(
        "CreateRestoreTestingSelection",
        RestoreTestingPlanName="weekly",
        RestoreTestingSelection={
            "RestoreTestingSelectionName": "all",
            "ProtectedResourceType": resource_type,
            "ProtectedResourceArns": [arn],
            "IamRoleArn": ROLE,
            "ValidationWindowHours": 24,
        },
    )
    stage.clock.advance(hours=39)
    (job,) = stage.every("ListRestoreJobs", "RestoreJobs")
    return job


@pytest.mark.parametrize("resource_type", sorted(MAKERS))
def test_a_restore_test_makes_marks_and_deletes_a_real_resource(session: Any, resource_type: str) -> None:
    """What restore testing infers is enough to restore with, and what it made is gone after its window; no more is."""
    stage = SessionStage(session, resource_type)
    source = MAKERS[resource_type](session)
    before = [seen.arn for seen in stage.all()]
    stage.point_of(source)
    job = drill(stage, resource_type, source)
    assert job["Status"] == "COMPLETED", job.get("StatusMessage")
    made = stage.seen(job["CreatedResourceArn"])
    assert made is not None
    assert made.under_test
    stage.clock.advance(hours=25)
    told = stage.call("DescribeRestoreJob", RestoreJobId=job["RestoreJobId"])
    assert told["DeletionStatus"] == "SUCCESSFUL", told.get("DeletionStatusMessage")
    assert source in before
    assert [seen.arn for seen in stage.all()] == before
