"""SNS messages of AWS Backup (developer guide, notifications).

Attributes are documented and the text is not: it is read only for what no attribute has, and its words have changed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from backupkit.events import records
from backupkit.events.members import Members

__all__ = ["from_sns"]

_KINDS: tuple[tuple[str, str], ...] = (
    ("backup_job", "backup"),
    ("copy_job", "copy"),
    ("restore_job", "restore"),
    ("scan_job", "scan"),
    ("recovery_point_index", "index"),
    ("recovery_point", "recovery_point"),
    ("continuous_backup", "recovery_point"),
    ("backup_plan", "plan"),
    ("s3_", "object"),
    ("eks_", "object"),
)
"""How EventType begins, by kind. Of an index it is RECOVERY_POINT_INDEXING_COMPLETED, which is not an event's name."""

_TEXTS: tuple[tuple[str, str], ...] = (
    (r"restore job", "restore"),
    (r"copy job", "copy"),
    (r"index", "index"),
    (r"aws backup job|backup ?job id", "backup"),
    (r"continuous backup|recovery point was", "recovery_point"),
)
_STATES: tuple[tuple[str, str], ...] = (
    (r"failed to complete in time|expired", "EXPIRED"),
    (r"\bfailed\b", "FAILED"),
    (r"\bstopped\b|\baborted\b", "ABORTED"),
    (r"completed partially", "PARTIAL"),
    (r"\bcompleted\b|\bsuccessful", "COMPLETED"),
)
_ARN = r"\s*:\s*(arn:\S+)"
_POINT = re.compile(rf"recovery point arn{_ARN}", re.IGNORECASE)
_RESOURCE = re.compile(rf"(?<!restored )resource arn{_ARN}", re.IGNORECASE)
_CREATED = re.compile(rf"restored resource arn{_ARN}", re.IGNORECASE)
_JOB = re.compile(r"(?:backup|copy|restore) ?job id\s*:\s*(\S+)", re.IGNORECASE)
_OBJECT_STATES = ("FAILED", "SKIPPED")


def from_sns(
    text: str,
    attributes: Mapping[str, str],
    *,
    topic_arn: str | None,
    time: datetime | None,
    raw: Mapping[str, object],
) -> records.Event:
    """The record of one SNS message.

    Args:
        text: The message.
        attributes: Its message attributes, by name.
        topic_arn: The topic, which is in the account and Region of the vault.
        time: When it was published.
        raw: All that came.
    """
    notification = Members(attributes)
    event_type = notification.text("EventType")
    kind = _kind(event_type, text)
    topic = (topic_arn or "").split(":")
    point = notification.text("RecoveryPointArn") or _found(_POINT, text)
    job_id = notification.text("Id", "restoreJobId", "backupJobId") or _found(_JOB, text)
    if kind == "recovery_point":
        point = point or job_id
        job_id = point
    common: dict[str, Any] = {
        "kind": kind,
        "source": "sns" if kind != "unknown" or event_type is not None else "unknown",
        "event_type": event_type,
        "state": notification.text("State", "Status", "IndexStatus") or _state(kind, event_type, text),
        "id": point if kind == "index" else job_id,
        "resource_arn": notification.text("ResourceArn") or _found(_RESOURCE, text),
        "resource_type": notification.text("ResourceType"),
        "recovery_point_arn": point,
        "status_message": notification.text("Reason", "StatusMessage"),
        "account_id": notification.text("AccountId") or (topic[4] if len(topic) > 5 else None),
        "region_name": topic[3] if len(topic) > 5 and topic[3] else None,
        "time": time,
        "detail": dict(attributes),
        "raw": raw,
    }
    return records.CLASSES[kind](**common, **_besides(kind, notification, text))


def _besides(kind: str, notification: Members, text: str) -> dict[str, Any]:
    created = notification.moment("StartTime")
    match kind:
        case "backup" | "copy" | "scan" | "recovery_point":
            return {"created": created}
        case "restore":
            return {"created": created, "created_resource_arn": _found(_CREATED, text)}
        case "object":
            return {"object_name": notification.text("resourceName", "objectName", "key")}
    return {}


def _kind(event_type: str | None, text: str) -> str:
    if event_type is not None:
        name = event_type.casefold()
        return next((kind for start, kind in _KINDS if name.startswith(start)), "unknown")
    if "AWS Backup" not in text:
        return "unknown"
    return next((kind for pattern, kind in _TEXTS if re.search(pattern, text, re.IGNORECASE)), "unknown")


def _state(kind: str, event_type: str | None, text: str) -> str | None:
    """The state that the name of an object's event ends in, or that the text tells where there are no attributes."""
    if kind == "object":
        return next((state for state in _OBJECT_STATES if (event_type or "").upper().endswith(state)), None)
    if event_type is not None or kind == "unknown":
        return None
    return next((state for pattern, state in _STATES if re.search(pattern, text, re.IGNORECASE)), None)


def _found(pattern: re.Pattern[str], text: str) -> str | None:
    found = pattern.search(text)
    # Sentences end right behind ARNs; an ARN itself may have full stops inside.
    return found[1].rstrip(".,;") if found is not None else None
