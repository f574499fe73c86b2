"""The vaults that AWS makes by itself, where `Choices.default_vaults` asks for an account as it is.

Each place has `Default`, and `aws/efs/automatic-backup-vault` from when a file system is there. Sources: the developer
guide's pages on creating vaults and on restoring EFS; the policy of the automatic vault is as it was recorded.
"""

from __future__ import annotations

import msgspec

from backupkit.emulator.kernel.resource_protocol import WorldError
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, RegionScope, Vault
from backupkit.emulator.rules.copy_constraints import managed_key_arn

__all__ = ["AUTOMATIC", "DEFAULT", "complete", "founded"]

DEFAULT = "Default"
AUTOMATIC = "aws/efs/automatic-backup-vault"
_DENIED = (
    "DeleteBackupVault",
    "DeleteBackupVaultAccessPolicy",
    "DeleteRecoveryPoint",
    "StartCopyJob",
    "StartRestoreJob",
    "UpdateRecoveryPointLifecycle",
)
_STATEMENT = {
    "Effect": "Deny",
    "Principal": {"AWS": "*"},
    "Action": [f"backup:{operation}" for operation in _DENIED],
    "Resource": "*",
}
_POLICY = msgspec.json.encode({"Version": "2012-10-17", "Statement": [_STATEMENT]}).decode()


def founded(simulation: Simulation, scope: RegionScope) -> None:
    """Give a new place its `Default` vault."""
    if simulation.choices.default_vaults:
        _put(simulation, scope, DEFAULT)


def complete(simulation: Simulation, scope: RegionScope, operation: str, params: Document) -> None:
    """Give a place in which a file system is its automatic vault, before the first call that may see it."""
    if AUTOMATIC in scope.vaults or not (operation == "ListBackupVaults" or _named(params)):
        return
    try:
        resources = simulation.world.resources(scope.account_id, scope.region_name)
        used = any(seen.resource_type == "EFS" for seen in resources)
    except WorldError:
        # What cannot be listed now is listed at the next call.
        return
    if used:
        _put(simulation, scope, AUTOMATIC).policy = _POLICY


def _named(params: Document) -> bool:
    return AUTOMATIC in (params.get("BackupVaultName"), params.get("SourceBackupVaultName"))


def _put(simulation: Simulation, scope: RegionScope, name: str) -> Vault:
    scope.vaults[name] = Vault(
        name=name,
        arn=scope.arn(f"backup-vault:{name}"),
        key_arn=managed_key_arn(scope),
        created=simulation.clock.now(),
        creator_request_id=name if name == DEFAULT else None,
    )
    return scope.vaults[name]
