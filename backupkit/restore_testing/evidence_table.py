"""Restore tests as a table, and as people see them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

import attrs

from backupkit.display import duration, moment
from backupkit.restore_testing.evidence_row import EvidenceRow, ResourceEvidence, TestVerdict
from backupkit.tables import Column, ColumnType, RecordForm
from backupkit.tables.collection import tally

__all__ = ["EVIDENCE", "resources"]

TEXT, CATEGORY, COUNT = ColumnType.TEXT, ColumnType.CATEGORY, ColumnType.COUNT
NUMBER, MOMENT = ColumnType.NUMBER, ColumnType.MOMENT

_MARKS = {TestVerdict.PASSED: "good", TestVerdict.FAILED: "bad"}


@attrs.frozen
class _seconds:  # noqa: N801 - used as a function, and a class so that it can be pickled
    """Finds a span of each row, in seconds."""

    name: str

    def __call__(self, rows: Sequence[object]) -> list[float | None]:
        spans: list[timedelta | None] = [getattr(row, self.name) for row in rows]
        return [None if span is None else span.total_seconds() for span in spans]


def _mark(verdict: TestVerdict | None) -> str:
    return _MARKS.get(verdict, "doubtful") if verdict is not None else "doubtful"


def _cells(row: EvidenceRow) -> dict[str, str]:
    return {
        "verdict": str(row.verdict),
        "resource": row.resource_arn,
        "started": moment(row.started),
        "rto": duration(row.rto),
        "rpo": duration(row.rpo),
        "validation": row.validation_status or "",
        "message": (row.validation_message if row.status == "COMPLETED" else row.status_message) or "",
        "deletion": row.deletion_status or "",
        "run": row.run,
    }


def _test_mark(row: EvidenceRow) -> str:
    return _mark(row.verdict)


def _resource_mark(row: ResourceEvidence) -> str:
    return _mark(row.last)


def _resource(row: ResourceEvidence) -> dict[str, str]:
    percent = f"p{row.percentile:g}"
    return {
        "last test": str(row.last or TestVerdict.RUNNING),
        "resource": row.resource_arn,
        "type": row.resource_type or "",
        "tests": f"{row.tests:,}",
        "passed": f"{row.passed:,}",
        f"rto {percent}": duration(row.rto),
        "rto worst": duration(row.rto_worst),
        f"rpo {percent}": duration(row.rpo),
        "rpo worst": duration(row.rpo_worst),
        "last passed": moment(row.last_passed),
    }


def _totals(rows: Sequence[EvidenceRow]) -> Iterable[tuple[str, str]]:
    yield "verdicts", tally(row.verdict for row in rows)
    for name, spans in (("rto", [row.rto for row in rows]), ("rpo", [row.rpo for row in rows])):
        known = [span for span in spans if span is not None]
        if known:
            yield f"{name} worst", duration(max(known))


EVIDENCE = RecordForm(
    noun="restore test",
    columns=(
        Column("run", TEXT, "The id of the restore job"),
        Column("resource_arn", CATEGORY, "The resource that was backed up"),
        Column("resource_type", CATEGORY, "AWS Backup's word for its type"),
        Column("verdict", CATEGORY, "`passed`, `failed`, `not validated` or `running`"),
        Column("rpo_seconds", NUMBER, "How old the restored data was when the test began", _seconds("rpo")),
        Column("rto_seconds", NUMBER, "How long the restore took", _seconds("rto")),
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
    cells=_cells,
    right=frozenset({"rto", "rpo"}),
    mark=_test_mark,
    totals=_totals,
)

RESOURCES = RecordForm(
    noun="resource",
    columns=(
        Column("resource_arn", TEXT, "The resource that was backed up"),
        Column("resource_type", CATEGORY, "AWS Backup's word for its type"),
        Column("tests", COUNT, "How many restore tests were over"),
        Column("passed", COUNT, "How many of them passed"),
        Column("running", COUNT, "How many were not over"),
        Column("last", CATEGORY, "What the last one came to"),
        Column("last_started", MOMENT, "When that one began"),
        Column("last_passed", MOMENT, "When the last one that passed began"),
        Column("percentile", NUMBER, "The share of tests, in percent, that the next two hold for"),
        Column("rto_seconds", NUMBER, "The longest that a restore took", _seconds("rto")),
        Column("rpo_seconds", NUMBER, "The oldest that restored data was", _seconds("rpo")),
        Column("rto_worst_seconds", NUMBER, "The longest of all", _seconds("rto_worst")),
        Column("rpo_worst_seconds", NUMBER, "The oldest of all", _seconds("rpo_worst")),
        Column("rto_unknown", COUNT, "Completed tests that do not tell how long they took"),
        Column("rpo_unknown", COUNT, "Completed tests that do not tell how old their data was"),
        Column("last_message", TEXT, "What was said of the last one"),
    ),
    cells=_resource,
    right=frozenset({"tests", "passed", "rto worst", "rpo worst"}),
    mark=_resource_mark,
)


def resources(percentile: float) -> RecordForm:
    """Return how resources are shown whose times hold for such a share of the tests."""
    named = {f"{name} p{percentile:g}" for name in ("rto", "rpo")}
    return attrs.evolve(RESOURCES, right=RESOURCES.right | named)
