"""What a recovery would do, and doing it: restore, wait, check, and say what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import attrs

from backupkit.catalog import RestoreRequest
from backupkit.checks import must_be_bools
from backupkit.display import Block, Displayed, Facts, Notes, moment, text
from backupkit.errors import JobFailedError, NeighbourError, PreflightError, VerificationError
from backupkit.neighbours import Presence
from backupkit.problems import Problem
from backupkit.recover.after_restore import add_instances, attach_volume
from backupkit.recover.caller import Caller
from backupkit.recover.earlier import (
    UNFINISHED,
    start_restore_once,
)
from backupkit.recover.preflight import PreflightCheck
from backupkit.recover.recovery import Recovery
from backupkit.recover.recovery_point import RecoveryPoint
from backupkit.recover.restore_job import RestoreJob
from backupkit.recover.restore_preview import RestorePreview
from backupkit.recover.waiting import must_be_seconds
from backupkit.recover.wish import Check, Wish

__all__ = ["RecoveryPreview"]


@attrs.frozen(kw_only=True)
class RecoveryPreview(Displayed):
    """What a recovery would do: nothing has been started.

    Args:
        point: The recovery point that would be restored.
        request: What it would be restored to.
        restore: The exact metadata.
        job: An earlier restore to the same target that would be taken up instead of starting another; None: none.
        unreadable_vaults: Vaults whose points could not be listed.
    """

    point: RecoveryPoint
    request: RestoreRequest
    restore: RestorePreview
    job: RestoreJob | None = None
    unreadable_vaults: tuple[str, ...] = ()
    started: datetime
    data_moment: datetime | None = None
    wish: Wish = attrs.field(repr=False, eq=False)
    start: str = attrs.field(repr=False, eq=False)
    known: frozenset[str] = attrs.field(repr=False, eq=False)
    caller: Caller = attrs.field(repr=False, eq=False)

    @property
    def checks(self) -> tuple[PreflightCheck, ...]:
        """What was looked at, and what it came to."""
        return self.restore.checks

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What stands against it."""
        return self.restore.obstacles

    def apply(self, *, timeout: float | None = None, progress: bool = False) -> Recovery:
        """Restore, wait, check, and clean up where that was asked for.

        Args:
            timeout: Seconds to wait for the job; None: as long as it takes.
            progress: Whether to draw a bar.

        Raises:
            PreflightError: Something stands against it; nothing was started.
            JobFailedError: The restore failed.
            WaitTimeoutError: It had not ended in time; it goes on, and the same call takes it up.
            VerificationError: What came back failed the check; ``.recovery`` is the evidence.
        """
        must_be_seconds(timeout)
        must_be_bools("apply", progress=progress)
        if self.job is None and self.problems:
            raise PreflightError(self.problems)
        started = self.job or start_restore_once(self.caller, self.restore, self.start, self.known)
        try:
            job = started.wait(timeout=timeout, progress=progress, accept_issues=self.wish.accept_issues)
        except JobFailedError as error:
            if isinstance(error.job, RestoreJob) and error.job.created_resource_arn is not None:
                self._cleaned_up(error.job)
            raise
        try:
            notes = [*self._doubts(job), *self._follow_up(job)]
            verified, message, cause = _verified(self.wish.verify, job)
        except BaseException:
            # An interrupt, or a test that a check ends; what was made does not stay for it.
            self._cleaned_up(job)
            raise
        cleaned, left = self._cleaned_up(job)
        recovery = Recovery(
            resource_arn=self.wish.resource_arn,
            point=self.point,
            job=job,
            as_of=self.wish.as_of,
            data_moment=self.data_moment,
            started=self.started,
            ended=job.clock.now(),
            run=self.wish.run,
            taken_up=self.job is not None or job.id in self.known,
            rto=self.wish.rto,
            verified=verified,
            verification_message=message,
            cleaned_up=cleaned,
            notes=(*notes, *left),
            unreadable_vaults=self.unreadable_vaults,
        )
        if verified is False:
            raise VerificationError(f"{job.created_resource_arn}: the check failed: {message}", recovery) from cause
        return recovery

    def _doubts(self, job: RestoreJob) -> Iterator[str]:
        if self.point.is_continuous and self.restore.as_of is None:
            # AWS says of no restore which moment the latest was.
            yield "the latest moment of a continuous point was asked for, which may be some minutes before the start"
        newest = self.restore.point
        if self.job is not None and self.point.recovery_point_arn != newest.recovery_point_arn:
            yield (
                f"the restore that is there holds data of {moment(self.data_moment) or 'an unknown moment'}, and "
                f"{newest.recovery_point_arn} of {moment(newest.creation_date)}; another name restores that"
            )
        if self.job is None or self.job.status in UNFINISHED:
            return
        seen = self.caller.neighbours.look(job.created_resource_arn or "")
        if seen.presence is not Presence.THERE:
            yield f"it was restored before; whether it is still there could not be looked at: {seen.reason}"

    def _follow_up(self, job: RestoreJob) -> Iterator[str]:
        """Do what the request wants after the job."""
        request, created = self.request, job.created_resource_arn or ""
        neighbours, sleep = self.caller.neighbours, job.clock.sleep
        instance_class, attach_to = getattr(request, "instance_class", None), getattr(request, "attach_to", None)
        try:
            if instance_class is not None:
                count = getattr(request, "instances", 1)
                made = add_instances(
                    neighbours, sleep, created, request.resource_type, instance_class=instance_class, instances=count
                )
                yield f"added {', '.join(made)}"
            if attach_to is not None:
                attach_volume(neighbours, sleep, created, attach_to, getattr(request, "device", None) or "/dev/sdf")
                yield f"attached to {attach_to}"
        except NeighbourError as error:
            if not self.caller.neighbours.has_session:
                yield str(error)
                return
            what = f"{created} is restored, but not what was to come after it: {error}"
            raise NeighbourError(f"{what}; the same call goes on from there", code=error.code) from None

    def _cleaned_up(self, job: RestoreJob) -> tuple[bool, tuple[str, ...]]:
        if not self.wish.cleanup:
            return False, ()
        if not self.restore.creates:
            return False, ("nothing was cleaned up: the restore went into something that existed",)
        if self.job is not None:
            # Somebody may live on it: what this very run started is told by the token alone, which run= makes.
            what = f"{job.created_resource_arn} was restored by an earlier call"
            return False, (f"nothing was cleaned up: {what}; delete it by hand, and give rehearsals a run=",)
        created = job.created_resource_arn or ""
        try:
            self.caller.neighbours.remove(created)
        except NeighbourError as error:
            gone = self.caller.neighbours.look(created).presence is Presence.GONE
            return gone, () if gone else (str(error),)
        return True, ()

    def __repr__(self) -> str:
        return f"<RecoveryPreview of {self.wish.resource_arn} from {self.point.recovery_point_arn}>"

    def _own_blocks(self) -> tuple[Block, ...]:
        taken = f"{self.job.restore_job_id} ({self.job.status}) is taken up" if self.job is not None else "a new one"
        return (
            Facts(
                f"Recovery of {self.wish.resource_arn}",
                [
                    ("recovery point", self.point.recovery_point_arn or ""),
                    ("vault", self.point.backup_vault_name or ""),
                    ("data of", moment(self.data_moment) or "not known"),
                    ("restore job", taken),
                ],
            ),
            Notes("Vaults that could not be read", self.unreadable_vaults),
        )

    def _blocks(self) -> tuple[Block, ...]:
        return (*self._own_blocks(), *self.restore._blocks())  # noqa: SLF001 - one display of both

    def __str__(self) -> str:
        return f"{text(*self._own_blocks())}\n{self.restore}"


def _verified(check: Check | None, job: RestoreJob) -> tuple[bool | None, str, Exception | None]:
    if check is None:
        return None, "", None
    try:
        answer = check(job)
    except Exception as error:  # noqa: BLE001 - whatever the caller's check raises is its verdict
        return False, f"{type(error).__name__}: {error}", error
    if answer is False:
        return False, "it returned False", None
    return True, answer if isinstance(answer, str) else "", None
