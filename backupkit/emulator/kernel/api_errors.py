"""The errors of AWS Backup: those it documents, each with its status of HTTP, and its sentences for broken requests.

Sources: the API reference's pages of errors, those of each operation and those that all services have. AWS documents no
sentences; those of the table are ours, and a fault can be given another. Where a sentence for a request that breaks the
model was recorded it is used; elsewhere the usual form of AWS's validation is.
"""

from __future__ import annotations

import re

import attrs

from backupkit.emulator.kernel.shapes import Fault
from backupkit.problems import quote

__all__ = ["CODES", "EVENTS", "Documented", "in_rule", "own_code", "refusal_of"]

# ---- Documented errors ----


@attrs.frozen
class Documented:
    """An error: its status of HTTP, and a sentence for it."""

    status: int
    message: str


CODES: dict[str, Documented] = {
    # Of AWS Backup
    "AlreadyExistsException": Documented(400, "The required resource already exists."),
    "ConflictException": Documented(400, "An update of the same thing is under way. Retry your request."),
    "DependencyFailureException": Documented(500, "A dependent service or resource returned an error."),
    "InvalidParameterValueException": Documented(400, "The value of a parameter is wrong."),
    "InvalidRequestException": Documented(400, "The input of the request is wrong."),
    "InvalidResourceStateException": Documented(400, "Another action is under way on this recovery point."),
    "LimitExceededException": Documented(400, "A limit of the request has been exceeded."),
    "MissingParameterValueException": Documented(400, "A required parameter is missing."),
    "ResourceNotFoundException": Documented(400, "A resource that the action needs does not exist."),
    "ServiceUnavailableException": Documented(500, "The request failed because of a temporary failure of the server."),
    # Of all services
    "AccessDeniedException": Documented(403, "Insufficient privileges to perform this action."),
    "ExpiredTokenException": Documented(403, "The security token included in the request is expired"),
    "IncompleteSignature": Documented(403, "The request signature does not conform to AWS standards."),
    "InternalFailure": Documented(500, "The request failed because of an unknown error, exception or failure."),
    "InvalidClientTokenId": Documented(403, "The security token included in the request is invalid."),
    "MissingAuthenticationToken": Documented(403, "The request must contain a valid access key id."),
    "NotAuthorized": Documented(400, "You do not have permission to perform this action."),
    "OptInRequired": Documented(403, "The access key id needs a subscription for the service."),
    "RequestEntityTooLarge": Documented(413, "The request is larger than the service takes."),
    "RequestExpired": Documented(400, "The request reached the service too late."),
    "RequestTimeoutException": Documented(408, "The request was not received in time."),
    "ServiceUnavailable": Documented(503, "The request failed because of a temporary failure of the server."),
    "ThrottlingException": Documented(400, "Rate exceeded"),
    "UnknownOperationException": Documented(404, "The action or operation is not recognized."),
    "UnrecognizedClientException": Documented(403, "The security token included in the request is invalid."),
    "ValidationError": Documented(400, "The input does not satisfy the constraints of the service."),
}


# ---- Requests that break the model ----


EVENTS = (
    "BACKUP_JOB_STARTED, BACKUP_JOB_COMPLETED, RESTORE_JOB_STARTED, RESTORE_JOB_COMPLETED, COPY_JOB_STARTED, "
    "COPY_JOB_SUCCESSFUL, COPY_JOB_FAILED, RECOVERY_POINT_MODIFIED, S3_BACKUP_OBJECT_FAILED, S3_RESTORE_OBJECT_FAILED"
)
"""The events that AWS's refusal lists, as it was recorded."""

_OWN_CODES = (
    ("InvalidRequestException", "contains recovery points", "ERROR_9101"),
    ("InvalidParameterValueException", "Invalid lifecycle.", "ERROR_3015"),
    ("InvalidParameterValueException", "cannot be assumed by AWS Backup", "ERROR_3018"),
    ("InvalidParameterValueException", "is not authorized to call tag:GetResources", "ERROR_3018"),
    ("MissingParameterValueException", "Either Resources or Conditions must not be null", "ERROR_4301"),
    ("ResourceNotFoundException", "Failed reading notifications", "ERROR_2106"),
)
"""Error, what its sentence says, and the code in the body, as each was recorded."""

_IN_RULE = re.compile(r"BackupPlan\.Rules\[(\d+)\]\.")


def in_rule(text: str) -> str:
    """What is wrong with a rule, as AWS says it."""
    return f"Error in some rules due to : {text}"


def refusal_of(fault: Fault) -> str:
    """AWS's refusal of the first thing that is wrong with a request."""
    if fault.shape == "BackupVaultEvent":
        return f"Please select from the following list of notifications {EVENTS}"
    if fault.path.endswith(".TargetBackupVaultName"):
        return _target(fault)
    value = "" if fault.value is None else f" {quote(fault.value)}"
    text = f"Value{value} at {fault.path!r} failed to satisfy constraint: {fault.what}"
    return in_rule(text) if _IN_RULE.match(fault.path) else text


def own_code(code: str, message: str) -> str | None:
    """Return the code of AWS Backup's own that bodies of this error carry; None where none was recorded."""
    return next((own for kind, phrase, own in _OWN_CODES if kind == code and phrase in message), None)


def _target(fault: Fault) -> str:
    # AWS leaves the space out before this colon.
    if not fault.value:
        return "Error in some rules due to: Backup vault name is null"
    return in_rule(f"Backup vault name {fault.value} is not valid")
