"""Where changes come from, and what a fresh look at one of them says."""

from __future__ import annotations

import functools
import threading
from typing import TypeAlias

import attrs

from backupkit.declare.declared import Declared
from backupkit.errors import NotFoundError, StaleChangesError
from backupkit.provider import kinds
from backupkit.provider.change import Action, Change
from backupkit.provider.diff import the_one
from backupkit.provider.kinds.kind import AnyKind
from backupkit.provider.kinds.observed import Observed, World
from backupkit.provider.kinds.reader import Reader
from backupkit.provider.listing import Lists
from backupkit.provider.ownership import Owner
from backupkit.provider.refresh import is_going, kind_of, read_named, read_tags, read_whole
from backupkit.provider.settling import settle_gone
from backupkit.provider.things import thing_changes, thing_deletions, thing_release

__all__ = ["Looks", "Source"]


_Key: TypeAlias = tuple[str, str, str]
_Step: TypeAlias = tuple[str, str]


@attrs.frozen(eq=False, repr=False)
class Source:
    """The declared things and the connection that a set of changes was computed from."""

    reader: Reader
    owner: Owner
    things: tuple[Declared, ...]
    releasing: bool = False
    """Whether the changes give things up."""

    @property
    def can_ask_others(self) -> bool:
        """Whether the connection has a session for the services beside AWS Backup."""
        return self.reader.neighbours.has_session

    def declared(self, change: Change) -> Declared | None:
        """The declared thing that a change is about; None where it is not declared."""
        if change.action is Action.DELETE and not change.subject.part:
            return None
        return self._named.get((change.subject.kind, change.subject.name))

    @functools.cached_property
    def _named(self) -> dict[tuple[str, str], Declared]:
        kinds_of = ((kind_of(thing), thing) for thing in self.things)
        return {(kind.word, kind.name_of(thing)): thing for kind, thing in kinds_of}

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
        self.lists = Lists(source.reader)
        # What taking a thing over leaves alone depends on what is in it.
        takes_over = source.owner.adopt is not False
        self._inside = {self._key(change) for change in changes if change.subject.child or takes_over}
        self._guard = threading.Lock()
        self._looked: dict[_Key, _Look] = {}

    def recompute(self, change: Change, *, afresh: bool = False) -> Change | None:
        """The same change, computed from what is there now; None where nothing is left to do.

        Args:
            change: As previewed.
            afresh: Whether to look again though its thing was looked at.

        Raises:
            StaleChangesError: What it was about is not there, or not the stack's, any more.
        """
        with self._guard:
            look = self._looked.setdefault(self._key(change), _Look())
        with look.lock:
            if afresh or look.fresh is None:
                look.fresh = self._computed(change)
            return look.fresh.get(_step(change))

    def _computed(self, change: Change) -> dict[_Step, Change]:
        """All the changes of a thing, from a look at it."""
        try:
            seen = self._read(change)
        except NotFoundError as error:
            raise StaleChangesError(f"{change.address}: what it is about is gone since the preview: {error}") from error
        source, declared = self._source, self._source.declared(change)
        if seen is not None and is_going(seen):
            settle_gone(source.reader, seen.kind, seen.id, change.address)
            seen = None
        owner = attrs.evolve(source.owner, now=source.reader.transport.clock.now())
        world = World(owner=owner, things=source.things, region_name=source.reader.transport.region_name)
        if source.releasing:
            # What has been given up already is no longer the stack's, and that is what was wanted.
            owned, fresh = True, [thing_release(seen)] if seen is not None and world.owns(seen) else []
        elif declared is not None:
            fresh = list(thing_changes(world, source.kind(change), declared, seen, checks=False))
            owned = not fresh[0].problems
        else:
            fresh = [] if seen is None else list(thing_deletions(world, seen))
            owned = seen is None or world.owns(seen)
        if not owned:
            raise StaleChangesError(f"{change.address}: it is not the stack's any more; preview again")
        return {_step(each): each for each in fresh}

    def _read(self, change: Change) -> Observed | None:
        reader, kind, name = self._source.reader, self._source.kind(change), change.subject.name
        inside = self._key(change) in self._inside
        if kind.list is None:
            return read_named(reader, kind, name)
        if change.subject.id and kind.get is not None:
            found = read_named(reader, kind, name, change.subject.id, children=inside)
            if found is None and change.subject.child and self._source.declared(change) is not None:
                raise StaleChangesError(f"{change.address}: what it is in is gone since the preview")
            if found is None:
                return None
            former = self._source.owner.renamed.get(change.address.partition("/")[0])
            return the_one(self._source.owner, kind, found.name if found.name == former else name, [found])
        named = self.lists.named(kind, name)
        tagged = [attrs.evolve(each, tags={} if each.other else read_tags(reader, each)) for each in named]
        found = the_one(self._source.owner, kind, name, tagged)
        return found if found is None or found.other else read_whole(reader, found, children=inside)

    def _key(self, change: Change) -> _Key:
        # Several things of one name may go, and only one is declared.
        subject = change.subject
        return subject.kind, subject.name, "" if self._source.declared(change) is not None else subject.id


@attrs.define(eq=False)
class _Look:
    """What came of looking at one thing."""

    lock: threading.Lock = attrs.field(factory=threading.Lock)
    fresh: dict[_Step, Change] | None = None


def _step(change: Change) -> _Step:
    """Which of the changes of one thing it is."""
    return change.subject.child, change.subject.part
