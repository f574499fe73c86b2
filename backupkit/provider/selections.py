"""What must change so that a selection is as declared. Pure.

AWS cannot change a selection, so it is replaced: the new one is made before the old one goes, and protection never
lapses. Whether AWS takes a second selection of one name in one plan is not documented. Where it refuses, the calls
under `Call.otherwise` are made in place of the plain ones: the new selection first stands under a temporary name, then
the old one goes, then it gets its own name, and then the temporary one goes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import attrs

from backupkit.declare import Selection
from backupkit.provider.answers import sendable
from backupkit.provider.change import Action, Call, Change, Made, Subject
from backupkit.provider.normal import differences, selection_form, unknown_members
from backupkit.provider.ownership import Owner
from backupkit.provider.seen import SeenSelection
from backupkit.wire.documents import document

__all__ = ["leftover_selections", "selection_change", "temporary_name"]

_LONGEST_NAME, _SUFFIX = 50, ".replacing"


def temporary_name(name: str) -> str:
    """Under which name a new selection waits for its own, where AWS takes no second one of one name."""
    return name[: _LONGEST_NAME - len(_SUFFIX)] + _SUFFIX


def selection_change(
    owner: Owner, plan: str, plan_id: str | Made, declared: Selection, held: Sequence[SeenSelection]
) -> Change:
    """The change of one declared selection.

    Args:
        owner: The stack.
        plan: The name of its plan.
        plan_id: The plan's id, or where it will come from.
        declared: As it should be.
        held: All the selections of the plan.
    """
    waiting = temporary_name(declared.name)
    named = [each for each in held if each.name == declared.name]
    temporary = [each for each in held if each.name == waiting]
    form = selection_form(document(declared))
    same = [each for each in named if selection_form(each.document) == form]
    change = Change(
        address=f"plan.{plan}/{declared.address}",
        action=Action.KEEP,
        reason="it is as declared",
        subject=Subject("plan", plan, plan_id if isinstance(plan_id, str) else "", declared.name),
    )
    creation = _create(owner, plan_id, declared, change.address)
    if not named and not temporary:
        found = differences({}, form)
        reason = "it does not exist yet"
        return attrs.evolve(change, action=Action.CREATE, reason=reason, differences=found, calls=(creation,))
    if same:
        return _swept(change, plan_id, [*(each for each in named if each is not same[0]), *temporary])
    return _replaced(owner, change, plan_id, declared, named, temporary)


def _swept(change: Change, plan_id: str | Made, rest: Sequence[SeenSelection]) -> Change:
    """Nothing, or the end of a replacement that was cut short."""
    if not rest:
        return change
    return attrs.evolve(
        change,
        action=Action.REPLACE,
        reason="an older selection of its name is left from a replacement",
        calls=_deletions(plan_id, rest),
    )


def _replaced(
    owner: Owner,
    change: Change,
    plan_id: str | Made,
    declared: Selection,
    named: Sequence[SeenSelection],
    temporary: Sequence[SeenSelection],
) -> Change:
    old = (named or temporary)[0]
    form = selection_form(document(declared))
    create = _create(owner, plan_id, declared, change.address)
    covered = any(selection_form(each.document) == form for each in temporary)
    if covered:
        calls = (*_deletions(plan_id, named), create, *_deletions(plan_id, temporary))
    elif named:
        # What else stands under the temporary name is an older attempt: it goes first, so that the name is free.
        calls = (*_deletions(plan_id, temporary), *_straight(owner, change, plan_id, declared, named, create))
    else:
        calls = (create, *_deletions(plan_id, temporary))
    return attrs.evolve(
        change,
        action=Action.REPLACE,
        reason="AWS cannot change a selection: the new one is made before the old one goes",
        differences=differences(selection_form(old.document), form),
        calls=calls,
        dropped_members=tuple(path for each in named for path in unknown_members(Selection, each.document)),
    )


def _straight(
    owner: Owner,
    change: Change,
    plan_id: str | Made,
    declared: Selection,
    named: Sequence[SeenSelection],
    create: Call,
) -> tuple[Call, ...]:
    waiting = attrs.evolve(declared, name=temporary_name(declared.name))
    address = f"{change.address}(temporary)"
    roundabout = (
        attrs.evolve(_create(owner, plan_id, waiting, address), answers=address),
        *_deletions(plan_id, named),
        attrs.evolve(create, params={**create.params, "CreatorRequestId": owner.token(f"{change.address}(again)")}),
        _deletion(plan_id, Made(address, "SelectionId")),
    )
    return (attrs.evolve(create, otherwise=roundabout), *_deletions(plan_id, named))


def _create(owner: Owner, plan_id: str | Made, declared: Selection, address: str) -> Call:
    return Call(
        "CreateBackupSelection",
        {
            "BackupPlanId": plan_id,
            "BackupSelection": sendable(document(declared)),
            "CreatorRequestId": owner.token(address),
        },
    )


def _deletions(plan_id: str | Made, selections: Sequence[SeenSelection]) -> tuple[Call, ...]:
    return tuple(_deletion(plan_id, each.id) for each in selections)


def _deletion(plan_id: str | Made, selection_id: str | Made) -> Call:
    return Call("DeleteBackupSelection", {"BackupPlanId": plan_id, "SelectionId": selection_id})


def leftover_selections(
    plan: str, plan_id: str | Made, held: Sequence[SeenSelection], reason: str = "its plan no longer declares it"
) -> Iterator[Change]:
    """The deletions of selections that are not declared; those of one name are one change."""
    by_name = sorted(held, key=lambda each: (each.name, each.id))
    for name, group in groupby(by_name, key=lambda each: each.name):
        going = list(group)
        yield Change(
            address=f"plan.{plan}/selection.{name}",
            action=Action.DELETE,
            reason=reason,
            differences=differences(selection_form(going[0].document), {}),
            calls=_deletions(plan_id, going),
            destroys=True,
            subject=Subject("plan", plan, plan_id if isinstance(plan_id, str) else "", name),
        )
