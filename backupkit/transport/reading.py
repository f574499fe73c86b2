"""Answers as values: what cannot be read says which call it answered, and by which request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Self, TypeVar

from backupkit.errors import UnreachableError
from backupkit.observe import decode
from backupkit.transport.idempotency import is_read
from backupkit.transport.protocol import Params, Transport

__all__ = ["IDENTIFIES", "Answer", "read", "unusable"]

T = TypeVar("T")

IDENTIFIES: dict[str, str] = {
    "CreateBackupAccessPoint": "AccessPointArn",
    "CreateBackupPlan": "BackupPlanId",
    "CreateBackupSelection": "SelectionId",
    "CreateBackupVault": "BackupVaultName",
    "CreateFramework": "FrameworkName",
    "CreateLegalHold": "LegalHoldId",
    "CreateLogicallyAirGappedBackupVault": "BackupVaultName",
    "CreateReportPlan": "ReportPlanName",
    "CreateRestoreAccessBackupVault": "RestoreAccessBackupVaultArn",
    "CreateRestoreTestingPlan": "RestoreTestingPlanName",
    "CreateRestoreTestingSelection": "RestoreTestingSelectionName",
    "CreateTieringConfiguration": "TieringConfigurationName",
    "DescribeBackupAccessPoint": "AccessPointArn",
    "DescribeBackupJob": "BackupJobId",
    "DescribeBackupVault": "BackupVaultName",
    "DescribeCopyJob": "CopyJob",
    "DescribeFramework": "FrameworkName",
    "DescribeGlobalSettings": "GlobalSettings",
    "DescribeProtectedResource": "ResourceArn",
    "DescribeRecoveryPoint": "RecoveryPointArn",
    "DescribeRegionSettings": "ResourceTypeOptInPreference",
    "DescribeReportJob": "ReportJob",
    "DescribeReportPlan": "ReportPlan",
    "DescribeRestoreJob": "RestoreJobId",
    "DescribeScanJob": "ScanJobId",
    "ExportBackupPlanTemplate": "BackupPlanTemplateJson",
    "GetBackupPlan": "BackupPlan",
    "GetBackupPlanFromJSON": "BackupPlan",
    "GetBackupPlanFromTemplate": "BackupPlanDocument",
    "GetBackupSelection": "BackupSelection",
    "GetBackupVaultAccessPolicy": "BackupVaultName",
    "GetBackupVaultNotifications": "BackupVaultName",
    "GetLegalHold": "LegalHoldId",
    "GetPITRMalwareScanResults": "ScanResult",
    "GetRecoveryPointIndexDetails": "RecoveryPointArn",
    "GetRecoveryPointRestoreMetadata": "RecoveryPointArn",
    "GetRestoreJobMetadata": "RestoreJobId",
    "GetRestoreTestingInferredMetadata": "InferredMetadata",
    "GetRestoreTestingPlan": "RestoreTestingPlan",
    "GetRestoreTestingSelection": "RestoreTestingSelection",
    "GetSupportedResourceTypes": "ResourceTypes",
    "GetTieringConfiguration": "TieringConfiguration",
    "StartBackupJob": "BackupJobId",
    "StartCopyJob": "CopyJobId",
    "StartReportJob": "ReportJobId",
    "StartRestoreJob": "RestoreJobId",
    "StartScanJob": "ScanJobId",
}
"""The member without which an answer is not one of that operation: something that answers ``{}`` to everything is not
AWS Backup, what it says was made does not exist, and a vault that it names no policy of may have one. Every operation
that makes, starts or reads something has a row here, or in `paging.LISTS`; a test holds both against botocore's model.
"""

_MAY_BE_EMPTY = frozenset({"GetRestoreTestingInferredMetadata"})
"""Operations whose member may hold nothing."""
_FORMS: tuple[tuple[tuple[str, ...], type, str], ...] = (
    (("Arn", "Id", "Name", "Json"), str, "a text"),
    (("ResourceTypes",), list, "a list"),
    (("",), dict, "a structure"),
)
"""What a member is, by how its name ends."""


class Answer(bytes):
    """The JSON text of an answer that also knows AWS's id of its request."""

    request_id: str

    def __new__(cls, body: bytes, request_id: str) -> Self:
        """The text and the id."""
        made = super().__new__(cls, body)
        made.request_id = request_id
        return made


def read(transport: Transport, operation: str, params: Params, parse: Callable[[bytes], T]) -> T:
    """One answer, as what it says.

    A body that came only in part, or is not JSON, never gets here: transports refuse it, and reads are then repeated.
    What is refused here is whole JSON of another form, which would be the same again, so it is not repeated.

    Args:
        transport: What answers.
        operation: The API operation.
        params: The API's input members.
        parse: Makes a value of the JSON text, as the functions of `observe.decode` do.

    Raises:
        ServiceError: The service answered no.
        UnreachableError: The answer is not the one of that operation.
    """
    body = transport.call(operation, params)
    try:
        found = parse(body)
        _must_identify(operation, body)
    except UnreachableError as error:
        raise unusable(operation, body, str(error)) from None
    return found


def _must_identify(operation: str, body: bytes) -> None:
    member = IDENTIFIES.get(operation)
    if member is not None:
        found = decode.document(body).get(member)
        kind, words = next((kind, words) for ends, kind, words in _FORMS if member.endswith(ends))
        if found is not None and not isinstance(found, kind):
            raise UnreachableError(f"the answer's {member} is not {words}")
        if not found and not (found is not None and operation in _MAY_BE_EMPTY):
            raise UnreachableError(f"the answer has no {member}; it may be of another service")


def unusable(operation: str, body: bytes, why: str) -> UnreachableError:
    """The error for an answer that does not say what it must.

    Args:
        operation: What was called.
        body: The answer; it is not quoted.
        why: What is wrong with it.
    """
    done = "" if is_read(operation) else "; it may have been carried out: look before you call again"
    where = f" (request {body.request_id})" if isinstance(body, Answer) and body.request_id else ""
    return UnreachableError(f"{operation}: {why}{done}{where}")
