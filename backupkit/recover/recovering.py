"""One call for the common wish: find the newest whole point, restore it, wait, check it, and say what came of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import attrs

from backupkit.arn import Arn
from backupkit.catalog import RestoreRequest
from backupkit.catalog.usual import source_name
from backupkit.declare.fields import shown
from backupkit.display import Block, Displayed, Facts, Notes, moment, text
from backupkit.errors import InvalidValueError, JobFailedError, NeighbourError, PreflightError, VerificationError
from backupkit.neighbours import Presence
from backupkit.problems import Problem
from backupkit.recover.after_restore import add_instances, attach_volume
from backupkit.recover.caller import Caller
from backupkit.recover.candidates import candidates
from backupkit.recover.earlier import (
    UNFINISHED,
    Earlier,
    Question,
    earlier_restores,
    first_token,
    same_start,
    start_once,
)
from backupkit.recover.points import RecoveryPoint, request_for
from backupkit.recover.preflight import PreflightCheck, Verdict
from backupkit.recover.recovery import Recovery
from backupkit.recover.restore_job import RestoreJob
from backupkit.recover.restore_preview import RestorePreview
from backupkit.recover.waiting import must_be_seconds

__all__ = ["Check", "RecoveryPreview", "Wish", "preview_recovery"]

Check = Callable[[RestoreJob], object]
"""A check of what came back: raising or returning False fails it, a returned text is its message."""

_S3_LAG = timedelta(minutes=15)
"""How far a continuous point of S3 may be behind (developer guide, point-in-time recovery)."""


@attrs.frozen(kw_only=True)
class Wish:
    """What is to come back, and how.

    Args:
        resource_arn: The resource whose data is wanted; it need not exist any more.
        as_of: Data from before this aware moment; None: the newest.
        to: What to restore to: a request, a name, or None for a name made of the resource, the moment and the run.
        role: The role that AWS Backup takes on; None: the one that made the point.
        run: None: an earlier restore to the same target is taken up; any text: one more, once for each text.
        verify: A check of what came back.
        rto: What the whole may take.
        cleanup: Whether what this recovery creates is deleted again at the end.
        allow_threats: Whether a point in which a scan found malware is restored.
        preflight: Whether everything that can be looked at is looked at first.
        accept_issues: Whether a job that completed with issues is good enough.
    """

    resource_arn: str
    as_of: datetime | None = None
    to: RestoreRequest | str | None = None
    role: str | None = None
    run: str | None = None
    verify: Check | None = None
    rto: timedelta | None = None
    cleanup: bool = False
    allow_threats: bool = False
    preflight: bool = True
    accept_issues: bool = False


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
        if self.job is None and self.problems:
            raise PreflightError(self.problems)
        started = self.job or start_once(self.caller, self.restore, self.start, self.known)
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
                f"the restore that is there holds data of {moment(self.data_moment)}, and {newest.recovery_point_arn} "
                f"of {moment(newest.creation_date)}; another name restores that"
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
            if self.caller.neighbours.has_session:
                raise
            yield str(error)

    def _cleaned_up(self, job: RestoreJob) -> tuple[bool, tuple[str, ...]]:
        if not self.wish.cleanup:
            return False, ()
        if not self.restore.creates:
            return False, ("nothing was cleaned up: the restore added to something that existed",)
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
                    ("data of", moment(self.data_moment)),
                    ("restore job", taken),
                ],
            ),
            Notes("Vaults that could not be read", self.unreadable_vaults),
        )

    def _blocks(self) -> tuple[Block, ...]:
        return (*self._own_blocks(), *self.restore._blocks())  # noqa: SLF001 - one display of both

    def __str__(self) -> str:
        return f"{text(*self._own_blocks())}\n{self.restore}"


def preview_recovery(caller: Caller, wish: Wish) -> RecoveryPreview:
    """Find the point, make the request, look for an earlier restore to the same target, and check everything.

    Raises:
        InvalidValueError: The resource is not an ARN, the moment has no zone, or the request does not fit the point.
        NotFoundError: There is no whole point of it.
    """
    _check(wish)
    started = caller.transport.clock.now()
    found = candidates(caller, str(Arn.parse(wish.resource_arn)))
    point = found.newest(wish.as_of).refresh()
    as_of = _moment_of(point, wish.as_of, started)
    # A moment is sent to the second.
    data_moment = (as_of or started).replace(microsecond=0) if point.is_continuous else point.creation_date
    request = _request(point, wish, data_moment)
    restore = point.preview_restore(request, as_of=as_of, role=wish.role, preflight=False)
    start = same_start(restore, wish.run, wish.as_of)
    restore = first_token(restore, start)
    earlier = earlier_restores(
        caller,
        Question(
            resource_arn=wish.resource_arn,
            restore=restore,
            as_of=wish.as_of,
            run=wish.run,
            points={each.recovery_point_arn: each for each in found.points},
            names=_names_of_other_times(wish) if point.is_continuous else None,
        ),
    )
    if wish.preflight and earlier.job is None:
        restore = restore.looked_at(allow_threats=wish.allow_threats)
    return RecoveryPreview(
        point=point if earlier.point is None else earlier.point,
        request=request,
        restore=_with_others(restore, earlier),
        job=earlier.job,
        unreadable_vaults=found.unreadable_vaults,
        started=started,
        data_moment=data_moment if earlier.job is None else earlier.data_moment,
        wish=wish,
        start=start,
        known=earlier.known,
        caller=caller,
    )


def _check(wish: Wish) -> None:
    """Refuse what would be noticed only after the restore was started."""
    found = [
        Problem(name, f"{shown(value)} is not a boolean", "give True or False")
        for name in ("cleanup", "allow_threats", "preflight", "accept_issues")
        if not isinstance(value := getattr(wish, name), bool)
    ]
    if wish.verify is not None and not callable(wish.verify):
        found.append(Problem("verify", f"{shown(wish.verify)} cannot be called", "give a function of the finished job"))
    if wish.rto is not None and not (isinstance(wish.rto, timedelta) and wish.rto > timedelta(0)):
        found.append(Problem("rto", f"{shown(wish.rto)} is not a span of time", "give a timedelta"))
    if wish.run is not None and not (isinstance(wish.run, str) and wish.run):
        found.append(Problem("run", f"{shown(wish.run)} is not the name of a run", 'give a text such as "2", or None'))
    if wish.to is not None and (isinstance(wish.to, type) or not isinstance(wish.to, (str, RestoreRequest))):
        got = wish.to.__name__ if isinstance(wish.to, type) else type(wish.to).__name__
        found.append(Problem("to", f"{got} does not say what to restore to", "give a name or a request"))
    elif wish.to == "":
        found.append(Problem("to", "an empty text is not a name", "give a name, or None for one that is made"))
    if found:
        raise InvalidValueError(found)


def _with_others(restore: RestorePreview, earlier: Earlier) -> RestorePreview:
    """The restore with what other restores to the same target mean for it."""
    checks = restore.checks
    if (maker := earlier.maker) is not None:
        told = f"restore job {maker.id} of the same data makes it; it is taken up if this run started it"
        checks = tuple(
            PreflightCheck("target", Verdict.NOTE, f"{check.message}: {told}")
            if check.name == "target" and check.verdict is Verdict.PROBLEM
            else check
            for check in checks
        )
    if (rival := earlier.rival) is not None:
        told = f"{restore.target_arn} is being made of other data by restore job {rival.id}"
        checks = (*checks, PreflightCheck("target", Verdict.PROBLEM, told, "choose another name"))
    return attrs.evolve(restore, checks=checks)


def _names_of_other_times(wish: Wish) -> re.Pattern[str] | None:
    """What the default name is at another time, where the latest moment is asked for; None where it is another wish."""
    if wish.to is not None or wish.as_of is not None:
        return None
    stamp = "20000101-000000"
    name = default_name(wish.resource_arn, datetime(2000, 1, 1, tzinfo=UTC), wish.run)
    return re.compile(re.escape(name).replace(re.escape(stamp), r"\d{8}-\d{6}"))


def _moment_of(point: RecoveryPoint, as_of: datetime | None, now: datetime) -> datetime | None:
    if as_of is not None or not point.is_continuous or point.resource_type != "S3":
        return as_of
    # S3 has no word for the latest moment, and what changed in the last minutes may still be on its way.
    created = point.creation_date or now
    return max(now - _S3_LAG, created)


def _request(point: RecoveryPoint, wish: Wish, data_moment: datetime | None) -> RestoreRequest:
    if isinstance(wish.to, RestoreRequest):
        return wish.to
    if wish.to is not None:
        return request_for(point, wish.to)
    return request_for(point, default_name(wish.resource_arn, data_moment, wish.run), nameless=True)


def default_name(resource_arn: str, data_moment: datetime | None, run: str | None) -> str:
    """Return a name made of the resource, the moment of its data, and the run; letters, digits and hyphens only."""
    arn = Arn.parse(resource_arn)
    stamp = f"{data_moment.astimezone(UTC):%Y%m%d-%H%M%S}" if data_moment is not None else "restored"
    parts = [source_name(arn.resource), stamp, *([run] if run else ())]
    name = re.sub(r"[^a-z0-9]+", "-", "-".join(parts).casefold()).strip("-")
    # What AWS takes everywhere is 63 characters that begin with a letter; the end tells most.
    return name if name[:1].isalpha() and len(name) <= 63 else f"r-{name[-60:].lstrip('-')}"


def _verified(check: Check | None, job: RestoreJob) -> tuple[bool | None, str, Exception | None]:
    if check is None:
        return None, "", None
    try:
        said = check(job)
    except Exception as error:  # noqa: BLE001 - whatever the caller's check raises is its verdict
        return False, f"{type(error).__name__}: {error}", error
    if said is False:
        return False, "it returned False", None
    return True, said if isinstance(said, str) else "", None
