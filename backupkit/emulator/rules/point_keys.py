"""Which keys stand against a copy, and whose key encrypts it.

Sources: the developer guide's pages on encryption and on cross-account copies, and on the jobs dashboard.
"""

from __future__ import annotations

from backupkit.emulator.kernel.kinds import kind_named, managed
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import CopyJob, Point, RegionScope, Vault
from backupkit.emulator.rules.copy_constraints import DEFAULT_KEY, is_air_gapped, of_aws
from backupkit.emulator.rules.managed_keys import managed_key_arn

__all__ = ["fault", "of_copy"]

_KEY_OF_AWS = (
    "Copy job failed. This resource is encrypted with an AWS managed key and cannot be copied to another account."
)


def fault(simulation: Simulation, scope: RegionScope, there: RegionScope, vault: Vault, point: Point) -> str | None:
    """Why a key stands against a copy of what its own service keeps; None where none does."""
    if managed(point.arn) or is_air_gapped(vault):
        return None
    across = there.account_id != scope.account_id
    if across and of_aws(point.key_arn):
        # Nobody can share a key that AWS manages.
        return _KEY_OF_AWS
    own = there.region_name != scope.region_name and simulation.choices.default_key_takes_no_copies
    return DEFAULT_KEY if (across or own) and vault.key_arn == managed_key_arn(there) else None


def _default_of(there: RegionScope, point: Point) -> str | None:
    """The ARN of the alias of the key that AWS manages for the service that keeps the point."""
    service = kind_named(point.resource_type).aws_key
    return f"arn:{there.partition}:kms:{there.region_name}:{there.account_id}:alias/aws/{service}" if service else None


def of_copy(there: RegionScope, vault: Vault, job: CopyJob, point: Point, arn: str) -> tuple[str | None, bool]:
    """The key of a copy with this ARN, where one is told, and whether the copy is encrypted."""
    if managed(arn):
        return vault.key_arn, True
    if job.source_vault_arn.split(":")[3:5] == [there.region_name, there.account_id]:
        return point.key_arn, point.encrypted
    if vault.key_arn == managed_key_arn(there):
        # The key of the vault is AWS Backup's own, with which no other service encrypts: it takes its default.
        return _default_of(there, point) if point.encrypted else None, point.encrypted
    return vault.key_arn, True
