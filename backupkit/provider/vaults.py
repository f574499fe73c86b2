"""What must change so that a vault, its lock, policy and notifications are as declared. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from backupkit.declare import ComplianceLock, GovernanceLock, Notifications, Vault
from backupkit.problems import Problem, counted
from backupkit.provider.answers import sendable
from backupkit.provider.change import Action, Call, Change, Difference, Leaf, Made, Subject
from backupkit.provider.flatten import tag_form
from backupkit.provider.forms import Flat, differences
from backupkit.provider.observed import SeenLock, SeenNotifications, SeenVault
from backupkit.provider.ownership import OWNER_TAG, Owner
from backupkit.provider.policy import policy_forms
from backupkit.provider.protection import denials_dropped, lock_loosened
from backupkit.provider.tagging import tag_calls
from backupkit.transport.protocol import Value
from backupkit.wire.documents import document

__all__ = ["vault_changes", "vault_deletion"]

_LAST_VAULTS = frozenset({"Default", "aws/efs/automatic-backup-vault"})
"""Vaults that AWS's own features put points into."""


def vault_changes(owner: Owner, declared: Vault, seen: SeenVault | None) -> tuple[Change, ...]:
    """The changes of one declared vault: itself first, then what belongs to it."""
    itself = _vault_change(owner, declared, seen)
    if itself.problems:
        return (itself,)
    held = None if itself.action in {Action.CREATE, Action.REPLACE} else seen
    needs = () if itself.action is Action.KEEP else (itself.address,)
    return (itself, *_part_changes(owner, declared, held, needs))


def _vault_change(owner: Owner, declared: Vault, seen: SeenVault | None) -> Change:
    address = declared.address
    subject = Subject("vault", declared.name)
    if seen is None:
        return _creation(owner, declared, subject)
    objections = _objections(owner, address, seen)
    tags = owner.tags_for(declared)
    found = differences(_form(declared, seen.key, seen.tags), _form(declared, declared.key, tags))
    if declared.key is not None and declared.key != seen.key:
        return _replacement(owner, declared, seen, found, objections)
    if not found and not objections:
        return Change(address=address, action=Action.KEEP, reason="it is as declared", subject=subject)
    return Change(
        address=address,
        action=Action.UPDATE,
        reason=_why(owner, seen.tags),
        differences=found,
        calls=tag_calls(seen.arn, seen.tags, tags),
        problems=objections,
        subject=subject,
    )


def _why(owner: Owner, tags: Mapping[str, str]) -> str:
    return "it differs from what is declared" if owner.owns(tags) else "it is taken over by this stack"


def _form(declared: Vault, key: str | None, tags: Mapping[str, str]) -> Flat:
    # A key that is left to AWS is never compared.
    named: Flat = {"key": key} if declared.key is not None and key else {}
    return {**named, **tag_form(tags)}


def _objections(owner: Owner, address: str, seen: SeenVault) -> tuple[Problem, ...]:
    if not seen.standard:
        return (Problem(address, "a logically air-gapped or shared vault carries this name", "choose another name"),)
    return owner.objections(address, seen.tags)


def _creation(owner: Owner, declared: Vault, subject: Subject) -> Change:
    tags = owner.tags_for(declared)
    return Change(
        address=declared.address,
        action=Action.CREATE,
        reason="it does not exist yet",
        differences=differences({}, _form(declared, declared.key, tags)),
        calls=(_create_call(owner, declared),),
        subject=subject,
    )


def _create_call(owner: Owner, declared: Vault) -> Call:
    sent = document(attrs.evolve(declared, tags=owner.tags_for(declared)))
    return Call("CreateBackupVault", {**_params(sent), "CreatorRequestId": owner.token(declared.address)})


def _params(sent: Mapping[str, object]) -> dict[str, Value | Made]:
    return {member: sendable(value) for member, value in sent.items()}


def _replacement(
    owner: Owner, declared: Vault, seen: SeenVault, found: tuple[Difference, ...], objections: tuple[Problem, ...]
) -> Change:
    return Change(
        address=declared.address,
        action=Action.REPLACE,
        reason="AWS cannot change the key of a vault: it is deleted and made again",
        differences=found,
        calls=(_delete_call(seen.name), _create_call(owner, declared)),
        problems=objections or tuple(_undeletable(declared.address, owner, seen, replaced=True)),
        destroys=True,
        subject=Subject("vault", declared.name),
    )


def vault_deletion(owner: Owner, seen: SeenVault, needs: tuple[str, ...]) -> Change:
    """The deletion of a vault that the stack owns and no longer declares."""
    address = f"vault.{seen.name}"
    return Change(
        address=address,
        action=Action.DELETE,
        reason="the stack owns it and no longer declares it",
        differences=differences(tag_form(seen.tags), {}),
        calls=(_delete_call(seen.name),),
        needs=needs,
        problems=tuple(_undeletable(address, owner, seen)),
        destroys=True,
        subject=Subject("vault", seen.name),
    )


def _delete_call(name: str) -> Call:
    return Call("DeleteBackupVault", {"BackupVaultName": name})


def _undeletable(address: str, owner: Owner, seen: SeenVault, *, replaced: bool = False) -> Iterator[Problem]:
    """Why a vault cannot be deleted, or deleted and made again with another key."""
    stay = "declare it with its old key" if replaced else f"keep it declared, or take its tag {OWNER_TAG} off"
    if seen.name in _LAST_VAULTS:
        yield Problem(address, "AWS's own features keep points in this vault, so backupkit does not delete it", stay)
    if seen.points:
        yield Problem(
            address,
            f"it holds {seen.points:,} recovery point{'s' if seen.points > 1 else ''} and cannot be deleted",
            f"let them expire or delete them first; until then {stay}",
        )
    if seen.lock is not None:
        way_out = f"declare it without its lock{' but with its old key' if replaced else ''} and apply that first"
        yield Problem(
            address,
            f"it is {_lock_words(seen.lock, owner)} and is not deleted",
            stay if seen.lock.final(owner.now) else way_out,
        )


def _lock_words(lock: SeenLock, owner: Owner) -> str:
    if lock.locks_at is None:
        return "under a governance lock"
    day = f"{lock.locks_at:%Y-%m-%d %H:%M} UTC"
    return f"locked for good since {day}" if lock.final(owner.now) else f"under a compliance lock, final on {day}"


def _part_changes(owner: Owner, declared: Vault, seen: SeenVault | None, needs: tuple[str, ...]) -> Iterator[Change]:
    parts = (
        _lock_change(owner, declared, seen.lock if seen else None),
        _policy_change(declared, seen.policy if seen else None),
        _notifications_change(declared, seen.notifications if seen else None),
    )
    for change in parts:
        if change is not None:
            yield attrs.evolve(change, needs=needs)


def _part(
    vault: Vault,
    part: str,
    old: Flat,
    new: Flat,
    put: Call,
    delete: str,
    shown: Mapping[str, Leaf] | None = None,
) -> Change | None:
    """The change of one part of a vault, of which there is one or none."""
    address = f"{vault.address}/{part}"
    subject = Subject("vault", vault.name, part=part)
    if old == new:
        kept = Change(address=address, action=Action.KEEP, reason="it is as declared", subject=subject)
        return kept if new else None
    found = differences(old, {**new, **(shown or {})})
    if not new:
        return Change(
            address=address,
            action=Action.DELETE,
            reason="it is no longer declared",
            differences=found,
            calls=(Call(delete, {"BackupVaultName": vault.name}),),
            destroys=True,
            subject=subject,
        )
    going = lock_loosened(old, new) if part == "lock" else denials_dropped(old, new)
    return Change(
        address=address,
        action=Action.UPDATE if old else Action.CREATE,
        reason="it differs from what is declared" if old else "it does not exist yet",
        differences=found,
        calls=(put,),
        takes_away=going,
        destroys=bool(going),
        subject=subject,
    )


def _lock_change(owner: Owner, vault: Vault, seen: SeenLock | None) -> Change | None:
    declared = vault.lock
    compliance = declared if isinstance(declared, ComplianceLock) else None
    # The grace time is never told by AWS: it is shown where it is sent, and never compared.
    shown: Flat = {"changeable_for_days": compliance.changeable_for_days} if compliance else {}
    sent = _params(document(declared)) if declared else {}
    put = Call("PutBackupVaultLockConfiguration", {"BackupVaultName": vault.name, **sent})
    delete = "DeleteBackupVaultLockConfiguration"
    change = _part(vault, "lock", _seen_lock_form(seen), _lock_form(declared), put, delete, shown)
    if change is None or change.action is Action.KEEP:
        return change
    if seen is not None and seen.final(owner.now):
        return attrs.evolve(change, calls=(), problems=(_final(change.address, seen),))
    if compliance is None or change.action is Action.DELETE:
        return change
    reason = f"{change.reason}, and nobody can take it off after {counted(compliance.changeable_for_days, 'day')}"
    return attrs.evolve(change, irreversible=True, reason=reason)


def _final(address: str, seen: SeenLock) -> Problem:
    bounds = ", ".join(f"{name}={value}" for name, value in _seen_lock_form(seen).items() if name != "mode")
    return Problem(
        address,
        f"the compliance lock is final since {seen.locks_at:%Y-%m-%d %H:%M} UTC: nobody can change or remove it",
        f"declare it as it is ({bounds or 'without bounds'})",
    )


def _lock_form(lock: GovernanceLock | None) -> Flat:
    if lock is None:
        return {}
    mode = "compliance" if isinstance(lock, ComplianceLock) else "governance"
    return _bounded(mode, lock.min_days, lock.max_days)


def _seen_lock_form(lock: SeenLock | None) -> Flat:
    if lock is None:
        return {}
    return _bounded("governance" if lock.locks_at is None else "compliance", lock.min_days, lock.max_days)


def _bounded(mode: str, low: int | None, high: int | None) -> Flat:
    flat: Flat = {"mode": mode}
    if low is not None:
        flat["min_days"] = low
    if high is not None:
        flat["max_days"] = high
    return flat


def _policy_change(vault: Vault, seen: str | None) -> Change | None:
    named = {"BackupVaultName": vault.name}
    put = Call("PutBackupVaultAccessPolicy", {**named, **({"Policy": vault.policy} if vault.policy else {})})
    old, new = policy_forms(seen, vault.policy)
    return _part(vault, "policy", old, new, put, "DeleteBackupVaultAccessPolicy")


def _notifications_change(vault: Vault, seen: SeenNotifications | None) -> Change | None:
    declared = vault.notifications
    sent = _params(document(declared)) if declared else {}
    put = Call("PutBackupVaultNotifications", {"BackupVaultName": vault.name, **sent})
    return _part(
        vault,
        "notifications",
        _notifications_form(seen),
        _notifications_form(declared),
        put,
        "DeleteBackupVaultNotifications",
    )


def _notifications_form(told: Notifications | SeenNotifications | None) -> Flat:
    return {} if told is None else {"topic": told.topic, "events": tuple(sorted(set(told.events)))}
