"""Two runs of one stack at the same time leave one plan, whatever the order of their calls."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from backupkit import Plan, Rule, Selection, Vault
from backupkit.emulator.kernel.behavior import Choices
from backupkit.emulator.service import LocalService
from backupkit.errors import BackupKitError, StaleChangesError
from backupkit.provider import Applied, Changes, Stack
from backupkit.transport.protocol import Params

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
ROLE = "arn:aws:iam::123456789012:role/Backup"


class Gated:
    """A transport that waits at calls until another run gets there, or beyond."""

    def __init__(self, service: LocalService, wait: Callable[[str, str], None] = lambda *_: None) -> None:
        self.service, self.wait = service, wait
        self.region_name, self.clock = service.region_name, service.clock

    @property
    def transport(self) -> Gated:
        return self

    def call(self, operation: str, params: Params, /) -> bytes:
        self.wait(operation, "before")
        answer = self.service.call(operation, params)
        self.wait(operation, "after")
        return answer


def version(days: int) -> Stack:
    plan = Plan("nightly", Rule("daily", "main").keep(days=days)).protecting(Selection("all", ROLE, resources="*"))
    return Stack("mine", plan)


@pytest.fixture(params=[True, False], ids=["token-known", "token-unknown"])
def service(request) -> LocalService:
    made = LocalService(choices=Choices(same_token_returns_plan=request.param))
    made.call("CreateBackupVault", {"BackupVaultName": "main"})
    made.resources.add(TABLE)
    return made


def outcome(changes: Changes) -> Applied | BackupKitError:
    try:
        return changes.apply()
    except BackupKitError as error:
        return error


def at_once(*all_changes: Changes) -> list[Applied | BackupKitError]:
    with ThreadPoolExecutor(len(all_changes)) as threads:
        return list(threads.map(outcome, all_changes))


def plans(service: LocalService) -> list[dict]:
    return json.loads(service.call("ListBackupPlans", {}))["BackupPlansList"]


def one_stands(service: LocalService, found: list[Applied | BackupKitError]) -> None:
    """One run went through, the others were told, and both versions can go on from there."""
    assert len(plans(service)) == 1
    assert sum(isinstance(each, Applied) for each in found) == 1
    assert all(isinstance(each, Applied | StaleChangesError) for each in found)
    for days in (10, 20):
        version(days).preview(Gated(service)).apply()
        assert not version(days).preview(Gated(service))
    assert len(plans(service)) == 1


@pytest.mark.parametrize("moments", [("before",), ("before", "after")])
def test_two_versions_that_make_a_plan_at_once_leave_one(service, moments):
    """Both runs looked before either made its plan: one plan stands, and the other run is told to preview again."""
    both = threading.Barrier(2, timeout=30)

    def meet(operation: str, when: str) -> None:
        if operation == "CreateBackupPlan" and when in moments:
            both.wait()

    found = at_once(*(version(days).preview(Gated(service, meet)) for days in (10, 20)))
    one_stands(service, found)


@pytest.mark.slow
@pytest.mark.parametrize("trial", range(10))
def test_a_run_that_comes_in_between_leaves_one_plan(service, trial):
    """One run has gone through its whole apply between the other's look and its creation: the first one stands."""
    # Each trial has other ids, so that either plan may come first where they are made in one moment.
    for number in range(trial):
        service.call("CreateBackupVault", {"BackupVaultName": f"spare-{number}"})
        service.call("StartBackupJob", {"BackupVaultName": "main", "ResourceArn": TABLE, "IamRoleArn": ROLE})
    first = version(10 + trial).preview(Gated(service))
    found: list[Applied | BackupKitError] = []

    def come_in(operation: str, when: str) -> None:
        if (operation, when) == ("CreateBackupPlan", "before"):
            found.append(outcome(first))

    found.append(outcome(version(50).preview(Gated(service, come_in))))
    assert isinstance(found[0], Applied)
    one_stands(service, found)


def test_a_rival_that_goes_while_it_is_looked_at_is_no_rival():
    """A plan that is listed and is gone when its tags are read does not stop the run that stands."""
    service = LocalService(choices=Choices(same_token_returns_plan=False))
    service.call("CreateBackupVault", {"BackupVaultName": "main"})
    rivals: list[str] = []

    def meddle(operation: str, when: str) -> None:
        if (operation, when) == ("CreateBackupPlan", "after"):
            rule = {"RuleName": "other", "TargetBackupVaultName": "main"}
            body = {"BackupPlanName": "nightly", "Rules": [rule]}
            tags = {"backupkit:stack": "mine"}
            answer = service.call("CreateBackupPlan", {"BackupPlan": body, "BackupPlanTags": tags})
            rivals.append(json.loads(answer)["BackupPlanId"])
        if operation == "ListTags" and when == "before" and rivals:
            service.call("DeleteBackupPlan", {"BackupPlanId": rivals.pop()})

    assert "plan.nightly" in version(10).preview(Gated(service, meddle)).apply().done
    assert not version(10).preview(Gated(service))


def test_many_versions_at_once_leave_one_plan(service):
    """Eight runs that begin together, with no order between their calls, leave one plan."""
    for _ in range(5):
        found = at_once(*(version(days).preview(Gated(service)) for days in range(10, 18)))
        one_stands(service, found)
        Stack("mine").preview(Gated(service)).apply(allow_delete=True)
        assert plans(service) == []


def test_two_runs_that_make_the_same_at_once_both_end(service):
    """Where both declare the same, the second takes what the first made for done, and a later run has little to sweep."""
    both = threading.Barrier(2, timeout=30)

    def meet(operation: str, when: str) -> None:
        if (operation, when) == ("CreateBackupPlan", "before"):
            both.wait()

    found = at_once(*(version(10).preview(Gated(service, meet)) for _ in range(2)))
    assert all(isinstance(each, Applied) for each in found)
    assert len(plans(service)) == 1
    version(10).preview(Gated(service)).apply()
    assert not version(10).preview(Gated(service))


def test_two_runs_that_make_different_vaults_at_once_are_told():
    """A vault's name is taken once: the run that comes second learns that the world has moved."""
    service = LocalService()
    both = threading.Barrier(2, timeout=30)

    def meet(operation: str, when: str) -> None:
        if (operation, when) == ("CreateBackupVault", "before"):
            both.wait()

    stacks = [Stack("mine", Vault("main", tags={"v": value})) for value in "ab"]
    found = at_once(*(each.preview(Gated(service, meet)) for each in stacks))
    assert {type(each) for each in found} == {Applied, StaleChangesError}
