"""What AWS answers is read as what it says, or not at all."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

import attrs
import pytest

from backupkit import AdvancedBackupSetting, GovernanceLock, Plan, Rule, Selection, Vault, tag
from backupkit.emulator.service import LocalService
from backupkit.errors import ApplyError, UnreachableError
from backupkit.provider import Stack
from backupkit.transport.protocol import Params, Transport
from backupkit.transport.reading import Answer

ROLE = "arn:aws:iam::123456789012:role/Backup"
FAR = "arn:aws:backup:eu-west-1:123456789012:backup-vault:far"
TOPIC = "arn:aws:sns:us-east-1:123456789012:alerts"
POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "backup:DeleteRecoveryPoint", "Resource": "*"}],
}


@attrs.frozen
class Here:
    transport: Transport


class Answering:
    """A transport whose answers pass through a function, and carry a request id."""

    def __init__(self, inner: Transport, through: Callable[[str, dict], object]) -> None:
        self._inner, self._through = inner, through
        self.region_name, self.clock = inner.region_name, inner.clock

    def call(self, operation: str, params: Params, /) -> bytes:
        found = self._through(operation, json.loads(self._inner.call(operation, params)))
        return Answer(json.dumps(found).encode(), "request-1")


class Silent:
    """An endpoint that answers {} to everything."""

    def __init__(self, inner: Transport) -> None:
        self.region_name, self.clock = inner.region_name, inner.clock

    def call(self, operation: str, params: Params, /) -> bytes:
        return Answer(b"{}", "request-1")


def stack(days: int = 90) -> Stack:
    vault = (
        Vault("main", policy=POLICY)
        .locked(GovernanceLock(min_days=7, max_days=400))
        .notifying(TOPIC, "COPY_JOB_FAILED")
    )
    rule = Rule("daily", vault, point_tags={"a": "b"}).scheduled("cron(0 3 ? * * *)", timezone="Europe/Berlin")
    rule = rule.keep(days=days).copy_to(FAR, keep_days=90)
    selection = Selection("all", ROLE, resources="*", not_resources=("arn:aws:s3:::b",)).any_tag(a="b")
    plan = Plan("nightly", rule, advanced_settings=(AdvancedBackupSetting.windows_vss(),))
    return Stack("mine", vault, plan.protecting(selection.where(tag("env").equals("prod"))))


@pytest.fixture
def service() -> LocalService:
    made = LocalService()
    stack().preview(Here(made)).apply()
    return made


def places(document: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], object]]:
    """Every value inside a document, with its path."""
    items = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, value in items:
        yield (*path, key), value
        yield from places(value, (*path, key))


def put(document: dict, path: tuple[str | int, ...], value: object) -> dict:
    """The document with another value at one place."""
    *way, last = path
    found = document
    for key in way:
        found = found[key]
    found[last] = value
    return document


READS = (
    "ListBackupVaults",
    "ListBackupPlans",
    "ListBackupSelections",
    "GetBackupVaultAccessPolicy",
    "GetBackupVaultNotifications",
    "GetBackupPlan",
    "GetBackupSelection",
    "ListTags",
)
NAMED = {dict: {"x": 1}, list: ["x", 5], str: "x", int: 5, float: 0.5, bool: True}


@pytest.mark.slow
@pytest.mark.parametrize("operation", READS)
def test_a_value_of_another_type_is_an_error_and_never_read_as_nothing(service, operation):
    """Whatever value of an answer has a type that the API does not give it, the preview is as before, or an error."""
    answers: list[dict] = []

    def keep(called: str, answer: dict) -> dict:
        if called == operation:
            answers.append(json.loads(json.dumps(answer)))
        return answer

    before = str(stack().preview(Here(Answering(service, keep))))
    refused: list[str] = []
    for path, was in places(answers[0]):
        for kind, junk in NAMED.items():
            if was is None or isinstance(was, kind) or {type(was), kind} <= {int, float}:
                continue

            def damage(called: str, answer: dict, path: tuple = path, junk: object = junk) -> dict:
                return put(answer, path, junk) if called == operation else answer

            try:
                found = str(stack().preview(Here(Answering(service, damage))))
            except UnreachableError as error:
                refused.append(str(error))
            else:
                assert found == before, (path, junk)
    assert len(refused) > 3
    assert all(re.fullmatch(rf"{operation}: the answer.* \(request request-1\)", text) for text in refused)


@pytest.mark.parametrize(
    ("operation", "member"),
    [
        ("ListBackupVaults", "BackupVaultName"),
        ("ListBackupVaults", "BackupVaultArn"),
        ("ListBackupPlans", "BackupPlanId"),
        ("ListBackupPlans", "BackupPlanName"),
        ("ListBackupSelections", "SelectionId"),
        ("GetBackupPlan", "BackupPlan"),
        ("GetBackupSelection", "BackupSelection"),
    ],
)
def test_an_answer_without_what_it_must_tell_is_an_error(service, operation, member):
    """A plan without its document, or a list entry without its id, is not taken for an empty one."""

    def without(called: str, answer: dict) -> dict:
        if called == operation:
            (answer if operation.startswith("Get") else next(iter(answer.values()))[0]).pop(member)
        return answer

    with pytest.raises(UnreachableError, match=rf"^{operation}: the answer has no .*\(request request-1\)"):
        stack().preview(Here(Answering(service, without)))


@pytest.mark.parametrize(
    ("operation", "member", "junk", "words"),
    [
        ("ListBackupVaults", "BackupVaultArn", "main", "BackupVaultArn is not an ARN"),
        ("ListBackupVaults", "LockDate", 1e30, "LockDate is not a time"),
        ("ListBackupPlans", "DeletionDate", -1e300, "DeletionDate is not a time"),
    ],
)
def test_an_arn_or_a_time_that_cannot_be_is_an_error(service, operation, member, junk, words):
    """A text that is not an ARN names nothing, and a number beyond all calendars is not a moment."""

    def damaged(called: str, answer: dict) -> dict:
        if called == operation:
            next(iter(answer.values()))[0][member] = junk
        return answer

    with pytest.raises(UnreachableError, match=rf"^{operation}: the answer's {words}.*\(request request-1\)"):
        stack().preview(Here(Answering(service, damaged)))


def test_a_list_that_is_a_text_makes_no_second_plan(service):
    """A list of plans that cannot be read is not a list without plans: nothing is previewed, so nothing is made."""

    def damaged(called: str, answer: dict) -> dict:
        return {"BackupPlansList": "x"} if called == "ListBackupPlans" else answer

    with pytest.raises(UnreachableError, match="BackupPlansList is not a list of structures"):
        stack().preview(Here(Answering(service, damaged)))


@pytest.mark.parametrize("operation", [name for name in READS if name.startswith("List")])
@pytest.mark.parametrize("token", [5, [], True, {"x": 1}])
def test_a_token_that_is_no_text_ends_no_list(service, operation, token):
    """A list whose next page cannot be asked for is not taken for a whole one."""

    def damaged(called: str, answer: dict) -> dict:
        return {**answer, "NextToken": token} if called == operation else answer

    with pytest.raises(UnreachableError, match=rf"^{operation}: the answer's NextToken .*request-1"):
        stack().preview(Here(Answering(service, damaged)))


def test_an_endpoint_that_answers_nothing_is_told_from_aws():
    """Where creations tell no name and no id, applying says which call, that it may be done, and by which request."""
    silent = Here(Silent(LocalService()))
    vault = Stack("mine", Vault("main"))
    with pytest.raises(ApplyError, match=r"CreateBackupVault: the answer has no .*look before.*request-1"):
        vault.preview(silent).apply()


@pytest.mark.parametrize("operation", ["CreateBackupPlan", "CreateBackupSelection"])
def test_a_creation_that_tells_no_id_is_an_error(operation):
    """An answer without the id that later calls need is named, with what was done."""

    def empty(called: str, answer: dict) -> dict:
        return {} if called == operation else answer

    with pytest.raises(ApplyError, match=rf"{operation}: the answer has no \w+.*\(request request-1\)") as caught:
        stack().preview(Here(Answering(LocalService(), empty))).apply()
    assert "vault.main" in caught.value.done
