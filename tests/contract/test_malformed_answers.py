"""What cannot be read is an error with its operation and request, never an empty list or a thing that is not there."""

from __future__ import annotations

import json

import botocore.session
import pytest
from loopback import always, boto3_at, serving

import backupkit as bk
from backupkit import errors
from backupkit.connection import Connection
from backupkit.emulator import LocalService
from backupkit.transport import paging
from backupkit.transport.idempotency import is_read
from backupkit.transport.reading import IDENTIFIES
from backupkit.transport.retry import Retrying, RetryPolicy

MODEL = botocore.session.get_session().get_service_model("backup")
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
ROLE = "arn:aws:iam::123456789012:role/service-role/AWSBackupDefaultServiceRole"
POINT = "arn:aws:backup:us-east-1:123456789012:recovery-point:1"


def connected(url):
    """A whole connection to ``url``."""
    return Connection(Retrying(boto3_at(url), RetryPolicy(first_pause_seconds=0.0)))


def shop():
    """A vault, a plan and a selection."""
    plan = bk.Plan("nightly", bk.Rule("daily", "prod"))
    return bk.Stack("shop", bk.Vault("prod"), plan.protecting(bk.Selection("orders", ROLE).including(TABLE)))


class Instead:
    """The local service, but for one operation, whose answer is another JSON."""

    region_name = "us-east-1"

    def __init__(self, operation, body):
        self.service = LocalService()
        self.clock = self.service.clock
        self.operation, self.body = operation, body

    def call(self, operation, params, /):
        return self.body if operation == self.operation else self.service.call(operation, params)


@pytest.mark.parametrize("operation", sorted(paging.LISTS))
@pytest.mark.parametrize("damaged", ["x", 5, False, "", [5], {"a": 1}, ["a"], [None]], ids=json.dumps)
def test_a_list_that_is_not_one_is_an_error(operation, damaged):
    """Whatever stands where the list should be, nothing takes it for a list that is empty or shorter."""
    key = paging.LISTS[operation]
    damaged = ["a"] if key == "Tags" and isinstance(damaged, dict) else damaged
    transport = Instead(operation, json.dumps({key: damaged}).encode())
    with pytest.raises(errors.UnreachableError, match=f"^{operation}: the answer's {key} "):
        list(paging.pages(transport, operation, {}))
    if key == "Tags":
        with pytest.raises(errors.UnreachableError, match=r"^ListTags: the answer's Tags"):
            paging.tags(transport, TABLE)


@pytest.mark.parametrize("token", [5, 0, False, True, ["t"], {"a": "b"}])
@pytest.mark.parametrize(
    "walk",
    [
        lambda aws: list(aws.vaults),
        lambda aws: list(paging.pages(aws.transport, "ListBackupVaults", {})),
        lambda aws: aws.vaults.get("prod"),
        lambda aws: shop().preview(aws),
    ],
    ids=["records", "pages", "look-up", "preview"],
)
def test_a_token_that_is_not_one_does_not_end_a_walk(token, walk):
    """A page after which nobody knows how to go on is not the last one."""
    body = json.dumps({"BackupVaultList": [], "NextToken": token}).encode()
    with serving(always(200, body)) as url, pytest.raises(errors.UnreachableError) as caught:
        walk(connected(url))
    assert str(caught.value).startswith("ListBackupVaults: the answer's NextToken is not text")
    assert str(caught.value).endswith("(request req-1)")


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("ListBackupPlans", {"BackupPlansList": "x"}),
        ("ListBackupPlans", {"BackupPlansList": [5]}),
        ("ListBackupVaults", {"BackupVaultList": {"BackupVaultName": "prod"}}),
        ("ListBackupSelections", {"BackupSelectionsList": 5}),
        ("ListTags", {"Tags": []}),
        ("GetBackupPlan", {}),
        ("GetBackupPlan", {"BackupPlan": "x"}),
        ("GetBackupSelection", {"BackupSelection": []}),
    ],
    ids=lambda value: value if isinstance(value, str) else json.dumps(value),
)
def test_a_preview_over_a_damaged_answer_is_an_error(operation, body):
    """What cannot be read is not taken for what is not there: else apply would make a second plan."""
    instead = Instead(operation, json.dumps(body).encode())
    shop().preview(Connection(instead.service)).apply()
    aws = Connection(instead)
    with pytest.raises(errors.UnreachableError, match=f"^{operation}: the answer"):
        shop().preview(aws)


@pytest.mark.parametrize("operation", ["CreateBackupVault", "CreateBackupPlan", "CreateBackupSelection"])
def test_what_was_made_without_an_id_is_told(operation):
    """A stack stops at an answer that does not name what was made, says which call it was, and that it may be done."""
    changes = shop().preview(Connection(Instead(operation, b"{}")))
    with pytest.raises(errors.ApplyError, match=rf"{operation}: the answer has no .*may have been carried out"):
        changes.apply()


@pytest.mark.parametrize(
    "ask",
    [
        lambda aws: shop().preview(aws).apply(),
        lambda aws: aws.back_up(TABLE, vault="prod"),
        lambda aws: aws.recovery_point(POINT, vault="prod"),
        lambda aws: aws.protected_resources.get(TABLE),
        lambda aws: aws.plans.selection("1", "2"),
        lambda aws: aws.call("CreateBackupPlan", BackupPlan={"BackupPlanName": "p", "Rules": []}),
        lambda aws: aws.call("DescribeBackupJob", BackupJobId="1"),
        lambda aws: aws.call("StartRestoreJob", RecoveryPointArn=POINT, Metadata={}),
    ],
)
def test_an_endpoint_that_answers_nothing_to_everything_is_found_out(ask):
    """``{}`` is not a vault, no plan and no job: the error names the operation and the request."""
    with serving(always(200, b"{}")) as url, pytest.raises(errors.BackupKitError, match=r"\w+: the answer") as caught:
        ask(connected(url))
    assert "(request req-1)" in str(caught.value)


def test_what_identifies_an_answer_is_in_the_model():
    """Every member in the table is one of the operation's output, and in every answer that says anything."""
    outputs = {name: MODEL.operation_model(name).output_shape for name in MODEL.operation_names}
    assert all(member in outputs[name].members for name, member in IDENTIFIES.items())
    for name, member in IDENTIFIES.items():
        required = set(outputs[name].required_members)
        assert member in required or not required, name


def test_every_operation_that_makes_starts_or_reads_something_is_in_a_table():
    """An operation that AWS adds has a row of what its answer must say before its answers are taken for any."""
    reads = {name for name in MODEL.operation_names if MODEL.operation_model(name).http["method"] == "GET"}
    assert all(is_read(name) for name in reads)
    wanted = {name for name in MODEL.operation_names if name.startswith(("Create", "Start")) or is_read(name)}
    assert not set(IDENTIFIES) & set(paging.LISTS)
    assert wanted == set(IDENTIFIES) | set(paging.LISTS)


def test_nothing_inferred_is_an_answer():
    """A type of which AWS infers no metadata has an empty map; an answer without one is another's."""
    operation = "GetRestoreTestingInferredMetadata"
    assert Connection(Instead(operation, b'{"InferredMetadata": {}}')).call(operation) == {"InferredMetadata": {}}
    with pytest.raises(errors.UnreachableError, match="the answer has no InferredMetadata"):
        Connection(Instead(operation, b"{}")).call(operation)


def test_a_vault_whose_policy_is_not_answered_is_not_one_without_a_policy():
    """A copy is not taken for allowed because something answered ``{}`` in the place of the vault's policy."""
    instead = Instead("GetBackupVaultAccessPolicy", b"{}")
    shop().preview(Connection(instead.service)).apply()
    with pytest.raises(errors.UnreachableError, match="GetBackupVaultAccessPolicy: the answer has no BackupVaultName"):
        shop().preview(Connection(instead))


RIGHT = {"GetRestoreTestingInferredMetadata": {}, "GetSupportedResourceTypes": ["a"]}


@pytest.mark.parametrize(
    ("operation", "damaged"),
    [
        (operation, damaged)
        for operation in sorted(IDENTIFIES)
        for damaged in (None, "", 5, {}, [], ["a"])
        if damaged != RIGHT.get(operation, ...)
    ],
    ids=lambda value: value if isinstance(value, str) else json.dumps(value),
)
def test_an_answer_that_does_not_say_what_it_is_about_is_an_error(operation, damaged):
    """A missing, empty or mistyped name is not a name."""
    aws = Connection(Instead(operation, json.dumps({IDENTIFIES[operation]: damaged}).encode()))
    with pytest.raises(
        errors.UnreachableError, match=rf"^{operation}: the answer(?:'s| has no) {IDENTIFIES[operation]}"
    ):
        aws.call(operation)
