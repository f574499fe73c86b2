"""Where changes come from, and what a fresh look at one of them says."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TypeAlias

import attrs

from backupkit.declare import Declared
from backupkit.errors import NotFoundError, StaleChangesError
from backupkit.provider import kinds
from backupkit.provider.change import Change, Made
from backupkit.provider.diff import the_one
from backupkit.provider.kinds.kind import AnyKind
from backupkit.provider.kinds.observed import Observed, World
from backupkit.provider.kinds.reader import Reader
from backupkit.provider.ownership import Owner
from backupkit.provider.refresh import is_going, read_listed, read_named, read_tags, read_whole
from backupkit.provider.settling import settle_gone
from backupkit.provider.things import thing_changes, thing_deletions

__all__ = ["Looks", "Source"]


_Key: TypeAlias = tuple[str, str, str]


@attrs.frozen(eq=False, repr=False)
class Source:
    """The declared things and the connection that a set of changes was computed from."""

    reader: Reader
    owner: Owner
    things: tuple[Declared, ...]

    def declared(self, change: Change) -> Declared | None:
        """The declared thing that a change is about; None where it is not declared."""
        kind = self.kind(change)
        named = (thing for thing in self.things if type(thing) is kind.cls)
        return next((thing for thing in named if kind.name_of(thing) == change.subject.name), None)

    def kind(self, change: Change) -> AnyKind:
        """The row of the thing that a change is about."""
        return next(kind for kind in kinds.KINDS if kind.word == change.subject.kind)


class Looks:
    """Fresh looks during one run: each thing is looked at once, just before its first change, with all in it.

    Args:
        source: What the changes were computed from.
        changes: All that the run is to do.
    """

    def __init__(self, source: Source, changes: tuple[Change, ...]) -> None:
        self._source = source
        self._inside = {self._key(change) for change in changes if change.subject.child}
        self._guard = threading.Lock()
        self._locks: dict[_Key, threading.Lock] = {}
        self._seen: dict[_Key, Observed | None] = {}

    def again(self, change: Change, *, anew: bool = False) -> Change | None:
        """The same change, computed from what is there now; None where nothing is left to do.

        Args:
            change: As previewed.
            anew: Whether to look again though its thing was looked at.

        Raises:
            StaleChangesError: What it was about is not there, or not the stack's, any more.
        """
        try:
            seen = self._look(change, anew=anew)
        except NotFoundError as error:
            raise StaleChangesError(f"{change.address}: what it is about is gone since the preview: {error}") from error
        kind, source = self._source.kind(change), self._source
        clock = source.reader.transport.clock
        world = World(owner=attrs.evolve(source.owner, now=clock.now()), things=source.things)
        declared = source.declared(change)
        if declared is not None:
            fresh = list(thing_changes(world, kind, declared, seen, checks=False))
            self._must_own(change, owned=not fresh[0].problems)
        elif seen is None:
            return None
        else:
            self._must_own(change, owned=world.owns(seen))
            fresh = list(thing_deletions(world, seen))
        return next((each for each in fresh if _step(each) == _step(change)), None)

    def _look(self, change: Change, *, anew: bool) -> Observed | None:
        key = self._key(change)
        with self._guard:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            if anew or key not in self._seen:
                seen = self._read(change)
                if seen is not None and is_going(seen):
                    settle_gone(self._source.reader, seen.kind, seen.id, change.address)
                    seen = None
                self._seen[key] = seen
            return self._seen[key]

    def _read(self, change: Change) -> Observed | None:
        reader, kind, name = self._source.reader, self._source.kind(change), change.subject.name
        inside = self._key(change) in self._inside
        if kind.list is None and kind.listing is None:
            return read_named(reader, kind, name)
        if change.subject.id and kind.get is not None:
            found = read_named(reader, kind, name, change.subject.id, children=inside)
            if found is None and change.subject.child:
                raise StaleChangesError(f"{change.address}: what it is in is gone since the preview")
            return found and the_one(self._source.owner, kind, name, [found])
        named = [each for each in read_listed(reader, (kind,)) if each.name == name]
        tagged = [attrs.evolve(each, tags={} if each.other else read_tags(reader, each)) for each in named]
        found = the_one(self._source.owner, kind, name, tagged)
        if found is None or found.other:
            return found
        return read_whole(reader, found, children=inside)

    def _key(self, change: Change) -> _Key:
        # Several things of one name may go, and only one is declared.
        subject = change.subject
        return subject.kind, subject.name, "" if self._source.declared(change) is not None else subject.id

    @staticmethod
    def _must_own(change: Change, *, owned: bool) -> None:
        if not owned:
            raise StaleChangesError(f"{change.address}: it is not the stack's any more; preview again")


def _step(change: Change) -> tuple[str, str]:
    """Which of the changes of one thing it is."""
    return change.subject.child, change.subject.part


def made_id(kind: AnyKind, change: Change, made: Mapping[Made, str]) -> str:
    """The id of a thing that was made in this run; empty where it was not."""
    return made.get(Made(f"{kind.word}.{change.subject.name}", kind.id), "")
