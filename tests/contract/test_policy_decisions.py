"""Access policies as values: each decides as it says, in the local service and for an evaluator of IAM that is not ours."""

from __future__ import annotations

import json
import shutil
import subprocess
from contextlib import nullcontext
from pathlib import Path

import pytest

import backupkit as bk
from backupkit import AccessPolicy
from backupkit.emulator import Identity
from backupkit.errors import ServiceError

HERE = Path(__file__).parent
ACCOUNT, OTHER, THIRD, REGION = "123456789012", "210987654321", "333333333333", "us-east-1"
ORDERS = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
POINT = f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:1EB3B5E7-9EB0-435A-A80B-108B488B0D45"
VAULT = f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:prod"
ADMIN, GLASS = f"arn:aws:iam::{ACCOUNT}:role/admin", f"arn:aws:iam::{ACCOUNT}:role/break-glass"
BOTH = AccessPolicy.deny_deletion(unless=[GLASS]) | AccessPolicy.deny_lifecycle_changes()
GUARDED = AccessPolicy.deny_policy_changes(unless=[GLASS])
LIFECYCLE, POLICY = "UpdateRecoveryPointLifecycle", "PutBackupVaultAccessPolicy"

# Policy, operation, caller, whether with a second factor, and whether it goes through.
CASES = {
    "nobody deletes": (AccessPolicy.deny_deletion(), "DeleteRecoveryPoint", ADMIN, True, False),
    "who may not delete may change lifecycles": (AccessPolicy.deny_deletion(), LIFECYCLE, ADMIN, False, True),
    "nobody changes lifecycles": (AccessPolicy.deny_lifecycle_changes(), LIFECYCLE, ADMIN, True, False),
    "merged, both hold: deletion": (BOTH, "DeleteRecoveryPoint", ADMIN, False, False),
    "merged, both hold: lifecycle": (BOTH, LIFECYCLE, GLASS, False, False),
    "who is spared deletes": (BOTH, "DeleteRecoveryPoint", GLASS, False, True),
    "nobody changes the policy": (GUARDED, POLICY, ADMIN, True, False),
    "nobody removes the policy": (GUARDED, "DeleteBackupVaultAccessPolicy", ADMIN, True, False),
    "who is spared changes the policy": (GUARDED, POLICY, GLASS, False, True),
    "without a second factor": (AccessPolicy.require_mfa(), "DeleteRecoveryPoint", ADMIN, False, False),
    "with a second factor": (AccessPolicy.require_mfa(), "DeleteRecoveryPoint", ADMIN, True, True),
    "reading needs no second factor": (AccessPolicy.require_mfa(), "DescribeBackupVault", ADMIN, False, True),
    "automation needs no second factor": (AccessPolicy.require_mfa(unless=[GLASS]), LIFECYCLE, GLASS, False, True),
    "a second factor for one operation": (AccessPolicy.require_mfa(LIFECYCLE), LIFECYCLE, ADMIN, False, False),
    "an operation of one's own": (
        AccessPolicy.deny("backup:DescribeBackupVault"),
        "DescribeBackupVault",
        ADMIN,
        True,
        False,
    ),
    "one that is spared by a pattern": (
        AccessPolicy.deny("DescribeBackupVault", unless=f"arn:aws:iam::{ACCOUNT}:role/break-*"),
        "DescribeBackupVault",
        GLASS,
        False,
        True,
    ),
}
PARAMS = {
    "DeleteRecoveryPoint": {},
    LIFECYCLE: {"Lifecycle": {"DeleteAfterDays": 30}},
    POLICY: {"Policy": BOTH.to_json()},
    "DeleteBackupVaultAccessPolicy": {},
    "DescribeBackupVault": {},
}
ORGANIZATION, ELSEWHERE = "o-backupkit00", "o-elsewhere000"
FROM_HERE = AccessPolicy.allow_copies_from_organization(ORGANIZATION)
# Policy, account that copies in, and whether the copy is made.
COPIES = {
    "an account of the organization": (FROM_HERE, OTHER, True),
    "an account of another organization": (AccessPolicy.allow_copies_from_organization(ELSEWHERE), OTHER, False),
    "an account that is named": (AccessPolicy.allow_copies_from_accounts(OTHER, THIRD), OTHER, True),
    "an account that is not named": (AccessPolicy.allow_copies_from_accounts(THIRD), OTHER, False),
    "merged with a denial": (FROM_HERE | AccessPolicy.deny_deletion(), OTHER, True),
    "merged, either lets in": (FROM_HERE | AccessPolicy.allow_copies_from_accounts(THIRD), OTHER, True),
}


@pytest.mark.parametrize("case", CASES)
def test_a_policy_forbids_what_it_says_and_nothing_else(case):
    """The call goes through, or AWS's sentence about an explicit deny comes."""
    policy, operation, caller, mfa, goes = CASES[case]
    with bk.local() as aws:
        aws.resources.add(ORDERS)
        bk.Stack("s", bk.Vault("prod", policy=policy)).preview(aws).apply()
        point = aws.back_up(ORDERS, vault="prod").wait().recovery_point
        named = {"RecoveryPointArn": point.recovery_point_arn} if "RecoveryPoint" in operation else {}
        other = aws.as_caller(Identity(caller, mfa=mfa))
        denied = pytest.raises(ServiceError, match="with an explicit deny in a resource-based policy")
        with nullcontext() if goes else denied:
            other.call(operation, BackupVaultName="prod", **named, **PARAMS[operation])


@pytest.mark.parametrize("case", COPIES)
def test_a_policy_lets_copies_in_from_whom_it_says(case):
    """A copy from another account ends well, or with access denied."""
    policy, account, goes = COPIES[case]
    with bk.local() as aws:
        there = aws.as_account(account)
        for place in (aws, there):
            place.call("UpdateGlobalSettings", GlobalSettings={"isCrossAccountBackupEnabled": "true"})
        bk.Stack("s", bk.Vault("prod", policy=policy)).preview(aws).apply()
        bk.Stack("s", bk.Vault("source")).preview(there).apply()
        theirs = ORDERS.replace(ACCOUNT, account)
        there.resources.add(theirs)
        point = there.back_up(theirs, vault="source").wait().recovery_point
        (job,) = bk.wait_all([point.copy_to(VAULT)])
    assert (job.state == "COMPLETED") is goes


def _simulations():
    allowed = {
        "name": "all",
        "policy": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]},
    }
    for policy, operation, caller, mfa, goes in CASES.values():
        resource = POINT if "RecoveryPoint" in operation else VAULT
        keys = {"aws:PrincipalArn": caller, **({"aws:MultiFactorAuthPresent": "true"} if mfa else {})}
        yield allowed, policy, f"backup:{operation}", caller, resource, keys, goes
    for policy, account, goes in COPIES.values():
        caller = f"arn:aws:iam::{account}:role/service-role/AWSBackupDefaultServiceRole"
        keys = {"aws:PrincipalArn": caller, "aws:PrincipalOrgID": ORGANIZATION}
        yield allowed, policy, "backup:CopyIntoBackupVault", caller, "*", keys, goes


@pytest.fixture(scope="module")
def evaluator(npm):
    """A folder with an evaluator of IAM policies by somebody else."""
    place = npm("iam", "@cloud-copilot/iam-simulate@0.1.173")
    shutil.copy(HERE / "policy_decisions.mjs", place)
    return place


@pytest.mark.slow
def test_another_evaluator_decides_alike(evaluator):
    """What the local service lets through is what IAM's rules do, as somebody else has written them down."""
    simulations, expected = [], []
    for identity, policy, action, caller, resource, keys, goes in _simulations():
        request = {"action": action, "principal": caller, "resource": {"accountId": ACCOUNT, "resource": resource}}
        simulations.append(
            {
                "identityPolicies": [identity],
                "serviceControlPolicies": [],
                "resourceControlPolicies": [],
                "resourcePolicy": policy.to_dict(),
                "request": {**request, "contextVariables": keys},
            }
        )
        expected.append(goes)
    ended = subprocess.run(
        ["node", "policy_decisions.mjs"],
        cwd=evaluator,
        input=json.dumps(simulations),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert [answer == "Allowed" for answer in json.loads(ended.stdout)] == expected, ended.stdout
