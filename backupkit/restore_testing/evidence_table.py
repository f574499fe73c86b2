"""Restore tests as a table, and as people see them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

from backupkit.display import duration, moment
from backupkit.restore_testing.evidence_row import EvidenceRow, TestVerdict
from backupkit.tables import Column, ColumnType, RecordForm
from backupkit.tables.collection import tally

__all__ = ["EVIDENCE", "MARKS"]

TEXT, CATEGORY = ColumnType.TEXT, ColumnType.CATEGORY
NUMBER, MOMENT = ColumnType.NUMBER, ColumnType.MOMENT

MARKS = {TestVerdict.PASSED: "good", TestVerdict.FAILED: "bad"}
"""How each verdict is coloured; what is not here is doubtful."""


def _seconds(span: Callable[[EvidenceRow], timedelta | None]) -> Callable[[Sequence[EvidenceRow]], list[float | None]]:
    return lambda rows: [None if (told := span(row)) is None else told.total_seconds() for row in rows]


def _shown(row: EvidenceRow) -> dict[str, str]:
    return {
        "verdict": str(row.verdict),
        "resource": row.resource_arn,
        "started": moment(row.started),
        "rto": duration(row.rto),
        "rpo": duration(row.rpo),
        "validation": row.validation_status or "",
        "said": (row.validation_message if row.status == "COMPLETED" else row.status_message) or "",
        "deletion": row.deletion_status or "",
        "run": row.run,
    }


def _totals(rows: Sequence[EvidenceRow]) -> Iterable[tuple[str, str]]:
    yield "verdicts", tally(row.verdict for row in rows)
    for name, spans in (("rto", [row.rto for row in rows]), ("rpo", [row.rpo for row in rows])):
        told = [span for span in spans if span is not None]
        if told:
            yield f"{name} worst", duration(max(told))


EVIDENCE = RecordForm(
    noun="restore test",
    columns=(
        Column("run", TEXT, "The id of the restore job"),
        Column("resource_arn", CATEGORY, "The resource that was backed up"),
        Column("resource_type", CATEGORY, "AWS Backup's word for its type"),
        Column("verdict", CATEGORY, "`passed`, `failed`, `not validated` or `running`"),
        Column(
            "rpo_seconds", NUMBER, "How old the restored data was when the test began", _seconds(lambda row: row.rpo)
        ),
        Column("rto_seconds", NUMBER, "How long the restore took", _seconds(lambda row: row.rto)),
        Column("data_moment", MOMENT, "The moment that the restored data is of"),
        Column("started", MOMENT, "When the restore job was made"),
        Column("ended", MOMENT, "When it ended"),
        Column("status", CATEGORY, "Its status"),
        Column("status_message", CATEGORY, "AWS's sentence about it"),
        Column("validation_status", CATEGORY, "`SUCCESSFUL`, `FAILED`, `TIMED_OUT` or `VALIDATING`; null: none"),
        Column("validation_message", TEXT, "What was reported with it"),
        Column("deletion_status", CATEGORY, "What became of what was restored"),
        Column("deletion_message", CATEGORY, "AWS's sentence about that"),
        Column("recovery_point_arn", TEXT, "The point that was restored"),
        Column("created_resource_arn", TEXT, "What was restored"),
        Column("restore_testing_plan_arn", CATEGORY, "The restore testing plan"),
        Column("account_id", CATEGORY, "The account"),
    ),
    shown=_shown,
    right=frozenset({"rto", "rpo"}),
    mark=lambda row: MARKS.get(row.verdict, "doubtful"),
    totals=_totals,
)
