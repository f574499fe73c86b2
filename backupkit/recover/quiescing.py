"""Backing up while the application rests: the documents around the snapshot, and what that guarantees."""

from __future__ import annotations

import contextlib
import logging
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

import attrs

from backupkit.arn import Arn
from backupkit.display import moment
from backupkit.errors import AccessDeniedError, BackupKitError, InvalidValueError, NeighbourError, PreflightError
from backupkit.neighbours import Neighbours
from backupkit.problems import Problem, counted
from backupkit.recover.backup_job import BackupJob
from backupkit.recover.caller import Caller
from backupkit.recover.quiesce import SSMQuiesce
from backupkit.recover.quiesced_backup import QuiescedBackup
from backupkit.recover.ssm_script import Document, ScriptRun, described, run_script
from backupkit.transport.retry import patience

__all__ = ["back_up_quiesced"]

_LOG = logging.getLogger(__name__)
_LOOK_SECONDS = 2.0
_AFTER_ATTEMPTS = 5
_OF_BACKUP = ("aws:backup:", "AWSBackup")
"""How the keys of tags begin by which AWS Backup knows its own snapshots (its managed policies)."""


def back_up_quiesced(
    caller: Caller, resource: str, quiesce: SSMQuiesce, start: Callable[[], BackupJob], *, is_repeated: bool
) -> QuiescedBackup:
    """Run the documents around a backup; the one after the snapshot is run whatever happens in between.

    Args:
        caller: The connection.
        resource: The ARN of an EC2 instance, or of a volume that is attached to one.
        quiesce: The documents.
        start: Starts the backup job.
        is_repeated: Whether AWS may answer that start with a job of another time, because its token is the caller's.

    Raises:
        InvalidValueError: The resource is not on an instance.
        PreflightError: A document is missing or lacks a parameter; nothing was done.
        NeighbourError: The application could not be brought to rest, and is required to; nothing was backed up.
    """
    instance_id, volumes = _instance(caller.neighbours, Arn.parse(resource))
    before, after = _documents(caller.neighbours, quiesce)
    around = _Around(
        caller=caller,
        quiesce=quiesce,
        before=before,
        after=after,
        instance_id=instance_id,
        volumes=volumes,
        known=_jobs_of(caller, resource) if is_repeated else frozenset(),
    )
    return around.backed_up(start)


def _instance(neighbours: Neighbours, arn: Arn) -> tuple[str, frozenset[str]]:
    """The instance that a resource is on, and the volumes that its snapshot is of; none where they cannot be told."""
    if arn.service == "ec2" and arn.kind == "instance":
        found = _described(neighbours, "describe_volumes", "attachment.instance-id", [arn.name], "Volumes")
        return arn.name, frozenset(str(each["VolumeId"]) for each in found or ())
    if arn.service == "ec2" and arn.kind == "volume":
        found = _described(neighbours, "describe_volumes", "volume-id", [arn.name], "Volumes")
        if found is None:
            what = f"EC2 could not be asked which instance {arn} is attached to"
            raise PreflightError(
                Problem("back_up/quiesce", what, "give the instance's ARN, or allow ec2:DescribeVolumes")
            )
        held = [str(each["InstanceId"]) for volume in found for each in volume.get("Attachments", ())]
        if held:
            return held[0], frozenset({arn.name})
        what, hint = f"{arn} is attached to no instance", "no application writes to it: back it up without quiesce="
    else:
        what, hint = f"{arn} is not an EC2 instance or a volume of one", "documents run on instances alone"
    raise InvalidValueError(Problem("back_up/quiesce", what, hint))


def _described(
    neighbours: Neighbours, method: str, name: str, values: Sequence[str], member: str
) -> list[dict[str, Any]] | None:
    """What EC2 lists; None where it cannot be asked."""
    try:
        answer = neighbours.ask("ec2", method, {"Filters": [{"Name": name, "Values": list(values)}]})
    except NeighbourError:
        return None
    return list(answer[member]) if answer is not None else None


def _documents(neighbours: Neighbours, quiesce: SSMQuiesce) -> tuple[Document, Document]:
    before = described(neighbours, quiesce.before)
    after = before if quiesce.after is None else described(neighbours, quiesce.after)
    problems = [
        Problem(f"back_up/quiesce/{name}", each.problem, each.hint)
        for name, each in (("before", before), *((("after", after),) if after is not before else ()))
        if each.problem
    ]
    if quiesce.document_after == quiesce.before and not before.declares("command"):
        what = f"document {before.name} has no parameter command, so it cannot be told before from after"
        problems.append(Problem("back_up/quiesce/after", what, "give the other document with after="))
    if quiesce.auto_thaw_parameter is not None and not before.declares(quiesce.auto_thaw_parameter):
        what = f"document {before.name} has no parameter {quiesce.auto_thaw_parameter}"
        problems.append(Problem("back_up/quiesce/auto_thaw_parameter", what, "give the name that it has"))
    unknown = [name for name in quiesce.parameters if not before.declares(name) and not after.declares(name)]
    for name in unknown:
        what = f"neither document has a parameter {name}"
        problems.append(Problem(f"back_up/quiesce/parameters/{name}", what, "leave it out"))
    given = {"command", "executionId", *quiesce.parameters}
    given |= {quiesce.auto_thaw_parameter} if quiesce.auto_thaw_parameter is not None else set()
    for name in sorted((before.required | after.required) - given):
        document = before.name if name in before.required else after.name
        what = f"document {document} needs its parameter {name}, which has no default"
        problems.append(Problem(f"back_up/quiesce/parameters/{name}", what, f'give parameters={{"{name}": ...}}'))
    if problems:
        raise PreflightError(dict.fromkeys(problems))
    return before, after


@attrs.define(kw_only=True, eq=False)
class _Around:
    """One backup and the documents around it."""

    caller: Caller
    quiesce: SSMQuiesce
    before: Document
    after: Document
    instance_id: str
    volumes: frozenset[str]
    known: frozenset[str]
    """The jobs that were there before the application rested."""
    execution_id: str = attrs.field(factory=lambda: str(uuid4()))
    runs: list[ScriptRun] = attrs.field(factory=list)
    may_rest: bool = False
    """Whether the first document may have done something that the second has not undone."""

    def backed_up(self, start: Callable[[], BackupJob]) -> QuiescedBackup:
        """Do all of it."""
        old = self._snapshots()
        rests = None
        seen = None
        try:
            rests = self._brought_to_rest()
            if rests is None and self.quiesce.required:
                last = next(run for run in reversed(self.runs) if run.stage == "before")
                what = f"{last.document} on {self.instance_id}: {last.meaning}; nothing was backed up"
                raise NeighbourError(what, code=str(last.exit_code or last.status))
            # A call that is throttled for minutes must not keep the application at rest.
            with patience(self._left(rests)):
                job = start()
            if rests is not None:
                job, seen = self._snapshot_of(job, rests, old)
        finally:
            # Also where the backup could not be started, and on Ctrl-C: else only the document's own timer thaws.
            if self.may_rest:
                self._run("after")
        return self._result(job, rests, seen)

    def _brought_to_rest(self) -> ScriptRun | None:
        """Run the first document until it does what it is to do; None where it does not."""
        for attempt in range(self.quiesce.retries + 1):
            if attempt:
                # What failed half way may have brought a part of the application to rest.
                self._run("after")
            run = self._run("before")
            if run.succeeded:
                return run
        return None

    def _run(self, stage: str) -> ScriptRun:
        quiesce, document = self.quiesce, self.before if stage == "before" else self.after
        own = {"command": ("pre-script" if stage == "before" else "post-script",), "executionId": (self.execution_id,)}
        name = quiesce.auto_thaw_parameter
        # The same document is sent twice, and is not taken without what it requires.
        if name is not None and (stage == "before" or name in document.required):
            own[name] = (str(quiesce.auto_thaw_seconds),)
        given = {**quiesce.parameters, **own}
        self.may_rest = True
        run = run_script(
            self.caller.neighbours,
            self.caller.transport.clock,
            stage=stage,
            document=document.name,
            instance_id=self.instance_id,
            parameters={name: values for name, values in given.items() if document.declares(name)},
            timeout_seconds=quiesce.timeout_seconds,
            attempts=1 if stage == "before" else _AFTER_ATTEMPTS,
        )
        self.runs.append(run)
        self.may_rest = stage == "before"
        if not run.succeeded:
            _LOG.warning("%s the snapshot of %s: %s: %s", stage, self.instance_id, document.name, run.meaning)
        return run

    def _snapshot_of(
        self, job: BackupJob, rests: ScriptRun, old: frozenset[str] | None
    ) -> tuple[BackupJob, datetime | None]:
        """The job once its snapshot is there, and when that was seen; None where the application goes on before."""
        clock = self.caller.transport.clock
        while True:
            try:
                with patience(self._left(rests)):
                    job = job.refresh()
            except BackupKitError as error:
                # What matters now is that the application goes on in time; the job is there.
                _LOG.warning("%s could not be looked at: %s", job.label, error)
            if job.recovery_point_arn is not None or self._all_taken(old):
                return job, clock.now()
            left = self._left(rests)
            if job.ended or left <= 0:
                return job, None
            clock.sleep(min(_LOOK_SECONDS, left))

    def _left(self, rests: ScriptRun | None) -> float:
        """Seconds until the application goes on by itself; without end where it does not rest."""
        if rests is None:
            return math.inf
        return self.quiesce.auto_thaw_seconds - (self.caller.transport.clock.now() - rests.started).total_seconds()

    def _all_taken(self, old: frozenset[str] | None) -> bool:
        """Whether EC2 has a new snapshot of AWS Backup's of every volume."""
        if old is None or not self.volumes:
            return False
        found = _described(self.caller.neighbours, "describe_snapshots", "volume-id", sorted(self.volumes), "Snapshots")
        taken = (each for each in found or () if each["SnapshotId"] not in old and self._is_of_backup(each))
        return {str(each["VolumeId"]) for each in taken} >= self.volumes

    def _is_of_backup(self, snapshot: Mapping[str, Any]) -> bool:
        """Whether AWS Backup makes a snapshot, and nobody else: it tags snapshots, and makes images of instances."""
        keys = [str(tag.get("Key", "")) for tag in snapshot.get("Tags", ())]
        of_image = f"Created by CreateImage({self.instance_id})"
        return any(key.startswith(_OF_BACKUP) for key in keys) or str(snapshot.get("Description")).startswith(of_image)

    def _snapshots(self) -> frozenset[str] | None:
        """The snapshots that there are already; None where EC2 cannot be asked."""
        if not self.volumes:
            return None
        found = _described(self.caller.neighbours, "describe_snapshots", "volume-id", sorted(self.volumes), "Snapshots")
        return None if found is None else frozenset(str(each["SnapshotId"]) for each in found)

    def _result(self, job: BackupJob, rests: ScriptRun | None, seen: datetime | None) -> QuiescedBackup:
        after = self.runs[-1]
        if job.id in self.known:
            seen = None
        in_time = seen is not None and rests is not None and self._within(seen, rests)
        # A document of the contract says by its exit code whether it went on by itself; of another only the time tells.
        held = after.succeeded and (in_time or self._is_of_contract())
        doubts = tuple(self._doubts(job, rests, seen, after, in_time=in_time))
        return QuiescedBackup(
            job=job,
            instance_id=self.instance_id,
            execution_id=self.execution_id,
            runs=tuple(self.runs),
            snapshot_seen=seen,
            consistent=rests is not None and seen is not None and held,
            guaranteed=tuple(self._certain(rests, seen, held=held)),
            not_guaranteed=doubts,
        )

    def _within(self, seen: datetime, rests: ScriptRun) -> bool:
        return (seen - rests.started).total_seconds() <= self.quiesce.auto_thaw_seconds

    def _is_of_contract(self) -> bool:
        return self.after.parameters is not None and "command" in self.after.parameters

    def _certain(self, rests: ScriptRun | None, seen: datetime | None, *, held: bool) -> Iterator[str]:
        if rests is not None:
            yield f"{rests.document} had ended with success before the backup was asked for"
        if rests is not None and seen is not None:
            yield f"the snapshot was there at {moment(seen)}, before {self.after.name} was sent"
            if held:
                yield "the application had not gone on by itself when the snapshot was seen"
        if self.runs[-1].succeeded:
            yield f"{self.after.name} has let the application go on"

    def _doubts(
        self, job: BackupJob, rests: ScriptRun | None, seen: datetime | None, after: ScriptRun, *, in_time: bool
    ) -> Iterator[str]:
        if rests is None:
            failed = next(run for run in reversed(self.runs) if run.stage == "before")
            yield f"the application did not rest: {failed.document}: {failed.meaning}; the backup is crash-consistent"
        elif job.id in self.known:
            yield f"backup job {job.id} had been started before the application rested: its token was used before"
        elif job.ended and job.state != "COMPLETED":
            why = f", {job.reason}" if job.reason is not None else ""
            yield f"backup job {job.id} ended as {job.state}{why}: there is no backup"
        elif seen is None:
            limit = counted(self.quiesce.auto_thaw_seconds, "second")
            yield f"the snapshot was not seen within {limit}, so the application may have gone on before it was taken"
        if rests is not None and not after.succeeded:
            yield f"{after.document}: {after.meaning}; the application goes on by its own timer at the latest"
        if rests is not None and seen is not None and not in_time and not self._is_of_contract():
            yield "the snapshot was seen only after the document's own timer had run out"
        yield "that the documents do what they say: only their exit codes are seen"
        if self.quiesce.auto_thaw_parameter is None:
            yield f"that {self.before.name} has its own timer: it was told none"


def _jobs_of(caller: Caller, resource: str) -> frozenset[str]:
    """The ids of the backup jobs that there are already; none where they may not be listed."""
    with contextlib.suppress(AccessDeniedError):
        return frozenset(job.id for job in caller.listed("ListBackupJobs", BackupJob, {"ByResourceArn": resource}))
    return frozenset()
