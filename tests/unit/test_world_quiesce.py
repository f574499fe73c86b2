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


def document(session: Any, *parameters: str, required: tuple[str, ...] = ()) -> str:
    """A document of Systems Manager as people have them for Data Lifecycle Manager; its name."""
    declared = {name: {"type": "String", "default": "None"} for name in parameters}
    declared |= {name: {"type": "String"} for name in required}
    content = {
        "schemaVersion": "2.2",
        "description": "Brings an application to rest",
        "parameters": declared,
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


def test_a_parameter_without_a_default_is_asked_for_before_anything_is_done(session, aws):
    """Systems Manager would refuse the document, and the backup would be made of an application that does not rest."""
    name, instance_id = document(session, "command", "executionId", required=("Database",)), instance(session)
    arn = f"{HERE}:instance/{instance_id}"
    with pytest.raises(errors.PreflightError, match=r'Database, which has no default; give parameters=\{"Database": '):
        aws.back_up(arn, vault="prod", quiesce=bk.SSMQuiesce(name))
    assert commands(session, name) == []
    quiesce = bk.SSMQuiesce(name, parameters={"Database": "shop"}, auto_thaw_seconds=120)
    assert aws.back_up(arn, vault="prod", quiesce=quiesce).consistent


def test_a_backup_that_failed_is_not_called_one_without_guarantees(session, aws):
    """Who reads that a snapshot was not seen would look for a point that nobody made."""
    name, instance_id = document(session, "command", "executionId"), instance(session)
    aws.faults.outage("EC2")
    made = aws.back_up(
        f"{HERE}:instance/{instance_id}", vault="prod", quiesce=bk.SSMQuiesce(name, auto_thaw_seconds=600)
    )
    assert (made.consistent, made.job.state) == (False, "FAILED")
    assert made.not_guaranteed[0].startswith(f"backup job {made.job.id} ended as FAILED, ")
    assert made.not_guaranteed[0].endswith(": there is no backup")


def test_what_the_same_document_requires_is_given_to_it_twice(session, aws):
    """Else Systems Manager would not take the second run, and the application rest until its timer runs out."""
    name, instance_id = document(session, "command", "executionId", required=("seconds",)), instance(session)
    quiesce = bk.SSMQuiesce(name, auto_thaw_seconds=120, auto_thaw_parameter="seconds")
    aws.back_up(f"{HERE}:instance/{instance_id}", vault="prod", quiesce=quiesce)
    assert [told["seconds"] for told in commands(session, name)] == [["120"], ["120"]]


def test_a_connection_without_a_session_says_what_to_do():
    """Nobody can create a document where nobody can be asked."""
    arn = f"{HERE}:instance/i-0123456789abcdef0"
    with bk.local() as aws:
        aws.call("CreateBackupVault", BackupVaultName="prod")
        aws.resources.add(arn)
        with pytest.raises(errors.PreflightError, match="leave quiesce= out, or connect with a session") as raised:
            aws.back_up(arn, vault="prod", quiesce=bk.SSMQuiesce("app"))
        assert len(raised.value.problems) == 1
        assert aws.back_up(arn, vault="prod").wait().state == "COMPLETED"
