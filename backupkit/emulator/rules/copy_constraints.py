"""Copies between vaults: what stands against them, whose key encrypts them, and points that only pass through.

Sources: the developer guide's pages on logically air-gapped vaults, on primary backups to them, on feature
availability, on encryption, on cross-account copies and on the jobs dashboard, which has the sentences about keys.
"""

from __future__ import annotations

import uuid
from functools import lru_cache

from backupkit.arn import Arn
from backupkit.emulator.kernel.kinds import kind_named, managed
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import CopyJob, Document, Point, RegionScope, Vault
from backupkit.emulator.rules import lifecycle as point_lifecycle
from backupkit.emulator.rules import point_store

__all__ = [
    "DEFAULT_KEY",
    "air_gap_fault",
    "is_air_gapped",
    "is_aws_key",
    "is_temporary",
    "key_fault",
    "key_of_copy",
    "lasting_lifecycle",
    "managed_key_arn",
    "managed_key_of",
    "passing_lifecycle",
    "settle_temporary",
    "supported",
]

_KEYS_SPACE = uuid.UUID("7d3c1c59-6a27-4f0e-9c35-2f6f5d1b8f0a")


def managed_key_arn(scope: RegionScope) -> str:
    """Return the key ``aws/backup`` that AWS manages in a place; always the same one."""
    return managed_key_of(scope.partition, scope.region_name, scope.account_id)


@lru_cache(maxsize=256)
def managed_key_of(partition: str, region_name: str, account_id: str) -> str:
    """Return the same for an account and a Region."""
    key = uuid.uuid5(_KEYS_SPACE, f"{account_id}/{region_name}")
    return f"arn:{partition}:kms:{region_name}:{account_id}:key/{key}"


# ---- Into and out of logically air-gapped vaults ----


_NOT_READY = "Copy job failed because the destination Backup vault {arn} is not available yet."
_NOT_SUPPORTED = "Copy job failed. {kind} is not supported by logically air-gapped backup vault."
_AWS_KEY_INTO_AIR_GAP = (
    "Copy job failed. This resource is encrypted with an AWS managed key "
    "and cannot be copied to a logically air-gapped backup vault."
)
_ON_DEMAND_ONLY = (
    "Copy job failed. A backup plan cannot copy from one logically air-gapped backup vault to another; copy on demand."
)
DEFAULT_KEY = (
    "Copy job failed because the destination Backup vault is encrypted with the default Backup service managed key. "
    "The contents of this vault cannot be copied. "
    "Only the contents of a Backup vault encrypted by an AWS KMS key may be copied."
)
"""AWS's sentence where only a key of the customer's own can take over what is copied."""


def is_air_gapped(vault: Vault | None) -> bool:
    """Whether the vault is logically air-gapped."""
    return vault is not None and vault.vault_type == "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"


def is_aws_key(key_arn: str | None) -> bool:
    """Whether a key is one that AWS manages for a service: its ARN is then given as that of an alias like aws/ebs."""
    return key_arn is not None and ":alias/aws/" in key_arn


def supported(resource_type: str, *, advanced: bool) -> bool:
    """Whether logically air-gapped vaults take the type; DynamoDB only with its advanced features (``advanced``)."""
    return kind_named(resource_type).air_gapped and (resource_type != "DynamoDB" or advanced)


def air_gap_fault(
    simulation: Simulation, scope: RegionScope, there: RegionScope, vault: Vault, job: CopyJob, point: Point
) -> str | None:
    """Why an air-gapped vault, as source or destination, stands against a copy; None where it does not."""
    source = scope.vaults.get(Arn.parse(job.source_vault_arn).name)
    if not is_air_gapped(vault):
        # Only a key of the customer's own can take over what such a vault holds.
        return DEFAULT_KEY if is_air_gapped(source) and vault.key_arn == managed_key_arn(there) else None
    if vault.state != "AVAILABLE":
        return _NOT_READY.format(arn=vault.arn)
    if not supported(point.resource_type, advanced=":dynamodb:" not in point.arn):
        return _NOT_SUPPORTED.format(kind=point.resource_type)
    if not managed(point.arn) and is_aws_key(point.key_arn):
        return _AWS_KEY_INTO_AIR_GAP
    if is_air_gapped(source) and job.backup_job_id is not None and not simulation.choices.plans_copy_between_air_gapped:
        return _ON_DEMAND_ONLY
    return None


# ---- Keys that stand against a copy, and the key that encrypts it ----


_KEY_OF_AWS = (
    "Copy job failed. This resource is encrypted with an AWS managed key and cannot be copied to another account."
)


def key_fault(simulation: Simulation, scope: RegionScope, there: RegionScope, vault: Vault, point: Point) -> str | None:
    """Why a key stands against a copy of what its own service keeps; None where none does."""
    if managed(point.arn) or is_air_gapped(vault):
        return None
    across = there.account_id != scope.account_id
    if across and is_aws_key(point.key_arn):
        # Nobody can share a key that AWS manages.
        return _KEY_OF_AWS
    own = there.region_name != scope.region_name and simulation.choices.default_key_takes_no_copies
    return DEFAULT_KEY if (across or own) and vault.key_arn == managed_key_arn(there) else None


def _default_of(there: RegionScope, point: Point) -> str | None:
    """The ARN of the alias of the key that AWS manages for the service that keeps the point."""
    service = kind_named(point.resource_type).aws_key
    return f"arn:{there.partition}:kms:{there.region_name}:{there.account_id}:alias/aws/{service}" if service else None


def key_of_copy(there: RegionScope, vault: Vault, job: CopyJob, point: Point, arn: str) -> tuple[str | None, bool]:
    """The key of a copy with this ARN, where one is told, and whether the copy is encrypted."""
    if managed(arn):
        return vault.key_arn, True
    if job.source_vault_arn.split(":")[3:5] == [there.region_name, there.account_id]:
        return point.key_arn, point.encrypted
    if vault.key_arn == managed_key_arn(there):
        # The key of the vault is AWS Backup's own, with which no other service encrypts: it takes its default.
        return _default_of(there, point) if point.encrypted else None, point.encrypted
    return vault.key_arn, True


# ---- Temporary points: made only to be copied to a logically air-gapped vault, and deleted after that ----


_EVENT = "DeleteAfterEvent"


def passing_lifecycle(lifecycle: Document) -> Document:
    """The lifecycle of a temporary point."""
    return {**lifecycle, _EVENT: "DELETE_AFTER_COPY"}


def lasting_lifecycle(lifecycle: Document) -> Document:
    """The lifecycle of a copy that is to be kept like its source, temporary or not."""
    return {name: value for name, value in lifecycle.items() if name != _EVENT}


def is_temporary(point: Point) -> bool:
    """Whether the point goes when it has been copied."""
    return _EVENT in point.lifecycle


def settle_temporary(simulation: Simulation, scope: RegionScope, job: CopyJob, point: Point) -> None:
    """Let a temporary point go if the copy that ended leaves nothing to keep it for; others stay.

    It goes when its last copy has ended, once one is in the air-gapped vault that is kept at least as long. One beside
    a continuous point goes whatever became of its copy.
    """
    if not is_temporary(point):
        return
    target = Arn.parse(job.destination_vault_arn)
    there = simulation.scope(target.account, target.region)
    if _safe(there, job, point) or (job.backup_job_id is not None and _beside_continuous(scope, point)):
        point_lifecycle.expire(simulation, scope, point)


def _safe(there: RegionScope, job: CopyJob, point: Point) -> bool:
    """Whether the copy is in an air-gapped vault for as long as the point would be kept."""
    copy = point_store.point_called(there, job.destination_point_arn or "")
    if job.state != "COMPLETED" or copy is None or point_store.vault_of(there, copy).lock is None:
        return False
    gapped = point_store.vault_of(there, copy).vault_type == "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"
    return gapped and _days(job.lifecycle) >= _days(point.lifecycle)


def _days(lifecycle: Document) -> float:
    days = point_lifecycle.retention_days(lifecycle)
    return float("inf") if days is None else days


def _beside_continuous(scope: RegionScope, point: Point) -> bool:
    made_by = scope.backup_jobs.get(point.backup_job_id or "")
    return made_by is not None and made_by.continuous
