"""Copy jobs: by a rule's copy actions or on demand, to vaults of any account and Region of the same simulation.

Sources: the botocore model of StartCopyJob, and the developer guide's pages on copies, on the jobs dashboard and on
CloudFormation stack backups ("Copy a recovery point").
"""

from __future__ import annotations

from backupkit.arn import VAULT
from backupkit.emulator.engine import copy_run
from backupkit.emulator.kernel.agenda import ScheduledEvent
from backupkit.emulator.kernel.job_records import COPY_JOBS
from backupkit.emulator.kernel.operations import operation, raise_invalid_request, raise_invalid_value
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import BackupJob, CopyJob, Document, Family, Point, RegionScope
from backupkit.emulator.rules import copy_constraints, nesting, vault_access
from backupkit.emulator.rules.lifecycle import checked_lifecycle

__all__ = ["begin_composite", "follow_composite"]

# ---- Composites: a parent job starts a job for each nested point that can be copied, and joins what arrives ----


_GOOD = frozenset({"COMPLETED", "PARTIAL"})
_LOST = "One or more nested recovery points of {arn} were not copied."


def follow_composite(
    simulation: Simulation, scope: RegionScope, point: Point, action: Document, job: BackupJob
) -> None:
    """Start the copy of a composite that a rule asks for once its backup is done."""
    begin_composite(simulation, scope, scope, point, copy_run.of_rule(simulation, scope, point, action, job))


def begin_composite(
    simulation: Simulation, scope: RegionScope, source: RegionScope, point: Point, job: CopyJob
) -> None:
    """Record a new copy job and let it start; that of a composite, with its children.

    Args:
        simulation: The whole simulation.
        scope: Where the job runs.
        source: Where the point is.
        point: What is copied.
        job: The new job.
    """
    if not nesting.is_parent(point.family):
        copy_run.begin(simulation, scope, point, job)
        return
    job.family = job.family or Family()
    job.family.children = []
    copy_run.record(simulation, scope, point, job, _StartNestedCopies(scope, source, job, point))


class _StartNestedCopies(ScheduledEvent):
    scope: RegionScope
    source: RegionScope
    job: CopyJob
    point: Point

    def happen(self, simulation: Simulation) -> None:
        scope, job, point = self.scope, self.job, self.point
        if not copy_run.opened(simulation, scope, job, point):
            return
        family = job.family or Family()
        nested = nesting.children(self.source, point)
        going = [child for child in nested if copy_run.copyable(child)]
        family.incomplete = point.status == "PARTIAL" or len(going) < len(nested)
        family.children = []
        ended = _NestedCopyEnded(scope, self.source, job, point)
        for child in going:
            copy = copy_run.job_of(
                simulation,
                scope,
                child,
                job.destination_vault_arn,
                job.role_arn,
                job.lifecycle,
                vault_arn=job.source_vault_arn,
            )
            copy.created_by, copy.backup_job_id = job.created_by, job.backup_job_id
            member = child.family.member if child.family is not None else None
            copy.family = Family(parent=job.id, member=member, when_ended=ended)
            family.children.append(copy.id)
            begin_composite(simulation, scope, self.source, child, copy)
        if not going:
            simulation.agenda.schedule(simulation.clock.now(), ended)


class _NestedCopyEnded(ScheduledEvent):
    """A child job has ended, or there is none."""

    scope: RegionScope
    source: RegionScope
    job: CopyJob
    point: Point

    def happen(self, simulation: Simulation) -> None:
        children = nesting.child_jobs(self.scope.copy_jobs, self.job.family)
        if self.job.completed is None and all(child.completed is not None for child in children):
            _close(simulation, self.scope, self.job, self.point, children)


def _close(simulation: Simulation, scope: RegionScope, job: CopyJob, point: Point, children: list[CopyJob]) -> None:
    """End the parent as its children ended, with a composite of what they copied."""
    arns = [child.destination_point_arn for child in children if child.state in _GOOD]
    if children and not arns:
        copy_run.end(simulation, scope, job, point, "FAILED", children[0].status_message, "MISCELLANEOUS")
        return
    # The vault may have changed, or be gone, since the job began.
    if (fault := copy_run.fault(simulation, scope, job, point)) is not None:
        copy_run.end(simulation, scope, job, point, "FAILED", fault, "MISCELLANEOUS")
        return
    whole = all(child.state == "COMPLETED" for child in children) and not (job.family and job.family.incomplete)
    state = "COMPLETED" if whole else "PARTIAL"
    message = None if whole else _LOST.format(arn=point.arn)
    there, copy = copy_run.arrived(simulation, job, point)
    copy.status, copy.status_message = state, message
    copy.family = Family(parent=None, member=job.family.member if job.family is not None else None, children=[])
    nesting.adopt(there, copy, [arn for arn in arns if arn is not None])
    if not whole:
        simulation.bus.point_changed(there, copy)
    copy_run.end(simulation, scope, job, point, state, message, "SUCCESS" if whole else "MISCELLANEOUS")


# ---- Operations ----


_SOURCE = "botocore model; developer guide, copying backups"


@operation("StartCopyJob", source=_SOURCE)
def _start(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    token: str | None = params.get("IdempotencyToken")
    known_job = COPY_JOBS.repeated(scope, token, simulation.clock.now())
    job = known_job if known_job is not None else _on_demand(simulation, scope, params)
    COPY_JOBS.remember(scope, token, job)
    return {"CopyJobId": job.id, "CreationDate": job.created, "IsParent": nesting.is_parent(job.family)}


def _on_demand(simulation: Simulation, scope: RegionScope, params: Document) -> CopyJob:
    found = vault_access.reached(simulation, scope, params, "SourceBackupVaultName")
    point = found.point(params["RecoveryPointArn"])
    destination: str = params["DestinationBackupVaultArn"]
    _check_vault_arn(destination)
    if point.continuous:
        raise_invalid_request("Copying a continuous recovery point on demand is not supported")
    if (message := nesting.obstacle(found.scope, point, "copied")) is not None:
        raise_invalid_request(message)
    if point.storage_class == "COLD":
        raise_invalid_request("A recovery point in cold storage cannot be copied")
    if point.status not in {"COMPLETED", "PARTIAL"}:
        raise_invalid_request(f"Recovery point {point.arn} cannot be copied while it is {point.status}")
    lifecycle = checked_lifecycle(params.get("Lifecycle"))
    if not lifecycle and simulation.choices.copy_without_lifecycle_follows_source:
        lifecycle = copy_constraints.lasting_lifecycle(point.lifecycle)
    role_arn, vault_arn = params["IamRoleArn"], found.named.arn
    job = copy_run.job_of(simulation, scope, point, destination, role_arn, lifecycle, vault_arn=vault_arn)
    job.token = params.get("IdempotencyToken")
    begin_composite(simulation, scope, found.scope, point, job)
    return job


def _check_vault_arn(text: str) -> None:
    if not VAULT.admits(text):
        raise_invalid_value(f"Invalid destination backup vault ARN: {text}")
