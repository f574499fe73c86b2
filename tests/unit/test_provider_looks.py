"""How often applying looks, and that what it looked at is not older than it may be."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from backupkit import Plan, Rule, Selection, Vault
from backupkit.emulator.service import LocalService
from backupkit.errors import ApplyError, StaleChangesError, UnreachableError
from backupkit.provider import Stack
from backupkit.provider.kinds.plan import PLAN
from backupkit.provider.kinds.reader import Reader
from backupkit.provider.listing import Lists
from backupkit.transport.protocol import Params

ROLE = "arn:aws:iam::123456789012:role/Backup"
PLANS, SELECTIONS = 12, 5


class Counting:
    """A transport that counts its calls, and waits at them where it is told."""

    def __init__(self, service: LocalService, wait: Callable[[str], None] = lambda _: None) -> None:
        self.service, self.wait = service, wait
        self.region_name, self.clock = service.region_name, service.clock
        self.calls: Counter[str] = Counter()
        self._lock = threading.Lock()

    @property
    def transport(self) -> Counting:
        return self

    def call(self, operation: str, params: Params, /) -> bytes:
        with self._lock:
            self.calls[operation] += 1
        answer = self.service.call(operation, params)
        self.wait(operation)
        return answer


def stack(days: int = 35, role: str = ROLE) -> Stack:
    rule = Rule("daily", "main").keep(days=days)
    held = [Selection(f"s{number}", role, tags=(("tier", str(number)),)) for number in range(SELECTIONS)]
    return Stack("many", Vault("main"), *(Plan(f"p{number}", rule).protecting(*held) for number in range(PLANS)))


@pytest.mark.parametrize("threads", [1, 16])
def test_applying_makes_one_call_for_each_thing_and_few_more(threads):
    """Creating plans with selections takes one write for each, and two looks for each plan at most."""
    aws = Counting(LocalService())
    changes = stack().preview(aws)
    aws.calls.clear()
    with ThreadPoolExecutor(threads) as executor:
        changes.apply(executor=executor)
    things = 1 + PLANS * (1 + SELECTIONS)
    writes = sum(times for operation, times in aws.calls.items() if operation.startswith("Create"))
    assert writes == things
    assert sum(aws.calls.values()) - writes <= 2 * PLANS + 2
    assert set(aws.calls) == {
        "CreateBackupVault", "CreateBackupPlan", "CreateBackupSelection", "ListBackupVaults", "ListBackupPlans"
    }  # fmt: skip


def test_the_selections_of_a_plan_share_one_look():
    """Replacing every selection of a plan reads the plan once, not once for each selection."""
    aws = Counting(LocalService())
    stack().preview(aws).apply()
    changes = stack(role=f"{ROLE}2").preview(aws)
    aws.calls.clear()
    changes.apply()
    assert aws.calls["ListBackupSelections"] == aws.calls["GetBackupPlan"] == PLANS
    assert aws.calls["GetBackupSelection"] == PLANS * SELECTIONS
    assert aws.calls["CreateBackupSelection"] == aws.calls["DeleteBackupSelection"] == PLANS * SELECTIONS


def make_plan(service: LocalService, name: str) -> None:
    rule = {"RuleName": "daily", "TargetBackupVaultName": "main"}
    service.call("CreateBackupPlan", {"BackupPlan": {"BackupPlanName": name, "Rules": [rule]}})


def test_a_shared_list_is_never_older_than_the_question():
    """Who asks while a list is under way waits for one that begins after, and sees what was made in between."""
    service = LocalService()
    service.call("CreateBackupVault", {"BackupVaultName": "main"})
    begun, go_on = threading.Event(), threading.Event()

    def hold(_: str) -> None:
        begun.set()
        assert go_on.wait(30)

    aws = Counting(service, hold)
    lists = Lists(Reader(aws))
    with ThreadPoolExecutor(4) as threads:
        early = threads.submit(lists.named, PLAN, "nightly")
        assert begun.wait(30)
        make_plan(service, "nightly")
        late = [threads.submit(lists.named, PLAN, "nightly") for _ in range(3)]
        go_on.set()
        assert early.result() == []
        assert all(len(each.result()) == 1 for each in late)
    assert 2 <= aws.calls["ListBackupPlans"] <= 4


def test_a_list_that_fails_fails_for_who_made_it_alone():
    """Others who wait for it make their own."""
    service = LocalService()
    service.call("CreateBackupVault", {"BackupVaultName": "main"})
    make_plan(service, "nightly")
    begun, go_on = threading.Event(), threading.Event()

    def fail_once(_: str) -> None:
        if not begun.is_set():
            begun.set()
            assert go_on.wait(30)
            raise UnreachableError("the connection was cut")

    lists = Lists(Reader(Counting(service, fail_once)))
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(lists.named, PLAN, "nightly")
        assert begun.wait(30)
        second = threads.submit(lists.named, PLAN, "nightly")
        go_on.set()
        with pytest.raises(UnreachableError):
            first.result()
        (found,) = second.result()
        assert found.id == json.loads(service.call("ListBackupPlans", {}))["BackupPlansList"][0]["BackupPlanId"]


class Noting(ThreadPoolExecutor):
    """One thread, and all that it was given."""

    def __init__(self) -> None:
        super().__init__(1)
        self.given: list[Future[object]] = []

    def submit(self, *args, **kwargs):
        self.given.append(super().submit(*args, **kwargs))
        return self.given[-1]


def test_what_waits_for_a_thread_when_one_fails_is_not_started():
    """After a failure what runs ends, and nothing else begins, though it was ready long before."""
    executor, failed = Noting(), threading.Event()

    def fail_first(operation: str) -> None:
        if operation == "CreateBackupPlan" and not failed.is_set():
            failed.set()
            raise UnreachableError("no route")
        until = time.monotonic() + 10
        while failed.is_set() and time.monotonic() < until and not any(each.cancelled() for each in executor.given):
            time.sleep(0.001)

    aws = Counting(LocalService(), fail_first)
    with executor, pytest.raises(ApplyError, match="no route") as caught:
        stack().preview(aws).apply(executor=executor)
    error = caught.value
    assert aws.calls["CreateBackupPlan"] == 2
    assert error.failed == ("plan.p0",)
    assert set(error.done) == {"vault.main", "plan.p1"}
    assert len(error.not_started) == PLANS * (1 + SELECTIONS) - 2


@pytest.mark.parametrize("later", [Stack("many"), stack(40)], ids=["deleted", "changed"])
def test_what_is_not_the_stacks_any_more_stays_as_it_is(later):
    """Where a plan was given to somebody else since the preview, it is neither changed nor deleted, nor what is in it."""
    aws = Counting(LocalService())
    stack().preview(aws).apply()
    changes = later.preview(aws)
    for plan in json.loads(aws.service.call("ListBackupPlans", {}))["BackupPlansList"]:
        tag = {"ResourceArn": plan["BackupPlanArn"], "Tags": {"backupkit:stack": "theirs"}}
        aws.service.call("TagResource", tag)
    aws.calls.clear()
    with pytest.raises(StaleChangesError, match="not the stack's any more"):
        changes.apply(allow_delete=True)
    assert not any(operation.startswith(("Create", "Update", "Delete")) for operation in aws.calls)
