"""The check before an operation: whether the access policy of the vault that it names lets the caller do it.

A caller of the vault's own account may do all that the policy does not deny: the local service has no identity
policies, and takes every caller for one that may do everything. Other accounts reach a vault only in the ways that
`backupkit.emulator.sharing` knows, and are held to its policy, too.

Sources: the developer guide's page on vault access policies, and the service authorization reference, which gives
every operation the action of its own name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn

from backupkit.emulator.iam import identities
from backupkit.emulator.iam.context import described
from backupkit.emulator.iam.policies import AuthRequest, Verdict, statements, verdict
from backupkit.emulator.kernel.operations import raise_api_error
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, Identity, RegionScope, Vault
from backupkit.emulator.rules import vault_access

__all__ = ["BY_ARN", "BY_POINT", "BY_VAULT", "asked_of", "check"]

_NAME = "BackupVaultName"

BY_VAULT: dict[str, str] = {
    "StartCopyJob": "SourceBackupVaultName",
    **dict.fromkeys(
        (
            "AssociateBackupVaultMpaApprovalTeam",
            "DeleteBackupVault",
            "DeleteBackupVaultAccessPolicy",
            "DeleteBackupVaultLockConfiguration",
            "DeleteBackupVaultNotifications",
            "DeleteRecoveryPoint",
            "DescribeBackupVault",
            "DescribeRecoveryPoint",
            "DisassociateBackupVaultMpaApprovalTeam",
            "DisassociateRecoveryPoint",
            "DisassociateRecoveryPointFromParent",
            "GetBackupVaultAccessPolicy",
            "GetBackupVaultNotifications",
            "GetPITRMalwareScanResults",
            "GetRecoveryPointIndexDetails",
            "GetRecoveryPointRestoreMetadata",
            "GetRestoreTestingInferredMetadata",
            "ListProtectedResourcesByBackupVault",
            "ListRecoveryPointsByBackupVault",
            "ListRestoreAccessBackupVaults",
            "PutBackupVaultAccessPolicy",
            "PutBackupVaultLockConfiguration",
            "PutBackupVaultNotifications",
            "RevokeRestoreAccessBackupVault",
            "StartBackupJob",
            "StartScanJob",
            "UpdateRecoveryPointIndexSettings",
            "UpdateRecoveryPointLifecycle",
        ),
        _NAME,
    ),
}
"""The operations that name a vault, and the member that does; each has the action of its own name."""

BY_POINT = frozenset({"CreateBackupAccessPoint", "ListBackupAccessPointsByRecoveryPoint", "StartRestoreJob"})
"""The operations that name a point alone; the vault that it is in decides."""

BY_ARN = frozenset({"ListTags", "TagResource", "UntagResource"})
"""The operations that name anything by its ARN; a policy decides where that is a vault or a point."""


def check(simulation: Simulation, scope: RegionScope, operation: str, params: Document, caller: Identity) -> None:
    """Refuse what the policy of the vault denies.

    Raises:
        ApiError: An explicit Deny holds for this call.
    """
    member = BY_VAULT.get(operation)
    if member is not None:
        vault = _named(simulation, scope, params, member)
        if vault is not None and (vault.policy is not None or vault.sharing.source_arn is not None):
            _decide(simulation, scope, vault, operation, params, params.get("RecoveryPointArn"), caller)
    elif operation in BY_POINT or operation in BY_ARN:
        _check_arn(simulation, scope, operation, params, caller)


def _named(simulation: Simulation, scope: RegionScope, params: Document, member: str) -> Vault | None:
    owner = params.get("BackupVaultAccountId")
    if owner is None or owner == scope.account_id:
        return scope.vaults.get(params[member])
    there = simulation.scopes.get((owner, scope.region_name))
    vault = there.vaults.get(params[member]) if there is not None else None
    # What is not shared is refused by the operation itself, whatever its policy says.
    return vault if vault is not None and scope.account_id in vault.sharing.accounts else None


def _check_arn(simulation: Simulation, scope: RegionScope, operation: str, params: Document, caller: Identity) -> None:
    arn: str = params.get("RecoveryPointArn") or params.get("ResourceArn", "")
    found = scope.vaults.get(arn.removeprefix(scope.arn("backup-vault:")))
    if found is not None and found.arn == arn:
        vault, point_arn = found, None
    else:
        reached = vault_access.vault_with(simulation, scope, arn, others=operation in BY_POINT)
        if reached is None:
            return
        vault, point_arn = reached.named, arn
    _decide(simulation, scope, vault, operation, params, point_arn, caller)


def _decide(
    simulation: Simulation,
    scope: RegionScope,
    vault: Vault,
    operation: str,
    params: Document,
    point_arn: str | None,
    caller: Identity,
) -> None:
    action = f"backup:{operation}"
    for each in _deciding(simulation, vault):
        if each.policy is None or not any(said.concerns(action) for said in statements(each.policy)):
            continue
        asked = asked_of(simulation, scope, each, action, params, point_arn, caller)
        if verdict(each.policy, asked) is Verdict.DENIED:
            _refuse(caller, asked)


def _deciding(simulation: Simulation, vault: Vault) -> Iterator[Vault]:
    """The vaults whose policies decide about a call on ``vault``."""
    yield vault
    behind = vault_access.behind(simulation, vault) if simulation.choices.restore_access_heeds_source_policy else None
    if behind is not None:
        yield behind[1]


def _refuse(caller: Identity, asked: AuthRequest) -> NoReturn:
    raise_api_error(
        "AccessDeniedException",
        f"User: {caller.arn} is not authorized to perform: {asked.action} on resource: {asked.resources[0]} "
        "with an explicit deny in a resource-based policy",
        403,
    )


def asked_of(
    simulation: Simulation,
    scope: RegionScope,
    vault: Vault,
    action: str,
    params: Document,
    point_arn: str | None,
    caller: Identity,
) -> AuthRequest:
    """One request as the policy of ``vault`` sees it; ``scope`` is where the call was made."""
    resources = (vault.arn,) if point_arn is None else (point_arn, vault.arn)
    if point_arn is not None and not simulation.choices.policy_on_vault_covers_points:
        resources = (point_arn,)
    return AuthRequest(
        action,
        resources,
        frozenset(identities.known_as(caller)),
        described(simulation, scope, vault, params, point_arn, caller),
    )
