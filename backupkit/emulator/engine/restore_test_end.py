"""How a restore test ends: its validation window, and the deletion of what it restored.

Sources: the botocore model, and the developer guide's pages on restore testing and its validation.
"""

from __future__ import annotations

from datetime import timedelta

import attrs

from backupkit.emulator.kernel.resource_protocol import Metadata, WorldError
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, RegionScope, RestoreJob, RestoreTest

__all__ = ["check", "clean_up", "completed", "shown"]

_SHORTEST_SECONDS, _LONGEST_SECONDS = 60, 180


def check(simulation: Simulation, scope: RegionScope, job: RestoreJob, restore_test: RestoreTest) -> None:
    """Refuse a test that cannot be, or that would restore into a bucket that is there: it would be deleted afterwards.

    Every other type refuses a name that is taken by itself.

    Raises:
        WorldError: The test has a flaw, or the bucket is there.
    """
    if restore_test.flaw is not None:
        raise WorldError(restore_test.flaw)
    if job.resource_type != "S3":
        return
    bucket = Metadata(job.metadata).need("destinationBucketName")
    if simulation.world.find(f"arn:{scope.partition}:s3:::{bucket}", scope.account_id, scope.region_name) is not None:
        raise WorldError(f"Bucket {bucket} already exists")


def completed(simulation: Simulation, scope: RegionScope, job: RestoreJob) -> None:
    """Open the validation window of a test that has just completed; without one its resource goes at once."""
    if job.restore_test is not None and job.restore_test.validation_hours:
        ends = simulation.clock.now() + timedelta(hours=job.restore_test.validation_hours)
        simulation.agenda.schedule(ends, _WindowEnd(scope, job, job.restore_test))
    elif job.restore_test is not None:
        clean_up(simulation, scope, job, job.restore_test)


def clean_up(simulation: Simulation, scope: RegionScope, job: RestoreJob, restore_test: RestoreTest) -> None:
    """Begin to delete what the test restored; it is gone some minutes later."""
    restore_test.deletion_status = "DELETING"
    seconds = _SHORTEST_SECONDS + round(simulation.random.random() * (_LONGEST_SECONDS - _SHORTEST_SECONDS), 3)
    simulation.agenda.schedule(simulation.clock.now() + timedelta(seconds=seconds), _Delete(scope, job, restore_test))


def shown(restore_test: RestoreTest | None) -> Document:
    """What the record of a restore job tells of its test; nothing where it is none."""
    if restore_test is None:
        return {}
    return {
        "CreatedBy": {"RestoreTestingPlanArn": restore_test.plan_arn},
        "ValidationStatus": restore_test.validation_status,
        "ValidationStatusMessage": restore_test.validation_message,
        "DeletionStatus": restore_test.deletion_status,
        "DeletionStatusMessage": restore_test.deletion_message,
    }


@attrs.frozen(eq=False)
class _WindowEnd:
    scope: RegionScope
    job: RestoreJob
    restore_test: RestoreTest

    def happen(self, simulation: Simulation) -> None:
        if self.restore_test.deletion_status is None:
            if self.restore_test.validation_status is None or not simulation.choices.validating_is_final:
                self.restore_test.validation_status = "TIMED_OUT"
            clean_up(simulation, self.scope, self.job, self.restore_test)


@attrs.frozen(eq=False)
class _Delete:
    scope: RegionScope
    job: RestoreJob
    restore_test: RestoreTest

    def happen(self, simulation: Simulation) -> None:
        try:
            if self.job.created_resource_arn is not None:
                simulation.world.discard(self.job.created_resource_arn, self.scope.account_id, self.scope.region_name)
        except WorldError as error:
            self.restore_test.deletion_status, self.restore_test.deletion_message = "FAILED", str(error)
        else:
            self.restore_test.deletion_status = "SUCCESSFUL"
