"""What AWS would take and find nothing by is refused before any call, with the right spelling."""

from __future__ import annotations

import contextlib
import inspect
import re
import warnings

import pytest

import backupkit as bk
from backupkit.catalog import TYPES
from backupkit.connection import Connection
from backupkit.errors import InvalidValueError, RejectedError
from backupkit.transport.recording import Recording

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
OTHER = "arn:aws:backup:us-east-1:123456789012:backup-vault:other"
LISTS = ("recovery_points", "backup_jobs", "copy_jobs", "restore_jobs", "scan_jobs")


@pytest.fixture
def calls():
    return Recording(bk.local().transport)


@pytest.mark.parametrize("method", LISTS)
@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("dynamodb", "DynamoDB"),
        ("Dynamo-DB", "DynamoDB"),
        ("s3", "S3"),
        ("Ebs", "EBS"),
        ("virtual machine", "VirtualMachine"),
    ],
)
def test_a_resource_type_that_is_misspelt_is_refused_with_the_right_spelling(calls, method, given, meant):
    """AWS compares types letter by letter: a list by ``dynamodb`` would be empty, and say nothing."""
    with pytest.raises(InvalidValueError, match=f"resource_type: '{given}' is not a resource type .*write '{meant}'"):
        list(getattr(Connection(calls), method)(resource_type=given))
    assert calls.calls == []


@pytest.mark.parametrize("name", [*TYPES, "S3 Tables", "EC3", "RDSX", "Brand New"])
def test_a_resource_type_that_may_be_new_is_asked_for(calls, name):
    """Every type that is known can be asked for, and so can one that AWS adds tomorrow."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        list(Connection(calls).copy_jobs(resource_type=name))
    assert calls.calls[0].params["ByResourceType"] == name


TAKES_A_TYPE = {
    **{name: lambda aws, kind, name=name: list(getattr(aws, name)(resource_type=kind)) for name in LISTS},
    "find_orphans": lambda aws, kind: bk.find_orphans(aws, resource_type=kind),
    "evidence": lambda aws, kind: bk.restore_testing.evidence(aws, resource_type=kind),
    "where": lambda aws, kind: aws.recovery_points().where(resource_type=kind),
    "pattern": lambda aws, kind: bk.restore_testing.pattern(resource_type=kind),
}


@pytest.mark.parametrize("ask", TAKES_A_TYPE.values(), ids=TAKES_A_TYPE)
def test_a_resource_type_that_may_be_new_is_warned_about_at_the_caller_s_line(ask):
    """A filter by an unknown type comes back empty: a warning, which Python shows by default, names the nearest one."""
    aws = bk.local()
    message = r"resource_type: 'EBSS' is not a resource type .*; did you mean EBS\?"
    # AWS itself refuses other types than the three that it scans
    with pytest.warns(UserWarning, match=message) as told, contextlib.suppress(RejectedError):
        ask(aws, "EBSS")
    assert [each.filename for each in told] == [__file__]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ask(aws, "EBS")


def test_every_public_argument_for_a_resource_type_is_looked_at():
    """Whatever takes ``resource_type`` is in the table above, so that the next one is, too."""
    takes = {
        name
        for owner in (bk.Connection, bk.RecoveryPoints, bk, bk.restore_testing)
        for name in getattr(owner, "__all__", None) or dir(owner)
        if not name.startswith("_")
        and inspect.isfunction(verb := getattr(owner, name))
        and "resource_type" in inspect.signature(verb).parameters
    }
    assert takes == TAKES_A_TYPE.keys()


def test_coverage_refuses_a_type_that_it_cannot_look_for():
    """Coverage lists resources type by type: where it knows no list, it could do nothing, and says what is near."""
    with pytest.raises(InvalidValueError, match=r"^coverage/types: 'EBSS' is not a type .*; write EBS$"):
        bk.coverage(bk.local(), types="EBSS")


@pytest.mark.parametrize("wrong", ["", "arn:aws:s3:::b", "*", 5, ["S3"]])
def test_what_cannot_be_a_resource_type_is_refused(calls, wrong):
    """An ARN in the place of a type is a slip, and the message names the types."""
    with pytest.raises(InvalidValueError, match="is not a resource type of AWS Backup"):
        Connection(calls).backup_jobs(resource_type=wrong)


@pytest.mark.parametrize(
    ("ask", "where"),
    [
        (lambda aws: aws.recovery_points(resource="orders"), "resource"),
        (lambda aws: aws.recovery_points(resource="orders", vault="prod"), "resource"),
        (lambda aws: aws.recovery_points(parent="orders"), "parent_point"),
        (lambda aws: aws.recovery_point("orders", vault="prod"), "recovery_point"),
        (lambda aws: aws.backup_jobs(resource="orders"), "resource"),
        (lambda aws: aws.copy_jobs(resource="orders"), "resource"),
        (lambda aws: aws.copy_jobs(destination_vault_arn="orders"), "destination_vault_arn"),
        (lambda aws: aws.copy_jobs(source_point="orders"), "source_point"),
        (lambda aws: aws.restore_jobs(resource="orders"), "resource"),
        (lambda aws: aws.restore_jobs(restore_testing_plan_arn="orders"), "restore_testing_plan_arn"),
        (lambda aws: aws.protected_resources.get("orders"), "protected_resources"),
    ],
)
def test_a_name_in_the_place_of_an_arn_is_refused(calls, ask, where):
    """A table's name finds no points; the error says that it is not an ARN, and how one is written."""
    with pytest.raises(InvalidValueError, match=f"{where}: 'orders' is not an ARN; write it as arn:"):
        list(ask(Connection(calls)) or ())
    assert calls.calls == []


def test_all_that_is_wrong_with_a_request_comes_at_once(calls):
    """Whoever mends one argument does not meet the next one after it: one error has all problems, and nothing was sent."""
    aws = Connection(calls)
    with pytest.raises(InvalidValueError) as caught:
        aws.back_up("orders", vault="x", keep_days=-7, role="x", tags={"a": 5}, start_window_minutes=1)
    assert {problem.address.removeprefix("back_up/") for problem in caught.value.problems} == {
        "resource",
        "vault",
        "lifecycle/delete_after_days",
        "role",
        "tags",
        "start_window_minutes",
    }
    wrong = {"resource": "orders", "resource_type": "dynamodb", "created_after": "yesterday"}
    for name in LISTS[:-1]:
        of_jobs = {"state": "DONE"} if name.endswith("jobs") else {}
        with pytest.raises(InvalidValueError) as caught:
            list(getattr(aws, name)(**wrong, **of_jobs))
        assert {problem.address for problem in caught.value.problems} == {*wrong, *of_jobs}, name
    assert calls.calls == []


@pytest.mark.parametrize("role", ["x", "", "AWSBackupDefaultServiceRole", "arn:aws:iam::1:role/r", TABLE, 5])
@pytest.mark.parametrize(
    ("act", "where"),
    [
        (lambda aws, _point, role: aws.back_up(TABLE, vault="prod", role=role), "back_up/role"),
        (lambda _aws, point, role: point.restore(bk.restore.DynamoDBTable("copy"), role=role), "restore/role"),
        (lambda _aws, point, role: point.copy_to(OTHER, role=role), "copy_to/role"),
        (lambda _aws, point, role: point.scan(scanner_role=role), "scan/scanner_role"),
    ],
    ids=["back_up", "restore", "copy_to", "scan"],
)
def test_what_is_not_the_arn_of_a_role_is_refused_before_any_call(role, act, where):
    """A role's name is not its ARN; AWS would take it, and every job would fail."""
    aws = bk.local()
    aws.resources.add(TABLE, size_bytes=1000)
    aws.call("CreateBackupVault", BackupVaultName="prod")
    point = aws.back_up(TABLE, vault="prod").wait().recovery_point
    with pytest.raises(InvalidValueError, match=f"^{where}: .* is not the ARN of an IAM role"):
        act(aws, point, role)
    assert len(list(aws.backup_jobs())) == 1
    assert not [*aws.restore_jobs(), *aws.copy_jobs(), *aws.scan_jobs()]


def test_a_raw_request_of_another_type_is_told_which_type_to_give():
    """Whoever gave a Raw is not told to use Raw, but how: with the type that the point holds. That works."""
    aws = bk.local()
    aws.resources.add(TABLE, size_bytes=1000)
    aws.call("CreateBackupVault", BackupVaultName="prod")
    point = aws.back_up(TABLE, vault="prod").wait().recovery_point
    values = {"targetTableName": "copy"}
    with pytest.raises(InvalidValueError, match=re.escape("bk.restore.Raw('DynamoDB', ...) with its metadata")):
        point.restore(bk.restore.Raw("S3", values))
    assert point.restore(bk.restore.Raw("DynamoDB", values)).wait().state == "COMPLETED"


def test_a_raw_request_hides_its_values_and_is_a_copy():
    """A master password is not printed with the request, and a dictionary that changes later changes nothing."""
    values = {"MasterUserPassword": "s3cr3t-0f-mine"}
    request = bk.restore.Raw("RDS", values)
    values["MasterUserPassword"] = "another"
    assert "s3cr3t-0f-mine" not in f"{request!r} {request}"
    assert "MasterUserPassword" in repr(request)
    assert request.values == {"MasterUserPassword": "s3cr3t-0f-mine"}
