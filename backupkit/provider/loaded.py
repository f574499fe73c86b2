"""Reading saved changes back: each member has its type, and what is declared is checked as when it was first made."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from graphlib import TopologicalSorter
from typing import Any, Literal, TypeAlias

import attrs
import msgspec

from backupkit.declare.codec.written import read_written
from backupkit.declare.declared import Declared
from backupkit.declare.tags import Tags
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem
from backupkit.provider.change import Action, Call, Change, Difference, Output, Subject
from backupkit.provider.kinds import KINDS
from backupkit.provider.kinds.reader import Reader
from backupkit.provider.ownership import Owner
from backupkit.provider.source import Source
from backupkit.recover.preflight import PreflightCheck
from backupkit.recover.saved_work import loaded, not_written, twice

__all__ = ["Saved", "read_saved"]

_Way: TypeAlias = tuple[str | int, ...]
_AGAIN = "preview again"
_HINT = f"give all that it wrote, or {_AGAIN}"
_WRONG = "it was not written so"


class _Made(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    at: _Way
    address: str
    member: str

    def made(self, _: object) -> Output:
        return Output(self.address, self.member)


class _Call(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    operation: str
    service: str = "backup"
    params: dict[str, object]
    made: tuple[_Made, ...] = ()
    moments: tuple[_Way, ...] = ()
    answers: Output | None = None
    fallback: tuple[_Call, ...] = ()

    def call(self) -> Call:
        params: Any = self.params
        for each in self.made:
            params = _with(params, each.at, each.made)
        for way in self.moments:
            params = _with(params, way, lambda text: datetime.fromisoformat(str(text)))
        return Call(
            self.operation,
            params,
            answers=self.answers,
            fallback=tuple(each.call() for each in self.fallback),
            service=self.service,
        )


class _Kept(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    address: str
    reason: str
    needs: tuple[str, ...]
    warnings: tuple[Problem, ...]
    subject: Subject

    def change(self) -> Change:
        return Change(action=Action.KEEP, **_fields(self))


class _Change(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    address: str
    action: Action
    reason: str
    differences: tuple[Difference, ...]
    calls: tuple[_Call, ...]
    needs: tuple[str, ...]
    problems: tuple[Problem, ...]
    dropped_members: tuple[str, ...]
    takes_away: tuple[str, ...]
    destroys: bool
    irreversible: bool
    drains: bool
    warnings: tuple[Problem, ...]
    subject: Subject

    def change(self) -> Change:
        return Change(**{**_fields(self), "calls": tuple(each.call() for each in self.calls)})


class _Declared(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    things: list[object]
    tags: dict[str, str]
    adopt: bool | frozenset[str]
    moved_from: frozenset[str]
    renamed: dict[str, str]
    destroying: bool
    releasing: bool
    seed: str


class _Saved(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    format: Literal["backupkit.Changes/1"]
    stack: str
    region_name: str
    account_id: str
    previewed_at: datetime
    changes: tuple[_Change, ...]
    kept: tuple[_Kept, ...]
    warnings: tuple[Problem, ...]
    notes: tuple[str, ...]
    preflight: tuple[PreflightCheck, ...]
    declared: _Declared


@attrs.frozen(kw_only=True)
class Saved:
    """What a text holds."""

    region_name: str
    account_id: str
    records: tuple[Change, ...]
    warnings: tuple[Problem, ...]
    notes: tuple[str, ...]
    preflight: tuple[PreflightCheck, ...]
    owner: Owner
    things: tuple[Declared, ...]
    releasing: bool

    def source(self, reader: Reader) -> Source:
        """Return what the changes were computed from, to be looked at through a connection."""
        return Source(reader, self.owner, self.things, releasing=self.releasing)


def read_saved(text: str | bytes) -> Saved:
    """Return what a text holds.

    Raises:
        InvalidValueError: It is not what `Changes.to_json` writes.
    """
    saved = loaded(text, _Saved, "changes", "Changes", _HINT)
    try:
        found = _read(saved)
        doubled = twice((change.address for change in found.records), "changes", _AGAIN)
        problems = (*doubled, *twice((thing.address for thing in found.things), "changes/declared", _AGAIN))
        if not problems:
            return found
    except InvalidValueError as error:
        problems = error.problems
    except (ValueError, KeyError, TypeError, RecursionError):
        problems = (not_written(text, "changes", "Changes", _HINT),)
    raise InvalidValueError(problems)


def _read(saved: _Saved) -> Saved:
    things = tuple(read_written(each) for each in saved.declared.things)
    if not all(isinstance(thing, Declared) for thing in things) or saved.previewed_at.tzinfo is None:
        raise ValueError(_WRONG)
    records = (*(each.change() for each in saved.changes), *(each.change() for each in saved.kept))
    if not {change.subject.kind for change in records} <= {kind.word for kind in KINDS}:
        raise ValueError(_WRONG)
    # Nothing of a circle would ever be done, and nothing would tell.
    TopologicalSorter({each.address: each.needs for each in saved.changes}).prepare()
    owner = Owner(
        stack=saved.stack,
        tags=Tags(saved.declared.tags),
        adopt=saved.declared.adopt,
        moved_from=saved.declared.moved_from,
        renamed=saved.declared.renamed,
        destroying=saved.declared.destroying,
        now=saved.previewed_at,
        seed=saved.declared.seed,
    )
    return Saved(
        region_name=saved.region_name,
        account_id=saved.account_id,
        records=records,
        warnings=saved.warnings,
        notes=saved.notes,
        preflight=saved.preflight,
        owner=owner,
        things=things,
        releasing=saved.declared.releasing,
    )


def _fields(value: msgspec.Struct) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__struct_fields__}


def _with(value: Any, way: _Way, make: Callable[[object], object]) -> Any:
    """The value with something else in one place.

    Raises:
        ValueError: It has no such place.
    """
    if not way:
        return make(value)
    head, *rest = way
    if isinstance(value, dict) and head in value:
        return {**value, head: _with(value[head], tuple(rest), make)}
    if isinstance(value, list) and isinstance(head, int) and head < len(value):
        return [*value[:head], _with(value[head], tuple(rest), make), *value[head + 1 :]]
    raise ValueError(_WRONG)
