"""Protection is never taken away without the caller's word, and never lapses on the way."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import attrs
import pytest

from backupkit import ComplianceLock, CopyAction, GovernanceLock, Lifecycle, Plan, Rule, Selection, Vault, tag
from backupkit.emulator.kernel.behavior import Choices
from backupkit.emulator.service import LocalService
from backupkit.errors import ConsentError, StaleChangesError
from backupkit.provider import Changes, Stack
from backupkit.transport.idempotency import is_read
from backupkit.transport.protocol import Params, Transport
from backupkit.transport.recording import Recording

ROLE = "arn:aws:iam::123456789012:role/Backup"
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
OTHER = f"{TABLE}-archive"
FAR = "arn:aws:backup:eu-west-1:123456789012:backup-vault:far"
AWAY = "arn:aws:backup:eu-west-2:123456789012:backup-vault:away"
DENY = {"Effect": "Deny", "Principal": "*", "Action": "backup:DeleteRecoveryPoint", "Resource": "*"}


@attrs.frozen
class Here:
    transport: Transport


class Killed(BaseException):
    """The process ends here."""


class Watched:
    """A transport that looks at the plan after every call, and may end after one."""

    def __init__(self, service: LocalService, kill_after: int | None = None) -> None:
        self.service, self.kill_after = service, kill_after
        self.region_name, self.clock = service.region_name, service.clock
        self.count, self.dead = 0, threading.Event()
        self.seen: list[set[str]] = []

    def call(self, operation: str, params: Params, /) -> bytes:
        if self.dead.is_set():
            raise Killed
        answer = self.service.call(operation, params)
        self.seen.append(resources(self.service))
        self.count += 1
        if self.count - 1 == self.kill_after:
            self.dead.set()
            raise Killed
        return answer


def resources(service: LocalService) -> set[str]:
    """Everything that the only plan's selections name."""
    (plan,) = json.loads(service.call("ListBackupPlans", {}))["BackupPlansList"]
    named = {"BackupPlanId": plan["BackupPlanId"]}
    found = json.loads(service.call("ListBackupSelections", named))["BackupSelectionsList"]
    bodies = [service.call("GetBackupSelection", {**named, "SelectionId": each["SelectionId"]}) for each in found]
    return {arn for body in bodies for arn in json.loads(body)["BackupSelection"]["Resources"]}


def names(service: LocalService) -> list[str]:
    (plan,) = json.loads(service.call("ListBackupPlans", {}))["BackupPlansList"]
    found = json.loads(service.call("ListBackupSelections", {"BackupPlanId": plan["BackupPlanId"]}))
    return sorted(each["SelectionName"] for each in found["BackupSelectionsList"])


def by_hand(service: LocalService, name: str, arn: str = TABLE, role: str = ROLE) -> None:
    """Somebody adds a selection to the stack's plan."""
    (plan,) = json.loads(service.call("ListBackupPlans", {}))["BackupPlansList"]
    body = {"SelectionName": name, "IamRoleArn": role, "Resources": [arn]}
    service.call("CreateBackupSelection", {"BackupPlanId": plan["BackupPlanId"], "BackupSelection": body})


def stack(*selections: Selection, rules: tuple[Rule, ...] = (Rule("daily", "main").keep(days=35),)) -> Stack:
    return Stack("mine", Vault("main"), Plan("nightly", *rules).protecting(*selections))


def applied(service: LocalService, declared: Stack) -> None:
    declared.preview(Here(service)).apply()


def addresses(changes: Changes) -> list[str]:
    return [change.address for change in changes]


def web(name: str = "web", arn: str = TABLE, role: str = ROLE) -> Selection:
    return Selection(name, role, resources=arn)


LONG = "w" * 40


@pytest.mark.parametrize(
    ("one", "two"), [("web", "web.replacing"), (LONG, f"{LONG}.replacing"), (f"{LONG}123", f"{LONG}.replacing")]
)
@pytest.mark.parametrize("unique", [False, True])
def test_declared_selections_never_delete_each_other(one, two, unique):
    """Whatever two selections of a plan are called, both are made, stay, and are replaced side by side."""
    service = LocalService(choices=Choices(selection_names_unique=unique))
    for role in (ROLE, f"{ROLE}2"):
        declared = stack(web(one, role=role), web(two, role=role))
        applied(service, declared)
        assert names(service) == sorted([one, two])
        assert not declared.preview(Here(service))


@pytest.mark.parametrize("unique", [False, True])
@pytest.mark.parametrize("name", ["web", "web.replacing", "theirs"])
def test_a_selection_made_by_hand_goes_with_the_callers_word_alone(name, unique):
    """A selection that the stack did not make is not deleted by a plain apply(), whatever it is called."""
    service = LocalService(choices=Choices(selection_names_unique=unique))
    applied(service, stack())
    by_hand(service, name, OTHER)
    for declared in (stack(web()), stack()):
        record = Recording(service)
        changes = declared.preview(Here(record))
        with pytest.raises(ConsentError, match=rf"plan\.nightly/selection\.{name}.*allow_delete=True"):
            changes.apply()
        changes.without_deletions().apply()
        assert "DeleteBackupSelection" not in record.operations
        assert OTHER in resources(service)
    stack(web()).preview(Here(service)).apply(allow_delete=True)
    assert names(service) == ["web"]
    assert resources(service) == {TABLE}


def test_a_double_made_by_hand_goes_with_the_callers_word_alone():
    """A second selection of a declared name, made by hand beside the stack's own, is not swept in silence."""
    service = LocalService()
    applied(service, stack(web()))
    by_hand(service, "web", OTHER)
    changes = stack(web()).preview(Here(service))
    assert "the stack did not make what goes" in str(changes)
    with pytest.raises(ConsentError, match=r"selection\.web"):
        changes.apply()
    changes.apply(allow_delete=True)
    assert resources(service) == {TABLE}


def test_a_double_made_by_hand_since_the_preview_is_left_alone():
    """What turns up between preview and apply was not agreed to."""
    service = LocalService()
    applied(service, stack(web(), web("other", OTHER)))
    changes = stack(web(role=f"{ROLE}2"), web("other", OTHER)).preview(Here(service))
    by_hand(service, "web", OTHER)
    with pytest.raises(StaleChangesError):
        changes.apply(allow_delete=True)
    assert names(service) == ["other", "web", "web"]


def test_a_selection_that_was_made_again_by_hand_since_the_preview_is_left_alone():
    """One that says the same as the stack's own did, but is somebody else's now, was not agreed to."""
    service = LocalService()
    applied(service, stack(web()))
    record = Recording(service)
    changes = stack(web(role=f"{ROLE}2")).preview(Here(record))
    Stack("mine", Vault("main"), stack().plans[0]).preview(Here(service)).apply(allow_delete=True)
    by_hand(service, "web")
    with pytest.raises(StaleChangesError, match=r"selection\.web"):
        changes.apply()
    assert all(map(is_read, record.operations))


def test_what_another_stack_made_in_a_plan_is_not_swept():
    """A plan that was handed over keeps the selections of its old stack until the caller says the word."""
    service = LocalService()
    applied(service, Stack("old", Vault("main"), stack(web()).plans[0]))
    (plan,) = json.loads(service.call("ListBackupPlans", {}))["BackupPlansList"]
    vault = json.loads(service.call("DescribeBackupVault", {"BackupVaultName": "main"}))["BackupVaultArn"]
    for arn in (plan["BackupPlanArn"], vault):
        service.call("UntagResource", {"ResourceArn": arn, "TagKeyList": ["backupkit:stack"]})
    changes = stack(web(role=f"{ROLE}2")).preview(Here(service), adopt=True)
    with pytest.raises(ConsentError, match=r"selection\.web"):
        changes.apply()


@pytest.mark.slow
@pytest.mark.parametrize("unique", [False, True])
@pytest.mark.parametrize("again", [0, 1, 2])
def test_a_replacement_that_is_resumed_protects_at_every_moment(unique, again):
    """Killed after any call, and resumed with the same or another declaration, a selection never leaves a gap."""
    start = LocalService(choices=Choices(selection_names_unique=unique))
    applied(start, stack(web()))
    whole, number = start.save_state(), 0
    wider = Selection("web", f"{ROLE}2", resources=(TABLE, OTHER))
    resumed = (stack(wider), stack(web(role=f"{ROLE}3")), stack(web()))[again]
    while True:
        service = LocalService(choices=Choices(selection_names_unique=unique))
        service.load_state(whole)
        first, second = Watched(service, number), Watched(service)
        try:
            with ThreadPoolExecutor(1) as one:
                stack(wider).preview(Here(first)).apply(executor=one)
        except Killed:
            resumed.preview(Here(second)).apply(allow_delete=True)
            assert not resumed.preview(Here(service))
            assert names(service) == ["web"]
            number += 1
        else:
            break
        finally:
            history = [*first.seen, *second.seen]
            assert all(TABLE in seen for seen in history)
            since = next((moment for moment, seen in enumerate(history) if OTHER in seen), len(history))
            assert again or all(OTHER in seen for seen in history[since:])
    assert number > 5


KEPT = Rule("daily", "main").keep(days=35).copy_to(FAR, keep_days=90)
GONE = Rule("weekly", "main").keep(days=90)


@pytest.mark.parametrize(
    ("rules", "taken"),
    [
        ((KEPT,), ["rule.weekly"]),
        ((attrs.evolve(KEPT, copies=()), GONE), ["rule.daily/copy.far"]),
        ((attrs.evolve(KEPT, copies=()),), ["rule.daily/copy.far", "rule.weekly"]),
        ((attrs.evolve(KEPT, copies=(CopyAction(AWAY),)), GONE), ["rule.daily/copy.far"]),
        ((KEPT, attrs.evolve(GONE, name="sunday").keep(days=91)), ["rule.weekly"]),
        # Nothing is taken away where a rule gets another name, or another time, or more.
        ((KEPT, attrs.evolve(GONE, name="sunday")), []),
        ((KEPT.scheduled("cron(0 1 ? * * *)"), GONE), []),
        ((KEPT.copy_to(AWAY), GONE, Rule("hourly", "main").keep(days=2)), []),
    ],
)
def test_a_removed_rule_or_copy_action_needs_the_word_of_a_deletion(rules, taken):
    """A plan that makes fewer points or copies than before is not applied without allow_delete=True."""
    service = LocalService()
    applied(service, stack(web(), rules=(KEPT, GONE)))
    record = Recording(service)
    changes = stack(web(), rules=rules).preview(Here(record))
    (change,) = changes
    assert sorted(change.takes_away) == taken
    if taken:
        assert "plan.nightly  (takes protection away)" in str(changes)
        with pytest.raises(ConsentError) as caught:
            changes.apply()
        assert all(f"plan.nightly/{path}" in str(caught.value) for path in taken)
        assert all(map(is_read, record.operations))
        assert not changes.without_deletions()
    changes.apply(allow_delete=bool(taken))
    assert not stack(web(), rules=rules).preview(Here(service))


def test_turning_continuous_backup_off_needs_the_word():
    """A rule without its continuous backup can no longer restore to a moment."""
    service = LocalService()
    rule = Rule("daily", "main").continuously(keep_days=14)
    applied(service, stack(rules=(rule,)))
    (change,) = stack(rules=(attrs.evolve(rule, continuous=False),)).preview(Here(service))
    assert change.takes_away == ("rule.daily/continuous",)
    assert change.destroys


@pytest.mark.parametrize(
    ("new", "taken"),
    [
        (Selection("s", ROLE, resources=TABLE), ("resources",)),
        (Selection("s", ROLE, resources=(TABLE, OTHER), not_resources=("arn:aws:s3:::b",)), ("not_resources",)),
        (Selection("s", ROLE, resources=(TABLE, OTHER)).where(tag("a").equals("b")), ("conditions",)),
        (Selection("s", ROLE, resources="*"), ()),
        (Selection("s", ROLE, resources=f"{TABLE}*"), ()),
        (Selection("s", ROLE, resources=(TABLE, OTHER, "arn:aws:s3:::b")).any_tag(a="b"), ()),
        (Selection("s", f"{ROLE}2", resources=(TABLE, OTHER)), ()),
    ],
)
def test_a_selection_that_may_take_in_less_needs_the_word(new, taken):
    """Resources that leave a selection lose their protection as if the selection were deleted."""
    service = LocalService()
    applied(service, stack(Selection("s", ROLE, resources=(TABLE, OTHER))))
    (change,) = stack(new).preview(Here(service))
    assert change.takes_away == taken
    assert change.destroys is bool(taken)


def test_a_lock_or_policy_that_holds_less_needs_the_word():
    """A lock that lets points go sooner, and a policy without a denial that it had, take protection away."""
    service = LocalService()
    policy = {"Version": "2012-10-17", "Statement": [{**DENY, "Sid": "Keep"}, {**DENY, "Sid": "Hold"}]}
    vault = Vault("main", policy=policy).locked(GovernanceLock(min_days=7, max_days=90))
    applied(service, Stack("mine", vault))
    less = {**policy, "Statement": [{**DENY, "Sid": "Keep"}]}
    for lock, taken in ((GovernanceLock(min_days=6), ("min_days",)), (GovernanceLock(max_days=90), ("min_days",))):
        changes = Stack("mine", Vault("main", policy=less).locked(lock)).preview(Here(service))
        assert {change.address: change.takes_away for change in changes} == {
            "vault.main/lock": taken,
            "vault.main/policy": ("statement.Hold",),
        }
        with pytest.raises(ConsentError, match=r"vault\.main/policy/statement\.Hold"):
            changes.apply()
    more = Vault("main", policy=policy).locked(GovernanceLock(min_days=8))
    (change,) = Stack("mine", more).preview(Here(service))
    assert not change.destroys
    strict = Stack(
        "mine", Vault("main", policy=policy).locked(ComplianceLock(min_days=7, max_days=90, changeable_for_days=3))
    )
    strict.preview(Here(service)).apply(allow_irreversible=True)
    (change,) = Stack("mine", vault).preview(Here(service))
    assert change.takes_away == ("mode",)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (KEPT, KEPT.keep(days=1), ["rule.daily/lifecycle/delete_after_days: new points are kept 1 day instead of 35"]),
        (KEPT, KEPT.keep(days=36), []),
        (KEPT.keep_forever(), KEPT, ["rule.daily/lifecycle/delete_after_days: new points are kept 35 days instead of"]),
        (KEPT, KEPT.keep_forever(), []),
        (
            KEPT,
            attrs.evolve(KEPT, copies=(CopyAction(FAR, lifecycle=Lifecycle(delete_after_days=89)),)),
            ["rule.daily/copy.far/lifecycle/delete_after_days: new points are kept 89 days instead of 90 days"],
        ),
        (KEPT, KEPT.scheduled("cron(0 5 1 1 ? *)"), ["rule.daily/schedule: points come 1 time a year instead of 366"]),
        (
            KEPT.scheduled("cron(0 * * * ? *)"),
            KEPT,
            ["rule.daily/schedule: points come 366 times a year instead of 400"],
        ),
        (KEPT, KEPT.scheduled("cron(0 17 ? * * *)"), []),
        (KEPT.scheduled("cron(0 5 ? * MON *)"), KEPT, []),
    ],
)
def test_a_shorter_retention_or_a_rarer_schedule_is_a_warning_in_the_preview(old, new, told):
    """Who shortens how long points are kept, or makes fewer, reads so before it is done, and needs no word for it."""
    service = LocalService()
    applied(service, stack(rules=(old,)))
    changes = stack(rules=(new,)).preview(Here(service))
    found = [str(warning) for warning in changes.warnings if "instead of" in str(warning)]
    assert [each.startswith(f"plan.nightly/{text}") for each, text in zip(found, told, strict=True)] == [True] * len(
        told
    )
    assert all(each in str(changes) for each in found)
    changes.apply()


def test_without_deletions_leaves_out_what_needs_a_deletion():
    """What waits for a change that is left out is left out as well, however far down the line."""
    service = LocalService()
    keys = [f"arn:aws:kms:us-east-1:123456789012:key/{n}" for n in ("one", "two")]
    old = Stack("mine", Vault("main"), Vault("plain", key=keys[0]), Plan("nightly", KEPT, GONE).protecting(web()))
    applied(service, old)
    new = Stack(
        "mine",
        Vault("main", tags={"a": "b"}),
        Vault("plain", key=keys[1], policy={"Version": "2012-10-17", "Statement": [DENY]}),
        Plan("nightly", KEPT).protecting(web(), web("more", OTHER)),
        Plan("second", Rule("r", "plain").keep(days=1)).protecting(web("s")),
    )
    changes = new.preview(Here(service))
    assert addresses(changes) == [
        "vault.main",
        "vault.plain",
        "vault.plain/policy",
        "plan.nightly",
        "plan.nightly/selection.more",
        "plan.second",
        "plan.second/selection.s",
    ]
    spared = changes.without_deletions()
    assert addresses(spared) == ["vault.main"]
    assert spared.apply().done == ("vault.main",)
