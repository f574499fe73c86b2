"""The sentences of AWS for requests that break its model.

Where a sentence was recorded it is used; elsewhere the usual form of AWS's validation is.
"""

from __future__ import annotations

import re

from backupkit.emulator.kernel.shapes import Fault
from backupkit.problems import shown

__all__ = ["EVENTS", "in_rule", "own_code", "sentence"]

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


def sentence(fault: Fault) -> str:
    """AWS's refusal of the first thing that is wrong with a request."""
    if fault.shape == "BackupVaultEvent":
        return f"Please select from the following list of notifications {EVENTS}"
    if fault.path.endswith(".TargetBackupVaultName"):
        return _target(fault)
    value = "" if fault.value is None else f" {shown(fault.value)}"
    text = f"Value{value} at {fault.path!r} failed to satisfy constraint: {fault.what}"
    return in_rule(text) if _IN_RULE.match(fault.path) else text


def own_code(code: str, message: str) -> str | None:
    """Return the code of AWS Backup's own that bodies of this error carry; None where none was recorded."""
    return next((own for kind, said, own in _OWN_CODES if kind == code and said in message), None)


def _target(fault: Fault) -> str:
    # AWS leaves the space out before this colon.
    if not fault.value:
        return "Error in some rules due to: Backup vault name is null"
    return in_rule(f"Backup vault name {fault.value} is not valid")
