"""The operations of AWS Backup that the access policy of a vault decides about.

Sources: the developer guide's page on vault access policies, and the service authorization reference, which gives every
operation the action of its own name.
"""

from __future__ import annotations

__all__ = ["DECIDED", "NAMING_ARN", "NAMING_POINT", "NAMING_VAULT"]

NAMING_VAULT = (
    "AssociateBackupVaultMpaApprovalTeam",
    "DeleteBackupVault",
    "DeleteBackupVaultAccessPolicy",
    "DeleteBackupVaultLockConfiguration",
    "DeleteBackupVaultNotifications",
    "DeleteRecoveryPoint",
    "DescribeBackupVault",
    "DescribeRecoveryPoint",
    "DisassociateBackupVaultMpaApprovalTeam",
    "DisassociateRecoveryPoint",
    "DisassociateRecoveryPointFromParent",
    "GetBackupVaultAccessPolicy",
    "GetBackupVaultNotifications",
    "GetPITRMalwareScanResults",
    "GetRecoveryPointIndexDetails",
    "GetRecoveryPointRestoreMetadata",
    "GetRestoreTestingInferredMetadata",
    "ListProtectedResourcesByBackupVault",
    "ListRecoveryPointsByBackupVault",
    "ListRestoreAccessBackupVaults",
    "PutBackupVaultAccessPolicy",
    "PutBackupVaultLockConfiguration",
    "PutBackupVaultNotifications",
    "RevokeRestoreAccessBackupVault",
    "StartBackupJob",
    "StartScanJob",
    "UpdateRecoveryPointIndexSettings",
    "UpdateRecoveryPointLifecycle",
)
"""The operations that name a vault."""

NAMING_POINT = frozenset({"CreateBackupAccessPoint", "ListBackupAccessPointsByRecoveryPoint", "StartRestoreJob"})
"""The operations that name a point alone; the vault that it is in decides."""

NAMING_ARN = frozenset({"ListTags", "TagResource", "UntagResource"})
"""The operations that name anything by its ARN; a policy decides where that is a vault or a point."""

DECIDED = frozenset(
    f"backup:{name}"
    for name in (
        *NAMING_VAULT,
        *NAMING_POINT,
        *NAMING_ARN,
        "CopyFromBackupVault",
        "CopyIntoBackupVault",
        # It names two vaults, and the policy of the source decides.
        "StartCopyJob",
    )
)
"""The actions, of which the two for copies are no operations."""
