"""Whether a copy may go from one account to another, and out of one vault into the other.

Sources: the developer guide's pages on cross-account copies, on vault access policies and on the jobs dashboard, which
gives the sentences.
"""

from __future__ import annotations

from backupkit.arn import Arn
from backupkit.emulator.iam import authorize, identities
from backupkit.emulator.iam.policies import Verdict, verdict
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import CopyJob, Identity, RegionScope, Vault
from backupkit.emulator.rules import organizations
from backupkit.errors import ConfigurationError

__all__ = ["forbidden", "not_across"]

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
    into = _said(simulation, there, vault, "backup:CopyIntoBackupVault", job, caller)
    if into is Verdict.DENIED or (into is Verdict.IMPLICIT_DENY and there.account_id != scope.account_id):
        return _DENIED
    source = scope.vaults.get(Arn.parse(job.source_vault_arn).name)
    if source is None:
        return None
    out = _said(simulation, scope, source, "backup:CopyFromBackupVault", job, caller)
    return _DENIED if out is Verdict.DENIED else None


def _role(scope: RegionScope, job: CopyJob) -> Identity:
    """The job's role; where that is none of the account's, the account itself."""
    try:
        return identities.caller(job.role_arn, scope.account_id)
    except ConfigurationError:
        return identities.root(scope.partition, scope.account_id)


def _said(
    simulation: Simulation, scope: RegionScope, vault: Vault, action: str, job: CopyJob, caller: Identity
) -> Verdict:
    if vault.policy is None:
        return Verdict.IMPLICIT_DENY
    point_arn = job.source_point_arn if action.endswith("CopyFromBackupVault") else None
    params = {"DestinationBackupVaultArn": job.destination_vault_arn}
    return verdict(vault.policy, authorize.asked_of(simulation, scope, vault, action, params, point_arn, caller))
