"""What becomes of everything that may come back from an endpoint, over real HTTP on this machine."""

from __future__ import annotations

import json
import pickle
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError
from loopback import always, boto3_at, half, late, reset, serving

from backupkit import CopyJob, errors
from backupkit.connection import Connection
from backupkit.recover.caller import Caller
from backupkit.transport import paging
from backupkit.transport.retry import Retrying, RetryPolicy

VAULTS = {"BackupVaultList": [{"BackupVaultName": "v", "CreationDate": 1700000000.123, "NewMember": {"a": 1}}]}
HTML = b"<html><body>Sign in to Caf\xe9 Wi-Fi</body></html>"
LIFECYCLE = {
    "Code": "ERROR_3015",
    "Context": '["Yearly-Backups","Invalid lifecycle. MoveToColdStorageAfterDays is unavailable"]',
    "Message": "Error in some rules due to : Invalid lifecycle. MoveToColdStorageAfterDays is unavailable",
}


@pytest.fixture(params=[True, False], ids=["fast", "slow"])
def fast(request):
    """Both ways of reading answers."""
    return request.param


def called(answer, operation="ListBackupVaults", params=None, *, fast=True, **settings):
    """One call to a server that gives that answer."""
    with serving(answer) as url:
        return boto3_at(url, fast=fast, **settings).call(operation, params or {})


def refused(kind, answer, operation="ListBackupVaults", params=None, *, fast=True, **settings):
    """The error of one call to a server that gives that answer."""
    with pytest.raises(kind) as caught:
        called(answer, operation, params, fast=fast, **settings)
    assert type(caught.value) is kind
    assert pickle.loads(pickle.dumps(caught.value)).args == caught.value.args
    return caught.value


def test_the_fast_way_hands_on_what_was_sent():
    """The fast way gives the very bytes of the answer, with members that boto3 does not know."""
    body = json.dumps(VAULTS).encode()
    assert called(always(200, body)) == body


def test_the_slow_way_gives_the_same_members():
    """Without botocore's event the answer is encoded again: times are epoch seconds, to the millisecond."""
    answer = json.loads(called(always(200, json.dumps(VAULTS).encode()), fast=False))
    assert answer == {"BackupVaultList": [{"BackupVaultName": "v", "CreationDate": 1700000000.123}]}


def test_the_client_underneath_answers_as_boto3_does():
    """The escape hatch gives parsed answers, before and after calls of our own, and raises botocore's errors."""
    with serving(always(200, json.dumps(VAULTS).encode())) as url:
        transport = boto3_at(url)
        first = transport.client.list_backup_vaults()
        transport.call("ListBackupVaults", {})
        assert first["BackupVaultList"] == transport.client.list_backup_vaults()["BackupVaultList"]
        assert first["BackupVaultList"][0]["BackupVaultName"] == "v"
    with serving(always(403, b'{"Message": "no"}', **{"x-amzn-errortype": "AccessDeniedException"})) as url:
        client = boto3_at(url).client
        with pytest.raises(ClientError):
            client.list_backup_vaults()


def test_the_client_may_be_used_while_other_threads_call():
    """Raw boto3 calls in one thread and calls of ours in another never get each other's kind of answer."""
    body = json.dumps(VAULTS).encode()
    with serving(always(200, body)) as url:
        transport = boto3_at(url)

        def both(number):
            if number % 2:
                return transport.call("ListBackupVaults", {}) == body
            return transport.client.list_backup_vaults()["BackupVaultList"][0]["BackupVaultName"] == "v"

        with ThreadPoolExecutor(4) as threads:
            assert all(threads.map(both, range(40)))


@pytest.mark.parametrize(
    "answer",
    [
        always(200, HTML),
        always(200, b'{"BackupVaultList": ['),
        always(200, b'{"BackupVaultList": [{"BackupVaultName": "v"}'),
        always(200, b"Welcome"),
        always(302, HTML, location="http://portal.example/"),
        always(403, HTML),
        always(404, b"404 page not found"),
        always(407, b""),
        reset,
        half,
    ],
    ids=["html", "cut", "cut-at-brace", "text", "portal", "html-403", "404", "proxy-auth", "reset", "half"],
)
def test_an_answer_that_is_not_the_apis_is_unreachable(answer, fast):
    """HTML, half a JSON, a login page, a proxy: the error names operation and host, and quotes nothing of it."""
    error = refused(errors.UnreachableError, answer, fast=fast)
    assert error.retryable
    assert str(error).startswith("ListBackupVaults: no usable answer from 127.0.0.1:")
    assert "Wi-Fi" not in str(error)


def test_json_that_is_no_object_is_unreachable():
    """JSON of another kind is not the API's either."""
    refused(errors.UnreachableError, always(200, b"[]"))


def test_an_unusable_answer_carries_the_request_id():
    """Where the answer names its request, so does the error."""
    assert "(request req-1)" in str(refused(errors.UnreachableError, always(200, HTML)))


def test_a_login_page_is_no_success_of_a_write(fast):
    """HTML with status 200 does not pass for a deletion, whose answer would be empty."""
    wanted = ("DeleteBackupVault", {"BackupVaultName": "v"})
    refused(errors.UnreachableError, always(200, HTML), *wanted, fast=fast)
    assert called(always(200, b""), *wanted, fast=fast) == b"{}"


def test_an_empty_answer_to_a_read_is_unreachable():
    """A read whose answer is empty was not answered by AWS Backup."""
    refused(errors.UnreachableError, always(200, b""))


def test_an_empty_answer_is_no_started_job(fast):
    """A backup that nobody started must not pass for one that runs: AWS answers every start with the job's id."""
    job = {"BackupVaultName": "v", "ResourceArn": "arn:aws:s3:::b", "IamRoleArn": "arn:aws:iam::123456789012:role/r"}
    refused(errors.UnreachableError, always(200, b""), "StartBackupJob", job, fast=fast)


def test_json_that_is_too_deep_is_unreachable():
    """Brackets without end are no answer of AWS Backup, and bring nothing down."""
    deep = b'{"BackupVaultList":' + b"[" * 5000 + b"]" * 5000 + b"}"
    refused(errors.UnreachableError, always(200, deep))


def test_an_endpoint_that_refuses_is_unreachable(fast):
    """A port on which nobody listens is named."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{nobody.getsockname()[1]}"
        with pytest.raises(errors.UnreachableError, match=host):
            boto3_at(f"http://{host}", fast=fast).call("ListBackupVaults", {})


def test_an_endpoint_that_is_slow_times_out(fast):
    """No answer within read_timeout is an error, not a wait without end."""
    error = refused(errors.UnreachableError, late(1.0), fast=fast, read_timeout=0.1)
    assert "timeout" in str(error).lower()


def test_a_password_in_the_endpoint_is_never_shown():
    """Neither errors nor the host name show a user or password of the endpoint's URL."""
    with serving(reset) as url, pytest.raises(errors.UnreachableError) as caught:
        boto3_at(url.replace("//", "//user:pa55word@")).call("ListBackupVaults", {})
    assert "pa55word" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "code", "kind", "retryable"),
    [
        (400, "ThrottlingException", errors.UnavailableError, True),
        (429, "TooManyRequestsException", errors.UnavailableError, True),
        (503, "ServiceUnavailableException", errors.UnavailableError, True),
        (400, "InvalidParameterValueException", errors.RejectedError, False),
        (400, "ResourceNotFoundException:http://internal.amazon.com/", errors.NotFoundError, False),
        (403, "AccessDeniedException", errors.AccessDeniedError, False),
        (400, "NeverHeardOfException", errors.ServiceError, False),
    ],
)
def test_an_error_of_the_api_becomes_ours(status, code, kind, retryable, fast):
    """The header's code decides the class; message, status and request id stay."""
    answer = always(status, b'{"Code": "ERROR_1", "Message": "Because."}', **{"x-amzn-errortype": code})
    error = refused(kind, answer, fast=fast)
    assert (error.code, error.message, error.status) == (code.partition(":")[0], "Because.", status)
    assert (error.request_id, error.retryable) == ("req-1", retryable)


@pytest.mark.parametrize("code", ["ExpiredTokenException", "UnrecognizedClientException", "InvalidSignatureException"])
def test_credentials_that_aws_refuses_are_a_credentials_error(code, fast):
    """Expired and unknown credentials end in the error that asks to sign in."""
    answer = always(403, b'{"message": "The security token is expired"}', **{"x-amzn-errortype": code})
    assert "req-1" in str(refused(errors.CredentialsError, answer, fast=fast))


@pytest.mark.parametrize("body", [b"", HTML, b"{}"], ids=["empty", "html", "object"])
def test_a_failure_of_the_server_is_worth_a_retry(body, fast):
    """HTTP 500 with no body, or with any, is out of service: retryable."""
    error = refused(errors.UnavailableError, always(500, body), fast=fast)
    assert (error.status, error.retryable) == (500, True)


def test_the_name_of_the_rule_is_told(fast):
    """AWS names the rule that it refuses only in the error's Context; the message has it all the same."""
    answer = always(400, json.dumps(LIFECYCLE).encode(), **{"x-amzn-errortype": "InvalidParameterValueException"})
    error = refused(errors.RejectedError, answer, fast=fast)
    assert error.message == f"{LIFECYCLE['Message']} [Yearly-Backups]"


@pytest.mark.parametrize("context", [None, "", "not json", '{"a": 1}', '["Error"]'])
def test_a_context_that_says_nothing_new_is_left_out(context):
    """A Context that is not a list, or is in the message already, changes nothing."""
    body = json.dumps({"Message": "Error in rule", "Context": context}).encode()
    assert refused(
        errors.RejectedError, always(400, body, **{"x-amzn-errortype": "InvalidRequestException"})
    ).message == ("Error in rule")


def test_a_request_that_breaks_the_model_never_shows_its_values():
    """Restore metadata may hold secrets: the report of a wrong request names members, not values."""
    params = {"RecoveryPointArn": "arn:aws:backup:::x", "Metadata": {"password": 8141592}}
    error = refused(errors.InvalidValueError, always(200, b"{}"), "StartRestoreJob", params)
    assert "Metadata.password" in str(error)
    assert "8141592" not in str(error)


def connected(url):
    """A whole connection to ``url``, retries included."""
    return Connection(Retrying(boto3_at(url), RetryPolicy(first_pause_seconds=0.0)))


def in_turn(*answers):
    """Gives one answer after the other, and the last one again and again; counts the requests."""
    left = list(answers)

    def answer(*request):
        answer.asked += 1
        return (left.pop(0) if len(left) > 1 else left[0])(*request)

    answer.asked = 0
    return answer


def test_a_server_error_in_html_carries_the_request_id(fast):
    """A support case needs the id most when the service is down; botocore drops it then."""
    error = refused(errors.UnavailableError, always(500, HTML), fast=fast)
    assert error.request_id == "req-1"
    assert "(request req-1)" in str(error)


@pytest.mark.parametrize("damaged", [b'{"BackupVaultList": [', b'{"BackupVaultList": [{"BackupVaultName": "\xff"}]}'])
def test_a_read_whose_answer_is_damaged_is_repeated(damaged):
    """Half a body, or one with broken letters, is asked for again; nobody notices."""
    answer = in_turn(always(200, damaged), always(200, json.dumps(VAULTS).encode()))
    with serving(answer) as url:
        assert [vault.backup_vault_name for vault in connected(url).vaults] == ["v"]
    assert answer.asked == 2


@pytest.mark.parametrize(
    ("body", "ask"),
    [
        ({"BackupVaultList": "none"}, lambda aws: list(aws.vaults)),
        ({"NextToken": 5}, lambda aws: list(paging.pages(aws.transport, "ListBackupPlans", {}))),
        ({"Tags": ["a"]}, lambda aws: paging.tags(aws.transport, "arn:aws:backup:::x")),
        ({"CopyJobs": []}, lambda aws: CopyJob(copy_job_id="1", _aws=Caller(aws.transport)).refresh()),
    ],
)
def test_an_answer_of_another_form_names_operation_and_request(body, ask):
    """Whole JSON that is not the operation's is told at once, with what a support case needs."""
    answer = in_turn(always(200, json.dumps(body).encode()))
    with serving(answer) as url, pytest.raises(errors.UnreachableError, match=r"^\w+: the answer.*\(request req-1\)"):
        ask(connected(url))
    assert answer.asked == 1


def test_a_start_that_names_no_job_says_so_at_once():
    """A job without an id could never be followed; it may run all the same, so it is told where to look."""
    with serving(always(200, b"{}")) as url, pytest.raises(errors.UnreachableError) as caught:
        connected(url).back_up("arn:aws:dynamodb:us-east-1:123456789012:table/t", vault="prod")
    said = str(caught.value)
    assert said.startswith("StartBackupJob: the answer does not name the job; look for it in aws.backup_jobs()")
    assert "may have been carried out" in said
    assert said.endswith("(request req-1)")
