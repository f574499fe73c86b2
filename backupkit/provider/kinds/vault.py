"""Vaults, with their lock, access policy and notifications."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import attrs

from backupkit.declare.air_gapped import AirGappedVault
from backupkit.declare.declared import unchecked
from backupkit.declare.vault import ComplianceLock, GovernanceLock, Notifications, Vault
from backupkit.problems import Problem, counted
from backupkit.provider.answers import Document, flag, moment, number, text
from backupkit.provider.change import Action, Change, Difference
from backupkit.provider.forms import Flat
from backupkit.provider.kinds.kind import Kind, Part
from backupkit.provider.kinds.observed import Observed, World, roles_in
from backupkit.provider.ownership import OWNER_TAG
from backupkit.provider.policy import policy_forms
from backupkit.provider.protection import denials_dropped, lock_loosened

__all__ = ["NOTIFICATIONS", "POLICY", "VAULT", "bounds", "vault_needs"]

_LAST_VAULTS = frozenset({"Default", "aws/efs/automatic-backup-vault"})
"""Vaults that AWS's own features put points into."""


def _other(entry: Document) -> str:
    if text(entry, "BackupVaultName").startswith("aws/"):
        return "AWS's own vault carries this name"
    standard = text(entry, "VaultType") in {"", "BACKUP_VAULT"}
    return "" if standard else "a logically air-gapped or shared vault carries this name"


def _read(entry: Document) -> Document:
    moment(entry, "LockDate")
    numbers = ("NumberOfRecoveryPoints", "MinRetentionDays", "MaxRetentionDays")
    return {**entry, "Locked": flag(entry, "Locked"), **{member: number(entry, member) for member in numbers}}


def bounds(entry: Document) -> GovernanceLock | None:
    """The retentions that the lock of a listed vault lets in, or None where it has none."""
    if not flag(entry, "Locked"):
        return None
    with unchecked():
        return GovernanceLock(min_days=number(entry, "MinRetentionDays"), max_days=number(entry, "MaxRetentionDays"))


def _obstacles(world: World, seen: Observed, replaced: bool) -> Iterator[Problem]:
    """Why a vault cannot be deleted, or deleted and made again with another key."""
    destroying = world.owner.destroying
    stay = "declare it with its old key" if replaced else f"keep it declared, or take its tag {OWNER_TAG} off"
    if seen.name in _LAST_VAULTS and not destroying:
        what = "AWS's own features keep points in this vault, so backupkit does not delete it"
        yield Problem(seen.address, what, stay)
    points = number(seen.listed, "NumberOfRecoveryPoints") or 0
    if points and not destroying:
        yield Problem(
            seen.address,
            f"it holds {points:,} recovery point{'s' if points > 1 else ''} and cannot be deleted",
            f"let them expire or delete them first; until then {stay}",
        )
    lock = _lock(seen.listed)
    if lock is not None:
        hint = f"declare it without its lock{' but with its old key' if replaced else ''} and apply that first"
        final = _final_since(lock, world.owner.now) is not None
        yield Problem(
            seen.address, f"it is {_lock_words(lock, world.owner.now)} and is not deleted", stay if final else hint
        )


def _drains(seen: Observed) -> bool:
    return seen.name in _LAST_VAULTS or bool(number(seen.listed, "NumberOfRecoveryPoints"))


def _lock(entry: Document) -> Document | None:
    if not flag(entry, "Locked"):
        return None
    return {member: entry.get(member) for member in ("MinRetentionDays", "MaxRetentionDays", "LockDate")}


def _final_since(lock: Document, now: datetime) -> datetime | None:
    """Since when nobody can change a lock any more; None where somebody still can."""
    locks_at = moment(lock, "LockDate")
    return locks_at if locks_at is not None and now >= locks_at else None


def _lock_words(lock: Document, now: datetime) -> str:
    locks_at = moment(lock, "LockDate")
    if locks_at is None:
        return "under a governance lock"
    day = f"{locks_at:%Y-%m-%d %H:%M} UTC"
    return f"locked for good since {day}" if now >= locks_at else f"under a compliance lock, final on {day}"


def _lock_form(lock: Document) -> Flat:
    compliance = moment(lock, "LockDate") is not None or "ChangeableForDays" in lock
    found = {"min_days": number(lock, "MinRetentionDays"), "max_days": number(lock, "MaxRetentionDays")}
    mode = "compliance" if compliance else "governance"
    return {"mode": mode, **{name: days for name, days in found.items() if days is not None}}


def _review_lock(world: World, change: Change, seen: Document | None, declared: GovernanceLock | None) -> Change:
    since = _final_since(seen, world.owner.now) if seen else None
    if seen is not None and since is not None:
        return attrs.evolve(change, calls=(), problems=(_final(change.address, seen, since),))
    if change.action is Action.DELETE or not isinstance(declared, ComplianceLock):
        return change
    days = declared.changeable_for_days
    # The grace time is never told by AWS: it is shown where it is sent, and never compared.
    difference = Difference("changeable_for_days", None, days)
    reason = f"{change.reason}, and nobody can take it off after {counted(days, 'day')}"
    return attrs.evolve(change, irreversible=True, reason=reason, differences=(*change.differences, difference))


def _final(address: str, seen: Document, since: datetime) -> Problem:
    limits = ", ".join(f"{name}={value}" for name, value in _lock_form(seen).items() if name != "mode")
    return Problem(
        address,
        f"the compliance lock is final since {since:%Y-%m-%d %H:%M} UTC: nobody can change or remove it",
        f"declare it as it is ({limits or 'without bounds'})",
    )


def _policy_forms(seen: Document | None, declared: Document | None) -> tuple[Flat, Flat]:
    return policy_forms(*(text(each, "Policy") or None if each else None for each in (seen, declared)))


def vault_needs(vault: Vault | AirGappedVault) -> Iterator[str]:
    """The roles that its policy names, and the policy of its topic: AWS Backup must be allowed to publish before."""
    if vault.notifications is not None:
        yield f"topic_policy.{vault.notifications.topic}"
    yield from roles_in(vault.policy)


LOCK = Part(
    field="lock",
    read=_lock,
    put="PutBackupVaultLockConfiguration",
    delete="DeleteBackupVaultLockConfiguration",
    form=_lock_form,
    takes_away=lock_loosened,
    review=_review_lock,
)
POLICY = Part[str](
    field="policy",
    get="GetBackupVaultAccessPolicy",
    member="Policy",
    put="PutBackupVaultAccessPolicy",
    delete="DeleteBackupVaultAccessPolicy",
    forms=_policy_forms,
    takes_away=denials_dropped,
)
NOTIFICATIONS = Part[Notifications](
    field="notifications",
    get="GetBackupVaultNotifications",
    put="PutBackupVaultNotifications",
    delete="DeleteBackupVaultNotifications",
)
VAULT = Kind(
    cls=Vault,
    list="ListBackupVaults",
    id="BackupVaultName",
    arn="BackupVaultArn",
    create="CreateBackupVault",
    delete="DeleteBackupVault",
    tags="BackupVaultTags",
    parts=(LOCK, POLICY, NOTIFICATIONS),
    other=_other,
    read=_read,
    needs=vault_needs,
    obstacles=_obstacles,
    drains=_drains,
)
