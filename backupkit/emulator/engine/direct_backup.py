"""Backups that are meant for a logically air-gapped vault: straight into it, by a temporary point, or not at all.

Source: the developer guide's page on primary backups to logically air-gapped vaults, whose sentences these are.
"""

from __future__ import annotations

import attrs

from backupkit.arn import Arn
from backupkit.emulator.engine import copy_run
from backupkit.emulator.kernel.kinds import format_arn, kind_named, name_in
from backupkit.emulator.kernel.resource_protocol import Captured
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import BackupJob, Point, RegionScope, Vault
from backupkit.emulator.rules import copy_constraints, point_store
from backupkit.emulator.rules import lifecycle as point_lifecycle
from backupkit.emulator.rules.copy_constraints import is_air_gapped, is_aws_key, supported

__all__ = ["aim", "follow", "pass_through"]

_NO_VAULT = "Backup job failed because backup vault {arn} does not exist."
_NOT_READY = "Backup job failed because backup vault {arn} is not available yet."
_ELSEWHERE = "Bucket {name} already has continuous backup enabled for another vault Backup job failed."
_UNSUPPORTED = (
    "Backup job completed successfully to the target backup vault. "
    "This resource type is not supported by logically air-gapped backup vault."
)
_KEY_OF_AWS = (
    "Backup job completed successfully to the target backup vault. "
    "This resource is encrypted with an AWS managed key and cannot be copied to a logically air-gapped backup vault."
)
_NOT_SUPPORTED = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT_NOT_SUPPORTED"


def aim(scope: RegionScope, job: BackupJob) -> str | None:
    """Settle, as a job starts, how its point gets into the air-gapped vault that was asked for.

    Returns:
        Why the job fails; None where it can go on.
    """
    arn = job.air_gapped_arn or ""
    if not supported(job.resource_type, advanced=scope.management.get("DynamoDB", False)):
        job.status_message, job.message_category, job.air_gapped_arn = _UNSUPPORTED, _NOT_SUPPORTED, None
        return None
    vault = scope.vaults.get(Arn.parse(arn).name)
    if vault is None or not is_air_gapped(vault):
        return _NO_VAULT.format(arn=arn)
    if vault.state != "AVAILABLE":
        return _NOT_READY.format(arn=arn)
    if kind_named(job.resource_type).fully_managed or job.resource_type == "DynamoDB":
        return _straight(scope, job, vault)
    return None


def pass_through(job: BackupJob, taken: Captured) -> None:
    """Settle what becomes of the point of a job that goes into the air-gapped vault by a copy."""
    if is_aws_key(taken.key_arn):
        job.status_message, job.message_category, job.air_gapped_arn = _KEY_OF_AWS, _NOT_SUPPORTED, None
    elif not job.continuous:
        # Temporary points are neither indexed nor scanned.
        job.lifecycle, job.follow_up = copy_constraints.passing_lifecycle(job.lifecycle), None


def _straight(scope: RegionScope, job: BackupJob, vault: Vault) -> str | None:
    """Let the job back up into the air-gapped vault itself; there is no index of points in it."""
    continuous = scope.continuous.get(job.resource_arn) if job.continuous else None
    if continuous is not None and continuous.vault_name != vault.name:
        return _ELSEWHERE.format(name=name_in(job.resource_arn))
    job.vault_name, job.vault_arn, job.air_gapped_arn = vault.name, vault.arn, None
    if job.follow_up is not None:
        job.follow_up = attrs.evolve(job.follow_up, indexed=frozenset())
    return None


def follow(simulation: Simulation, scope: RegionScope, point: Point, job: BackupJob) -> None:
    """Start the copy to the air-gapped vault once the backup that it is made of is done."""
    source = _snapshot(simulation, scope, point, job) if point.continuous else point
    lifecycle = copy_constraints.lasting_lifecycle(source.lifecycle)
    copy = copy_run.job_of(simulation, scope, source, job.air_gapped_arn or "", job.role_arn, lifecycle, backup_job=job)
    copy_run.begin(simulation, scope, source, copy)


def _snapshot(simulation: Simulation, scope: RegionScope, point: Point, job: BackupJob) -> Point:
    """A temporary snapshot of what a continuous point holds now."""
    now = simulation.clock.now()
    arn = format_arn(
        kind_named(point.resource_type).points,
        scope=scope.address,
        source=point.resource_arn,
        job=f"job-{job.id}",
        now=now,
        bits=simulation.random.getrandbits(128),
    )
    snapshot = Point(
        arn=arn,
        vault_name=point.vault_name,
        resource_arn=point.resource_arn,
        resource_type=point.resource_type,
        created=now,
        initiated=job.initiated,
        completed=now,
        status="COMPLETED",
        role_arn=job.role_arn,
        lifecycle=copy_constraints.passing_lifecycle(point.lifecycle),
        size_bytes=point.size_bytes,
        created_by=job.created_by,
        tags=point.tags,
        key_arn=point.key_arn,
        encrypted=point.encrypted,
        resource_name=point.resource_name,
        backup_job_id=job.id,
        content=point.content,
        restore_metadata=point.restore_metadata,
    )
    point_store.add(simulation, scope, snapshot)
    point_lifecycle.age(simulation, scope, snapshot)
    simulation.bus.point_made(scope, snapshot)
    return snapshot
