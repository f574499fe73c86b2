"""What the role that AWS Backup takes on must be allowed, by type of resource.

Sources: the developer guide's pages on access control and managed policies, and the managed policies themselves, whose
statements `role_statements.json` holds under their ids with the version that was read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["BACKUP", "RESTORES", "S3_BACKUP", "S3_RESTORE", "managed_policies", "policy_paths", "statements"]

BACKUP, RESTORES = "AWSBackupServiceRolePolicyForBackup", "AWSBackupServiceRolePolicyForRestores"
S3_BACKUP, S3_RESTORE = "AWSBackupServiceRolePolicyForS3Backup", "AWSBackupServiceRolePolicyForS3Restore"
_HANA = "AWSBackupRestoreAccessForSAPHANA"
_HANA_TYPE = "SAP HANA on Amazon EC2"

_EVERY_BACKUP = (
    "BackupVaultPermissions BackupVaultCopyPermissions KMSPermissions KMSCreateGrantPermissions "
    "GetResourcesPermissions RecoveryPointTaggingPermissions"
)
_EVERY_RESTORE = "KMSDescribePermissions KMSPermissions KMSCreateGrantPermissions BackupRestoreJobManagementPermissions"
_VOLUMES = (
    "EBSCopyPermissions EBSTagAndDeletePermissions EBSResourcePermissions EBSSnapshotTierPermissions "
    "EC2ModifyPermissions EC2TagPermissions KMSEC2Permissions"
)
_VOLUME_RESTORES = (
    "EBSPermissions EBSSnapshotBlockPermissions EC2DescribePermissions EC2DeleteAndRestorePermissions "
    "EC2CreateTagsScopedPermissions EC2CreateTagsPermissions"
)
_DATABASES = (
    # AWS's own id of the statement on RDS snapshots, whatever it says.
    "DynamoDBBackupPermissions RDSInstanceAutomatedBackupPermissions RDSModifyPermissions RDSBackupPermissions"
)
_CLUSTERS = "DynamoDBBackupPermissions RDSClusterPermissions RDSClusterBackupPermissions RDSClusterModifyPermissions"
_DATABASE_RESTORES = "RDSPermissions RDSResourcePermissions EC2DescribePermissions"
_BACKUPS_OF = {
    "Aurora": _CLUSTERS,
    "DSQL": "DSQLResourcePermissionsForBackup KMSDSQLPermissions",
    "CloudFormation": "CloudformationStackPermissions",
    "DocumentDB": _CLUSTERS,
    "DynamoDB": (
        "DynamoDBPermissions DynamoDBBackupResourcePermissions DynamodbBackupPermissions KMSDynamoDBPermissions"
    ),
    "EBS": f"{_VOLUMES} EC2Permissions",
    "EC2": f"{_VOLUMES} EC2Permissions EC2CopyPermissions SSMPermissions SSMSendPermissions",
    "EFS": "EFSPermissions",
    "EKS": "EKSClusterConfigurationBackup CreateBackupAccessEntry AssociateBackupAccessPolicy",
    "FSx": (
        "FsxBackupPermissions FsxCreateBackupPermissions FsxPermissions FsxVolumePermissions FsxListTagsPermissions "
        "FsxDeletePermissions FsxResourcePermissions"
    ),
    "Neptune": _CLUSTERS,
    "RDS": _DATABASES,
    "Redshift": (
        "RedshiftCreatePermissions RedshiftSnapshotPermissions RedshiftPermissions RedshiftResourcePermissions"
    ),
    "Redshift Serverless": (
        "RedshiftServerlessCreatePermissions RedshiftServerlessSnapshotPermissions RedshiftServerlessGetPermissions "
        "RedshiftServerlessResourcePermissions RedshiftServerlessListPermissions"
    ),
    _HANA_TYPE: "SSMSAPPermissions SSMSAPResourcePermissions",
    "Storage Gateway": f"StorageGatewayPermissions {_VOLUMES}",
    "Timestream": "TimestreamResourcePermissions TimestreamEndpointPermissions",
    "VirtualMachine": "BackupGatewayBackupPermissions",
}
_RESTORES_OF = {
    "Aurora": _DATABASE_RESTORES,
    "DSQL": "DSQLResourcePermissionsForRestore",
    "CloudFormation": "CloudformationChangeSetPermissions",
    "DocumentDB": _DATABASE_RESTORES,
    "DynamoDB": "DynamoDBPermissions DynamoDBBackupResourcePermissions DynamoDBRestorePermissions",
    "EBS": _VOLUME_RESTORES,
    "EC2": f"{_VOLUME_RESTORES} EC2RunInstancesPermissions EC2TerminateInstancesPermissions",
    "EFS": "EFSPermissions",
    "EKS": (
        "EKSClusterRestore AssociateRestoreAccessPolicy CreateClusterIAMPerms CreateEKSNodeGroupPermissions "
        "EKSNodeGroupTagOnCreate"
    ),
    "FSx": (
        "FsxPermissions FsxTagPermissions FsxBackupPermissions FsxDeletePermissions FsxDescribePermissions "
        "FsxVolumeTagPermissions FsxBackupTagPermissions FsxVolumePermissions DSPermissions EC2DescribePermissions "
        "CreateTagsPermissions"
    ),
    "Neptune": _DATABASE_RESTORES,
    "RDS": _DATABASE_RESTORES,
    "Redshift": "RedshiftClusterSnapshotPermissions RedshiftClusterPermissions RedshiftTablePermissions",
    "Redshift Serverless": (
        "RedshiftServerlessSnapshotPermissions RedshiftServerlessNamespacePermissions "
        "RedshiftServerlessTablePermissions"
    ),
    "Storage Gateway": (
        "StorageGatewayVolumePermissions StorageGatewayGatewayPermissions StorageGatewayListPermissions "
        f"{_VOLUME_RESTORES}"
    ),
    "Timestream": "TimestreamResourcePermissions TimestreamEndpointPermissions",
    "VirtualMachine": "GatewayRestorePermissions",
}


@cache
def _policies() -> dict[str, Any]:
    text = files("backupkit.catalog").joinpath("role_statements.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def policy_paths(names: Iterable[str]) -> dict[str, str]:
    """Return managed policies with the path that stands before the name in their ARNs, ``/service-role/`` for some."""
    return {name: str(_policies()[name]["path"]) for name in names}


def managed_policies(types: Iterable[str], *, backups: bool, restores: bool) -> tuple[str, ...]:
    """Return the names of the managed policies that a role needs.

    Args:
        types: AWS Backup's words for types of resources; none: all but S3 and SAP HANA, which have their own policies.
        backups: Whether the role takes backups.
        restores: Whether it restores.
    """
    wanted = frozenset(types)
    general = not wanted or bool(wanted - {"S3"})
    found = {
        BACKUP: backups and general,
        S3_BACKUP: backups and "S3" in wanted,
        RESTORES: restores and (not wanted or bool(wanted - {"S3", _HANA_TYPE})),
        S3_RESTORE: restores and "S3" in wanted,
        _HANA: restores and _HANA_TYPE in wanted,
    }
    return tuple(name for name, needed in found.items() if needed)


def statements(types: Iterable[str], *, backups: bool, restores: bool) -> dict[str, Mapping[str, object]]:
    """Return the statements of the managed policies that some types need, by their own ids.

    Args:
        types: AWS Backup's words for types of resources.
        backups: Whether the role takes backups.
        restores: Whether it restores.
    """
    wanted = tuple(dict.fromkeys(types))
    found: dict[str, Mapping[str, object]] = {}
    if backups:
        found |= _chosen("Backup", BACKUP, _EVERY_BACKUP, _BACKUPS_OF, wanted)
        found |= _whole(S3_BACKUP, "S3Backup") if "S3" in wanted else {}
    if restores:
        found |= _chosen("Restore", RESTORES, _EVERY_RESTORE, _RESTORES_OF, wanted)
        found |= _whole(S3_RESTORE, "S3Restore") if "S3" in wanted else {}
        found |= _whole(_HANA, "HANARestore") if _HANA_TYPE in wanted else {}
    return found


def _chosen(
    word: str, policy: str, every: str, by_type: Mapping[str, str], types: Iterable[str]
) -> dict[str, Mapping[str, object]]:
    ids = dict.fromkeys(" ".join((every, *(by_type.get(each, "") for each in types))).split())
    held = _policies()[policy]["statements"]
    # In the policy's own order, so that the order of types does not matter.
    return {f"{word}{name}": statement for name, statement in held.items() if name in ids}


def _whole(policy: str, word: str) -> dict[str, Mapping[str, object]]:
    return {f"{word}{name}": statement for name, statement in _policies()[policy]["statements"].items()}
