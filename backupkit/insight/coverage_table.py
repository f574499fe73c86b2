"""Coverage as a table: a row for each resource."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from backupkit.display import duration, moment
from backupkit.insight.row import CoverageRow, CoverageStatus
from backupkit.tables import Column, ColumnType, RecordForm, members

__all__ = ["COVERAGE"]

TEXT, CATEGORY, NUMBER = ColumnType.TEXT, ColumnType.CATEGORY, ColumnType.NUMBER
FLAG, MOMENT = ColumnType.FLAG, ColumnType.MOMENT
_MARKS = {CoverageStatus.UNPROTECTED: "bad", CoverageStatus.UNKNOWN: "doubtful", CoverageStatus.PROTECTED: "good"}


def _each(of: Callable[[CoverageRow], object]) -> Callable[[Sequence[CoverageRow]], list[object]]:
    return lambda rows: [of(row) for row in rows]


def _lines(values: Sequence[str]) -> str | None:
    return "\n".join(values) or None


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else span.total_seconds()


def _cells(row: CoverageRow) -> dict[str, str]:
    return {
        "status": str(row.status),
        "resource": row.resource_arn,
        "reason": str(row.reason),
        "why": row.why,
        "next run": moment(row.next_run),
        "last point": moment(row.last_point.time if row.last_point is not None else None),
        "rpo at worst": duration(row.rpo_worst),
    }


def _mark(row: CoverageRow) -> str:
    return _MARKS[row.status]


COVERAGE = RecordForm(
    noun="resource",
    columns=(
        Column("resource_arn", TEXT, "The resource"),
        Column("resource_type", CATEGORY, "AWS Backup's word for its type; null where the ARN does not tell it"),
        Column("status", CATEGORY, "`protected`, `unprotected` or `unknown`", _each(lambda row: str(row.status))),
        Column("protected", FLAG, "Whether a plan backs it up; true only where that is known"),
        Column("reason", CATEGORY, "Why, in a word", _each(lambda row: str(row.reason))),
        Column("why", TEXT, "What selects it, or what would have to be otherwise"),
        Column("plans", CATEGORY, "The plans that back it up, a line each", _each(lambda row: _lines(row.plans))),
        Column("selections", CATEGORY, "The selections, a line each", _each(lambda row: _lines(row.selections))),
        Column("rules", CATEGORY, "The rules, a line each", _each(lambda row: _lines(row.rules))),
        Column("copies", CATEGORY, "The vaults that get copies, a line each", _each(lambda row: _lines(row.copies))),
        Column("twice", FLAG, "Whether more than one plan backs it up"),
        Column("continuous", FLAG, "Whether a rule backs it up continuously"),
        Column("keep_days", NUMBER, "The longest that a rule keeps points; infinity is forever"),
        Column("next_run", MOMENT, "When it is backed up next"),
        Column("last_point_time", MOMENT, "When the last whole point was taken", members("last_point.time")),
        Column("last_recovery_point_arn", TEXT, "That point", members("last_point.recovery_point_arn")),
        Column("last_backup_vault_arn", CATEGORY, "Its vault", members("last_point.backup_vault_arn")),
        Column("rpo_now_seconds", NUMBER, "The age of that point", _each(lambda row: _seconds(row.rpo_now))),
        Column(
            "rpo_worst_seconds",
            NUMBER,
            "The most that is lost when backups succeed",
            _each(lambda row: _seconds(row.rpo_worst)),
        ),
    ),
    cells=_cells,
    mark=_mark,
)
