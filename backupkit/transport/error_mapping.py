"""The one table that decides what an error of the API is, and whether calling again may work.

Sources: the error shapes of botocore's model of AWS Backup, and the common errors of the developer guide.
"""

from __future__ import annotations

import attrs

from backupkit import errors
from backupkit.transport.lags import lag_of

__all__ = ["CODES", "is_throttled", "refusal"]


@attrs.frozen
class _Kind:
    error: type[errors.ServiceError]
    retryable: bool = False


_UNAVAILABLE = _Kind(errors.UnavailableError, retryable=True)

CODES: dict[str, _Kind] = {
    "AlreadyExistsException": _Kind(errors.AlreadyExistsError),
    "ConflictException": _Kind(errors.ConflictError, retryable=True),
    "DependencyFailureException": _UNAVAILABLE,
    "InvalidParameterValueException": _Kind(errors.RejectedError),
    "InvalidRequestException": _Kind(errors.RejectedError),
    "InvalidResourceStateException": _Kind(errors.ConflictError, retryable=True),
    "LimitExceededException": _Kind(errors.LimitError),
    "MissingParameterValueException": _Kind(errors.RejectedError),
    "ResourceNotFoundException": _Kind(errors.NotFoundError),
    "ServiceUnavailableException": _UNAVAILABLE,
    # Not modelled for AWS Backup, common to all of AWS.
    "AccessDenied": _Kind(errors.AccessDeniedError),
    "AccessDeniedException": _Kind(errors.AccessDeniedError),
    "NotAuthorized": _Kind(errors.AccessDeniedError),
    "OptInRequired": _Kind(errors.AccessDeniedError),
    "InternalFailure": _UNAVAILABLE,
    "InternalServerError": _UNAVAILABLE,
    "RequestExpired": _UNAVAILABLE,
    "RequestLimitExceeded": _UNAVAILABLE,
    "RequestThrottled": _UNAVAILABLE,
    "RequestTimeout": _UNAVAILABLE,
    "ServiceUnavailable": _UNAVAILABLE,
    "SlowDown": _UNAVAILABLE,
    "Throttling": _UNAVAILABLE,
    "ThrottlingException": _UNAVAILABLE,
    "ThrottledException": _UNAVAILABLE,
    "TooManyRequestsException": _UNAVAILABLE,
    "RequestEntityTooLarge": _Kind(errors.RejectedError),
    "UnknownOperationException": _Kind(errors.RejectedError),
    "ValidationError": _Kind(errors.RejectedError),
    "ValidationException": _Kind(errors.RejectedError),
}

_THROTTLED = frozenset(
    {
        "RequestLimitExceeded",
        "RequestThrottled",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
    }
)
_TOO_MANY_REQUESTS = 429

_CREDENTIALS = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)


_HINTS = (
    (
        frozenset({"AccessDeniedException", "AccessDenied"}),
        "Insufficient privileges to perform this action",
        "AWS answers this for a vault that does not exist, too: check the name and Region against the list of vaults.",
    ),
    (
        frozenset({"InvalidRequestException"}),
        "cannot be deleted because it contains recovery points",
        "Its recovery points must go first; deleting them takes AWS a moment.",
    ),
    (
        frozenset({"AccessDeniedException", "AccessDenied"}),
        "PassRole",
        "The caller needs iam:PassRole on the backup role, with iam:PassedToService backup.amazonaws.com.",
    ),
)


def refusal(
    operation: str, code: str, message: str, *, request_id: str = "", status: int = 0
) -> errors.ServiceError | errors.CredentialsError:
    """The error for one refused call.

    Args:
        operation: The API operation.
        code: The error class as AWS names it, with or without ``Exception``.
        message: AWS's own sentence.
        request_id: AWS's id of the request.
        status: The HTTP status.
    """
    if code in _CREDENTIALS:
        where = f" (request {request_id})" if request_id else ""
        sentence = message.rstrip(".")
        return errors.CredentialsError(f"{operation}: {code}: {sentence}. Sign in again, or check AWS_PROFILE.{where}")
    kind = CODES.get(code) or (_UNAVAILABLE if status >= 500 or status == 429 else _Kind(errors.ServiceError))
    lags = lag_of("backup", operation, code, message) is not None
    return kind.error(
        operation,
        code,
        message,
        request_id=request_id,
        status=status,
        retryable=kind.retryable or lags,
        settling=lags,
        hint=next((hint for codes, text, hint in _HINTS if code in codes and text in message), ""),
    )


def is_throttled(error: BaseException | None) -> bool:
    """Whether an error says that calls come faster than AWS takes them."""
    return isinstance(error, errors.ServiceError) and (error.code in _THROTTLED or error.status == _TOO_MANY_REQUESTS)
