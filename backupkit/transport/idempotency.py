"""Which operations may be sent twice, and what makes that safe; a test holds it against botocore's model."""

from __future__ import annotations

__all__ = ["NOT_REPEATABLE", "TOKENS", "is_read"]

TOKENS: dict[str, str] = {
    "CreateBackupPlan": "CreatorRequestId",
    "CreateBackupSelection": "CreatorRequestId",
    "CreateBackupVault": "CreatorRequestId",
    "CreateFramework": "IdempotencyToken",
    "CreateLegalHold": "IdempotencyToken",
    "CreateLogicallyAirGappedBackupVault": "CreatorRequestId",
    "CreateReportPlan": "IdempotencyToken",
    "CreateRestoreAccessBackupVault": "CreatorRequestId",
    # botocore makes no token for these two and for StartScanJob.
    "CreateRestoreTestingPlan": "CreatorRequestId",
    "CreateRestoreTestingSelection": "CreatorRequestId",
    "CreateTieringConfiguration": "CreatorRequestId",
    "StartBackupJob": "IdempotencyToken",
    "StartCopyJob": "IdempotencyToken",
    "StartReportJob": "IdempotencyToken",
    "StartRestoreJob": "IdempotencyToken",
    "StartScanJob": "IdempotencyToken",
    "UpdateFramework": "IdempotencyToken",
    "UpdateReportPlan": "IdempotencyToken",
}
"""The member that lets AWS know a repeated call, for every operation that has one."""

NOT_REPEATABLE: frozenset[str] = frozenset(
    {
        "AssociateBackupVaultMpaApprovalTeam",
        "CreateBackupAccessPoint",
        "DisassociateBackupVaultMpaApprovalTeam",
        "DisassociateRecoveryPoint",
        "DisassociateRecoveryPointFromParent",
        "RevokeRestoreAccessBackupVault",
        "StopBackupJob",
        # Each call makes a version, of which a plan can have 2,000: the provider looks before it repeats one.
        "UpdateBackupPlan",
    }
)
"""Operations that are not sent again when no answer came: they have no token, and doing them twice is not the same as
once. Of those that the model does not call idempotent, the deletions and the settings are left out: they say what is
to be, so doing them twice comes to the same."""


def is_read(operation: str) -> bool:
    """Whether an operation changes nothing."""
    return operation.startswith(("Describe", "Export", "Get", "List"))
