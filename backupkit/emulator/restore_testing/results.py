"""The result of a restore test's validation: told once, and then what was restored is deleted.

Sources: the botocore model, and the developer guide's page on restore testing validation.
"""

from __future__ import annotations

from backupkit.emulator.engine import restore_test_end
from backupkit.emulator.kernel.job_records import RESTORE_JOBS
from backupkit.emulator.kernel.operations import operation, raise_api_error
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, RegionScope, RestoreJob, RestoreTest

__all__: list[str] = []

_SOURCE = "botocore model; developer guide, restore testing validation"
_BAD_REQUEST = "InvalidRequestException"


@operation("PutRestoreValidationResult", source=_SOURCE)
def _put(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    job = RESTORE_JOBS.called(scope, params["RestoreJobId"], simulation.clock.now())
    restore_test = _tested(job)
    if restore_test.validation_status is not None and (
        restore_test.validation_status != "VALIDATING" or simulation.choices.validating_is_final
    ):
        raise_api_error(_BAD_REQUEST, f"The validation status of restore job {job.id} is set and cannot be changed")
    if restore_test.deletion_status is not None:
        raise_api_error(_BAD_REQUEST, f"The validation window of restore job {job.id} is over")
    restore_test.validation_status = params["ValidationStatus"]
    restore_test.validation_message = params.get("ValidationStatusMessage")
    if restore_test.validation_status != "VALIDATING":
        restore_test_end.clean_up(simulation, scope, job, restore_test)
    return {}


def _tested(job: RestoreJob) -> RestoreTest:
    if job.restore_test is None:
        raise_api_error(_BAD_REQUEST, f"Restore job {job.id} was not started by restore testing")
    if job.status != "COMPLETED":
        raise_api_error(_BAD_REQUEST, f"Restore job {job.id} is {job.status}; only a completed one can be validated")
    return job.restore_test
