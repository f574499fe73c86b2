"""The result of a restore test's validation: told once, and then what was restored is deleted.

Sources: the botocore model, and the developer guide's page on restore testing validation.
"""

from __future__ import annotations

from backupkit.emulator.engine import restore_test_end
from backupkit.emulator.engine.restores import job_called
from backupkit.emulator.kernel.operations import answers, refuse
from backupkit.emulator.kernel.simulation import Cloud
from backupkit.emulator.model import Document, Drill, Place, RestoreJob

__all__: list[str] = []

_SOURCE = "botocore model; developer guide, restore testing validation"
_BAD_REQUEST = "InvalidRequestException"


@answers("PutRestoreValidationResult", source=_SOURCE)
def _put(cloud: Cloud, place: Place, params: Document) -> Document:
    job = job_called(cloud, place, params["RestoreJobId"])
    drill = _tested(job)
    if drill.validation_status is not None and (
        drill.validation_status != "VALIDATING" or cloud.choices.validating_is_final
    ):
        refuse(_BAD_REQUEST, f"The validation status of restore job {job.id} is set and cannot be changed")
    if drill.deletion_status is not None:
        refuse(_BAD_REQUEST, f"The validation window of restore job {job.id} is over")
    drill.validation_status = params["ValidationStatus"]
    drill.validation_message = params.get("ValidationStatusMessage")
    if drill.validation_status != "VALIDATING":
        restore_test_end.clean_up(cloud, place, job, drill)
    return {}


def _tested(job: RestoreJob) -> Drill:
    if job.drill is None:
        refuse(_BAD_REQUEST, f"Restore job {job.id} was not started by restore testing")
    if job.status != "COMPLETED":
        refuse(_BAD_REQUEST, f"Restore job {job.id} is {job.status}; only a completed one can be validated")
    return job.drill
