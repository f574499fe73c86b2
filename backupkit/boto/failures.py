"""What botocore raises -> backupkit's errors. The only place that knows botocore's exceptions."""

from __future__ import annotations

import re
from collections.abc import Mapping

import attrs
import msgspec
from botocore import exceptions as boto
from botocore.parsers import ResponseParserError
from urllib3 import exceptions as urllib3

from backupkit.boto.bodies import TooLargeError
from backupkit.errors import (
    BackupKitError,
    ConfigurationError,
    CredentialsError,
    InvalidValueError,
    UnreachableError,
)
from backupkit.problems import Problem
from backupkit.transport.error_mapping import refusal
from backupkit.transport.scrubbing import cut, scrubbed

__all__ = ["RAISED", "Attempt", "failure", "not_the_api", "request_id_of"]

# Values that no request can hold, and answers that botocore cannot parse, end in errors of the language.
_LANGUAGE = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)

RAISED = (boto.BotoCoreError, boto.ClientError, ResponseParserError, TooLargeError, *_LANGUAGE)
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
)


@attrs.frozen
class Attempt:
    """What an error is about, as far as its message may tell."""

    operation: str = ""
    """The API operation that was called; empty while connecting."""
    host: str = ""
    sent: bool = False
    """Whether the request was on its way."""
    secrets: frozenset[str] = frozenset()
    """What the message must not show."""
    most_bytes: int = 0
    """The limit on an answer's size."""

    def where(self) -> str:
        """Return the beginning of a message."""
        return f"{self.operation}: " if self.operation else ""

    def scrubbed(self, unscrubbed: object) -> str:
        """Return what another program said, as a message may show it."""
        return scrubbed(str(unscrubbed), self.secrets)


def failure(error: Exception, attempt: Attempt) -> BackupKitError:
    """Return the error of ours for one of botocore's. It is to be raised without the other as its cause.

    Args:
        error: One of `RAISED`.
        attempt: What was tried.
    """
    if isinstance(error, boto.ClientError):
        return _refusal(error, attempt)
    if isinstance(error, TooLargeError):
        return _too_large(attempt)
    if isinstance(error, _CREDENTIALS):
        return CredentialsError(
            f"{attempt.where()}{attempt.scrubbed(error)}; "
            "sign in, or set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        )
    if attempt.operation and isinstance(error, (*_LANGUAGE, boto.ParamValidationError)) and not attempt.sent:
        return _unsendable(error, attempt)
    if attempt.operation and isinstance(error, (*_LANGUAGE, *_UNREACHABLE)):
        return _header_problem(attempt) if _unsendable_header(error) else _unreachable(error, attempt)
    return ConfigurationError(f"{attempt.where()}{attempt.scrubbed(error).rstrip('.')}{_way_out(error)}")


def _unreachable(error: Exception, attempt: Attempt) -> UnreachableError:
    why = f"{_cause(error, attempt)}{_limit(error)}"
    return UnreachableError(f"{attempt.operation}: no usable answer from {attempt.host}: {why}")


def _unsendable(error: Exception, attempt: Attempt) -> InvalidValueError:
    if isinstance(error, boto.ParamValidationError):
        return InvalidValueError([Problem(attempt.operation, line) for line in _report(error)])
    # Its text may quote the value.
    what = f"a value cannot be sent ({type(error).__name__})"
    hint = "look for numbers that are too long or infinite, dates outside the years 1 to 9999, and broken text"
    return InvalidValueError(Problem(attempt.operation, what, hint))


def _too_large(attempt: Attempt) -> UnreachableError:
    error = UnreachableError(
        f"{attempt.operation}: the answer from {attempt.host} is larger than {attempt.most_bytes:,} bytes, "
        "which is the limit; connect with a larger max_answer_bytes to read it"
    )
    # It would be as large again.
    error.retryable = False
    return error


def _unsendable_header(error: Exception) -> bool:
    inner = error.kwargs.get("error") if isinstance(error, boto.HTTPClientError) else None
    return isinstance(inner, ValueError) and not isinstance(inner, urllib3.HTTPError)


def _header_problem(attempt: Attempt) -> BackupKitError:
    if all(secret.isprintable() for secret in attempt.secrets):
        return ConfigurationError(
            f"{attempt.operation}: a header of the request holds a line break or another character that HTTP cannot "
            "carry; look for it in AWS_EXECUTION_ENV and in the settings that name the user agent"
        )
    return CredentialsError(
        f"{attempt.operation}: the credentials hold a line break or another character that HTTP cannot carry; "
        "sign in again, or look for it in AWS_ACCESS_KEY_ID and AWS_SESSION_TOKEN"
    )


def not_the_api(operation: str, host: str, status: int, body: bytes, request_id: str = "") -> UnreachableError:
    """The error for an answer that is not AWS Backup's: a login page, a proxy's text, half a JSON."""
    seen = "an empty body" if not body else "HTML" if body.lstrip()[:1] == b"<" else "something else or only a part"
    where = f" (request {request_id})" if request_id else ""
    return UnreachableError(
        f"{operation}: no usable answer from {host}: HTTP {status} with {seen} instead of the JSON of AWS Backup; "
        f"check the endpoint, and whether a proxy or a login page answers in its place{where}"
    )


def _refusal(error: boto.ClientError, attempt: Attempt) -> BackupKitError:
    answer: Mapping[str, object] = {**error.response}
    unscrubbed, metadata = _mapping(answer.get("Error")), _mapping(answer.get("ResponseMetadata"))
    code, message = cut(str(unscrubbed.get("Code") or ""), 200), str(unscrubbed.get("Message") or "")
    status, request_id = int(str(metadata.get("HTTPStatusCode") or 0)), request_id_of(metadata)
    if (not code or code.isdigit()) and status < 500 and status != 429:
        return not_the_api(attempt.operation, attempt.host, status, message.encode(errors="replace"), request_id)
    sentence = attempt.scrubbed(_with_context(message, answer))
    return refusal(attempt.operation, attempt.scrubbed(code), sentence, request_id=request_id, status=status)


def request_id_of(metadata: object) -> str:
    """AWS's id of a request, or nothing; botocore itself does not look for it in answers that it cannot parse."""
    given = _mapping(metadata)
    return cut(str(given.get("RequestId") or _mapping(given.get("HTTPHeaders")).get("x-amzn-requestid") or ""), 100)


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
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return []


_REPORTED = re.compile(
    r"^(?P<what>Missing required parameter in [^\n]*?: \"[^\n\"]*\""
    r"|Unknown parameter in [^\n]*?: \"[^\n\"]*\", must be one of: [^\n]*"
    r"|Invalid (?:type|length|value|range) for parameter [^\n,]+)(?:, value: (?P<rest>.*))?",
    re.MULTILINE,
)
_ALLOWED = re.compile(r", (?P<allowed>valid (?:types|min length|min value|max length): [^\n]*?)$")


def _report(error: boto.ParamValidationError) -> list[str]:
    # Only what botocore itself says is taken: values, which may go over several lines, may hold secrets.
    lines = []
    for found in _REPORTED.finditer(str(error)):
        allowed = _ALLOWED.search(found["rest"] or "")
        lines.append(found["what"] + (f", {allowed['allowed']}" if allowed else ""))
    return [cut(line) for line in lines] or ["the request does not fit the operation"]


def _cause(error: Exception, attempt: Attempt) -> str:
    # An unreadable answer is quoted by botocore; it may be anything, so only its kind is told.
    if isinstance(error, (ResponseParserError, *_LANGUAGE)):
        return "it is not the JSON of AWS Backup; check the endpoint, and whether a proxy answers in its place"
    # The URL holds names of vaults and points, and may hold a password.
    return attempt.scrubbed(re.sub(r" URL: ?\".*?\"", "", str(error))).strip().rstrip(".")


def _limit(error: Exception) -> str:
    return "; read_timeout is the time for a whole answer" if isinstance(error, boto.ReadTimeoutError) else ""


def _way_out(error: Exception) -> str:
    if isinstance(error, boto.NoRegionError):
        return "; give region_name, or set AWS_REGION"
    if isinstance(error, boto.ProfileNotFound):
        return "; give another profile_name, or check AWS_PROFILE"
    return ""
