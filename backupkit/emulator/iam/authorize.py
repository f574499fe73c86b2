"""The check before an operation: whether the access policy of the vault that it names lets the caller do it.

A caller of the vault's own account may do all that the policy does not deny: the local service has no identity
policies, and takes every caller for one that may do everything. Other accounts reach a vault only in the ways that
`backupkit.emulator.rules.vault_access` knows, and are held to its policy, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NoReturn

from backupkit.arn import Arn
from backupkit.declare.vault_actions import NAMING_ARN, NAMING_POINT, NAMING_VAULT
from backupkit.emulator.iam import identities
from backupkit.emulator.iam.policies import AuthRequest, Context, Verdict, statements, verdict
from backupkit.emulator.kernel.operations import raise_api_error
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, Identity, RegionScope, Vault
from backupkit.emulator.rules import organizations, vault_access

__all__ = ["BY_VAULT", "check", "described", "request_of"]

# ---- What conditions can ask of a request ----
# Source: the IAM user guide's page on global condition keys, and the service authorization reference.


def described(
    simulation: Simulation, scope: RegionScope, vault: Vault, params: Document, point_arn: str | None, caller: Identity
) -> Context:
    """Every key that is known of a call in ``scope`` on ``vault``; keys are in small letters."""
    found: dict[str, tuple[str, ...]] = {}
    for key, value in (
        *_of_caller(simulation, caller),
        *_of_resource(simulation, vault),
        *_of_request(simulation, scope, params),
    ):
        if value is not None:
            found[key] = (value,)
    held = vault.points.get(point_arn) if point_arn is not None else None
    tags = held.tags if held is not None else vault.tags
    found.update((f"aws:resourcetag/{name}".casefold(), (value,)) for name, value in tags.items())
    given = _given_tags(params)
    found.update((f"aws:requesttag/{name}".casefold(), (value,)) for name, value in given.items())
    if keys := _tag_keys(params, given):
        found["aws:tagkeys"] = tuple(keys)
    return found


def _of_caller(simulation: Simulation, caller: Identity) -> Iterator[tuple[str, str | None]]:
    account_id = identities.account_of(caller)
    yield "aws:principalaccount", account_id
    yield "aws:principalarn", identities.principal_arn(caller)
    yield "aws:principalorgid", organizations.identifier(simulation, account_id)
    yield "aws:principalorgpaths", organizations.path(simulation, account_id)
    yield "aws:principaltype", identities.kind(caller)
    yield "aws:userid", identities.user_id(caller)
    yield "aws:username", identities.user_name(caller)
    # Long-term credentials do not have the key at all; nothing is known of those of a session without a second factor.
    yield "aws:multifactorauthpresent", "true" if caller.mfa else None
    yield "aws:principalisawsservice", "false"
    yield "aws:viaawsservice", "false"


def _of_resource(simulation: Simulation, vault: Vault) -> Iterator[tuple[str, str | None]]:
    owner = Arn.parse(vault.arn).account
    yield "aws:resourceaccount", owner
    yield "aws:resourceorgid", organizations.identifier(simulation, owner)
    yield "aws:resourceorgpaths", organizations.path(simulation, owner)


def _of_request(simulation: Simulation, scope: RegionScope, params: Document) -> Iterator[tuple[str, str | None]]:
    now = simulation.clock.now()
    yield "aws:requestedregion", scope.region_name
    yield "aws:currenttime", now.isoformat()
    yield "aws:epochtime", str(now.timestamp())
    # Nothing is sent in the clear to AWS; a local server without TLS stands for one that has it.
    yield "aws:securetransport", "true"
    yield "backup:mpaapprovalteamarn", params.get("MpaApprovalTeamArn")
    target: str | None = params.get("DestinationBackupVaultArn")
    yield "backup:copytargets", target
    yield "backup:copytargetorgpaths", _path_of(simulation, target)
    for name in ("ChangeableForDays", "MinRetentionDays", "MaxRetentionDays"):
        yield f"backup:{name}".casefold(), _number(params.get(name))


def _path_of(simulation: Simulation, arn: str | None) -> str | None:
    """Where in its organization the account of an ARN is."""
    parts = arn.split(":", 5) if arn is not None else []
    return organizations.path(simulation, parts[4]) if len(parts) == 6 else None


def _number(value: object) -> str | None:
    return None if value is None else str(value)


def _given_tags(params: Document) -> dict[str, str]:
    found: dict[str, str] = params.get("Tags") or params.get("RecoveryPointTags") or params.get("BackupVaultTags") or {}
    return found


def _tag_keys(params: Document, given: dict[str, str]) -> Iterable[str]:
    return params.get("TagKeyList") or list(given)


# ---- Decisions ----
# A caller of the vault's own account may do all that the policy does not deny: the local service has no identity
# policies, and takes every caller for one that may do everything. Other accounts reach a vault only in the ways that
# `backupkit.emulator.sharing` knows, and are held to its policy, too.
#
# Sources: the developer guide's page on vault access policies, and the service authorization reference, which gives
# every operation the action of its own name.


_NAME = "BackupVaultName"

BY_VAULT: dict[str, str] = {
    "StartCopyJob": "SourceBackupVaultName",
    **dict.fromkeys(NAMING_VAULT, _NAME),
}
"""The operations that name a vault, and the member that does; each has the action of its own name."""


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
    elif operation in NAMING_POINT or operation in NAMING_ARN:
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
        reached = vault_access.vault_with(simulation, scope, arn, others=operation in NAMING_POINT)
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
        if each.policy is None or not any(statement.concerns(action) for statement in statements(each.policy)):
            continue
        request = request_of(simulation, scope, each, action, params, point_arn, caller)
        if verdict(each.policy, request) is Verdict.DENIED:
            _refuse(caller, request)


def _deciding(simulation: Simulation, vault: Vault) -> Iterator[Vault]:
    """The vaults whose policies decide about a call on ``vault``."""
    yield vault
    behind = vault_access.behind(simulation, vault) if simulation.choices.restore_access_heeds_source_policy else None
    if behind is not None:
        yield behind[1]


def _refuse(caller: Identity, request: AuthRequest) -> NoReturn:
    raise_api_error(
        "AccessDeniedException",
        f"User: {caller.arn} is not authorized to perform: {request.action} on resource: {request.resources[0]} "
        "with an explicit deny in a resource-based policy",
        403,
    )


def request_of(
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
