"""Bulk work on points as tables: what a preview would do to each point, and what became of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING

from backupkit.display import moment, size
from backupkit.recover.point_table import size_meaning
from backupkit.tables import Column, ColumnType, RecordForm, members

if TYPE_CHECKING:
    from backupkit.recover.point_change import PointChange
    from backupkit.recover.point_report import PointOutcome

__all__ = ["POINT_OUTCOMES", "point_changes_form"]

TEXT, CATEGORY, COUNT = ColumnType.TEXT, ColumnType.CATEGORY, ColumnType.COUNT
FLAG, MOMENT = ColumnType.FLAG, ColumnType.MOMENT


def _size_counts(rows: Sequence[PointChange | PointOutcome]) -> list[str]:
    return [size_meaning(row.resource_type) for row in rows]


def _notes(changes: Sequence[PointChange]) -> list[str | None]:
    return ["\n".join(change.notes) or None for change in changes]


def _text_column(name: str) -> Callable[[Sequence[object]], list[object]]:
    """The member of this name; null where it is empty."""
    member = attrgetter(name)
    return lambda rows: [member(row) or None for row in rows]


def _member(name: str) -> Callable[[Sequence[object]], list[object]]:
    return lambda rows: list(map(attrgetter(name), rows))


_POINT = (
    Column("recovery_point_arn", TEXT, "The point"),
    Column("backup_vault_name", CATEGORY, "The vault that holds it", _text_column("vault")),
    Column("resource_arn", CATEGORY, "What it is a backup of"),
    Column("resource_type", CATEGORY, "AWS Backup's word for its type"),
    Column("backup_size_in_bytes", COUNT, "Bytes; `size_counts` says of what", _member("size_bytes")),
    Column("size_counts", CATEGORY, "As for recovery points", _size_counts),
)


def _change_cells(change: PointChange) -> dict[str, str]:
    return {
        "point": change.recovery_point_arn,
        "resource": change.resource_arn,
        "created": moment(change.created),
        "size": size(change.size_bytes),
        "left because": change.reason,
    }


def _outcome_cells(outcome: PointOutcome) -> dict[str, str]:
    return {
        "state": outcome.state,
        "reason": outcome.reason,
        "point": outcome.recovery_point_arn,
        "size": size(outcome.size_bytes),
        "message": outcome.message,
    }


@cache
def point_changes_form(verb: str) -> RecordForm:
    """Return the table of a preview, in which each point has what would be done to it."""

    def actions(changes: Sequence[PointChange]) -> list[str | None]:
        return [None if change.refusal else verb for change in changes]

    return RecordForm(
        noun="point",
        columns=(
            *_POINT,
            Column("creation_date", MOMENT, "When the point was made", _member("created")),
            Column("status", CATEGORY, "For example `COMPLETED`, `EXPIRED`"),
            Column("action", CATEGORY, "`delete`, `lifecycle`, `tags` or `copy`; null where nothing is done", actions),
            Column("refusal", CATEGORY, "Why nothing is done, in a word", _text_column("refusal")),
            Column("reason", CATEGORY, "The same as a sentence", _text_column("reason")),
            Column("notes", TEXT, "What else is worth knowing, a line each", _notes),
            Column("delete_at", MOMENT, "Of a new lifecycle: when it is deleted", members("lifecycle.delete_at")),
            Column("was_delete_at", MOMENT, "When it was to be deleted", members("lifecycle.was_delete_at")),
            Column("parent_recovery_point_arn", CATEGORY, "Of a nested point: its composite", _text_column("parent")),
            Column("with_parent", FLAG, "Whether it goes with its parent, without a call"),
        ),
        cells=_change_cells,
        right=frozenset({"size"}),
    )


POINT_OUTCOMES = RecordForm(
    noun="point",
    columns=(
        *_POINT,
        Column("state", CATEGORY, "`done`, `started`, `refused`, `failed` or `not_started`"),
        Column("reason", CATEGORY, "Why it is not done, in a word", _text_column("reason")),
        Column("message", CATEGORY, "The same as a sentence", _text_column("message")),
        Column("copy_job_id", TEXT, "The copy job that was started", _text_column("job_id")),
    ),
    cells=_outcome_cells,
    right=frozenset({"size"}),
)
