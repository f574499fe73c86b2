"""A stack: things that are declared, previewed and applied together."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar

import attrs

from backupkit.checks import RESOURCE_TAGS, Pattern, every, is_text, listed, matches, must_be_bools, tags_within, texts
from backupkit.declare.declared import Declared
from backupkit.declare.fields import flags
from backupkit.declare.plan import Plan
from backupkit.declare.tags import Tags
from backupkit.declare.vault import Vault
from backupkit.declare.words import notes, plan_rows, thing_rows, vault_rows
from backupkit.display import Block, Facts
from backupkit.errors import InvalidValueError
from backupkit.neighbours.identity import account_of_caller
from backupkit.problems import Problem, counted, label, nearest, quote, warning, with_article
from backupkit.provider import kinds
from backupkit.provider.change import Change
from backupkit.provider.changes import Changes, reading_and_writing
from backupkit.provider.checks import coherence_problems
from backupkit.provider.connected import reader_of
from backupkit.provider.destroying import what_stays, with_points
from backupkit.provider.diff import compared, compute, releases, unwise
from backupkit.provider.drift import Drift, drift_of
from backupkit.provider.kinds import Reader, World
from backupkit.provider.ownership import OWNER_TAG, RESERVED_PREFIX, Owner, tags_of_thing
from backupkit.provider.refresh import kind_of, refresh
from backupkit.provider.source import Source
from backupkit.transport.connected import Connected

__all__ = ["Stack"]

_PAIR = 2
STACK_NAME = Pattern("stack name", r"[a-zA-Z0-9\-_.]{1,128}", "1 to 128 letters, digits, -, _ and .")


def _things(things: Iterable[Declared]) -> tuple[Declared, ...]:
    """The things, with each plan as the plans that AWS can hold."""
    given = listed(things, "stack/things")
    return tuple(each for thing in given for each in (thing.split() if isinstance(thing, Plan) else (thing,)))


def _pairs(renames: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    pairs = listed(renames, "stack/renames")
    for pair in pairs:
        if not isinstance(pair, (tuple, list)) or len(pair) != _PAIR or not all(map(is_text, pair)):
            what = f"{quote(pair)} is not a pair of addresses"
            raise InvalidValueError(Problem("stack/renames", what, 'write ("plan.nightly", "plan.daily")'))
    return tuple((old, new) for old, new in pairs)


def _declarable(value: object) -> Iterator[Problem]:
    """Something that the table of kinds has a row for."""
    held = tuple(kind.cls for kind in kinds.KINDS)
    if not isinstance(value, held):
        names = ", ".join(sorted(cls.__name__ for cls in held))
        yield Problem("", f"{quote(value)} is not something that a stack holds", f"use {names}")


@attrs.frozen(init=False, repr=False)
class Stack(Declared):
    """Vaults, plans and whatever else AWS Backup can be configured with, that belong together.

    What a stack has made carries the tag ``backupkit:stack`` with its name. That tag is all there is of state: what
    carries it and is no longer declared shows as a deletion.

    Args:
        name: 1 to 128 letters, digits, -, _ and .
        more_things: Vaults, plans, ...; the same as ``things``.
        things: Vaults, plans, ...
        tags: Tags for each of them; their own win.
        renames: Pairs of a former address and the one that it has now; see `renamed`.

    Raises:
        InvalidValueError: Something AWS would refuse.
    """

    _KIND: ClassVar[str] = "stack"

    name: str = attrs.field(metadata=flags(matches(STACK_NAME), document=False))
    things: tuple[Declared, ...] = attrs.field(converter=_things, metadata=flags(every(_declarable), document=False))
    tags: Tags = attrs.field(converter=Tags, metadata=flags(tags_within(RESOURCE_TAGS), document=False))
    renames: tuple[tuple[str, str], ...] = attrs.field(
        default=(), converter=_pairs, kw_only=True, metadata=flags(document=False)
    )

    def __init__(
        self,
        name: str,
        *more_things: Declared,
        things: Iterable[Declared] = (),
        tags: Mapping[str, str] | None = None,
        renames: Iterable[tuple[str, str]] = (),
    ) -> None:
        # attrs makes this method where init=False; pyright does not know it.
        self.__attrs_init__(  # pyright: ignore[reportAttributeAccessIssue]
            name, (*_things(things), *more_things), tags, renames=renames
        )

    def renamed(self, old: str, new: str) -> Stack:
        """Return the stack in which what AWS has at one address is what is declared at another.

        It is then changed in place, with all that belongs to it, and not deleted and made again. Once that is applied
        everywhere, the line can go; it does nothing then.

        Args:
            old: The former address, for example ``plan.nightly``.
            new: The address of what is declared, for example ``plan.daily``.

        Raises:
            InvalidValueError: AWS cannot rename such things, as it cannot vaults, or nothing is declared there.
        """
        return attrs.evolve(self, renames=(*self.renames, (old, new)))

    @property
    def vaults(self) -> tuple[Vault, ...]:
        """The vaults among its things."""
        return tuple(thing for thing in self.things if isinstance(thing, Vault))

    @property
    def plans(self) -> tuple[Plan, ...]:
        """The plans among its things."""
        return tuple(thing for thing in self.things if isinstance(thing, Plan))

    def __repr__(self) -> str:
        return f"<Stack {label(self.name)}: {self._counts()}>"

    def _counts(self) -> str:
        others = len(self._others())
        text = f"{counted(len(self.vaults), 'vault')}, {counted(len(self.plans), 'plan')}"
        return f"{text}, {counted(others, 'other thing')}" if others else text

    def _others(self) -> tuple[Declared, ...]:
        return tuple(thing for thing in self.things if not isinstance(thing, Vault | Plan))

    def _blocks(self) -> Iterator[Block]:
        facts = [("tags", ", ".join(self.tags))] if self.tags else []
        yield Facts(f"Stack {self.name}: {self._counts()}", facts)
        yield vault_rows(self.vaults)
        yield from plan_rows(self.plans)
        if self._others():
            yield thing_rows(self._others())
        yield from notes(self)

    def problems(self) -> tuple[Problem, ...]:
        """Everything that is wrong with the stack and the things in it, each with its address inside the stack."""
        return tuple(self._all_problems())

    def _cross_field(self) -> Iterator[Problem]:
        tagged = [(thing.address, tags_of_thing(thing)) for thing in self.things]
        for where, tags in (("", self.tags), *tagged):
            for key in tags:
                if key.startswith(RESERVED_PREFIX):
                    yield Problem(f"{where}/tags".lstrip("/"), f"tag {key!r} is backupkit's own", "choose another key")
        yield from self._wrong_renames()
        for address, tags in tagged:
            count = len({**self.tags, **tags, OWNER_TAG: self.name})
            if count > RESOURCE_TAGS.most:
                yield Problem(
                    f"{address}/tags",
                    f"{count} tags with those of the stack and its own {OWNER_TAG}",
                    f"AWS takes at most {RESOURCE_TAGS.most}",
                )

    def _wrong_renames(self) -> Iterator[Problem]:
        things = {thing.address: kind_of(thing) for thing in self.things}
        for old, new in self.renames:
            kind, word = things.get(new), old.partition(".")[0]
            if "/" in old:
                what = f"{quote(old)} is inside a thing: what is there is made under its new name before the old goes"
                yield Problem("renames", what, "leave it out, and apply(allow_delete=True)")
            elif old in things:
                yield Problem("renames", f"{quote(old)} is declared as well", "name what is not there any more")
            elif kind is None:
                yield Problem("renames", f"nothing is declared at {quote(new)}", nearest(new, things) if things else "")
            elif kind.word != word or "." not in old:
                what = f"{quote(old)} is not a former address of {quote(new)}"
                yield Problem("renames", what, f"write {kind.word}. and the former name")
            elif kind.update is None or kind.name in {"", kind.id}:
                what = f"AWS cannot rename {with_article(word.replace('_', ' '))}"
                yield Problem("renames", what, f"declare {old} beside it, and drop it once nothing needs it")

    def _warnings(self) -> Iterator[Problem]:
        yield from coherence_problems(self.things)

    def preview(
        self,
        aws: Connected,
        *,
        adopt: bool | Iterable[str] = False,
        moved_from: str | Iterable[str] = (),
        preflight: bool = True,
        destinations: Iterable[Connected] = (),
    ) -> Changes:
        """What must change so that AWS is as declared. Reads only.

        Args:
            aws: A connection.
            adopt: Take over things that carry a declared name and that no stack owns: all, or those at these
                addresses, such as ``vault.prod``. What AWS has of them and the declaration does not mention is left
                alone, then and later, until it is declared or the thing says `Vault.manages`; the tag
                ``backupkit:unmanaged`` of the thing remembers it.
            moved_from: The names of stacks whose things are moved here. They must not declare them any more.
            preflight: Look at what the changes rely on as well: keys, roles, topics, destinations of copies, opted-in
                types, quotas. `Changes.preflight` holds what was found; a problem of it stands in the way of applying.
            destinations: Connections to other accounts and Regions that rules copy to, so that the vaults there can be
                looked at, too.

        Raises:
            InvalidValueError: The stack is not sound in itself; nothing was read.
            AmbiguousNameError: Several things carry a declared name.
        """
        _, changes = self._preview(aws, "preview", adopt, moved_from, preflight=preflight, destinations=destinations)
        return changes

    def _preview(
        self,
        aws: Connected,
        where: str,
        adopt: bool | Iterable[str] = False,
        moved_from: str | Iterable[str] = (),
        *,
        preflight: bool = False,
        destinations: Iterable[Connected] = (),
    ) -> tuple[World, Changes]:
        # What it brings along is more than a stack is, and whoever only declares does without.
        from backupkit.provider.preflight import preflight as look_ahead  # noqa: PLC0415
        from backupkit.provider.preflight import with_problems  # noqa: PLC0415

        must_be_bools(where, preflight=preflight)
        warnings = self.check()
        reader = reader_of(aws, where)
        former = texts(moved_from, "preview/moved_from")
        if wrong := [each for each in former if not is_text(each)]:
            what = f"{quote(wrong[0])} is not the name of a stack"
            raise InvalidValueError(Problem("preview/moved_from", what, "give the name that it had"))
        others = [reader_of(each, "preview/destinations") for each in listed(destinations, "preview/destinations")]
        owner = self._owner(reader, adopt=self._adopted(adopt), moved_from=frozenset(former))
        with reading_and_writing() as threads:
            world = refresh(reader, owner, self.things, threads)
            records = compute(world)
            checks = look_ahead(reader, world, records, others, threads) if preflight else ()
        found = tuple(dict.fromkeys((*warnings, *unwise(world), *_nothing_to_move(world))))
        changes = self._changes(
            Source(reader, owner, self.things), world, with_problems(records, checks), warnings=found
        )
        return world, attrs.evolve(changes, preflight=checks)

    def preview_release(self, aws: Connected, *addresses: str) -> Changes:
        """What must change so that the stack no longer owns these things: their tags, and nothing else. Reads only.

        Take them out of the declaration before the next preview, which would else find that nobody owns them.

        Args:
            aws: A connection.
            addresses: Of what it owns, declared or not, for example ``vault.prod``.

        Raises:
            InvalidValueError: It owns no such thing, or none is named.
        """
        reader = reader_of(aws, "preview_release")
        wrong = [f"{quote(each)} is not an address" for each in addresses if not is_text(each)]
        if wrong or not addresses:
            hint = "name what is given up, for example vault.prod"
            raise InvalidValueError([Problem("preview_release", what, hint) for what in wrong or ("no addresses",)])
        owner = self._owner(reader)
        with reading_and_writing() as threads:
            world = refresh(reader, owner, self.things, threads)
        return self._changes(Source(reader, owner, self.things, releasing=True), world, releases(world, addresses))

    def preview_destroy(self, aws: Connected) -> Changes:
        """Everything that the stack owns, in the order in which it would be deleted, and what cannot go. Reads only.

        A vault that holds recovery points, and ``Default``, go only where ``apply`` is told so by name,
        ``allow_drain=["old"]``. A point that a lock, a legal hold, an access point or the vault's policy keeps is a
        problem that says until when. What no stack can own stays, which the notes say. Where destroying was cut short,
        previewing and applying again goes on.

        Args:
            aws: A connection.
        """
        reader = reader_of(aws, "preview_destroy")
        owner = self._owner(reader, destroying=True)
        with reading_and_writing() as threads:
            found = refresh(reader, owner, self.things, threads)
            world = attrs.evolve(found, things=(), notes=(*found.notes, *what_stays(found)))
            records = with_points(reader, world, compute(world), threads)
        return self._changes(Source(reader, owner, ()), world, records)

    def drift(self, aws: Connected) -> Drift:
        """Where AWS is not as declared: each field with what is declared and what was found. Reads only.

        Args:
            aws: A connection.

        Raises:
            InvalidValueError: The stack is not sound in itself; nothing was read.
            AmbiguousNameError: Several things carry a declared name.
        """
        world, changes = self._preview(aws, "drift")
        return drift_of(changes, compared(world))

    def _changes(
        self, source: Source, world: World, records: tuple[Change, ...], *, warnings: tuple[Problem, ...] = ()
    ) -> Changes:
        return Changes(
            stack=self.name,
            region_name=source.reader.transport.region_name,
            account_id=world.account.account if world.account else account_of_caller(source.reader.neighbours),
            records=records,
            stack_warnings=warnings,
            notes=world.notes,
            source=source,
        )

    def _owner(
        self,
        reader: Reader,
        *,
        adopt: bool | frozenset[str] = False,
        moved_from: frozenset[str] = frozenset(),
        destroying: bool = False,
    ) -> Owner:
        return Owner(
            stack=self.name,
            tags=self.tags,
            adopt=adopt,
            moved_from=moved_from,
            renamed={new: old.partition(".")[2] for old, new in self.renames},
            destroying=destroying,
            now=reader.transport.clock.now(),
            seed=uuid.uuid4().hex,
        )

    def _adopted(self, adopt: bool | Iterable[str]) -> bool | frozenset[str]:
        if isinstance(adopt, bool):
            return adopt
        addresses = texts(adopt, "preview/adopt")
        known = [thing.address for thing in self.things]
        if wrong := [each for each in addresses if each not in known]:
            raise InvalidValueError(
                [
                    Problem("preview/adopt", f"{quote(each)} is not an address of the stack", nearest(each, known))
                    for each in wrong
                ]
            )
        return frozenset(addresses)


def _nothing_to_move(world: World) -> Iterator[Problem]:
    """Stacks that things are moved from and that own nothing here: another name was meant, or it is done already."""
    owners = {seen.tags.get(OWNER_TAG) for seen in world.seen}
    for name in sorted(world.owner.moved_from - owners):
        yield warning("preview/moved_from", f"no thing here belongs to the stack {name!r}", "drop it once all is moved")
