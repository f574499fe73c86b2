"""The end of a stack: everything that it owns goes, in order, and nothing else; points only where their vault is named."""

from __future__ import annotations

import contextlib
import json
from datetime import timedelta

import attrs
import pytest

import backupkit as bk
from backupkit.connection import Connection
from backupkit.emulator import Choices
from backupkit.errors import ApplyError, ConsentError, InvalidValueError, StaleChangesError
from backupkit.transport.protocol import Params, Transport

ROLE = "arn:aws:iam::123456789012:role/Backup"
FILES = [f"arn:aws:elasticfilesystem:us-east-1:123456789012:file-system/fs-{number:017x}" for number in range(30)]
PLAN = bk.Plan("nightly", bk.Rule("daily", "prod").keep(days=35)).protecting(
    bk.Selection("tagged", ROLE, tags=(("Backup", "yes"),))
)
STACK = bk.Stack("shop", bk.Vault("prod"), bk.Vault("old"), PLAN)


def made(aws, stack=STACK):
    stack.preview(aws).apply(allow_irreversible=True)
    return aws


@pytest.fixture
def aws():
    with bk.local() as aws:
        aws.call("CreateBackupVault", BackupVaultName="somebodys")
        yield made(aws)


def fill(aws, vault="old", files=3, **more):
    for arn in FILES[:files]:
        if arn not in aws.resources:
            aws.resources.add(arn, size_bytes=1000)
    jobs = [aws.back_up(arn, vault=vault, role=ROLE, **more) for arn in FILES[:files]]
    bk.wait_all(jobs)
    return [job.refresh().recovery_point_arn for job in jobs]


def vaults(aws):
    return {vault["BackupVaultName"] for vault in aws.call("ListBackupVaults")["BackupVaultList"]}


def points(aws, vault):
    return list(aws.recovery_points(vault=vault))


def test_everything_of_the_stack_goes_in_order_and_nothing_else(aws):
    """Selections before their plan, plans before vaults; what others own stays, and a second preview is empty."""
    made(aws, bk.Stack("neighbour", bk.Vault("theirs")))
    changes = STACK.preview_destroy(aws)
    assert [change.address for change in changes] == [
        "plan.nightly/selection.tagged",
        "plan.nightly",
        "vault.old",
        "vault.prod",
    ]
    with pytest.raises(ConsentError, match="allow_delete=True"):
        changes.apply()
    assert vaults(aws) == {"prod", "old", "somebodys", "theirs"}
    changes.apply(allow_delete=True)
    assert vaults(aws) == {"somebodys", "theirs"}
    assert not STACK.preview_destroy(aws)


def test_a_vault_goes_with_its_points_only_where_it_is_named(aws):
    """The preview counts the points; without the vault's name nothing is done; with it, they and the vault go."""
    fill(aws)
    changes = STACK.preview_destroy(aws)
    assert "3 recovery points (2.9 KiB) would go first" in str(changes)
    assert "vault.old  (deletes, only where it is named)" in str(changes)
    for named in ((), ["prod"]):
        with pytest.raises(ConsentError, match=r"allow_drain=\['old'\]"):
            changes.apply(allow_delete=True, allow_drain=named)
    assert len(points(aws, "old")) == 3
    assert vaults(aws) == {"prod", "old", "somebodys"}
    with pytest.raises(ConsentError, match="allow_delete"):
        changes.apply(allow_drain=["old"])
    changes.apply(allow_delete=True, allow_drain="old")
    assert vaults(aws) == {"somebodys"}


def test_a_vault_can_be_named_by_its_address(aws):
    """``vault.old`` means the vault ``old``."""
    fill(aws)
    STACK.preview_destroy(aws).apply(allow_delete=True, allow_drain=["vault.old"])
    assert vaults(aws) == {"somebodys"}


def test_the_rest_goes_without_the_vault(aws):
    """A vault that is to stay is left out, and everything but that goes."""
    fill(aws)
    STACK.preview_destroy(aws).without("vault.old").apply(allow_delete=True)
    assert vaults(aws) == {"old", "somebodys"}
    assert len(points(aws, "old")) == 3
    assert [change.address for change in STACK.preview_destroy(aws)] == ["vault.old"]


class Counting:
    """Passes calls on; a vault counts a point for so long that nobody waits for it."""

    def __init__(self, inner: Transport) -> None:
        self.inner, self.region_name, self.clock = inner, inner.region_name, inner.clock

    def call(self, operation: str, params: Params, /) -> bytes:
        found = self.inner.call(operation, params)
        if operation != "DescribeBackupVault":
            return found
        return json.dumps({**json.loads(found), "NumberOfRecoveryPoints": 1}).encode()


def test_a_vault_that_still_counts_points_is_left_and_goes_another_time(aws):
    """AWS's count lags behind: after a quarter of an hour the vault stays, and destroying again ends it."""
    fill(aws)
    changes = STACK.preview_destroy(Connection(Counting(aws.transport)))
    began = aws.clock.now()
    with pytest.raises(ApplyError, match=r"AWS still counts 1 recovery point in it; destroy the stack again later"):
        changes.apply(allow_delete=True, allow_drain=["old"])
    assert timedelta(minutes=15) < aws.clock.now() - began < timedelta(hours=1)
    assert (points(aws, "old"), "old" in vaults(aws)) == ([], True)
    STACK.preview_destroy(aws).apply(allow_delete=True, allow_drain=["old"])
    assert vaults(aws) == {"somebodys"}


def test_a_held_point_keeps_its_vault_and_says_until_when(aws):
    """No point goes while one of them is held: the preview says which hold, how many, and until when they stay."""
    fill(aws, keep_days=35)
    aws.call(
        "CreateLegalHold",
        Title="case-17",
        Description="Case 17",
        RecoveryPointSelection={"VaultNames": ["old"], "ResourceIdentifiers": [FILES[0]]},
    )
    aws.clock.advance(minutes=5)
    changes = STACK.preview_destroy(aws)
    (problem,) = changes.problems
    assert problem.address == "vault.old"
    assert "1 of its 3 recovery points cannot go until 2026-02-05" in problem.message
    assert "legal hold case-17" in problem.message
    assert "changes.without('vault.old')" in problem.hint
    with pytest.raises(InvalidValueError, match="case-17"):
        changes.apply(allow_delete=True, allow_drain=["old"])
    assert len(points(aws, "old")) == 3
    changes.without("vault.old").apply(allow_delete=True)
    assert vaults(aws) == {"old", "somebodys"}


def test_a_locked_vault_stays_with_its_points():
    """A lock that cannot be taken off any more is told with the day on which the last point goes."""
    with bk.local() as aws:
        lock = bk.ComplianceLock(min_days=7, changeable_for_days=3)
        stack = bk.Stack("shop", bk.Vault("old", lock=lock), bk.Vault("prod"))
        made(aws, stack)
        fill(aws, keep_days=35)
        aws.clock.advance(days=4)
        changes = stack.preview_destroy(aws)
        told = " ".join(problem.message for problem in changes.problems)
        assert "locked for good since 2026-01-04" in told
        assert "3 of its 3 recovery points cannot go until 2026-02-05" in told
        with pytest.raises(InvalidValueError):
            changes.apply(allow_delete=True, allow_drain=["old"])
        aws.clock.advance(days=40)
        assert not points(aws, "old")


def test_points_that_are_kept_forever_are_told(aws):
    """Where nothing ever deletes a point that cannot go, nobody waits for it."""
    fill(aws, files=2)
    aws.call("PutBackupVaultLockConfiguration", BackupVaultName="old", MinRetentionDays=1)
    told = " ".join(problem.message for problem in STACK.preview_destroy(aws).problems)
    assert "2 of its 2 recovery points cannot go, 2 of them kept forever" in told


def test_default_goes_only_where_it_is_named():
    """AWS's own features put points into it: though the stack owns it and it is empty, it must be named."""
    with bk.local(choices=Choices(default_vaults=False)) as aws:
        stack = bk.Stack("shop", bk.Vault("Default"), bk.Vault("old"))
        made(aws, stack)
        with pytest.raises(ConsentError, match=r"allow_drain=\['Default'\]"):
            stack.preview_destroy(aws).apply(allow_delete=True)
        assert vaults(aws) == {"Default", "old"}
        stack.preview_destroy(aws).apply(allow_delete=True, allow_drain=["Default"])
        assert vaults(aws) == set()


@pytest.mark.slow
def test_a_point_that_is_being_deleted_already_is_waited_for(aws):
    """Whoever began to empty the vault by hand is no obstacle: it goes once the last point is gone."""
    arns = fill(aws)
    changes = STACK.preview_destroy(aws)
    for arn in arns:
        aws.call("DeleteRecoveryPoint", BackupVaultName="old", RecoveryPointArn=arn)
    changes.apply(allow_delete=True, allow_drain=["old"])
    assert vaults(aws) == {"somebodys"}


def test_a_vault_that_is_only_dropped_from_a_stack_is_never_emptied(aws):
    """Draining belongs to the end of a stack: in every other preview, points keep their vault, named or not."""
    fill(aws)
    changes = bk.Stack("shop", bk.Vault("prod"), PLAN).preview(aws)
    assert "only where it is named" not in str(changes)
    with pytest.raises(InvalidValueError, match="it holds 3 recovery points"):
        changes.apply(allow_delete=True, allow_drain=["old"])
    assert len(points(aws, "old")) == 3


def test_a_point_that_came_since_the_preview_is_not_deleted(aws):
    """Only what was previewed goes; the vault stays as it is, and the error says to preview again."""
    fill(aws)
    changes = STACK.preview_destroy(aws)
    aws.clock.advance(minutes=1)
    late = fill(aws, files=1)
    with pytest.raises(StaleChangesError, match="come since the preview") as refused:
        changes.apply(allow_delete=True, allow_drain=["old"])
    assert late[0] in str(refused.value)
    assert len(points(aws, "old")) == 4
    STACK.preview_destroy(aws).apply(allow_delete=True, allow_drain=["old"])
    assert vaults(aws) == {"somebodys"}


def test_every_point_that_stays_is_reported(aws):
    """Of three points AWS cannot delete two: both are named with the reason, and the next run ends it."""
    arns = fill(aws)
    aws.faults.fail("DeleteRecoveryPoint", "InvalidRequestException", "the snapshot is in use by ami-1", times=2)
    with pytest.raises(ApplyError, match="2 recovery points of 3 still there") as failed:
        STACK.preview_destroy(aws).apply(allow_delete=True, allow_drain=["old"])
    assert sum(arn in str(failed.value) for arn in arns) == 2
    assert "an AMI uses the snapshot" in str(failed.value)
    assert "old" in vaults(aws)
    STACK.preview_destroy(aws).apply(allow_delete=True, allow_drain=["old"])
    assert vaults(aws) == {"somebodys"}


def test_points_in_a_vault_that_was_previewed_empty_are_not_deleted(aws):
    """Whoever agreed to delete an empty vault has not agreed to delete what came into it, though it is named."""
    changes = STACK.preview_destroy(aws)
    fill(aws)
    with pytest.raises(StaleChangesError, match=r"vault\.old"):
        changes.apply(allow_delete=True, allow_drain=["old"])
    assert len(points(aws, "old")) == 3


def test_points_that_expire_meanwhile_are_no_failure(aws):
    """What was previewed and is gone by itself is gone; the vault goes as well."""
    fill(aws, keep_days=1)
    changes = STACK.preview_destroy(aws)
    aws.clock.advance(days=3)
    changes.apply(allow_delete=True, allow_drain=["old"])
    assert vaults(aws) == {"somebodys"}


def test_what_nobody_can_own_stays_and_the_preview_says_so(aws):
    """Settings of a Region have no tags, and a thing that the stack never took over is not its own."""
    stack = bk.Stack("shop", bk.RegionSettings(opt_in={"S3": True}), bk.Vault("somebodys"))
    notes = stack.preview_destroy(aws).notes
    assert notes == (
        "region_settings: nobody can own it, so it stays as it is",
        "vault.somebodys: the stack does not own it, so it stays as it is",
    )


KILLED = bk.Stack("shop", bk.Vault("old"), bk.Plan("nightly", bk.Rule("daily", "old").keep(days=35)))


class Killed(BaseException):
    """The process is gone."""


class Killing:
    """A transport that dies before or after one call, and with it all that follow."""

    def __init__(self, inner: Transport, at: int, moment: str) -> None:
        self.inner, self.left, self.moment = inner, at, moment
        self.region_name, self.clock = inner.region_name, inner.clock

    def call(self, operation: str, params: Params, /) -> bytes:
        self.left -= 1
        if self.left < 0 or (self.left == 0 and self.moment == "before"):
            raise Killed
        body = self.inner.call(operation, params)
        if self.left == 0:
            raise Killed
        return body


@attrs.frozen
class Wrapped:
    transport: Transport


@pytest.mark.parametrize("at", [*range(1, 12), 1000])
def test_cut_off_anywhere_the_same_changes_destroy_the_rest(aws, at):
    """A deletion that was cut off is repeated with the same file: what went with its plan is as wanted, not stale."""
    tests = bk.RestoreTestingPlan("weekly", schedule="cron(0 12 ? * * *)", vaults="*")
    tests = tests.testing(bk.RestoreTestingSelection("tables", resource_type="DynamoDB", role=ROLE))
    stack = bk.Stack("shop", bk.Vault("prod"), bk.Vault("old"), PLAN, tests)
    made(aws, stack)
    saved = stack.preview_destroy(aws).to_json()
    with contextlib.suppress(Killed):
        bk.Changes.from_json(saved, Wrapped(Killing(aws.transport, 2 * at, "after"))).apply(allow_delete=True)
    bk.Changes.from_json(saved, aws).apply(allow_delete=True)
    assert vaults(aws) == {"somebodys"}
    assert bk.Changes.from_json(saved, aws).apply(allow_delete=True).done == ()


def test_a_selection_that_is_dropped_from_a_plan_that_is_gone_is_stale(aws):
    """Where the plan is still declared, its going is a change that nobody has seen."""
    bare = bk.Stack("shop", bk.Vault("prod"), bk.Vault("old"), bk.Plan("nightly", *PLAN.rules, selections=()))
    changes = bare.preview(aws)
    assert [change.address for change in changes] == ["plan.nightly/selection.tagged"]
    STACK.preview_destroy(aws).without("vault.prod").apply(allow_delete=True)
    with pytest.raises(StaleChangesError, match="what it is in is gone"):
        changes.apply(allow_delete=True)


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_at_every_call_the_second_run_destroys_the_rest(moment):
    """Killed before or after any call, previewing and applying again leaves nothing of the stack, and all of others."""
    first = bk.local()
    first.call("CreateBackupVault", BackupVaultName="somebodys")
    made(first, KILLED)
    fill(first, files=2)
    fill(first, vault="somebodys", files=1)
    start, at, ended = first.save_state(), 0, False
    while not ended:
        at += 1
        aws = bk.local()
        aws.load_state(start)
        try:
            KILLED.preview_destroy(Wrapped(Killing(aws.transport, at, moment))).apply(
                allow_delete=True, allow_drain=["old"]
            )
        except Killed:
            KILLED.preview_destroy(aws).apply(allow_delete=True, allow_drain=["old"])
        else:
            ended = True
        assert vaults(aws) == {"somebodys"}
        assert len(points(aws, "somebodys")) == 1
        assert not aws.call("ListBackupPlans")["BackupPlansList"]
    assert at > 15
