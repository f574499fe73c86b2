"""Jobs as a table. All kinds have the same columns, so that their tables can be put below each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import attrs

from backupkit.display import duration, moment, size
from backupkit.observe import FINAL_STATES
from backupkit.recover.point_table import size_meaning
from backupkit.recover.polling import Job
from backupkit.tables import Column, ColumnType, RecordForm
from backupkit.tables.collection import tally

__all__ = ["JOBS", "began_of", "ended_of"]

TEXT, CATEGORY, COUNT = ColumnType.TEXT, ColumnType.CATEGORY, ColumnType.COUNT
NUMBER, FLAG, MOMENT = ColumnType.NUMBER, ColumnType.FLAG, ColumnType.MOMENT


@attrs.frozen
class _any_kind:  # noqa: N801 - used as a function, and a class so that it can be pickled
    """Finds the first of some members that a kind of job has; None where it has none."""

    names: tuple[str, ...]

    def __call__(self, jobs: Sequence[object]) -> list[object]:
        return [self._of(job) for job in jobs]

    def _of(self, job: object) -> object:
        holder = job
        for name in self.names:
            holder = job
            for part in name.split("."):
                holder = getattr(holder, part, None)
            if holder is not None:
                return holder
        return None


def _member(*names: str) -> Callable[[Sequence[object]], list[object]]:
    return _any_kind(names)


def _sizes(jobs: Sequence[Job]) -> list[int | None]:
    return [getattr(job, "backup_size_in_bytes", None) for job in jobs]


def _size_counts(jobs: Sequence[Job]) -> list[str]:
    return [size_meaning(getattr(job, "resource_type", None)) for job in jobs]


_BEGAN, _ENDED = _any_kind(("creation_date", "creation_time")), _any_kind(("completion_date", "completion_time"))


def began_of(job: Job) -> datetime | None:
    """Return when a job of any kind was made."""
    return _moment(_BEGAN, job)


def ended_of(job: Job) -> datetime | None:
    """Return when a job of any kind ended; None where it has not."""
    return _moment(_ENDED, job)


def _moment(member: _any_kind, job: Job) -> datetime | None:
    found = member([job])[0]
    return found if isinstance(found, datetime) else None


def _cells(job: Job) -> dict[str, str]:
    began, ended = began_of(job), ended_of(job)
    return {
        "state": job.state or "",
        "kind": job.kind,
        "resource": job.resource_arn or "",
        "created": moment(began),
        "took": duration(ended - began) if began is not None and ended is not None else "",
        "size": size(getattr(job, "backup_size_in_bytes", None)),
        "reason": job.reason or "",
        "AWS says": job.status_message or "",
        "id": job.id,
    }


def _mark(job: Job) -> str:
    if job.state == "COMPLETED" and not job.issues:
        return "good"
    return "bad" if job.state in FINAL_STATES[job.kind] and job.state != "COMPLETED" else "doubtful"


def _totals(jobs: Sequence[Job]) -> Iterable[tuple[str, str]]:
    yield "states", tally(job.state for job in jobs)
    if reasons := tally(job.reason for job in jobs if job.reason is not None):
        yield "reasons", reasons


JOBS = RecordForm(
    noun="job",
    columns=(
        Column("kind", CATEGORY, "`backup`, `copy`, `restore`, `scan` or `report`"),
        Column("id", TEXT, "The job's id"),
        Column("state", CATEGORY, "Its state, which AWS calls the status of restores and reports"),
        Column("reason", CATEGORY, "Why it is as it is, in a word; null where all is well"),
        Column("status_message", CATEGORY, "AWS's sentence"),
        Column("resource_arn", CATEGORY, "What it is about"),
        Column("resource_type", CATEGORY, "AWS Backup's word for its type", _member("resource_type")),
        Column("resource_name", CATEGORY, "The name of that, where AWS knows one", _member("resource_name")),
        Column("recovery_point_arn", TEXT, "The point that it makes, copies, restores or scans"),
        Column(
            "backup_vault_arn",
            CATEGORY,
            "The vault of that point",
            _member("backup_vault_arn", "source_backup_vault_arn"),
        ),
        Column(
            "destination_backup_vault_arn",
            CATEGORY,
            "Of a copy: the vault that takes it",
            _member("destination_backup_vault_arn"),
        ),
        Column(
            "made_arn",
            TEXT,
            "What a copy or restore made",
            _member("destination_recovery_point_arn", "created_resource_arn"),
        ),
        Column("creation_date", MOMENT, "When the job was made", _BEGAN),
        Column("initiation_date", MOMENT, "Of a backup: when its parent began", _member("initiation_date")),
        Column("completion_date", MOMENT, "When it ended", _ENDED),
        Column("percent", NUMBER, "AWS's estimate, 0 to 100"),
        Column("backup_size_in_bytes", COUNT, "Bytes; `size_counts` says of what", _sizes),
        Column("size_counts", CATEGORY, "As for recovery points", _size_counts),
        Column("bytes_transferred", COUNT, "Of a backup: bytes that were sent", _member("bytes_transferred")),
        Column("account_id", CATEGORY, "The account that owns the job", _member("account_id")),
        Column("iam_role_arn", CATEGORY, "The role that it works by", _member("iam_role_arn")),
        Column("is_parent", FLAG, "Whether it has jobs below it", _member("is_parent")),
        Column("parent_job_id", TEXT, "The job above it", _member("parent_job_id")),
        Column("backup_plan_id", CATEGORY, "The plan that started it", _member("created_by.backup_plan_id")),
        Column("backup_rule_id", CATEGORY, "The rule", _member("created_by.backup_rule_id")),
    ),
    cells=_cells,
    right=frozenset({"took", "size"}),
    mark=_mark,
    totals=_totals,
)
