"""Previewing and applying stacks on the local service."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import attrs
import pytest

from backupkit import ComplianceLock, CopyAction, GovernanceLock, Lifecycle, Plan, Rule, Selection, Vault, tag
from backupkit.emulator.kernel.behavior import Choices
from backupkit.emulator.service import LocalService
from backupkit.errors import (
    AmbiguousNameError,
    ApplyError,
    ConsentError,
    InvalidValueError,
    StaleChangesError,
    UnreachableError,
)
from backupkit.provider import OWNER_TAG, Action, Changes, Output, Stack
from backupkit.provider.ownership import UNMANAGED_TAG
from backupkit.transport.fault_injection import FaultInjection
from backupkit.transport.protocol import Params, Transport
from backupkit.transport.readonly import ReadOnly
from backupkit.transport.retry import Retrying

ROLE = "arn:aws:iam::123456789012:role/Backup"
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
TOPIC = "arn:aws:sns:us-east-1:123456789012:alerts"
KEYS = [f"arn:aws:kms:us-east-1:123456789012:key/{n}" for n in ("one", "two")]
FAR = "arn:aws:backup:eu-west-1:123456789012:backup-vault:far"
DENY = {"Effect": "Deny", "Principal": "*", "Action": "backup:DeleteRecoveryPoint", "Resource": "*"}
POLICY = {"Version": "2012-10-17", "Statement": [{**DENY, "Sid": "Keep"}]}
READS = ("List", "Get", "Describe")


class Killed(BaseException):
    """The process ends here."""


def killing(at_call: int, moment: str) -> Callable[[int, str, str], None]:
    """End before or after one call, reads included; the dead call nobody any more."""
    dead = threading.Event()

    def kill(number: int, _: str, when: str) -> None:
        if dead.is_set() or (when == moment and number == at_call):
            dead.set()
            raise Killed

    return kill


class Tap:
    """A transport that notes every write, and may end in the middle of one."""

    def __init__(self, inner: Transport, disturb: Callable[[int, str, str], None] = lambda *_: None) -> None:
        self._inner = inner
        self._disturb = disturb
        self._lock = threading.Lock()
        self.count = 0
        self.writes: list[tuple[str, Params]] = []

    @property
    def transport(self) -> Transport:
        return self

    @property
    def region_name(self):
        return self._inner.region_name

    @property
    def clock(self):
        return self._inner.clock

    def call(self, operation: str, params: Params, /) -> bytes:
        with self._lock:
            number, self.count = self.count, self.count + 1
            if not operation.startswith(READS):
                self.writes.append((operation, params))
        self._disturb(number, operation, "before")
        try:
            return self._inner.call(operation, params)
        finally:
            self._disturb(number, operation, "after")


@pytest.fixture
def service() -> LocalService:
    return LocalService()


@pytest.fixture
def aws(service) -> Tap:
    return Tap(service)


def small_stack(*, keep: int = 35, role: str = ROLE, name: str = "small") -> Stack:
    vault = Vault("main", tags={"Team": "a"})
    rule = Rule("daily", vault).keep(days=keep).copy_to(FAR, keep_days=90)
    plan = Plan("nightly", rule).protecting(Selection("tables", role, resources=TABLE))
    return Stack(name, vault, plan)


def before_and_after() -> tuple[Stack, Stack]:
    """Two versions of a stack between which everything happens that can happen."""
    rich = Vault("rich", key=KEYS[0], tags={"a": "1", "b": "2"}, policy=POLICY).notifying(TOPIC, "COPY_JOB_FAILED")
    rich = rich.locked(GovernanceLock(min_days=1, max_days=400))
    plain, going = Vault("plain", key=KEYS[0]), Vault("going", tags={"x": "y"})
    old = Stack(
        "big",
        rich,
        plain,
        going,
        Plan("first", Rule("daily", rich).keep(days=35), Rule("weekly", going).keep(days=90)).protecting(
            Selection("replaced", ROLE, resources=TABLE),
            Selection("kept", ROLE, tags=(("a", "b"),)),
            Selection("dropped", ROLE, tags=(("c", "d"),)),
        ),
        Plan("second", Rule("only", plain).keep(days=7)).protecting(Selection("all", ROLE, resources="*")),
    )
    new_rich = Vault("rich", key=KEYS[0], tags={"a": "2", "c": "3"}).locked(ComplianceLock(changeable_for_days=10))
    new = Stack(
        "big",
        new_rich,
        Vault("plain", key=KEYS[1], policy=POLICY).notifying(TOPIC, "BACKUP_JOB_COMPLETED"),
        Vault("coming"),
        Plan("first", Rule("daily", rich).keep(days=40), Rule("hourly", "coming").keep(days=2)).protecting(
            Selection("replaced", ROLE, resources=f"{TABLE}-2").where(tag("env").equals("prod")),
            Selection("kept", ROLE, tags=(("a", "b"),)),
            Selection("added", ROLE, tags=(("e", "f"),)),
        ),
        Plan("third", Rule("only", "plain").keep(days=7), tags={"t": "3"}).protecting(
            Selection("x", ROLE, resources="*")
        ),
    )
    return old, new


def made(service: LocalService) -> list[str]:
    """Everything there is, by name, so that doubles show."""
    vaults = json.loads(service.call("ListBackupVaults", {}))["BackupVaultList"]
    plans = json.loads(service.call("ListBackupPlans", {}))["BackupPlansList"]
    names = [each["BackupVaultName"] for each in vaults]
    for plan in plans:
        names.append(plan["BackupPlanName"])
        held = json.loads(service.call("ListBackupSelections", {"BackupPlanId": plan["BackupPlanId"]}))
        names += [f"{plan['BackupPlanName']}/{each['SelectionName']}" for each in held["BackupSelectionsList"]]
    return sorted(names)


def plan_id(service: LocalService, name: str) -> str:
    plans = json.loads(service.call("ListBackupPlans", {}))["BackupPlansList"]
    return next(each["BackupPlanId"] for each in plans if each["BackupPlanName"] == name)


def words(changes: Changes) -> dict[str, str]:
    return {change.address: str(change.action) for change in changes}


def test_preview_after_apply_is_empty(aws):
    """Once applied, a stack has nothing left to change."""
    small_stack().preview(aws).apply()
    again = small_stack().preview(aws)
    assert not again
    assert str(again).endswith("Nothing to change: 3 things are as declared.")


def test_preview_only_reads(service):
    """A preview works over a connection that lets reads pass alone, whatever it finds."""
    old, new = before_and_after()
    assert old.preview(Tap(ReadOnly(service)))
    old.preview(Tap(service)).apply()
    assert new.preview(Tap(ReadOnly(service)))


def test_what_is_printed_is_what_is_called(service):
    """The calls that the changes list, and print, are the calls that applying makes: no more, none other."""
    old, new = before_and_after()
    for stack in (old, new):
        aws = Tap(service)
        changes = stack.preview(aws)
        changes.apply(allow_delete=True, allow_irreversible=True)
        known = {}
        for change in changes:
            if change.action is Action.CREATE and change.address.startswith("plan.") and "/" not in change.address:
                known[Output(change.address, "BackupPlanId")] = plan_id(service, change.subject.name)
        expected = [(call.operation, call.ready(known)) for call in changes.calls]
        assert sorted(map(repr, expected)) == sorted(map(repr, aws.writes))
        blocks = {block.split()[1]: block.split() for block in str(changes).split("\n\n")[1:-1]}
        for change in changes:
            assert {call.operation for call in change.calls} <= {word.strip(",") for word in blocks[change.address]}


def test_two_versions_converge(service):
    """Applying the second version of a stack leaves exactly what it declares."""
    old, new = before_and_after()
    aws = Tap(service)
    old.preview(aws).apply()
    changes = new.preview(aws)
    assert words(changes) == {
        "vault.rich": "update",
        "vault.rich/lock": "update",
        "vault.rich/policy": "delete",
        "vault.rich/notifications": "delete",
        "vault.plain": "replace",
        "vault.plain/policy": "create",
        "vault.plain/notifications": "create",
        "vault.coming": "create",
        "plan.first": "update",
        "plan.first/selection.replaced": "replace",
        "plan.first/selection.added": "create",
        "plan.first/selection.dropped": "delete",
        "plan.third": "create",
        "plan.third/selection.x": "create",
        "plan.second/selection.all": "delete",
        "plan.second": "delete",
        "vault.going": "delete",
    }
    changes.apply(allow_delete=True, allow_irreversible=True)
    assert not new.preview(aws)
    assert made(service) == sorted(
        ["coming", "plain", "rich", "first", "first/replaced", "first/kept", "first/added", "third", "third/x"]
    )


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("version", [0, 1])
def test_killed_at_any_call_it_converges(version, moment):
    """Killed before or after any one call, reads included, and run again, a stack ends as declared, nothing twice."""
    versions = before_and_after()

    first = LocalService()
    if version:
        versions[0].preview(Tap(first)).apply()
    start = first.save_state()

    def apply(aws: Tap) -> None:
        with ThreadPoolExecutor(1) as one:
            versions[version].preview(aws).apply(allow_delete=True, allow_irreversible=True, executor=one)

    apply(Tap(first))
    number = 0
    while True:
        service = LocalService()
        service.load_state(start)
        try:
            apply(Tap(service, killing(number, moment)))
        except Killed:
            apply(Tap(service))
            assert not versions[version].preview(Tap(service))
            assert made(service) == made(first)
            number += 1
        else:
            break
    assert number > 15


@pytest.mark.parametrize("lost", range(3))
def test_a_lost_answer_is_not_done_twice(service, lost):
    """Where an answer is lost the work may be done: applying the same changes again goes on, and makes nothing twice."""
    numbers = iter(range(100))

    def lose(_: int, operation: str, when: str) -> None:
        if when == "after" and not operation.startswith(READS) and next(numbers) == lost:
            raise UnreachableError("connection reset")

    changes = small_stack().preview(Tap(service, lose))
    with pytest.raises(ApplyError) as caught:
        changes.apply()
    assert len(caught.value.failed) == 1
    assert set(caught.value.done) | set(caught.value.failed) | set(caught.value.not_started) == set(words(changes))
    report = changes.apply()
    assert set(report.done) | set(report.unchanged) == set(words(changes))
    assert caught.value.failed[0] in report.unchanged
    assert made(service) == ["main", "nightly", "nightly/tables"]
    assert not small_stack().preview(Tap(service))


def versions(service: LocalService) -> int:
    held = service.call("ListBackupPlanVersions", {"BackupPlanId": plan_id(service, "nightly")})
    return len(json.loads(held)["BackupPlanVersionsList"])


@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize("after", [True, False])
def test_an_update_without_an_answer_makes_one_version(service, times, after):
    """Where UpdateBackupPlan gets no answer, carried out or not, the plan has one version more, and applying ends well."""
    small_stack().preview(Tap(service)).apply()
    faulty = Retrying(FaultInjection(service, operation="UpdateBackupPlan", times=times, after=after))
    changed = small_stack(keep=40)
    changed = Stack("small", *changed.vaults, attrs.evolve(changed.plans[0], tags={"new": "tag"}))
    report = changed.preview(Tap(faulty)).apply()
    assert report.done == ("plan.nightly",)
    assert versions(service) == 2
    assert not changed.preview(Tap(service))


def test_an_update_that_is_never_answered_is_an_error_after_few_attempts(service):
    """An endpoint that takes updates and stays silent is told so, with one version made at most."""
    small_stack().preview(Tap(service)).apply()
    faulty = FaultInjection(service, operation="UpdateBackupPlan", times=99)
    with pytest.raises(ApplyError, match=r"plan\.nightly: UpdateBackupPlan: the connection was cut"):
        small_stack(keep=40).preview(Tap(faulty)).apply()
    assert faulty.counted == 4
    assert versions(service) == 1


def test_an_update_that_lost_its_answer_overwrites_nobody(service):
    """Where somebody else changes the plan in between, the update is not sent a second time."""
    small_stack().preview(Tap(service)).apply()

    def lose_and_meddle(_: int, operation: str, when: str) -> None:
        if operation == "UpdateBackupPlan" and when == "before":
            small_stack(keep=99).preview(Tap(service)).apply()
            raise UnreachableError("connection reset")

    with pytest.raises(StaleChangesError, match=r"plan\.nightly: it moved while it was changed"):
        small_stack(keep=40).preview(Tap(service, lose_and_meddle)).apply()
    assert not small_stack(keep=99).preview(Tap(service))


@pytest.mark.parametrize("nth", range(1, 4))
def test_deletions_whose_answers_are_lost_are_done(service, nth):
    """Taking a whole stack away ends well whichever answer is lost, however AWS refuses what is gone already."""
    small_stack().preview(Tap(service)).apply()
    lossy = FaultInjection(service, at=nth, after=True)

    class Deleting(Tap):
        def call(self, operation: str, params: Params, /) -> bytes:
            return lossy.call(operation, params) if operation.startswith("Delete") else super().call(operation, params)

    Stack("small").preview(Tap(Retrying(Deleting(service)))).apply(allow_delete=True)
    assert made(service) == []


def test_a_failure_says_what_was_done(service):
    """After a failure the error lists what is done, what failed and what was not started."""

    def refuse(_: int, operation: str, when: str) -> None:
        if operation == "CreateBackupPlan":
            raise UnreachableError("no route")

    with pytest.raises(ApplyError, match="no route") as caught:
        small_stack().preview(Tap(service, refuse)).apply()
    assert caught.value.done == ("vault.main",)
    assert caught.value.failed == ("plan.nightly",)
    assert caught.value.not_started == ("plan.nightly/selection.tables",)


def test_applying_the_same_changes_twice_changes_nothing(aws):
    """The second time, every change is found to be made already."""
    changes = small_stack().preview(aws)
    first = changes.apply()
    writes = len(aws.writes)
    second = changes.apply()
    assert len(aws.writes) == writes
    assert second.done == ()
    assert set(second.unchanged) == set(first.done)


def test_two_people_at_once(service):
    """Who applies second learns that the world has moved, and nothing of the first is overwritten."""
    small_stack().preview(Tap(service)).apply()
    first, second = Tap(service), Tap(service)
    mine, theirs = small_stack(keep=40).preview(first), small_stack(keep=50).preview(second)
    mine.apply()
    with pytest.raises(StaleChangesError, match=r"plan\.nightly"):
        theirs.apply()
    assert second.writes == []
    assert not small_stack(keep=40).preview(first)


def test_two_people_make_the_same_stack(service):
    """Where both declare the same and one was faster, the other finds nothing left to do."""
    mine, theirs = small_stack().preview(Tap(service)), small_stack().preview(Tap(service))
    mine.apply()
    assert theirs.apply().done == ()
    assert made(service) == ["main", "nightly", "nightly/tables"]


def test_what_needs_what_comes_first(service):
    """Vaults come before plans and plans before selections; what goes, goes the other way round."""
    old, new = before_and_after()
    old.preview(Tap(service)).apply()
    changes = new.preview(Tap(service))
    report = changes.apply(allow_delete=True, allow_irreversible=True)
    for change in changes:
        assert all(report.done.index(first) < report.done.index(change.address) for first in change.needs)
    needs = {change.address: set(change.needs) for change in changes}
    assert needs["vault.plain/policy"] == {"vault.plain"}
    assert needs["plan.first"] == {"vault.rich", "vault.coming"}
    assert needs["plan.first/selection.added"] == {"plan.first"}
    assert needs["plan.second"] == {"plan.second/selection.all"}
    assert {"plan.first", "plan.second"} < needs["vault.going"]


def test_deletions_need_a_word(aws):
    """Without allow_delete=True nothing is deleted, and nothing else is done either."""
    small_stack().preview(aws).apply()
    aws.writes.clear()
    changes = Stack("small", Vault("main", tags={"Team": "b"})).preview(aws)
    with pytest.raises(ConsentError, match=r"plan\.nightly/selection\.tables, plan\.nightly.*allow_delete=True"):
        changes.apply()
    assert aws.writes == []
    spared = changes.without_deletions()
    assert words(spared) == {"vault.main": "update"}
    spared.apply()
    assert [operation for operation, _ in aws.writes] == ["TagResource"]


def test_a_compliance_lock_needs_its_own_word(aws):
    """allow_delete=True does not agree to what can never be taken back; allow_irreversible=True does."""
    stack = Stack("s", Vault("main").locked(ComplianceLock(min_days=7, changeable_for_days=3)))
    changes = stack.preview(aws)
    with pytest.raises(ConsentError, match=r"vault\.main/lock.*allow_irreversible=True"):
        changes.apply(allow_delete=True)
    assert aws.writes == []
    changes.apply(allow_irreversible=True)
    assert not stack.preview(aws)


def test_a_final_lock_is_left_alone(aws, service):
    """After its grace time a lock shows no drift, and a change to it is said to be impossible, and never tried."""
    locked = Stack("s", Vault("main").locked(ComplianceLock(min_days=7, changeable_for_days=3)))
    locked.preview(aws).apply(allow_irreversible=True)
    service.clock.advance(days=4)
    aws.writes.clear()
    assert not locked.preview(aws)
    for other in (
        Vault("main"),
        Vault("main").locked(ComplianceLock(min_days=5, changeable_for_days=3)),
        Vault("main").locked(GovernanceLock(min_days=7)),
    ):
        changes = Stack("s", other).preview(aws)
        with pytest.raises(InvalidValueError, match=r"final since 2026-01-04 00:00 UTC.*min_days=7"):
            changes.apply(allow_delete=True, allow_irreversible=True)
    assert aws.writes == []


def test_the_grace_time_alone_is_no_drift(aws):
    """AWS never tells the grace time of a lock, so another one shows nothing."""
    for days in (3, 30):
        stack = Stack("s", Vault("main").locked(ComplianceLock(min_days=7, changeable_for_days=days)))
        changes = stack.preview(aws)
        changes.apply(allow_irreversible=True)
    assert not changes


def test_governance_locks_come_change_and_go(aws):
    """A governance lock is changed as a whole, so that a dropped bound is gone, and removed when told."""
    for lock in (GovernanceLock(min_days=7, max_days=90), GovernanceLock(max_days=80), None):
        stack = Stack("s", Vault("main", lock=lock))
        assert stack.preview(aws)
        stack.preview(aws).apply(allow_delete=True)
        assert not stack.preview(aws)


def test_drift_shows_both_values(aws, service):
    """A plan that was changed by hand shows what it is and what it should be."""
    small_stack().preview(aws).apply()
    found = plan_id(service, "nightly")
    body = json.loads(service.call("GetBackupPlan", {"BackupPlanId": found}))["BackupPlan"]
    rule = {key: value for key, value in body["Rules"][0].items() if key != "RuleId"}
    rule["Lifecycle"]["DeleteAfterDays"] = 14
    service.call(
        "UpdateBackupPlan", {"BackupPlanId": found, "BackupPlan": {"BackupPlanName": "nightly", "Rules": [rule]}}
    )
    (change,) = small_stack().preview(aws)
    (difference,) = change.differences
    assert attrs.astuple(difference) == ("rule.daily/lifecycle/delete_after_days", 14, 35)
    assert "~ lifecycle/delete_after_days  14 -> 35" in str(small_stack().preview(aws))


def full_rule() -> Rule:
    return Rule(
        "r",
        "main",
        lifecycle=Lifecycle(delete_after_days=400, move_to_cold_storage_after_days=30),
        copies=(CopyAction(FAR, lifecycle=Lifecycle(delete_after_days=30)),),
        start_window_minutes=60,
        completion_window_minutes=600,
        point_tags={"p": "t"},
    ).scheduled("cron(0 3 ? * * *)", timezone="Europe/Berlin")


@pytest.mark.parametrize(
    ("without", "paths"),
    [
        ({"lifecycle": None}, {"lifecycle/delete_after_days", "lifecycle/move_to_cold_storage_after_days"}),
        ({"lifecycle": Lifecycle(delete_after_days=400)}, {"lifecycle/move_to_cold_storage_after_days"}),
        ({"copies": ()}, {"copy.far/vault", "copy.far/lifecycle/delete_after_days"}),
        ({"copies": (CopyAction(FAR),)}, {"copy.far/lifecycle/delete_after_days"}),
        ({"start_window_minutes": None}, {"start_window_minutes"}),
        ({"completion_window_minutes": None}, {"completion_window_minutes"}),
        ({"point_tags": {}}, {"point_tags.p"}),
        ({"schedule": None}, {"schedule", "timezone"}),
    ],
)
def test_a_removed_part_of_a_rule_always_shows(aws, without, paths):
    """What is taken out of a rule shows as a difference, and is gone after applying."""
    Stack("s", Vault("main"), Plan("p", full_rule())).preview(aws).apply()
    less = Stack("s", Vault("main"), Plan("p", attrs.evolve(full_rule(), **without)))
    (change,) = less.preview(aws)
    assert {difference.path for difference in change.differences} == {f"rule.r/{path}" for path in paths}
    less.preview(aws).apply(allow_delete=True)
    assert not less.preview(aws)


def test_a_removed_condition_always_shows(aws):
    """A condition that is taken out replaces the selection."""
    base = Selection("x", ROLE, resources="*")
    full = base.where(tag("a").equals("1"), tag("b").like("2*"))
    for selection in (full, base.where(tag("a").equals("1")), base):
        stack = Stack("s", Vault("main"), Plan("p", Rule("r", "main").keep(days=1)).protecting(selection))
        changes = stack.preview(aws)
        assert words(changes)["plan.p/selection.x"] in {"create", "replace"}
        changes.apply()
        assert not stack.preview(aws)


def test_a_removed_tag_always_shows(aws, service):
    """A tag that is taken out of a vault or plan is removed there."""
    for tags in ({"a": "1", "b": "2"}, {"a": "1"}, {}):
        stack = Stack("s", Vault("main", tags=tags), Plan("p", Rule("r", "main").keep(days=1), tags=tags))
        assert set(words(stack.preview(aws))) >= {"vault.main", "plan.p"}
        stack.preview(aws).apply()
        assert not stack.preview(aws)


def test_a_selection_is_replaced_without_a_gap(aws):
    """The new selection is made before the old one goes."""
    small_stack().preview(aws).apply()
    aws.writes.clear()
    changes = small_stack(role=f"{ROLE}2").preview(aws)
    assert words(changes) == {"plan.nightly/selection.tables": "replace"}
    changes.apply()
    assert [operation for operation, _ in aws.writes] == ["CreateBackupSelection", "DeleteBackupSelection"]


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_selection_is_replaced_where_names_are_taken_once(moment):
    """Where AWS takes no second selection of one name, a temporary one covers the gap, wherever the run is killed."""
    start = LocalService(choices=Choices(selection_names_unique=True))
    small_stack().preview(Tap(start)).apply()
    whole = start.save_state()
    stack, number = small_stack(role=f"{ROLE}2"), 0
    while True:
        service = LocalService(choices=Choices(selection_names_unique=True))
        service.load_state(whole)
        aws = Tap(service, killing(number, moment))
        try:
            stack.preview(aws).apply()
        except Killed:
            assert any(name.startswith("nightly/") for name in made(service))
            stack.preview(Tap(service)).apply()
            number += 1
        else:
            break
        finally:
            assert not stack.preview(Tap(service))
            assert made(service) == ["main", "nightly", "nightly/tables"]
    assert [operation for operation, _ in aws.writes] == [
        *(["CreateBackupSelection"] * 2),
        "DeleteBackupSelection",
        "CreateBackupSelection",
        "DeleteBackupSelection",
    ]


def test_what_nobody_owns_is_adopted_only_when_told(aws, service):
    """A vault or plan that was made by hand is refused by default, and taken over with adopt=True."""
    service.call("CreateBackupVault", {"BackupVaultName": "main", "BackupVaultTags": {"by": "hand"}})
    changes = small_stack().preview(aws)
    with pytest.raises(InvalidValueError, match=r"vault\.main: it exists, but no stack owns it; .*adopt=True"):
        changes.apply(allow_delete=True)
    assert aws.writes == []
    adopting = small_stack().preview(aws, adopt=True)
    assert {d.path for d in next(iter(adopting)).differences} == {
        "tags.Team",
        f"tags.{OWNER_TAG}",
        f"tags.{UNMANAGED_TAG}",
    }
    adopting.apply()
    assert not small_stack().preview(aws)


def test_what_another_stack_owns_is_never_touched(aws):
    """Neither adopt=True nor allow_delete=True reaches what carries another stack's name."""
    small_stack(name="theirs").preview(aws).apply()
    aws.writes.clear()
    changes = small_stack(name="mine").preview(aws, adopt=True)
    with pytest.raises(InvalidValueError, match="belongs to the stack 'theirs'"):
        changes.apply(allow_delete=True, allow_irreversible=True)
    assert not Stack("mine").preview(aws)
    assert aws.writes == []


def test_an_ambiguous_plan_name_is_an_error(aws, service):
    """Several plans of one name that nobody owns are never guessed about; the tag settles which one is meant."""
    service.call("CreateBackupVault", {"BackupVaultName": "main", "BackupVaultTags": {OWNER_TAG: "small", "Team": "a"}})
    arns = []
    for days in (1, 2):
        rule = {"RuleName": "r", "TargetBackupVaultName": "main", "Lifecycle": {"DeleteAfterDays": days}}
        body = {"BackupPlanName": "nightly", "Rules": [rule]}
        arns.append(json.loads(service.call("CreateBackupPlan", {"BackupPlan": body}))["BackupPlanArn"])
    with pytest.raises(AmbiguousNameError) as caught:
        small_stack().preview(aws, adopt=True)
    assert len(caught.value.candidates) == 2
    service.call("TagResource", {"ResourceArn": arns[1], "Tags": {OWNER_TAG: "small"}})
    assert words(small_stack().preview(aws))["plan.nightly"] == "update"


def test_a_missing_vault_is_an_error_before_anything_is_done(aws):
    """AWS takes a plan for a vault that is not there, and fails every job: so it is refused here."""
    stack = Stack("s", Vault("main"), Plan("p", Rule("r", "nowhere").keep(days=1)))
    with pytest.raises(InvalidValueError, match=r"plan\.p/rule\.r/vault: there is no vault 'nowhere' here"):
        stack.preview(aws).apply()
    assert aws.writes == []


def test_retention_is_held_against_the_lock_of_a_vault_outside_the_stack(aws, service):
    """The lock of a vault that the stack only names counts, too, for rules and for copies."""
    service.call("CreateBackupVault", {"BackupVaultName": "theirs"})
    service.call("PutBackupVaultLockConfiguration", {"BackupVaultName": "theirs", "MinRetentionDays": 30})
    here = "arn:aws:backup:us-east-1:123456789012:backup-vault:theirs"
    rules = (Rule("r", "theirs").keep(days=7), Rule("c", "main").keep(days=40).copy_to(here, keep_days=8))
    with pytest.raises(InvalidValueError) as caught:
        Stack("s", Vault("main"), Plan("p", *rules)).preview(aws).apply()
    assert {problem.address for problem in caught.value.problems} == {
        "plan.p/rule.r/lifecycle",
        "plan.p/rule.c/copy.theirs/lifecycle",
    }


def test_retention_is_held_against_an_air_gapped_vault(aws, service):
    """A logically air-gapped vault that takes a rule's points takes only what fits its own bounds."""
    made_vault = service.call(
        "CreateLogicallyAirGappedBackupVault",
        {"BackupVaultName": "gapped", "MinRetentionDays": 7, "MaxRetentionDays": 30},
    )
    arn = json.loads(made_vault)["BackupVaultArn"]
    for days, refused in ((6, True), (7, False), (30, False), (31, True)):
        stack = Stack("s", Vault("main"), Plan("p", Rule("r", "main", air_gapped_vault=arn).keep(days=days)))
        assert bool(stack.preview(aws).problems) is refused
    with pytest.raises(InvalidValueError, match="air-gapped or shared vault carries this name"):
        Stack("s", Vault("gapped")).preview(aws, adopt=True).apply()


def test_a_vault_with_points_is_neither_deleted_nor_replaced(aws, service):
    """What holds recovery points stays: the changes say so, and nothing is called."""
    vault = Vault("main", key=KEYS[0])
    Stack("s", vault).preview(aws).apply()
    service.resources.add(TABLE, size_bytes=1000)
    service.call("StartBackupJob", {"BackupVaultName": "main", "ResourceArn": TABLE, "IamRoleArn": ROLE})
    service.clock.advance(days=2)
    aws.writes.clear()
    for stack in (Stack("s"), Stack("s", Vault("main", key=KEYS[1]))):
        with pytest.raises(InvalidValueError, match="holds 1 recovery point and"):
            stack.preview(aws).apply(allow_delete=True)
    assert aws.writes == []
    assert not Stack("s").preview(aws).without_deletions()


def test_unknown_members_are_not_lost_in_silence(aws, service):
    """What AWS holds and backupkit does not know is named, and dropped only when told."""

    class Newer(Tap):
        def call(self, operation: str, params: Params, /) -> bytes:
            answer = super().call(operation, params)
            if operation == "GetBackupPlan":
                document = json.loads(answer)
                document["BackupPlan"]["Rules"][0]["Guardian"] = {"Level": "high"}
                answer = json.dumps(document).encode()
            return answer

    small_stack().preview(aws).apply()
    newer = Newer(service)
    assert not small_stack().preview(newer)
    changes = small_stack(keep=50).preview(newer)
    assert "drops rule.daily/Guardian" in str(changes)
    with pytest.raises(ConsentError, match=r"plan\.nightly/rule\.daily/Guardian.*discard_unknown=True"):
        changes.apply()
    assert newer.writes == []
    changes.apply(discard_unknown=True)


def test_an_unknown_member_that_appears_since_the_preview_is_not_overwritten(aws, service):
    """What backupkit does not know and was not there at the preview was not agreed to, whatever words are given."""
    service.call("CreateBackupVault", {"BackupVaultName": "other"})
    small_stack().preview(aws).apply()
    appeared = threading.Event()

    class Newer(Tap):
        def call(self, operation: str, params: Params, /) -> bytes:
            answer = super().call(operation, params)
            if operation == "GetBackupPlan" and appeared.is_set():
                document = json.loads(answer)
                document["BackupPlan"]["Rules"][0]["Guardian"] = {"Level": "high"}
                answer = json.dumps(document).encode()
            return answer

    newer = Newer(service)
    changes = small_stack(keep=50).preview(newer)
    appeared.set()
    with pytest.raises(StaleChangesError, match=r"plan\.nightly: it has moved since the preview"):
        changes.apply(allow_delete=True, discard_unknown=True)
    assert newer.writes == []


def test_a_second_copy_action_to_one_vault_shows_and_goes(aws, service):
    """A copy action that was added by hand, to a vault that a declared one goes to, is drift and is taken out."""
    small_stack().preview(aws).apply()
    found = plan_id(service, "nightly")
    body = json.loads(service.call("GetBackupPlan", {"BackupPlanId": found}))["BackupPlan"]
    rule = {key: value for key, value in body["Rules"][0].items() if key != "RuleId"}
    for days, place in ((7, 0), (700, 2)):
        rule["CopyActions"].insert(place, {"DestinationBackupVaultArn": FAR, "Lifecycle": {"DeleteAfterDays": days}})
    body = {"BackupPlanName": "nightly", "Rules": [rule]}
    service.call("UpdateBackupPlan", {"BackupPlanId": found, "BackupPlan": body})
    changes = small_stack().preview(aws)
    assert {d.path for change in changes for d in change.differences} == {
        f"rule.daily/copy.far#{number}/{path}" for number in (2, 3) for path in ("vault", "lifecycle/delete_after_days")
    }
    with pytest.raises(ConsentError, match=r"rule\.daily/copy\.far#2"):
        changes.apply()
    changes.apply(allow_delete=True)
    assert not small_stack().preview(aws)


def test_a_policy_without_a_version_settles(aws):
    """The version of a policy is left to AWS where the policy does not name one."""
    stack = Stack("s", Vault("main", policy={"Statement": [DENY]}))
    stack.preview(aws).apply()
    assert not stack.preview(aws)
    newer = Stack("s", Vault("main", policy={"Version": "2008-10-17", "Statement": [DENY]}))
    (change,) = newer.preview(aws)
    assert [d.path for d in change.differences] == ["version"]


def test_a_policy_compares_by_meaning(aws, service):
    """A policy that AWS writes down in other words is the same policy; another one shows by statement."""
    Stack("s", Vault("main", policy=POLICY)).preview(aws).apply()
    rewritten = {
        "Statement": {
            "Sid": "Keep",
            "Resource": ["*"],
            "Action": ["backup:DeleteRecoveryPoint"],
            "Principal": {"AWS": "*"},
            "Effect": "Deny",
        },
        "Version": "2012-10-17",
    }
    service.call("PutBackupVaultAccessPolicy", {"BackupVaultName": "main", "Policy": json.dumps(rewritten)})
    assert not Stack("s", Vault("main", policy=POLICY)).preview(aws)
    other = {
        "Version": "2012-10-17",
        "Statement": [{**DENY, "Sid": "Keep", "Action": "backup:PutBackupVaultAccessPolicy"}],
    }
    (change,) = Stack("s", Vault("main", policy=other)).preview(aws)
    assert [d.path for d in change.differences] == ["statement.Keep"]


def test_callers_may_bring_their_own_executor(aws):
    """Changes run on the executor that is given, which stays open."""
    with ThreadPoolExecutor(2) as mine:
        small_stack().preview(aws).apply(executor=mine)
        assert mine.submit(int, "1").result() == 1
    assert not small_stack().preview(aws)
