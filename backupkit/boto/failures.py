"""What botocore raises -> backupkit's errors. The only place that knows botocore's exceptions."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec
from botocore import exceptions as boto
from botocore.parsers import ResponseParserError

from backupkit.errors import (
    BackupKitError,
    ConfigurationError,
    CredentialsError,
    InvalidValueError,
    UnreachableError,
)
from backupkit.problems import Problem
from backupkit.transport.refusals import refusal

__all__ = ["RAISED", "failure", "not_the_api", "request_id_of"]

RAISED = (boto.BotoCoreError, boto.ClientError, ResponseParserError, UnicodeDecodeError)
"""What a call through botocore may raise."""

_CREDENTIALS = (
    boto.CredentialRetrievalError,
    boto.LoginError,
    boto.MetadataRetrievalError,
    boto.NoAuthTokenError,
    boto.NoCredentialsError,
    boto.PartialCredentialsError,
    boto.RefreshWithMFAUnsupportedError,
    boto.SSOError,
    boto.TokenRetrievalError,
    boto.UnknownCredentialError,
)
_UNREACHABLE = (
    boto.ConnectionError,
    boto.HTTPClientError,
    boto.IncompleteReadError,
    ResponseParserError,
    UnicodeDecodeError,
)


def failure(error: Exception, operation: str, host: str) -> BackupKitError:
    """The error of ours for one of botocore's.

    Args:
        error: One of `RAISED`.
        operation: The API operation that was called; empty while connecting.
        host: The endpoint's host, for the message.
    """
    if isinstance(error, boto.ClientError):
        return _refusal(error, operation, host)
    if isinstance(error, boto.ParamValidationError):
        return InvalidValueError([Problem(operation, line) for line in _report(error)])
    if isinstance(error, _CREDENTIALS):
        return CredentialsError(
            f"{_where(operation)}{error}; sign in, or set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        )
    if isinstance(error, _UNREACHABLE):
        return UnreachableError(f"{operation}: no usable answer from {host}: {_cause(error)}")
    return ConfigurationError(f"{_where(operation)}{str(error).rstrip('.')}{_way_out(error)}")


def not_the_api(operation: str, host: str, status: int, body: bytes, request_id: str = "") -> UnreachableError:
    """The error for an answer that is not AWS Backup's: a login page, a proxy's text, half a JSON."""
    seen = "an empty body" if not body else "HTML" if body.lstrip()[:1] == b"<" else "something else or only a part"
    where = f" (request {request_id})" if request_id else ""
    return UnreachableError(
        f"{operation}: no usable answer from {host}: HTTP {status} with {seen} instead of the JSON of AWS Backup; "
        f"check the endpoint, and whether a proxy or a login page answers in its place{where}"
    )


def _refusal(error: boto.ClientError, operation: str, host: str) -> BackupKitError:
    answer: Mapping[str, object] = {**error.response}
    said, metadata = _mapping(answer.get("Error")), _mapping(answer.get("ResponseMetadata"))
    code, message = str(said.get("Code") or ""), str(said.get("Message") or "")
    status, request_id = int(str(metadata.get("HTTPStatusCode") or 0)), request_id_of(metadata)
    if (not code or code.isdigit()) and status < 500 and status != 429:
        return not_the_api(operation, host, status, message.encode(), request_id)
    return refusal(operation, code, _with_context(message, answer), request_id=request_id, status=status)


def request_id_of(metadata: object) -> str:
    """AWS's id of a request, or nothing; botocore itself does not look for it in answers that it cannot parse."""
    given = _mapping(metadata)
    return str(given.get("RequestId") or _mapping(given.get("HTTPHeaders")).get("x-amzn-requestid") or "")


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _with_context(message: str, answer: Mapping[str, object]) -> str:
    """AWS's sentence, with the rule's name where AWS tells it only in the error's Context."""
    names = [name for name in _names(answer.get("Context")) if name not in message]
    return f"{message} [{', '.join(names)}]" if names else message


def _names(context: object) -> list[str]:
    # Context is a JSON text: ["rule name", "sentence"].
    try:
        return msgspec.json.decode(str(context), type=list[str])[:1]
    except msgspec.DecodeError:
        return []


def _report(error: boto.ParamValidationError) -> list[str]:
    # Values are left out: restore metadata and policies may hold secrets.
    lines = [re.sub(r", value: .*?(?=, (?:type|valid))", "", line).strip() for line in str(error).splitlines()]
    return [line for line in lines if line and not line.startswith("Parameter validation failed")]


def _cause(error: Exception) -> str:
    # An unreadable answer is quoted by botocore; it may be anything, so only its kind is told.
    if isinstance(error, (ResponseParserError, UnicodeDecodeError)):
        return "it is not the JSON of AWS Backup; check the endpoint, and whether a proxy answers in its place"
    # The URL holds names of vaults and points, and may hold a password.
    return re.sub(r' URL: ?".*?"', "", str(error)).strip().rstrip(".")


def _way_out(error: Exception) -> str:
    if isinstance(error, boto.NoRegionError):
        return "; give region_name, or set AWS_REGION"
    if isinstance(error, boto.ProfileNotFound):
        return "; give another profile_name, or check AWS_PROFILE"
    return ""


def _where(operation: str) -> str:
    return f"{operation}: " if operation else ""
