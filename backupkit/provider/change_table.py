"""Changes as a table: a row for each change that is to be made."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from backupkit.display import Rows
from backupkit.provider.change import Action, Change, Leaf
from backupkit.provider.printing import leaf_text
from backupkit.tables import Column, ColumnType, RecordForm

__all__ = ["CHANGES", "field_rows"]

TEXT, CATEGORY, COUNT, FLAG = ColumnType.TEXT, ColumnType.CATEGORY, ColumnType.COUNT, ColumnType.FLAG
_MARKS = {Action.CREATE: "good", Action.UPDATE: "doubtful", Action.REPLACE: "doubtful", Action.DELETE: "bad"}


def _each(of: Callable[[Change], object]) -> Callable[[Sequence[Change]], list[object]]:
    return lambda changes: [of(change) for change in changes]


def _lines(values: Sequence[object]) -> str | None:
    return "\n".join(map(str, values)) or None


def _operations(change: Change) -> str | None:
    return _lines([call.operation for call in change.calls])


def cells(change: Change) -> dict[str, str]:
    """Return what people see of a change."""
    words = [
        "cannot be made" if change.problems else "",
        "takes protection away" if change.destroys else "",
        "cannot be taken back" if change.irreversible else "",
        "only where it is named" if change.drains else "",
    ]
    return {
        "action": str(change.action),
        "address": change.address,
        "because": change.reason,
        "fields": str(len(change.differences)),
        "calls": ", ".join(call.operation for call in change.calls),
        "mind": ", ".join(word for word in words if word),
    }


def mark(change: Change) -> str:
    """Return the word that colours a change."""
    return "bad" if change.problems or change.destroys else _MARKS.get(change.action, "")


def field_rows(changes: Sequence[Change]) -> Rows:
    """Return the fields of what is there and changes: what each was, and what it is then."""
    fields = [
        (change.address, each.path, _value_text(each.old), _value_text(each.new))
        for change in changes
        if change.action in {Action.UPDATE, Action.REPLACE}
        for each in change.differences
    ]
    return Rows.first(("changes", "field", "was", "is then"), fields, lambda row: row)


def _value_text(leaf: Leaf | None) -> str:
    if leaf is None:
        return ""
    return ", ".join(map(leaf_text, sorted(leaf))) if isinstance(leaf, tuple) else leaf_text(leaf)


CHANGES = RecordForm(
    noun="change",
    columns=(
        Column("address", TEXT, "What changes"),
        Column("action", CATEGORY, "`create`, `update`, `replace` or `delete`", _each(lambda each: str(each.action))),
        Column("reason", CATEGORY, "Why"),
        Column("differences", COUNT, "How many fields differ", _each(lambda each: len(each.differences))),
        Column("calls", TEXT, "The operations that make it", _each(_operations)),
        Column("destroys", FLAG, "Whether protection is taken away"),
        Column("irreversible", FLAG, "Whether it cannot be taken back"),
        Column("problems", TEXT, "Why it cannot be made", _each(lambda each: _lines(each.problems))),
        Column("warnings", TEXT, "What is rarely meant", _each(lambda each: _lines(each.warnings))),
    ),
    cells=cells,
    right=frozenset({"fields"}),
    mark=mark,
)
