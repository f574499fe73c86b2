"""What came of a backup around which an application was to rest."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

import attrs

from backupkit.display import Block, Displayed, Facts, Notes, Rows, moment
from backupkit.recover.backup_job import BackupJob
from backupkit.recover.recovery_point import RecoveryPoint
from backupkit.recover.ssm_script import ScriptRun
from backupkit.serialization import Serializable

__all__ = ["QuiescedBackup"]


@attrs.frozen(kw_only=True)
class QuiescedBackup(Displayed, Serializable):
    """A backup around which the application was to rest.

    Args:
        job: The backup job, as last seen.
        instance_id: The instance that the documents ran on.
        execution_id: The id that both were told.
        runs: Every run of a document, in order.
        snapshot_seen: When the snapshot was first seen to be there; None: not before the application went on.
        guaranteed: What is certain of this backup.
        not_guaranteed: What is not, and why.
    """

    job: BackupJob
    instance_id: str
    execution_id: str
    runs: tuple[ScriptRun, ...]
    snapshot_seen: datetime | None = None
    guaranteed: tuple[str, ...] = ()
    not_guaranteed: tuple[str, ...] = ()
    consistent: bool = False
    """Whether the application rested from before the backup was asked for until its snapshot was there."""

    @property
    def recovery_point(self) -> RecoveryPoint:
        """The point that the job made or makes."""
        return self.job.recovery_point

    def wait(
        self, *, timeout: float | None = None, progress: bool = False, accept_issues: bool = False
    ) -> QuiescedBackup:
        """Return the same with the job once that has ended well, as `BackupJob.wait` does."""
        job = self.job.wait(timeout=timeout, progress=progress, accept_issues=accept_issues)
        return attrs.evolve(self, job=job)

    def to_json(self) -> str:
        """Return it as JSON text."""
        return json.dumps(self.to_dict(json=True), indent=2)

    def _blocks(self) -> Sequence[Block]:
        facts = (
            ("backup job", f"{self.job.id} ({self.job.state})"),
            ("instance", self.instance_id),
            ("application-consistent", "yes" if self.consistent else "not guaranteed"),
            ("snapshot seen", moment(self.snapshot_seen) or "not while the application rested"),
        )
        rows = [(run.stage, run.document, moment(run.started), run.meaning) for run in self.runs]
        return (
            Facts(f"Backup of {self.job.resource_arn}", facts),
            Rows(
                ("script", "document", "sent", "ended"),
                rows,
                kinds=["good" if run.succeeded else "bad" for run in self.runs],
            ),
            Notes("Guaranteed", self.guaranteed),
            Notes("Not guaranteed", self.not_guaranteed),
        )
