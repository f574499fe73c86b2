"""Laws of copies: what the preflight says is what becomes of the job, and a sequence is made once whatever goes wrong."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import backupkit as bk
from backupkit.connection import Connection
from backupkit.emulator.neighbours import LocalNeighbours
from backupkit.errors import CredentialsError, JobFailedError, UnavailableError, UnreachableError
from backupkit.transport.fault_injection import FaultInjection
from backupkit.transport.retry import Retrying, RetryPolicy

OWN, CENTRAL, TARGET = "123456789012", "222222222222", "333333333333"
EAST, WEST = "us-east-1", "eu-west-1"
QUICK = RetryPolicy(attempts=3, first_pause_seconds=0.1, longest_pause_seconds=1)
ARNS = {
    "EBS": f"arn:aws:ec2:{EAST}:{OWN}:volume/vol-0123456789abcdef0",
    "EFS": f"arn:aws:elasticfilesystem:{EAST}:{OWN}:file-system/fs-0123456789abcdef0",
    "DynamoDB": f"arn:aws:dynamodb:{EAST}:{OWN}:table/orders",
    "RDS": f"arn:aws:rds:{EAST}:{OWN}:db:main",
    "Redshift": f"arn:aws:redshift:{EAST}:{OWN}:cluster:main",
}


def key(account, region=EAST):
    return f"arn:aws:kms:{region}:{account}:key/mrk-0123456789abcdef0123456789abcdef"


def statement(effect, principal):
    return {"Effect": effect, "Principal": principal, "Action": "backup:CopyIntoBackupVault", "Resource": "*"}


def allow(aws, vault, *accounts):
    """Let a vault's policy take copies from some accounts."""
    said = [statement("Allow", {"AWS": [f"arn:aws:iam::{account}:root" for account in accounts]})]
    aws.call("PutBackupVaultAccessPolicy", BackupVaultName=vault, Policy=json.dumps({"Statement": said}))


POLICIES = {
    "none": [],
    "to the account": [statement("Allow", {"AWS": OWN})],
    "to everybody": [statement("Allow", "*")],
    "to another account": [statement("Allow", {"AWS": CENTRAL})],
    "to the account, denied to all": [statement("Allow", {"AWS": OWN}), statement("Deny", "*")],
    "to the organization": [
        {**statement("Allow", "*"), "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-ourorganization"}}}
    ],
    "to another organization": [
        {**statement("Allow", "*"), "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-anotherorganization"}}}
    ],
}


GOOD = {
    "kind": "EBS",
    "place": (TARGET, EAST),
    "members": True,
    "enabled": "true",
    "key": key(OWN),
    "vault": "keyed",
    "locked": False,
    "policy": "to the account",
    "kept": 20,
    "keep": None,
}
"""A copy to another account that goes well."""
OTHERS = {
    "kind": sorted(ARNS),
    "place": [(OWN, EAST), (OWN, WEST), (TARGET, WEST)],
    "members": [False],
    "enabled": ["false"],
    "key": [None, f"arn:aws:kms:{EAST}:{OWN}:alias/aws/ebs"],
    "vault": ["default", "gapped", "missing"],
    "locked": [True],
    "policy": sorted(POLICIES),
    "kept": [None, 50],
    "keep": [3, 35, 100],
}
spoiled = st.lists(st.sampled_from(sorted(OTHERS)), unique=True, max_size=4).flatmap(
    lambda names: st.fixed_dictionaries({name: st.sampled_from(OTHERS[name]) for name in names})
)


@settings(max_examples=80, deadline=None)
@given(spoiled)
@example({})
@example({"kind": "RDS", "vault": "gapped"})
@example({"key": OTHERS["key"][1]})
@example({"vault": "default"})
@example({"policy": "to the organization"})
def test_what_the_preflight_lets_through_completes_and_what_it_refuses_fails(other):
    """The verdict before the copy is that of the job: types, keys, accounts, Regions, vaults, policies, locks."""
    drawn = {**GOOD, **other}
    (account, region), vault, arn = drawn["place"], drawn["vault"], ARNS[drawn["kind"]]
    aws = bk.local()
    there = aws.as_account(account).in_region(region)
    aws.accounts.organize(*([TARGET] if drawn["members"] else []), organization_id="o-ourorganization")
    aws.call("UpdateGlobalSettings", GlobalSettings={"isCrossAccountBackupEnabled": drawn["enabled"]})
    aws.resources.add(arn, key_arn=drawn["key"])
    aws.call("CreateBackupVault", BackupVaultName="prod")
    there.call("CreateBackupVault", BackupVaultName="another")
    if vault == "gapped":
        there.call(
            "CreateLogicallyAirGappedBackupVault", BackupVaultName=vault, MinRetentionDays=7, MaxRetentionDays=30
        )
        aws.clock.advance(minutes=5)
    elif vault != "missing":
        own = {"EncryptionKeyArn": key(account, region)} if vault == "keyed" else {}
        there.call("CreateBackupVault", BackupVaultName=vault, **own)
        if drawn["locked"]:
            there.call(
                "PutBackupVaultLockConfiguration", BackupVaultName=vault, MinRetentionDays=5, MaxRetentionDays=40
            )
    if POLICIES[drawn["policy"]] and vault != "missing":
        policy = json.dumps({"Statement": POLICIES[drawn["policy"]]})
        there.call("PutBackupVaultAccessPolicy", BackupVaultName=vault, Policy=policy)
    point = aws.back_up(arn, vault="prod", keep_days=drawn["kept"]).wait().recovery_point
    vault_arn = f"arn:aws:backup:{region}:{account}:backup-vault:{vault}"
    preview = point.preview_copy(vault_arn, keep_days=drawn["keep"], destination=there)
    job = point.copy_to(vault_arn, keep_days=drawn["keep"], preflight=False)
    try:
        job.wait()
        failed = None
    except JobFailedError as error:
        failed = error
    assert (preview.problems == ()) is (failed is None), f"{preview}\n{failed}"
    if failed is None:
        copy = job.wait_at(there)
        assert (copy.backup_vault_arn, copy.resource_arn) == (vault_arn, arn)


def stage():
    """Three accounts: a point in the first, whose vault lets nothing go but to the second, which leads to the third."""
    aws = bk.local(retry=QUICK)
    central, target = aws.as_account(CENTRAL), aws.as_account(TARGET)
    aws.accounts.organize(CENTRAL, TARGET)
    aws.call("UpdateGlobalSettings", GlobalSettings={"isCrossAccountBackupEnabled": "true"})
    aws.resources.add(ARNS["EBS"], size_bytes=10**8)
    aws.call("CreateBackupVault", BackupVaultName="prod")
    for name, there, source in (("central", central, OWN), ("rescue", target, CENTRAL)):
        there.call("CreateBackupVault", BackupVaultName=name, EncryptionKeyArn=key(there.account_id))
        allow(there, name, source)
    point = aws.back_up(ARNS["EBS"], vault="prod", keep_days=400).wait().recovery_point
    return aws, central, target, point


def came_once(aws, central, target, got):
    """One copy in each vault, made by one job each, and the outcome is the last."""
    aws.faults.clear()
    [hop], [last] = central.recovery_points(vault="central"), target.recovery_points(vault="rescue")
    assert [hop.recovery_point_arn, last.recovery_point_arn] == [each.recovery_point_arn for each in got.copies]
    assert got.point.recovery_point_arn == last.recovery_point_arn
    assert len(list(aws.copy_jobs())) == len(list(central.copy_jobs())) == 1
    assert len(list(aws.recovery_points())) == 1


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 1000))
def test_chaos_makes_no_copy_twice_and_loses_none(seed):
    """Half of all calls throttled, connections dropped before and after the service has acted, credentials expiring."""
    aws, central, target, point = stage()
    aws.faults.throttle("*", rate=0.5, seed=seed)
    aws.faults.drop("*", rate=0.1, seed=seed + 1)
    aws.faults.drop("*", rate=0.1, seed=seed + 2, after=True)
    aws.faults.cut("*", rate=0.05, seed=seed + 3)
    aws.faults.fail("*", "ExpiredTokenException", rate=0.05, seed=seed + 4)
    while True:
        try:
            got = point.preview_return(to=target, connections=[central]).apply()
        except (UnavailableError, UnreachableError, CredentialsError):
            continue
        break
    came_once(aws, central, target, got)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("which", [0, 1, 2], ids=["source", "on the way", "target"])
def test_a_program_that_is_killed_at_any_call_is_taken_up_by_the_next(which, after):
    """Killed before or after the service has acted, at every call of each connection: the second run ends the first."""
    at = 1
    while True:
        aws, central, target, point = stage()
        connections = [aws, central, target]
        faulty = FaultInjection(connections[which].service, at=at, error=KeyboardInterrupt(), after=after)
        dying = list(connections)
        dying[which] = Connection(Retrying(faulty, QUICK), LocalNeighbours(connections[which].service))
        own = dying[0].recovery_points(vault="prod")
        try:
            got = next(iter(own)).preview_return(to=dying[2], connections=[dying[1]]).apply()
        except KeyboardInterrupt:
            again = point.preview_return(to=target, connections=[central]).apply()
            came_once(aws, central, target, again)
            at += 1
            continue
        came_once(aws, central, target, got)
        assert at > 3
        return


def test_a_start_whose_answer_was_lost_is_not_repeated_although_lists_are_late():
    """The token of a start is the same in every run, so AWS answers the job that it has, which no list shows yet."""
    aws, central, target, point = stage()
    aws.faults.lag(5, "jobs")
    faulty = FaultInjection(aws.service, operation="StartCopyJob", error=KeyboardInterrupt(), after=True)
    dying = Connection(Retrying(faulty, QUICK), LocalNeighbours(aws.service))
    [same] = dying.recovery_points(vault="prod")
    with pytest.raises(KeyboardInterrupt):
        same.preview_return(to=target, connections=[central]).apply()
    assert list(aws.copy_jobs()) == []
    got = point.preview_return(to=target, connections=[central]).apply()
    aws.clock.advance(minutes=10)
    came_once(aws, central, target, got)
