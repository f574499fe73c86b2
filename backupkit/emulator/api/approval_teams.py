"""Approval teams of logically air-gapped vaults: the first is taken at once, each change is for the present one to say.

Sources: the botocore model, and the developer guide's pages on multi-party approval.
"""

from __future__ import annotations

import re
from typing import NoReturn

from backupkit.emulator.kernel.operations import operation, raise_api_error
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import ApprovalSession, Document, RegionScope, Vault
from backupkit.emulator.rules import organizations, point_store, vault_access

__all__: list[str] = []

_SOURCE = "botocore model; developer guide, multi-party approval"
_LACKS = "teams, approvers and their policies: a session is approved or denied by a word of the local service"
_TEAM = re.compile(r"arn:aws[a-z-]*:mpa:[a-z0-9-]+:\d{12}:approval-team/[\w.-]+")
_ASSOCIATE, _DISASSOCIATE = "AssociateBackupVaultMpaApprovalTeam", "DisassociateBackupVaultMpaApprovalTeam"


@operation(_ASSOCIATE, source=_SOURCE, missing=_LACKS)
def _associate(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    vault = _gapped(simulation, scope, params["BackupVaultName"])
    team_arn: str = params["MpaApprovalTeamArn"]
    if not _TEAM.fullmatch(team_arn):
        raise_api_error(
            "InvalidParameterValueException", f"Invalid MpaApprovalTeamArn {team_arn}: it must be an approval team"
        )
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
        _refuse(f"Backup vault {vault.name} has no associated MPA approval team.")
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
        _refuse("MPA approval teams are supported for logically air-gapped backup vaults only.")
    if organizations.settings(simulation, scope.account_id).get("isMpaEnabled") != "true":
        _refuse("Multi-party approval is not enabled for the current organization.")
    return vault


def _check_idle(vault: Vault) -> None:
    latest = vault.sharing.team_update
    if latest is not None and latest.status == "PENDING":
        _refuse(f"Backup vault {vault.name} has a pending update of its MPA approval team.")


def _refuse(text: str) -> NoReturn:
    raise_api_error("InvalidRequestException", text)


@vault_access.session_outcome(_ASSOCIATE)
@vault_access.session_outcome(_DISASSOCIATE)
def _changed(simulation: Simulation, session: ApprovalSession) -> None:
    vault = vault_access.vault_of_session(simulation, session)
    # A new vault of the same name was never asked about.
    if vault is not None and vault.sharing.team_update is session:
        vault.sharing.team_arn, vault.sharing.next_team_arn = vault.sharing.next_team_arn, None
