"""How a restore test ends: its validation window, and the deletion of what it restored.

Sources: the botocore model, and the developer guide's pages on restore testing and its validation.
"""

from __future__ import annotations

from datetime import timedelta

import attrs

from backupkit.emulator.kernel.job_records import present
from backupkit.emulator.kernel.metadata import Metadata
from backupkit.emulator.kernel.resource_protocol import WorldError
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, Drill, RegionScope, RestoreJob

__all__ = ["check", "clean_up", "completed", "shown"]

_SHORTEST_SECONDS, _LONGEST_SECONDS = 60, 180


def check(simulation: Simulation, scope: RegionScope, job: RestoreJob, drill: Drill) -> None:
    """Refuse a test that cannot be, or that would restore into a bucket that is there: it would be deleted afterwards.

    Every other type refuses a name that is taken by itself.

    Raises:
        WorldError: The test has a flaw, or the bucket is there.
    """
    if drill.flaw is not None:
        raise WorldError(drill.flaw)
    if job.resource_type != "S3":
        return
    bucket = Metadata(job.metadata).need("destinationBucketName")
    if simulation.world.find(f"arn:{scope.partition}:s3:::{bucket}", scope.account_id, scope.region_name) is not None:
        raise WorldError(f"Bucket {bucket} already exists")


def completed(simulation: Simulation, scope: RegionScope, job: RestoreJob) -> None:
    """Open the validation window of a test that has just completed; without one its resource goes at once."""
    if job.drill is not None and job.drill.validation_hours:
        ends = simulation.clock.now() + timedelta(hours=job.drill.validation_hours)
        simulation.agenda.schedule(ends, _WindowEnd(scope, job, job.drill))
    elif job.drill is not None:
        clean_up(simulation, scope, job, job.drill)


def clean_up(simulation: Simulation, scope: RegionScope, job: RestoreJob, drill: Drill) -> None:
    """Begin to delete what the test restored; it is gone some minutes later."""
    drill.deletion_status = "DELETING"
    seconds = _SHORTEST_SECONDS + round(simulation.random.random() * (_LONGEST_SECONDS - _SHORTEST_SECONDS), 3)
    simulation.agenda.schedule(simulation.clock.now() + timedelta(seconds=seconds), _Delete(scope, job, drill))


def shown(drill: Drill | None) -> Document:
    """What the record of a restore job tells of its test; nothing where it is none."""
    if drill is None:
        return {}
    return present(
        CreatedBy={"RestoreTestingPlanArn": drill.plan_arn},
        ValidationStatus=drill.validation_status,
        ValidationStatusMessage=drill.validation_message,
        DeletionStatus=drill.deletion_status,
        DeletionStatusMessage=drill.deletion_message,
    )


@attrs.frozen(eq=False)
class _WindowEnd:
    scope: RegionScope
    job: RestoreJob
    drill: Drill

    def happen(self, simulation: Simulation) -> None:
        if self.drill.deletion_status is None:
            if self.drill.validation_status is None or not simulation.choices.validating_is_final:
                self.drill.validation_status = "TIMED_OUT"
            clean_up(simulation, self.scope, self.job, self.drill)


@attrs.frozen(eq=False)
class _Delete:
    scope: RegionScope
    job: RestoreJob
    drill: Drill

    def happen(self, simulation: Simulation) -> None:
        try:
            if self.job.created_resource_arn is not None:
                simulation.world.discard(self.job.created_resource_arn, self.scope.account_id, self.scope.region_name)
        except WorldError as error:
            self.drill.deletion_status, self.drill.deletion_message = "FAILED", str(error)
        else:
            self.drill.deletion_status = "SUCCESSFUL"
