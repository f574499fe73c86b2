"""Multi-party approval: teams of logically air-gapped vaults, and the restore access vaults that they approve.

The first team is taken at once, each change is for the present one to say. A restore access vault holds nothing itself:
`reached` sees the points of the vault behind it.

Sources: the botocore model, and the developer guide's pages on multi-party approval.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from backupkit.arn import VAULT, Arn
from backupkit.emulator.api.vaults import MOST_VAULTS
from backupkit.emulator.kernel.operations import (
    made_by,
    operation,
    raise_api_error,
    raise_invalid_request,
    raise_invalid_value,
    remember,
)
from backupkit.emulator.kernel.paging import listing
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import ApprovalSession, Document, RegionScope, Vault
from backupkit.emulator.rules import holds, organizations, point_store, tags, vault_access

# ---- Approval teams ----


_SOURCE = "botocore model; developer guide, multi-party approval"
_LACKS = "teams, approvers and their policies: a session is approved or denied by a word of the local service"
_TEAM = re.compile(r"arn:aws[a-z-]*:mpa:[a-z0-9-]+:[0-9]{12}:approval-team/[\w.-]+")
_ASSOCIATE, _DISASSOCIATE = "AssociateBackupVaultMpaApprovalTeam", "DisassociateBackupVaultMpaApprovalTeam"


@operation(_ASSOCIATE, source=_SOURCE, missing=_LACKS)
def _associate(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    vault = _gapped(simulation, scope, params["BackupVaultName"])
    team_arn: str = params["MpaApprovalTeamArn"]
    if not _TEAM.fullmatch(team_arn):
        raise_invalid_value(f"Invalid MpaApprovalTeamArn {team_arn}: it must be an approval team")
    _check_idle(vault)
    if vault.sharing.team_arn is None:
        vault.sharing.team_arn = team_arn
    elif vault.sharing.team_arn != team_arn:
        _change(simulation, scope, vault, _ASSOCIATE, params)
        vault.sharing.next_team_arn = team_arn
    return {}


@operation(_DISASSOCIATE, source=_SOURCE, missing=_LACKS)
def _disassociate(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    vault = _gapped(simulation, scope, params["BackupVaultName"])
    _check_idle(vault)
    if vault.sharing.team_arn is None:
        raise_invalid_request(f"Backup vault {vault.name} has no associated MPA approval team.")
    _change(simulation, scope, vault, _DISASSOCIATE, params)
    vault.sharing.next_team_arn = None
    return {}


def _change(simulation: Simulation, scope: RegionScope, vault: Vault, operation: str, params: Document) -> None:
    vault.sharing.team_update = vault_access.ask_team(
        simulation, scope, vault, operation, params.get("RequesterComment")
    )


def _gapped(simulation: Simulation, scope: RegionScope, name: str) -> Vault:
    vault = point_store.vault_called(scope, name)
    if vault.vault_type != "LOGICALLY_AIR_GAPPED_BACKUP_VAULT":
        raise_invalid_request("MPA approval teams are supported for logically air-gapped backup vaults only.")
    if organizations.settings(simulation, scope.account_id).get("isMpaEnabled") != "true":
        raise_invalid_request("Multi-party approval is not enabled for the current organization.")
    return vault


def _check_idle(vault: Vault) -> None:
    latest = vault.sharing.team_update
    if latest is not None and latest.status == "PENDING":
        raise_invalid_request(f"Backup vault {vault.name} has a pending update of its MPA approval team.")


@vault_access.session_outcome(_ASSOCIATE)
@vault_access.session_outcome(_DISASSOCIATE)
def _changed(simulation: Simulation, session: ApprovalSession) -> None:
    vault = vault_access.vault_of_session(simulation, session)
    # A new vault of the same name was never asked about.
    if vault is not None and vault.sharing.team_update is session:
        vault.sharing.team_arn, vault.sharing.next_team_arn = vault.sharing.next_team_arn, None


# ---- Restore access vaults: what another account reaches a vault's points through ----


_CREATE, _REVOKE = "CreateRestoreAccessBackupVault", "RevokeRestoreAccessBackupVault"
_LONGEST_NAME = 50


@operation(_CREATE, source=_SOURCE, missing="the ARN's form is not documented: it is that of other vaults here")
def _create(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    vault = _repeated(scope, params)
    if vault is None:
        owner, source = _source(simulation, scope, params["SourceBackupVaultArn"])
        vault = _made(simulation, scope, source, params)
        vault.sharing.session = vault_access.ask_team(
            simulation, owner, source, _CREATE, params.get("RequesterComment")
        )
    return {
        "RestoreAccessBackupVaultArn": vault.arn,
        "VaultState": vault.state,
        "RestoreAccessBackupVaultName": vault.name,
        "CreationDate": vault.created,
    }


def _repeated(scope: RegionScope, params: Document) -> Vault | None:
    """The vault that the same request made before."""
    there = made_by(scope, _CREATE, scope.vaults, params.get("CreatorRequestId"))
    return there if there is not None and there.sharing.source_arn == params["SourceBackupVaultArn"] else None


def _source(simulation: Simulation, scope: RegionScope, text: str) -> tuple[RegionScope, Vault]:
    """The vault that is asked for, in its place; it must have a team, for that decides."""
    if not VAULT.admits(text) or (arn := Arn.parse(text)).region != scope.region_name:
        raise_invalid_value(f"Invalid SourceBackupVaultArn: {text}")
    owner = simulation.place_of(arn)
    vault = owner.vaults.get(arn.name) if owner is not None else None
    if owner is None or vault is None:
        raise_api_error("ResourceNotFoundException", f"Backup vault {text} cannot be found.")
    if vault.sharing.team_arn is None:
        raise_invalid_request(f"Backup vault {text} has no associated MPA approval team.")
    return owner, vault


def _made(simulation: Simulation, scope: RegionScope, source: Vault, params: Document) -> Vault:
    given = params.get("BackupVaultTags", {})
    tags.check(given)
    name = params.get("BackupVaultName") or _free_name(scope, source.name)
    if name in scope.vaults:
        raise_api_error("AlreadyExistsException", "Backup vault with the same name already exists")
    if len(scope.vaults) >= MOST_VAULTS:
        raise_api_error("LimitExceededException", f"The account has reached its limit of {MOST_VAULTS} backup vaults")
    vault = Vault(
        name=name,
        arn=scope.arn(f"backup-vault:{name}"),
        key_arn=source.key_arn,
        created=simulation.clock.now(),
        creator_request_id=params.get("CreatorRequestId"),
        tags=given,
        lock=source.lock,
        vault_type=vault_access.RESTORE_ACCESS,
        state="CREATING",
    )
    vault.sharing.source_arn = source.arn
    source.sharing.opened.add(vault.arn)
    scope.vaults[name] = vault
    simulation.bus.vault_changed(scope, vault, "CREATED")
    remember(scope, _CREATE, vault.creator_request_id, name)
    return vault


def _free_name(scope: RegionScope, source: str) -> str:
    """A name that AWS gives, made of the source's."""
    endings = (f"-restore-access-{number}" for number in itertools.count(1))
    names = (source[: _LONGEST_NAME - len(ending)] + ending for ending in endings)
    return next(name for name in names if name not in scope.vaults)


@vault_access.session_outcome(_CREATE)
def _opened(simulation: Simulation, session: ApprovalSession) -> None:
    for _, vault in _behind(simulation, session.vault_arn):
        if vault.sharing.session is session:
            vault.state, vault.sharing.approved = "AVAILABLE", simulation.clock.now()


@vault_access.session_outcome(_CREATE, failed=True)
def _not_opened(simulation: Simulation, session: ApprovalSession) -> None:
    for _, vault in _behind(simulation, session.vault_arn):
        if vault.sharing.session is session:
            vault.state = "FAILED"


def _behind(simulation: Simulation, source_arn: str) -> Iterator[tuple[RegionScope, Vault]]:
    """The restore access vaults of a vault, each with its place."""
    for scope in simulation.scopes.values():
        for vault in scope.vaults.values():
            if vault.sharing.source_arn == source_arn:
                yield scope, vault


@operation("ListRestoreAccessBackupVaults", source=_SOURCE)
def _list(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    source = point_store.vault_called(scope, params["BackupVaultName"])
    return listing(
        simulation,
        scope,
        "ListRestoreAccessBackupVaults",
        params,
        (vault for _, vault in _behind(simulation, source.arn) if vault.arn in source.sharing.opened),
        lambda vault: (vault.arn,),
        member="RestoreAccessBackupVaults",
        show=_view,
    )


def _view(vault: Vault) -> Document:
    return {
        "RestoreAccessBackupVaultArn": vault.arn,
        "CreationDate": vault.created,
        "ApprovalDate": vault.sharing.approved,
        "VaultState": vault.state,
        "LatestRevokeRequest": vault_access.session_view(vault.sharing.revoke),
    }


@operation(_REVOKE, source=_SOURCE)
def _revoke(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    source = point_store.vault_called(scope, params["BackupVaultName"])
    vault_arn: str = params["RestoreAccessBackupVaultArn"]
    vault = next((vault for _, vault in _behind(simulation, source.arn) if vault.arn == vault_arn), None)
    if vault is None or vault_arn not in source.sharing.opened:
        raise_api_error("ResourceNotFoundException", f"Restore access backup vault {vault_arn} cannot be found.")
    _check_revocable(source, vault)
    vault.sharing.revoke = vault_access.ask_team(simulation, scope, source, _REVOKE, params.get("RequesterComment"))
    return {}


def _check_revocable(source: Vault, vault: Vault) -> None:
    latest = vault.sharing.revoke
    if vault.state != "AVAILABLE":
        raise_invalid_request(f"Restore access backup vault {vault.arn} is {vault.state} and cannot be revoked.")
    if latest is not None and latest.status == "PENDING":
        raise_invalid_request(f"Restore access backup vault {vault.arn} has a pending revoke request.")
    if source.sharing.team_arn is None:
        raise_invalid_request(f"Backup vault {source.name} has no associated MPA approval team.")


@vault_access.session_outcome(_REVOKE)
def _revoked(simulation: Simulation, session: ApprovalSession) -> None:
    gone = [
        (scope, vault) for scope, vault in _behind(simulation, session.vault_arn) if vault.sharing.revoke is session
    ]
    for scope, vault in gone:
        del scope.vaults[vault.name]
        simulation.bus.vault_changed(scope, vault, "DELETED")
    holds.cut_off_access_points(simulation)
