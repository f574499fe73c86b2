"""Vaults: made, described, listed, deleted; air-gapped ones, which are born locked; and those that AWS makes by itself.

Sources: the botocore model, the developer guide's pages on vaults and on restoring EFS, and refusals that others
recorded; the policy of the automatic vault is as it was recorded.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import attrs
import msgspec

from backupkit.arn import KEY
from backupkit.emulator.kernel.operations import operation, raise_api_error, raise_invalid_request, raise_invalid_value
from backupkit.emulator.kernel.paging import listing
from backupkit.emulator.kernel.resource_protocol import WorldError
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, Lock, RegionScope, Vault
from backupkit.emulator.rules import holds, tags, vault_access
from backupkit.emulator.rules.copy_constraints import managed_key_arn, managed_key_of
from backupkit.emulator.rules.point_store import vault_called

__all__ = ["AUTOMATIC", "DEFAULT", "MOST_VAULTS", "add_automatic_vault", "add_default_vault"]

# ---- Vaults that AWS makes by itself, where `Choices.default_vaults` asks for an account as it is ----
# Each place has `Default`, and `aws/efs/automatic-backup-vault` from when a file system is there. Sources: the
# developer guide's pages on creating vaults and on restoring EFS; the policy of the automatic vault is as it was
# recorded.


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


def add_default_vault(simulation: Simulation, scope: RegionScope) -> None:
    """Give a new place its `Default` vault."""
    if simulation.choices.default_vaults:
        _put(simulation, scope, DEFAULT)


def add_automatic_vault(simulation: Simulation, scope: RegionScope, operation: str, params: Document) -> None:
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


# ---- Operations ----


_SOURCE = "botocore model; developer guide, creating and deleting vaults; recorded answers"
MOST_VAULTS = 300
"""Vaults of an account in a Region (quota of the developer guide)."""

_STANDARD = "BACKUP_VAULT"
_AIR_GAPPED = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"
_AIR_GAPPED_LEAST_DAYS = 7
_MOST_DAYS = 36_500


@operation("CreateBackupVault", source=_SOURCE)
def create(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    """Make a standard vault, or answer the one that this very request made before."""
    vault = _repeated(scope, params, _STANDARD)
    if vault is None:
        vault = _made(simulation, scope, params, key_arn=params.get("EncryptionKeyArn", managed_key_arn(scope)))
    return {"BackupVaultName": vault.name, "BackupVaultArn": vault.arn, "CreationDate": vault.created}


@operation("CreateLogicallyAirGappedBackupVault", source=_SOURCE)
def create_air_gapped(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    """Make a vault that is locked in compliance mode from its first moment."""
    vault = _repeated(scope, params, _AIR_GAPPED)
    if vault is None:
        least, most = params["MinRetentionDays"], params["MaxRetentionDays"]
        if least < _AIR_GAPPED_LEAST_DAYS:
            raise_invalid_value(f"MinRetentionDays cannot be less than {_AIR_GAPPED_LEAST_DAYS}")
        if not least <= most <= _MOST_DAYS:
            raise_invalid_value(
                f"MaxRetentionDays cannot be less than MinRetentionDays or more than {_MOST_DAYS}",
            )
        vault = _made(simulation, scope, params, key_arn=params.get("EncryptionKeyArn", ""))
        vault.vault_type, vault.state = _AIR_GAPPED, "CREATING"
        vault.lock = Lock(least, most, vault.created)
        ready = vault.created + timedelta(seconds=simulation.choices.air_gapped_creation_seconds)
        simulation.agenda.schedule(ready, _VaultReady(vault))
    return {
        "BackupVaultName": vault.name,
        "BackupVaultArn": vault.arn,
        "CreationDate": vault.created,
        "VaultState": vault.state,
    }


@attrs.frozen(eq=False)
class _VaultReady:
    vault: Vault

    def happen(self, simulation: Simulation) -> None:  # noqa: ARG002 - the shape of an event
        self.vault.state = "AVAILABLE"


def _repeated(scope: RegionScope, params: Document, vault_type: str) -> Vault | None:
    """The vault that the same request made before; None where the name is free."""
    there = scope.vaults.get(params["BackupVaultName"])
    if there is None:
        return None
    token = params.get("CreatorRequestId")
    if token is None or token != there.creator_request_id or there.vault_type != vault_type:
        raise_api_error("AlreadyExistsException", "Backup vault with the same name already exists")
    return there


def _made(simulation: Simulation, scope: RegionScope, params: Document, *, key_arn: str) -> Vault:
    if "/" in params["BackupVaultName"]:
        raise_invalid_value(f"Backup vault name {params['BackupVaultName']} is not valid")
    if "EncryptionKeyArn" in params and not KEY.admits(key_arn):
        raise_invalid_value(f"Invalid EncryptionKeyArn {key_arn}: it must be the ARN of a KMS key")
    given = params.get("BackupVaultTags", {})
    tags.check(given)
    if len(scope.vaults) >= MOST_VAULTS:
        raise_api_error("LimitExceededException", f"The account has reached its limit of {MOST_VAULTS} backup vaults")
    name = params["BackupVaultName"]
    vault = Vault(
        name=name,
        arn=scope.arn(f"backup-vault:{name}"),
        key_arn=key_arn,
        created=simulation.clock.now(),
        creator_request_id=params.get("CreatorRequestId"),
        tags=given,
    )
    scope.vaults[name] = vault
    simulation.bus.vault_changed(scope, vault, "CREATED")
    return vault


@operation("DescribeBackupVault", source=_SOURCE)
def describe(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    """Everything about one vault, which may be one that another account shares."""
    vault = vault_access.reached(simulation, scope, params).named
    sharing = vault.sharing
    return {
        **_view(simulation, vault),
        "SourceBackupVaultArn": sharing.source_arn,
        "MpaApprovalTeamArn": sharing.team_arn if sharing.session is None else sharing.session.team_arn,
        "MpaSessionArn": sharing.session.arn if sharing.session is not None else None,
        "LatestMpaApprovalTeamUpdate": vault_access.session_view(sharing.team_update),
    }


@operation("ListBackupVaults", source=_SOURCE, missing="AWS RAM's invitations: a share counts as accepted")
def list_vaults(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    """The vaults, by name: the account's own, or those that others share with it."""
    wanted = params.get("ByVaultType")
    vaults = _shared(simulation, scope) if params.get("ByShared") else scope.vaults.values()
    return listing(
        simulation,
        scope,
        "ListBackupVaults",
        params,
        [vault for vault in vaults if wanted in {None, vault.vault_type}],
        lambda vault: (vault.name, vault.arn),
        member="BackupVaultList",
        show=lambda vault: _view(simulation, vault),
    )


def _shared(simulation: Simulation, scope: RegionScope) -> Iterator[Vault]:
    yield from (found.vault for found in vault_access.shared(simulation, scope))
    if simulation.choices.by_shared_lists_own_shares:
        yield from (vault for vault in scope.vaults.values() if vault.sharing.accounts)


def _view(simulation: Simulation, vault: Vault) -> Document:
    lock = vault.lock or Lock()
    return {
        "BackupVaultName": vault.name,
        "BackupVaultArn": vault.arn,
        "VaultType": vault.vault_type,
        "VaultState": vault.state,
        "EncryptionKeyArn": vault.key_arn or None,
        "EncryptionKeyType": _key_type(vault),
        "CreationDate": vault.created,
        "CreatorRequestId": vault.creator_request_id,
        "NumberOfRecoveryPoints": len(vault_access.points_of(simulation, vault)),
        "Locked": vault.lock is not None,
        "MinRetentionDays": lock.min_retention_days,
        "MaxRetentionDays": lock.max_retention_days,
        "LockDate": lock.locks_at,
    }


def _key_type(vault: Vault) -> str | None:
    if not vault.key_arn:
        return "AWS_OWNED_KMS_KEY"
    # The model has no word for a key that AWS manages in the account.
    _, partition, _, region_name, account_id, _ = vault.arn.split(":", 5)
    managed = managed_key_of(partition, region_name, account_id)
    return None if vault.key_arn == managed else "CUSTOMER_MANAGED_KMS_KEY"


@operation("DeleteBackupVault", source=_SOURCE)
def delete(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    """Delete a vault that holds nothing, locked or not."""
    vault = vault_called(scope, params["BackupVaultName"])
    if vault.name == "Default" and simulation.choices.default_vaults:
        raise_invalid_request("The default backup vault cannot be deleted")
    if vault.points:
        raise_invalid_request("Backup vault cannot be deleted because it contains recovery points.")
    del scope.vaults[vault.name]
    if vault.sharing.source_arn is not None:
        holds.cut_off_access_points(simulation)
    simulation.bus.vault_changed(scope, vault, "DELETED")
    return {}
