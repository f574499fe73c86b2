"""Backups of stacks and clusters: a parent job starts a job for each part, and ends when they have all ended.

Sources: the developer guide's pages on CloudFormation stack backups and on EKS backups, and the botocore model of
BackupJob.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from backupkit.emulator.engine import backup_run, composite_copies
from backupkit.emulator.kernel.agenda import ScheduledEvent
from backupkit.emulator.kernel.job_records import BACKUP_JOBS
from backupkit.emulator.kernel.kinds import kind_named
from backupkit.emulator.kernel.resource_protocol import Captured, ResourceInfo
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import BackupJob, Family, Point, RegionScope, Vault
from backupkit.emulator.rules import lifecycle, nesting, point_store
from backupkit.emulator.rules.nesting import members_of

__all__ = ["abort", "await_start"]

_SOON = timedelta(minutes=1)
_START = timedelta(hours=1)
_GOOD = frozenset({"COMPLETED", "PARTIAL"})
_LOST = "One or more resources of {arn} were not backed up."
_STOPPED = "Backup job was stopped by user."


def await_start(simulation: Simulation, scope: RegionScope, job: BackupJob, within: timedelta) -> None:
    """Let a new job for a stack or cluster start at a random moment ``within`` from now, and in its start window."""
    job.family = job.family or Family()
    job.family.children = []
    latest = min(within, job.start_by - job.created).total_seconds()
    starts = job.created + timedelta(seconds=round(simulation.random.random() * latest, 3))
    simulation.agenda.schedule(starts, _StartParts(scope, job))


def abort(simulation: Simulation, scope: RegionScope, job: BackupJob) -> None:
    """Stop a parent job: every child that can be stopped is, and then the parent ends."""
    going = [child for child in _children(scope, job) if child.completed is None]
    if not going:
        backup_run.abort(simulation, scope, job)
        return
    job.state = "ABORTING"
    for child in going:
        if child.state == "ABORTING" or not kind_named(child.resource_type).stoppable:
            continue
        if child.family is not None and child.family.children:
            abort(simulation, scope, child)
        else:
            backup_run.abort(simulation, scope, child)


def _children(scope: RegionScope, job: BackupJob) -> list[BackupJob]:
    ids = (job.family.children if job.family is not None else None) or ()
    return [scope.backup_jobs[each] for each in ids if each in scope.backup_jobs]


class _StartParts(ScheduledEvent):
    scope: RegionScope
    job: BackupJob

    def happen(self, simulation: Simulation) -> None:
        air_gapped_arn = self.job.air_gapped_arn if simulation.choices.composite_members_air_gapped else None
        found = backup_run.opened(simulation, self.scope, self.job, self)
        if found is not None:
            _divide(simulation, self.scope, self.job, *found, air_gapped_arn)


def _divide(
    simulation: Simulation,
    scope: RegionScope,
    job: BackupJob,
    vault: Vault,
    taken: Captured,
    air_gapped_arn: str | None,
) -> None:
    """Start a job for each part of the composite."""
    now = simulation.clock.now()
    job.state, job.initiated, job.started, job.key_arn = "RUNNING", now, now, vault.key_arn
    scope.running[job.resource_arn] = job.id
    point = _composite(simulation, scope, job, vault)
    job.point_arn = point.arn
    family = job.family or Family()
    found = members_of(simulation, scope, job)
    family.incomplete = found.incomplete
    family.children = []
    for child in _parts(simulation, scope, job, found.taken, taken.tags):
        child.air_gapped_arn = air_gapped_arn if nesting.is_member(child.family) else None
        family.children.append(child.id)
        BACKUP_JOBS.enter(simulation, scope, child)
        begins = await_start if _is_composite(child) else backup_run.await_start
        begins(simulation, scope, child, _SOON)
        simulation.bus.backup_job_changed(scope, child)
    simulation.bus.backup_job_changed(scope, job)


def _is_composite(job: BackupJob) -> bool:
    return kind_named(job.resource_type).composite and not nesting.part(job.family)


def _composite(simulation: Simulation, scope: RegionScope, job: BackupJob, vault: Vault) -> Point:
    """The composite itself, which holds no content; its resource's tags are not copied to it."""
    point = Point(
        arn=point_store.new_arn(
            simulation, scope, kind_named(job.resource_type).points, job.resource_arn, f"job-{job.id}"
        ),
        vault_name=vault.name,
        resource_arn=job.resource_arn,
        resource_type=job.resource_type,
        created=job.created,
        initiated=job.initiated,
        role_arn=job.role_arn,
        lifecycle=job.lifecycle,
        created_by=job.created_by,
        key_arn=vault.key_arn,
        resource_name=job.resource_name,
        backup_job_id=job.id,
        tags=dict(job.point_tags),
        family=Family(children=[]),
    )
    nesting.attach(scope, point, job)
    point_store.add(simulation, scope, point)
    simulation.bus.point_made(scope, point)
    return point


def _parts(
    simulation: Simulation,
    scope: RegionScope,
    job: BackupJob,
    members: Mapping[str, ResourceInfo],
    tags: Mapping[str, str],
) -> Iterator[BackupJob]:
    """A job for what is of the resource itself, and one for each member; a stack's tags go to all of them."""
    passed = tags if job.resource_type == "CloudFormation" else {}
    own = ResourceInfo(job.resource_arn, job.resource_type, name=job.resource_name)
    yield _child(simulation, scope, job, None, own, passed)
    for name, seen in members.items():
        yield _child(simulation, scope, job, name, seen, passed)


def _child(
    simulation: Simulation,
    scope: RegionScope,
    job: BackupJob,
    member: str | None,
    seen: ResourceInfo,
    tags: Mapping[str, str],
) -> BackupJob:
    now = simulation.clock.now()
    passed = {key: value for key, value in tags.items() if not key.startswith("aws:")}
    return BackupJob(
        id=simulation.new_id(),
        vault_name=job.vault_name,
        vault_arn=job.vault_arn,
        resource_arn=seen.arn,
        resource_type=seen.resource_type,
        role_arn=job.role_arn,
        created=now,
        start_by=max(job.start_by, now + _START),
        complete_by=job.complete_by,
        lifecycle=job.lifecycle,
        created_by=job.created_by,
        point_tags={**passed, **job.point_tags},
        backup_options=job.backup_options,
        resource_name=seen.name,
        follow_up=job.follow_up if simulation.choices.nested_points_followed else None,
        family=Family(parent=job.id, member=member, when_ended=_PartEnded(scope, job)),
    )


class _PartEnded(ScheduledEvent):
    """A child job has ended."""

    scope: RegionScope
    job: BackupJob

    def happen(self, simulation: Simulation) -> None:
        if self.job.completed is not None:
            return
        children = _children(self.scope, self.job)
        if all(child.completed is not None for child in children):
            _close(simulation, self.scope, self.job, children)
        else:
            self.scope.running.setdefault(self.job.resource_arn, self.job.id)


def _close(simulation: Simulation, scope: RegionScope, job: BackupJob, children: list[BackupJob]) -> None:
    """End the parent as its children ended."""
    point = point_store.point_called(scope, job.point_arn or "")
    good = [child for child in children if child.state in _GOOD]
    if point is None or not good:
        _fail(simulation, scope, job, children)
        return
    whole = all(child.state == "COMPLETED" for child in children) and not (job.family and job.family.incomplete)
    state = "COMPLETED" if whole else "PARTIAL"
    job.size_bytes = point.size_bytes = sum(child.size_bytes for child in good)
    job.percent_done, job.bytes_transferred = 100.0, job.size_bytes
    point.status, point.completed = state, simulation.clock.now()
    message = job.status_message if whole else _LOST.format(arn=job.resource_arn)
    point.status_message = None if whole else message
    nesting.adopt(scope, point, [child.point_arn for child in good if child.point_arn is not None])
    lifecycle.age(simulation, scope, point)
    backup_run.end(
        simulation, scope, job, state, message, job.message_category or "SUCCESS" if whole else "MISCELLANEOUS"
    )
    simulation.bus.point_changed(scope, point)
    for action in job.copy_actions:
        composite_copies.follow(simulation, scope, point, action, job)


def _fail(simulation: Simulation, scope: RegionScope, job: BackupJob, children: list[BackupJob]) -> None:
    point = point_store.point_called(scope, job.point_arn or "")
    if point is not None:
        point_store.remove(scope, point)
    job.point_arn = None
    if job.state == "ABORTING":
        backup_run.end(simulation, scope, job, "ABORTED", _STOPPED, "MISCELLANEOUS")
        return
    told = next((child for child in children if child.status_message is not None), None)
    message = told.status_message if told is not None else _LOST.format(arn=job.resource_arn)
    category = (told.message_category if told is not None else None) or "MISCELLANEOUS"
    backup_run.end(simulation, scope, job, "FAILED", message, category)
