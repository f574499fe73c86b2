"""The answers of the HTTP face to single requests, without a socket."""

from __future__ import annotations

import json

import pytest

from backupkit.emulator import LocalService
from backupkit.emulator.http import App, Request
from backupkit.emulator.http.requests import route
from backupkit.emulator.wiring import OPERATIONS

SIGNED = "AWS4-HMAC-SHA256 Credential={}, SignedHeaders=host, Signature=0"


@pytest.fixture
def face():
    return App(LocalService())


def _plan(**rule):
    rule = {"RuleName": "daily", "TargetBackupVaultName": "prod", **rule}
    return json.dumps({"BackupPlan": {"BackupPlanName": "nightly", "Rules": [rule]}}).encode()


@pytest.mark.parametrize(
    ("method", "target", "body", "status", "code", "word"),
    [
        ("GET", "/nowhere", b"", 404, "UnknownOperationException", "GET /nowhere"),
        ("PATCH", "/backup-vaults/", b"", 404, "UnknownOperationException", "PATCH"),
        ("PUT", "/backup/plans/", b"{", 400, "SerializationException", "not JSON"),
        ("PUT", "/backup/plans/", b"[]", 400, "SerializationException", "not a JSON object"),
        ("PUT", "/backup/plans/", b"[" * 100_000, 400, "SerializationException", "too deeply"),
        (
            "PUT",
            "/backup/plans/",
            _plan(StartWindowMinutes="60"),
            400,
            "SerializationException",
            "BackupPlan.Rules[0].StartWindowMinutes: it is of type string, not a whole number",
        ),
        ("PUT", "/backup/plans/", _plan(StartWindowMinutes=2**70), 400, "SerializationException", "64 bits"),
        ("PUT", "/backup/plans/", b"{}", 400, "MissingParameterValueException", "BackupPlan"),
        ("PUT", "/backup/plans/", _plan(RuleName=None), 400, "MissingParameterValueException", "Rules[0].RuleName"),
        ("GET", "/backup-vaults/?maxResults=many", b"", 400, "SerializationException", "maxResults"),
        ("GET", "/backup-vaults/?maxResults=0", b"", 400, "InvalidParameterValueException", "MaxResults"),
        ("GET", "/backup-jobs/?createdAfter=soon", b"", 400, "SerializationException", "createdAfter"),
        ("GET", "/backup-vaults/%zz", b"", 400, "SerializationException", "'%zz' is not a percent-encoding"),
        ("GET", "/backup-vaults/%ff", b"", 400, "SerializationException", "not UTF-8"),
        ("GET", "/backup-vaults/?nextToken=%ff", b"", 400, "SerializationException", "not UTF-8"),
        ("GET", "/backup-vaults/?shared=yes", b"", 400, "SerializationException", "neither true nor false"),
        (
            "POST",
            "/legal-holds/",
            b'{"Title": "t", "Description": "d", "RecoveryPointSelection": {"DateRange": {"FromDate": true}}}',
            400,
            "SerializationException",
            "DateRange.FromDate: it is of type boolean, not epoch seconds",
        ),
    ],
)
def test_what_cannot_be_taken_is_refused_by_name(face, method, target, body, status, code, word):
    """Each kind of broken request has its own error class, and the sentence says where it is broken."""
    said = face.answer(Request(method, target, {}, body))
    told = json.loads(said.body)
    assert (said.status, said.error, "Code" in told) == (status, code, False)
    assert word in told["Message"]
    assert said.headers["x-amzn-errortype"] == code
    assert said.headers["x-amzn-requestid"]


@pytest.mark.parametrize(
    ("signed", "code"),
    [
        ("Basic dXNlcjpwYXNz", "IncompleteSignature"),
        (SIGNED.format("AKID/20260101/us-east-1/s3/aws4_request"), "InvalidSignatureException"),
        (SIGNED.format("AKID/20260101/moon/backup/aws4_request"), "InvalidSignatureException"),
    ],
)
def test_a_signature_for_something_else_is_refused(face, signed, code):
    """A client that is pointed here by mistake, with the requests of another service, learns it at once."""
    said = face.answer(Request("GET", "/backup-vaults/", {"authorization": signed}))
    assert (said.status, said.error) == (403, code)


def test_members_that_the_model_does_not_know_are_left_out(face):
    """As the protocol has it, a newer client may say more than the service knows, and null is nothing."""
    body = b'{"BackupVaultTags": {"a": "b"}, "Colour": {"x": [1]}, "EncryptionKeyArn": null}'
    assert face.answer(Request("PUT", "/backup-vaults/prod", {}, body)).status == 200


def test_an_encoded_slash_is_part_of_a_name(face):
    """ARNs hold slashes; only the raw path tells those from the slashes of the path."""
    found, labels = route("GET", "/resources/arn%3Aaws%3Adynamodb%3Aus-east-1%3A1%3Atable%2Ft/recovery-points/", "")
    assert found.operation == "ListRecoveryPointsByResource"
    assert labels == {"resourceArn": "arn%3Aaws%3Adynamodb%3Aus-east-1%3A1%3Atable%2Ft"}
    assert route("GET", "/resources/arn:aws:x/t/recovery-points", "") is None


def test_a_flag_in_the_query_tells_two_operations_apart():
    """Associating and disassociating an approval team share a path; deletion is asked for in the query."""
    path = "/backup-vaults/prod/mpaApprovalTeam"
    assert route("POST", path, "delete")[0].operation == "DisassociateBackupVaultMpaApprovalTeam"
    assert route("POST", path, "x=1&delete=")[0].operation == "DisassociateBackupVaultMpaApprovalTeam"
    assert route("POST", path, "undelete") is None
    assert route("PUT", path, "")[0].operation == "AssociateBackupVaultMpaApprovalTeam"


def test_a_failure_of_the_service_itself_is_told_and_logged(face, monkeypatch, caplog):
    """A mistake in the local service is an InternalFailure with no more than its kind; the log has the rest."""

    def broken(*_):
        raise ZeroDivisionError("a secret detail")

    monkeypatch.setitem(OPERATIONS, "ListBackupVaults", OPERATIONS["ListBackupVaults"].__class__("x", broken))
    said = face.answer(Request("GET", "/backup-vaults/"))
    assert (said.status, said.error) == (500, "InternalFailure")
    assert b"ZeroDivisionError" in said.body
    assert b"secret" not in said.body
    assert "a secret detail" in caplog.text


def test_a_204_has_no_body_and_no_length():
    """HTTP forbids both; clients that keep the connection would read on in the wrong place."""
    from backupkit.emulator.http import Answer

    assert Answer(204).headers == {}
    assert Answer(200, b"{}").headers["content-length"] == "2"
