"""Indexes of recovery points: asked for, told of, listed and let go.

Sources: the botocore model of the three operations, and the developer guide's page on backup search.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn

from backupkit.emulator.engine import index_build
from backupkit.emulator.kernel.job_records import within
from backupkit.emulator.kernel.kinds import kind_named
from backupkit.emulator.kernel.operations import operation, raise_api_error, raise_invalid_request
from backupkit.emulator.kernel.paging import listing
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, Index, Point, RegionScope
from backupkit.emulator.rules import point_store

__all__: list[str] = []

_SOURCE = "botocore model; developer guide, backup search"
_READY = frozenset({"COMPLETED", "AVAILABLE", "STOPPED"})


@operation(
    "UpdateRecoveryPointIndexSettings",
    source=_SOURCE,
    missing="the smaller quota of concurrent indexing of some Regions",
)
def _update(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    point = point_store.point_in(scope, params["BackupVaultName"], params["RecoveryPointArn"])
    if params["Index"] == "ENABLED":
        index: Index | None = _enabled(simulation, scope, point, params.get("IamRoleArn"))
    else:
        index = _disabled(simulation, scope, point)
    return {
        "BackupVaultName": point.vault_name,
        "RecoveryPointArn": point.arn,
        "IndexStatus": index.status if index is not None else None,
        "Index": params["Index"],
    }


def _enabled(simulation: Simulation, scope: RegionScope, point: Point, role_arn: str | None) -> Index:
    """The index that is there, or a new one; one that failed is made again."""
    if role_arn is None and simulation.choices.index_needs_role:
        raise_api_error("MissingParameterValueException", "IamRoleArn is required to create a backup index")
    _check(scope, point)
    index = scope.indexes.get(point.arn)
    if index is not None and index.status == "DELETING":
        raise_invalid_request(f"The backup index of recovery point {point.arn} is being deleted")
    if index is not None and index.status in {"PENDING", "ACTIVE"}:
        return index
    return index_build.begin(simulation, scope, point, role_arn or point.role_arn)


def _check(scope: RegionScope, point: Point) -> None:
    if not kind_named(point.resource_type).indexable:
        raise_invalid_request(f"Backup indexes are not supported for {point.resource_type}")
    if point_store.vault_of(scope, point).vault_type != "BACKUP_VAULT":
        raise_invalid_request("Backup indexes are not supported in a logically air-gapped vault")
    if point.storage_class == "COLD":
        raise_invalid_request("Backup indexes are not supported for recovery points in cold storage")
    if point.status not in _READY:
        raise_invalid_request(f"Recovery point {point.arn} is {point.status} and cannot be indexed now")


def _disabled(simulation: Simulation, scope: RegionScope, point: Point) -> Index | None:
    index = scope.indexes.get(point.arn)
    if index is None or index.status is None:
        if not simulation.choices.absent_index_deletes:
            _not_found(point)
        return None
    if index.status != "DELETING":
        index_build.delete(simulation, scope, index)
    return index


def _not_found(point: Point) -> NoReturn:
    raise_api_error("ResourceNotFoundException", f"Recovery point {point.arn} has no backup index")


@operation("GetRecoveryPointIndexDetails", source=_SOURCE)
def _details(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    point = point_store.point_in(scope, params["BackupVaultName"], params["RecoveryPointArn"])
    index = scope.indexes.get(point.arn)
    if index is None and simulation.choices.absent_index_not_found:
        _not_found(point)
    return {
        "RecoveryPointArn": point.arn,
        "BackupVaultArn": point_store.vault_of(scope, point).arn,
        "SourceResourceArn": point.resource_arn,
        **(_index_members(index) if index is not None else {}),
    }


def _index_members(index: Index) -> Document:
    return {
        "IndexCreationDate": index.created,
        "IndexDeletionDate": index.deleted,
        "IndexCompletionDate": index.completed,
        "IndexStatus": index.status,
        "IndexStatusMessage": index.status_message,
        "TotalItemsIndexed": index.items,
    }


@operation("ListIndexedRecoveryPoints", source=_SOURCE)
def _list(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    return listing(
        simulation,
        scope,
        "ListIndexedRecoveryPoints",
        params,
        _matching(scope, params),
        lambda index: (-index.point.created.timestamp(), index.point.arn),
        member="IndexedRecoveryPoints",
        show=lambda index: _view(scope, index),
    )


def _matching(scope: RegionScope, params: Document) -> Iterator[Index]:
    return (
        index
        for index in scope.indexes.values()
        if index.status is not None
        and params.get("IndexStatus", index.status) == index.status
        and params.get("SourceResourceArn", index.point.resource_arn) == index.point.resource_arn
        and params.get("ResourceType", index.point.resource_type) == index.point.resource_type
        and within(params, "CreatedAfter", "CreatedBefore", index.point.created)
    )


def _view(scope: RegionScope, index: Index) -> Document:
    point = index.point
    return {
        "RecoveryPointArn": point.arn,
        "SourceResourceArn": point.resource_arn,
        "IamRoleArn": index.role_arn,
        "BackupCreationDate": point.created,
        "ResourceType": point.resource_type,
        "IndexCreationDate": index.created,
        "IndexStatus": index.status,
        "IndexStatusMessage": index.status_message,
        "BackupVaultArn": point_store.vault_of(scope, point).arn,
    }
