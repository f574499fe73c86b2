"""Drift: where AWS is not as a stack declares, field by field."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

import attrs

from backupkit.display import Block, Facts, Notes
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, counted, nearest, quote
from backupkit.provider.change import Action, Change, Leaf
from backupkit.provider.changes import Changes
from backupkit.provider.printing import leaf_text
from backupkit.serialization import Serializable
from backupkit.tables import Column, ColumnType, RecordForm, Table
from backupkit.tables.collection import record_rows

__all__ = ["Drift", "DriftedField", "drift_of"]

TEXT, CATEGORY = ColumnType.TEXT, ColumnType.CATEGORY
_MISSING, _UNDECLARED, _DIFFERENT = "missing", "undeclared", "different"


@attrs.frozen(repr=False)
class DriftedField(Serializable):
    """One field that is not as declared, or a whole thing.

    Args:
        address: Of the thing, its part, or what is inside it, for example ``plan.prod/selection.tagged``.
        state: ``different``; ``missing`` where the whole is not there; ``undeclared`` where it is and should not be.
        field: Which field, for example ``rule.daily/lifecycle/delete_after_days``; empty where it is the whole.
        declared: What the stack says; None where it says nothing.
        found: What AWS has; None where it has nothing.
    """

    address: str
    state: str
    field: str = ""
    declared: Leaf | None = None
    found: Leaf | None = None

    def __repr__(self) -> str:
        # Of a tag, these would be its values.
        return f"<DriftedField {self.address} {self.field or self.state}>"


@attrs.frozen(kw_only=True, repr=False)
class Drift(Table[DriftedField], Serializable):
    """Where AWS is not as a stack declares. True where it is not; iterating gives the fields, by address.

    Args:
        stack: The stack's name.
        region_name: Where.
        rows: The fields.
        notes: What could not be read or compared.
        compared: The addresses of the things, their parts and what is inside them that were compared, drifted or not.
    """

    stack: str
    region_name: str
    rows: tuple[DriftedField, ...]
    notes: tuple[str, ...] = ()
    compared: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[DriftedField]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __bool__(self) -> bool:
        return bool(self.rows)

    @property
    def addresses(self) -> tuple[str, ...]:
        """What has drifted, each once."""
        return tuple(dict.fromkeys(row.address for row in self.rows))

    def of(self, address: str) -> tuple[DriftedField, ...]:
        """Return the drifted fields of one thing, its parts and what is inside it.

        Raises:
            InvalidValueError: It is not the address of a thing that was compared, or of something of one.
        """
        known = {*self.compared, *self.addresses}
        if not isinstance(address, str) or address not in known:
            thing = address.partition("/")[0] if isinstance(address, str) else ""
            # Of a thing that is known, only what it has can be meant; of another one, a thing like it.
            near = {each for each in known if each.partition("/")[0] == thing} or {
                each for each in known if ("/" in each) <= ("/" in str(address))
            }
            what = f"nothing was compared at {quote(address)}"
            raise InvalidValueError(Problem("drift", what, nearest(address, near) if near else ""))
        return tuple(row for row in self.rows if row.address == address or row.address.startswith(f"{address}/"))

    def to_json(self) -> str:
        """Return everything as JSON text, values of tags included."""
        return json.dumps(self.to_dict(json=True), indent=2)

    def _form(self) -> RecordForm:
        return DRIFT

    def __repr__(self) -> str:
        return f"<Drift of stack {self.stack} in {self.region_name}: {self._counts()}>"

    def _counts(self) -> str:
        if not self.rows:
            return "nothing has drifted"
        return f"{counted(len(self.rows), 'field')} of {counted(len(self.addresses), 'thing')}"

    def _blocks(self) -> tuple[Block, ...]:
        title = f"Drift of stack {self.stack} in {self.region_name}: {self._counts()}"
        return Facts(title), record_rows(DRIFT, self.rows), Notes("Notes", self.notes)


def drift_of(changes: Changes, compared: Iterable[str]) -> Drift:
    """Return what a preview says of the present.

    Args:
        changes: The preview.
        compared: The addresses of the things and of their parts that were compared; those of what is inside the things
            are in the preview.
    """
    rows = sorted((row for change in changes for row in _rows(change)), key=lambda row: row.address)
    return Drift(
        stack=changes.stack,
        region_name=changes.region_name,
        rows=tuple(rows),
        notes=(*(str(problem) for problem in changes.problems), *changes.notes),
        compared=tuple(sorted({*compared, *(change.address for change in changes.records)})),
    )


def _rows(change: Change) -> Iterator[DriftedField]:
    if change.action is Action.CREATE:
        yield DriftedField(change.address, _MISSING)
    elif change.action is Action.DELETE:
        yield DriftedField(change.address, _UNDECLARED)
    elif change.differences:
        for each in change.differences:
            yield DriftedField(change.address, _DIFFERENT, each.path, each.new, each.old)
    elif change.action is not Action.KEEP:
        yield DriftedField(change.address, _DIFFERENT)


def _text(leaf: Leaf | None) -> str:
    if isinstance(leaf, tuple):
        return ", ".join(map(leaf_text, leaf)) or "none"
    return "" if leaf is None else leaf_text(leaf) or '""'


def _texts(values: Sequence[Leaf | None]) -> list[str | None]:
    return [None if value is None else _text(value) for value in values]


def _cells(row: DriftedField) -> dict[str, str]:
    return {
        "address": row.address,
        "state": row.state,
        "field": row.field,
        "declared": _text(row.declared),
        "found": _text(row.found),
    }


DRIFT = RecordForm(
    noun="drifted field",
    columns=(
        Column("address", TEXT, "Of the thing, its part, or what is inside it"),
        Column("state", CATEGORY, "`different`, `missing` or `undeclared`"),
        Column("field", CATEGORY, "Which field; empty where it is the whole"),
        Column("declared", TEXT, "What the stack says", lambda rows: _texts([row.declared for row in rows])),
        Column("found", TEXT, "What AWS has", lambda rows: _texts([row.found for row in rows])),
    ),
    cells=_cells,
    mark=lambda row: {_MISSING: "bad", _UNDECLARED: "doubtful"}.get(row.state, "doubtful"),
)
