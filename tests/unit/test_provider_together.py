"""Stacks beside other people, other stacks and AWS's own things."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable

import attrs
import pytest

from backupkit import ComplianceLock, GovernanceLock, Plan, Rule, Selection, Vault
from backupkit.emulator.service import LocalService
from backupkit.errors import (
    AccessDeniedError,
    AmbiguousNameError,
    ApplyError,
    ConsentError,
    InvalidValueError,
    StaleChangesError,
)
from backupkit.provider import OWNER_TAG, Stack
from backupkit.transport.error_mapping import refusal
from backupkit.transport.idempotency import is_read
from backupkit.transport.protocol import Params, Transport
from backupkit.transport.recording import Recording
from backupkit.transport.retry import Retrying

ROLE = "arn:aws:iam::123456789012:role/Backup"
TOPIC = "arn:aws:sns:us-east-1:123456789012:alerts"


@attrs.frozen
class Here:
    transport: Transport


class Answering:
    """A transport whose answers, or calls, pass through a function."""

    def __init__(self, inner: Transport, through: Callable[[str, Params, dict], dict]) -> None:
        self._inner, self._through = inner, through
        self.region_name, self.clock = inner.region_name, inner.clock

    def call(self, operation: str, params: Params, /) -> bytes:
        return json.dumps(self._through(operation, params, json.loads(self._inner.call(operation, params)))).encode()


def stack(*, days: int = 35, low: int | None = 7, event: str = "COPY_JOB_FAILED", role: str = ROLE) -> Stack:
    vault = Vault("main", tags={"days": str(days)}).locked(GovernanceLock(min_days=low)).notifying(TOPIC, event)
    plan = Plan("nightly", Rule("daily", vault).keep(days=days)).protecting(Selection("all", role, resources="*"))
    return Stack("mine", vault, plan)


def writes(record: Recording) -> list[str]:
    return [operation for operation in record.operations if not is_read(operation)]


def only_plan(service: LocalService) -> dict:
    (plan,) = json.loads(service.call("ListBackupPlans", {}))["BackupPlansList"]
    return plan


def rewrite_plan(service: LocalService) -> None:
    rule = {"RuleName": "daily", "TargetBackupVaultName": "main", "Lifecycle": {"DeleteAfterDays": 99}}
    body = {"BackupPlanName": "nightly", "Rules": [rule]}
    service.call("UpdateBackupPlan", {"BackupPlanId": only_plan(service)["BackupPlanId"], "BackupPlan": body})


def change_lock(service: LocalService) -> None:
    service.call("PutBackupVaultLockConfiguration", {"BackupVaultName": "main", "MinRetentionDays": 3})


def change_events(service: LocalService) -> None:
    told = {"SNSTopicArn": TOPIC, "BackupVaultEvents": ["RESTORE_JOB_COMPLETED"]}
    service.call("PutBackupVaultNotifications", {"BackupVaultName": "main", **told})


def change_tags(service: LocalService) -> None:
    arn = json.loads(service.call("DescribeBackupVault", {"BackupVaultName": "main"}))["BackupVaultArn"]
    service.call("TagResource", {"ResourceArn": arn, "Tags": {"days": "99"}})


def hand_over_plan(service: LocalService) -> None:
    service.call("TagResource", {"ResourceArn": only_plan(service)["BackupPlanArn"], "Tags": {OWNER_TAG: "theirs"}})


def add_selection(service: LocalService) -> None:
    body = {"SelectionName": "all", "IamRoleArn": f"{ROLE}9", "Resources": ["*"]}
    service.call("CreateBackupSelection", {"BackupPlanId": only_plan(service)["BackupPlanId"], "BackupSelection": body})


@pytest.mark.parametrize(
    ("address", "change", "meddle"),
    [
        ("plan.nightly", {"days": 40}, rewrite_plan),
        ("plan.nightly", {"days": 40}, hand_over_plan),
        ("vault.main/lock", {"low": 9}, change_lock),
        ("vault.main/notifications", {"event": "COPY_JOB_SUCCESSFUL"}, change_events),
        ("vault.main", {"days": 40}, change_tags),
        ("plan.nightly/selection.all", {"role": f"{ROLE}2"}, add_selection),
    ],
)
def test_what_moved_since_the_preview_is_left_alone(address, change, meddle):
    """Whatever part another person changed between preview and apply, that part is not overwritten."""
    service = LocalService()
    stack().preview(Here(service)).apply()
    record = Recording(service)
    changes = stack(**change).preview(Here(record))
    (ours,) = [each for each in changes if each.address == address]
    meddle(service)
    with pytest.raises((StaleChangesError, ApplyError), match=address):
        changes.apply()
    made = [call for call in record.calls if not is_read(call.operation)]
    assert not [
        call
        for call in made
        for planned in ours.calls
        if call.operation == planned.operation
        and call.params.keys() == planned.params.keys()
        and call.params == planned.params
    ]


def test_the_error_of_a_moved_world_says_so():
    """A stale preview has an error of its own, with the way out, and nothing was called."""
    service = LocalService()
    stack().preview(Here(service)).apply()
    record = Recording(service)
    changes = stack(low=9).preview(Here(record))
    change_lock(service)
    with pytest.raises(StaleChangesError, match=r"lock: it has moved since the preview: .*min_days.*; preview again"):
        changes.apply()
    assert writes(record) == []


def test_a_deleted_plan_is_not_made_again_by_stale_changes():
    """Where the plan of an update was deleted meanwhile, applying stops."""
    service = LocalService()
    stack().preview(Here(service)).apply()
    changes = Stack("mine", *stack().vaults, Plan("nightly", Rule("daily", "main").keep(days=8))).preview(Here(service))
    Stack("mine", *stack().vaults).preview(Here(service)).apply(allow_delete=True)
    with pytest.raises(StaleChangesError):
        changes.apply(allow_delete=True)
    assert json.loads(service.call("ListBackupPlans", {}))["BackupPlansList"] == []


def test_independent_changes_run_side_by_side():
    """Two vaults are made at the same time: each waits here until the other is under way."""
    both = threading.Barrier(2, timeout=30)
    service = LocalService()

    def meet(operation: str, _: Params, answer: dict) -> dict:
        if operation == "CreateBackupVault":
            both.wait()
        return answer

    report = Stack("mine", Vault("one"), Vault("two")).preview(Here(Answering(service, meet))).apply()
    assert sorted(report.done) == ["vault.one", "vault.two"]


def test_what_may_not_be_read_is_not_ours():
    """A vault whose tags may not be read is taken for somebody else's, and the preview says so; a declared one fails."""
    service = LocalService()
    service.call("CreateBackupVault", {"BackupVaultName": "secret"})

    def deny(operation: str, params: Params, answer: dict) -> dict:
        if operation == "ListTags" and str(params["ResourceArn"]).endswith("secret"):
            raise AccessDeniedError(operation, "AccessDeniedException", "no")
        return answer

    aws = Here(Answering(service, deny))
    changes = stack().preview(aws)
    assert changes.notes == ("vault.secret: its tags may not be read, so it is taken for somebody else's",)
    assert "note: vault.secret" in str(changes)
    with pytest.raises(AccessDeniedError):
        Stack("mine", Vault("secret")).preview(aws)


def test_aws_own_things_are_left_alone():
    """The vault of EFS, plans of an organization and aws: tags are neither read further nor touched."""
    service = LocalService()
    stack().preview(Here(service)).apply()
    arn = "arn:aws:backup:us-east-1:123456789012"

    def with_aws_things(operation: str, _: Params, answer: dict) -> dict:
        if operation == "ListBackupVaults":
            name = "aws/efs/automatic-backup-vault"
            answer["BackupVaultList"].append({"BackupVaultName": name, "BackupVaultArn": f"{arn}:backup-vault:{name}"})
        if operation == "ListBackupPlans":
            plan = {"BackupPlanId": "orgs/1", "BackupPlanArn": f"{arn}:backup-plan:orgs/1", "BackupPlanName": "nightly"}
            answer["BackupPlansList"].append(plan)
        if operation == "ListTags":
            answer["Tags"]["aws:cloudformation:stack-name"] = "x"
        return answer

    assert not stack().preview(Here(Answering(service, with_aws_things)))


def make_double(service: LocalService, name: str = "nightly", **tags: str) -> str:
    """Somebody makes another plan of this name; its ARN."""
    rule = {"RuleName": tags.get(OWNER_TAG, "other"), "TargetBackupVaultName": "main"}
    body = {"BackupPlan": {"BackupPlanName": name, "Rules": [rule]}, "BackupPlanTags": tags}
    return json.loads(service.call("CreateBackupPlan", body))["BackupPlanArn"]


def test_two_own_plans_of_one_name_are_ambiguous():
    """Where even the stack's tag leaves two, nothing is guessed; the error names both, and its advice works."""
    service = LocalService()
    stack().preview(Here(service)).apply()
    double = make_double(service, **{OWNER_TAG: "mine"})
    with pytest.raises(AmbiguousNameError, match=rf"take the tag {OWNER_TAG} off all but one") as caught:
        stack().preview(Here(service))
    assert len(caught.value.candidates) == 2
    changes = Stack("mine", *stack().vaults).preview(Here(service))
    assert len({change.address for change in changes}) == len(changes) == 3
    service.call("UntagResource", {"ResourceArn": double, "TagKeyList": [OWNER_TAG]})
    assert not stack().preview(Here(service))


def test_all_ambiguous_names_come_at_once():
    """One error names every plan of the stack that is not clear."""
    service = LocalService()
    both = Stack("mine", Vault("main"), *(Plan(name, Rule("daily", "main").keep(days=1)) for name in ("one", "two")))
    both.preview(Here(service)).apply()
    for plan in both.plans:
        make_double(service, plan.name, **{OWNER_TAG: "mine"})
    with pytest.raises(AmbiguousNameError, match=r"(?s)plan\.one: 2 plans .*plan\.two: 2 plans") as caught:
        both.preview(Here(service))
    assert len(caught.value.candidates) == 4
    assert [problem.address for problem in caught.value.problems] == ["plan.one", "plan.two"]


def test_several_plans_of_other_stacks_take_a_name():
    """A name that other stacks' plans carry is taken; nobody is told to put his tag on one of theirs."""
    service = LocalService()
    for other in ("theirs", "hers"):
        make_double(service, **{OWNER_TAG: other})
    changes = stack().preview(Here(service))
    assert [problem.address for problem in changes.problems] == ["plan.nightly"]
    assert "belongs to the stack" in str(changes)


def test_a_vault_of_another_stack_is_moved_without_being_deleted():
    """Who follows the advice about another stack's vault has it in the end, with everything in it."""
    service = LocalService()
    Stack("theirs", Vault("main")).preview(Here(service)).apply()
    mine = Stack("mine", Vault("main"))
    with pytest.raises(InvalidValueError, match=r"take it out of 'theirs' and preview\(aws, moved_from='theirs'\)"):
        mine.preview(Here(service)).apply()
    record = Recording(service)
    mine.preview(Here(record), moved_from="theirs").apply()
    assert writes(record) == ["TagResource"]
    assert not mine.preview(Here(service))
    assert not Stack("theirs").preview(Here(service))


def test_a_vault_that_is_dropped_while_its_plan_stays_is_named_as_such():
    """The error says that the stack would delete the vault, not that there is none; declaring it again mends it."""
    service = LocalService()
    here = "arn:aws:backup:us-east-1:123456789012:backup-vault:copies"
    rule = Rule("daily", "main").keep(days=35).copy_to(here, keep_days=90)
    plan = Plan("nightly", rule)
    Stack("mine", Vault("main"), Vault("copies"), plan).preview(Here(service)).apply()
    with pytest.raises(InvalidValueError, match=r"declare the vault again, or change the plan as well") as caught:
        Stack("mine", plan).preview(Here(service)).apply(allow_delete=True)
    assert {problem.address for problem in caught.value.problems} == {
        "plan.nightly/rule.daily/vault",
        "plan.nightly/rule.daily/copy.copies/vault",
    }
    assert "no longer declares the vault 'main'" in str(caught.value)
    assert "there is no vault" not in str(caught.value)
    assert not Stack("mine", Vault("main"), Vault("copies"), plan).preview(Here(service))
    less = Stack("mine", Vault("main"), Plan("nightly", attrs.evolve(rule, copies=())))
    less.preview(Here(service)).apply(allow_delete=True)


def test_a_locked_or_default_vault_is_not_deleted():
    """A vault under lock, and AWS's own Default, stay, with the way out."""
    service = LocalService()
    held = Stack("mine", Vault("main").locked(GovernanceLock(min_days=1)), Vault("Default"))
    held.preview(Here(service)).apply()
    changes = Stack("mine").preview(Here(service))
    with pytest.raises(InvalidValueError, match="declare it without its lock and apply that first") as caught:
        changes.apply(allow_delete=True)
    assert {problem.address for problem in caught.value.problems} == {"vault.main", "vault.Default"}
    Stack("mine", Vault("main"), Vault("Default")).preview(Here(service)).apply(allow_delete=True)
    Stack("mine", Vault("Default")).preview(Here(service)).apply(allow_delete=True)


KEYS = [f"arn:aws:kms:us-east-1:123456789012:key/{n}" for n in ("one", "two")]
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"


def vault_arn(service: LocalService, name: str) -> str:
    return json.loads(service.call("DescribeBackupVault", {"BackupVaultName": name}))["BackupVaultArn"]


def test_the_ways_out_of_a_vault_that_stays_work():
    """What a preview says about a vault that cannot be deleted, or get another key, leads out when it is done."""
    service = LocalService()
    old, new = Vault("main", key=KEYS[0]), Vault("main", key=KEYS[1])
    locked = old.locked(GovernanceLock(min_days=1))
    Stack("mine", locked, Vault("Default")).preview(Here(service)).apply()

    def hints(declared: Stack) -> list[str]:
        changes = declared.preview(Here(service))
        with pytest.raises(InvalidValueError) as caught:
            changes.apply(allow_delete=True)
        return [problem.hint for problem in caught.value.problems]

    # Another key needs the lock off, which needs the old key.
    assert hints(Stack("mine", new, Vault("Default"))) == [
        "declare it without its lock but with its old key and apply that first"
    ]
    Stack("mine", old, Vault("Default")).preview(Here(service)).apply(allow_delete=True)
    # A vault with points keeps its key, and one that the stack lets go of is nobody's, and stays.
    service.resources.add(TABLE, size_bytes=1000)
    service.call("StartBackupJob", {"BackupVaultName": "main", "ResourceArn": TABLE, "IamRoleArn": ROLE})
    service.clock.advance(days=1)
    (hint,) = hints(Stack("mine", new, Vault("Default")))
    assert hint.endswith("until then declare it with its old key")
    assert not Stack("mine", old, Vault("Default")).preview(Here(service))
    assert all(f"keep it declared, or take its tag {OWNER_TAG} off" in hint for hint in hints(Stack("mine")))
    for name in ("main", "Default"):
        service.call("UntagResource", {"ResourceArn": vault_arn(service, name), "TagKeyList": [OWNER_TAG]})
    assert not Stack("mine").preview(Here(service))


def test_a_final_lock_is_declared_as_it_is():
    """The bounds that the error of a final lock names are those under which nothing is left to do."""
    service = LocalService()
    locked = Vault("main").locked(ComplianceLock(min_days=7, max_days=90, changeable_for_days=3))
    Stack("mine", locked).preview(Here(service)).apply(allow_irreversible=True)
    service.clock.advance(days=4)
    (problem,) = Stack("mine", Vault("main")).preview(Here(service)).problems
    assert problem.hint == "declare it as it is (min_days=7, max_days=90)"
    assert not Stack("mine", locked).preview(Here(service))


def test_everything_that_stands_against_changes_comes_at_once():
    """One error holds every reason why changes cannot be made, before any word is asked for, and nothing is called."""
    service = LocalService()
    service.call("CreateBackupVault", {"BackupVaultName": "byhand"})
    Stack("theirs", Vault("taken")).preview(Here(service)).apply()
    Stack("mine", Vault("held").locked(GovernanceLock(min_days=1)), Vault("going")).preview(Here(service)).apply()
    record = Recording(service)
    plan = Plan("nightly", Rule("one", "nowhere").keep(days=1), Rule("two", "going").keep(days=1))
    with pytest.raises(InvalidValueError) as caught:
        Stack("mine", Vault("byhand"), Vault("taken"), plan).preview(Here(record)).apply()
    assert {problem.address for problem in caught.value.problems} == {
        "vault.byhand",
        "vault.taken",
        "vault.held",
        "plan.nightly/rule.one/vault",
        "plan.nightly/rule.two/vault",
    }
    assert writes(record) == []


def test_all_missing_words_come_at_once():
    """One error names every word that is missing, and what it is for."""
    service = LocalService()
    stack().preview(Here(service)).apply()
    locked = attrs.evolve(stack().vaults[0], lock=ComplianceLock(min_days=7, changeable_for_days=3))
    with pytest.raises(ConsentError, match="nothing was changed") as caught:
        Stack("mine", locked).preview(Here(service)).apply()
    told = str(caught.value)
    assert "plan.nightly/selection.all, plan.nightly; to agree, say apply(allow_delete=True)" in told
    assert "vault.main/lock; to agree, say apply(allow_irreversible=True)" in told


def test_a_plan_waits_for_its_lingering_selections():
    """AWS refuses to delete a plan until it has seen its selections go: the retry layer gets through."""
    service, refused = LocalService(), []

    class Lagging(Recording):
        def call(self, operation: str, params: Params, /) -> bytes:
            if operation == "DeleteBackupPlan" and len(refused) < 2:
                refused.append(operation)
                text = "Related backup plan selections must be deleted prior to backup plan deletion"
                raise refusal(operation, "InvalidRequestException", text)
            return super().call(operation, params)

    aws = Here(Retrying(Lagging(service)))
    stack().preview(aws).apply()
    Stack("mine", *stack().vaults).preview(aws).apply(allow_delete=True)
    assert len(refused) == 2
    assert not Stack("mine", *stack().vaults).preview(aws)


def test_progress_is_plain_lines_where_there_is_no_terminal(capsys):
    """A log file gets one line for each change that was made, on standard error; nothing without asking."""
    stack().preview(Here(LocalService())).apply()
    assert capsys.readouterr() == ("", "")
    changes = stack().preview(Here(LocalService()))
    changes.apply(progress=True)
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == len(changes)
    assert err.splitlines()[-1] == "Applying mine: 100 %, plan.nightly/selection.all"


@pytest.mark.slow
def test_previewing_and_applying_import_nothing_slow():
    """Neither rich nor boto3 is loaded before something is drawn or AWS is called."""
    code = (
        "import sys, backupkit.provider; print([m for m in ('rich', 'boto3', 'botocore', 'moto') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
