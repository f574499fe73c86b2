"""Copies of composites: a parent job starts a job for each nested point that can be copied, and joins what arrives.

Source: the developer guide's page on CloudFormation stack backups ("Copy a recovery point").
"""

from __future__ import annotations

from backupkit.emulator.engine import copy_run
from backupkit.emulator.kernel.simulation import Cloud
from backupkit.emulator.model import BackupJob, CopyJob, Document, Family, Place, Point
from backupkit.emulator.model.agenda import Happening
from backupkit.emulator.rules import nesting

__all__ = ["begin", "follow"]

_GOOD = frozenset({"COMPLETED", "PARTIAL"})
_LOST = "One or more nested recovery points of {arn} were not copied."


def follow(cloud: Cloud, place: Place, point: Point, action: Document, job: BackupJob) -> None:
    """Start the copy of a composite that a rule asks for once its backup is done."""
    begin(cloud, place, place, point, copy_run.of_rule(cloud, place, point, action, job))


def begin(cloud: Cloud, place: Place, source: Place, point: Point, job: CopyJob) -> None:
    """Record a new copy job and let it start; that of a composite, with its children.

    Args:
        cloud: The whole cloud.
        place: Where the job runs.
        source: Where the point is.
        point: What is copied.
        job: The new job.
    """
    if not nesting.is_parent(point.family):
        copy_run.begin(cloud, place, point, job)
        return
    job.family = job.family or Family()
    job.family.children = []
    copy_run.record(cloud, place, point, job, _Start(place, source, job, point))


class _Start(Happening):
    place: Place
    source: Place
    job: CopyJob
    point: Point

    def happen(self, cloud: Cloud) -> None:
        place, job, point = self.place, self.job, self.point
        if not copy_run.opened(cloud, place, job, point):
            return
        family = job.family or Family()
        nested = nesting.children(self.source, point)
        going = [child for child in nested if copy_run.copyable(child)]
        family.incomplete = point.status == "PARTIAL" or len(going) < len(nested)
        family.children = []
        ended = _Ended(place, self.source, job, point)
        for child in going:
            copy = copy_run.job_of(
                cloud,
                place,
                child,
                job.destination_vault_arn,
                job.role_arn,
                job.lifecycle,
                vault_arn=job.source_vault_arn,
            )
            copy.created_by, copy.backup_job_id = job.created_by, job.backup_job_id
            member = child.family.member if child.family is not None else None
            copy.family = Family(parent=job.id, member=member, when_ended=ended)
            family.children.append(copy.id)
            begin(cloud, place, self.source, child, copy)
        if not going:
            cloud.agenda.note(cloud.clock.now(), ended)


class _Ended(Happening):
    """A child job has ended, or there is none."""

    place: Place
    source: Place
    job: CopyJob
    point: Point

    def happen(self, cloud: Cloud) -> None:
        children = _children(self.place, self.job)
        if self.job.completed is None and all(child.completed is not None for child in children):
            _close(cloud, self.place, self.job, self.point, children)


def _children(place: Place, job: CopyJob) -> list[CopyJob]:
    ids = (job.family.children if job.family is not None else None) or ()
    return [place.copy_jobs[each] for each in ids if each in place.copy_jobs]


def _close(cloud: Cloud, place: Place, job: CopyJob, point: Point, children: list[CopyJob]) -> None:
    """End the parent as its children ended, with a composite of what they copied."""
    arns = [child.destination_point_arn for child in children if child.state in _GOOD]
    if children and not arns:
        copy_run.end(cloud, place, job, point, "FAILED", children[0].status_message, "MISCELLANEOUS")
        return
    # The vault may have changed, or be gone, since the job began.
    if (fault := copy_run.fault(cloud, place, job, point)) is not None:
        copy_run.end(cloud, place, job, point, "FAILED", fault, "MISCELLANEOUS")
        return
    whole = all(child.state == "COMPLETED" for child in children) and not (job.family and job.family.incomplete)
    state = "COMPLETED" if whole else "PARTIAL"
    message = None if whole else _LOST.format(arn=point.arn)
    there, copy = copy_run.arrived(cloud, job, point)
    copy.status, copy.status_message = state, message
    copy.family = Family(parent=None, member=job.family.member if job.family is not None else None, children=[])
    nesting.adopt(there, copy, [arn for arn in arns if arn is not None])
    if cloud.news is not None and not whole:
        cloud.news.point(there, copy)
    copy_run.end(cloud, place, job, point, state, message, "SUCCESS" if whole else "MISCELLANEOUS")
