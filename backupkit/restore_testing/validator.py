"""Makes a Lambda function or a script out of a function of the finished restore job."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import TypeAlias, overload

import attrs

from backupkit.arn import Arn
from backupkit.checks import must_be_bools
from backupkit.connection import Connection
from backupkit.errors import BackupKitError, InvalidValueError, NotValidatedError
from backupkit.events import Event, RestoreJobEvent, parse_all
from backupkit.observe import RESTORE_JOB_ENDED
from backupkit.problems import Problem, quote, typed
from backupkit.recover.restore_job import RestoreJob
from backupkit.restore_testing.results import CheckResult, Outcome
from backupkit.restore_testing.running import Patience, results_of, seconds_left
from backupkit.restore_testing.validation import Validation, decided, report, validation_of, why_closed
from backupkit.serialization import jsonable
from backupkit.transport.connected import transport_of

__all__ = ["Validator", "validator"]

Function: TypeAlias = Callable[[RestoreJob], object] | Callable[[RestoreJob, Connection], object]
Connect: TypeAlias = Callable[[str | None], Connection]

_WAIT = timedelta(minutes=10)
_MARGIN_SECONDS = 30.0
"""What is kept of a Lambda function's time to report the result."""


@attrs.frozen(eq=False, repr=False)
class Validator:
    """A function of the finished restore job, as a handler of events and as a script.

    Args:
        function: What checks the job.
        wait: How long what is on its way is waited for.
        connect: Makes the connection to a Region.

    Raises:
        InvalidValueError: The function cannot be called with a job, ``wait`` is not a span of time, or ``connect`` is
            not a function.
    """

    function: Function
    wait: timedelta = _WAIT
    connect: Connect | None = None
    _connections: dict[str | None, Connection] = attrs.field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        if not callable(self.function) or isinstance(self.function, type):
            what = f"{quote(self.function)} is not a function of a restore job"
            raise InvalidValueError(Problem("validator", what, "decorate a function: def orders(job): ..."))
        _takes_two(self.function)
        _check_ways(self.wait, self.connect)

    @property
    def name(self) -> str:
        """The function's name."""
        return getattr(self.function, "__name__", type(self.function).__name__)

    def __repr__(self) -> str:
        return f"<Validator {self.name}>"

    def using(self, aws: Connection, /) -> Validator:
        """Return the validator over this connection, whatever the Region of the event; for tests on the emulator."""
        transport_of(aws, "using", "restore_job")
        return attrs.evolve(self, connect=lambda _: aws)

    def __call__(self, event: Mapping[str, object], context: object = None) -> dict[str, object]:
        """Validate the restore tests that an event of Lambda tells of.

        Takes EventBridge's event, a notification of a vault, and batches of SNS and SQS with these in them. What is not
        the end of a restore test is left alone, and so is a test that has its result: events come at least once.

        Returns:
            What was done, for the log: AWS ignores what a Lambda function returns to an event.

        Raises:
            NotValidatedError: Checks could not be made, so nothing was reported; Lambda calls again.
            BackupKitError: As for `validate`; other jobs of the batch were validated.
            InvalidValueError: It is not an event, or the function said something that is not an answer.
        """
        found = [(each, _not_meant(each)) for each in parse_all(event)]
        meant = [(self.connection(each.region_name), each.id or "") for each, why in found if not why]
        done = self._all(meant, context)
        skipped = [{"id": each.id, "reason": why} for each, why in found if why]
        return {"validations": [jsonable(each) for each in done], "skipped": skipped}

    def validate(self, job: RestoreJob | str, /, aws: Connection | None = None, *, report: bool = True) -> Validation:
        """Validate one restore job, and report the result.

        Args:
            job: The job, or its id.
            aws: The connection; None: the one that the validator makes.
            report: Whether AWS Backup is told the result, which it takes once; False only looks, also at jobs that are
                not restore tests.

        Raises:
            InvalidValueError: The function said something that is not an answer.
            BackupKitError: The job could not be read, or the result not be reported.
        """
        must_be_bools("validate", report=report)
        job_id = job.id if isinstance(job, RestoreJob) else job
        if not isinstance(job_id, str):
            what = f"{typed(job)} is not a restore job"
            raise InvalidValueError(Problem("validate/job", what, "give the job, or its id"))
        return self._validated(self._connection(aws, "validate"), job_id, None, tell=report)

    def validate_open(
        self, aws: Connection | None = None, *, plan: Arn | str | None = None, context: object = None
    ) -> tuple[Validation, ...]:
        """Validate every restore test that has ended and has no result yet.

        Events are not sent surely, so a Lambda function that is called on a schedule should do this as well. One that
        cannot be validated does not keep the others.

        Args:
            aws: The connection; None: the one that the validator makes.
            plan: Only tests of the restore testing plan with this ARN.
            context: What Lambda gives the function, which tells how long it may still run.

        Raises:
            NotValidatedError: Checks of some could not be made.
            BackupKitError: As for `validate`.
        """
        connection = self._connection(aws, "validate_open")
        jobs = connection.restore_jobs(state="COMPLETED", restore_testing_plan_arn=plan)
        return tuple(self._all([(connection, job.id) for job in jobs if not why_closed(job)], context))

    def main(self, arguments: list[str] | None = None) -> int:
        """Run as a script: ``raise SystemExit(orders.main())``.

        Args:
            arguments: Without the program's name: ids of restore jobs, or ``--open``; None: those of the process.

        Returns:
            0 where every check passed, 1 where one failed, 3 where one could not be made.
        """
        from backupkit.restore_testing.script import run  # noqa: PLC0415 - argparse is for scripts alone

        return run(self, arguments)

    def connection(self, region_name: str | None) -> Connection:
        """Return the connection to a Region; None: as boto3 finds it."""
        if not isinstance(region_name, str | None):
            what = f"{typed(region_name)} is not the name of a Region"
            raise InvalidValueError(Problem("connection/region_name", what, 'give one like "us-east-1", or None'))
        if region_name not in self._connections:
            made = (self.connect or _connect)(region_name)
            transport_of(made, "validator/connect", "restore_job")
            self._connections[region_name] = made
        return self._connections[region_name]

    def _connection(self, aws: Connection | None, where: str) -> Connection:
        if aws is None:
            return self.connection(None)
        transport_of(aws, where, "restore_job")
        return aws

    def _all(self, jobs: list[tuple[Connection, str]], context: object) -> list[Validation]:
        """Validate several jobs; what is wrong with one is raised when all were tried."""
        left = seconds_left(context, _MARGIN_SECONDS)
        done: list[Validation] = []
        errors: list[BackupKitError] = []
        for aws, job_id in jobs:
            try:
                done.append(self._validated(aws, job_id, left))
            except BackupKitError as error:
                error.add_note(f"This was restore job {job_id}, one of {len(jobs)}.")
                errors.append(error)
        if errors:
            raise errors[0]
        undecided = [each for each in done if each.undecided]
        if undecided:
            raise NotValidatedError("\n".join(_reasons(undecided)), tuple(done))
        return done

    def _validated(
        self, aws: Connection, job_id: str, left: Callable[[], float] | None, *, tell: bool = True
    ) -> Validation:
        patience = Patience(aws.clock, self.wait.total_seconds(), left)
        job = _ended(aws.restore_job(job_id), patience)
        if job.status not in RESTORE_JOB_ENDED:
            running = CheckResult("restore job", Outcome.UNKNOWN, f"it is {job.status}")
            return validation_of(job, results=(running,), note="the restore is not over")
        closed = why_closed(job)
        if closed and tell:
            return validation_of(job, note=closed)
        two = _takes_two(self.function)
        results = results_of(self.function, self.name, job, aws, takes_connection=two, patience=patience)
        status = decided(results)
        if not results:
            return validation_of(job, note=f"it made no check that is for {job.resource_type}")
        if status is None:
            return validation_of(job, results=results, note="checks could not be made")
        if not tell:
            return validation_of(job, status=status, results=results, note="only looked at")
        return report(aws, job, results, status)


@overload
def validator(function: Function, /) -> Validator: ...
@overload
def validator(*, wait: timedelta = ..., connect: Connect | None = ...) -> Callable[[Function], Validator]: ...
def validator(
    function: Function | None = None, /, *, wait: timedelta = _WAIT, connect: Connect | None = None
) -> Validator | Callable[[Function], Validator]:
    """Make a Lambda function or a script of a function of the finished restore job.

    The function is given the job, and the connection as well if it takes two arguments. It returns or yields what it
    found: a check of `backupkit.restore_testing.checks`; True or None where all is well, False where it is not; a text
    that says what is well; a mapping of names to these, or pairs of a name and one of these. What it raises is a
    failure, but for errors that only say that AWS could not be asked (throttled, not allowed, unreachable): then
    nothing is reported, and `NotValidatedError` lets Lambda call again.

    Args:
        function: The function, where it is used as ``@validator``.
        wait: How long a resource that is on its way is waited for, never longer than the Lambda function may run.
        connect: Makes the connection to a Region; None: `backupkit.connect`.

    Raises:
        InvalidValueError: The function cannot be called with a job, ``wait`` is not a span of time, or ``connect`` is
            not a function.
    """
    _check_ways(wait, connect)

    def made(function: Function) -> Validator:
        return Validator(function, wait, connect)

    return made if function is None else made(function)


def _check_ways(wait: timedelta, connect: Connect | None) -> None:
    if not (isinstance(wait, timedelta) and wait >= timedelta(0)):
        what = f"{quote(wait)} is not a span of time of 0 or more"
        raise InvalidValueError(Problem("validator/wait", what, "give a timedelta"))
    if connect is not None and not callable(connect):
        what = f"{quote(connect)} is not a function of a Region"
        raise InvalidValueError(Problem("validator/connect", what, "give lambda region_name: bk.connect(...)"))


def _takes_two(function: Function) -> bool:
    """Whether a function takes the connection as well.

    Raises:
        InvalidValueError: It takes neither one nor two arguments.
    """
    try:
        signature = inspect.signature(function)
    except ValueError:
        what = f"{quote(function)} does not say what it takes"
        raise InvalidValueError(Problem("validator", what, "write def orders(job): ...")) from None
    for count in (1, 2):
        try:
            signature.bind(*[None] * count)
        except TypeError:
            continue
        return count == 2
    what = f"{getattr(function, '__name__', 'the function')}{signature} takes neither a job, nor a job and a connection"
    raise InvalidValueError(Problem("validator", what, "write def orders(job): ..., or def orders(job, aws): ..."))


def _connect(region_name: str | None) -> Connection:
    from backupkit._connect import connect  # noqa: PLC0415 - whoever only declares a validator connects to nothing

    return connect(region_name=region_name)


def _ended(job: RestoreJob, patience: Patience) -> RestoreJob:
    """Return the job once it is over; AWS may show it later than it sends the event."""
    while job.status not in RESTORE_JOB_ENDED and patience.pause():
        job = job.refresh()
    return job


def _not_meant(event: Event) -> str:
    if not isinstance(event, RestoreJobEvent):
        return f"an event of the kind {event.kind} is not about a restore job"
    if event.state != "COMPLETED":
        return f"the restore job is {event.state}"
    # SNS does not tell what started a restore; the job does.
    named = event.restore_testing_plan_arn is not None or event.source != "eventbridge"
    return "" if named else "no restore testing plan started the restore"


def _reasons(undecided: list[Validation]) -> Iterator[str]:
    for each in undecided:
        missed = "; ".join(str(result) for result in each.results if result.outcome == "unknown")
        yield f"restore job {each.job_id} could not be checked, and nothing was reported: {missed}"
