"""No message, cause or context of an error holds a secret, whoever quotes it."""

from __future__ import annotations

import json
import traceback

import boto3
import pytest
from loopback import always, boto3_at, reset, serving

from backupkit import errors
from backupkit.boto import Boto3Transport
from backupkit.transport.scrubbing import cut, scrubbed, secrets_in

SECRET = "s3cr3t-0f-mine"
POINT = {"RecoveryPointArn": "arn:aws:backup:us-east-1:123456789012:recovery-point:1"}
RESTORE = {**POINT, "Metadata": {"MasterUserPassword": SECRET}, "ResourceType": "RDS"}
TAGGED = {"BackupVaultName": "prod", "BackupVaultTags": {"Token": SECRET, "Name": "prod"}}


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch, tmp_path):
    """A machine on which nobody has configured AWS."""
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_BACKUP", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    return tmp_path


def session(**credentials):
    given = {"aws_access_key_id": "AKIDEXAMPLE", "aws_secret_access_key": "not-a-secret", **credentials}
    return boto3.Session(region_name="us-east-1", **given)


def told(raise_it):
    """The error that is raised; everything that a traceback would print of it, without the lines of code."""
    with pytest.raises(errors.BackupKitError) as caught:
        raise_it()
    error = caught.value
    assert error.__cause__ is None or isinstance(error.__cause__, errors.BackupKitError)
    assert error.__context__ is None or isinstance(error.__context__, errors.BackupKitError)
    shown = [line for line in traceback.format_exception(error) if not line.startswith("  File")]
    return error, "".join([*shown, repr(error), repr(vars(error))])


def calling(transport, operation="ListBackupVaults", params=None):
    return lambda: transport.call(operation, params or {})


def quoting(code, status=403):
    """A server that quotes the request in its refusal, as AWS does with a signature that does not match."""

    def answer(handler, method, target, body):
        headers = "\n".join(f"{name.lower()}:{value}" for name, value in handler.headers.items())
        said = f"The Canonical String should have been '{method}\n{target}\n{headers}\n{body.decode()}'"
        return status, {"x-amzn-errortype": code}, json.dumps({"Message": said}).encode()

    return answer


@pytest.mark.parametrize("token", [f"{SECRET}\n", f"a\n{SECRET}", f"{SECRET}\r\nx: y"])
def test_a_token_that_no_header_can_hold_is_not_shown(token):
    """A token copied with its line break is a credentials error that says so, and not how the token goes."""
    with serving(always(200, b"{}")) as url:
        transport = Boto3Transport(session(aws_session_token=token), endpoint_url=url)
        error, shown = told(calling(transport))
    assert type(error) is errors.CredentialsError
    assert "line break or another character" in str(error)
    assert SECRET not in shown


@pytest.mark.parametrize("code", ["SignatureDoesNotMatch", "InvalidRequestException"])
def test_a_server_that_quotes_the_request_does_not_get_the_token_into_an_error(code):
    """Neither the session token nor the signature of a request is repeated, in credentials errors and in others."""
    with serving(quoting(code)) as url:
        transport = Boto3Transport(session(aws_session_token=SECRET), endpoint_url=url)
        error, shown = told(calling(transport))
    assert "Canonical String" in str(error)
    assert SECRET not in shown
    assert "Credential=AKIDEXAMPLE" not in shown


@pytest.mark.parametrize(("operation", "params"), [("StartRestoreJob", RESTORE), ("CreateBackupVault", TAGGED)])
@pytest.mark.parametrize("status", [400, 503])
def test_a_server_that_quotes_metadata_or_tags_does_not_get_them_into_an_error(operation, params, status):
    """Values of restore metadata and tags stay out of messages; a name that is also a tag's value stays in."""
    with serving(quoting("InvalidParameterValueException", status)) as url:
        error, shown = told(calling(boto3_at(url), operation, params))
    assert SECRET not in shown
    assert ("/backup-vaults/prod" in str(error)) == (operation == "CreateBackupVault")


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("StartRestoreJob", {**RESTORE, "Metadata": {"MasterUserPassword": [SECRET]}}),
        ("StartRestoreJob", {**RESTORE, "Metadata": f"a\n{SECRET}, type: b"}),
        ("StartRestoreJob", {**RESTORE, "CopySourceTagsToRestoredResource": f"\n{SECRET}\n, valid types: {SECRET}"}),
        ("CreateBackupVault", {"BackupVaultName": "prod", "BackupVaultTags": {"Token": ["\n", SECRET]}}),
    ],
)
def test_a_request_that_breaks_the_model_shows_none_of_its_values(operation, params):
    """The report names members and what they may be; a value over several lines does not slip through."""
    error, shown = told(calling(boto3_at("http://127.0.0.1:9"), operation, params))
    assert type(error) is errors.InvalidValueError
    assert "Invalid type for parameter" in str(error)
    assert SECRET not in shown


@pytest.mark.parametrize("answer", [reset, always(200, SECRET.encode()), always(200, b'["s3cr3t-0f-mine"]')])
@pytest.mark.parametrize("fast", [True, False], ids=["fast", "slow"])
def test_an_unusable_answer_is_not_quoted(answer, fast):
    """What came instead of an answer, and the endpoint's password, are in no message and no cause."""
    with serving(answer) as url:
        transport = boto3_at(url.replace("//", f"//user:{SECRET}@"), fast=fast)
        assert SECRET not in told(calling(transport, "StartRestoreJob", RESTORE))[1]


@pytest.mark.parametrize(
    "url",
    [
        f"http://h#{SECRET}",
        f"http://h?{SECRET}",
        f"http://h:80/?password={SECRET}",
        f"http://user:{SECRET}@h#f",
        f"http://user:{SECRET}@h:99999",
        f"http://user:{SECRET}@h:0",
        f"http://user:{SECRET}@h:port",
        f"http://user:{SECRET}@",
        f"ftp://user:{SECRET}@h",
        f"//user:{SECRET}@h",
        f"http://h;{SECRET}",
        f"http://{SECRET}_/",
        f"http://user name:{SECRET}@h h",
    ],
)
@pytest.mark.parametrize("by", ["argument", "environment"])
def test_an_endpoint_that_cannot_work_is_refused_and_not_shown(url, by, monkeypatch):
    """A port that is none, a fragment, a query: refused when connecting, from wherever it comes, without its text."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_BACKUP", url if by == "environment" else "")
    error, shown = told(lambda: Boto3Transport(session(), endpoint_url=url if by == "argument" else None))
    assert type(error) is errors.ConfigurationError
    assert "endpoint" in str(error)
    assert SECRET not in shown


def test_a_proxy_that_is_no_url_is_not_shown(monkeypatch):
    """The password of a proxy stays out of the error that says that the proxy cannot be used."""
    monkeypatch.setenv("HTTP_PROXY", f"http://user:{SECRET}@127.0.0.1:port")
    assert SECRET not in told(calling(boto3_at("http://backup.example")))[1]


def test_what_a_credential_process_says_is_scrubbed(nothing_set, monkeypatch):
    """A program that prints keys when it fails does not get them into an error."""
    said = f"SecretAccessKey={SECRET} >&2; false"
    (nothing_set / "config").write_text(f"[default]\ncredential_process = sh -c 'echo {said}'\n")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    error, shown = told(lambda: Boto3Transport(region_name="us-east-1").call("ListBackupVaults", {}))
    assert type(error) is errors.CredentialsError
    assert "custom-process" in str(error)
    assert SECRET not in shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Rate exceeded", "Rate exceeded"),
        (
            "The security token included in the request is expired",
            "The security token included in the request is expired",
        ),
        ("x-amz-security-token:abc\nhost:h", "x-amz-security-token:***\nhost:h"),
        ('{"MasterUserPassword": "abc", "a": 1}', '{"MasterUserPassword": "***", "a": 1}'),
        ("see https://u:p@h/path?X-Amz-Signature=abc#f now", "see https://***@h/path now"),
        ("quoted 'mine' and bWluZQ", "quoted '***' and bWluZQ"),
    ],
)
def test_a_text_of_somebody_else_is_scrubbed_and_else_left_alone(text, shown):
    """Only what may be secret is left out, so that the sentence still helps."""
    assert scrubbed(text, {"mine", "ed"}) == shown


def test_a_long_text_is_cut():
    """The end of a long text says how long it was."""
    assert cut("abc", 3) == "abc"
    assert cut("abcd", 3) == "abc… (4 characters)"


def test_the_secrets_of_a_request_are_those_of_its_maps():
    """Values of tags at any depth may be secret, names and keys are not."""
    rule = {"RuleName": "daily", "RecoveryPointTags": {"Owner": "me", "Rule": "daily"}}
    assert secrets_in({"BackupPlan": {"Rules": [rule]}, "BackupPlanTags": {"a": "b"}}) == {"me", "b"}
