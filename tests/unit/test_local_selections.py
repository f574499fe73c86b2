"""Selections of the local service: echoes, refusals and quotas. What they match is tested with the schedules."""

from __future__ import annotations

import json

import pytest

from backupkit import errors
from backupkit.emulator import Choices, LocalService

ROLE = "arn:aws:iam::123456789012:role/service-role/AWSBackupDefaultServiceRole"
TAG = {"ConditionType": "STRINGEQUALS", "ConditionKey": "Backup", "ConditionValue": "daily"}


def ask(service, operation, **params):
    return json.loads(service.call(operation, params))


@pytest.fixture
def service():
    return LocalService()


@pytest.fixture
def plan(service):
    document = {"BackupPlanName": "p", "Rules": [{"RuleName": "r", "TargetBackupVaultName": "prod"}]}
    return ask(service, "CreateBackupPlan", BackupPlan=document)["BackupPlanId"]


def select(service, plan, name="s", *, token=None, **lists):
    document = {"SelectionName": name, "IamRoleArn": ROLE, **(lists or {"Resources": ["*"]})}
    tokens = {"CreatorRequestId": token} if token else {}
    return ask(service, "CreateBackupSelection", BackupPlanId=plan, BackupSelection=document, **tokens)


def test_every_list_comes_back_empty_where_none_was_given(service, plan):
    """AWS echoes all lists and four lists of conditions."""
    made = select(service, plan, ListOfTags=[TAG])
    got = ask(service, "GetBackupSelection", BackupPlanId=plan, SelectionId=made["SelectionId"])
    assert got["BackupSelection"] == {
        "SelectionName": "s",
        "IamRoleArn": ROLE,
        "Resources": [],
        "ListOfTags": [TAG],
        "NotResources": [],
        "Conditions": {"StringEquals": [], "StringNotEquals": [], "StringLike": [], "StringNotLike": []},
    }


@pytest.mark.parametrize(
    "lists",
    [
        {"NotResources": ["arn:aws:s3:::logs"]},
        {"Conditions": {"StringEquals": [{"ConditionKey": "aws:ResourceTag/a", "ConditionValue": "b"}]}},
        {"Resources": [], "ListOfTags": []},
    ],
)
def test_a_selection_needs_resources_or_tags(service, plan, lists):
    """Conditions or exclusions alone select nothing; AWS's sentence says so."""
    with pytest.raises(errors.RejectedError, match="Either 'ListOfTags' or 'Resources' section must be non-empty"):
        select(service, plan, **lists)


@pytest.mark.parametrize(
    "lists",
    [
        {"Resources": [f"arn:aws:s3:::b{n}" for n in range(501)]},
        {"Resources": [f"arn:aws:s3:::b{n}*" for n in range(31)]},
        {"Resources": ["orders"]},
        {"ListOfTags": [TAG] * 31},
        {"Resources": ["*"], "Conditions": {"StringLike": [{"ConditionKey": "k", "ConditionValue": "v"}] * 31}},
    ],
)
def test_too_much_is_refused_and_nothing_is_made(service, plan, lists):
    """500 ARNs, 30 with a wildcard, 30 tags, 30 conditions."""
    with pytest.raises(errors.RejectedError):
        select(service, plan, **lists)
    assert ask(service, "ListBackupSelections", BackupPlanId=plan)["BackupSelectionsList"] == []


def test_a_plan_holds_100_selections_and_10_by_tag(service, plan):
    """Both are quotas of a plan."""
    for number in range(10):
        select(service, plan, f"tag-{number}", ListOfTags=[TAG])
    with pytest.raises(errors.LimitError, match="by tag"):
        select(service, plan, ListOfTags=[TAG])
    for number in range(90):
        select(service, plan, f"arn-{number}")
    with pytest.raises(errors.LimitError):
        select(service, plan)


def test_the_same_request_again_answers_the_same_selection(service, plan):
    """Without a request id a second selection of the same name is made, unless the choice refuses it."""
    first = select(service, plan, token="once")
    assert select(service, plan, token="once") == first
    assert select(service, plan) != first
    strict = LocalService(choices=Choices(selection_names_unique=True))
    document = {"BackupPlanName": "p", "Rules": [{"RuleName": "r", "TargetBackupVaultName": "prod"}]}
    strict_plan = ask(strict, "CreateBackupPlan", BackupPlan=document)["BackupPlanId"]
    select(strict, strict_plan)
    with pytest.raises(errors.AlreadyExistsError):
        select(strict, strict_plan)


def test_what_is_missing_is_told_as_aws_tells_it(service, plan):
    """A missing plan or selection: wrong parameter for writing, not found for reading."""
    with pytest.raises(errors.RejectedError, match="Cannot find Backup plan"):
        select(service, "nope")
    with pytest.raises(errors.RejectedError):
        ask(service, "DeleteBackupSelection", BackupPlanId=plan, SelectionId="nope")
    with pytest.raises(errors.NotFoundError):
        ask(service, "GetBackupSelection", BackupPlanId=plan, SelectionId="nope")


def test_a_list_shows_no_documents(service, plan):
    """Each must be read by itself."""
    select(service, plan)
    (item,) = ask(service, "ListBackupSelections", BackupPlanId=plan)["BackupSelectionsList"]
    assert (item["SelectionName"], item["IamRoleArn"]) == ("s", ROLE)
    assert "BackupSelection" not in item
