"""Backups while an application rests, over moto's EC2 and Systems Manager, where every script succeeds."""

from __future__ import annotations

import json
from typing import Any

import pytest
from world_stage import fresh

import backupkit as bk
from backupkit import errors
from backupkit.emulator import SessionWorld, private_moto_session

# moto makes, captures and restores what is protected.
pytestmark = pytest.mark.slow

ACCOUNT = "123456789012"
HERE = f"arn:aws:ec2:us-east-1:{ACCOUNT}"


@pytest.fixture(scope="module")
def session() -> Any:
    return private_moto_session("us-east-1")


@pytest.fixture
def aws(session: Any):
    with bk.local(world=SessionWorld(session, account_id=ACCOUNT, types=("EC2", "EBS"))) as connection:
        connection.call("CreateBackupVault", BackupVaultName="prod")
        yield connection


def document(session: Any, *parameters: str) -> str:
    """A document of Systems Manager as people have them for Data Lifecycle Manager; its name."""
    content = {
        "schemaVersion": "2.2",
        "description": "Brings an application to rest",
        "parameters": {name: {"type": "String", "default": "None"} for name in parameters},
        "mainSteps": [{"action": "aws:runShellScript", "name": "run", "inputs": {"runCommand": ["exit 0"]}}],
    }
    name = fresh("app")
    session.client("ssm").create_document(Content=json.dumps(content), Name=name, DocumentType="Command")
    return name


def instance(session: Any) -> str:
    ec2 = session.client("ec2")
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    (made,) = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1)["Instances"]
    return str(made["InstanceId"])


def commands(session: Any, name: str) -> list[dict[str, list[str]]]:
    told = session.client("ssm").list_commands()["Commands"]
    return [each["Parameters"] for each in told if each["DocumentName"] == name]


def test_a_document_for_data_lifecycle_manager_is_run_around_the_snapshot_of_an_instance(session, aws):
    """It is told what it expects, on the instance itself."""
    name, instance_id = document(session, "command", "executionId"), instance(session)
    made = aws.back_up(
        f"{HERE}:instance/{instance_id}", vault="prod", quiesce=bk.SSMQuiesce(name, auto_thaw_seconds=120)
    )
    assert [told["command"] for told in commands(session, name)] == [["pre-script"], ["post-script"]]
    assert {told["executionId"][0] for told in commands(session, name)} == {made.execution_id}
    assert (made.consistent, made.instance_id) == (True, instance_id)
    assert made.wait().job.state == "COMPLETED"


def test_the_instance_of_a_volume_is_found(session, aws):
    """A volume that is attached to none has no application that writes to it."""
    name, instance_id = document(session, "command", "executionId"), instance(session)
    ec2 = session.client("ec2")
    volume = ec2.create_volume(AvailabilityZone="us-east-1a", Size=1)["VolumeId"]
    quiesce = bk.SSMQuiesce(name, auto_thaw_seconds=120)
    with pytest.raises(errors.InvalidValueError, match="is attached to no instance"):
        aws.back_up(f"{HERE}:volume/{volume}", vault="prod", quiesce=quiesce)
    ec2.attach_volume(VolumeId=volume, InstanceId=instance_id, Device="/dev/sdf")
    made = aws.back_up(f"{HERE}:volume/{volume}", vault="prod", quiesce=quiesce)
    assert (made.instance_id, made.consistent) == (instance_id, True)


def test_a_snapshot_that_ec2_shows_is_enough(session, aws):
    """AWS Backup may name it later: what counts is that it has taken one of every volume, and nobody else."""
    name, instance_id = document(session, "command", "executionId"), instance(session)
    ec2 = session.client("ec2")
    [volume] = ec2.describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": [instance_id]}])["Volumes"]
    ec2.create_snapshot(VolumeId=volume["VolumeId"])
    aws.faults.outage("EC2", jobs=("backup",), waits=True)
    arn, quiesce = f"{HERE}:instance/{instance_id}", bk.SSMQuiesce(name, auto_thaw_seconds=120)
    assert aws.back_up(arn, vault="prod", quiesce=quiesce).snapshot_seen is None
    sleep = aws.clock.sleep

    def meanwhile(description: str) -> Any:
        def slept(seconds: float) -> None:
            ec2.create_snapshot(VolumeId=volume["VolumeId"], Description=description)
            sleep(seconds)

        return slept

    aws.service.clock.sleep = meanwhile("somebody else's")
    assert aws.back_up(arn, vault="prod", quiesce=quiesce).snapshot_seen is None
    aws.service.clock.sleep = meanwhile(f"Created by CreateImage({instance_id}) for ami-0123456789abcdef0")
    made = aws.back_up(arn, vault="prod", quiesce=quiesce)
    assert (made.consistent, made.job.recovery_point_arn) == (True, None)


def test_a_document_that_is_not_there_is_said_before_anything_is_done(session, aws):
    """moto, too, answers that there is none."""
    with pytest.raises(errors.PreflightError, match="there is no document missing"):
        aws.back_up(f"{HERE}:instance/{instance(session)}", vault="prod", quiesce=bk.SSMQuiesce("missing"))
    assert list(aws.backup_jobs()) == []
