"""Earlier restores of a resource: which of them a recovery takes up, and how one more is started once and not twice."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

import attrs

from backupkit.catalog.draft import Sent, Source
from backupkit.catalog.metadata_key import NEW_TOKEN, Encoding
from backupkit.neighbours import Presence
from backupkit.recover.caller import Caller
from backupkit.recover.point_facts import continuous
from backupkit.recover.recovery_point import RecoveryPoint
from backupkit.recover.restore_job import RestoreJob
from backupkit.recover.restore_preview import RestorePreview, start
from backupkit.recover.restored_moment import restored_moment, sent_metadata
from backupkit.recover.start_once import repeated_token, start_once

__all__ = ["UNFINISHED", "Earlier", "Question", "earlier_restores", "first_token", "same_start", "start_restore_once"]

UNFINISHED = frozenset({"PENDING", "RUNNING"})
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@attrs.frozen(kw_only=True)
class Question:
    """What an earlier restore is compared with.

    Args:
        resource_arn: The resource whose data is wanted.
        restore: What would be sent.
        as_of: The moment that the caller asked for; None: the newest.
        run: The name of the run; None: what others started may be taken up.
        points: The resource's recovery points by their ARNs.
        names: Names that the target may have as well, where the one that would be sent holds the time of the call.
    """

    resource_arn: str
    restore: RestorePreview
    as_of: datetime | None
    run: str | None
    points: Mapping[str | None, RecoveryPoint]
    names: re.Pattern[str] | None = None


@attrs.frozen(kw_only=True)
class Earlier:
    """Earlier restores of a resource.

    Args:
        known: The ids of all of them.
        job: The one that is taken up; None: none.
        point: The point that it restores.
        data_moment: The moment that its data is of.
        maker: The one that made the target that is there, of the same data; with ``run=`` only the token can tell
            whether it is this run's.
        rival: One that is making the target just now, of other data.
    """

    known: frozenset[str]
    job: RestoreJob | None = None
    point: RecoveryPoint | None = None
    data_moment: datetime | None = None
    maker: RestoreJob | None = None
    rival: RestoreJob | None = None


def earlier_restores(caller: Caller, question: Question) -> Earlier:
    """Return the earlier restores of a resource, and which of them is to be taken up.

    One is taken up while it is under way, or completed and its target is there. Where a moment was asked for, it must
    be of the same point and moment; else one of an older point is, if it made a target that can be there only once.
    """
    from_request = {"ResourceArn": question.resource_arn}
    jobs = tuple(caller.listed("ListRestoreJobsByProtectedResource", RestoreJob, from_request))
    known = frozenset(job.id for job in jobs)
    alive = [job for job in jobs if job.status in UNFINISHED | {"COMPLETED"} and job.recovery_point_arn is not None]
    alive.sort(key=lambda job: (job.status in UNFINISHED, job.creation_date or _LONG_AGO), reverse=True)
    rival = None
    for job in alive:
        metadata = sent_metadata(caller, job)
        if not _same_target(question, job, metadata) or not _may_be_there(caller, question, job):
            continue
        if question.run is not None:
            if _same_data(question, job, metadata):
                return Earlier(known=known, maker=job)
        elif _will_do(question, job, metadata):
            point = question.points.get(job.recovery_point_arn) or _bare(caller, job)
            return Earlier(known=known, job=job, point=point, data_moment=_data_moment(job, metadata, point))
        if job.status in UNFINISHED and _only_one(question):
            rival = rival or job
    return Earlier(known=known, rival=rival)


def start_restore_once(caller: Caller, restore: RestorePreview, base: str, known: frozenset[str]) -> RestoreJob:
    """Start a restore; the same base again gives the same job, unless that failed or what it made is gone.

    Args:
        caller: Starts it.
        restore: What is sent.
        base: What tells this restore from others.
        known: The ids of jobs that were there before.
    """
    return start_once(
        base,
        known,
        lambda token: start(caller, with_token(restore, token), token=token),
        lambda job: job.status in UNFINISHED or (job.status == "COMPLETED" and not _gone(caller, job)),
    )


def same_start(restore: RestorePreview, run: str | None, as_of: datetime | None) -> str:
    """Return what tells a restore from others: all that is sent but secrets, and the run."""
    sent = (
        (entry.key.casefold(), entry.display_value)
        for entry in restore.sent
        # The latest moment of a continuous point of S3 is written down, and is another at each call.
        if not _is_default_token(entry) and not (as_of is None and _is_moment(entry))
    )
    how = restore.role, restore.copy_source_tags, run
    return f"{restore.point.recovery_point_arn}|{sorted(sent)}|{how}"


def first_token(restore: RestorePreview, base: str) -> RestorePreview:
    """Return the restore with the creation token of its first start."""
    return with_token(restore, repeated_token(base))


def with_token(restore: RestorePreview, token: str) -> RestorePreview:
    """Return the same restore with a creation token that a repeated start makes again."""
    sent = (attrs.evolve(entry, value=token) if _is_default_token(entry) else entry for entry in restore.sent)
    return attrs.evolve(restore, sent=tuple(sent))


def _is_default_token(entry: Sent) -> bool:
    return _is_token(entry) and entry.source is Source.DEFAULT


def _is_token(entry: Sent) -> bool:
    return entry.known is not None and entry.known.default == NEW_TOKEN


def _is_moment(entry: Sent) -> bool:
    return entry.known is not None and entry.known.encoding is Encoding.MOMENT


def _target(restore: RestorePreview) -> dict[str, str]:
    """What tells the target of a restore from others.

    That is the keys that every such job needs, else all but tokens; of a restore into something that exists, all that
    the request says.
    """
    chosen_here = [
        entry
        for entry in restore.sent
        if entry.source is not Source.POINT and not _is_token(entry) and not _is_moment(entry)
    ]
    from_request = [entry for entry in chosen_here if entry.source is Source.REQUEST]
    needed = [entry for entry in from_request if restore.creates and entry.known is not None and entry.known.required]
    return {entry.key.casefold(): entry.value for entry in needed or from_request or chosen_here}


def _same_target(question: Question, job: RestoreJob, metadata: Mapping[str, str]) -> bool:
    target = _target(question.restore)
    if attrs.evolve(question.restore, sent=_as_sent(metadata)).creates != question.restore.creates:
        # What was added to a bucket is not a new one of its name.
        return False
    name = (question.restore.target_key or "").casefold()
    if question.names is not None and job.status in UNFINISHED and name in target:
        # The latest moment was asked for before, and the name was made of the time of that call.
        if not question.names.fullmatch(metadata.get(name, "")):
            return False
        del target[name]
    return all(metadata.get(key) == value for key, value in target.items())


def _as_sent(metadata: Mapping[str, str]) -> tuple[Sent, ...]:
    return tuple(Sent(key, value, Source.REQUEST) for key, value in metadata.items())


def _only_one(question: Question) -> bool:
    """Whether the target can be there only once: it has a name, and the restore makes it."""
    return question.restore.creates and question.restore.target_arn is not None


def _same_point(question: Question, job: RestoreJob) -> bool:
    return job.recovery_point_arn == question.restore.point.recovery_point_arn


def _same_data(question: Question, job: RestoreJob, metadata: Mapping[str, str]) -> bool:
    moments = {entry.key.casefold(): entry.value for entry in question.restore.sent if _is_moment(entry)}
    same_moment = question.as_of is None or all(metadata.get(key) == value for key, value in moments.items())
    return _same_point(question, job) and same_moment


def _will_do(question: Question, job: RestoreJob, metadata: Mapping[str, str]) -> bool:
    if question.as_of is None and question.names is None and _only_one(question):
        return True
    # A continuous point holds more than when it was last added to what exists.
    grown = question.as_of is None and continuous(question.restore.point) and not question.restore.creates
    return _same_data(question, job, metadata) and not (grown and job.status == "COMPLETED")


def _may_be_there(caller: Caller, question: Question, job: RestoreJob) -> bool:
    """Whether it is under way, or what it made is there, or, where nobody can tell, was made of this very point."""
    if job.status in UNFINISHED:
        return True
    if job.created_resource_arn is None:
        return False
    presence = caller.neighbours.look(job.created_resource_arn).presence
    return presence is Presence.THERE or (presence is Presence.UNKNOWN and _same_point(question, job))


def _gone(caller: Caller, job: RestoreJob) -> bool:
    made = job.created_resource_arn
    return made is not None and caller.neighbours.look(made).presence is Presence.GONE


def _bare(caller: Caller, job: RestoreJob) -> RecoveryPoint:
    """The point of a job that no vault lists any more, as far as the job tells of it."""
    point = RecoveryPoint(
        recovery_point_arn=job.recovery_point_arn,
        backup_vault_arn=job.backup_vault_arn,
        backup_vault_name=job.backup_vault_arn.rpartition(":")[2] if job.backup_vault_arn is not None else None,
        resource_arn=job.source_resource_arn,
        resource_type=job.resource_type,
        creation_date=job.recovery_point_creation_date,
    )
    return caller.attached(point)


def _data_moment(job: RestoreJob, metadata: Mapping[str, str], point: RecoveryPoint) -> datetime | None:
    if not continuous(point):
        return point.creation_date
    return restored_moment(metadata, point.resource_type) or job.creation_date
