"""How report jobs run: on demand over the last 24 hours, and daily over the day before, up to the delivery."""

from __future__ import annotations

import zlib
from datetime import datetime, timedelta

import attrs

from backupkit.emulator.kernel.job_records import REPORT_JOBS
from backupkit.emulator.kernel.resource_protocol import Delivery, World, WorldError
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Delivered, Document, RegionScope, ReportJob, ReportPlan
from backupkit.emulator.reports import rows, writing
from backupkit.emulator.resources.denials import NotAllowedError
from backupkit.emulator.resources.worlds import Worlds

__all__ = ["run_every_day", "start_job"]

# ---- Delivery ----


def put_report(simulation: Simulation, scope: RegionScope, bucket: str, key: str, body: bytes) -> str | None:
    """Deliver an object; nothing is put anywhere where no world has the account's buckets.

    Returns:
        Why it could not be delivered, as a sentence; None where it was.
    """
    for world in _worlds(simulation.world):
        try:
            if isinstance(world, Delivery) and world.put_object(
                bucket, key, body, account_id=scope.account_id, region_name=scope.region_name
            ):
                return None
        except NotAllowedError:
            return f"Access denied: the report cannot be put into the S3 bucket {bucket}"
        except WorldError as error:
            return f"The report cannot be delivered to the S3 bucket {bucket}: {error}"
    return None


def _worlds(world: World) -> tuple[World, ...]:
    return (world, *world.others) if isinstance(world, Worlds) else (world,)


# ---- Runs ----
# What a report tells is how things stand when its job is made; some time later it is delivered.
#
# Sources: the botocore model; the developer guide's pages on report templates and audit reports: reports are made
# between 1 and 5 AM UTC, at a random time. That daily reports are of whole days (UTC) is in keys of reports that
# others recorded.


_DAY = timedelta(days=1)
_EARLIEST, _SPAN = timedelta(hours=1), timedelta(hours=4)
_UNTIL_RUNNING = 0.25
_TAKES = timedelta(seconds=60)  # AWS tells no time: docs/choices.md
"""The part of a job's time in which it is CREATED."""


def start_job(simulation: Simulation, scope: RegionScope, plan: ReportPlan, token: str | None = None) -> ReportJob:
    """A new job on demand, over the 24 hours until now."""
    now = simulation.clock.now()
    return _made(simulation, scope, plan, now - _DAY, now, token)


def run_every_day(simulation: Simulation, scope: RegionScope, plan: ReportPlan) -> None:
    """Let the plan's daily reports begin, at the next time there is; once only."""
    if not plan.daily:
        plan.daily = True
        _note_next(simulation, scope, plan, _midnight(simulation.clock.now()))


def _note_next(simulation: Simulation, scope: RegionScope, plan: ReportPlan, day: datetime) -> None:
    """Draw the moment of that day, or of the next where the hours of that day have begun."""
    if simulation.clock.now() >= day + _EARLIEST:
        day += _DAY
    moment = day + _EARLIEST + round(simulation.random.random(), 6) * _SPAN
    simulation.agenda.schedule(moment, _Daily(scope, plan))


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


@attrs.frozen(eq=False)
class _Daily:
    scope: RegionScope
    plan: ReportPlan

    def happen(self, simulation: Simulation) -> None:
        if self.scope.report_plans.get(self.plan.name) is not self.plan:
            return
        day = _midnight(simulation.clock.now())
        _note_next(simulation, self.scope, self.plan, day)
        if self.plan.status != "DELETE_IN_PROGRESS":
            _made(simulation, self.scope, self.plan, day - _DAY, day, None)


def _made(
    simulation: Simulation, scope: RegionScope, plan: ReportPlan, begin: datetime, end: datetime, token: str | None
) -> ReportJob:
    now = simulation.clock.now()
    REPORT_JOBS.forget(scope, now)
    job = ReportJob(
        id=simulation.new_id(),
        plan_name=plan.name,
        plan_arn=plan.arn,
        delivery=plan.delivery,
        setting=plan.setting,
        created=now,
        start=begin,
        end=end,
        token=token,
    )
    REPORT_JOBS.enter(simulation, scope, job)
    plan.attempted = now
    simulation.agenda.schedule(now + _UNTIL_RUNNING * _TAKES, _Running(job))
    simulation.agenda.schedule(now + _TAKES, _ReportEnded(scope, plan, job, rows.report_rows(simulation, scope, job)))
    return job


@attrs.frozen(eq=False)
class _Running:
    job: ReportJob

    def happen(self, simulation: Simulation) -> None:  # noqa: ARG002 - an event
        self.job.status = "RUNNING"


@attrs.frozen(eq=False)
class _ReportEnded:
    scope: RegionScope
    plan: ReportPlan
    job: ReportJob
    rows: list[Document]

    def happen(self, simulation: Simulation) -> None:
        job = self.job
        job.completed = simulation.clock.now()
        job.status_message = _deliver(simulation, self.scope, job, self.rows)
        job.status = "COMPLETED" if job.status_message is None else "FAILED"
        if job.status == "COMPLETED":
            self.plan.succeeded = job.completed


def _deliver(simulation: Simulation, scope: RegionScope, job: ReportJob, found: list[Document]) -> str | None:
    """Deliver the report in all its formats; why it could not be delivered, None where it was."""
    now = simulation.clock.now()
    for kind in job.delivery.get("Formats") or ["CSV"]:
        body = writing.written(job.setting["ReportTemplate"], found, kind, wide=writing.goes_beyond(scope, job.setting))
        key = writing.object_key(scope, job, kind, now, recorded=simulation.choices.report_keys_as_recorded)
        bucket: str = job.delivery["S3BucketName"]
        failure = put_report(simulation, scope, bucket, key, body)
        if failure is not None:
            return failure
        job.delivered += (Delivered(bucket, key, now, job.id, zlib.compress(body, level=1)),)
    return None
