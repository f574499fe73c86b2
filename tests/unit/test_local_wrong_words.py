"""Arguments of the emulator's helpers that make no sense are refused where they come in, and told by name."""

from __future__ import annotations

from types import SimpleNamespace

import attrs
import pytest
from local_stage import ACCOUNT, REGION, ROLE, table_arn

import backupkit as bk
from backupkit.emulator import Choices, Identity, LocalService, SessionWorld, SyntheticWorld, private_moto_session
from backupkit.emulator.resources.types.known import known
from backupkit.errors import BackupKitError, InvalidValueError

TABLE = table_arn("orders")
BUCKET = "arn:aws:s3:::photos"
OTHER = "210987654321"
SESSION = SimpleNamespace(client=print)


@pytest.mark.parametrize(
    "give",
    [
        lambda aws: aws.faults.deny("x"),
        lambda aws: aws.faults.deny(TABLE),
        lambda aws: aws.faults.admit("x"),
        lambda aws: aws.faults.admit([]),
        lambda aws: aws.faults.deny(ROLE.replace(ACCOUNT, OTHER)),
        lambda aws: aws.faults.admit(ROLE.replace(ACCOUNT, OTHER)),
        lambda aws: aws.faults.block_backups("x"),
        lambda aws: aws.faults.block_backups(table_arn("gone")),
        lambda aws: aws.faults.block_backups(TABLE.replace(REGION, "eu-west-1")),
        lambda aws: aws.faults.block_backups(TABLE.replace(ACCOUNT, OTHER)),
        lambda aws: aws.faults.release([]),
        lambda aws: aws.faults.release(TABLE.replace(REGION, "eu-west-1")),
        lambda aws: aws.faults.release(TABLE.replace(ACCOUNT, OTHER)),
        lambda aws: aws.faults.clear("x"),
        lambda aws: aws.faults.fail([]),
        lambda aws: aws.faults.fail("*", []),
        lambda aws: aws.faults.drop(account_id=[]),
        lambda aws: aws.faults.drop(region_name=[]),
        lambda aws: aws.faults.drop(account_id="١٢٣٤٥٦٧٨٩٠١٢"),
        lambda aws: aws.faults.drop(after="no"),
        lambda aws: aws.faults.drop(rate=0.5, seed=[]),
        lambda aws: aws.faults.drop(rate=0.5, seed=0.5),
        lambda aws: aws.faults.cut(orderly="no"),
        lambda aws: aws.faults.outage([]),
        lambda aws: aws.faults.outage("EBS", jobs=3),
        lambda aws: aws.faults.outage("EBS", jobs=()),
        lambda aws: aws.faults.outage("EBS", jobs=[[]]),
        lambda aws: aws.faults.outage("EBS", waits="no"),
        lambda aws: aws.events.listen("x"),
        lambda aws: aws.events.listen(notifications=3),
        lambda aws: aws.events.deliver_to("us-east-1"),
        lambda aws: aws.events.deliver_to(SESSION, source=""),
        lambda aws: aws.events.deliver_to(SESSION, source=3),
        lambda aws: aws.events.deliver_to(SESSION, source="x" * 257),
        lambda aws: aws.events.deliver_to(SESSION, namespace=None),
        lambda aws: aws.events.deliver_to(SESSION, namespace=":mine"),
        lambda aws: aws.events.deliver_to(SESSION, metrics_by="BackupVaultName"),
        lambda aws: aws.events.deliver_to(SESSION, metrics_by=["BackupVaultName"]),
        lambda aws: aws.events.deliver_to(SESSION, metrics_by=[3]),
        lambda aws: aws.events.deliver_to(SESSION, metrics_by=[("ResourceType", "ResourceType")]),
        lambda aws: aws.events.deliver_to(SESSION, metrics_by=[("ResourceType",), ("ResourceType",)]),
        lambda aws: aws.events.deliver_to(SESSION, metrics_by=[([],)]),
        lambda aws: aws.accounts.approve(None),
        lambda aws: aws.accounts.deny([]),
        lambda aws: aws.accounts.share("prod", with_account=None),
        lambda aws: aws.accounts.share([], with_account=OTHER),
        lambda aws: aws.accounts.unshare("prod", with_account=[]),
        lambda aws: aws.accounts.unshare("prod", with_account="me"),
        lambda aws: aws.accounts.unshare([], with_account=OTHER),
        lambda aws: aws.accounts.organization_of([]),
        lambda aws: aws.accounts.organization_of("me"),
        lambda aws: aws.accounts.organize(OTHER, management=""),
        lambda aws: aws.accounts.organize(OTHER, delegated=3),
        lambda aws: aws.accounts.organize(OTHER, organization_id=3),
        lambda aws: aws.accounts.organize(OTHER, organization_id=""),
        lambda aws: aws.as_caller(Identity(ROLE, mfa="no")),
        lambda aws: aws.as_caller(Identity([])),
        lambda aws: aws.as_account(""),
        lambda aws: aws.as_account(None),
        lambda aws: aws.in_region(""),
        lambda aws: aws.in_region(None),
        lambda aws: aws.service.call([], {}),
        lambda aws: aws.service.call(None, {}),
        lambda aws: aws.accounts.admit_credentials(None, ROLE),
        lambda aws: aws.resources.add(table_arn("two"), members=3),
        lambda aws: aws.resources.add(table_arn("two"), members=[[]]),
        lambda aws: aws.resources.add(table_arn("two"), members={"Orders": "orders"}),
        lambda aws: aws.resources.add(table_arn("two"), key_arn="aws/ebs"),
        lambda aws: aws.resources.add(table_arn("two"), key_arn=TABLE),
        lambda aws: aws.resources.add(table_arn("two"), resource_type="dynamodb"),
        lambda aws: aws.resources.add(table_arn("two"), resource_type="Ledger"),
        lambda aws: aws.resources.add(table_arn("two"), resource_type="S3"),
        lambda aws: aws.resources.add(table_arn("two"), resource_type=""),
        lambda aws: aws.resources.add(table_arn("two"), resource_type=[]),
        lambda aws: aws.resources.add(table_arn("two"), resource_type="dynamodb", allow_unknown_type=True),
        lambda aws: aws.resources.add(table_arn("two"), resource_type=3, allow_unknown_type=True),
        lambda aws: aws.resources.add(table_arn("two"), resource_type="Ledger", allow_unknown_type="yes"),
        lambda aws: aws.resources.add(table_arn("two"), account_id=OTHER),
        lambda aws: aws.resources.add(table_arn("two"), region_name="eu-west-1"),
        lambda aws: aws.resources.add(table_arn("two").replace(ACCOUNT, "me")),
        lambda aws: aws.resources.add(table_arn("two").replace(REGION, "here")),
        lambda aws: aws.resources.add(BUCKET, account_id="me"),
        lambda aws: aws.resources.add(BUCKET, account_id=None),
        lambda aws: aws.resources.add(BUCKET, account_id=123456789012),
        lambda aws: aws.resources.add(BUCKET, region_name="here"),
        lambda aws: aws.resources.add(BUCKET, region_name=3),
        lambda aws: aws.resources.add([]),
        lambda aws: aws.resources.tag(TABLE, "x"),
        lambda aws: aws.resources.tag([], {}),
        lambda aws: aws.resources.remove([]),
        lambda aws: aws.resources.infect([]),
        lambda aws: aws.resources.seal([]),
        lambda aws: aws.resources.disinfect([]),
        lambda aws: aws.resources[[]],
    ],
)
def test_a_wrong_argument_of_a_helper_is_refused_and_changes_nothing(give):
    """Never an error of Python, and never silence: a fault or listener that cannot work would prove nothing."""
    aws = bk.local()
    aws.resources.add(TABLE)
    with pytest.raises(BackupKitError):
        give(aws)
    assert list(aws.faults) == []
    assert aws.faults.denied_roles == frozenset()
    assert not aws.events.listening
    assert [each.arn for each in aws.resources] == [TABLE]


def test_an_outage_names_the_word_that_is_wrong():
    """Of several kinds of job, the one that is not a kind is told; one word alone counts as one."""
    aws = bk.local()
    with pytest.raises(InvalidValueError, match="'tape' is not a kind of job"):
        aws.faults.outage("DynamoDB", jobs=["backup", "tape"])
    assert aws.faults.outage("DynamoDB", jobs="copy").jobs == {"copy"}


def test_a_resource_type_that_is_not_known_is_told_the_nearest_one():
    """A misspelt type would be a resource that nothing protects and no list names."""
    aws = bk.local()
    with pytest.raises(InvalidValueError, match=r"world/resource_type: 'dynamodb' is not .*; write DynamoDB$"):
        aws.resources.add(TABLE, resource_type="dynamodb")
    with pytest.raises(InvalidValueError, match=r"'Ledger' .*; use some of Aurora, .*or give allow_unknown_type=True"):
        aws.resources.add(TABLE, resource_type="Ledger")


def test_a_resource_type_of_tomorrow_is_backed_up_where_it_is_said_to_be_one():
    """What AWS added since this version can be rehearsed with, by an argument that nobody writes by mistake."""
    book = f"arn:aws:ledger:{REGION}:{ACCOUNT}:book/orders"
    aws = bk.local()
    aws.resources.add(book, resource_type="Ledger", allow_unknown_type=True)
    aws.call("CreateBackupVault", BackupVaultName="prod")
    job = aws.back_up(book, vault="prod", role=ROLE).wait()
    assert (job.state, job.resource_type) == ("COMPLETED", "Ledger")


def test_a_resource_is_where_its_arn_says():
    """An account and a Region that the ARN tells, too, may be given with it; they decide where it tells none."""
    aws = bk.local()
    aws.resources.add(TABLE, account_id=ACCOUNT, region_name=REGION)
    aws.resources.add(BUCKET, account_id=OTHER, region_name="eu-west-1")
    assert [each.arn for each in aws.resources.resources(ACCOUNT, REGION)] == [TABLE]
    assert [each.arn for each in aws.resources.resources(OTHER, "eu-west-1")] == [BUCKET]
    with pytest.raises(InvalidValueError, match=f"world/account_id: '{OTHER}' is not what the ARN says, {ACCOUNT}"):
        aws.resources.add(table_arn("two"), account_id=OTHER)


def test_the_faults_of_another_place_are_named_by_the_way_to_them():
    """A fault that is set where it cannot strike says where it can, and that works."""
    aws = bk.local()
    there = TABLE.replace(REGION, "eu-west-1").replace(ACCOUNT, OTHER)
    aws.resources.add(there)
    way = rf"use aws\.as_account\('{OTHER}'\)\.in_region\('eu-west-1'\)\.faults"
    with pytest.raises(InvalidValueError, match=way):
        aws.faults.block_backups(there)
    there_aws = aws.as_account(OTHER).in_region("eu-west-1")
    there_aws.call("CreateBackupVault", BackupVaultName="prod")
    there_aws.faults.block_backups(there)
    job = there_aws.back_up(there, vault="prod")
    there_aws.clock.advance(days=2)
    assert job.refresh().state == "EXPIRED"


def test_backups_of_a_resource_that_is_gone_can_be_released():
    """Taking back what was set does not depend on the resource that it was set for."""
    aws = bk.local()
    aws.resources.add(TABLE)
    aws.faults.block_backups(TABLE)
    aws.resources.remove(TABLE)
    with pytest.raises(InvalidValueError, match=r"there is no resource .*; add it first"):
        aws.faults.block_backups(TABLE)
    aws.faults.release(TABLE)
    aws.resources.add(TABLE)
    aws.call("CreateBackupVault", BackupVaultName="prod")
    assert aws.back_up(TABLE, vault="prod").wait().state == "COMPLETED"


@pytest.mark.parametrize("words", [{"waits": "no"}, {"jobs": 3}, {"message": 3}, {"starts": 3}])
def test_every_wrong_word_of_a_fault_has_one_form_of_address(words):
    """Programs that read `Problem.address` find the argument after the slash, as of every other function."""
    with pytest.raises(InvalidValueError) as caught:
        bk.local().faults.outage("EBS", **words)
    assert {problem.address for problem in caught.value.problems} == {f"faults/{name}" for name in words}


@pytest.mark.parametrize(
    "give",
    [
        lambda aws, endless: aws.as_caller(endless),
        lambda aws, endless: aws.accounts.organize(endless),
        lambda aws, endless: aws.accounts.share(endless, with_account=OTHER),
        lambda aws, endless: aws.accounts.approve(endless),
        lambda aws, endless: aws.resources.remove(endless),
        lambda aws, endless: aws.resources.add(f"arn:aws:none:::{endless}"),
        lambda aws, endless: aws.service.call(endless, {}),
    ],
)
def test_a_text_without_end_is_shown_cut(give):
    """An error is a sentence, also where a whole file was given by mistake."""
    with pytest.raises(BackupKitError) as caught:
        give(bk.local(), "x" * 100_000)
    assert len(str(caught.value)) < 1_000


@pytest.mark.parametrize(
    "make",
    [
        lambda: bk.local(choices="x"),
        lambda: bk.local(world=3),
        lambda: bk.local(world=SyntheticWorld),
        lambda: bk.local(retry=""),
        lambda: LocalService(choices={}),
        lambda: LocalService(world="x"),
        lambda: SessionWorld("us-east-1"),
        lambda: SessionWorld(SESSION, account_id="me"),
        lambda: SessionWorld(SESSION, account_id=123456789012),
        lambda: SessionWorld(SESSION, emulated="no"),
        lambda: SessionWorld(SESSION, types=3),
        lambda: SessionWorld(SESSION, types=[3]),
        lambda: SessionWorld(SESSION, types=[[]]),
        lambda: SessionWorld(SESSION, types="DynamoDBB"),
        lambda: private_moto_session("here"),
        lambda: private_moto_session(None),
        lambda: private_moto_session(""),
    ],
)
def test_a_local_service_is_made_of_what_it_can_be_made_of(make):
    """A wrong choice, world or session is told where it is given, and not by the first call that needs it."""
    with pytest.raises(BackupKitError):
        make()


WRONG_CHOICES = {
    "page_size": [0, 1_001, 1.5, "100", True, None],
    "approval_seconds": [-1, "60", True, float("nan"), float("inf"), 10**400],
    "framework_status": ["active", "", None, 3, []],
    "unknown_restore_keys_fail": ["no", 0],
    "plan_renames": ["no", 0, None],
}


@pytest.mark.parametrize(("name", "odd"), [(name, odd) for name, odds in WRONG_CHOICES.items() for odd in odds])
def test_a_choice_of_the_wrong_kind_is_told_by_its_name(name, odd):
    """``plan_renames="no"`` would count as yes."""
    with pytest.raises(InvalidValueError) as caught:
        Choices(**{name: odd})
    assert [problem.address for problem in caught.value.problems] == [f"choices/{name}"]


def test_every_choice_is_held_to_its_kind():
    """A choice that comes later is looked at by its annotation; what is default is right."""
    Choices()
    for field in attrs.fields(Choices):
        with pytest.raises(InvalidValueError, match=f"^choices/{field.name}: "):
            Choices(**{field.name: b"x"})


def test_one_type_of_a_session_counts_as_one():
    """A text in the place of a list is not read as its letters."""
    assert known("S3", emulated=True).types == ("S3",)
