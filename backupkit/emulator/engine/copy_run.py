"""How copies run: they start within a minute, check what stands against them, and end in a point or in AWS's sentence.

Sources, also of the sentences: the developer guide's pages on copies, on cross-account copies, on vault access policies
and on the jobs dashboard.
"""

from __future__ import annotations

from datetime import timedelta

import attrs

from backupkit.arn import Arn
from backupkit.catalog.resource_type import OWN_POINTS
from backupkit.emulator.faults import outages
from backupkit.emulator.iam import authorize, identities
from backupkit.emulator.iam.policies import Verdict, verdict
from backupkit.emulator.kernel.agenda import Event
from backupkit.emulator.kernel.job_records import COPY_JOBS
from backupkit.emulator.kernel.kinds import kind_named
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import BackupJob, CopyJob, Document, Family, Identity, Point, RegionScope, Vault
from backupkit.emulator.rules import copy_constraints, nesting, organizations, point_store
from backupkit.emulator.rules import lifecycle as point_lifecycle
from backupkit.emulator.rules.lifecycle import outside_lock
from backupkit.errors import ConfigurationError

__all__ = [
    "arrived",
    "begin",
    "copyable",
    "destination",
    "end",
    "fault",
    "follow",
    "forbidden",
    "job_of",
    "of_rule",
    "opened",
    "record",
]

# ---- Whether a copy may go from one account to another, and out of one vault into the other ----


_DENIED = "Access Denied trying to call AWS Backup service"
_NOT_TOGETHER = "Copy job failed. Both source and destination account must be a member of the same organization."
_NOT_ENABLED = "Copy job failed. Cross-account copy feature is not enabled for the current organization."


def not_across(simulation: Simulation, scope: RegionScope, there: RegionScope) -> str | None:
    """AWS's sentence where nothing may be copied between the accounts of two places; None where it may."""
    if scope.account_id == there.account_id:
        return None
    if not organizations.related(simulation, scope.account_id, there.account_id):
        return _NOT_TOGETHER
    enabled = organizations.settings(simulation, scope.account_id).get("isCrossAccountBackupEnabled") == "true"
    return None if enabled else _NOT_ENABLED


def forbidden(simulation: Simulation, scope: RegionScope, there: RegionScope, vault: Vault, job: CopyJob) -> str | None:
    """AWS's sentence where a vault's policy forbids the copy; None where it may be made.

    Args:
        simulation: The whole simulation.
        scope: Where the job runs; its role is the one that the policies are asked for.
        there: Where the copy goes.
        vault: Into which.
        job: The copy job.
    """
    caller = _role(scope, job)
    into = _verdict(simulation, there, vault, "backup:CopyIntoBackupVault", job, caller)
    if into is Verdict.DENIED or (into is Verdict.IMPLICIT_DENY and there.account_id != scope.account_id):
        return _DENIED
    source = scope.vaults.get(Arn.parse(job.source_vault_arn).name)
    if source is None:
        return None
    out = _verdict(simulation, scope, source, "backup:CopyFromBackupVault", job, caller)
    return _DENIED if out is Verdict.DENIED else None


def _role(scope: RegionScope, job: CopyJob) -> Identity:
    """The job's role; where that is none of the account's, the account itself."""
    try:
        return identities.caller(job.role_arn, scope.account_id)
    except ConfigurationError:
        return identities.root(scope.partition, scope.account_id)


def _verdict(
    simulation: Simulation, scope: RegionScope, vault: Vault, action: str, job: CopyJob, caller: Identity
) -> Verdict:
    if vault.policy is None:
        return Verdict.IMPLICIT_DENY
    point_arn = job.source_point_arn if action.endswith("CopyFromBackupVault") else None
    params = {"DestinationBackupVaultArn": job.destination_vault_arn}
    return verdict(vault.policy, authorize.request_of(simulation, scope, vault, action, params, point_arn, caller))


# ---- Runs ----


_SOON = 60
_BYTES_PER_SECOND = 100_000_000
_OUT_OF_LOCK = (
    "Copy job failed. The retention specified in the job is not within the range specified for the target Backup Vault."
)
_NO_VAULT = "Copy job failed because the destination Backup vault {arn} does not exist."
_NO_COPIES = "Copy job failed. Copying recovery points of {kind} is not supported."


def follow(simulation: Simulation, scope: RegionScope, point: Point, action: Document, job: BackupJob) -> None:
    """Start the copy that a rule asks for once its backup is done."""
    begin(simulation, scope, point, of_rule(simulation, scope, point, action, job))


def of_rule(simulation: Simulation, scope: RegionScope, point: Point, action: Document, job: BackupJob) -> CopyJob:
    """A new copy job as a rule's copy action asks for it."""
    lifecycle = point_lifecycle.kept(action.get("Lifecycle"))
    if not lifecycle and simulation.choices.copy_without_lifecycle_follows_source:
        lifecycle = copy_constraints.lasting_lifecycle(point.lifecycle)
    return job_of(
        simulation, scope, point, action["DestinationBackupVaultArn"], job.role_arn, lifecycle, backup_job=job
    )


def job_of(
    simulation: Simulation,
    scope: RegionScope,
    point: Point,
    destination: str,
    role_arn: str,
    lifecycle: Document,
    *,
    backup_job: BackupJob | None = None,
    vault_arn: str | None = None,
) -> CopyJob:
    """A new copy job for the point; of a rule's, where the backup job is given."""
    return CopyJob(
        id=simulation.new_id(),
        source_vault_arn=vault_arn or point_store.vault_of(scope, point).arn,
        source_point_arn=point.arn,
        destination_vault_arn=destination,
        resource_arn=point.resource_arn,
        resource_type=point.resource_type,
        role_arn=role_arn,
        created=simulation.clock.now(),
        lifecycle=lifecycle,
        size_bytes=point.size_bytes,
        created_by=backup_job.created_by if backup_job is not None else None,
        backup_job_id=backup_job.id if backup_job is not None else None,
        resource_name=point.resource_name,
    )


def begin(simulation: Simulation, scope: RegionScope, point: Point, job: CopyJob) -> None:
    """Record a new copy job and let it start within a minute."""
    record(simulation, scope, point, job, _StartCopy(scope, job, point))


def record(simulation: Simulation, scope: RegionScope, point: Point, job: CopyJob, start: Event) -> None:
    """Record a new copy job, and let ``start`` happen within a minute."""
    COPY_JOBS.forget(scope, simulation.clock.now())
    COPY_JOBS.enter(simulation, scope, job)
    point.copies_running += 1
    starts = simulation.clock.now() + timedelta(seconds=round(simulation.random.random() * _SOON, 3))
    simulation.agenda.schedule(starts, start)
    simulation.bus.copy_job_changed(scope, job)


@attrs.frozen(eq=False)
class _StartCopy:
    scope: RegionScope
    job: CopyJob
    point: Point

    def happen(self, simulation: Simulation) -> None:
        if outages.puts_off(simulation, self, "copy", self.job.resource_type):
            return
        if not opened(simulation, self.scope, self.job, self.point):
            return
        seconds = 60 + simulation.random.random() * 120 + self.job.size_bytes / _BYTES_PER_SECOND
        simulation.agenda.schedule(
            simulation.clock.now() + timedelta(seconds=round(seconds, 3)), _FinishCopy(self.scope, self.job, self.point)
        )


def opened(simulation: Simulation, scope: RegionScope, job: CopyJob, point: Point) -> bool:
    """Let a job run, if nothing stands against the copy; otherwise it fails."""
    job.state = "RUNNING"
    simulation.bus.copy_job_changed(scope, job)
    message = outages.failure(simulation, "copy", job.resource_type) or fault(simulation, scope, job, point)
    if message is not None:
        end(simulation, scope, job, point, "FAILED", message, "MISCELLANEOUS")
    return message is None


@attrs.frozen(eq=False)
class _FinishCopy:
    scope: RegionScope
    job: CopyJob
    point: Point

    def happen(self, simulation: Simulation) -> None:
        message = fault(simulation, self.scope, self.job, self.point)
        if message is not None:
            end(simulation, self.scope, self.job, self.point, "FAILED", message, "MISCELLANEOUS")
            return
        arrived(simulation, self.job, self.point)
        end(simulation, self.scope, self.job, self.point, "COMPLETED", None, "SUCCESS")


def arrived(simulation: Simulation, job: CopyJob, point: Point) -> tuple[RegionScope, Point]:
    """Put the copy into its vault; where, and the copy."""
    there = destination(simulation, job)
    copy = _copied(simulation, there, job, point)
    if job.family is not None:
        copy.family = Family(member=job.family.member)
    point_store.add(simulation, there, copy)
    point_lifecycle.age(simulation, there, copy)
    job.destination_point_arn = copy.arn
    simulation.bus.point_made(there, copy)
    return there, copy


def destination(simulation: Simulation, job: CopyJob) -> RegionScope:
    """The place that the copy goes to."""
    target = Arn.parse(job.destination_vault_arn)
    return simulation.scope(target.account, target.region)


def fault(simulation: Simulation, scope: RegionScope, job: CopyJob, point: Point) -> str | None:
    """AWS's sentence where the copy cannot be made now; None where it can."""
    there = destination(simulation, job)
    vault = there.vaults.get(Arn.parse(job.destination_vault_arn).name)
    if point_lifecycle.denied(simulation, scope, job.role_arn):
        return point_lifecycle.ABSENT_ROLE.format(role=job.role_arn)
    if (message := not_across(simulation, scope, there)) is not None:
        return message
    # A restore access vault holds nothing itself.
    if vault is None or vault.sharing.source_arn is not None:
        return _NO_VAULT.format(arn=job.destination_vault_arn)
    if (message := forbidden(simulation, scope, there, vault, job)) is not None:
        return message
    if outside_lock(vault.lock, point_lifecycle.retention_days(job.lifecycle)):
        return _OUT_OF_LOCK
    far = scope.account_id != there.account_id
    kind, elsewhere = kind_named(point.resource_type), far or scope.region_name != there.region_name
    supported = copyable(point) and (not far or kind.copies_across_accounts)
    supported = supported and (not elsewhere or kind.copies_far(point.resource_arn))
    unsupported = None if supported else _NO_COPIES.format(kind=point.resource_type)
    stands = unsupported or copy_constraints.air_gap_fault(simulation, scope, there, vault, job, point)
    return stands or copy_constraints.key_fault(simulation, scope, there, vault, point)


def copyable(point: Point) -> bool:
    """Whether points of this kind can be copied; DynamoDB needs its advanced features."""
    return kind_named(point.resource_type).copies_point(point.arn)


def end(
    simulation: Simulation,
    scope: RegionScope,
    job: CopyJob,
    point: Point,
    state: str,
    message: str | None,
    category: str,
) -> None:
    """Let a copy job end, now."""
    point.copies_running -= 1
    job.state, job.status_message, job.message_category = state, message, category
    job.completed = simulation.clock.now()
    simulation.bus.copy_job_ended(scope, job, point)


def _shape(vault: Vault, point: Point) -> str:
    """The shape of the copy's ARN: in an air-gapped vault, AWS Backup's own for every type."""
    if copy_constraints.is_air_gapped(vault):
        return OWN_POINTS + "{uuid}"
    if nesting.is_state(point):
        return nesting.STATE_POINT
    return kind_named(point.resource_type).point_shape(point.resource_arn)


def _copied(simulation: Simulation, there: RegionScope, job: CopyJob, point: Point) -> Point:
    vault = there.vaults[Arn.parse(job.destination_vault_arn).name]
    arn = point_store.new_arn(simulation, there, _shape(vault, point), point.resource_arn, f"copyjob-{job.id}")
    key_arn, encrypted = copy_constraints.key_of_copy(there, vault, job, point, arn)
    return Point(
        arn=arn,
        vault_name=vault.name,
        resource_arn=point.resource_arn,
        resource_type=point.resource_type,
        # A copy keeps its source's creation date, and its retention counts from there.
        created=point.rolled or point.created,
        initiated=job.created,
        completed=simulation.clock.now(),
        status="COMPLETED",
        role_arn=job.role_arn,
        lifecycle=dict(job.lifecycle),
        size_bytes=point.size_bytes,
        created_by=job.created_by,
        tags=dict(point.tags),
        key_arn=key_arn,
        encrypted=encrypted,
        source_vault_arn=job.source_vault_arn,
        resource_name=point.resource_name,
        backup_job_id=point.backup_job_id,
        content=point.content,
        restore_metadata=dict(point.restore_metadata),
    )
