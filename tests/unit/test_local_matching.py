from __future__ import annotations

from collections.abc import Callable

import pytest
from local_stage import ACCOUNT, REGION, Stage, table_arn

from backupkit.emulator.kernel.behavior import Choices
from backupkit.matching import Selector, glob, selects, wildcards

TABLE, PROD = table_arn("orders"), {"Environment": "production", "Backup": "daily"}


@pytest.mark.parametrize(
    ("operator", "value", "chosen"),
    [
        ("StringEquals", "production", True),
        ("StringEquals", "prod*", False),
        ("StringEquals", "Production", False),
        ("StringLike", "prod*", True),
        ("StringLike", "*duct*", True),
        ("StringLike", "Prod*", False),
        ("StringNotEquals", "production", False),
        ("StringNotEquals", "test", True),
        ("StringNotLike", "prod*", False),
        ("StringNotLike", "test*", True),
    ],
)
def test_each_operator_asks_its_own_question(operator: str, value: str, chosen: bool) -> None:
    """Only the Like operators know wildcards, and case always counts."""
    conditions = [(operator, "aws:ResourceTag/Environment", value)]
    assert selects(TABLE, PROD, resources=["*"], conditions=conditions) is chosen


def test_a_condition_key_without_its_prefix_matches_nothing() -> None:
    """The API takes a bare key in Conditions and then selects no resource at all, whatever the operator."""
    for operator in ("StringEquals", "StringNotEquals", "StringLike", "StringNotLike"):
        assert not selects(TABLE, PROD, resources=["*"], conditions=[(operator, "Environment", "test")])


def test_list_of_tags_keys_are_bare() -> None:
    """A prefixed key in ListOfTags names another tag."""
    assert selects(TABLE, PROD, list_of_tags=[("Backup", "weekly"), ("Backup", "daily")])
    assert not selects(TABLE, PROD, list_of_tags=[("aws:ResourceTag/Backup", "daily")])


def test_a_missing_tag_differs_unless_chosen_otherwise() -> None:
    """Whether StringNotEquals holds without the tag is an open point with a switch."""
    condition = (("StringNotEquals", "aws:ResourceTag/Environment", "test"),)
    assert Selector(("*",), conditions=condition).selects(TABLE, {})
    assert not Selector(("*",), conditions=condition, missing_tag_differs=False).selects(TABLE, {})


def test_wildcards_stand_anywhere_unless_chosen_otherwise() -> None:
    """The guide takes ``*`` anywhere, the model at the end only: a switch decides."""
    pattern = ("arn:aws:dynamodb:*:*:table/*",)
    assert Selector(pattern).selects(TABLE, {})
    assert not Selector(pattern, wildcard_anywhere=False).selects(TABLE, {})
    assert Selector(("arn:aws:dynamodb:*",), wildcard_anywhere=False).selects(TABLE, {})


def jobs_for(stage: Stage, *arns: str, **selection: object) -> set[str]:
    for arn in arns:
        stage.world.add(arn)
    stage.plan({"RuleName": "daily"}, **selection)
    stage.clock.advance(days=1)
    return {job["ResourceArn"] for job in stage.jobs()}


CLUSTER = f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:main"
VOLUME = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-1"
SYSTEM = f"arn:aws:fsx:{REGION}:{ACCOUNT}:file-system/fs-1"


def test_types_that_are_not_opted_in_are_left_out() -> None:
    """Aurora and FSx are opted out at first, and a wildcard over everything obeys that."""
    assert jobs_for(Stage(), TABLE, CLUSTER, SYSTEM, Resources=["*"]) == {TABLE}


@pytest.mark.parametrize(
    ("pattern", "chosen"), [(VOLUME, True), ("arn:aws:ec2:*:*:volume/*", True), ("arn:aws:ec2:*", False)]
)
def test_an_arn_of_a_type_overrides_the_opt_out(pattern: str, chosen: bool) -> None:
    """A full ARN or one of a type is backed up in spite of the opt-out; one of a whole service is not."""
    stage = Stage()
    stage.call("UpdateRegionSettings", ResourceTypeOptInPreference={"EBS": False})
    assert jobs_for(stage, VOLUME, Resources=[pattern]) == ({VOLUME} if chosen else set())


def test_types_that_share_arns_do_not_override_the_opt_out() -> None:
    """Aurora, Neptune and DocumentDB share their ARNs, so naming one does not opt it in."""
    assert jobs_for(Stage(), CLUSTER, Resources=[CLUSTER]) == set()


def test_resources_under_restore_test_are_left_out() -> None:
    """Plans ignore what restore testing made, known by tag or name."""
    stage = Stage()
    stage.world.add(table_arn("tagged"), tags={"awsbackup-restore-test": "1"})
    assert jobs_for(stage, TABLE, table_arn("awsbackup-restore-test-1"), Resources=["*"]) == {TABLE}


def test_the_choices_of_the_service_reach_its_selections() -> None:
    """The switches of `Choices` decide what plans select."""
    stage = Stage(choices=Choices(wildcard_anywhere=False))
    assert jobs_for(stage, TABLE, Resources=["arn:aws:dynamodb:*:*:table/*"]) == set()


def test_a_resource_in_two_selections_is_backed_up_once() -> None:
    """One firing makes one job for a resource, however many selections of the plan name it."""
    stage = Stage()
    stage.world.add(TABLE)
    plan_id = stage.plan({"RuleName": "daily"})
    again = {"SelectionName": "again", "IamRoleArn": "arn:aws:iam::123456789012:role/other", "Resources": [TABLE]}
    stage.call("CreateBackupSelection", BackupPlanId=plan_id, BackupSelection=again)
    stage.clock.advance(days=1)
    assert [job["ResourceArn"] for job in stage.jobs()] == [TABLE]


@pytest.mark.parametrize("read", [glob, wildcards])
def test_many_wildcards_take_no_time(read: Callable[[str], Callable[[str], bool]]) -> None:
    """A pattern of sixty stars that almost fits is answered at once; trying every way to place them never ends."""
    text = "a" * 5000
    assert not read("*a" * 60 + "*b")(text)
    assert read("*a" * 60 + "*b*")(text + "b")


def test_a_selection_of_many_wildcards_does_not_hold_up_the_clock() -> None:
    """A plan whose condition is a hard pattern fires like any other."""
    stage = Stage()
    stage.world.add(TABLE, tags={"line": "a" * 256})
    hard = {"ConditionKey": "aws:ResourceTag/line", "ConditionValue": "*a" * 30 + "*b"}
    stage.plan({"RuleName": "daily"}, Resources=["*"], Conditions={"StringNotLike": [hard]})
    stage.clock.advance(days=1)
    assert [job["ResourceArn"] for job in stage.jobs()] == [TABLE]
