"""Composites of the local AWS Backup: stacks and clusters, backed up, copied, restored, taken apart and deleted."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from local_stage import ACCOUNT, REGION, ROLE, START, Stage, table_arn, vault_arn

from backupkit import errors
from backupkit.emulator.kernel.behavior import Choices

STACK = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/shop/4f2c9d60-1111-4222-8333-0123456789ab"
CLUSTER = f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/web"
VOLUME = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-0f1e2d3c4b5a69788"
ORDERS = table_arn("orders")
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:checkout"
BUCKET = "arn:aws:s3:::shop-photos"
STATES = {"COMPLETED", "FAILED", "PARTIAL", "ABORTED", "EXPIRED"}


def play(choices: Choices | None = None, **members: str) -> Stage:
    """A stage with a stack of a table and a volume, or of what is named."""
    stage = Stage(choices=choices)
    named = members or {"Orders": ORDERS, "Data": VOLUME}
    for arn in named.values():
        if ":lambda:" not in arn:
            stage.world.add(arn, tags={"Own": "yes"})
    stage.world.add(STACK, members=named, tags={"App": "shop", "aws:cloudformation:stack-name": "shop"})
    return stage


def run(stage: Stage, arn: str = STACK, **more: Any) -> dict[str, Any]:
    job_id = stage.start(arn, **more)
    stage.clock.advance(hours=3)
    job = stage.job(job_id)
    assert job["State"] in STATES
    return job


def children(stage: Stage, parent: str, vault: str = "prod") -> dict[str, dict[str, Any]]:
    """The nested points by their logical ids; the stack's own part under an empty name."""
    found = stage.points(vault, ByParentRecoveryPointArn=parent)
    return {point.get("CompositeMemberIdentifier", ""): point for point in found}


def refused(stage: Stage, operation: str, **params: Any) -> errors.ServiceError:
    with pytest.raises(errors.ServiceError) as caught:
        stage.call(operation, **params)
    return caught.value


def delete(stage: Stage, arn: str, vault: str = "prod") -> None:
    stage.call("DeleteRecoveryPoint", BackupVaultName=vault, RecoveryPointArn=arn)
    stage.clock.advance(minutes=5)


def test_a_stack_is_backed_up_as_a_composite_of_its_template_and_its_resources():
    """One parent point; nested in it the template and each resource under its logical id, and the parent tells so."""
    stage = play()
    job = run(stage)
    assert (job["State"], job["IsParent"], job["NumberOfChildJobs"]) == ("COMPLETED", True, 3)
    assert job["ChildJobsInState"] == {"COMPLETED": 3}
    parent = stage.point(job["RecoveryPointArn"])
    assert (parent["Status"], parent["IsParent"], parent["ResourceArn"]) == ("COMPLETED", True, STACK)
    nested = children(stage, parent["RecoveryPointArn"])
    assert {name: point["ResourceArn"] for name, point in nested.items()} == {
        "": STACK,
        "Orders": ORDERS,
        "Data": VOLUME,
    }
    for point in nested.values():
        assert point["ParentRecoveryPointArn"] == parent["RecoveryPointArn"]
        assert not point["IsParent"]
    assert parent["BackupSizeInBytes"] == sum(point["BackupSizeInBytes"] for point in nested.values())


def test_child_jobs_name_their_parent_and_can_be_asked_for_by_it():
    """ByParentJobId lists the children alone; without it all jobs are listed."""
    stage = play()
    job = run(stage)
    found = stage.jobs(ByParentJobId=job["BackupJobId"])
    assert {child["ResourceArn"] for child in found} == {STACK, ORDERS, VOLUME}
    assert {child["ParentJobId"] for child in found} == {job["BackupJobId"]}
    assert len(stage.jobs()) == 4
    assert stage.jobs(ByParentJobId=found[0]["BackupJobId"]) == []


def test_nested_jobs_and_points_can_be_hidden_from_lists_that_do_not_ask_for_them():
    """No source says whether AWS lists them unasked; `nested_shown_unasked` decides."""
    stage = play(Choices(nested_shown_unasked=False))
    job = run(stage)
    assert [each["BackupJobId"] for each in stage.jobs()] == [job["BackupJobId"]]
    assert [point["RecoveryPointArn"] for point in stage.points()] == [job["RecoveryPointArn"]]
    assert len(stage.points(ByParentRecoveryPointArn=job["RecoveryPointArn"])) == 3


def test_tags_of_a_stack_go_to_its_nested_points_and_not_to_the_composite():
    """A nested point has its resource's, its stack's and the caller's tags; AWS's own are never copied."""
    stage = play()
    job = run(stage, RecoveryPointTags={"Made": "by-hand"})
    nested = children(stage, job["RecoveryPointArn"])
    tags = stage.call("ListTags", ResourceArn=nested["Orders"]["RecoveryPointArn"])["Tags"]
    assert tags == {"Own": "yes", "App": "shop", "Made": "by-hand"}
    assert stage.call("ListTags", ResourceArn=job["RecoveryPointArn"])["Tags"] == {"Made": "by-hand"}


def test_a_stack_with_a_resource_that_is_not_supported_is_partial():
    """What AWS Backup cannot back up is left out, and job and composite say PARTIAL."""
    stage = play(Orders=ORDERS, Checkout=FUNCTION)
    job = run(stage)
    assert job["State"] == "PARTIAL"
    assert stage.point(job["RecoveryPointArn"])["Status"] == "PARTIAL"
    assert set(children(stage, job["RecoveryPointArn"])) == {"", "Orders"}


def test_a_child_that_fails_makes_the_composite_partial():
    """A resource that is gone fails its own job; the others are kept."""
    stage = play()
    stage.world.remove(VOLUME)
    job = run(stage)
    assert job["State"] == "PARTIAL"
    assert job["ChildJobsInState"] == {"COMPLETED": 2, "FAILED": 1}
    assert set(children(stage, job["RecoveryPointArn"])) == {"", "Orders"}


def test_a_backup_of_which_nothing_came_fails_and_leaves_no_point():
    """The parent fails with a child's sentence, and the vault is empty."""
    stage = play()
    job_id = stage.start(STACK)
    while stage.job(job_id)["State"] == "CREATED":
        stage.clock.advance(seconds=0.01)
    stage.service.faults.deny(ROLE)
    stage.clock.advance(hours=3)
    job = stage.job(job_id)
    assert (job["State"], stage.points()) == ("FAILED", [])
    assert "cannot be assumed" in job["StatusMessage"]
    assert "RecoveryPointArn" not in job


def test_a_stack_that_is_not_there_fails_at_once():
    """The parent job checks the stack before it starts any child."""
    stage = Stage()
    job = run(stage, STACK)
    assert (job["State"], job["NumberOfChildJobs"]) == ("FAILED", 0)


def test_stopping_the_parent_stops_its_children():
    """All children end ABORTED, then the parent does, and no point is left."""
    stage = play()
    stage.world.remove(VOLUME)
    stage.world.add(VOLUME, size_bytes=10**14)
    job_id = stage.start(STACK)
    while stage.job(job_id)["State"] == "CREATED":
        stage.clock.advance(seconds=1)
    stage.call("StopBackupJob", BackupJobId=job_id)
    stage.clock.advance(minutes=10)
    job = stage.job(job_id)
    assert (job["State"], job["ChildJobsInState"]) == ("ABORTED", {"ABORTED": 3})
    assert stage.points() == []


def test_stopping_a_parent_keeps_what_was_completed():
    """A child that had ended well keeps its point, and the composite is PARTIAL as with any child that did not."""
    stage = play()
    stage.world.remove(VOLUME)
    stage.world.add(VOLUME, size_bytes=10**14)
    job_id = stage.start(STACK)
    stage.clock.advance(hours=2)
    stage.call("StopBackupJob", BackupJobId=job_id)
    stage.clock.advance(minutes=10)
    job = stage.job(job_id)
    assert (job["State"], job["ChildJobsInState"]) == ("PARTIAL", {"ABORTED": 1, "COMPLETED": 2})
    assert len(stage.points()) == 3


def test_one_backup_of_a_stack_runs_at_a_time():
    """A second job for the stack fails while any child of the first still runs."""
    stage = play()
    stage.world.remove(VOLUME)
    stage.world.add(VOLUME, size_bytes=10**14)
    stage.start(STACK)
    stage.clock.advance(hours=2)
    second = stage.start(STACK)
    stage.clock.advance(hours=1)
    assert "running job for the same resource" in stage.job(second)["StatusMessage"]


@pytest.mark.parametrize(
    "excluding",
    [
        {"NotResources": [VOLUME]},
        {"Conditions": {"StringNotLike": [{"ConditionKey": "aws:ResourceTag/Own", "ConditionValue": "n*"}]}},
    ],
)
def test_a_plan_backs_up_stacks_and_leaves_out_what_its_selection_excludes(excluding):
    """NotResources and a tag that must not be like something keep a resource out of the composite, which is not PARTIAL for that."""
    stage = play()
    stage.world.tag(VOLUME, {"Own": "no"})
    rule = {"RuleName": "daily", "ScheduleExpression": "cron(0 5 ? * * *)", "Lifecycle": {"DeleteAfterDays": 7}}
    stage.plan(rule, Resources=[STACK], **excluding)
    stage.clock.advance(hours=12)
    [parent] = [point for point in stage.points() if point["IsParent"]]
    assert parent["Status"] == "COMPLETED"
    assert set(children(stage, parent["RecoveryPointArn"])) == {"", "Orders"}
    assert parent["CreatedBy"]["BackupRuleName"] == "daily"


def test_nested_points_lose_continuous_backup():
    """A bucket in a stack gets a snapshot, whatever the rule says."""
    stage = play(Photos=BUCKET)
    rule = {"RuleName": "c", "EnableContinuousBackup": True, "Lifecycle": {"DeleteAfterDays": 7}}
    stage.plan(rule, Resources=[STACK])
    stage.clock.advance(days=1)
    [parent] = [point for point in stage.points() if point["IsParent"]]
    assert children(stage, parent["RecoveryPointArn"])["Photos"]["Status"] == "COMPLETED"


def test_a_composite_goes_after_all_that_is_nested_in_it():
    """It cannot be deleted before; a nested point that goes leaves it PARTIAL."""
    stage = play()
    parent = run(stage)["RecoveryPointArn"]
    asked = {"BackupVaultName": "prod", "RecoveryPointArn": parent}
    error = refused(stage, "DeleteRecoveryPoint", **asked)
    assert (error.code, "nested" in str(error)) == ("InvalidRequestException", True)
    for nested in children(stage, parent).values():
        delete(stage, nested["RecoveryPointArn"])
        assert stage.point(parent)["Status"] == "PARTIAL"
    delete(stage, parent)
    assert stage.points() == []


def test_a_composite_expires_with_or_after_its_longest_lived_nested_point():
    """Keeping a nested point longer keeps the composite, and its CalculatedLifecycle says so."""
    stage = play()
    parent = run(stage, Lifecycle={"DeleteAfterDays": 5})["RecoveryPointArn"]
    longer = children(stage, parent)["Orders"]["RecoveryPointArn"]
    named = {"BackupVaultName": "prod", "RecoveryPointArn": longer}
    kept = stage.call("UpdateRecoveryPointLifecycle", **named, Lifecycle={"DeleteAfterDays": 20})
    ends = stage.point(parent)["CalculatedLifecycle"]["DeleteAt"]
    assert ends == kept["CalculatedLifecycle"]["DeleteAt"]
    stage.clock.advance(days=10)
    assert {point["RecoveryPointArn"] for point in stage.points()} == {parent, longer}
    stage.clock.advance(days=12)
    assert stage.points() == []


@pytest.mark.parametrize("goes", [False, True])
def test_an_emptied_composite_stays_or_goes_by_choice(goes):
    """The guide says both; `emptied_composite_is_deleted` decides."""
    stage = play(Choices(emptied_composite_is_deleted=goes))
    parent = run(stage)["RecoveryPointArn"]
    for nested in children(stage, parent).values():
        delete(stage, nested["RecoveryPointArn"])
    assert [point["RecoveryPointArn"] for point in stage.points()] == ([] if goes else [parent])


def test_a_disassociated_point_stands_on_its_own():
    """Both points stay; the nested one has no parent any more, and the composite is PARTIAL."""
    stage = play()
    parent = run(stage)["RecoveryPointArn"]
    named = {"BackupVaultName": "prod", "RecoveryPointArn": children(stage, parent)["Data"]["RecoveryPointArn"]}
    stage.call("DisassociateRecoveryPointFromParent", **named)
    assert "ParentRecoveryPointArn" not in stage.point(named["RecoveryPointArn"])
    assert stage.point(parent)["Status"] == "PARTIAL"
    assert set(children(stage, parent)) == {"", "Orders"}
    assert refused(stage, "DisassociateRecoveryPointFromParent", **named).code == "InvalidRequestException"


def test_protected_resources_show_the_composite_of_a_stack_and_each_nested_resource():
    """The stack's last point is its composite, not its template; its resources are protected, too."""
    stage = play()
    parent = run(stage)["RecoveryPointArn"]
    found = stage.every("ListProtectedResources", "Results")
    assert {each["ResourceArn"] for each in found} == {STACK, ORDERS, VOLUME}
    assert stage.call("DescribeProtectedResource", ResourceArn=STACK)["LastRecoveryPointArn"] == parent


def test_a_copied_composite_is_a_composite():
    """The copy job has children, and the copies are nested in the copy under the same logical ids."""
    stage = play()
    stage.call("CreateBackupVault", BackupVaultName="copies")
    job = copy(stage, run(stage)["RecoveryPointArn"])
    assert (job["State"], job["IsParent"], job["ChildJobsInState"]) == ("COMPLETED", True, {"COMPLETED": 3})
    there = job["DestinationRecoveryPointArn"]
    assert stage.point(there, "copies")["Status"] == "COMPLETED"
    assert set(children(stage, there, "copies")) == {"", "Orders", "Data"}
    listed = stage.every("ListCopyJobs", "CopyJobs", ByParentJobId=job["CopyJobId"])
    assert {child.get("CompositeMemberIdentifier") for child in listed} == {None, "Orders", "Data"}


def copy(stage: Stage, point: str, vault: str = "copies") -> dict[str, Any]:
    asked = {"RecoveryPointArn": point, "SourceBackupVaultName": "prod", "IamRoleArn": ROLE}
    started = stage.call("StartCopyJob", **asked, DestinationBackupVaultArn=vault_arn(vault))
    stage.clock.advance(hours=3)
    job: dict[str, Any] = stage.call("DescribeCopyJob", CopyJobId=started["CopyJobId"])["CopyJob"]
    return job


def test_nested_points_that_cannot_be_copied_are_left_out_of_the_copy():
    """A table without AWS Backup's advanced features is not copied; job and copy say PARTIAL."""
    stage = play()
    stage.call("UpdateRegionSettings", ResourceTypeManagementPreference={"DynamoDB": False})
    stage.call("CreateBackupVault", BackupVaultName="copies")
    job = copy(stage, run(stage)["RecoveryPointArn"])
    assert job["State"] == "PARTIAL"
    assert set(children(stage, job["DestinationRecoveryPointArn"], "copies")) == {"", "Data"}


def test_a_rule_copies_composites_whole():
    """The copy action of a rule copies the composite once all its children are there."""
    stage = play()
    stage.call("CreateBackupVault", BackupVaultName="copies")
    rule = {"RuleName": "r", "CopyActions": [{"DestinationBackupVaultArn": vault_arn("copies")}]}
    stage.plan(rule, Resources=[STACK])
    stage.clock.advance(hours=14)
    [parent] = [point for point in stage.points("copies") if point["IsParent"]]
    assert set(children(stage, parent["RecoveryPointArn"], "copies")) == {"", "Orders", "Data"}


def test_a_composite_whose_nested_points_are_gone_is_copied_without_any():
    """The copy job ends though it has no part to wait for, and its composite lacks what the source lacks."""
    stage = play()
    stage.call("CreateBackupVault", BackupVaultName="copies")
    parent = run(stage)["RecoveryPointArn"]
    for nested in children(stage, parent).values():
        delete(stage, nested["RecoveryPointArn"])
    job = copy(stage, parent)
    assert (job["State"], children(stage, job["DestinationRecoveryPointArn"], "copies")) == ("PARTIAL", {})


def test_a_copy_that_is_not_allowed_fails_as_a_whole():
    """Where the vault is not there, the parent job fails before it has children."""
    stage = play()
    job = copy(stage, run(stage)["RecoveryPointArn"], "absent")
    assert (job["State"], job["NumberOfChildJobs"]) == ("FAILED", 0)
    assert "does not exist" in job["StatusMessage"]


def test_nested_stacks_are_composites_within_the_composite():
    """A stack in a stack is backed up with its own resources, under its logical id."""
    stage = play()
    outer = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/all/4f2c9d60-1111-4222-8333-0123456789ac"
    stage.world.add(outer, members={"Shop": STACK})
    job = run(stage, outer)
    assert (job["State"], job["ChildJobsInState"]) == ("COMPLETED", {"COMPLETED": 2})
    inner = children(stage, job["RecoveryPointArn"])["Shop"]
    assert inner["IsParent"]
    assert set(children(stage, inner["RecoveryPointArn"])) == {"", "Orders", "Data"}


def nested_stacks(stage: Stage, layers: int) -> list[str]:
    """Stacks that are each in the one before, with a table in each; their ARNs, the outermost first."""
    stacks = [STACK.replace("4f2c9d60", f"{layer:08}").replace("/shop/", f"/layer-{layer}/") for layer in range(layers)]
    for layer, stack in enumerate(stacks):
        table = table_arn(f"table-{layer}")
        stage.world.add(table)
        inner = {"Inner": stacks[layer + 1]} if layer + 1 < layers else {}
        stage.world.add(stack, members={"Table": table, **inner})
    return stacks


def test_ten_layers_of_nested_stacks_are_backed_up_and_an_eleventh_is_left_out():
    """The tenth stack keeps its table and lacks the stack in it, so that it and all around it are PARTIAL."""
    stage = Stage()
    stacks = nested_stacks(stage, 11)
    job_id = stage.start(stacks[0])
    stage.clock.advance(days=1)
    assert stage.job(job_id)["State"] == "PARTIAL"
    found = {point["ResourceArn"]: point["Status"] for point in stage.points() if point["IsParent"]}
    assert found == dict.fromkeys(stacks[:10], "PARTIAL")
    assert {
        table_arn(f"table-{layer}") in {point["ResourceArn"] for point in stage.points()} for layer in range(10)
    } == {True}


def running(stage: Stage, arn: str) -> str:
    """A job of a composite whose parts are being backed up."""
    job_id = stage.start(arn)
    while not any(job["State"] == "RUNNING" for job in stage.jobs(ByParentJobId=job_id)):
        stage.clock.advance(seconds=5)
    return job_id


def test_a_stopped_job_stops_the_stacks_within_the_stack():
    """Every job below it ends ABORTED, and no point is left."""
    stage = Stage()
    job_id = running(stage, nested_stacks(stage, 2)[0])
    stage.call("StopBackupJob", BackupJobId=job_id)
    stage.clock.advance(hours=3)
    assert {job["State"] for job in stage.jobs()} == {"ABORTED"}
    assert stage.points() == []


def test_what_cannot_be_stopped_in_a_stopped_stack_is_backed_up():
    """AWS stops no job of a database: its point stays, in a composite that is PARTIAL."""
    database = f"arn:aws:rds:{REGION}:{ACCOUNT}:db:main"
    stage = play(Orders=ORDERS, Main=database)
    job_id = running(stage, STACK)
    stage.call("StopBackupJob", BackupJobId=job_id)
    stage.clock.advance(hours=3)
    assert stage.job(job_id)["State"] == "PARTIAL"
    states = {job["ResourceType"]: job["State"] for job in stage.jobs(ByParentJobId=job_id)}
    assert states == {"CloudFormation": "ABORTED", "DynamoDB": "ABORTED", "RDS": "COMPLETED"}
    [parent] = [point for point in stage.points() if point["IsParent"]]
    assert (parent["Status"], set(children(stage, parent["RecoveryPointArn"]))) == ("PARTIAL", {"Main"})


def test_a_snapshot_in_the_middle_of_a_composite_goes_on_where_it_was():
    """After going back, the children that were running end, and so does their parent."""
    stage = play()
    job_id = stage.start(STACK)
    while stage.job(job_id)["State"] == "CREATED":
        stage.clock.advance(seconds=1)
    before = stage.service.save_state()
    stage.clock.advance(hours=3)
    stage.service.load_state(before)
    assert stage.job(job_id)["State"] == "RUNNING"
    stage.clock.advance(hours=3)
    assert stage.job(job_id)["State"] == "COMPLETED"
    assert len(children(stage, stage.job(job_id)["RecoveryPointArn"])) == 3


def test_two_members_of_one_name_need_logical_ids():
    """Members given as ARNs alone go by their names, which must differ."""
    stage = Stage()
    with pytest.raises(errors.InvalidValueError, match="logical ids"):
        stage.world.add(STACK, members=[table_arn("shop"), "arn:aws:s3:::x", "arn:aws:rds:us-east-1:1:db:shop"])


def cluster(choices: Choices | None = None) -> Stage:
    stage = Stage(choices=choices)
    for arn in (VOLUME, BUCKET):
        stage.world.add(arn)
    stage.world.add(CLUSTER, members={"pv-data": VOLUME, "pv-photos": BUCKET})
    return stage


def test_a_cluster_is_a_composite_of_its_state_and_its_volumes():
    """Both have the ARNs of the guide: ``composite:eks/...`` and ``eks/...``."""
    stage = cluster()
    job = run(stage, CLUSTER)
    assert ":recovery-point:composite:eks/web-" in job["RecoveryPointArn"]
    nested = children(stage, job["RecoveryPointArn"])
    assert ":recovery-point:eks/web-" in nested[""]["RecoveryPointArn"]
    assert set(nested) == {"", "pv-data", "pv-photos"}


def test_the_state_of_a_cluster_cannot_be_parted_from_its_composite():
    """It is not copied, deleted or disassociated alone, and goes with its parent."""
    stage = cluster()
    stage.call("CreateBackupVault", BackupVaultName="copies")
    parent = run(stage, CLUSTER)["RecoveryPointArn"]
    nested = children(stage, parent)
    named = {"BackupVaultName": "prod", "RecoveryPointArn": nested.pop("")["RecoveryPointArn"]}
    for operation in ("DeleteRecoveryPoint", "DisassociateRecoveryPointFromParent"):
        assert refused(stage, operation, **named).code == "InvalidRequestException"
    asked = {"SourceBackupVaultName": "prod", "DestinationBackupVaultArn": vault_arn("copies"), "IamRoleArn": ROLE}
    error = refused(stage, "StartCopyJob", RecoveryPointArn=named["RecoveryPointArn"], **asked)
    assert error.code == "InvalidRequestException"
    for point in nested.values():
        delete(stage, point["RecoveryPointArn"])
    delete(stage, parent)
    assert stage.points() == []


def test_a_cluster_that_is_copied_takes_its_state_along():
    """The copy is a composite in its own right, with a state of its own."""
    stage = cluster()
    stage.call("CreateBackupVault", BackupVaultName="copies")
    job = copy(stage, run(stage, CLUSTER)["RecoveryPointArn"])
    nested = children(stage, job["DestinationRecoveryPointArn"], "copies")
    assert ":recovery-point:eks/web-" in nested[""]["RecoveryPointArn"]
    assert set(nested) == {"", "pv-data", "pv-photos"}


def test_a_cluster_expires_whole():
    """State, volumes and composite are gone within the hours after the retention."""
    stage = cluster()
    run(stage, CLUSTER, Lifecycle={"DeleteAfterDays": 3})
    stage.clock.advance(days=4)
    assert stage.points() == []


@pytest.mark.parametrize("kind", ["EKS", "EBS"])
def test_a_composite_stays_as_long_as_a_nested_point_is_held(kind):
    """A legal hold on the state of a cluster, or on one of its volumes, keeps the composite past its retention."""
    stage = cluster()
    parent = run(stage, CLUSTER, Lifecycle={"DeleteAfterDays": 3})["RecoveryPointArn"]
    nested = {"FromDate": START + timedelta(seconds=10), "ToDate": START + timedelta(hours=1)}
    selection = {"ResourceIdentifiers": [kind], "DateRange": nested}
    hold = stage.call("CreateLegalHold", Title="t", Description="d", RecoveryPointSelection=selection)
    stage.clock.advance(days=10)
    assert {point["ResourceType"] for point in stage.points()} == {kind, "EKS"}
    assert stage.point(parent)["IsParent"]
    stage.call("CancelLegalHold", LegalHoldId=hold["LegalHoldId"], CancelDescription="closed")
    stage.clock.advance(days=3)
    assert stage.points() == []


def restored(stage: Stage, point: str, metadata: dict[str, Any]) -> dict[str, Any]:
    texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in metadata.items()}
    started = stage.call("StartRestoreJob", RecoveryPointArn=point, Metadata=texts, IamRoleArn=ROLE)
    stage.clock.advance(hours=3)
    job: dict[str, Any] = stage.call("DescribeRestoreJob", **started)
    return job


def test_the_composite_of_a_stack_cannot_be_restored_but_its_parts_can():
    """The template makes a stack for a change set; a nested resource comes back as any other."""
    stage = play()
    parent = run(stage)["RecoveryPointArn"]
    error = refused(stage, "StartRestoreJob", RecoveryPointArn=parent, Metadata={}, IamRoleArn=ROLE)
    assert (error.code, "nested" in str(error)) == ("InvalidRequestException", True)
    nested = children(stage, parent)
    metadata = {"StackName": "shop-again", "ChangeSetName": "restore"}
    job = restored(stage, nested[""]["RecoveryPointArn"], metadata)
    assert (job["Status"], job["IsParent"]) == ("COMPLETED", False)
    assert ":stack/shop-again/" in job["CreatedResourceArn"]
    job = restored(stage, nested["Orders"]["RecoveryPointArn"], {"targetTableName": "orders-again"})
    assert job["CreatedResourceArn"] == table_arn("orders-again")


def test_a_stack_is_restored_for_a_named_change_set_only():
    """Without ChangeSetName the job fails and says what is missing."""
    stage = play()
    template = children(stage, run(stage)["RecoveryPointArn"])[""]["RecoveryPointArn"]
    job = restored(stage, template, {"StackName": "shop-again"})
    assert (job["Status"], "ChangeSetName" in job["StatusMessage"]) == ("FAILED", True)


NEW_CLUSTER = {
    "newCluster": "true",
    "clusterRole": f"arn:aws:iam::{ACCOUNT}:role/eks",
    "clusterVpcConfig": {"subnetIds": ["subnet-1"]},
}


def test_a_cluster_is_restored_by_a_parent_job_with_a_child_for_each_part():
    """Its state makes the new cluster, and each volume that nestedRestoreJobs names comes back with its own metadata."""
    stage = cluster()
    parent = run(stage, CLUSTER)["RecoveryPointArn"]
    volume = children(stage, parent)["pv-data"]["RecoveryPointArn"]
    nested = {volume: json.dumps({"AvailabilityZone": "us-east-1a"})}
    metadata = {**NEW_CLUSTER, "clusterName": "web-again", "nestedRestoreJobs": nested}
    job = restored(stage, parent, metadata)
    assert (job["Status"], job["IsParent"]) == ("COMPLETED", True)
    assert job["CreatedResourceArn"].endswith(":cluster/web-again")
    found = stage.every("ListRestoreJobs", "RestoreJobs", ByParentJobId=job["RestoreJobId"])
    assert {child["ResourceType"] for child in found} == {"EKS", "EBS"}
    assert {child["ParentJobId"] for child in found} == {job["RestoreJobId"]}
    [made] = [child["CreatedResourceArn"] for child in found if child["ResourceType"] == "EBS"]
    assert made in stage.world


@pytest.mark.parametrize(("choice", "types"), [(False, {"EKS"}), (True, {"EKS", "EBS", "S3"})])
def test_volumes_that_are_not_named_are_restored_by_choice(choice, types):
    """No source says what becomes of them; `eks_restores_unnamed_volumes` decides."""
    stage = cluster(Choices(eks_restores_unnamed_volumes=choice))
    job = restored(stage, run(stage, CLUSTER)["RecoveryPointArn"], {"clusterName": "web"})
    found = stage.every("ListRestoreJobs", "RestoreJobs", ByParentJobId=job["RestoreJobId"])
    assert {child["ResourceType"] for child in found} == types


@pytest.mark.parametrize(
    ("metadata", "says"),
    [
        ({}, "clusterName is required"),
        ({"clusterName": "absent"}, "does not exist"),
        ({**NEW_CLUSTER, "clusterName": "web"}, "already exists"),
        ({"clusterName": "web", "nestedRestoreJobs": "[]"}, "not a JSON map"),
        ({"clusterName": "web", "nestedRestoreJobs": {"arn:other": "{}"}}, "not nested in"),
        ({"clusterName": "web", "nestedRestoreJobs": {"arn:other": "[1]"}}, "not a JSON map"),
        ({"clusterName": "web", "nestedRestoreJobs": {"arn:other": {"zone": 1}}}, "not a JSON map"),
        ({"clusterName": "web", "nestedRestoreJobs": "{"}, "not a JSON map"),
        ({"clusterName": "web", "nestedRestoreJobs": "[" * 100_000}, "not a JSON map"),
        ({"clusterName": "web", "nestedRestoreJobs": {"arn:other": "[" * 100_000}}, "not a JSON map"),
        ({"clusterName": "web", "nestedRestoreJobs": '{"arn:other": {"zone": "\\ud800"}}'}, "not a JSON map"),
    ],
)
def test_a_cluster_that_cannot_be_restored_fails_and_says_why(metadata, says):
    """Like every restore, it is taken, and what is wrong shows in the job."""
    stage = cluster()
    job = restored(stage, run(stage, CLUSTER)["RecoveryPointArn"], metadata)
    assert job["Status"] == "FAILED"
    assert says in job["StatusMessage"]


@pytest.mark.parametrize(("every", "status"), [(True, "FAILED"), (False, "COMPLETED")])
def test_a_volume_that_cannot_be_restored_fails_the_cluster_by_choice(every, status):
    """No source says which; `eks_restore_needs_every_part` decides. The state is restored either way."""
    stage = cluster(Choices(eks_restore_needs_every_part=every))
    parent = run(stage, CLUSTER)["RecoveryPointArn"]
    bucket = children(stage, parent)["pv-photos"]["RecoveryPointArn"]
    metadata = {"clusterName": "web", "nestedRestoreJobs": {bucket: "{}"}}
    job = restored(stage, parent, metadata)
    assert (job["Status"], job["CreatedResourceArn"]) == (status, CLUSTER)
    found = stage.every("ListRestoreJobs", "RestoreJobs", ByParentJobId=job["RestoreJobId"])
    assert {child["ResourceType"]: child["Status"] for child in found} == {"EKS": "COMPLETED", "S3": "FAILED"}


def test_an_outage_puts_the_restore_of_a_cluster_off():
    """While nothing of EKS is restored its job waits; when the outage is over it goes on."""
    stage = cluster()
    parent = run(stage, CLUSTER)["RecoveryPointArn"]
    outage = stage.service.faults.outage("EKS", jobs="restore", waits=True)
    job = restored(stage, parent, {"clusterName": "web"})
    assert job["Status"] == "PENDING"
    stage.service.faults.clear(outage)
    stage.clock.advance(hours=3)
    assert stage.call("DescribeRestoreJob", RestoreJobId=job["RestoreJobId"])["Status"] == "COMPLETED"


def test_manifests_alone_leave_the_volumes_where_they_are():
    """restoreKubernetesManifestsOnly restores the state, whatever else is named."""
    stage = cluster()
    parent = run(stage, CLUSTER)["RecoveryPointArn"]
    metadata = {"clusterName": "web", "restoreKubernetesManifestsOnly": "true", "nestedRestoreJobs": {"arn:x": "{}"}}
    job = restored(stage, parent, metadata)
    [child] = stage.every("ListRestoreJobs", "RestoreJobs", ByParentJobId=job["RestoreJobId"])
    assert (job["Status"], child["ResourceType"]) == ("COMPLETED", "EKS")


def test_a_composite_is_copied_to_another_region_whole():
    """Parent and children are nested there as they are here, and the jobs are recorded where the source is."""
    stage = play()
    stage.service.in_region("eu-west-1").call("CreateBackupVault", {"BackupVaultName": "far"})
    asked = {"RecoveryPointArn": run(stage)["RecoveryPointArn"], "SourceBackupVaultName": "prod", "IamRoleArn": ROLE}
    started = stage.call("StartCopyJob", **asked, DestinationBackupVaultArn=vault_arn("far", "eu-west-1"))
    stage.clock.advance(hours=3)
    job = stage.call("DescribeCopyJob", CopyJobId=started["CopyJobId"])["CopyJob"]
    assert (job["State"], job["ChildJobsInState"]) == ("COMPLETED", {"COMPLETED": 3})
    far = {"BackupVaultName": "far", "ByParentRecoveryPointArn": job["DestinationRecoveryPointArn"]}
    body = stage.service.in_region("eu-west-1").call("ListRecoveryPointsByBackupVault", far)
    found = {point.get("CompositeMemberIdentifier") for point in json.loads(body)["RecoveryPoints"]}
    assert found == {None, "Orders", "Data"}
