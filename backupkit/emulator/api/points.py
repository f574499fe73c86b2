"""Recovery points: described, listed, deleted, kept longer or shorter, let go, and what a restore needs to know.

Sources: the botocore model, the developer guide's pages on editing and deleting backups, on CloudFormation stack
backups, on EKS backups and on restoring, and answers that public programs printed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import NAMESPACE_URL, uuid5

from backupkit.catalog import type_named
from backupkit.emulator.api import scans
from backupkit.emulator.engine import index_build
from backupkit.emulator.kernel.job_records import within
from backupkit.emulator.kernel.kinds import type_of
from backupkit.emulator.kernel.operations import operation, raise_api_error, raise_invalid_request, raise_invalid_value
from backupkit.emulator.kernel.paging import newest_first
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, Family, Point, RegionScope, Vault
from backupkit.emulator.resources.resource import SyntheticContent
from backupkit.emulator.rules import copy_constraints, nesting, point_store, vault_access, views
from backupkit.emulator.rules import lifecycle as point_lifecycle
from backupkit.emulator.rules.copy_constraints import managed_key_arn
from backupkit.emulator.rules.lifecycle import checked_lifecycle

_SOURCE = "botocore model; developer guide, editing and deleting backups"
_BAD_STATE = "InvalidResourceStateException"


@operation("DescribeRecoveryPoint", source=_SOURCE)
def _describe(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    found = vault_access.reached(simulation, scope, params)
    point = found.point(params["RecoveryPointArn"])
    scanned = scans.results_of(found.scope, point)
    return {
        **_view(found.scope, point),
        **vault_access.renamed(simulation, found),
        **scanned,
        "StorageClass": point.storage_class,
    }


@operation("ListRecoveryPointsByBackupVault", source=_SOURCE)
def _list_by_vault(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    found = vault_access.reached(simulation, scope, params)
    named = vault_access.renamed(simulation, found)
    resource: str | None = params.get("ByResourceArn")
    if resource is not None and resource not in found.scope.points_of and _of_no_type(resource):
        raise_invalid_value(f"Unsupported resource type: {resource}")
    parent: str | None = params.get("ByParentRecoveryPointArn")
    among = found.vault.points if resource is None else found.scope.points_of.get(resource, {})
    return newest_first(
        simulation,
        scope,
        "ListRecoveryPointsByBackupVault",
        params,
        [(found.scope, among)],
        lambda point: _fits(found.vault, point, params) and views.sought(simulation, point.family, parent),
        member="RecoveryPoints",
        show=lambda there, point: {
            **_view(there, point),
            **scans.aggregated_results(there, point),
            **named,
        },
    )


def _of_no_type(arn: str) -> bool:
    """Whether an ARN is of nothing that can be protected; that of a snapshot is not, nor that of a table's backup."""
    return type_of(arn) is None or "/backup/" in arn


def _fits(vault: Vault, point: Point, params: Document) -> bool:
    return (
        point.vault_name == vault.name
        and params.get("ByResourceType", point.resource_type) == point.resource_type
        and params.get("ByBackupPlanId") in {None, (point.created_by or {}).get("BackupPlanId", "")}
        and within(params, "ByCreatedAfter", "ByCreatedBefore", point.created)
    )


def _view(scope: RegionScope, point: Point) -> Document:
    vault = point_store.vault_of(scope, point)
    return {
        "RecoveryPointArn": point.arn,
        "BackupVaultName": vault.name,
        "BackupVaultArn": vault.arn,
        "SourceBackupVaultArn": point.source_vault_arn,
        "ResourceArn": point.resource_arn,
        "ResourceType": point.resource_type,
        "CreatedBy": point.created_by,
        "IamRoleArn": point.role_arn,
        "Status": point.status,
        "StatusMessage": point.status_message,
        "CreationDate": point.created,
        "InitiationDate": point.initiated,
        "CompletionDate": point.completed,
        "BackupSizeInBytes": point.size_bytes,
        "CalculatedLifecycle": views.lifecycle_view(scope, point) or None,
        "Lifecycle": point.lifecycle or None,
        "EncryptionKeyArn": point.key_arn or None,
        "IsEncrypted": point.encrypted,
        "LastRestoreTime": point.last_restore,
        **views.family_of_point(point.family),
        "CompositeMemberIdentifier": point.family.member if point.family is not None else None,
        "ResourceName": point.resource_name,
        "VaultType": vault.vault_type,
        "EncryptionKeyType": _key_type(scope, point),
        **index_build.status_of(scope, point),
    }


def _key_type(scope: RegionScope, point: Point) -> str | None:
    """Whose key encrypts the point; nothing where it is the key that AWS manages for the account."""
    if not point.key_arn and copy_constraints.is_air_gapped(point_store.vault_of(scope, point)):
        return "AWS_OWNED_KMS_KEY"
    if not point.key_arn or point.key_arn == managed_key_arn(scope) or copy_constraints.is_aws_key(point.key_arn):
        return None
    return "CUSTOMER_MANAGED_KMS_KEY"


@operation(
    "ListRecoveryPointsByResource",
    source=_SOURCE,
    missing="points that AWS Backup did not make",
)
def _list_by_resource(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    return newest_first(
        simulation,
        scope,
        "ListRecoveryPointsByResource",
        params,
        [(scope, scope.points_of.get(params["ResourceArn"], {}))],
        lambda _: True,
        member="RecoveryPoints",
        show=lambda there, point: {
            **_view_by_resource(there, point),
            **scans.aggregated_results(there, point),
        },
    )


def _view_by_resource(scope: RegionScope, point: Point) -> Document:
    vault = point_store.vault_of(scope, point)
    return {
        "RecoveryPointArn": point.arn,
        "CreationDate": point.created,
        "Status": point.status,
        "StatusMessage": point.status_message,
        "EncryptionKeyArn": point.key_arn or None,
        # The one list that calls it so (botocore model).
        "BackupSizeBytes": point.size_bytes,
        "BackupVaultName": vault.name,
        **views.family_of_point(point.family),
        "EncryptionKeyType": _key_type(scope, point),
        "ResourceName": point.resource_name,
        "VaultType": vault.vault_type,
        **index_build.status_of(scope, point),
    }


@operation("DeleteRecoveryPoint", source=_SOURCE)
def _delete(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    point = point_store.point_in(scope, params["BackupVaultName"], params["RecoveryPointArn"])
    _refuse_held(scope, point, "deleted")
    _refuse_opened(point)
    _refuse_locked(scope, point, "cannot be deleted")
    if (message := nesting.obstacle(scope, point, "deleted")) is not None:
        raise_invalid_request(message)
    if _busy(scope, point):
        raise_api_error(_BAD_STATE, f"Recovery point {point.arn} is in use by another action and cannot be deleted now")
    if point.status != "DELETING":
        point_lifecycle.delete(simulation, scope, point)
    return {}


def _busy(scope: RegionScope, point: Point) -> bool:
    """Whether a backup job fills the point, or a copy job reads it."""
    filled = point.family is not None and point.status == "CREATING"
    return filled or bool(point.copies_running) or point_store.filled(scope, point)


def _refuse_held(scope: RegionScope, point: Point, what: str) -> None:
    if point.holds & scope.legal_holds.keys():
        raise_invalid_request(f"The recovery point cannot be {what} because it has active legal hold(s)")


def _refuse_opened(point: Point) -> None:
    if any(hold.startswith("arn:") for hold in point.holds):
        raise_invalid_request("The recovery point cannot be deleted because it has active backup access point(s)")


def _refuse_locked(scope: RegionScope, point: Point, what: str) -> None:
    """Refuse what a lock forbids; both kinds of lock do, for every role."""
    vault = point_store.vault_of(scope, point)
    if vault.lock is not None:
        raise_invalid_request(f"Recovery point {what}: backup vault {vault.name} is locked (Vault Lock)")


@operation("UpdateRecoveryPointLifecycle", source=_SOURCE)
def _update_lifecycle(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    point = point_store.point_in(scope, params["BackupVaultName"], params["RecoveryPointArn"])
    _refuse_locked(scope, point, "lifecycle cannot be changed")
    if point.continuous:
        raise_invalid_request("The lifecycle of a continuous recovery point cannot be changed")
    # It would expire apart from its composite, which cannot be restored without it.
    if (message := nesting.obstacle(scope, point, "changed")) is not None:
        raise_invalid_request(message)
    if point.status not in {"COMPLETED", "PARTIAL", "EXPIRED"}:
        raise_invalid_request(f"Recovery point {point.arn} is {point.status}; its lifecycle cannot be changed now")
    lifecycle = checked_lifecycle(params.get("Lifecycle"))
    _check_cold(simulation, point, lifecycle)
    # Members that are left out are reset, not kept (botocore model); the event is AWS's own.
    point.lifecycle = (
        copy_constraints.passing_lifecycle(lifecycle) if copy_constraints.is_temporary(point) else lifecycle
    )
    point_lifecycle.age(simulation, scope, point)
    nesting.pass_on(scope, point)
    simulation.bus.point_modified(scope, point)
    return {
        "BackupVaultArn": point_store.vault_of(scope, point).arn,
        "RecoveryPointArn": point.arn,
        "Lifecycle": point.lifecycle,
        "CalculatedLifecycle": point_lifecycle.calculated(point) or None,
    }


def _check_cold(simulation: Simulation, point: Point, lifecycle: Document) -> None:
    cold_after, held = lifecycle.get("MoveToColdStorageAfterDays"), point.lifecycle.get("MoveToColdStorageAfterDays")
    if point.storage_class == "COLD":
        if cold_after != held:
            raise_invalid_value("Invalid lifecycle. MoveToColdStorageAfterDays cannot be changed in cold storage")
        return
    age = (simulation.clock.now() - point.created) // timedelta(days=1)
    if cold_after is not None and cold_after != held and cold_after < age + 1:
        raise_invalid_value(
            f"Invalid lifecycle. MoveToColdStorageAfterDays cannot be less than {age + 1}, the recovery point's age "
            "and a day",
        )


@operation("DisassociateRecoveryPoint", source=_SOURCE)
def _disassociate(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    point = point_store.point_in(scope, params["BackupVaultName"], params["RecoveryPointArn"])
    _refuse_held(scope, point, "disassociated")
    _refuse_locked(scope, point, "cannot be disassociated")
    if not point.continuous or scope.continuous.get(point.resource_arn) is not point:
        raise_invalid_request("Only a continuous recovery point that is active can be disassociated")
    if _busy(scope, point):
        raise_api_error(
            _BAD_STATE, f"Recovery point {point.arn} is in use by another action and cannot be disassociated now"
        )
    del scope.continuous[point.resource_arn]
    if point.resource_type == "S3":
        # S3's point stays in the vault and keeps what it has; other services take theirs over.
        point.status = "STOPPED"
        point_lifecycle.age(simulation, scope, point)
        simulation.bus.point_changed(scope, point)
    else:
        point_store.remove(scope, point)
    return {}


# ---- Taking a nested point out of its composite; both stay ----


@operation(
    "DisassociateRecoveryPointFromParent",
    source="botocore model; developer guide, CloudFormation stack backups and EKS backups",
)
def disassociate_from_parent(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    """Let a nested point stand on its own; its composite is PARTIAL from then on."""
    point = point_store.point_in(scope, params["BackupVaultName"], params["RecoveryPointArn"])
    if point.family is None or point.family.parent is None:
        raise_invalid_request(f"Recovery point {point.arn} is not part of a composite recovery point")
    if (message := nesting.obstacle(scope, point, "disassociated")) is not None:
        raise_invalid_request(message)
    if point.status == "CREATING":
        raise_invalid_request(f"Recovery point {point.arn} is still being made and cannot be disassociated")
    nesting.detach(simulation, scope, point)
    # A nested stack goes on as the composite that it is.
    point.family = Family(children=point.family.children) if point.family.is_parent else None
    return {}


# ---- What is known of the source, as far as it agrees with the point ----


_SNAPSHOT = "snapshot:"


@operation("GetRecoveryPointRestoreMetadata", source="botocore model; developer guide, restoring a backup")
def _restore_metadata(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    found = vault_access.reached(simulation, scope, params)
    point = found.point(params["RecoveryPointArn"])
    return {
        "BackupVaultArn": found.named.arn,
        "RecoveryPointArn": point.arn,
        "RestoreMetadata": {
            "aws:backup:request-id": str(uuid5(NAMESPACE_URL, point.arn)),
            **point.restore_metadata,
            **dict(_of_point(point)),
        },
        "ResourceType": point.resource_type,
    }


def _of_point(point: Point) -> Iterator[tuple[str, str | None]]:
    """What the point itself decides, and not its source."""
    if point.resource_type == "EBS":
        # The guide shows null: the zone of the new volume is to be chosen.
        yield "availabilityZone", None
        yield "encrypted", str(point.encrypted).lower()
    if not isinstance(point.content, SyntheticContent):
        return
    kind = type_named(point.resource_type)
    key = next((each for each in kind.restore_keys if each.name.casefold() == "kmskeyid"), None) if kind else None
    if key is not None and key.returned and point.key_arn and point.restore_metadata:
        yield "KmsKeyId", point.key_arn
    if point.resource_type == "RDS" and point.restore_metadata and (name := _snapshot(point.arn)):
        yield "DBSnapshotIdentifier", name


def _snapshot(arn: str) -> str | None:
    """The name of a database's snapshot; None where the point is none."""
    resource = arn.split(":", 5)[-1]
    return resource.removeprefix(_SNAPSHOT) if resource.startswith(_SNAPSHOT) else None
