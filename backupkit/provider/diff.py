"""From what is declared and what is seen to what must change. Pure: the same two always give the same changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence

import attrs

from backupkit.declare.declared import Declared
from backupkit.declare.idle import idle
from backupkit.declare.thing import Thing
from backupkit.errors import AmbiguousNameError, InvalidValueError
from backupkit.problems import Problem, Severity, label, nearest
from backupkit.provider import kinds
from backupkit.provider.change import Action, Change
from backupkit.provider.kinds.kind import AnyKind
from backupkit.provider.kinds.observed import Observed, World, age
from backupkit.provider.ownership import OWNER_TAG, Owner
from backupkit.provider.partial import left_alone
from backupkit.provider.refresh import kind_of
from backupkit.provider.things import thing_changes, thing_deletions, thing_release

__all__ = ["compared", "compute", "releases", "the_one", "unwise"]


def compute(world: World) -> tuple[Change, ...]:
    """Every change, what comes first first, in the order of the table; then deletions the other way round.

    Raises:
        AmbiguousNameError: Several things carry a declared name; tells all such names.
    """
    _must_be_clear(world)
    changes: list[Change] = []
    for kind in kinds.KINDS:
        for thing in world.things:
            if kind_of(thing) is kind:
                changes += thing_changes(world, kind, thing, _seen(world, kind, thing))
    for kind in reversed(kinds.KINDS):
        changes += _deletions(world, kind, changes)
    return _settled(changes)


def _seen(world: World, kind: AnyKind, thing: Declared) -> Observed | None:
    """What there is of a declared thing; under its former name where it was renamed and is not there yet."""
    name = kind.name_of(thing)
    found = the_one(world.owner, kind, name, world.found(kind.word, name))
    former = world.owner.renamed.get(thing.address)
    if found is not None or former is None:
        return found
    own = [each for each in world.found(kind.word, former) if world.owns(each)]
    return the_one(world.owner, kind, former, own)


def compared(world: World) -> Iterator[str]:
    """The addresses of declared things, and of all parts that they could have and that are not left alone."""
    for thing in world.things:
        yield thing.address
        kind = kind_of(thing)
        seen = _seen(world, kind, thing)
        if not (isinstance(thing, Thing) and thing.is_existing):
            alone = left_alone(world.owner, thing, seen)
            yield from (f"{thing.address}/{part.field}" for part in kind.parts if part.field not in alone)


def releases(world: World, addresses: Sequence[str]) -> tuple[Change, ...]:
    """Giving up the things at these addresses.

    Raises:
        InvalidValueError: The stack owns no such thing.
    """
    owned = {seen.address: seen for seen in world.seen if world.owns(seen)}
    wrong = [_not_owned(world, address, owned) for address in addresses if address not in owned]
    if wrong:
        raise InvalidValueError(wrong)
    return tuple(thing_release(owned[address]) for address in dict.fromkeys(addresses))


def _not_owned(world: World, address: str, owned: Collection[str]) -> Problem:
    word = address.partition(".")[0]
    if any(kind.word == word and kind.tags is None for kind in kinds.KINDS):
        return Problem(label(address), "no stack can own it, so there is nothing to give up", "leave it out")
    hint = nearest(address, owned) if owned else "it owns nothing here"
    return Problem(label(address), f"the stack {world.owner.stack!r} owns no such thing", hint)


def _must_be_clear(world: World) -> None:
    found: list[AmbiguousNameError] = []
    for thing in world.things:
        kind = kind_of(thing)
        try:
            the_one(world.owner, kind, kind.name_of(thing), world.found(kind.word, kind.name_of(thing)))
        except AmbiguousNameError as error:
            found.append(error)
    if found:
        raise AmbiguousNameError(
            [problem for error in found for problem in error.problems],
            tuple(each for error in found for each in error.candidates),
        )


def the_one(owner: Owner, kind: AnyKind, name: str, seen: Sequence[Observed]) -> Observed | None:
    """The one thing that a declared name means, or None where there is none yet.

    Raises:
        AmbiguousNameError: Several things that the stack owns, or that nobody owns, carry the name.
    """
    named = [each for each in seen if each.name == name and each.kind is kind]
    own = [each for each in named if owner.owns(each.tags)]
    free = [each for each in named if each.tags.get(OWNER_TAG) in {None, *owner.moved_from}]
    candidates = own or free
    if own and kind.create_first:
        candidates = [max(own, key=age)]
    if len(candidates) > 1:
        whose, hint = (
            ("of this stack", f"take the tag {OWNER_TAG} off all but one")
            if own
            else ("that no stack owns", f"tag the one that is meant with {OWNER_TAG}={owner.stack}")
        )
        nouns = f"{kind.word.replace('_', ' ')}s"
        raise AmbiguousNameError(
            Problem(
                f"{kind.word}.{name}",
                f"{len(candidates)} {nouns} {whose} carry this name",
                f"{hint}, or choose another name",
            ),
            tuple(sorted(each.id for each in candidates)),
        )
    # Of things that belong to other stacks, any one says that the name is taken.
    return next(iter(candidates or named), None)


def _deletions(world: World, kind: AnyKind, others: Iterable[Change]) -> Iterator[Change]:
    """The deletions of one kind, after all that is done to what may need it."""
    going = [*world.going(kind.word), *_surplus(world, kind)]
    names = Counter(each.name for each in going)
    later = {each.word for each in kinds.KINDS[kinds.KINDS.index(kind) + 1 :]}
    active = tuple(change.address for change in others if change.subject.kind in later and not change.idle)
    declared = {thing.address for thing in world.things}
    for seen in going:
        stands = (seen.address,) if seen.address in declared else ()
        changes = list(thing_deletions(world, seen, alone=names[seen.name] == 1 and not stands))
        yield from changes[:-1]
        yield attrs.evolve(changes[-1], needs=(*active, *stands, *changes[-1].needs))


def _surplus(world: World, kind: AnyKind) -> Iterator[Observed]:
    """What the stack holds of a declared name beside the one that stands: a run ended before it was deleted."""
    for thing in world.things if kind.create_first else ():
        if kind_of(thing) is kind:
            name = kind.name_of(thing)
            own = [each for each in world.found(kind.word, name) if world.owns(each)]
            yield from sorted(own, key=age)[:-1]


def _settled(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Each change, waiting only for others that do something."""
    listed = tuple(changes)
    working = {change.address for change in listed if change.action is not Action.KEEP}
    return tuple(
        attrs.evolve(change, needs=tuple(dict.fromkeys(each for each in change.needs if each in working)))
        for change in listed
    )


def unwise(world: World) -> Iterator[Problem]:
    """What is only unwise about things beside each other, and shows only with a connection."""
    for thing in world.things:
        yield from (problem.below(thing.address) for problem in idle(thing, world.owner.now))
        for problem in kind_of(thing).checks(world, thing):
            if problem.severity is Severity.WARNING:
                yield problem.below(thing.address)
