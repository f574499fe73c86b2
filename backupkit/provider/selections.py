"""What must change so that a selection is as declared. Pure.

AWS cannot change a selection, so it is replaced: the new one is made before the old one goes, and protection never
lapses. Whether AWS takes a second selection of one name in one plan is not documented. Where it refuses, the calls
under `Call.otherwise` are made in place of the plain ones: the new selection first stands under a temporary name, then
the old one goes, then it gets its own name, and then the temporary one goes.

What a stack made for a selection is known by its token (`Owner.made`). Only that is replaced or swept without the
caller's word: a selection that somebody else made under a declared name, or under any other, goes with the word alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import attrs

from backupkit.declare import Plan, Selection
from backupkit.matching import glob
from backupkit.provider.answers import sendable
from backupkit.provider.change import Action, Call, Change, Made, Subject
from backupkit.provider.flatten import selection_form
from backupkit.provider.forms import Flat, differences
from backupkit.provider.observed import SeenSelection
from backupkit.provider.ownership import Owner
from backupkit.wire.documents import document

__all__ = ["leftover_selections", "selection_address", "selection_change", "undeclared_selections"]

_LONGEST_NAME = 50


def selection_address(plan: str, name: str) -> str:
    """The address of a selection inside its stack."""
    return f"plan.{plan}/selection.{name}"


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
    address = selection_address(plan, declared.name)
    own = [each for each in held if owner.made(address, each.token)]
    named = [each for each in held if each.name == declared.name]
    temporary = [each for each in own if each.name != declared.name]
    form = selection_form(document(declared))
    same = [each for each in named if each.form == form]
    change = Change(
        address=address,
        action=Action.KEEP,
        reason="it is as declared",
        subject=Subject("plan", plan, plan_id if isinstance(plan_id, str) else "", declared.name),
    )
    if not named and not temporary:
        return attrs.evolve(
            change,
            action=Action.CREATE,
            reason="it does not exist yet",
            differences=differences({}, form),
            calls=(_create(owner, plan_id, declared, address),),
        )
    if same:
        kept = next((each for each in same if each in own), same[0])
        rest = [*(each for each in named if each is not kept), *temporary]
        return _swept(change, plan_id, rest, others=[each for each in rest if each not in own])
    replaced = _replaced(owner, change, plan_id, declared, named, temporary)
    others = [each for each in named if each not in own]
    narrower = _narrower([each.form for each in named or temporary], form)
    return attrs.evolve(
        replaced,
        reason=f"{replaced.reason}{_BY_OTHERS if others else ''}",
        destroys=bool(others or narrower),
        takes_away=narrower,
    )


_BY_OTHERS = "; the stack did not make what goes"


def _swept(
    change: Change, plan_id: str | Made, rest: Sequence[SeenSelection], others: Sequence[SeenSelection]
) -> Change:
    """Nothing, or the end of a replacement that was cut short, or doubles that somebody else made."""
    if not rest:
        return change
    reason = "an older selection of its name is left from a replacement"
    return attrs.evolve(
        change,
        action=Action.REPLACE,
        reason=f"its plan has another selection of its name{_BY_OTHERS}" if others else reason,
        calls=_deletions(plan_id, rest),
        destroys=bool(others),
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
    covered = any(each.form == form for each in temporary)
    if covered:
        calls = (*_deletions(plan_id, named), create, *_deletions(plan_id, temporary))
    elif named:
        calls = (*_deletions(plan_id, temporary), *_straight(owner, change, plan_id, declared, named, create))
    else:
        calls = (create, *_deletions(plan_id, temporary))
    return attrs.evolve(
        change,
        action=Action.REPLACE,
        reason="AWS cannot change a selection: the new one is made before the old one goes",
        differences=differences(old.form, form),
        calls=calls,
        dropped_members=tuple(path for each in named for path in each.unknown),
    )


def _narrower(old: Sequence[Flat], new: Flat) -> tuple[str, ...]:
    """The fields by which the new selection may leave out resources that an old one takes in."""
    found = [
        *(path for path in ("resources", "tags") if any(_lost(form, new, path) for form in old)),
        *(path for path in ("not_resources", "conditions") if any(_gained(form, new, path) for form in old)),
    ]
    return tuple(found)


def _lost(old: Flat, new: Flat, path: str) -> bool:
    resources = _set(new, "resources")
    if "*" in resources:
        return False
    gone = _set(old, path) - _set(new, path)
    # A text with wildcards that fits another pattern names nothing which that pattern leaves out.
    return not all(path == "resources" and any(glob(pattern)(each) for pattern in resources) for each in gone)


def _gained(old: Flat, new: Flat, path: str) -> bool:
    return not _set(new, path) <= _set(old, path)


def _set(form: Flat, path: str) -> set[str]:
    leaf = form.get(path, ())
    return set(leaf) if isinstance(leaf, tuple) else set()


def _straight(
    owner: Owner,
    change: Change,
    plan_id: str | Made,
    declared: Selection,
    named: Sequence[SeenSelection],
    create: Call,
) -> tuple[Call, ...]:
    made = Made(f"{change.address}(temporary)", "SelectionId")
    waiting = _create(owner, plan_id, attrs.evolve(declared, name=_free_name(owner, change)), change.address, "waiting")
    again = owner.token(change.address, "again")
    roundabout = (
        attrs.evolve(waiting, answers=made),
        *_deletions(plan_id, named),
        attrs.evolve(create, params={**create.params, "CreatorRequestId": again}),
        _deletion(plan_id, made),
    )
    return (attrs.evolve(create, otherwise=roundabout), *_deletions(plan_id, named))


def _free_name(owner: Owner, change: Change) -> str:
    """A name that nothing else has, for the time of a replacement; by its token alone it is known again."""
    suffix = f".replacing.{owner.token(change.address, 'name')[-8:]}"
    return change.subject.part[: _LONGEST_NAME - len(suffix)] + suffix


def _create(owner: Owner, plan_id: str | Made, declared: Selection, address: str, step: str = "") -> Call:
    return Call(
        "CreateBackupSelection",
        {
            "BackupPlanId": plan_id,
            "BackupSelection": sendable(document(declared)),
            "CreatorRequestId": owner.token(address, step),
        },
    )


def _deletions(plan_id: str | Made, selections: Sequence[SeenSelection]) -> tuple[Call, ...]:
    return tuple(_deletion(plan_id, each.id) for each in selections)


def _deletion(plan_id: str | Made, selection_id: str | Made) -> Call:
    return Call("DeleteBackupSelection", {"BackupPlanId": plan_id, "SelectionId": selection_id})


def undeclared_selections(owner: Owner, declared: Plan, held: Sequence[SeenSelection]) -> list[SeenSelection]:
    """The selections that stand under no declared name, and were not made on the way to one."""
    addresses = {each.name: selection_address(declared.name, each.name) for each in declared.selections}
    return [
        each
        for each in held
        if each.name not in addresses and not any(owner.made(address, each.token) for address in addresses.values())
    ]


def leftover_selections(
    plan: str, plan_id: str | Made, held: Sequence[SeenSelection], reason: str = "its plan does not declare it"
) -> Iterator[Change]:
    """The deletions of selections that are not declared; those of one name are one change."""
    by_name = sorted(held, key=lambda each: (each.name, each.id))
    for name, group in groupby(by_name, key=lambda each: each.name):
        going = list(group)
        yield Change(
            address=selection_address(plan, name),
            action=Action.DELETE,
            reason=reason,
            differences=differences(going[0].form, {}),
            calls=_deletions(plan_id, going),
            destroys=True,
            subject=Subject("plan", plan, plan_id if isinstance(plan_id, str) else "", name),
        )
