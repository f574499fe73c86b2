"""What a request says of itself, by the condition keys of IAM.

Source: the IAM user guide's page on global condition keys, and the service authorization reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from backupkit.arn import Arn
from backupkit.emulator.iam import identities
from backupkit.emulator.iam.conditions import Context
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, Identity, RegionScope, Vault
from backupkit.emulator.rules import organizations

__all__ = ["described"]


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
