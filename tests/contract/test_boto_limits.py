"""Nothing that an endpoint sends takes forever, takes all memory, or ends in an error of the language."""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, datetime, timedelta, timezone

import boto3
import pytest
from loopback import always, boto3_at, serving

import backupkit as bk
from backupkit import errors
from backupkit.connection import Connection
from backupkit.neighbours.session import SessionNeighbours
from backupkit.transport.retry import Retrying, RetryPolicy

VAULTS = b'{"BackupVaultList": [{"BackupVaultName": "v"}]}'
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"


def nested(depth: int) -> list:
    """A list in a list in a list."""
    value = []
    for _ in range(depth):
        value = [value]
    return value


def dripping(beginning: bytes, drop: bytes):
    """Send a beginning, and then a little every 50 ms for ten seconds."""

    def answer(handler, *_):
        handler.wfile.write(beginning)
        for _ in range(200):
            handler.wfile.write(drop)
            handler.wfile.flush()
            time.sleep(0.05)

    return answer


def sent(raw: bytes):
    """Send these bytes and hang up."""

    def answer(handler, *_):
        handler.wfile.write(raw)
        handler.wfile.flush()

    return answer


@pytest.mark.parametrize(
    "answer",
    [
        dripping(HEAD + b"content-length: 5000\r\n\r\n", b" "),
        dripping(HEAD + b"transfer-encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        dripping(HEAD, b"x"),
        dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["body", "chunks", "headers", "100-continue"],
)
def test_an_answer_that_drips_ends_with_read_timeout(answer):
    """read_timeout is the time for a whole answer: a byte now and then does not begin it anew."""
    with serving(answer) as url, pytest.raises(errors.UnreachableError, match="read_timeout is the time") as caught:
        boto3_at(url, read_timeout=0.3).call("ListBackupVaults", {})
    assert caught.value.retryable


def test_a_connection_keeps_its_timeout_for_the_next_answer():
    """An answer that took some of its time leaves the whole time to the next one on the same connection."""
    with serving(always(200, VAULTS)) as url:
        transport = boto3_at(url, read_timeout=1.5)
        transport.call("ListBackupVaults", {})
        pool = transport.client._endpoint.http_session.session._manager.connection_from_url(url)
        assert [each.sock.gettimeout() for each in pool.pool.queue if each] == [1.5]


@pytest.mark.parametrize(
    "answer",
    [
        always(200, VAULTS + b" " * 1000),
        sent(HEAD + b"content-length: 99999999999999999999\r\n\r\n" + VAULTS),
        sent(HEAD + b"transfer-encoding: chunked\r\n\r\n" + b"100\r\n" + b" " * 256 + b"\r\n0\r\n\r\n"),
        sent(HEAD + b"\r\n" + VAULTS + b" " * 1000),
    ],
    ids=["told", "huge", "chunked", "until-closed"],
)
def test_an_answer_that_is_too_large_is_refused(answer):
    """The error names the limit and how to move it, and the call is not repeated: it would be as large again."""
    with serving(answer) as url, pytest.raises(errors.UnreachableError) as caught:
        boto3_at(url, max_answer_bytes=200).call("ListBackupVaults", {})
    assert "larger than 200 bytes" in str(caught.value)
    assert "max_answer_bytes" in str(caught.value)
    assert not caught.value.retryable


@pytest.mark.parametrize(
    "answer",
    [
        HEAD + b"transfer-encoding: chunked\r\n\r\n" + b"%x\r\n%s\r\n0\r\n\r\n" % (len(VAULTS), VAULTS),
        HEAD + b"\r\n" + VAULTS,
    ],
    ids=["chunked", "until-closed"],
)
def test_an_answer_that_does_not_tell_its_length_is_read_to_its_end(answer):
    """A proxy may send it on in pieces, or close the connection behind it."""
    with serving(sent(answer)) as url:
        assert boto3_at(url, max_answer_bytes=200).call("ListBackupVaults", {}) == VAULTS


def test_the_limit_on_an_answer_can_be_moved():
    """What the message advises works, and an answer of exactly the limit is read."""
    with serving(always(200, VAULTS)) as url:
        assert boto3_at(url, max_answer_bytes=len(VAULTS)).call("ListBackupVaults", {}) == VAULTS
        session = boto3_at(url).session
        with (
            bk.connect(session, region_name="us-east-1", endpoint_url=url, max_answer_bytes=9) as aws,
            pytest.raises(errors.UnreachableError, match="larger than 9 bytes"),
        ):
            list(aws.vaults)


def test_a_long_message_of_the_service_is_cut():
    """Five million letters of somebody else's do not get into a log."""
    answer = always(400, b'{"Message": "' + b"x" * 5_000_000 + b'"}', **{"x-amzn-errortype": "InvalidRequestException"})
    with serving(answer) as url, pytest.raises(errors.RejectedError) as caught:
        boto3_at(url).call("ListBackupVaults", {})
    assert caught.value.message.endswith("… (5,000,000 characters)")
    assert len(str(caught.value)) < 3000


@pytest.mark.parametrize("state", ["FAILED", "COMPLETED"])
def test_a_long_message_of_a_job_is_cut(state):
    """What a job says of its end is cut in the error, and whole in the job that the error carries."""
    job = {"BackupJobId": "1", "State": state, "MessageCategory": "FAILURE", "StatusMessage": "x" * 5_000_000}
    with serving(always(200, json.dumps(job).encode())) as url:
        aws = Connection(Retrying(boto3_at(url)))
        with pytest.raises(errors.JobFailedError) as caught:
            aws.backup_job("1").wait()
    assert "… (5,000,000 characters)" in str(caught.value)
    assert len(str(caught.value)) < 3000
    assert len(caught.value.job.status_message) == 5_000_000


def vault_with(value: bytes) -> bytes:
    """A list of one vault, of which two members are this JSON."""
    return b'{"BackupVaultList": [{"BackupVaultName": "v", "CreationDate": ' + value + b', "Other": ' + value + b"}]}"


def listing(url, *, fast):
    """Lists the vaults, with one attempt."""
    aws = Connection(Retrying(boto3_at(url, fast=fast), RetryPolicy(unreachable_attempts=1)))
    return [vault.backup_vault_name for vault in aws.vaults]


@pytest.mark.parametrize(
    ("value", "fast"),
    [
        *(
            (value, fast)
            for value in (b"1e400", b"9" * 5000, b"[" * 5000 + b"]" * 5000, b'"\\ud800"')
            for fast in (True, False)
        ),
        (b"1e15", False),
    ],
    ids=lambda value: value[:5].decode() if isinstance(value, bytes) else "fast" if value else "slow",
)
def test_an_answer_with_impossible_values_is_an_error_of_ours(value, fast):
    """Numbers without end, brackets without end and broken text are unusable answers, never an empty list."""
    with (
        serving(always(200, vault_with(value))) as url,
        pytest.raises(errors.UnreachableError, match=r"^ListBackupVaults: "),
    ):
        listing(url, fast=fast)


@pytest.mark.parametrize("value", [b"1e15", b'"99999-01-01T00:00:00Z"', b"[" * 900 + b"]" * 900])
def test_an_answer_with_dates_beyond_the_calendar_is_read(value):
    """A date that no calendar has costs nobody the rest of the list: it is kept as it came."""
    with serving(always(200, vault_with(value))) as url:
        assert listing(url, fast=True) == ["v"]


@pytest.mark.parametrize(
    "params",
    [
        {"MinRetentionDays": 10**5000},
        {"BackupVaultName": "\ud800"},
        {"ByCreatedAfter": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))},
        {"BackupVaultName": nested(50_000)},
    ],
    ids=["long-integer", "surrogate", "before-year-1", "deep"],
)
def test_a_value_that_no_request_can_hold_is_refused_before_it_is_sent(params):
    """The error is ours, names the operation, and does not quote the value."""
    asked = []
    operation = "ListBackupJobs" if "ByCreatedAfter" in params else "PutBackupVaultLockConfiguration"
    params = {"BackupVaultName": "v", **params} if operation.startswith("Put") else params
    with (
        serving(lambda *request: asked.append(request) or (200, {}, b"{}")) as url,
        pytest.raises(errors.InvalidValueError, match=f"{operation}: a value cannot be sent"),
    ):
        boto3_at(url).call(operation, params)
    assert asked == []


def test_a_moment_at_the_end_of_the_calendar_can_be_asked_for():
    """The last moment of the year 9999 is a date like any other."""
    with serving(always(200, b'{"BackupJobs": []}')) as url:
        assert boto3_at(url).call("ListBackupJobs", {"ByCreatedBefore": datetime.max.replace(tzinfo=UTC)})


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_opens_its_own_sockets():
    """Two processes on one socket would get each other's answers; the parent keeps the socket that it has."""
    peers = []

    def answer(handler, *_):
        peers.append(handler.client_address)
        return 200, {}, VAULTS

    with serving(answer) as url:
        aws = Connection(Retrying(boto3_at(url)))
        list(aws.vaults)
        child = os.fork()
        if not child:
            status = 1
            try:
                status = 0 if [vault.backup_vault_name for vault in aws.vaults] == ["v"] else 1
            finally:
                os._exit(status)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        list(aws.vaults)
    assert peers[0] == peers[2] != peers[1]


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_list_begun_before_a_fork_goes_on_in_the_child():
    """The next page of a list, and the boto3 client underneath, go over the child's own sockets as well."""
    peers = []

    def answer(handler, _method, target, _body):
        peers.append(handler.client_address)
        return 200, {}, VAULTS if "nextToken" in target else VAULTS[:-1] + b', "NextToken": "2"}'

    with serving(answer) as url:
        transport = boto3_at(url)
        vaults = iter(Connection(Retrying(transport)).vaults)
        next(vaults)
        child = os.fork()
        if not child:
            status = 1
            try:
                status = 0 if len(list(vaults)) == 1 and transport.client.list_backup_vaults() else 1
            finally:
                os._exit(status)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert len(peers) == 3
    assert peers[0] not in peers[1:]


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_neighbour_services_are_asked_over_the_forked_processs_own_sockets(monkeypatch):
    """What holds for AWS Backup holds for the services that are asked beside it."""
    peers = []

    def answer(handler, *_):
        peers.append(handler.client_address)
        return 200, {}, b'{"TableNames": []}'

    with serving(answer) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        session = boto3.Session("AKIDEXAMPLE", "not-a-secret", region_name="us-east-1")
        neighbours = SessionNeighbours(session, "us-east-1", time.sleep)
        neighbours.ask("dynamodb", "list_tables", {})
        child = os.fork()
        if not child:
            status = 1
            try:
                status = 0 if neighbours.ask("dynamodb", "list_tables", {}) else 1
            finally:
                os._exit(status)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert len(set(peers)) == len(peers) == 2
