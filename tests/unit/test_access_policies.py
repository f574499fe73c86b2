"""Access policies as values: how they come together, when they are the same, and what is wrong with them."""

from __future__ import annotations

import json
import pickle

import pytest

import backupkit as bk
from backupkit.errors import InvalidValueError

GLASS = "arn:aws:iam::123456789012:role/break-glass"
AccessPolicy = bk.AccessPolicy
EVERY = {
    "deletion": AccessPolicy.deny_deletion(),
    "deletion, but for one": AccessPolicy.deny_deletion(unless=[GLASS]),
    "lifecycles": AccessPolicy.deny_lifecycle_changes(),
    "policy": AccessPolicy.deny_policy_changes(unless=GLASS),
    "deletion by hand": AccessPolicy.deny_manual_deletion(unless=[GLASS]),
    "a second factor": AccessPolicy.require_mfa(),
    "an organization": AccessPolicy.allow_copies_from_organization("o-a1b2c3d4e5"),
    "accounts": AccessPolicy.allow_copies_from_accounts("111122223333", "444455556666"),
    "in China": AccessPolicy.allow_copies_from_accounts("111122223333", partition="aws-cn"),
    "one's own": AccessPolicy.deny("StartRestoreJob", sid="NoRestores"),
}
EVERYTHING = EVERY["deletion"] | EVERY["lifecycles"] | EVERY["an organization"] | EVERY["accounts"]


@pytest.mark.parametrize("name", EVERY)
def test_every_policy_is_one_that_aws_takes(name):
    """Each can be given to a vault as it is, alone and merged, and nothing in it is unwise."""
    assert bk.Vault("prod", policy=EVERY[name]).check() == ()
    assert bk.Vault("prod", policy=EVERY[name] | EVERYTHING).check() == ()
    assert (
        bk.AirGappedVault("gap", min_days=7, max_days=9, policy=EVERY[name]).policy
        == bk.Vault("v1", policy=EVERY[name]).policy
    )


@pytest.mark.parametrize("name", EVERY)
def test_a_policy_survives_its_document_its_repr_and_pickle(name):
    """What is written down means what was said, with an equal hash."""
    policy = EVERY[name]
    others = [
        AccessPolicy.from_json(policy.to_json()),
        AccessPolicy.from_json(policy.to_dict()),
        AccessPolicy.from_json(bk.Vault("prod", policy=policy).policy),
        eval(repr(policy), {"AccessPolicy": AccessPolicy}),
        pickle.loads(pickle.dumps(policy)),
    ]
    for other in others:
        assert (other, hash(other), other.to_dict()) == (policy, hash(policy), policy.to_dict())


def test_merging_is_that_of_sets():
    """Order and repetition say nothing, and each statement comes once."""
    one, two, three = EVERY["deletion"], EVERY["lifecycles"], EVERY["accounts"]
    assert one | two == two | one != one
    assert (one | two) | three == one | (two | three)
    assert one | one == one
    assert len({*EVERY.values()}) == len(EVERY)
    assert [each["Sid"] for each in (one | two | one).to_dict()["Statement"]] == [
        "DenyDeletion",
        "DenyLifecycleChanges",
    ]


def test_each_statement_has_a_sid_of_its_own():
    """IAM refuses a Sid that comes twice."""
    merged = (
        EVERY["deletion"] | EVERY["deletion, but for one"] | AccessPolicy.deny("StartRestoreJob", sid="DenyDeletion2")
    )
    merged |= AccessPolicy.deny("StartCopyJob", sid="DenyDeletion")
    sids = [each["Sid"] for each in merged.to_dict()["Statement"]]
    assert len(set(sids)) == len(sids) == 4


REWRITTEN = {
    "Version": "2012-10-17",
    "Statement": {
        "Sid": "Other",
        "Effect": "Deny",
        "Principal": {"AWS": ["*"]},
        "Action": ["backup:disassociateRecoveryPoint", "BACKUP:DeleteRecoveryPoint"],
        "Resource": ["*"],
        "Condition": {"ArnNotLike": {"AWS:principalarn": GLASS}},
    },
}


def test_policies_are_equal_by_meaning():
    """Lists of one, case, Sids and the two ways to say everybody, or an account, make no other policy."""
    assert AccessPolicy.from_json(REWRITTEN) == EVERY["deletion, but for one"]
    numbered = json.loads(EVERY["accounts"].to_json().replace("arn:aws:iam::111122223333:root", "111122223333"))
    assert AccessPolicy.from_json(numbered) == EVERY["accounts"]
    assert EVERY["deletion"] != EVERY["deletion"].to_dict()
    old = {**EVERY["deletion"].to_dict(), "Version": "2008-10-17"}
    assert AccessPolicy.from_json(old) == EVERY["deletion"]


def test_a_policy_that_somebody_wrote_differently_is_not_changed():
    """A preview compares what policies mean; what a vault has already is left as it is."""
    with bk.local() as aws:
        aws.call("CreateBackupVault", BackupVaultName="prod")
        aws.call("PutBackupVaultAccessPolicy", BackupVaultName="prod", Policy=json.dumps(REWRITTEN))
        stack = bk.Stack("s", bk.Vault("prod", policy=EVERY["deletion, but for one"]))
        changes = {change.address: str(change.action) for change in stack.preview(aws, adopt=True)}
        assert "vault.prod/policy" not in changes


def test_a_policy_that_takes_anothers_name_hides_nothing():
    """A statement that is there under the name of a new one shows as one that goes."""
    first = {"Sid": "A", "Effect": "Deny", "Principal": "*", "Action": "backup:DeleteRecoveryPoint", "Resource": "*"}
    second = {**first, "Sid": "B", "Action": "backup:StartCopyJob"}
    with bk.local() as aws:
        bk.Stack("s", bk.Vault("prod", policy={"Statement": [first, second]})).preview(aws).apply()
        stack = bk.Stack("s", bk.Vault("prod", policy={"Statement": [{**second, "Sid": "A"}]}))
        (change,) = stack.preview(aws)
    assert [(each.old is not None, each.new is not None) for each in change.differences] == [(True, False)]
    assert change.takes_away


def test_doubles_of_a_statement_keep_their_names_apart():
    """Where one of two that say the same gets another name, nothing is changed by that."""
    deny = {"Effect": "Deny", "Principal": "*", "Action": "backup:StartCopyJob", "Resource": "*"}
    before, after = ({"Statement": [{**deny, "Sid": sid} for sid in sids]} for sids in ("AB", "AC"))
    with bk.local() as aws:
        bk.Stack("s", bk.Vault("prod", policy=before)).preview(aws).apply()
        assert not bk.Stack("s", bk.Vault("prod", policy=after)).preview(aws)


WRONG = {
    "no operation": (AccessPolicy.deny, "policy/operations: none is given"),
    "a wildcard": (lambda: AccessPolicy.deny("Delete*"), "'Delete*' is not an operation"),
    "another service": (lambda: AccessPolicy.deny("s3:GetObject"), "is not an operation of AWS Backup"),
    "a name for an ARN": (lambda: AccessPolicy.deny_deletion(unless=["admin"]), "'admin' is not the ARN of a role"),
    "a number for an ARN": (lambda: AccessPolicy.deny_deletion(unless=[5]), "5 is not the ARN of a role"),
    "nobody is spared": (lambda: AccessPolicy.deny_policy_changes(unless=[]), "policy/unless: none is given"),
    "no organization": (lambda: AccessPolicy.allow_copies_from_organization("acme"), "write it like o-a1b2c3d4e5"),
    "no account": (AccessPolicy.allow_copies_from_accounts, "policy/account_ids: none is given"),
    "a short account": (lambda: AccessPolicy.allow_copies_from_accounts("123"), "12 digits, as text"),
    "a number for an account": (lambda: AccessPolicy.allow_copies_from_accounts(111122223333), "12 digits, as text"),
    "no JSON": (lambda: AccessPolicy.from_json("{"), "it is not JSON"),
    "no statements": (lambda: AccessPolicy.from_json({}), "at least one Statement"),
    "a list": (lambda: AccessPolicy.from_json("[]"), "at least one Statement"),
    "an effect that is not one": (
        lambda: AccessPolicy.from_json({"Statement": [{"Effect": "deny"}]}),
        "Effect Allow or Deny",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_not_a_policy_is_refused(name):
    """A message says what is wrong, and what to write."""
    make, words = WRONG[name]
    with pytest.raises(InvalidValueError, match=r"^policy") as caught:
        make()
    assert words in str(caught.value)


def test_a_policy_that_locks_everybody_out_is_warned_about():
    """Who may neither change nor remove a policy can never take it back; so it is with everybody and no way round."""
    denied = AccessPolicy.deny("PutBackupVaultAccessPolicy", "DeleteBackupVaultAccessPolicy")
    (problem,) = bk.Vault("prod", policy=denied).check()
    assert "vault.prod/policy: nobody, the root of the account included" in str(problem)
    assert bk.Vault("prod", policy=AccessPolicy.deny("PutBackupVaultAccessPolicy")).check() == ()


def test_a_vault_that_is_open_to_all_is_warned_about():
    """An Allow for everybody without a condition is seldom meant."""
    opened = {
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "backup:CopyIntoBackupVault", "Resource": "*"}
        ]
    }
    (problem,) = bk.Vault("prod", policy=opened).check()
    assert "lets every account of the organization" in str(problem)


def test_a_guarded_vault_satisfies_the_control_of_manual_deletion():
    """It denies what Audit Manager asks for, with who is spared in its parameter; denied deletion is not enough."""
    verdicts = {}
    for name, policy in (("less", EVERY["deletion"]), ("all", AccessPolicy.deny_manual_deletion(unless=[GLASS]))):
        with bk.local() as aws:
            bk.Stack("s", bk.Vault("prod", policy=policy)).preview(aws).apply()
            table = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
            aws.resources.add(table)
            aws.back_up(table, vault="prod").wait()
            spared = {"ParameterName": "principalArnList", "ParameterValue": GLASS}
            name_of_control = "BACKUP_RECOVERY_POINT_MANUAL_DELETION_DISABLED"
            control = {"ControlName": name_of_control, "ControlInputParameters": [spared]}
            aws.call("CreateFramework", FrameworkName="f", FrameworkControls=[control])
            aws.clock.advance(days=2)
            verdicts[name] = {found.compliant for each in aws.findings("f") for found in each.findings}
    assert verdicts == {"less": {False}, "all": {True}}


@pytest.mark.parametrize(
    ("operation", "meant"),
    [
        ("DeleteRecoveryPiont", "backup:DeleteRecoveryPoint"),
        ("PutVaultAccessPolicy", "backup:PutBackupVaultAccessPolicy"),
    ],
)
def test_an_operation_that_no_vault_is_asked_about_is_warned_of(operation, meant):
    """AWS takes a misspelt action, and the policy forbids nothing: the check of the vault says what was meant."""
    vault = bk.Vault("prod", policy=bk.AccessPolicy.deny(operation))
    (found,) = vault.check()
    assert found.address == "vault.prod/policy"
    assert found.message == f"'backup:{operation}' is not an action that the policy of a vault decides about"
    assert found.hint == f"write {meant}"


def test_what_a_policy_decides_about_is_written_in_any_case():
    """IAM compares actions without case, and operations on points and on anything by its ARN count, too."""
    names = ("deleterecoverypoint", "STARTRESTOREJOB", "TagResource", "CopyFromBackupVault", "StartCopyJob")
    assert bk.Vault("prod", policy=bk.AccessPolicy.deny(*names)).check() == ()


def test_an_action_that_is_spared_is_looked_at_too():
    """A misspelt NotAction forbids what was to stay allowed."""
    statement = {"Effect": "Deny", "Principal": "*", "NotAction": ["backup:DescribeVault"], "Resource": "*"}
    (found,) = bk.Vault("prod", policy={"Version": "2012-10-17", "Statement": [statement]}).check()
    assert "'backup:DescribeVault' is not an action" in found.message
