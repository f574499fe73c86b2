"""Reading AWS for a preview: lists decide what exists, because AWS answers AccessDenied for a vault that does not.

Nothing here writes.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from typing import TypeVar

import attrs

from backupkit.declare import Plan, Selection, Vault
from backupkit.errors import AccessDeniedError, NotFoundError
from backupkit.provider.answers import (
    Document,
    answer,
    arn,
    entries,
    flag,
    inner,
    listed,
    moment,
    needed,
    number,
    tags_of,
    text,
    texts,
)
from backupkit.provider.flatten import plan_form, selection_form, unknown_members
from backupkit.provider.forms import Flat
from backupkit.provider.observed import Seen, SeenLock, SeenNotifications, SeenPlan, SeenSelection, SeenVault
from backupkit.provider.ownership import Owner
from backupkit.transport.protocol import Transport

__all__ = ["look", "read_plan", "read_plans_named", "read_selections", "read_vault"]

_STANDARD = {"", "BACKUP_VAULT"}
_AWS_VAULTS, _ORGANIZATION_PLANS = "aws/", "orgs/"
T = TypeVar("T")


def look(transport: Transport, owner: Owner, things: Iterable[Vault | Plan], executor: Executor) -> Seen:
    """Everything that a preview needs to know.

    Args:
        transport: Where to read.
        owner: The stack.
        things: What the stack declares.
        executor: Reads side by side.
    """
    declared = tuple(things)
    vault_names = {thing.name for thing in declared if isinstance(thing, Vault)}
    plan_names = {thing.name for thing in declared if isinstance(thing, Plan)}
    notes: list[str] = []
    vaults = executor.map(_looking_at_vault(transport, owner, vault_names, notes), _all_vaults(transport))
    plans = executor.map(_looking_at_plan(transport, owner, plan_names, notes), _all_plans(transport))
    return Seen(tuple(vaults), tuple(plan for plan in plans if plan is not None), tuple(sorted(notes)))


def _looking_at_vault(
    transport: Transport, owner: Owner, names: set[str], notes: list[str]
) -> Callable[[SeenVault], SeenVault]:
    def look_at(vault: SeenVault) -> SeenVault:
        if vault.name.startswith(_AWS_VAULTS):
            return vault
        tags = _tags(transport, vault.arn, f"vault.{vault.name}", notes, needed=vault.name in names)
        mine = vault.name in names or owner.owns(tags)
        return _with_parts(transport, attrs.evolve(vault, tags=tags)) if mine else vault

    return look_at


def _looking_at_plan(
    transport: Transport, owner: Owner, names: set[str], notes: list[str]
) -> Callable[[SeenPlan], SeenPlan | None]:
    def look_at(plan: SeenPlan) -> SeenPlan | None:
        tags = _tags(transport, plan.arn, f"plan.{plan.name}", notes, needed=plan.name in names)
        if plan.name not in names and not owner.owns(tags):
            return None
        found = _plan_body(transport, plan.id)
        return found and attrs.evolve(found, tags=tags, selections=read_selections(transport, plan.id))

    return look_at


def _tags(transport: Transport, arn: str, address: str, notes: list[str], *, needed: bool) -> dict[str, str]:
    try:
        return tags_of(transport, arn)
    except AccessDeniedError:
        if needed:
            raise
        # Whoever may not even read its tags cannot have put it into the stack.
        notes.append(f"{address}: its tags may not be read, so it is taken for somebody else's")
        return {}
    except NotFoundError:
        if needed:
            raise
        return {}


def _all_vaults(transport: Transport) -> list[SeenVault]:
    return list(listed(transport, "ListBackupVaults", _vault))


def _vault(member: Document) -> SeenVault:
    lock = SeenLock(number(member, "MinRetentionDays"), number(member, "MaxRetentionDays"), moment(member, "LockDate"))
    return SeenVault(
        name=needed(member, "BackupVaultName"),
        arn=arn(member, "BackupVaultArn"),
        key=text(member, "EncryptionKeyArn"),
        points=number(member, "NumberOfRecoveryPoints") or 0,
        standard=text(member, "VaultType") in _STANDARD,
        lock=lock if flag(member, "Locked") else None,
    )


def _with_parts(transport: Transport, vault: SeenVault) -> SeenVault:
    named = {"BackupVaultName": vault.name}
    return attrs.evolve(
        vault,
        policy=_if_any(lambda: answer(transport, "GetBackupVaultAccessPolicy", named, _policy)),
        notifications=_if_any(lambda: answer(transport, "GetBackupVaultNotifications", named, _notifications)),
    )


def _policy(found: Document) -> str | None:
    return text(found, "Policy") or None


def _notifications(found: Document) -> SeenNotifications | None:
    topic, events = text(found, "SNSTopicArn"), texts(found, "BackupVaultEvents")
    return SeenNotifications(topic, events) if topic or events else None


def _if_any(get: Callable[[], T]) -> T | None:
    """What is there; AWS answers "not found" for a vault that has no policy or no notifications."""
    try:
        return get()
    except NotFoundError:
        return None


def read_vault(transport: Transport, name: str) -> SeenVault | None:
    """One vault with all that belongs to it, or None where no list shows it."""
    found = next((vault for vault in _all_vaults(transport) if vault.name == name), None)
    if found is None:
        return None
    return _with_parts(transport, attrs.evolve(found, tags=tags_of(transport, found.arn)))


def _all_plans(transport: Transport) -> list[SeenPlan]:
    """The plans of this account. Those of an organization's policy are read-only here, and left out."""
    return [plan for plan in listed(transport, "ListBackupPlans", _listed_plan) if plan is not None]


def _listed_plan(member: Document) -> SeenPlan | None:
    plan_id = needed(member, "BackupPlanId")
    if moment(member, "DeletionDate") is not None or plan_id.startswith(_ORGANIZATION_PLANS):
        return None
    return SeenPlan(id=plan_id, arn=arn(member, "BackupPlanArn"), name=needed(member, "BackupPlanName"))


def _plan_body(transport: Transport, plan_id: str) -> SeenPlan | None:
    """The plan without its tags and selections, or None where it is gone."""
    return _if_any(lambda: answer(transport, "GetBackupPlan", {"BackupPlanId": plan_id}, _plan))


def _plan(found: Document) -> SeenPlan | None:
    body, settings = inner(found, "BackupPlan"), entries(found, "AdvancedBackupSettings")
    if moment(found, "DeletionDate") is not None:
        return None
    beside = {"AdvancedBackupSettings": settings} if settings else {}
    return SeenPlan(
        id=needed(found, "BackupPlanId"),
        arn=arn(found, "BackupPlanArn"),
        name=needed(body, "BackupPlanName"),
        form=plan_form(body, settings),
        unknown=unknown_members(Plan, {**body, **beside}),
    )


def read_plan(transport: Transport, plan_id: str) -> SeenPlan | None:
    """One plan without its selections, or None where it is gone."""
    found = _plan_body(transport, plan_id)
    return found and attrs.evolve(found, tags=tags_of(transport, found.arn))


def read_plans_named(transport: Transport, name: str) -> tuple[SeenPlan, ...]:
    """The plans of one name, with their tags and documents, without their selections."""
    found = (read_plan(transport, plan.id) for plan in _all_plans(transport) if plan.name == name)
    return tuple(plan for plan in found if plan is not None)


def read_selections(
    transport: Transport, plan_id: str, wanted: Callable[[SeenSelection], bool] = lambda _: True
) -> tuple[SeenSelection, ...]:
    """The selections of a plan; only those that are wanted by what the list tells of them."""
    members = listed(transport, "ListBackupSelections", _listed_selection, {"BackupPlanId": plan_id})
    chosen = [each for each in members if wanted(each)]
    found = (_if_any(functools.partial(_with_form, transport, plan_id, each)) for each in chosen)
    return tuple(selection for selection in found if selection is not None)


def _listed_selection(member: Document) -> SeenSelection:
    return SeenSelection(
        id=needed(member, "SelectionId"), name=needed(member, "SelectionName"), token=text(member, "CreatorRequestId")
    )


def _with_form(transport: Transport, plan_id: str, selection: SeenSelection) -> SeenSelection:
    named = {"BackupPlanId": plan_id, "SelectionId": selection.id}
    form, unknown = answer(transport, "GetBackupSelection", named, _selection)
    return attrs.evolve(selection, form=form, unknown=unknown)


def _selection(found: Document) -> tuple[Flat, tuple[str, ...]]:
    body = inner(found, "BackupSelection")
    needed(body, "IamRoleArn")
    return selection_form(body), unknown_members(Selection, body)
