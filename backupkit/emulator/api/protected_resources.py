"""Protected resources: those with recovery points, each with its last backup and restore."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from backupkit.emulator.kernel.job_records import RESTORE_JOBS
from backupkit.emulator.kernel.operations import operation, raise_api_error
from backupkit.emulator.kernel.paging import listing
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, Point, RegionScope, RestoreJob
from backupkit.emulator.rules import nesting, point_store, vault_access

__all__: list[str] = []

_SOURCE = "botocore model; developer guide, protected resources"
_MADE = frozenset({"COMPLETED", "AVAILABLE", "PARTIAL", "STOPPED", "EXPIRED", "DELETING"})


@operation("ListProtectedResources", source=_SOURCE)
def _list(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    return _listed(simulation, scope, "ListProtectedResources", params, scope.points_of.values())


@operation("ListProtectedResourcesByBackupVault", source=_SOURCE)
def _list_by_vault(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    by_resource: dict[str, list[Point]] = {}
    found = vault_access.reached(simulation, scope, params)
    for point in found.vault.points.values():
        by_resource.setdefault(point.resource_arn, []).append(point)
    groups = ({point.arn: point for point in points} for points in by_resource.values())
    return _listed(simulation, found.scope, "ListProtectedResourcesByBackupVault", params, groups)


def _listed(
    simulation: Simulation, scope: RegionScope, operation: str, params: Document, groups: Iterable[dict[str, Point]]
) -> Document:
    last = (point for point in (_last(group.values()) for group in groups) if point is not None)
    return listing(
        simulation,
        scope,
        operation,
        params,
        last,
        lambda point: (point.resource_arn,),
        member="Results",
        show=lambda point: _view(scope, point),
    )


def _last(points: Collection[Point]) -> Point | None:
    made = (point for point in points if point.status in _MADE and not nesting.part(point.family))
    return max(made, key=_backed_up, default=None)


def _backed_up(point: Point) -> float:
    return (point.rolled or point.created).timestamp()


def _view(scope: RegionScope, point: Point) -> Document:
    return {
        "ResourceArn": point.resource_arn,
        "ResourceType": point.resource_type,
        "LastBackupTime": point.rolled or point.created,
        "ResourceName": point.resource_name,
        "LastBackupVaultArn": point_store.vault_of(scope, point).arn,
        "LastRecoveryPointArn": point.arn,
    }


@operation("DescribeProtectedResource", source=_SOURCE)
def _describe(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    arn: str = params["ResourceArn"]
    last = _last(scope.points_of.get(arn, {}).values())
    if last is None:
        raise_api_error("ResourceNotFoundException", f"Resource {arn} is not protected: it has no recovery points.")
    restores = (job for job in RESTORE_JOBS.known(scope, simulation.clock.now()) if job.source_resource_arn == arn)
    latest = max((job for job in restores if job.completed is not None), key=lambda job: job.created, default=None)
    return {**_view(scope, last), **(_restored(latest) if latest is not None else {})}


def _restored(job: RestoreJob) -> Document:
    took = (job.completed - job.created).total_seconds() if job.completed is not None else 0.0
    return {
        "LatestRestoreExecutionTimeMinutes": int(took // 60),
        "LatestRestoreJobCreationDate": job.created,
        "LatestRestoreRecoveryPointCreationDate": job.point_created,
    }
