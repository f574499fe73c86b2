"""Clusters of databases (Aurora, Neptune, RDS Multi-AZ), as far as an emulator has them: attributes, and no data.

They share one shape of ARN and one API; the engine tells them apart. A restore makes the cluster and none of its
instances, and gives it a new master password.

Sources: the developer guide's pages on restoring Aurora and Neptune, and the botocore model of
RestoreDBClusterFromSnapshot.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from backupkit.arn import Arn
from backupkit.emulator.kernel.resource_protocol import (
    Captured,
    Metadata,
    ResourceInfo,
    Restored,
    WorldError,
    check_tested,
)
from backupkit.emulator.resources.types.kind import (
    SessionScope,
    Settings,
    Taken,
    Without,
    picked,
    secret,
    tagged,
    tags_of,
)
from backupkit.emulator.resources.types.reading import Reading, document, flag, number, spelled, text, texts

__all__ = ["Clusters"]

_FIXED = "MasterUsername StorageEncrypted"
_INHERITED = (
    "AllocatedStorage BackupRetentionPeriod DBClusterInstanceClass DatabaseName Engine EngineMode EngineVersion Iops "
    "KmsKeyId Port StorageType"
)
_READING = Reading(
    {
        "availabilityZones": ("AvailabilityZones", texts),
        "backtrackWindow": ("BacktrackWindow", number),
        "copyTagsToSnapshot": ("CopyTagsToSnapshot", flag),
        "databaseName": ("DatabaseName", text),
        "dbClusterIdentifier": ("DBClusterIdentifier", text),
        "dbClusterParameterGroupName": ("DBClusterParameterGroupName", text),
        "dbSubnetGroupName": ("DBSubnetGroupName", text),
        "enableCloudwatchLogsExports": ("EnableCloudwatchLogsExports", texts),
        "enableIAMDatabaseAuthentication": ("EnableIAMDatabaseAuthentication", flag),
        "engine": ("Engine", text),
        "engineMode": ("EngineMode", text),
        "engineVersion": ("EngineVersion", text),
        "kmsKeyId": ("KmsKeyId", text),
        "optionGroupName": ("OptionGroupName", text),
        "port": ("Port", number),
        "scalingConfiguration": ("ScalingConfiguration", document),
        "vpcSecurityGroupIds": ("VpcSecurityGroupIds", texts),
    },
    frozenset({"restoreToTime", "RestoreTime", "useLatestRestorableTime"}),
)


@attrs.frozen
class Cluster(Settings):
    """A cluster of databases."""


class Clusters:
    """Clusters of some engines.

    Args:
        resource_type: AWS Backup's type string.
        engines: The engines that make a cluster one of this type.
    """

    content = Cluster
    emulated_only = True

    def __init__(self, resource_type: str, *engines: str) -> None:
        self.resource_type = resource_type
        self._engines = engines

    def names(self, arn: Arn) -> bool:
        """Whether the ARN is a cluster's, of whatever engine."""
        return arn.service == "rds" and arn.kind == "cluster"

    def resources(self, here: SessionScope) -> Iterator[ResourceInfo]:
        """Every cluster of these engines; one answer tells its tags, too."""
        # The filter spares three kinds of clusters the pages of each other.
        engines = [{"Name": "engine", "Values": list(self._engines)}]
        for page in here.client("rds").get_paginator("describe_db_clusters").paginate(Filters=engines):
            yield from (self._seen(entry) for entry in page["DBClusters"] if entry["Engine"] in self._engines)

    def find(self, here: SessionScope, arn: Arn) -> ResourceInfo | None:
        """The cluster, or None where it is not there or of another engine."""
        with Without("DBClusterNotFoundFault"):
            entry = _described(here, arn)
            return self._seen(entry) if entry["Engine"] in self._engines else None
        return None

    def capture(self, here: SessionScope, arn: Arn) -> Captured:
        """Its attributes."""
        entry = _described(here, arn)
        kept = picked(entry, f"{_FIXED} {_INHERITED}")
        if not entry.get("StorageEncrypted"):
            kept.pop("KmsKeyId", None)
        if self.resource_type != "RDS":
            # An Aurora or Neptune volume grows by itself; only Multi-AZ clusters are given a size.
            kept = {name: value for name, value in kept.items() if name not in {"AllocatedStorage", "Iops"}}
        tags = tags_of(entry.get("TagList"))
        # AWS tells no size of a cluster's backup (botocore model of BackupJob).
        return Captured(Cluster(kept, tags), 0, spelled(_metadata(here, entry)), tags)

    def restore(self, here: SessionScope, content: Cluster, metadata: Metadata, tags: Mapping[str, str]) -> Restored:
        """Make the cluster again as ``dbClusterIdentifier``, without instances.

        Raises:
            WorldError: The metadata is wrong, or there is a cluster of that name.
        """
        name = metadata.need("dbClusterIdentifier").lower()
        engine, source = metadata.need("engine"), content.parameters["Engine"]
        if engine != source:
            raise WorldError(f"Engine {engine} is not that of the backup, {source}")
        wanted = {**here.key(content.parameters), **_READING.parameters(self.resource_type, metadata)}
        if "KmsKeyId" in wanted:
            wanted["StorageEncrypted"] = True
        _check_free(here, name)
        with Taken("DBClusterAlreadyExistsFault", f"DB cluster {name}", "dbClusterIdentifier"):
            made = here.client("rds").create_db_cluster(
                **{**wanted, "DBClusterIdentifier": name}, MasterUserPassword=secret(), **tagged(tags)
            )
        return Restored(made["DBCluster"]["DBClusterArn"])

    def discard(self, here: SessionScope, arn: Arn) -> None:
        """Delete a cluster that a restore test made; RDS refuses one that was given instances since."""
        check_tested(arn.name)
        with Without("DBClusterNotFoundFault"):
            here.client("rds").delete_db_cluster(DBClusterIdentifier=arn.name, SkipFinalSnapshot=True)

    def _seen(self, entry: Mapping[str, Any]) -> ResourceInfo:
        return ResourceInfo(
            entry["DBClusterArn"], self.resource_type, tags_of(entry.get("TagList")), entry["DBClusterIdentifier"]
        )


def _described(here: SessionScope, arn: Arn) -> Mapping[str, Any]:
    answer: Mapping[str, Any] = here.client("rds").describe_db_clusters(DBClusterIdentifier=arn.name)
    entry: Mapping[str, Any] = answer["DBClusters"][0]
    return entry


def _check_free(here: SessionScope, name: str) -> None:
    """Refuse a name that is taken, which moto would answer in words of its own."""
    with Without("DBClusterNotFoundFault"):
        here.client("rds").describe_db_clusters(DBClusterIdentifier=name)
        raise WorldError(f"DB cluster {name} already exists; give another dbClusterIdentifier")


def _subnet_group(here: SessionScope, name: str | None) -> str | None:
    """The subnet group, if it is there: moto says that clusters are in one called default, which it does not have."""
    with Without("DBSubnetGroupNotFoundFault"):
        if name:
            here.client("rds").describe_db_subnet_groups(DBSubnetGroupName=name)
            return name
    return None


def _metadata(here: SessionScope, entry: Mapping[str, Any]) -> dict[str, Any]:
    """What AWS Backup tells of the source: everything but a name for the new cluster."""
    groups = [group["VpcSecurityGroupId"] for group in entry.get("VpcSecurityGroups", ())]
    return picked(entry, "AvailabilityZones CopyTagsToSnapshot Engine EngineMode EngineVersion Port") | {
        "DBClusterParameterGroupName": entry.get("DBClusterParameterGroup"),
        "DBSubnetGroupName": _subnet_group(here, entry.get("DBSubnetGroup")),
        "DatabaseName": entry.get("DatabaseName", ""),
        "KmsKeyId": entry.get("KmsKeyId") if entry.get("StorageEncrypted") else None,
        "EnableCloudwatchLogsExports": entry.get("EnabledCloudwatchLogsExports", []),
        "EnableIAMDatabaseAuthentication": entry.get("IAMDatabaseAuthenticationEnabled", False),
        "ScalingConfiguration": entry.get("ScalingConfigurationInfo"),
        "VpcSecurityGroupIds": groups,
    }
