"""Deletions whose answer was lost: whether the thing is gone, or on its way out.

A deletion that is repeated finds nothing, and AWS says so in many ways: ResourceNotFoundException for some things,
AccessDeniedException for vaults, InvalidParameterValueException for selections, ConflictException while a framework
is on its way out. None of these tells that the deletion is done, so the list of such things is asked.
"""

from __future__ import annotations

import attrs

from backupkit.errors import BackupKitError
from backupkit.observe import decode
from backupkit.transport import paging
from backupkit.transport.protocol import Params, Transport

__all__ = ["LISTED", "is_gone"]


@attrs.frozen
class Listed:
    """Where the things that an operation deletes are listed.

    Args:
        operation: The list operation.
        key: The member that names one, in the deletion's input and in the list's entries.
        within: Members of the deletion's input that the list needs as well.
        leaving: A member and its value that say that the thing is on its way out.
    """

    operation: str
    key: str
    within: tuple[str, ...] = ()
    leaving: tuple[str, str] | None = None


_DEPLOYED = ("DeploymentStatus", "DELETE_IN_PROGRESS")

LISTED: dict[str, Listed] = {
    "DeleteBackupPlan": Listed("ListBackupPlans", "BackupPlanId"),
    "DeleteBackupSelection": Listed("ListBackupSelections", "SelectionId", ("BackupPlanId",)),
    "DeleteBackupVault": Listed("ListBackupVaults", "BackupVaultName"),
    "DeleteFramework": Listed("ListFrameworks", "FrameworkName", leaving=_DEPLOYED),
    "DeleteRecoveryPoint": Listed(
        "ListRecoveryPointsByBackupVault", "RecoveryPointArn", ("BackupVaultName",), ("Status", "DELETING")
    ),
    "DeleteReportPlan": Listed("ListReportPlans", "ReportPlanName", leaving=_DEPLOYED),
    "DeleteRestoreTestingPlan": Listed("ListRestoreTestingPlans", "RestoreTestingPlanName"),
    "DeleteRestoreTestingSelection": Listed(
        "ListRestoreTestingSelections", "RestoreTestingSelectionName", ("RestoreTestingPlanName",)
    ),
    "DeleteTieringConfiguration": Listed("ListTieringConfigurations", "TieringConfigurationName"),
}
"""Every deletion that AWS may refuse for another reason than "not found" where it is done already."""


def is_gone(transport: Transport, operation: str, params: Params) -> bool:
    """Whether what a deletion was to delete is not listed any more; not where nobody can tell.

    Args:
        transport: What answers.
        operation: A deletion.
        params: Its input members.
    """
    where = LISTED.get(operation)
    if where is None:
        return False
    wanted = {member: params[member] for member in where.within}
    try:
        for page in paging.pages(transport, where.operation, wanted):
            found = decode.document(page).get(paging.LISTS[where.operation])
            for entry in found if isinstance(found, list) else ():
                if isinstance(entry, dict) and entry.get(where.key) == params.get(where.key):
                    return where.leaving is not None and entry.get(where.leaving[0]) == where.leaving[1]
    except BackupKitError:
        return False
    return True
