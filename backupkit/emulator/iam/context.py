"""What a request says of itself, by the condition keys of IAM.

Source: the IAM user guide's page on global condition keys, and the service authorization reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from backupkit.arn import Arn
from backupkit.emulator.iam import identities
from backupkit.emulator.iam.conditions import Context
from backupkit.emulator.kernel.simulation import Cloud
from backupkit.emulator.model import Document, Identity, Place, Vault
from backupkit.emulator.rules import organizations

__all__ = ["described"]


def described(
    cloud: Cloud, place: Place, vault: Vault, params: Document, point_arn: str | None, caller: Identity
) -> Context:
    """Every key that is known of a call in ``place`` on ``vault``; keys are in small letters."""
    found: dict[str, tuple[str, ...]] = {}
    for key, value in (
        *_of_caller(cloud, caller),
        *_of_resource(cloud, vault),
        *_of_request(cloud, place, params),
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


def _of_caller(cloud: Cloud, caller: Identity) -> Iterator[tuple[str, str | None]]:
    account_id = identities.account_of(caller)
    yield "aws:principalaccount", account_id
    yield "aws:principalarn", identities.principal_arn(caller)
    yield "aws:principalorgid", organizations.identifier(cloud, account_id)
    yield "aws:principalorgpaths", organizations.path(cloud, account_id)
    yield "aws:principaltype", identities.kind(caller)
    yield "aws:userid", identities.user_id(caller)
    yield "aws:username", identities.user_name(caller)
    yield "aws:principalisawsservice", "false"
    yield "aws:viaawsservice", "false"


def _of_resource(cloud: Cloud, vault: Vault) -> Iterator[tuple[str, str | None]]:
    owner = Arn.parse(vault.arn).account
    yield "aws:resourceaccount", owner
    yield "aws:resourceorgid", organizations.identifier(cloud, owner)
    yield "aws:resourceorgpaths", organizations.path(cloud, owner)


def _of_request(cloud: Cloud, place: Place, params: Document) -> Iterator[tuple[str, str | None]]:
    now = cloud.clock.now()
    yield "aws:requestedregion", place.region_name
    yield "aws:currenttime", now.isoformat()
    yield "aws:epochtime", str(now.timestamp())
    # Nothing is sent in the clear to AWS; a local server without TLS stands for one that has it.
    yield "aws:securetransport", "true"
    yield "backup:mpaapprovalteamarn", params.get("MpaApprovalTeamArn")
    target: str | None = params.get("DestinationBackupVaultArn")
    yield "backup:copytargets", target
    yield "backup:copytargetorgpaths", _path_of(cloud, target)
    for name in ("ChangeableForDays", "MinRetentionDays", "MaxRetentionDays"):
        yield f"backup:{name}".casefold(), _number(params.get(name))


def _path_of(cloud: Cloud, arn: str | None) -> str | None:
    """Where in its organization the account of an ARN is."""
    parts = arn.split(":", 5) if arn is not None else []
    return organizations.path(cloud, parts[4]) if len(parts) == 6 else None


def _number(value: object) -> str | None:
    return None if value is None else str(value)


def _given_tags(params: Document) -> dict[str, str]:
    found: dict[str, str] = params.get("Tags") or params.get("RecoveryPointTags") or params.get("BackupVaultTags") or {}
    return found


def _tag_keys(params: Document, given: dict[str, str]) -> Iterable[str]:
    return params.get("TagKeyList") or list(given)
