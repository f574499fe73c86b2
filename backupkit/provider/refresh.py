"""Reading AWS for a preview: lists decide what exists, because AWS answers AccessDenied for a vault that does not.

Nothing here writes.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from typing import TypeVar

import attrs

from backupkit.declare.declared import Declared
from backupkit.errors import AccessDeniedError, NotFoundError, RejectedError, UnreachableError
from backupkit.provider import kinds
from backupkit.provider.answers import Document, arn, inner, moment, needed, tags_of, text
from backupkit.provider.flatten import unknown_members
from backupkit.provider.kinds.body import body_form, part_form
from backupkit.provider.kinds.kind import AnyKind, AnyPart
from backupkit.provider.kinds.observed import Observed, World
from backupkit.provider.kinds.reader import Reader
from backupkit.provider.ownership import Owner

__all__ = [
    "bare",
    "is_going",
    "kind_of",
    "path_of",
    "read_children",
    "read_listed",
    "read_named",
    "read_whole",
    "refresh",
]

T = TypeVar("T")


def kind_of(thing: Declared) -> AnyKind:
    """The row of a declared thing."""
    exact = next((kind for kind in kinds.KINDS if type(thing) is kind.cls), None)
    return exact or next(kind for kind in kinds.KINDS if isinstance(thing, kind.cls))


def refresh(reader: Reader, owner: Owner, things: Iterable[Declared], executor: Executor) -> World:
    """Everything that a preview needs to know.

    Args:
        reader: Where to read.
        owner: The stack.
        things: What the stack declares.
        executor: Reads side by side.
    """
    return _Look(reader, owner, tuple(things)).through(executor)


class _Look:
    """One look at everything."""

    def __init__(self, reader: Reader, owner: Owner, things: tuple[Declared, ...]) -> None:
        self._reader = reader
        self._owner = owner
        self._things = things
        self._notes: list[str] = []
        self._names: dict[str, set[str]] = {kind.word: set() for kind in kinds.KINDS}
        for thing in things:
            kind = kind_of(thing)
            self._names[kind.word].add(kind.name_of(thing))

    def through(self, executor: Executor) -> World:
        groups: dict[str, list[AnyKind]] = {}
        for kind in kinds.KINDS:
            if kind.list is not None:
                # Kinds that share a list, as vaults do, are listed once.
                groups.setdefault(kind.list, []).append(kind)
        listed = executor.map(self._listed, groups.values())
        pending = [functools.partial(self._one, each) for found in listed for each in found]
        pending += [
            functools.partial(read_named, self._reader, kind, name)
            for kind in kinds.KINDS
            if kind.list is None
            for name in sorted(self._names[kind.word])
        ]
        found = tuple(executor.map(lambda read: read(), pending))
        seen = tuple(each for each in found if each is not None)
        return World(
            owner=self._owner,
            things=self._things,
            seen=seen,
            notes=tuple(sorted(self._notes)),
            region_name=self._reader.transport.region_name,
        )

    def _listed(self, sharing: Sequence[AnyKind]) -> list[Observed]:
        """What one list shows of the kinds that share it."""
        try:
            return list(read_listed(self._reader, sharing))
        except (AccessDeniedError, RejectedError) as error:
            # Not every Region has every kind.
            if any(self._names[kind.word] for kind in sharing):
                raise
            why = "cannot be listed here" if isinstance(error, RejectedError) else "may not be listed"
            self._notes.append(f"{sharing[0].word}: {why}, so none is taken for the stack's")
            return []

    def _one(self, seen: Observed) -> Observed | None:
        if seen.other:
            return seen
        declared = seen.name in self._names[seen.kind.word]
        tagged = attrs.evolve(seen, tags=self._tags(seen, needed=declared))
        if not (declared or self._owner.owns(tagged.tags)):
            return tagged
        whole = read_whole(self._reader, tagged)
        return None if whole is None or is_going(whole) else whole

    def _tags(self, seen: Observed, *, needed: bool) -> Mapping[str, str]:
        try:
            return read_tags(self._reader, seen)
        except AccessDeniedError:
            if needed:
                raise
            # Whoever may not even read its tags cannot have put it into the stack.
            self._notes.append(f"{seen.address}: its tags may not be read, so it is taken for somebody else's")
            return {}
        except NotFoundError:
            if needed:
                raise
            return {}


def is_going(seen: Observed) -> bool:
    """Whether a thing is being deleted."""
    return seen.kind.settled is not None and seen.state in seen.kind.settled.going


def read_listed(reader: Reader, sharing: Sequence[AnyKind], inside: str = "") -> Iterator[Observed]:
    """What a list tells of each of its things, without what only other calls tell.

    Args:
        reader: Where to read.
        sharing: The rows whose things the list holds.
        inside: For children, the id of the parent.
    """

    def parse(entry: Document) -> list[Observed]:
        return [bare(kind, entry, inside) for kind in sharing if kind.ours(entry)]

    kind = sharing[0]
    found = reader.list(kind, {kind.parent: inside} if inside else {}, parse)
    return (each for some in found for each in some)


def bare(kind: AnyKind, entry: Document, inside: str = "") -> Observed:
    """A thing as its entry in a list shows it."""
    seen = Observed(
        kind=kind,
        id=needed(entry, kind.id),
        name=needed(entry, kind.name or kind.id),
        arn=arn(entry, kind.arn) if kind.arn else "",
        listed=entry,
        inside=inside,
        other=kind.other(entry),
    )
    if kind.created:
        moment(entry, kind.created)  # what is not a time is told here, where its answer is known
    return (_read(seen, entry) or seen) if _is_whole_in_list(kind) else seen


def _is_whole_in_list(kind: AnyKind) -> bool:
    return kind.get is None and kind.reading is None


def read_tags(reader: Reader, seen: Observed) -> Mapping[str, str]:
    """The tags of a thing; none where its kind has none."""
    kind = seen.kind
    return tags_of(reader.transport, seen.arn) if kind.tags is not None and seen.arn else {}


def read_named(reader: Reader, kind: AnyKind, name: str, found: str = "", *, children: bool = True) -> Observed | None:
    """A thing by itself, or None where there is none.

    Args:
        reader: Where to read.
        kind: Its row.
        name: Its declared name.
        found: Its id, where that is not its name.
        children: Whether what is inside it is wanted, too.
    """
    seen = _with_document(reader, Observed(kind=kind, id=found or name, name=name))
    tagged = seen and attrs.evolve(seen, tags=read_tags(reader, seen))
    return tagged and read_whole(reader, tagged, read=True, children=children)


def read_whole(reader: Reader, seen: Observed, *, read: bool = False, children: bool = True) -> Observed | None:
    """A thing with all that belongs to it, or None where it is gone.

    Args:
        reader: Where to read.
        seen: As listed, with its tags.
        read: Whether its document is read already.
        children: Whether what is inside it is wanted, too.
    """
    found = seen if read else _with_document(reader, seen)
    if found is None:
        return None
    parts = {part.field: _part(reader, found, part) for part in found.kind.parts}
    inside = read_children(reader, found) if children else ()
    held = {field: document for field, document in parts.items() if document is not None}
    return attrs.evolve(found, parts=held, children=inside, whole=True)


def _with_document(reader: Reader, seen: Observed) -> Observed | None:
    """The thing with its document; None where it is gone."""
    kind = seen.kind
    if _is_whole_in_list(kind):
        return seen
    if kind.reading is not None:
        return if_any(lambda: _read_together(reader, seen))
    params = {**({kind.parent: seen.inside} if kind.parent else {}), **({kind.id: seen.id} if kind.id else {})}
    operation = kind.get or ""
    return if_any(lambda: reader.ask(kind.service, operation, params, lambda output: _read(seen, output)))


def _read_together(reader: Reader, seen: Observed) -> Observed | None:
    """The thing with what several answers tell of it."""
    kind = seen.kind
    assert kind.reading is not None
    try:
        answer = kind.reading(reader, seen.id)
        return None if answer is None else _read(seen, answer)
    except UnreachableError as error:
        if not str(error).startswith("the answer"):
            raise
        raise UnreachableError(f"{seen.address}: {error}") from error


def _read(seen: Observed, answer: Document) -> Observed | None:
    """The thing with what an answer tells of it."""
    kind = seen.kind
    document = kind.read(answer) if kind.read is not None else _body(kind, answer)
    if not document and kind.id:
        return None
    # What is not of the type that the API gives it is told while it is known which answer it stood in.
    body_form(kind, document)
    for part in kind.parts:
        if part.get is None:
            _read_part(kind, part, {**seen.listed, **document})
    return attrs.evolve(
        seen,
        name=(text(document, kind.name) if kind.name else "") or seen.name,
        arn=seen.arn or (text(answer if kind.arn in answer else document, kind.arn) if kind.arn else ""),
        listed=seen.listed or answer,
        document=document,
        state=path_of(answer, kind.settled.state) if kind.settled else "",
        unknown=unknown_members(kind.cls, _without(document, kind)) if kind.body else (),
    )


def if_any(get: Callable[[], T]) -> T | None:
    """What is there; "not found" says that nothing is, and no other error does."""
    try:
        return get()
    except NotFoundError:
        return None


def _body(kind: AnyKind, answer: Document) -> Document:
    member = kind.got or kind.body
    return inner(answer, member) if member and kind.get is not None else answer


def _without(document: Document, kind: AnyKind) -> Document:
    return {member: value for member, value in document.items() if member not in kind.computed}


def path_of(answer: Document, path: str) -> str:
    """The text that a path of members leads to; empty where there is none."""
    *way, last = path.split("/")
    for member in way:
        answer = inner(answer, member)
    return text(answer, last)


def _part(reader: Reader, seen: Observed, part: AnyPart) -> Document | None:
    kind, operation = seen.kind, part.get
    if operation is None:
        return _read_part(kind, part, {**seen.listed, **seen.document})
    named = {kind.id: seen.id}
    return if_any(lambda: reader.ask(kind.service, operation, named, lambda output: _read_part(kind, part, output)))


def _read_part(kind: AnyKind, part: AnyPart, output: Document) -> Document | None:
    """The document of a part, or None where there is none."""
    if part.read is not None:
        found = part.read(output)
    else:
        members = {member: value for member, value in output.items() if member not in {kind.id, kind.arn}}
        found = members if any(members.values()) else None
    return found if part_form(kind, part, found) else None


def read_children(
    reader: Reader, seen: Observed, wanted: Callable[[Observed], bool] = lambda _: True
) -> tuple[Observed, ...]:
    """What is inside a thing; only what is wanted by what the list tells of it."""
    found: list[Observed] = []
    for kind in seen.kind.children:
        for child in read_listed(reader, (kind,), seen.id):
            if wanted(child):
                whole = read_whole(reader, child)
                found += [] if whole is None else [whole]
    return tuple(found)
