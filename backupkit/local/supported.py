"""The resource types that AWS Backup supports, and which of them an account is opted in to from the start.

Sources: the botocore model of GetSupportedResourceTypes, and the developer guide (two more types, opt-in defaults).
"""

from __future__ import annotations

__all__ = [
    "INCREMENTAL_TYPES",
    "MANAGED_TYPES",
    "SUPPORTED_TYPES",
    "default_incremental",
    "default_management",
    "default_opt_in",
]

SUPPORTED_TYPES = (
    "Aurora",
    "CloudFormation",
    "DSQL",
    "DocumentDB",
    "DynamoDB",
    "EBS",
    "EC2",
    "EFS",
    "EKS",
    "FSx",
    "Neptune",
    "RDS",
    "Redshift",
    "Redshift Serverless",
    "S3",
    "SAP HANA on Amazon EC2",
    "Storage Gateway",
    "Timestream",
    "VirtualMachine",
)

MANAGED_TYPES = ("DynamoDB", "EFS")
"""The types whose backups AWS Backup can be asked to manage in full."""

INCREMENTAL_TYPES = ("DynamoDB",)
"""The types whose backups AWS Backup can be asked to make of changes alone."""

_OPTED_OUT = frozenset({"Aurora", "FSx"})


def default_opt_in() -> dict[str, bool]:
    """A new Region's ResourceTypeOptInPreference."""
    return {name: name not in _OPTED_OUT for name in SUPPORTED_TYPES}


def default_management() -> dict[str, bool]:
    """A new Region's ResourceTypeManagementPreference: EFS always, DynamoDB with its advanced features."""
    return dict.fromkeys(MANAGED_TYPES, True)


def default_incremental() -> dict[str, bool]:
    """A new Region's ResourceTypeOptInIncremental: none, until somebody asks for it."""
    return dict.fromkeys(INCREMENTAL_TYPES, False)
