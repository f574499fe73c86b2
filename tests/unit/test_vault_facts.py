"""Whether an access policy forbids something to everybody, to nobody, or depends on who asks."""

from __future__ import annotations

import json

import pytest

from backupkit.recover.vault_policy import denies

ACTION = "backup:DeleteRecoveryPoint"
POINT, VAULT = "arn:aws:backup:us-east-1:1:recovery-point:a", "arn:aws:backup:us-east-1:1:backup-vault:prod"
DENY = {"Effect": "Deny", "Principal": "*", "Action": ACTION, "Resource": "*"}


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({}, True),
        ({"Principal": {"AWS": ["*"]}}, True),
        ({"Action": ["backup:StartCopyJob", "BACKUP:deleterecoverypoint"]}, True),
        ({"Action": "backup:Delete*"}, True),
        ({"Action": None, "NotAction": "backup:StartBackupJob"}, True),
        ({"Resource": VAULT}, True),
        ({"Resource": None, "NotResource": "arn:aws:backup:us-east-1:1:recovery-point:b"}, True),
        ({"Effect": "Allow"}, False),
        ({"Action": "backup:StartCopyJob"}, False),
        ({"Action": None, "NotAction": ACTION}, False),
        ({"Resource": "arn:aws:backup:us-east-1:1:recovery-point:b"}, False),
        ({"Resource": None, "NotResource": "*"}, False),
        ({"Principal": {"AWS": "arn:aws:iam::1:role/intern"}}, None),
        ({"Principal": None, "NotPrincipal": {"AWS": "arn:aws:iam::1:role/admin"}}, None),
        ({"Condition": {"StringNotEquals": {"aws:PrincipalArn": "arn:aws:iam::1:role/admin"}}}, None),
    ],
)
def test_what_a_policy_forbids(change, verdict):
    """Only an unconditional denial for all callers is sure; everything about single callers is left to AWS."""
    statement = {name: value for name, value in {**DENY, **change}.items() if value is not None}
    assert denies(json.dumps({"Statement": statement}), ACTION, (POINT, VAULT)) is verdict
    assert denies(json.dumps({"Statement": [{"Effect": "Allow"}, statement]}), ACTION, (POINT, VAULT)) is verdict


def test_a_policy_that_cannot_be_read_is_not_decided():
    """What is not JSON forbids nothing for sure."""
    assert denies("{", ACTION, (POINT,)) is None
    assert denies("[]", ACTION, (POINT,)) is False
