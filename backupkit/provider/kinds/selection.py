"""Selections of plans.

AWS cannot change a selection, so it is replaced: the new one is made before the old one goes, and protection never
lapses. Whether AWS takes a second selection of one name in one plan is not documented. Where it refuses, the calls
under `Call.fallback` are made in place of the plain ones: the new selection first stands under a temporary name, then
the old one goes, then it gets its own name, and then the temporary one goes.

What a stack made for a selection is known by its token (`Owner.made`). Only that is replaced or swept without the
caller's word: a selection that somebody else made under a declared name, or under any other, goes with the word alone.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import attrs

from backupkit.declare.codec.documents import document
from backupkit.declare.selection import CONDITION_PREFIX, Selection
from backupkit.matching import glob
from backupkit.provider.answers import Document, entries, inner, text, texts
from backupkit.provider.change import Action, Call, Change, Output
from backupkit.provider.forms import Flat, Form, differences
from backupkit.provider.kinds.calls import creation, deletion
from backupkit.provider.kinds.kind import Kind, Place
from backupkit.provider.kinds.observed import Observed, World, role_address

__all__ = ["SELECTION", "selection_form"]

_LONGEST_NAME = 50
_BY_OTHERS = "; the stack did not make what goes"


def selection_form(selection: Document) -> Flat:
    """A selection, without its name: under which name it stands changes nothing about what it protects."""
    tags = {f"{_key(text(t, 'ConditionKey'))} = {text(t, 'ConditionValue')}" for t in entries(selection, "ListOfTags")}
    conditions = {
        f"{_tag_key(text(c, 'ConditionKey'))} {operator} {text(c, 'ConditionValue')}"
        for operator in inner(selection, "Conditions")
        for c in entries(inner(selection, "Conditions"), operator)
    }
    flat: Flat = {
        "role": text(selection, "IamRoleArn"),
        "resources": texts(selection, "Resources"),
        "not_resources": texts(selection, "NotResources"),
        "tags": tuple(sorted(tags)),
        "conditions": tuple(sorted(conditions)),
    }
    return {path: leaf for path, leaf in flat.items() if leaf}


def _tag_key(key: str) -> str:
    """The key of a condition; one without the API's prefix asks for no tag, and must not look as if it did."""
    return (
        _key(key.removeprefix(CONDITION_PREFIX))
        if key.startswith(CONDITION_PREFIX)
        else f"(no {CONDITION_PREFIX}) {_key(key)}"
    )


def _key(key: str) -> str:
    """A key that ends where it seems to: "a = b" is not the key "a" with a value that begins with "b"."""
    return json.dumps(key) if not key or " " in key or key[0] in '"(' else key


def _form(selection: Document, _: Document | None) -> Form:
    return Form(selection_form(selection))


def _ours(entry: Document) -> bool:
    text(entry, "CreatorRequestId")  # one that is not text is told here, where its answer is known
    return True


def _made(world: World, address: str, seen: Observed) -> bool:
    return world.owner.made(address, text(seen.listed, "CreatorRequestId"))


def _replace(world: World, place: Place, declared: Selection, held: Sequence[Observed]) -> Change:
    """The change of a selection that is there, or was on the way to be."""
    own = [each for each in held if _made(world, place.address, each)]
    named = [each for each in held if each.name == declared.name]
    temporary = [each for each in own if each.name != declared.name]
    form = selection_form(document(declared))
    same = [each for each in named if selection_form(each.document) == form]
    if same:
        kept = next((each for each in same if each in own), same[0])
        rest = [*(each for each in named if each is not kept), *temporary]
        return _swept(place, rest, others=any(each not in own for each in rest))
    others = any(each not in own for each in named)
    narrower = _narrower([selection_form(each.document) for each in named or temporary], form)
    return attrs.evolve(
        _replaced(world, place, declared, named, temporary),
        reason="AWS cannot change a selection: the new one is made before the old one goes"
        + (_BY_OTHERS if others else ""),
        destroys=bool(others or narrower),
        takes_away=narrower,
    )


def _swept(place: Place, rest: Sequence[Observed], *, others: bool) -> Change:
    """Nothing, or the end of a replacement that was cut short, or doubles that somebody else made."""
    if not rest:
        return place.change(Action.KEEP, "it is as declared")
    reason = "an older selection of its name is left from a replacement"
    return attrs.evolve(
        place.change(Action.REPLACE, f"its plan has another selection of its name{_BY_OTHERS}" if others else reason),
        calls=_deletions(place, rest),
        destroys=others,
    )


def _replaced(
    world: World, place: Place, declared: Selection, named: Sequence[Observed], temporary: Sequence[Observed]
) -> Change:
    form = selection_form(document(declared))
    create = creation(world, SELECTION, declared, place)
    if any(selection_form(each.document) == form for each in temporary):
        calls = (*_deletions(place, named), create, *_deletions(place, temporary))
    elif named:
        calls = (*_deletions(place, temporary), *_straight(world, place, declared, named, create))
    else:
        calls = (create, *_deletions(place, temporary))
    return attrs.evolve(
        place.change(Action.REPLACE, ""),
        differences=differences(selection_form((named or temporary)[0].document), form),
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
    world: World, place: Place, declared: Selection, named: Sequence[Observed], create: Call
) -> tuple[Call, ...]:
    made = Output(f"{place.address}(temporary)", "SelectionId")
    renamed = attrs.evolve(declared, name=_free_name(world, place, declared.name))
    waiting = creation(world, SELECTION, renamed, place, step="waiting")
    roundabout = (
        attrs.evolve(waiting, answers=made),
        *_deletions(place, named),
        creation(world, SELECTION, declared, place, step="again"),
        deletion(SELECTION, made, place.inside),
    )
    return (attrs.evolve(create, fallback=roundabout), *_deletions(place, named))


def _free_name(world: World, place: Place, name: str) -> str:
    """A name that nothing else has, for the time of a replacement; by its token alone it is known again."""
    suffix = f".replacing.{world.owner.token(place.address, 'name')[-8:]}"
    return name[: _LONGEST_NAME - len(suffix)] + suffix


def _deletions(place: Place, selections: Sequence[Observed]) -> tuple[Call, ...]:
    return tuple(deletion(SELECTION, each.id, place.inside) for each in selections)


SELECTION = Kind(
    cls=Selection,
    list="ListBackupSelections",
    get="GetBackupSelection",
    body="BackupSelection",
    id="SelectionId",
    name="SelectionName",
    create="CreateBackupSelection",
    delete="DeleteBackupSelection",
    unique=False,
    field="selections",
    parent="BackupPlanId",
    form=_form,
    replace=_replace,
    ours=_ours,
    needs=lambda selection: (role_address(selection.role),),
    claims=_made,
)
