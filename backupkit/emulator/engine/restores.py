"""Restore jobs: taken with little checking, as AWS does; what is wrong shows in the job. The content comes back.

Sources: the botocore model of StartRestoreJob, and the developer guide's pages on restoring, also EKS clusters and
application stacks, and on CloudFormation stack backups.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from backupkit.catalog import type_named
from backupkit.emulator.engine import restore_run
from backupkit.emulator.engine.restore_run import refuse_at_once
from backupkit.emulator.kernel.agenda import ScheduledEvent
from backupkit.emulator.kernel.job_records import RESTORE_JOBS
from backupkit.emulator.kernel.operations import operation, raise_api_error, raise_invalid_request, raise_invalid_value
from backupkit.emulator.kernel.resource_protocol import Metadata, WorldError, decoded
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, Family, Point, RegionScope, RestoreJob
from backupkit.emulator.rules import nesting, point_store, vault_access

__all__ = ["begin_composite"]

# ---- Composites: a cluster by a parent job with children; a stack only by what is nested in it ----


_NOT_A_STACK = (
    "A composite recovery point of a CloudFormation stack cannot be restored. Restore its nested recovery points."
)
_NOT_NESTED = "Invalid restore metadata. nestedRestoreJobs names {arn}, which is not nested in the recovery point"
_NESTED, _MAP = "nestedRestoreJobs", "a JSON map of recovery points to their metadata"
_NO_MAP = f"Invalid restore metadata. {_NESTED} is not {_MAP}"


def check_composite(point: Point) -> None:
    """Refuse the composite of a stack.

    Raises:
        ApiError: It is one.
    """
    if point.resource_type == "CloudFormation" and nesting.is_parent(point.family):
        raise_invalid_request(_NOT_A_STACK)


def begin_composite(
    simulation: Simulation, scope: RegionScope, source: RegionScope, job: RestoreJob, point: Point
) -> None:
    """Record a new restore job and let it start; that of a cluster, with its children.

    Args:
        simulation: The whole simulation.
        scope: Where the job runs.
        source: Where the point is.
        job: The new job.
        point: What is restored.
    """
    if not nesting.is_parent(point.family):
        restore_run.begin(simulation, scope, job, point)
        return
    job.family = Family(children=[])
    restore_run.record(simulation, scope, job, _StartNestedRestores(scope, source, job, point))


class _StartNestedRestores(ScheduledEvent):
    scope: RegionScope
    source: RegionScope
    job: RestoreJob
    point: Point

    def happen(self, simulation: Simulation) -> None:
        job = self.job
        if not restore_run.opened(simulation, self, self.scope, job):
            return
        parts: list[tuple[Point, Document]] = []
        message = restore_run.fault(simulation, self.scope, job)
        if message is None:
            try:
                parts = list(_parts(simulation, self.source, job, self.point))
            except WorldError as error:
                message = str(error)
        if message is not None:
            restore_run.end(simulation, self.scope, job, "FAILED", message)
        else:
            self._divide(simulation, parts)

    def _divide(self, simulation: Simulation, parts: list[tuple[Point, Document]]) -> None:
        """Start a job for each part that is to be restored."""
        job, family = self.job, self.job.family or Family()
        family.children = []
        for child, metadata in parts:
            params = {"IamRoleArn": job.role_arn, "Metadata": metadata}
            restore = restore_run.job_of(simulation, point_store.vault_of(self.source, child), child, params)
            restore.family = Family(parent=job.id, when_ended=_NestedRestoreEnded(self.scope, job, self.point))
            family.children.append(restore.id)
            begin_composite(simulation, self.scope, self.source, restore, child)


def _parts(
    simulation: Simulation, source: RegionScope, job: RestoreJob, point: Point
) -> Iterator[tuple[Point, Document]]:
    """What to restore, each with its metadata: the state of the cluster, and the volumes that the caller names."""
    given = Metadata(job.metadata)
    given.need("clusterName")
    manifests_only = given.flag("restoreKubernetesManifestsOnly")
    named = {} if manifests_only else _nested(given)
    volumes: dict[str, Point] = {}
    for child in nesting.children(source, point):
        if nesting.is_state(child):
            yield child, dict(job.metadata)
        else:
            volumes[child.arn] = child
    if (strange := next((arn for arn in named if arn not in volumes), None)) is not None:
        raise WorldError(_NOT_NESTED.format(arn=strange))
    for arn, child in volumes.items():
        if arn in named or (simulation.choices.eks_restores_unnamed_volumes and not manifests_only):
            yield child, named.get(arn, {})


def _nested(given: Metadata) -> dict[str, Document]:
    """The metadata of each nested point, which is JSON within JSON."""
    found = decoded(given.get(_NESTED) or "{}", _NESTED, _MAP)
    return {str(arn): _texts(inner) for arn, inner in _mapping(found).items()}


def _texts(inner: object) -> Document:
    document = _mapping(decoded(inner, _NESTED, _MAP) if isinstance(inner, str) else inner)
    if not all(isinstance(value, str) for value in document.values()):
        raise WorldError(_NO_MAP)
    return {str(key): value for key, value in document.items()}


def _mapping(value: object) -> Mapping[object, object]:
    if not isinstance(value, dict):
        raise WorldError(_NO_MAP)
    return value


class _NestedRestoreEnded(ScheduledEvent):
    """A child job has ended."""

    scope: RegionScope
    job: RestoreJob
    point: Point

    def happen(self, simulation: Simulation) -> None:
        children = nesting.child_jobs(self.scope.restore_jobs, self.job.family)
        if self.job.completed is not None or any(child.completed is None for child in children):
            return
        state = next((child for child in children if child.resource_type == "EKS"), None)
        self.job.created_resource_arn = state.created_resource_arn if state is not None else None
        needed = children if simulation.choices.eks_restore_needs_every_part or state is None else [state]
        failed = next((child for child in needed if child.status != "COMPLETED"), None)
        if failed is not None:
            restore_run.end(simulation, self.scope, self.job, "FAILED", failed.status_message)
            return
        self.job.percent_done, self.point.last_restore = 100.0, simulation.clock.now()
        restore_run.end(simulation, self.scope, self.job, "COMPLETED", None)


# ---- Operations ----


_SOURCE = "botocore model; developer guide, restoring"


@operation("StartRestoreJob", source=_SOURCE)
def _start(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    token: str | None = params.get("IdempotencyToken")
    known_job = RESTORE_JOBS.repeated(scope, token, simulation.clock.now())
    if known_job is not None:
        return {"RestoreJobId": known_job.id}
    found = _found(simulation, scope, params)
    point = found.point(params["RecoveryPointArn"])
    check_composite(point)
    job = restore_run.job_of(simulation, found.named, point, params)
    refuse_at_once(simulation, job, point)
    RESTORE_JOBS.remember(scope, token, job)
    begin_composite(simulation, scope, found.scope, job, point)
    return {"RestoreJobId": job.id}


def _found(simulation: Simulation, scope: RegionScope, params: Document) -> vault_access.Reached:
    """The vault that the point is seen in, which another account may share."""
    arn: str = params["RecoveryPointArn"]
    found = vault_access.vault_with(simulation, scope, arn)
    if found is None:
        raise_api_error("ResourceNotFoundException", f"Recovery point {arn} cannot be found.")
    point = found.point(arn)
    if point.status not in restore_run.RESTORABLE:
        raise_invalid_request(f"Recovery point {arn} is {point.status} and cannot be restored")
    if not _same_type(params.get("ResourceType", point.resource_type), point.resource_type):
        raise_invalid_value(f"Recovery point {arn} is not of the type {params['ResourceType']}")
    return found


def _same_type(requested: str, held: str) -> bool:
    """Whether a point of one type can be restored as another; the guide spells types with and without spaces."""
    kind, wanted = type_named(held), type_named(requested)
    if kind is None or wanted is None:
        return requested.replace(" ", "") == held.replace(" ", "")
    return kind is wanted or wanted.name in kind.restored_as
