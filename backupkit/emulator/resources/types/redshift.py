"""Redshift clusters, as far as an emulator has them: their attributes, and no data.

Sources: the developer guide's page on restoring Redshift, and the botocore model of RestoreFromClusterSnapshot, which
tells what a new cluster has of its source where the metadata is silent. It has a new master password.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from backupkit.arn import Arn
from backupkit.emulator.kernel.resource_protocol import Captured, Metadata, ResourceInfo, Restored, WorldError
from backupkit.emulator.resources.types.kind import (
    SessionScope,
    Settings,
    Taken,
    Without,
    picked,
    secret,
    tagged,
    tags_of,
    untested,
)
from backupkit.emulator.resources.types.reading import Reading, flag, keys, number, spelled, texts

__all__ = ["Warehouses"]

_MEBIBYTE = 2**20
# What RestoreFromClusterSnapshot gives a new cluster of its source; it has the rest only where the metadata says so.
_INHERITED = "ClusterVersion DBName Encrypted KmsKeyId MasterUsername NodeType NumberOfNodes"
# What is told of the source, in the parameters' own names, because the guide has no list.
_MEMBERS = (
    "AllowVersionUpgrade AutomatedSnapshotRetentionPeriod AvailabilityZone Encrypted EnhancedVpcRouting KmsKeyId "
    "NodeType NumberOfNodes PreferredMaintenanceWindow PubliclyAccessible"
)
_READING = Reading(
    keys(
        "AdditionalInfo AquaConfigurationStatus AvailabilityZone ClusterIdentifier ClusterParameterGroupName "
        "ClusterSubnetGroupName DefaultIamRoleArn ElasticIp HsmClientCertificateIdentifier HsmConfigurationIdentifier "
        "KmsKeyId MaintenanceTrackName MasterPasswordSecretKmsKeyId NodeType PreferredMaintenanceWindow RestoreType"
    )
    | keys("AutomatedSnapshotRetentionPeriod ManualSnapshotRetentionPeriod NumberOfNodes Port", number)
    | keys(
        "AllowVersionUpgrade AvailabilityZoneRelocation Encrypted EnhancedVpcRouting ManageMasterPassword "
        "PubliclyAccessible",
        flag,
    )
    | keys("ClusterSecurityGroups IamRoles VpcSecurityGroupIds", texts)
)


@attrs.frozen
class Warehouse(Settings):
    """A Redshift cluster."""


class Warehouses:
    """Redshift clusters."""

    resource_type = "Redshift"
    content = Warehouse
    emulated_only = True

    def names(self, arn: Arn) -> bool:
        """Whether the ARN is a cluster's."""
        return arn.service == "redshift" and arn.kind == "cluster"

    def resources(self, here: SessionScope) -> Iterator[ResourceInfo]:
        """Every cluster; one answer tells its tags, too."""
        for page in here.client("redshift").get_paginator("describe_clusters").paginate():
            yield from (_seen(here, entry) for entry in page["Clusters"])

    def find(self, here: SessionScope, arn: Arn) -> ResourceInfo | None:
        """The cluster, or None where it is not there."""
        with Without("ClusterNotFound"):
            return _seen(here, _described(here, arn))
        return None

    def capture(self, here: SessionScope, arn: Arn) -> Captured:
        """Its attributes."""
        entry = _described(here, arn)
        port = {"Port": entry["Endpoint"]["Port"]}
        tags = tags_of(entry.get("Tags"))
        metadata = spelled(picked(entry, _MEMBERS) | port)
        size = int(entry.get("TotalStorageCapacityInMegaBytes") or 0) * _MEBIBYTE
        return Captured(Warehouse(picked(entry, _INHERITED) | port, tags), size, metadata, tags)

    def restore(self, here: SessionScope, content: Warehouse, metadata: Metadata, tags: Mapping[str, str]) -> Restored:
        """Make the cluster again as ``ClusterIdentifier``; it has the tags of its source in any case.

        Raises:
            WorldError: The metadata is wrong, or there is a cluster of that name.
        """
        if metadata.need("RestoreType") != "CLUSTER_RESTORE":
            raise WorldError(f"RestoreType {metadata['RestoreType']} is not possible here; give CLUSTER_RESTORE")
        name = metadata.need("ClusterIdentifier").lower()
        wanted = _wanted(here.key(content.parameters), _READING.parameters(self.resource_type, metadata))
        # Redshift's tags come along whether asked for or not (developer guide, restoring a backup).
        given = {key: value for key, value in content.tags.items() if not key.startswith("aws:")} | dict(tags)
        with Taken("ClusterAlreadyExists", f"Cluster {name}", "ClusterIdentifier"):
            here.client("redshift").create_cluster(**{**wanted, "ClusterIdentifier": name}, **tagged(given))
        return Restored(here.arn("redshift", f"cluster:{name}"))

    def discard(self, here: SessionScope, arn: Arn) -> None:  # noqa: ARG002 - the shape of them all
        """Refuse: restore testing does not have Redshift."""
        raise untested(arn, self.resource_type)


def _described(here: SessionScope, arn: Arn) -> Mapping[str, Any]:
    answer: Mapping[str, Any] = here.client("redshift").describe_clusters(ClusterIdentifier=arn.name)
    entry: Mapping[str, Any] = answer["Clusters"][0]
    return entry


def _seen(here: SessionScope, entry: Mapping[str, Any]) -> ResourceInfo:
    name = entry["ClusterIdentifier"]
    return ResourceInfo(here.arn("redshift", f"cluster:{name}"), "Redshift", tags_of(entry.get("Tags")), name)


def _wanted(own: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    wanted = {**own, **{name: value for name, value in params.items() if name != "RestoreType"}}
    if wanted["NumberOfNodes"] == 1:
        # CreateCluster takes no number for one node, which is another type of cluster to it.
        del wanted["NumberOfNodes"]
        wanted["ClusterType"] = "single-node"
    else:
        wanted["ClusterType"] = "multi-node"
    return wanted if wanted.get("ManageMasterPassword") else {**wanted, "MasterUserPassword": secret()}
