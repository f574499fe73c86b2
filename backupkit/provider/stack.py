"""A stack: things that are declared, previewed and applied together."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar, Protocol

import attrs

from backupkit.declare import Declared, Plan, Tags, Vault
from backupkit.declare.fields import RESOURCE_TAGS, Pattern, every, flags, listed, matches, tags_within
from backupkit.declare.words import notes, plan_rows, vault_rows
from backupkit.display import Block, Facts
from backupkit.errors import InvalidValueError
from backupkit.neighbours import NO_NEIGHBOURS
from backupkit.problems import Problem, counted, label, shown
from backupkit.provider import kinds
from backupkit.provider.changes import Changes, reading_and_writing
from backupkit.provider.checks import coherence_problems
from backupkit.provider.diff import compute, unwise
from backupkit.provider.kinds import Reader
from backupkit.provider.ownership import OWNER_TAG, RESERVED_PREFIX, Owner, tags_of_thing
from backupkit.provider.refresh import look
from backupkit.provider.source import Source
from backupkit.transport.protocol import Transport

__all__ = ["HasTransport", "Stack"]

STACK_NAME = Pattern("stack name", r"[a-zA-Z0-9\-_.]{1,128}", "1 to 128 letters, digits, -, _ and .")


class HasTransport(Protocol):
    """What a stack needs of a connection."""

    @property
    def transport(self) -> Transport:
        """Where calls go."""
        ...


def _things(things: Iterable[Declared]) -> tuple[Declared, ...]:
    """The things, with each plan as the plans that AWS can hold."""
    given = listed(things, "stack/things")
    return tuple(each for thing in given for each in (thing.split() if isinstance(thing, Plan) else (thing,)))


def _declarable(value: object) -> Iterator[Problem]:
    """Something that the table of kinds has a row for."""
    held = tuple(kind.cls for kind in kinds.KINDS)
    if not isinstance(value, held):
        names = ", ".join(sorted(cls.__name__ for cls in held))
        yield Problem("", f"{shown(value)} is not something that a stack holds", f"use {names}")


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

    Raises:
        InvalidValueError: Something AWS would refuse.
    """

    _KIND: ClassVar[str] = "stack"

    name: str = attrs.field(metadata=flags(matches(STACK_NAME), document=False))
    things: tuple[Declared, ...] = attrs.field(converter=_things, metadata=flags(every(_declarable), document=False))
    tags: Tags = attrs.field(converter=Tags, metadata=flags(tags_within(RESOURCE_TAGS), document=False))

    def __init__(
        self,
        name: str,
        *more_things: Declared,
        things: Iterable[Declared] = (),
        tags: Mapping[str, str] | None = None,
    ) -> None:
        # attrs makes this method where init=False; pyright does not know it.
        self.__attrs_init__(name, (*_things(things), *more_things), tags)  # pyright: ignore[reportAttributeAccessIssue]

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
        return f"{counted(len(self.vaults), 'vault')}, {counted(len(self.plans), 'plan')}"

    def _blocks(self) -> Iterator[Block]:
        facts = [("tags", ", ".join(self.tags))] if self.tags else []
        yield Facts(f"Stack {self.name}: {self._counts()}", facts)
        yield vault_rows(self.vaults)
        yield from plan_rows(self.plans)
        yield from notes(self)

    def problems(self) -> tuple[Problem, ...]:
        """Everything that is wrong with the stack and the things in it, each with its address inside the stack."""
        return tuple(self._all_problems())

    def _relations(self) -> Iterator[Problem]:
        tagged = [(thing.address, tags_of_thing(thing)) for thing in self.things]
        for where, tags in (("", self.tags), *tagged):
            for key in tags:
                if key.startswith(RESERVED_PREFIX):
                    yield Problem(f"{where}/tags".lstrip("/"), f"tag {key!r} is backupkit's own", "choose another key")
        for address, tags in tagged:
            count = len({**self.tags, **tags, OWNER_TAG: self.name})
            if count > RESOURCE_TAGS.most:
                yield Problem(
                    f"{address}/tags",
                    f"{count} tags with those of the stack and its own {OWNER_TAG}",
                    f"AWS takes at most {RESOURCE_TAGS.most}",
                )

    def _unwise(self) -> Iterator[Problem]:
        yield from coherence_problems(self.things)

    def preview(self, aws: HasTransport, *, adopt: bool = False) -> Changes:
        """What must change so that AWS is as declared. Reads only.

        Args:
            aws: A connection.
            adopt: Take over things that carry a declared name and that no stack owns.

        Raises:
            InvalidValueError: The stack is not sound in itself; nothing was read.
            AmbiguousNameError: Several things carry a declared name.
        """
        warnings = self.check()
        transport = getattr(aws, "transport", None)
        if not isinstance(transport, Transport):
            what = f"a {type(aws).__name__} is not a connection"
            raise InvalidValueError(Problem("preview", what, "give what bk.connect() or bk.local() returned"))
        owner = Owner(stack=self.name, tags=self.tags, adopt=adopt, now=transport.clock.now(), seed=uuid.uuid4().hex)
        reader = Reader(transport, getattr(aws, "neighbours", NO_NEIGHBOURS))
        with reading_and_writing() as threads:
            world = look(reader, owner, self.things, threads)
        return Changes(
            stack=self.name,
            region_name=transport.region_name,
            records=compute(world),
            stack_warnings=tuple(dict.fromkeys((*warnings, *unwise(world)))),
            notes=world.notes,
            source=Source(reader, owner, self.things),
        )
