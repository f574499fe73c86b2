"""What every implementation of the seam promises: the local service, boto3 over HTTP, and every wrapper."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from loopback import boto3_at, serving, spoken_for

from backupkit import errors
from backupkit.emulator import LocalService
from backupkit.observe import RecoveryPoint, Vault, decode
from backupkit.transport.fault_injection import FaultInjection
from backupkit.transport.paging import listed, pages, tags
from backupkit.transport.protocol import Clock, Transport
from backupkit.transport.readonly import ReadOnly
from backupkit.transport.recording import Recording
from backupkit.transport.retry import Retrying

WRAPPERS = {
    "local": lambda service: service,
    "retrying": Retrying,
    "recording": Recording,
    "faulty": lambda service: FaultInjection(service, at=10**9),
    "readonly": ReadOnly,
}


@pytest.fixture
def service():
    service = LocalService()
    for number in range(5):
        service.call("CreateBackupVault", {"BackupVaultName": f"vault-{number}", "BackupVaultTags": {"n": str(number)}})
    return service


@pytest.fixture(params=[*WRAPPERS, "boto3", "boto3-slow"])
def transport(request, service):
    if request.param in WRAPPERS:
        yield WRAPPERS[request.param](service)
        return
    with serving(spoken_for(service)) as url:
        yield boto3_at(url, fast=request.param == "boto3")


def test_every_implementation_is_a_transport(transport):
    """Whatever answers operations has a Region and a clock that tells aware UTC time."""
    assert isinstance(transport, Transport)
    assert isinstance(transport.clock, Clock)
    assert transport.region_name == "us-east-1"
    assert transport.clock.now().utcoffset() == timedelta(0)


def test_an_answer_is_the_json_of_the_api(transport):
    """An answer is JSON text with the API's names; times are epoch seconds."""
    answer = json.loads(transport.call("DescribeBackupVault", {"BackupVaultName": "vault-1"}))
    assert answer["BackupVaultName"] == "vault-1"
    assert isinstance(answer["CreationDate"], int | float)
    assert "ResponseMetadata" not in answer


def test_a_record_is_the_same_whoever_answers(transport, service):
    """The same vault gives the same record, over HTTP as in the process."""
    read = [
        decode.record(one.call("DescribeBackupVault", {"BackupVaultName": "vault-1"}), Vault)
        for one in (transport, service)
    ]
    assert read[0] == read[1]
    assert read[0].creation_date == datetime(2026, 1, 1, tzinfo=UTC)


def test_lists_are_whole_whatever_the_size_of_a_page(transport):
    """A list gives every record once, and asks for as many pages as there are."""
    names = [vault.backup_vault_name for vault in listed(transport, "ListBackupVaults", Vault, {"MaxResults": 2})]
    assert sorted(names) == [f"vault-{number}" for number in range(5)]
    assert len(list(pages(transport, "ListBackupVaults", {"MaxResults": 2}))) == 3


def test_tags_come_as_one_map(transport):
    """ListTags, whose result is a map, is read whole."""
    arn = json.loads(transport.call("DescribeBackupVault", {"BackupVaultName": "vault-3"}))["BackupVaultArn"]
    assert tags(transport, arn) == {"n": "3"}


def test_no_from_the_service_is_a_service_error(transport):
    """A refusal carries operation, code, message and status."""
    with pytest.raises(errors.AccessDeniedError) as refused:
        transport.call("DescribeBackupVault", {"BackupVaultName": "nowhere"})
    assert refused.value.operation == "DescribeBackupVault"
    assert refused.value.code.startswith("AccessDenied")
    assert refused.value.message.startswith("Insufficient privileges")
    assert refused.value.status == 403
    assert not refused.value.retryable


@pytest.mark.parametrize(
    "params",
    [{}, {"BackupVaultName": 5}, {"BackupVaultName": "vault-1", "Colour": "red"}],
    ids=["missing", "mistyped", "unknown"],
)
def test_a_request_that_breaks_the_model_is_not_sent(transport, params):
    """A missing, mistyped or unknown input member is refused before anything is sent, by name."""
    with pytest.raises(errors.InvalidValueError, match=r"BackupVaultName|Colour"):
        transport.call("DescribeBackupVault", params)


def test_an_operation_that_is_none_is_named(transport):
    """A misspelt operation is refused, with its name."""
    with pytest.raises(errors.BackupKitError, match="DescribeBackupVaults"):
        transport.call("DescribeBackupVaults", {})


def test_moments_go_in_as_aware_datetimes(transport):
    """Filters by time take aware datetimes."""
    filters = {"BackupVaultName": "vault-1", "ByCreatedAfter": datetime(2026, 1, 1, tzinfo=UTC)}
    assert list(listed(transport, "ListRecoveryPointsByBackupVault", RecoveryPoint, filters)) == []


def test_params_are_not_changed_by_a_call(transport):
    """What a caller passes stays as it was."""
    params = {"MaxResults": 2}
    transport.call("ListBackupVaults", params)
    list(pages(transport, "ListBackupVaults", params))
    assert params == {"MaxResults": 2}


def test_several_threads_may_share_a_transport(transport):
    """Calls from several threads each get their own answer."""

    def name_of(number):
        return json.loads(transport.call("DescribeBackupVault", {"BackupVaultName": f"vault-{number % 5}"}))[
            "BackupVaultName"
        ]

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(name_of, range(40))) == [f"vault-{number % 5}" for number in range(40)]


def test_a_write_without_output_answers_an_empty_object(transport):
    """An operation whose answer has no members answers ``{}``."""
    deny = {"Effect": "Deny", "Principal": "*", "Action": "backup:DeleteRecoveryPoint", "Resource": "*"}
    policy = {"BackupVaultName": "vault-1", "Policy": json.dumps({"Version": "2012-10-17", "Statement": [deny]})}
    if isinstance(transport, ReadOnly):
        with pytest.raises(errors.ConsentError, match="PutBackupVaultAccessPolicy"):
            transport.call("PutBackupVaultAccessPolicy", policy)
    else:
        assert transport.call("PutBackupVaultAccessPolicy", policy) == b"{}"
