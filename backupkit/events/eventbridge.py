"""EventBridge events of AWS Backup (developer guide, monitoring with EventBridge)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from backupkit.events import records
from backupkit.events.members import Members, as_mapping, moment

__all__ = ["DETAIL_TYPES", "from_eventbridge"]

DETAIL_TYPES: dict[str, str] = {
    "backup": "Backup Job State Change",
    "copy": "Copy Job State Change",
    "restore": "Restore Job State Change",
    "scan": "Scan Job State Change",
    "recovery_point": "Recovery Point State Change",
    "index": "Recovery Point Index State Change",
    "vault": "Backup Vault State Change",
    "plan": "Backup Plan State Change",
    "region_settings": "Region Setting State Change",
}
"""EventBridge's detail-type, by kind of event."""

_KINDS = {detail_type.casefold(): kind for kind, detail_type in DETAIL_TYPES.items()}
# EventBridge's own reference names this one beside the other, without an example.
_KINDS["recovery point change"] = "recovery_point"
_ABOUT_POINTS = frozenset({"backup", "copy", "restore", "scan", "recovery_point", "index"})
"""Kinds whose ``resources`` are recovery points (of a copy, the one that is copied)."""


def from_eventbridge(event: Mapping[str, object]) -> records.Event:
    """The record of one EventBridge event."""
    outer = Members(event)
    detail = outer.within("detail")
    detail_type = outer.text("detail-type")
    kind = _KINDS.get((detail_type or "").casefold(), "unknown")
    listed = outer.get("resources")
    resources = [each for each in listed if isinstance(each, str)] if isinstance(listed, list) else []
    first = resources[0] if resources else None
    point = detail.text("recoveryPointArn") or (first if kind in _ABOUT_POINTS else None)
    vault_arn = detail.text("backupVaultArn") or (first if kind == "vault" else None)
    vault_name = detail.text("backupVaultName") or (vault_arn.rpartition(":")[2] if vault_arn else None)
    common: dict[str, Any] = {
        "kind": kind,
        "source": "eventbridge",
        "event_type": detail_type,
        "state": detail.text("state", "status", "indexStatus"),
        "resource_arn": detail.text("resourceArn", "sourceResourceArn"),
        "resource_type": detail.text("resourceType"),
        "recovery_point_arn": point,
        "vault_name": vault_name,
        "vault_arn": vault_arn,
        "status_message": detail.sentence("statusMessage", "indexStatusMessage"),
        "account_id": outer.text("account") or detail.text("accountId"),
        "region_name": outer.text("region"),
        "time": moment(outer.text("time")),
        "detail": as_mapping(outer.get("detail")),
        "raw": event,
    }
    ids = {"recovery_point": point, "index": point, "vault": vault_name, "region_settings": outer.text("region")}
    common["id"] = ids.get(kind) or detail.text(*_IDS.get(kind, ()))
    besides = _BESIDES[kind](detail) if kind in _BESIDES else {}
    return records.CLASSES[kind](**common, **besides)


_IDS = {
    "backup": ("backupJobId",),
    "copy": ("copyJobId",),
    "restore": ("restoreJobId",),
    "scan": ("scanJobId",),
    "plan": ("backupPlanId",),
}


def _of_job(detail: Members) -> dict[str, Any]:
    started_by = detail.within("createdBy")
    return {
        "created": detail.moment("creationDate"),
        "completed": detail.moment("completionDate"),
        "iam_role_arn": detail.text("iamRoleArn"),
        "size_bytes": detail.whole("backupSizeInBytes"),
        "plan_id": started_by.text("backupPlanId"),
        # Scans call it otherwise than backups do.
        "rule_id": started_by.text("backupPlanRuleId", "backupRuleId"),
    }


def _of_copy(detail: Members) -> dict[str, Any]:
    return _of_job(detail) | {
        "source_vault_arn": detail.text("sourceBackupVaultArn"),
        "destination_vault_arn": detail.text("destinationBackupVaultArn"),
        # An empty object until the copy is done.
        "destination_recovery_point_arn": detail.text("destinationRecoveryPointArn"),
    }


def _of_restore(detail: Members) -> dict[str, Any]:
    return _of_job(detail) | {
        "created_resource_arn": detail.text("createdResourceArn"),
        "restore_testing_plan_arn": detail.text("restoreTestingPlanArn"),
    }


def _of_scan(detail: Members) -> dict[str, Any]:
    return _of_job(detail) | {
        "scan_result": detail.within("scanResult").text("scanResultStatus"),
        "scanner": detail.text("malwareScanner"),
    }


def _of_point(detail: Members) -> dict[str, Any]:
    return {
        "created": detail.moment("creationDate"),
        "storage_class": detail.text("storageClass"),
        "is_encrypted": detail.flag("isEncrypted"),
        "deleted_by": detail.text("deletedBy"),
    }


def _of_settings(detail: Members) -> dict[str, Any]:
    opted = as_mapping(detail.get("ResourceTypeOptInPreference"))
    return {"opted_in": {name: value for name, value in opted.items() if isinstance(value, bool)}}


_BESIDES: dict[str, Callable[[Members], dict[str, Any]]] = {
    "backup": _of_job,
    "copy": _of_copy,
    "restore": _of_restore,
    "scan": _of_scan,
    "recovery_point": _of_point,
    "vault": lambda detail: {"is_locked": detail.flag("isLocked")},
    "plan": lambda detail: {"version_id": detail.text("versionId")},
    "region_settings": _of_settings,
}
"""What only events of a kind have."""
