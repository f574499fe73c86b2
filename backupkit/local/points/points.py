"""Recovery points: described, listed, deleted, kept longer or shorter, let go, and what a restore needs to know.

Sources: the botocore model, and the developer guide's pages on editing and deleting backups.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from uuid import NAMESPACE_URL, uuid5

from backupkit.local.cloud import Cloud
from backupkit.local.jobs.records import present, within
from backupkit.local.operations import answers, refuse
from backupkit.local.paging import listing
from backupkit.local.points import ageing, lifecycles, shelf
from backupkit.local.state import Document, Place, Point, Vault
from backupkit.local.vaults.vaults import managed_key_arn

__all__: list[str] = []

_SOURCE = "botocore model; developer guide, editing and deleting backups"
_BAD_VALUE = "InvalidParameterValueException"
_BAD_REQUEST = "InvalidRequestException"
_BAD_STATE = "InvalidResourceStateException"


def _newest_first(point: Point) -> tuple[float, str]:
    return -point.created.timestamp(), point.arn


@answers("DescribeRecoveryPoint", source=_SOURCE, lacks="BackupVaultAccountId, index, scans and composites")
def _describe(cloud: Cloud, place: Place, params: Document) -> Document:  # noqa: ARG001 - the shape of a handler
    point = shelf.point_in(place, params["BackupVaultName"], params["RecoveryPointArn"])
    return {**_shown(place, point), "StorageClass": point.storage_class}


@answers("ListRecoveryPointsByBackupVault", source=_SOURCE, lacks="BackupVaultAccountId, index, scans and composites")
def _list_by_vault(cloud: Cloud, place: Place, params: Document) -> Document:
    vault = shelf.vault_called(place, params["BackupVaultName"])
    return listing(
        cloud,
        place,
        "ListRecoveryPointsByBackupVault",
        params,
        _asked_for(vault, place, params),
        _newest_first,
        member="RecoveryPoints",
        show=lambda point: _shown(place, point),
    )


def _asked_for(vault: Vault, place: Place, params: Document) -> Iterator[Point]:
    resource: str | None = params.get("ByResourceArn")
    among = vault.points.values() if resource is None else place.points_of.get(resource, {}).values()
    return (
        point
        for point in among
        if point.vault_name == vault.name
        and params.get("ByResourceType", point.resource_type) == point.resource_type
        and params.get("ByBackupPlanId") in {None, (point.created_by or {}).get("BackupPlanId", "")}
        and "ByParentRecoveryPointArn" not in params
        and within(params, "ByCreatedAfter", "ByCreatedBefore", point.created)
    )


def _shown(place: Place, point: Point) -> Document:
    vault = shelf.vault_of(place, point)
    return present(
        RecoveryPointArn=point.arn,
        BackupVaultName=vault.name,
        BackupVaultArn=vault.arn,
        SourceBackupVaultArn=point.source_vault_arn,
        ResourceArn=point.resource_arn,
        ResourceType=point.resource_type,
        CreatedBy=point.created_by,
        IamRoleArn=point.role_arn,
        Status=point.status,
        StatusMessage=point.status_message,
        CreationDate=point.created,
        InitiationDate=point.initiated,
        CompletionDate=point.completed,
        BackupSizeInBytes=point.size_bytes,
        CalculatedLifecycle=ageing.calculated(point) or None,
        Lifecycle=point.lifecycle or None,
        EncryptionKeyArn=point.key_arn or None,
        IsEncrypted=point.encrypted,
        LastRestoreTime=point.last_restore,
        IsParent=False,
        ResourceName=point.resource_name,
        VaultType=vault.vault_type,
        EncryptionKeyType=_key_type(place, point),
    )


def _key_type(place: Place, point: Point) -> str | None:
    """Whose key encrypts the point; nothing where it is the key that AWS manages for the account."""
    if not point.key_arn or point.key_arn == managed_key_arn(place):
        return None
    return "CUSTOMER_MANAGED_KMS_KEY"


@answers(
    "ListRecoveryPointsByResource",
    source=_SOURCE,
    lacks="points that AWS Backup did not make, index, scans and composites",
)
def _list_by_resource(cloud: Cloud, place: Place, params: Document) -> Document:
    return listing(
        cloud,
        place,
        "ListRecoveryPointsByResource",
        params,
        place.points_of.get(params["ResourceArn"], {}).values(),
        _newest_first,
        member="RecoveryPoints",
        show=lambda point: _shown_by_resource(place, point),
    )


def _shown_by_resource(place: Place, point: Point) -> Document:
    vault = shelf.vault_of(place, point)
    return present(
        RecoveryPointArn=point.arn,
        CreationDate=point.created,
        Status=point.status,
        StatusMessage=point.status_message,
        EncryptionKeyArn=point.key_arn or None,
        # The one list that calls it so (botocore model).
        BackupSizeBytes=point.size_bytes,
        BackupVaultName=vault.name,
        IsParent=False,
        ResourceName=point.resource_name,
        VaultType=vault.vault_type,
    )


@answers("DeleteRecoveryPoint", source=_SOURCE)
def _delete(cloud: Cloud, place: Place, params: Document) -> Document:
    point = shelf.point_in(place, params["BackupVaultName"], params["RecoveryPointArn"])
    _refuse_held(point, "deleted")
    _refuse_locked(place, point, "cannot be deleted")
    if _busy(place, point):
        refuse(_BAD_STATE, f"Recovery point {point.arn} is in use by another action and cannot be deleted now")
    if point.status != "DELETING":
        ageing.delete(cloud, place, point)
    return {}


def _busy(place: Place, point: Point) -> bool:
    """Whether a backup job fills the point, or a copy job reads it."""
    running = place.backup_jobs.get(place.running.get(point.resource_arn, ""))
    return bool(point.copies_running) or (running is not None and running.point_arn == point.arn)


def _refuse_held(point: Point, what: str) -> None:
    if point.holds:
        refuse(_BAD_REQUEST, f"The recovery point cannot be {what} because it has active legal hold(s)")


def _refuse_locked(place: Place, point: Point, what: str) -> None:
    """Refuse what a lock forbids; both kinds of lock do, for every role."""
    vault = shelf.vault_of(place, point)
    if vault.lock is not None:
        refuse(_BAD_REQUEST, f"Recovery point {what}: backup vault {vault.name} is locked (Vault Lock)")


@answers("UpdateRecoveryPointLifecycle", source=_SOURCE)
def _update_lifecycle(cloud: Cloud, place: Place, params: Document) -> Document:
    point = shelf.point_in(place, params["BackupVaultName"], params["RecoveryPointArn"])
    _refuse_locked(place, point, "lifecycle cannot be changed")
    if point.continuous:
        refuse(_BAD_REQUEST, "The lifecycle of a continuous recovery point cannot be changed")
    if point.status not in {"COMPLETED", "PARTIAL", "EXPIRED"}:
        refuse(_BAD_STATE, f"Recovery point {point.arn} is {point.status}; its lifecycle cannot be changed now")
    lifecycle = lifecycles.checked(params.get("Lifecycle"))
    _check_cold(cloud, point, lifecycle)
    # Members that are left out are reset, not kept (botocore model).
    point.lifecycle = lifecycle
    ageing.age(cloud, place, point)
    return present(
        BackupVaultArn=shelf.vault_of(place, point).arn,
        RecoveryPointArn=point.arn,
        Lifecycle=lifecycle,
        CalculatedLifecycle=ageing.calculated(point) or None,
    )


def _check_cold(cloud: Cloud, point: Point, lifecycle: Document) -> None:
    asked, held = lifecycle.get("MoveToColdStorageAfterDays"), point.lifecycle.get("MoveToColdStorageAfterDays")
    if point.storage_class == "COLD":
        if asked != held:
            refuse(_BAD_VALUE, "Invalid lifecycle. MoveToColdStorageAfterDays cannot be changed in cold storage")
        return
    age = (cloud.clock.now() - point.created) // timedelta(days=1)
    if asked is not None and asked != held and asked < age + 1:
        refuse(
            _BAD_VALUE,
            f"Invalid lifecycle. MoveToColdStorageAfterDays cannot be less than {age + 1}, the recovery point's age "
            "and a day",
        )


@answers("DisassociateRecoveryPoint", source=_SOURCE)
def _disassociate(cloud: Cloud, place: Place, params: Document) -> Document:
    point = shelf.point_in(place, params["BackupVaultName"], params["RecoveryPointArn"])
    _refuse_held(point, "disassociated")
    _refuse_locked(place, point, "cannot be disassociated")
    if not point.continuous or place.continuous.get(point.resource_arn) is not point:
        refuse(_BAD_REQUEST, "Only a continuous recovery point that is active can be disassociated")
    del place.continuous[point.resource_arn]
    if point.resource_type == "S3":
        # S3's point stays in the vault and keeps what it has; other services take theirs over.
        point.status = "STOPPED"
        ageing.age(cloud, place, point)
    else:
        shelf.take(place, point)
    return {}


@answers("GetRecoveryPointRestoreMetadata", source=_SOURCE, lacks="BackupVaultAccountId")
def _restore_metadata(cloud: Cloud, place: Place, params: Document) -> Document:  # noqa: ARG001 - as above
    point = shelf.point_in(place, params["BackupVaultName"], params["RecoveryPointArn"])
    return {
        "BackupVaultArn": shelf.vault_of(place, point).arn,
        "RecoveryPointArn": point.arn,
        "RestoreMetadata": {**_request_id(point), **point.restore_metadata},
        "ResourceType": point.resource_type,
    }


def _request_id(point: Point) -> Mapping[str, str]:
    return {"aws:backup:request-id": str(uuid5(NAMESPACE_URL, point.arn))}
