"""What a point of a synthetic resource tells of its source.

A synthetic resource has no settings, so it has the usual ones of its type, and no ids of what is not there: no subnets,
security groups or key pairs. Of the types of which no answer of AWS is public (S3, FSx, Storage Gateway, Redshift,
CloudFormation, EKS, VMware, Multi-AZ clusters of RDS), nothing is told. Sources: the developer guide's examples, and
answers that public programs printed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from backupkit.arn import Arn
from backupkit.emulator.kernel.kinds import name_in
from backupkit.emulator.resources.resource import Resource

__all__ = ["source_metadata"]

_Tell = Callable[[Resource, Arn], dict[str, str]]


def source_metadata(resource: Resource) -> dict[str, str]:
    """Return what GetRecoveryPointRestoreMetadata tells of the source of a point."""
    tell = _TELL.get(resource.resource_type)
    return tell(resource, Arn.parse(resource.arn)) if tell is not None else {}


def _database(resource: Resource, arn: Arn) -> dict[str, str]:
    if arn.kind != "db":
        return {}
    return {
        "DBInstanceIdentifier": name_in(resource.arn),
        "DBInstanceClass": "db.t3.micro",
        "Engine": "mysql",
        "EngineVersion": "8.0.40",
        "Port": "3306",
        "AvailabilityZone": f"{arn.region}a",
        "MultiAZ": "false",
        "PubliclyAccessible": "false",
        "CopyTagsToSnapshot": "false",
        "EnableCloudwatchLogsExports": "[]",
    }


def _cluster(
    engine: str, version: str, port: int, more: Mapping[str, str]
) -> Callable[[Resource, Arn], dict[str, str]]:
    def tell(resource: Resource, arn: Arn) -> dict[str, str]:  # noqa: ARG001 - the shape of them all
        return {
            "Engine": engine,
            "EngineVersion": version,
            "Port": str(port),
            "AvailabilityZones": json.dumps([f"{arn.region}{letter}" for letter in "abc"]),
            "CopyTagsToSnapshot": "false",
            "EnableCloudwatchLogsExports": "[]",
            **more,
        }

    return tell


def _instance(resource: Resource, arn: Arn) -> dict[str, str]:  # noqa: ARG001 - the shape of them all
    placement = {"AvailabilityZone": f"{arn.region}a", "GroupName": "", "Tenancy": "default"}
    return {
        "InstanceType": "t2.micro",
        "InstanceInitiatedShutdownBehavior": "stop",
        "EbsOptimized": "false",
        "DisableApiTermination": "false",
        "CpuOptions": json.dumps({"CoreCount": 1, "ThreadsPerCore": 1}),
        "CreditSpecification": json.dumps({"CpuCredits": "standard"}),
        "HibernationOptions": json.dumps({"Configured": False}),
        "Monitoring": json.dumps({"State": "disabled"}),
        "CapacityReservationSpecification": json.dumps({"CapacityReservationPreference": "open"}),
        "Placement": json.dumps(placement),
        "NetworkInterfaces": "[]",
    }


def _time_series(resource: Resource, arn: Arn) -> dict[str, str]:
    return {
        "TableName": name_in(resource.arn),
        "DatabaseName": arn.resource.removeprefix("database/").split("/")[0],
        "MemoryStoreRetentionPeriodInHours": "6",
        "MagneticStoreRetentionPeriodInDays": "73000",
        "EnableMagneticStoreWrites": "false",
    }


_TELL: Mapping[str, _Tell] = {
    "Aurora": _cluster("aurora-postgresql", "16.4", 5432, {"EngineMode": "provisioned", "DatabaseName": ""}),
    "DSQL": lambda resource, _: {"cluster_id": name_in(resource.arn)},
    "DocumentDB": _cluster("docdb", "5.0.0", 27_017, {}),
    "DynamoDB": lambda resource, _: {"originalTableName": name_in(resource.arn)},
    "EBS": lambda resource, _: {
        "encrypted": str(resource.key_arn is not None).lower(),
        "volumeId": name_in(resource.arn),
    },
    "EC2": _instance,
    "EFS": lambda resource, _: {"file-system-id": name_in(resource.arn)},
    "Neptune": _cluster("neptune", "1.3.2.1", 8182, {}),
    "RDS": _database,
    "SAP HANA on Amazon EC2": lambda resource, _: {
        "SourceDatabaseArn": resource.arn,
        "DatabaseName": name_in(resource.arn),
        "IsCompressedBySap": "FALSE",
        "IsEncryptedBySap": "FALSE",
    },
    "Timestream": _time_series,
}
