"""Logically air-gapped vaults of the local AWS Backup: as targets of backups, and what may be copied in and out."""

from __future__ import annotations

from typing import Any

import pytest
from local_stage import ACCOUNT, REGION, ROLE, Stage, table_arn, vault_arn

from backupkit import errors
from backupkit.emulator.kernel.behavior import Choices

VOLUME = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-0f1e2d3c4b5a69788"
DATABASE = f"arn:aws:rds:{REGION}:{ACCOUNT}:db:ledger"
AURORA = f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:ledger"
FILES = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/fs-0a1b2c3d"
BUCKET = "arn:aws:s3:::photos"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-4333-8444-555555555555"
GAPPED = vault_arn("gapped")
KEEP = {"DeleteAfterDays": 30}
NOT_SUPPORTED = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT_NOT_SUPPORTED"


def play(choices: Choices | None = None, *, ready: bool = True) -> Stage:
    """A stage with one air-gapped vault that keeps points 7 to 60 days, and a resource of each kind."""
    stage = Stage(choices=choices)
    gap(stage, "gapped")
    for arn in (VOLUME, DATABASE, AURORA, FILES, BUCKET, table_arn("orders")):
        stage.world.add(arn)
    if ready:
        stage.clock.advance(minutes=5)
    return stage


def gap(stage: Stage, name: str, **more: Any) -> None:
    days = {"MinRetentionDays": 7, "MaxRetentionDays": 60}
    stage.call("CreateLogicallyAirGappedBackupVault", BackupVaultName=name, **days, **more)


def run(stage: Stage, arn: str, **more: Any) -> dict[str, Any]:
    asked = {"LogicallyAirGappedBackupVaultArn": GAPPED, "Lifecycle": KEEP, **more}
    return stage.back_up(arn, **asked)


def copies(stage: Stage, **filters: Any) -> list[dict[str, Any]]:
    return stage.every("ListCopyJobs", "CopyJobs", **filters)


def copied(stage: Stage, point: str, destination: str, *, source: str = "prod", **more: Any) -> dict[str, Any]:
    asked = {"RecoveryPointArn": point, "SourceBackupVaultName": source, "IamRoleArn": ROLE, **more}
    started = stage.call("StartCopyJob", **asked, DestinationBackupVaultArn=vault_arn(destination))
    stage.clock.advance(hours=2)
    job: dict[str, Any] = stage.call("DescribeCopyJob", CopyJobId=started["CopyJobId"])["CopyJob"]
    return job


def continuous(stage: Stage, arn: str, **rule: Any) -> None:
    whole = {"RuleName": "r", "EnableContinuousBackup": True, "Lifecycle": KEEP, **rule}
    stage.plan({**whole, "TargetLogicallyAirGappedBackupVaultArn": GAPPED}, Resources=[arn])


@pytest.mark.parametrize("arn", [FILES, BUCKET, table_arn("orders")])
def test_what_aws_backup_manages_in_full_goes_straight_into_the_air_gapped_vault(arn):
    """The one point is in the air-gapped vault, the job says so, and nothing is copied."""
    stage = play()
    job = run(stage, arn)
    assert (job["State"], job["BackupVaultArn"]) == ("COMPLETED", GAPPED)
    assert (job["VaultType"], job["VaultLockState"]) == ("LOGICALLY_AIR_GAPPED_BACKUP_VAULT", "LOCKED")
    assert (stage.points(), copies(stage)) == ([], [])
    [point] = stage.points("gapped")
    assert point["RecoveryPointArn"].startswith(f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:")
    assert point["EncryptionKeyType"] == "AWS_OWNED_KMS_KEY"
    assert "EncryptionKeyArn" not in point


def test_other_types_go_by_a_temporary_point_that_is_deleted_after_its_copy():
    """The temporary point carries DELETE_AFTER_COPY; its copy keeps the retention, and an ARN of AWS Backup's own."""
    stage = play()
    job = run(stage, VOLUME)
    assert (job["State"], job["BackupVaultName"]) == ("COMPLETED", "prod")
    assert job["RecoveryPointLifecycle"] == {**KEEP, "DeleteAfterEvent": "DELETE_AFTER_COPY"}
    [copy] = copies(stage, BySourceRecoveryPointArn=job["RecoveryPointArn"])
    assert (copy["CreatedByBackupJobId"], copy["DestinationBackupVaultArn"]) == (job["BackupJobId"], GAPPED)
    stage.clock.advance(hours=2)
    assert stage.points() == []
    [point] = stage.points("gapped")
    assert (point["Lifecycle"], point["ResourceType"]) == (KEEP, "EBS")
    assert point["RecoveryPointArn"].startswith(f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:")
    [copy] = copies(stage)
    assert (copy["DestinationVaultType"], copy["DestinationVaultLockState"]) == (
        "LOGICALLY_AIR_GAPPED_BACKUP_VAULT",
        "LOCKED",
    )


def test_a_temporary_point_stays_until_every_copy_is_done():
    """A slow scheduled copy to elsewhere keeps it; then it goes."""
    stage = play()
    stage.call("CreateBackupVault", BackupVaultName="other")
    rule = {"RuleName": "r", "Lifecycle": KEEP, "TargetLogicallyAirGappedBackupVaultArn": GAPPED}
    stage.plan({**rule, "CopyActions": [{"DestinationBackupVaultArn": vault_arn("other")}]}, Resources=[VOLUME])
    while len(stage.points("gapped")) + len(stage.points("other")) < 1:
        stage.clock.advance(seconds=5)
    assert len(stage.points()) == 1
    stage.clock.advance(hours=3)
    assert stage.points() == []
    assert [point["Lifecycle"] for point in stage.points("gapped") + stage.points("other")] == [KEEP, KEEP]


def test_a_temporary_point_whose_copy_fails_stays_for_its_retention():
    """There is always one usable point; a later copy by hand to the air-gapped vault ends it."""
    stage = play()
    point = run(stage, VOLUME, Lifecycle={"DeleteAfterDays": 90})["RecoveryPointArn"]
    stage.clock.advance(hours=2)
    [copy] = copies(stage)
    assert (copy["State"], "not within the range" in copy["StatusMessage"]) == ("FAILED", True)
    stage.clock.advance(days=50)
    assert [each["RecoveryPointArn"] for each in stage.points()] == [point]
    short = copied(stage, point, "gapped", Lifecycle={"DeleteAfterDays": 60})
    assert (short["State"], len(stage.points())) == ("COMPLETED", 1)
    stage.clock.advance(days=45)
    assert stage.points() == []


def test_a_copy_by_hand_that_is_kept_long_enough_ends_the_temporary_point():
    """The rule of DELETE_AFTER_COPY holds for copies that the caller makes, too."""
    stage = play()
    stage.service.faults.deny(ROLE)
    stage.service.faults.admit(ROLE)
    job_id = stage.start(VOLUME, LogicallyAirGappedBackupVaultArn=GAPPED, Lifecycle=KEEP)
    while stage.job(job_id)["State"] != "COMPLETED":
        stage.clock.advance(seconds=1)
    stage.service.faults.deny(ROLE)
    stage.clock.advance(hours=2)
    stage.service.faults.admit(ROLE)
    assert [copy["State"] for copy in copies(stage)] == ["FAILED"]
    [point] = stage.points()
    assert copied(stage, point["RecoveryPointArn"], "gapped")["State"] == "COMPLETED"
    assert stage.points() == []


def test_a_legal_hold_keeps_a_temporary_point():
    """A held point is not deleted after its copy, and goes within a day after the hold."""
    stage = play()
    job_id = stage.start(VOLUME, LogicallyAirGappedBackupVaultArn=GAPPED, Lifecycle=KEEP)
    while stage.job(job_id)["State"] != "COMPLETED":
        stage.clock.advance(seconds=1)
    held = stage.call("CreateLegalHold", Title="t", Description="d", RecoveryPointSelection={"VaultNames": ["prod"]})
    stage.clock.advance(hours=4)
    assert len(stage.points()) == 1
    stage.call("CancelLegalHold", LegalHoldId=held["LegalHoldId"], CancelDescription="over")
    stage.clock.advance(hours=25)
    assert stage.points() == []


@pytest.mark.parametrize("arn", [DATABASE, table_arn("orders")])
def test_types_that_are_not_supported_stay_in_the_standard_vault_and_say_so(arn):
    """RDS instances, and tables without advanced features; the job completes with AWS's category and sentence."""
    stage = play()
    stage.call("UpdateRegionSettings", ResourceTypeManagementPreference={"DynamoDB": False})
    job = run(stage, arn)
    assert (job["State"], job["BackupVaultName"], job["MessageCategory"]) == ("COMPLETED", "prod", NOT_SUPPORTED)
    assert "not supported by logically air-gapped" in job["StatusMessage"]
    assert job["RecoveryPointLifecycle"] == KEEP
    stage.clock.advance(hours=2)
    assert (len(stage.points()), copies(stage)) == (1, [])
    assert [each["BackupJobId"] for each in stage.jobs(ByMessageCategory=NOT_SUPPORTED)] == [job["BackupJobId"]]


def test_the_key_that_aws_manages_for_a_service_keeps_its_points_out():
    """Such a volume stays in the standard vault and says why, and a copy by hand fails; a key of one's own goes in."""
    for key, goes in ((f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/aws/ebs", False), (KEY, True)):
        stage = play()
        stage.world.remove(VOLUME)
        stage.world.add(VOLUME, key_arn=key)
        job = run(stage, VOLUME)
        assert (job["MessageCategory"] == NOT_SUPPORTED, "AWS managed key" in job.get("StatusMessage", "")) == (
            not goes,
            not goes,
        )
        stage.clock.advance(hours=2)
        assert len(stage.points("gapped")) == int(goes)
        if not goes:
            [point] = stage.points()
            assert (point["EncryptionKeyArn"], "EncryptionKeyType" in point) == (key, False)
            assert "AWS managed key" in copied(stage, point["RecoveryPointArn"], "gapped")["StatusMessage"]


def test_a_retention_outside_of_the_air_gapped_vault_fails_the_backup():
    """Nothing is clamped: too short, too long and forever are all refused by the lock."""
    stage = play()
    for lifecycle in ({"DeleteAfterDays": 6}, {"DeleteAfterDays": 61}, {}):
        job = run(stage, FILES, Lifecycle=lifecycle)
        assert (job["State"], "lifecycle is outside" in job["StatusMessage"]) == ("FAILED", True)


def test_scheduled_copies_start_from_the_point_in_the_air_gapped_vault():
    """A copy action of a rule copies from where the point is, into a vault with a key of the customer's own."""
    stage = play()
    stage.call("CreateBackupVault", BackupVaultName="keyed", EncryptionKeyArn=KEY)
    stage.call("CreateBackupVault", BackupVaultName="unkeyed")
    actions = [{"DestinationBackupVaultArn": vault_arn(name)} for name in ("keyed", "unkeyed")]
    rule = {"RuleName": "r", "Lifecycle": KEEP, "TargetLogicallyAirGappedBackupVaultArn": GAPPED}
    stage.plan({**rule, "CopyActions": actions}, Resources=[FILES])
    stage.clock.advance(hours=12)
    found = {copy["DestinationBackupVaultArn"]: copy for copy in copies(stage)}
    assert {copy["SourceBackupVaultArn"] for copy in found.values()} == {GAPPED}
    assert found[vault_arn("keyed")]["State"] == "COMPLETED"
    assert "default Backup service managed key" in found[vault_arn("unkeyed")]["StatusMessage"]


def test_a_bucket_is_backed_up_continuously_in_the_air_gapped_vault():
    """S3's continuous point lies in the air-gapped vault itself."""
    stage = play()
    continuous(stage, BUCKET)
    stage.clock.advance(days=2)
    assert [point["Status"] for point in stage.points("gapped")] == ["AVAILABLE"]
    assert stage.points() == []


def test_a_bucket_that_is_continuous_elsewhere_fails():
    """One continuous point for each resource: the job says, with AWS's sentence, that another vault has it."""
    stage = play()
    stage.plan({"RuleName": "r", "EnableContinuousBackup": True, "Lifecycle": KEEP}, Resources=[BUCKET])
    stage.clock.advance(days=1)
    continuous(stage, BUCKET, ScheduleExpression="cron(0 20 ? * * *)")
    stage.clock.advance(days=1)
    failed = stage.jobs(ByState="FAILED")
    assert {job["StatusMessage"] for job in failed} == {
        "Bucket photos already has continuous backup enabled for another vault Backup job failed."
    }


@pytest.mark.parametrize("days", [30, 5])
def test_a_continuous_cluster_keeps_its_point_and_sends_a_temporary_snapshot(days):
    """Aurora's continuous point stays in the standard vault; the snapshot goes whether or not its copy succeeds."""
    stage = play()
    stage.call("UpdateRegionSettings", ResourceTypeOptInPreference={"Aurora": True})
    continuous(stage, AURORA, Lifecycle={"DeleteAfterDays": days})
    stage.clock.advance(hours=20)
    assert [point["Status"] for point in stage.points()] == ["AVAILABLE"]
    assert len(stage.points("gapped")) == (1 if days == 30 else 0)
    assert {copy["State"] for copy in copies(stage)} == ({"COMPLETED"} if days == 30 else {"FAILED"})


def test_an_air_gapped_vault_that_is_gone_when_the_job_runs_fails_it():
    """The job was taken while the vault was there; a standard vault of its name does not take its place."""
    stage = play()
    job_id = stage.start(FILES, LogicallyAirGappedBackupVaultArn=vault_arn("gapped"), Lifecycle=KEEP)
    stage.call("DeleteBackupVault", BackupVaultName="gapped")
    stage.call("CreateBackupVault", BackupVaultName="gapped")
    stage.clock.advance(hours=9)
    job = stage.job(job_id)
    assert job["State"] == "FAILED"
    assert job["StatusMessage"] == f"Backup job failed because backup vault {vault_arn('gapped')} does not exist."


def test_a_vault_that_is_still_being_made_takes_nothing():
    """A job or a copy that names it before it is AVAILABLE fails."""
    stage = play(Choices(air_gapped_creation_seconds=86_400), ready=False)
    job = run(stage, FILES)
    assert (job["State"], "not available yet" in job["StatusMessage"]) == ("FAILED", True)
    point = stage.back_up(VOLUME, Lifecycle=KEEP)["RecoveryPointArn"]
    assert "not available yet" in copied(stage, point, "gapped")["StatusMessage"]


def test_start_backup_job_takes_only_an_air_gapped_vault_of_this_place():
    """Another account's or Region's vault, a standard one, and one that is not there are refused."""
    stage = play()
    for arn, code in (
        (vault_arn("prod"), "InvalidParameterValueException"),
        (vault_arn("gapped", region="eu-west-1"), "InvalidParameterValueException"),
        (vault_arn("gapped", account="999999999999"), "InvalidParameterValueException"),
        (vault_arn("absent"), "AccessDeniedException"),
    ):
        assert refused(stage, LogicallyAirGappedBackupVaultArn=arn) == code
    assert refused(stage, BackupVaultName="gapped") == "InvalidParameterValueException"
    assert refused(stage, Lifecycle={**KEEP, "DeleteAfterEvent": "DELETE_AFTER_COPY"}) == (
        "InvalidParameterValueException"
    )


def refused(stage: Stage, **more: Any) -> str:
    with pytest.raises(errors.ServiceError) as caught:
        stage.start(FILES, **more)
    return caught.value.code


def test_a_plan_that_names_a_standard_vault_as_air_gapped_is_refused():
    """Its ARN must be one of an air-gapped vault, where the vault is known."""
    stage = play()
    rule = {"RuleName": "r", "TargetBackupVaultName": "prod"}
    for name in ("TargetLogicallyAirGappedBackupVaultArn", "TargetBackupVaultName"):
        wrong = vault_arn("prod") if name.endswith("Arn") else "gapped"
        with pytest.raises(errors.ServiceError, match="not valid"):
            stage.call("CreateBackupPlan", BackupPlan={"BackupPlanName": "p", "Rules": [{**rule, name: wrong}]})


def test_points_in_an_air_gapped_vault_are_out_of_reach_and_can_be_restored():
    """Neither deleted nor kept shorter, by anybody, until they expire; a restore works as from any vault."""
    stage = play()
    point = run(stage, FILES)["RecoveryPointArn"]
    named = {"BackupVaultName": "gapped", "RecoveryPointArn": point}
    for operation, more in (
        ("DeleteRecoveryPoint", {}),
        ("UpdateRecoveryPointLifecycle", {"Lifecycle": {"DeleteAfterDays": 8}}),
    ):
        with pytest.raises(errors.ServiceError, match="locked"):
            stage.call(operation, **named, **more)
    given = stage.call("GetRecoveryPointRestoreMetadata", **named)["RestoreMetadata"]
    new = {"newFileSystem": "true", "Encrypted": "true", "PerformanceMode": "generalPurpose", "CreationToken": "again"}
    assert stage.restore(point, {**given, **new})["Status"] == "COMPLETED"
    stage.clock.advance(days=31)
    assert stage.points("gapped") == []


def test_a_key_of_the_customers_own_encrypts_every_type_in_the_vault():
    """Where the air-gapped vault has a key, its points have that key, and say whose it is."""
    stage = play()
    gap(stage, "keyed", EncryptionKeyArn=KEY)
    stage.clock.advance(minutes=5)
    point = stage.back_up(VOLUME, Lifecycle=KEEP)["RecoveryPointArn"]
    copied(stage, point, "keyed")
    [found] = stage.points("keyed")
    assert (found["EncryptionKeyArn"], found["EncryptionKeyType"]) == (KEY, "CUSTOMER_MANAGED_KMS_KEY")


def test_copies_into_an_air_gapped_vault_are_for_the_types_that_it_takes():
    """An RDS instance can be copied, but not into an air-gapped vault."""
    stage = play()
    stage.call("CreateBackupVault", BackupVaultName="other")
    point = stage.back_up(DATABASE, Lifecycle=KEEP)["RecoveryPointArn"]
    assert copied(stage, point, "other")["State"] == "COMPLETED"
    job = copied(stage, point, "gapped")
    assert (job["State"], "not supported" in job["StatusMessage"]) == ("FAILED", True)


def test_a_copy_out_of_an_air_gapped_vault_has_its_services_arn_again():
    """A volume's point in a standard vault is a snapshot, wherever it came from."""
    stage = play()
    stage.call("CreateBackupVault", BackupVaultName="keyed", EncryptionKeyArn=KEY)
    run(stage, VOLUME)
    stage.clock.advance(hours=2)
    [point] = stage.points("gapped")
    job = copied(stage, point["RecoveryPointArn"], "keyed", source="gapped")
    assert job["DestinationRecoveryPointArn"].startswith(f"arn:aws:ec2:{REGION}::snapshot/snap-")


@pytest.mark.parametrize("allowed", [False, True])
def test_copies_between_air_gapped_vaults_are_made_on_demand_and_by_plans_only_by_choice(allowed):
    """The guide says that plans cannot; `plans_copy_between_air_gapped` lets them."""
    stage = play(Choices(plans_copy_between_air_gapped=allowed))
    gap(stage, "second")
    stage.clock.advance(minutes=5)
    point = run(stage, FILES)["RecoveryPointArn"]
    assert copied(stage, point, "second", source="gapped")["State"] == "COMPLETED"
    rule = {"RuleName": "r", "Lifecycle": KEEP, "TargetLogicallyAirGappedBackupVaultArn": GAPPED}
    stage.plan({**rule, "CopyActions": [{"DestinationBackupVaultArn": vault_arn("second")}]}, Resources=[FILES])
    stage.clock.advance(days=1)
    [job] = [copy for copy in copies(stage) if "CreatedByBackupJobId" in copy]
    assert job["State"] == ("COMPLETED" if allowed else "FAILED")


def test_a_temporary_point_is_not_restore_tested():
    """While it waits for its copy, a restore testing plan draws nothing of it."""
    stage = play()
    run(stage, VOLUME, Lifecycle={"DeleteAfterDays": 90})
    chosen = {"Algorithm": "LATEST_WITHIN_WINDOW", "RecoveryPointTypes": ["SNAPSHOT"], "IncludeVaults": ["*"]}
    plan = {"RestoreTestingPlanName": "drill", "ScheduleExpression": "cron(0 5 ? * * *)"}
    stage.call("CreateRestoreTestingPlan", RestoreTestingPlan={**plan, "RecoveryPointSelection": chosen})
    selection = {"RestoreTestingSelectionName": "volumes", "ProtectedResourceType": "EBS", "IamRoleArn": ROLE}
    stage.call(
        "CreateRestoreTestingSelection",
        RestoreTestingPlanName="drill",
        RestoreTestingSelection={**selection, "ProtectedResourceArns": ["*"]},
    )
    stage.clock.advance(days=3)
    assert stage.every("ListRestoreJobs", "RestoreJobs") == []


def test_a_stack_stays_in_the_standard_vault_with_all_that_is_nested_in_it():
    """Composites are not supported by air-gapped vaults; what is nested follows, or goes its own way by choice."""
    stack = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/shop/4f2c9d60-1111-4222-8333-0123456789ab"
    for apart in (False, True):
        stage = play(Choices(composite_members_air_gapped=apart))
        stage.world.add(stack, members={"Files": FILES})
        job_id = stage.start(stack, LogicallyAirGappedBackupVaultArn=GAPPED, Lifecycle=KEEP)
        stage.clock.advance(hours=2)
        job = stage.job(job_id)
        assert (job["State"], job["BackupVaultName"], job["MessageCategory"]) == ("COMPLETED", "prod", NOT_SUPPORTED)
        assert len(stage.points("gapped")) == (1 if apart else 0)
        assert len(stage.points()) == (2 if apart else 3)


def test_a_snapshot_between_backup_and_copy_goes_on_where_it_was():
    """After going back, the automatic copy is made, and the temporary point goes."""
    stage = play()
    job_id = stage.start(VOLUME, LogicallyAirGappedBackupVaultArn=GAPPED, Lifecycle=KEEP)
    while stage.job(job_id)["State"] != "COMPLETED":
        stage.clock.advance(seconds=1)
    before = stage.service.save_state()
    stage.clock.advance(hours=2)
    stage.service.load_state(before)
    assert len(stage.points()) == 1
    stage.clock.advance(hours=2)
    assert (stage.points(), len(stage.points("gapped"))) == ([], 1)
