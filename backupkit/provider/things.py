"""What must change so that one thing, its parts and what is inside it are as declared. Pure, and the same for all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

import attrs

from backupkit.declare.declared import Declared
from backupkit.declare.fields import flags_of
from backupkit.declare.tags import Tags
from backupkit.declare.thing import Thing
from backupkit.problems import Problem, errors_in
from backupkit.provider.answers import Document
from backupkit.provider.change import Action, Change, Difference, Output, Subject
from backupkit.provider.flatten import tag_form
from backupkit.provider.forms import Form, differences
from backupkit.provider.kinds.body import body_form, part_forms
from backupkit.provider.kinds.calls import (
    body_of,
    creations,
    deletions,
    part_document,
    put,
    tag_calls,
    updates,
)
from backupkit.provider.kinds.kind import AnyKind, AnyPart, Place
from backupkit.provider.kinds.observed import Observed, World
from backupkit.provider.ownership import RESERVED_PREFIX
from backupkit.provider.partial import left_alone, managed, too_many_tags, wanted_tags

__all__ = ["thing_changes", "thing_deletions", "thing_release"]

_DROPPED, _DESTROYED = "the stack owns it and no longer declares it", "its stack is destroyed"


def thing_changes(
    world: World, kind: AnyKind, declared: Declared, seen: Observed | None, *, checks: bool = True
) -> Iterator[Change]:
    """The changes of one declared thing: itself first, then its parts, then what is inside it.

    Args:
        world: What it is beside.
        kind: Its row.
        declared: As it should be.
        seen: As it is; None where it is not there.
        checks: Whether to ask what is wrong about it beside everything else.
    """
    name = kind.name_of(declared)
    place = Place(declared.address, Subject(kind.word, name, seen.id if seen else ""))
    if isinstance(declared, Thing) and declared.is_existing:
        yield from _referred_to(kind, place, seen)
        return
    kind = managed(kind, left_alone(world.owner, declared, seen), seen)
    blocked = tuple(_conflicts(world, place.address, seen)) if seen else ()
    itself = _change(world, kind, declared, seen, place)
    replaced = itself.action is Action.REPLACE
    if replaced and not blocked and seen is not None:
        blocked = tuple(kind.obstacles(world, seen, True))
    wrong = [problem.below(place.address) for problem in errors_in(kind.checks(world, declared))] if checks else []
    if _is_tagged(kind):
        wrong += too_many_tags(place.address, wanted_tags(world.owner, declared, seen))
    itself = attrs.evolve(itself, needs=tuple(kind.needs(declared)), problems=(*blocked, *wrong))
    yield itself
    if blocked:
        return
    after = () if itself.action is Action.KEEP else (itself.address,)
    held = None if replaced else seen
    for change in _part_changes(world, kind, declared, held):
        # A part may need what the thing needs, also where the thing itself is there already.
        yield attrs.evolve(change, needs=(*after, *itself.needs, *change.needs))
    inside = list(_inside(world, kind, declared, held, place))
    # What takes the place of something, under another name perhaps, is there before that goes.
    coming = tuple(change.address for change in inside if change.action in {Action.CREATE, Action.REPLACE})
    for change in inside:
        first = coming if change.action is Action.DELETE else ()
        yield attrs.evolve(change, needs=(*after, *first, *change.needs))


def thing_release(seen: Observed) -> Change:
    """Giving a thing up: it stays as it is, but for the tags by which the stack owns it."""
    kind = seen.kind
    kept = {key: value for key, value in seen.tags.items() if not key.startswith(RESERVED_PREFIX)}
    place = Place(seen.address, Subject(kind.word, seen.name, seen.id))
    return attrs.evolve(
        place.change(Action.UPDATE, "the stack gives it up; it stays as it is"),
        differences=differences(tag_form(seen.tags), tag_form(kept)),
        calls=tag_calls(seen, kept),
    )


def thing_deletions(world: World, seen: Observed, *, alone: bool = True, reason: str = "") -> Iterator[Change]:
    """The deletion of a thing that the stack owns and no longer declares, after that of what is inside it.

    Args:
        world: What it is beside.
        seen: The thing.
        alone: Whether no other thing that goes carries its name.
        reason: Why it goes.
    """
    kind = seen.kind
    address = seen.address if alone else f"{seen.address}({seen.id})"
    place = Place(address, Subject(kind.word, seen.name, seen.id))
    destroying = world.owner.destroying
    why = _DESTROYED if destroying else f"its {_noun(kind)} is no longer declared"
    inside = [change for child in kind.children for change in _leftovers(child, _of(child, seen), place, seen.id, why)]
    yield from inside
    calls = deletions(seen)
    yield attrs.evolve(
        place.change(Action.DELETE, reason or (_DESTROYED if destroying else _DROPPED)),
        differences=_whole(seen.tags, body_form(kind, seen.document), gone=True),
        calls=calls,
        needs=tuple(change.address for change in inside),
        problems=tuple(problem for problem in kind.obstacles(world, seen, False)),
        destroys=True,
        drains=destroying and kind.drains(seen),
    )


def _referred_to(kind: AnyKind, place: Place, seen: Observed | None) -> Iterator[Change]:
    """Nothing, where what is only referred to is there."""
    if seen is None or seen.other:
        what = seen.other if seen else f"there is no {_noun(kind)} {place.subject.name!r} here"
        problem = Problem(place.address, what, "make it first, or declare it in its own stack")
        yield attrs.evolve(place.change(Action.KEEP, "it is only referred to"), problems=(problem,))


def _conflicts(world: World, address: str, seen: Observed) -> Iterable[Problem]:
    if seen.other:
        return (Problem(address, seen.other, "choose another name"),)
    return world.owner.conflicts(address, seen.tags) if _is_tagged(seen.kind) else ()


def _is_tagged(kind: AnyKind) -> bool:
    return kind.tags is not None


def _change(world: World, kind: AnyKind, declared: Declared, seen: Observed | None, place: Place) -> Change:
    """The change of the thing itself."""
    tags = wanted_tags(world.owner, declared, seen) if _is_tagged(kind) else Tags()
    body = body_of(kind, declared)
    new = body_form(kind, body)
    if seen is None:
        return attrs.evolve(
            place.change(Action.CREATE, "it does not exist yet"),
            differences=_whole(tags, new, gone=False),
            calls=creations(world, kind, declared, place),
        )
    old = body_form(kind, seen.document, body)
    moved = differences(old, new)
    fixed = _fixed(kind, moved)
    if world.owner.renamed.get(place.address) == seen.name:
        moved = (Difference(kind.key, seen.name, place.subject.name), *moved)
    found = (*(differences(tag_form(seen.tags), tag_form(tags)) if _is_tagged(kind) else ()), *moved)
    failed = kind.settled is not None and seen.state in kind.settled.failed
    if (fixed or failed) and kind.delete is not None:
        what = f"AWS cannot change the {_named(fixed)} of {_a(_noun(kind))}" if fixed else f"its state is {seen.state}"
        made, gone = creations(world, kind, declared, place), deletions(seen)
        how = "another one is made before it is deleted" if kind.create_first else "it is deleted and made again"
        return attrs.evolve(
            place.change(Action.REPLACE, f"{what}: {how}"),
            differences=found,
            calls=(*made, *gone) if kind.create_first else (*gone, *made),
            destroys=True,
        )
    if not found:
        return place.change(Action.KEEP, "it is as declared")
    going = kind.takes_away(old, new) if moved else ()
    mine = world.owner.owns(seen.tags) or not _is_tagged(kind)
    return attrs.evolve(
        place.change(Action.UPDATE, "it differs from what is declared" if mine else "it is taken over by this stack"),
        differences=found,
        calls=(
            *(tag_calls(seen, tags) if _is_tagged(kind) else ()),
            *(updates(world, kind, declared, seen, place) if moved else ()),
        ),
        dropped_members=seen.unknown if moved else (),
        takes_away=going,
        destroys=bool(going),
        warnings=tuple(problem.below(place.address) for problem in kind.warnings(old, new)) if moved else (),
    )


def _fixed(kind: AnyKind, moved: Sequence[Difference]) -> list[str]:
    """The fields that differ and cannot be changed in place."""
    heads = dict.fromkeys(re.split(r"[/.]", each.path, maxsplit=1)[0] for each in moved)
    if kind.update is None and kind.updating is None:
        return list(heads)
    fixed = {field.name for field in attrs.fields(kind.cls) if flags_of(field).replaces}
    return [head for head in heads if head in fixed]


def _named(fields: Sequence[str]) -> str:
    return " and ".join(field.replace("_", " ") for field in fields)


def _a(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeio' else 'a'} {noun}"


def _noun(kind: AnyKind) -> str:
    return kind.word.replace("_", " ")


def _whole(tags: Mapping[str, str], body: Form, *, gone: bool) -> tuple[Difference, ...]:
    """Everything of a thing that comes or goes."""
    return tuple(
        each for form in (tag_form(tags), body) for each in (differences(form, {}) if gone else differences({}, form))
    )


def _part_changes(world: World, kind: AnyKind, declared: Declared, seen: Observed | None) -> Iterator[Change]:
    found = _parent_id(kind, declared, seen)
    for part in kind.parts:
        change = _part_change(world, kind, part, declared, seen.parts.get(part.field) if seen else None, found)
        if change is not None:
            yield change


def _part_change(
    world: World, kind: AnyKind, part: AnyPart, declared: Declared, held: Document | None, found: str | Output
) -> Change | None:
    """The change of one part of a thing, of which there is one or none."""
    place = Place(f"{declared.address}/{part.field}", Subject(kind.word, kind.name_of(declared), part=part.field))
    wanted = part_document(part, declared)
    old, new = part_forms(kind, part, held, wanted)
    if old == new:
        return place.change(Action.KEEP, "it is as declared") if new else None
    if new:
        going = part.takes_away(old, new)
        change = attrs.evolve(
            place.change(
                Action.UPDATE if old else Action.CREATE,
                "it differs from what is declared" if old else "it does not exist yet",
            ),
            takes_away=going,
            destroys=bool(going),
        )
    else:
        change = attrs.evolve(place.change(Action.DELETE, "it is no longer declared"), destroys=True)
    made = attrs.evolve(change, differences=differences(old, new), calls=(put(kind, part, found, wanted),))
    return made if part.review is None else part.review(world, made, held, getattr(declared, part.field))


def _of(child: AnyKind, parent: Observed | None) -> tuple[Observed, ...]:
    return tuple(each for each in parent.children if each.kind is child) if parent else ()


def _inside(world: World, kind: AnyKind, declared: Declared, seen: Observed | None, parent: Place) -> Iterator[Change]:
    """The changes of what is inside a thing: what is declared first, then what is not."""
    inside = _parent_id(kind, declared, seen)
    for child in kind.children:
        held = _of(child, seen)
        wanted: tuple[Declared, ...] = getattr(declared, child.field)
        places = {child.name_of(each): _child_place(child, child.name_of(each), parent, inside) for each in wanted}
        for each in wanted:
            change = _child_change(world, child, each, held, places[child.name_of(each)])
            yield attrs.evolve(change, needs=tuple(child.needs(each)))
        left = [
            each
            for each in held
            if each.name not in places and not any(child.claims(world, at.address, each) for at in places.values())
        ]
        yield from _leftovers(child, left, parent, inside, f"its {_noun(kind)} does not declare it")


def _parent_id(kind: AnyKind, declared: Declared, seen: Observed | None) -> str | Output:
    """What names the parent in calls; known only once it is made where AWS chooses its id."""
    if seen is not None:
        return seen.id
    return Output(declared.address, kind.id) if kind.name not in {"", kind.id} else kind.name_of(declared)


def _child_place(child: AnyKind, name: str, parent: Place, inside: str | Output) -> Place:
    held = inside if isinstance(inside, str) else ""
    subject = attrs.evolve(parent.subject, id=held, part=name, child=child.word)
    return Place(f"{parent.address}/{child.word}.{name}", subject, inside)


def _child_change(world: World, kind: AnyKind, declared: Declared, held: tuple[Observed, ...], place: Place) -> Change:
    name = kind.name_of(declared)
    concerned = tuple(each for each in held if each.name == name or kind.claims(world, place.address, each))
    if concerned and kind.replace is not None:
        return kind.replace(world, place, declared, concerned)
    return _change(world, kind, declared, concerned[0] if concerned else None, place)


def _leftovers(
    kind: AnyKind, held: Iterable[Observed], parent: Place, inside: str | Output, reason: str
) -> Iterator[Change]:
    """The deletions of what is inside a thing and not declared; those of one name are one change."""
    by_name = sorted(held, key=lambda each: (each.name, each.id))
    for name, group in groupby(by_name, key=lambda each: each.name):
        going = list(group)
        yield attrs.evolve(
            _child_place(kind, name, parent, inside).change(Action.DELETE, reason),
            differences=differences(body_form(kind, going[0].document), {}),
            calls=tuple(call for each in going for call in deletions(each)),
            destroys=True,
        )
