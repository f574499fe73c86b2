"""Aurora DSQL clusters, as far as an emulator has them: their attributes, and no data.

Source: the developer guide's page on restoring Aurora DSQL. Clusters of several Regions are not restored.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from backupkit.arn import Arn
from backupkit.emulator.kernel.resource_protocol import Captured, Metadata, ResourceInfo, Restored, WorldError
from backupkit.emulator.resources.types.kind import SessionScope, Settings, Without, untested
from backupkit.emulator.resources.types.reading import Reading, documents, flag, keys

__all__ = ["DsqlClusters"]

_READING = Reading(
    keys("regionalConfig", documents) | keys("useMultiRegionOrchestration", flag) | keys("peerRegion witnessRegion")
)
_PARAMETERS = {"isDeletionProtectionEnabled": "deletionProtectionEnabled", "kmsKeyId": "kmsEncryptionKey"}


@attrs.frozen
class DsqlCluster(Settings):
    """An Aurora DSQL cluster."""


class DsqlClusters:
    """Aurora DSQL clusters."""

    resource_type = "DSQL"
    content = DsqlCluster
    emulated_only = True

    def names(self, arn: Arn) -> bool:
        """Whether the ARN is a cluster's."""
        return arn.service == "dsql" and arn.kind == "cluster"

    def resources(self, here: SessionScope) -> Iterator[ResourceInfo]:
        """Every cluster; DSQL tells tags one cluster at a time."""
        for page in here.client("dsql").get_paginator("list_clusters").paginate():
            for entry in page["clusters"]:
                # A cluster that goes between the two calls is not there.
                with Without("ResourceNotFoundException"):
                    yield _seen(_described(here, entry["identifier"]))

    def find(self, here: SessionScope, arn: Arn) -> ResourceInfo | None:
        """The cluster, or None where it is not there."""
        with Without("ResourceNotFoundException"):
            return _seen(_described(here, arn.name))
        return None

    def capture(self, here: SessionScope, arn: Arn) -> Captured:
        """Its attributes, which a restore takes nothing of."""
        tags = dict(_described(here, arn.name).get("tags") or {})
        return Captured(DsqlCluster({}, tags), 0, {"cluster_id": arn.name}, tags)

    def restore(
        self,
        here: SessionScope,
        content: DsqlCluster,  # noqa: ARG002 - the metadata alone decides what a new cluster is like
        metadata: Metadata,
        tags: Mapping[str, str],
    ) -> Restored:
        """Make a new cluster, protected from deletion where the metadata is silent.

        Raises:
            WorldError: The metadata is wrong, or asks for other Regions.
        """
        if not (metadata.get("regionalConfig") or metadata.get("useMultiRegionOrchestration")):
            metadata.need("regionalConfig")
        params = _READING.parameters(self.resource_type, metadata)
        wanted = {"deletionProtectionEnabled": True, **_configured(here, params)}
        made = here.client("dsql").create_cluster(**wanted, tags=dict(tags))
        return Restored(made["arn"])

    def discard(self, here: SessionScope, arn: Arn) -> None:  # noqa: ARG002 - the shape of them all
        """Refuse: restore testing does not have Aurora DSQL."""
        raise untested(arn, self.resource_type)


def _described(here: SessionScope, name: str) -> Mapping[str, Any]:
    described: Mapping[str, Any] = here.client("dsql").get_cluster(identifier=name)
    return described


def _seen(described: Mapping[str, Any]) -> ResourceInfo:
    return ResourceInfo(described["arn"], "DSQL", dict(described.get("tags") or {}), described["identifier"])


def _configured(here: SessionScope, params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of CreateCluster.

    Raises:
        WorldError: The configuration is not of this one Region.
    """
    regions = params.get("regionalConfig", [])
    others = [str(each.get("region")) for each in regions if each.get("region") != here.region_name]
    if params.get("useMultiRegionOrchestration") or params.keys() & {"peerRegion", "witnessRegion"} or others:
        raise WorldError(f"A session restores into one Region; give regionalConfig with {here.region_name} alone")
    given = regions[0] if regions else {}
    return {name: given[key] for key, name in _PARAMETERS.items() if key in given}
