"""Vaults: made, described, listed, deleted; and the logically air-gapped ones, which are born locked.

Sources: the botocore model, the developer guide's pages on vaults, and refusals that others recorded.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import attrs

from backupkit.arn import KEY
from backupkit.emulator.kernel.operations import answers, refuse
from backupkit.emulator.kernel.paging import listing
from backupkit.emulator.kernel.simulation import Cloud
from backupkit.emulator.model import Document, Lock, Place, Vault
from backupkit.emulator.rules import access_points, approvals, tags, vault_access
from backupkit.emulator.rules.managed_keys import managed_key_arn, managed_key_of
from backupkit.emulator.rules.point_store import vault_called

__all__ = ["MOST_VAULTS"]

_SOURCE = "botocore model; developer guide, creating and deleting vaults; recorded answers"
MOST_VAULTS = 300
"""Vaults of an account in a Region (quota of the developer guide)."""

_STANDARD = "BACKUP_VAULT"
_AIR_GAPPED = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"
_AIR_GAPPED_LEAST_DAYS = 7
_MOST_DAYS = 36_500


@answers("CreateBackupVault", source=_SOURCE)
def create(cloud: Cloud, place: Place, params: Document) -> Document:
    """Make a standard vault, or answer the one that this very request made before."""
    vault = _repeated(place, params, _STANDARD)
    if vault is None:
        vault = _made(cloud, place, params, key_arn=params.get("EncryptionKeyArn", managed_key_arn(place)))
    return {"BackupVaultName": vault.name, "BackupVaultArn": vault.arn, "CreationDate": vault.created}


@answers("CreateLogicallyAirGappedBackupVault", source=_SOURCE)
def create_air_gapped(cloud: Cloud, place: Place, params: Document) -> Document:
    """Make a vault that is locked in compliance mode from its first moment."""
    vault = _repeated(place, params, _AIR_GAPPED)
    if vault is None:
        least, most = params["MinRetentionDays"], params["MaxRetentionDays"]
        if least < _AIR_GAPPED_LEAST_DAYS:
            refuse("InvalidParameterValueException", f"MinRetentionDays cannot be less than {_AIR_GAPPED_LEAST_DAYS}")
        if not least <= most <= _MOST_DAYS:
            refuse(
                "InvalidParameterValueException",
                f"MaxRetentionDays cannot be less than MinRetentionDays or more than {_MOST_DAYS}",
            )
        vault = _made(cloud, place, params, key_arn=params.get("EncryptionKeyArn", ""))
        vault.vault_type, vault.state = _AIR_GAPPED, "CREATING"
        vault.lock = Lock(least, most, vault.created)
        ready = vault.created + timedelta(seconds=cloud.choices.air_gapped_creation_seconds)
        cloud.agenda.note(ready, _Ready(vault))
    return {
        "BackupVaultName": vault.name,
        "BackupVaultArn": vault.arn,
        "CreationDate": vault.created,
        "VaultState": vault.state,
    }


@attrs.frozen(eq=False)
class _Ready:
    vault: Vault

    def happen(self, cloud: Cloud) -> None:  # noqa: ARG002 - the shape of an event
        self.vault.state = "AVAILABLE"


def _repeated(place: Place, params: Document, vault_type: str) -> Vault | None:
    """The vault that the same request made before; None where the name is free."""
    there = place.vaults.get(params["BackupVaultName"])
    if there is None:
        return None
    token = params.get("CreatorRequestId")
    if token is None or token != there.creator_request_id or there.vault_type != vault_type:
        refuse("AlreadyExistsException", "Backup vault with the same name already exists")
    return there


def _made(cloud: Cloud, place: Place, params: Document, *, key_arn: str) -> Vault:
    if "/" in params["BackupVaultName"]:
        refuse("InvalidParameterValueException", f"Backup vault name {params['BackupVaultName']} is not valid")
    if "EncryptionKeyArn" in params and not KEY.admits(key_arn):
        refuse("InvalidParameterValueException", f"Invalid EncryptionKeyArn {key_arn}: it must be the ARN of a KMS key")
    given = params.get("BackupVaultTags", {})
    tags.check(given)
    if len(place.vaults) >= MOST_VAULTS:
        refuse("LimitExceededException", f"The account has reached its limit of {MOST_VAULTS} backup vaults")
    name = params["BackupVaultName"]
    vault = Vault(
        name=name,
        arn=place.arn(f"backup-vault:{name}"),
        key_arn=key_arn,
        created=cloud.clock.now(),
        creator_request_id=params.get("CreatorRequestId"),
        tags=given,
    )
    place.vaults[name] = vault
    if cloud.news is not None:
        cloud.news.vault(place, vault, "CREATED")
    return vault


@answers("DescribeBackupVault", source=_SOURCE)
def describe(cloud: Cloud, place: Place, params: Document) -> Document:
    """Everything about one vault, which may be one that another account shares."""
    vault = vault_access.reached(cloud, place, params).named
    sharing = vault.sharing
    return {
        **_shown(cloud, vault),
        "SourceBackupVaultArn": sharing.source_arn,
        "MpaApprovalTeamArn": sharing.team_arn if sharing.session is None else sharing.session.team_arn,
        "MpaSessionArn": sharing.session.arn if sharing.session is not None else None,
        "LatestMpaApprovalTeamUpdate": approvals.shown(sharing.team_update),
    }


@answers("ListBackupVaults", source=_SOURCE, lacks="AWS RAM's invitations: a share counts as accepted")
def list_vaults(cloud: Cloud, place: Place, params: Document) -> Document:
    """The vaults, by name: the account's own, or those that others share with it."""
    wanted = params.get("ByVaultType")
    vaults = _shared(cloud, place) if params.get("ByShared") else place.vaults.values()
    return listing(
        cloud,
        place,
        "ListBackupVaults",
        params,
        [vault for vault in vaults if wanted in {None, vault.vault_type}],
        lambda vault: (vault.name, vault.arn),
        member="BackupVaultList",
        show=lambda vault: _shown(cloud, vault),
    )


def _shared(cloud: Cloud, place: Place) -> Iterator[Vault]:
    yield from (found.vault for found in vault_access.shared(cloud, place))
    if cloud.choices.by_shared_lists_own_shares:
        yield from (vault for vault in place.vaults.values() if vault.sharing.accounts)


def _shown(cloud: Cloud, vault: Vault) -> Document:
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
        "NumberOfRecoveryPoints": len(vault_access.points_of(cloud, vault)),
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


@answers("DeleteBackupVault", source=_SOURCE)
def delete(cloud: Cloud, place: Place, params: Document) -> Document:
    """Delete a vault that holds nothing, locked or not."""
    vault = vault_called(place, params["BackupVaultName"])
    if vault.name == "Default" and cloud.choices.default_vaults:
        refuse("InvalidRequestException", "The default backup vault cannot be deleted")
    if vault.points:
        refuse("InvalidRequestException", "Backup vault cannot be deleted because it contains recovery points.")
    del place.vaults[vault.name]
    if vault.sharing.source_arn is not None:
        access_points.cut_off(cloud)
    if cloud.news is not None:
        cloud.news.vault(place, vault, "DELETED")
    return {}
