"""Whether a role can be taken on is read from its trust policy as IAM reads it, for coverage, previews and roles alike."""

import json

import pytest

import backupkit as bk
from backupkit.emulator.resources.session import SessionWorld, private_moto_session
from backupkit.neighbours import SessionNeighbours
from backupkit.neighbours.roles import usable_roles
from backupkit.neighbours.trust import names_backup, trusts

ACCOUNT = "123456789012"
REGION = "us-east-1"
SERVICE = "backup.amazonaws.com"
BY_NAME = {"Service": SERVICE}
CONDITION = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def statement(principal=BY_NAME, action="sts:AssumeRole", effect="Allow", **more):
    return {"Effect": effect, "Principal": principal, "Action": action, **more}


def policy(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


@pytest.mark.parametrize(
    "action",
    [
        "sts:AssumeRole",
        "sts:assumerole",
        "STS:*",
        "*",
        "sts:Assume*",
        "sts:AssumeRol?",
        ["sts:TagSession", "sts:AssumeRole"],
    ],
)
def test_an_action_is_a_pattern_without_case(action):
    """Whoever writes sts:* trusts AWS Backup as much as who writes sts:AssumeRole."""
    assert trusts(policy(statement(action=action))) is True


@pytest.mark.parametrize("action", ["sts:TagSession", "sts:AssumeRole?", "sts:AssumeRoleWith*", [], "iam:*"])
def test_another_action_is_not_enough(action):
    """A statement that does not let the role be taken on is not trust."""
    assert trusts(policy(statement(action=action))) is False


@pytest.mark.parametrize(("left_out", "told"), [("sts:AssumeRole*", False), ("sts:*", False), ("iam:*", True)])
def test_all_actions_but_some_are_read_the_other_way_round(left_out, told):
    """NotAction is every action that it does not name."""
    found = {"Effect": "Allow", "Principal": BY_NAME, "NotAction": left_out}
    assert trusts(policy(found)) is told


@pytest.mark.parametrize(
    ("principal", "told"),
    [
        ({"Service": SERVICE}, True),
        ({"Service": ["ec2.amazonaws.com", SERVICE]}, True),
        ({"Service": SERVICE, "AWS": ACCOUNT}, True),
        ({"Service": "ec2.amazonaws.com"}, False),
        # IAM takes no wildcard as a service.
        ({"Service": "*"}, False),
        ({"Service": "backup.*"}, False),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, False),
        ({"Federated": "accounts.google.com"}, False),
        # Whether services are among these, AWS does not say.
        ("*", None),
        ({"AWS": "*"}, None),
        ({"AWS": [ACCOUNT, "*"]}, None),
        (None, False),
    ],
)
def test_a_service_is_trusted_by_its_name(principal, told):
    """Trust in users, roles or another service is not trust in AWS Backup; of everybody it is not known."""
    assert trusts(policy(statement(principal))) is told


@pytest.mark.parametrize(("left_out", "told"), [(BY_NAME, False), ({"AWS": ACCOUNT}, None)])
def test_everybody_but_some_is_trust_in_nobody_for_sure(left_out, told):
    """NotPrincipal that names AWS Backup leaves it out; one that does not is as open as "*"."""
    found = {"Effect": "Allow", "NotPrincipal": left_out, "Action": "sts:AssumeRole"}
    assert trusts(policy(found)) is told


@pytest.mark.parametrize(
    ("condition", "trusted"),
    [
        ({"StringEquals": {"aws:SourceAccount": ACCOUNT}}, True),
        ({"StringEquals": {"AWS:sourceaccount": [ACCOUNT, "210987654321"]}}, True),
        ({"StringEqualsIfExists": {"aws:SourceAccount": ACCOUNT}}, True),
        ({"StringLike": {"aws:SourceAccount": "1234*"}}, True),
        ({"StringEquals": {"aws:SourceAccount": "210987654321"}}, False),
        ({"StringEquals": {"aws:SourceAccount": "1234*"}}, False),
        ({"StringNotEquals": {"aws:SourceAccount": "210987654321"}}, None),
        ({"StringEquals": {"aws:SourceArn": "arn:aws:backup:*"}}, None),
        ({"StringEquals": {"aws:SourceAccount": ACCOUNT, "aws:SourceArn": "arn:aws:backup:*"}}, None),
        ({"StringEquals": {"aws:SourceAccount": "210987654321", "aws:SourceArn": "arn:aws:backup:*"}}, False),
        ({"StringEquals": {"aws:SourceAccount": ACCOUNT}, "Bool": {"aws:SecureTransport": "true"}}, None),
        ("?", None),
        ({"StringEquals": "?"}, None),
    ],
)
def test_a_condition_on_the_account_is_decided(condition, trusted):
    """The guard against the confused deputy that AWS recommends is trust for the account that it names, and only that."""
    assert trusts(policy(statement(Condition=condition)), ACCOUNT) is trusted


def test_a_condition_leaves_it_open():
    """What AWS Backup says of itself in the request is not known, so a condition may hold or not."""
    assert trusts(policy(statement(Condition=CONDITION))) is None
    assert trusts(policy(statement(Condition={}))) is True
    assert trusts(policy(statement(Condition=CONDITION), statement())) is True
    assert trusts(policy(statement({"Service": "ec2.amazonaws.com"}, Condition=CONDITION))) is False


@pytest.mark.parametrize(
    ("denied", "told"),
    [
        (statement(effect="Deny"), False),
        (statement(effect="Deny", action="*"), False),
        (statement(effect="Deny", action="sts:TagSession"), True),
        (statement({"AWS": ACCOUNT}, effect="Deny"), True),
        (statement("*", effect="Deny"), None),
        (statement(effect="Deny", Condition=CONDITION), None),
    ],
)
def test_a_deny_wins(denied, told):
    """An explicit Deny stands against every Allow, before and after it."""
    assert trusts(policy(statement(), denied)) is told
    assert trusts(policy(denied, statement())) is told


@pytest.mark.parametrize("empty", [{}, {"Statement": []}, {"Statement": None}, {"Statement": ["?"]}])
def test_without_a_statement_nobody_is_trusted(empty):
    """Requests are denied by default."""
    assert trusts(empty) is False


def test_a_single_statement_needs_no_list():
    """IAM takes one statement as it takes a list of one."""
    assert trusts({"Statement": statement()}) is True


def test_a_name_counts_whatever_the_condition():
    """A condition is somebody's intent: a declared role is not opened wider than it is."""
    assert names_backup(policy(statement(Condition=CONDITION)))
    assert not names_backup(policy(statement("*")))
    assert not names_backup(policy(statement(effect="Deny")))


@pytest.fixture
def session():
    return private_moto_session(region_name=REGION)


def made(session, name, *statements):
    document = json.dumps(policy(*statements))
    return session.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]


@pytest.mark.slow
def test_roles_of_selections_are_read_alike(session):
    """Coverage and previews ask IAM and say so where the trust policy leaves it open."""
    guarded = made(session, "guarded", statement(Condition=CONDITION))
    open_ = made(session, "open", statement(Condition={"Bool": {"aws:SecureTransport": "true"}}))
    wide = made(session, "wide", statement(action="sts:Assume*"))
    shut = made(session, "shut", statement(), statement(effect="Deny"))
    found = usable_roles(SessionNeighbours(session, REGION, lambda _: None), [guarded, open_, wide, shut])
    assert found == {guarded: True, open_: None, wide: True, shut: False}


@pytest.fixture
def aws(session):
    with bk.local(world=SessionWorld(session, account_id=ACCOUNT)) as aws:
        yield aws


@pytest.mark.slow
@pytest.mark.parametrize(
    ("there", "added"),
    [
        (statement(action="sts:*"), False),
        (statement(action="sts:Assume*"), False),
        (statement(Condition=CONDITION), False),
        (statement("*"), True),
        (statement({"Service": "ec2.amazonaws.com"}), True),
    ],
)
def test_a_declared_role_gains_trust_only_where_it_has_none(aws, session, there, added):
    """Trust that is written otherwise is trust, and under a condition it stays under it."""
    made(session, "mine", there)
    stack = bk.Stack("s", bk.BackupRole("mine", types="DynamoDB", least_privilege=True))
    stack.preview(aws).apply()
    statements = session.client("iam").get_role(RoleName="mine")["Role"]["AssumeRolePolicyDocument"]["Statement"]
    assert len(statements) == 1 + added
    assert not stack.preview(aws)


def test_a_declared_role_that_denies_aws_backup_is_a_problem(aws, session):
    """Adding trust beside a Deny would change nothing, so the preview says what to do instead."""
    made(session, "mine", statement({"Service": "ec2.amazonaws.com"}), statement(effect="Deny"))
    [problem] = bk.Stack("s", bk.BackupRole("mine", types="RDS")).preview(aws).problems
    assert problem.address == "backup_role.mine"
    assert "denies backup.amazonaws.com; take the Deny out" in str(problem)
