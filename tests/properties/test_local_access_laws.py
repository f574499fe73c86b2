"""Laws of access policies: a Deny wins, order does not matter, and without a policy nothing is decided."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backupkit import errors
from backupkit.emulator import Identity, LocalService
from backupkit.emulator.iam.policies import AuthRequest, Verdict, pattern_matches, verdict

ACCOUNT, OTHER = "123456789012", "210987654321"
VAULT = f"arn:aws:backup:us-east-1:{ACCOUNT}:backup-vault:prod"
POINT = f"arn:aws:backup:us-east-1:{ACCOUNT}:recovery-point:11111111-2222-4333-a444-555555555555"
ACTIONS = ["backup:DescribeBackupVault", "backup:DeleteRecoveryPoint", "backup:CopyIntoBackupVault"]
NAMES = [
    "*",
    ACCOUNT,
    OTHER,
    f"arn:aws:iam::{ACCOUNT}:root",
    f"arn:aws:iam::{ACCOUNT}:role/admin",
    "AROAEXAMPLEEXAMPLE1",
]
KEYS = {"aws:principalarn": NAMES[4], "aws:userid": "AROAEXAMPLEEXAMPLE1:me", "aws:principalaccount": ACCOUNT}

CONDITIONS = st.dictionaries(
    st.sampled_from(["StringEquals", "StringNotEquals", "StringLike", "ArnNotLike", "Null", "StringEqualsIfExists"]),
    st.dictionaries(
        st.sampled_from(["aws:PrincipalArn", "aws:userId", "aws:PrincipalAccount", "aws:username"]),
        st.lists(st.sampled_from([*NAMES, "true", "false", "*:me"]), min_size=1, max_size=3),
        min_size=1,
        max_size=2,
    ),
    max_size=2,
)


def either(name: str, values: Any) -> Any:
    """An element or its opposite."""
    return st.sampled_from([name, f"Not{name}"]).flatmap(lambda key: st.fixed_dictionaries({key: values}))


def some(values: list[str]) -> Any:
    return st.lists(st.sampled_from(values), min_size=1, max_size=3)


STATEMENTS = st.builds(
    lambda effect, *parts: {"Effect": effect, **{k: v for part in parts for k, v in part.items()}},
    st.sampled_from(["Allow", "Deny"]),
    either("Principal", st.fixed_dictionaries({"AWS": some(NAMES)})),
    either("Action", some(ACTIONS)),
    either("Resource", some(["*", VAULT, POINT, "arn:aws:ec2:*:*:snapshot/*"])),
    st.fixed_dictionaries({}, optional={"Condition": CONDITIONS}),
)
REQUESTS = st.builds(
    AuthRequest,
    st.sampled_from(ACTIONS),
    st.sampled_from([(VAULT,), (POINT, VAULT)]),
    st.frozensets(st.sampled_from(NAMES[1:])).map(lambda names: names | {"*"}),
    st.sets(st.sampled_from(sorted(KEYS))).map(lambda keys: {key: (KEYS[key],) for key in keys}),
)


def said(statements: list[dict[str, Any]], asked: AuthRequest) -> Verdict:
    return verdict(json.dumps({"Version": "2012-10-17", "Statement": statements}), asked)


@given(statements=st.lists(STATEMENTS, min_size=1, max_size=4), asked=REQUESTS)
def test_a_verdict_is_that_of_its_statements(statements, asked):
    """Denied where any statement denies by itself; else allowed where any allows; else nothing is said."""
    alone = {said([statement], asked) for statement in statements}
    expected = next(each for each in Verdict if each in alone)
    assert said(statements, asked) is expected


@given(statements=st.lists(STATEMENTS, min_size=1, max_size=4), more=STATEMENTS, asked=REQUESTS)
def test_nothing_takes_a_deny_back(statements, more, asked):
    """Whatever is added to a policy that denies, it still denies; an Allow wins over no Deny."""
    if said(statements, asked) is Verdict.DENIED:
        assert said([*statements, more], asked) is Verdict.DENIED
        assert said([more, *statements], asked) is Verdict.DENIED


@given(statements=st.lists(STATEMENTS, min_size=1, max_size=4), asked=REQUESTS)
def test_the_order_of_statements_does_not_matter(statements, asked):
    """Turned round, a policy decides the same."""
    assert said(statements, asked) is said(statements[::-1], asked)


@given(statement=STATEMENTS, asked=REQUESTS)
def test_an_element_and_its_opposite_never_agree(statement, asked):
    """Where all else fits, a statement holds with an element, or with its Not, and never with both or neither."""
    whole = {"Effect": "Allow", "Principal": "*", "Action": asked.action, "Resource": "*"}
    for element in ("Action", "Resource", "Principal"):
        values = statement.get(element, statement.get(f"Not{element}"))
        rest = {name: value for name, value in whole.items() if name != element}
        one, other = said([{**rest, element: values}], asked), said([{**rest, f"Not{element}": values}], asked)
        assert {one, other} == {Verdict.ALLOWED, Verdict.IMPLICIT_DENY}


@given(text=st.text("ab*?:", max_size=8), value=st.text("ab:", max_size=8))
def test_patterns_match_as_wildcards_say(text, value):
    """``*`` is any text and ``?`` any letter, as a plain walk over both finds."""

    def walk(pattern: str, rest: str) -> bool:
        if not pattern:
            return not rest
        if pattern[0] == "*":
            return any(walk(pattern[1:], rest[start:]) for start in range(len(rest) + 1))
        return bool(rest) and pattern[0] in {"?", rest[0]} and walk(pattern[1:], rest[1:])

    assert pattern_matches(text, value) is walk(text, value)


def answer(service: LocalService) -> bytes | str:
    try:
        return service.call("DescribeBackupVault", {"BackupVaultName": "prod"})
    except errors.ServiceError as error:
        return error.code


@given(statements=st.lists(STATEMENTS, min_size=1, max_size=3))
def test_removing_a_policy_restores_the_default(statements):
    """Whatever a policy said, without it every caller of the account reads the vault again, to the byte."""
    service = LocalService()
    service.call("CreateBackupVault", {"BackupVaultName": "prod"})
    admin = service.as_caller(Identity(f"arn:aws:sts::{ACCOUNT}:assumed-role/admin/me", "AROAEXAMPLEEXAMPLE1:me"))
    before = answer(admin)
    vault = service.simulation.scope(ACCOUNT, "us-east-1").vaults["prod"]
    vault.policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    assert answer(admin) in {before, "AccessDeniedException"}
    vault.policy = None
    assert answer(admin) == before


@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_a_policy_that_names_nobody_here_decides_nothing(effect):
    """For callers that no statement names, the default stands."""
    statement = {"Effect": effect, "Principal": {"AWS": OTHER}, "Action": ACTIONS, "Resource": "*"}
    asked = AuthRequest(ACTIONS[0], (VAULT,), frozenset({"*", ACCOUNT}), {})
    assert said([statement], asked) is Verdict.IMPLICIT_DENY
