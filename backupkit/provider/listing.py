"""Lists that threads share: who asks gets a list that was begun after he asked, and many who ask at once get one."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import attrs

from backupkit.provider.answers import Document, needed
from backupkit.provider.kinds.kind import AnyKind
from backupkit.provider.kinds.observed import Observed
from backupkit.provider.kinds.reader import Reader
from backupkit.provider.refresh import bare

__all__ = ["Lists"]

_ByName: TypeAlias = Mapping[str, Sequence[Document]]


class Lists:
    """The lists of one run, by kind.

    Args:
        reader: Where to read.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._guard = threading.Lock()
        self._shared: dict[str, _Shared] = {}

    def named(self, kind: AnyKind, name: str) -> list[Observed]:
        """What carries a name, as a list shows it that was begun after this was called."""
        with self._guard:
            shared = self._shared.setdefault(kind.word, _Shared())
        entries = shared.fresh(self._reader, kind).get(name, ())
        return [bare(kind, entry) for entry in entries if kind.ours(entry)]


@attrs.define(eq=False)
class _Shared:
    """One list: how many were begun and done, and what the last one showed."""

    changed: threading.Condition = attrs.field(factory=threading.Condition)
    begun: int = 0
    done: int = 0
    running: bool = False
    found: _ByName = attrs.field(factory=dict)

    def fresh(self, reader: Reader, kind: AnyKind) -> _ByName:
        """The list, begun after this call, by this thread or by another."""
        with self.changed:
            mine = self.begun + 1
            self.changed.wait_for(lambda: self.done >= mine or not self.running)
            if self.done >= mine:
                return self.found
            self.begun += 1
            self.running, number = True, self.begun
        try:
            found = _by_name(reader, kind)
        except BaseException:
            self._end()
            raise
        self._end(found, number)
        return found

    def _end(self, found: _ByName | None = None, number: int = 0) -> None:
        with self.changed:
            self.running = False
            if found is not None:
                self.found, self.done = found, number
            self.changed.notify_all()


def _by_name(reader: Reader, kind: AnyKind) -> _ByName:
    member = kind.name or kind.id
    found: dict[str, list[Document]] = {}

    def parse(entry: Document) -> tuple[str, Document]:
        return needed(entry, member), entry

    pairs = reader.list(kind, {}, parse)
    for name, entry in pairs:
        found.setdefault(name, []).append(entry)
    return found
