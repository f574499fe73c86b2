"""Aurora DSQL clusters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

import attrs

from backupkit.arn import REGION
from backupkit.catalog.metadata_key import Encoding, MetadataKey, Send
from backupkit.catalog.neighbour import Listing, Look, NotRestored, Removal
from backupkit.catalog.request import Request, strings, structures
from backupkit.catalog.resource_type import ArnShape, ResourceType
from backupkit.catalog.restore_form import RestoreForm
from backupkit.catalog.structure import Structure
from backupkit.checks import Pattern
from backupkit.problems import Problem

__all__ = ["TYPE", "DSQLCluster", "RegionalConfig"]

_REGION = Pattern("Region", REGION.pattern, "a Region such as us-east-1")
_GROUPS = (
    ("us-east-1", "us-east-2", "us-west-2", "ca-central-1", "ca-west-1"),
    ("eu-central-1", "eu-north-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3"),
    ("ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1"),
)
"""The Regions that one cluster can span (restore-auroradsql.md)."""
_MULTI = {"useMultiRegionOrchestration": "true"}
RESTORE = (
    RestoreForm(
        name="a new cluster",
        source="restore-auroradsql.md; the list of accepted keys in a refusal",
        keys=(
            MetadataKey("regionalConfig", Encoding.OBJECTS, minimum=1, maximum=3, seen=True),
            MetadataKey("useMultiRegionOrchestration", Encoding.BOOLEAN, default="false", seen=True),
            MetadataKey("witnessRegion", goes_with=_MULTI, required_with=_MULTI, pattern=_REGION, seen=True),
            MetadataKey("peerRegion", Encoding.LIST, goes_with=_MULTI, required_with=_MULTI, pattern=_REGION),
            MetadataKey("cluster_id", returned=True, send=Send.STRIP, fails=True, seen=True),
        ),
    ),
)
"""What StartRestoreJob takes."""

TYPE = ResourceType(
    name="DSQL",
    looks=(
        Look(
            shape=ArnShape("dsql", "cluster/"),
            service="dsql",
            method="get_cluster",
            arguments={"identifier": "{name}"},
            state="status",
            gone=frozenset({"ResourceNotFoundException"}),
            gone_states=frozenset({"DELETING", "DELETED", "PENDING_DELETE"}),
            usable=frozenset({"ACTIVE", "IDLE", "INACTIVE"}),
        ),
    ),
    removal=Removal(
        shape=ArnShape("dsql", "cluster/"),
        service="dsql",
        method="delete_cluster",
        arguments={"identifier": "{name}"},
    ),
    not_restored=(
        NotRestored(
            "the endpoint and the cluster's id, which are new", "iam PutRolePolicy (dsql:DbConnect on the new ARN)"
        ),
    ),
    terraform="aws_dsql_cluster",
    shapes=(ArnShape("dsql", "cluster/"),),
    listings=(
        Listing(
            service="dsql",
            method="list_clusters",
            found="clusters[].{arn: arn}",
        ),
    ),
    cold=True,
    copies=True,
    air_gapped=True,
    fully_managed=True,
    id_prefix="",
    config_type="AWS::DSQL::Cluster",
    restore_forms=RESTORE,
    refuses_at_once=True,
)


@attrs.frozen
class RegionalConfig(Structure):
    """How the cluster is in one Region. None: deletion protection on, and the key that AWS owns."""

    _LOWER: ClassVar[bool] = True

    region: str
    is_deletion_protection_enabled: bool | None = None
    kms_key_id: str | None = None


@attrs.frozen(repr=False)
class DSQLCluster(Request):
    """Restore a point to a new Aurora DSQL cluster, in one Region or in several. It has a new id and endpoint.

    DSQL refuses unknown keys in the call itself. Documented, not seen in use: peer_region.

    Args:
        regional_config: `RegionalConfig` for each Region. Nothing given: the default key, and deletion protection on.
        use_multi_region_orchestration: Whether the cluster spans Regions. None: no.
        witness_region: The third Region; only and always of a cluster that spans Regions.
        peer_region: The other Region, which has a copy of the point; only and always of a cluster that spans Regions.
        extra_metadata: Keys that backupkit has no field for; they win.

    Raises:
        InvalidValueError: A name or value that AWS would refuse.
    """

    KIND: ClassVar[ResourceType] = TYPE
    FORMS: ClassVar[tuple[RestoreForm, ...]] = RESTORE

    regional_config: tuple[Structure | Mapping[str, object], ...] = attrs.field(
        default=(), converter=structures, kw_only=True, hash=False
    )
    use_multi_region_orchestration: bool | None = attrs.field(default=None, kw_only=True)
    witness_region: str | None = attrs.field(default=None, kw_only=True)
    peer_region: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)

    def _problems(self) -> Iterator[Problem]:
        yield from super()._problems()
        witness = self.witness_region
        if witness is not None and witness in self.peer_region:
            yield Problem("witness_region", f"{witness} is a peer already", "name a third Region")
        group = next((each for each in _GROUPS if witness in each), ())
        strange = [peer for peer in self.peer_region if group and peer not in group and _is_known(peer)]
        if strange:
            what = f"one cluster cannot span {witness} and {', '.join(strange)}"
            yield Problem("peer_region", what, f"name Regions of {', '.join(group)}")


def _is_known(region: str) -> bool:
    return any(region in each for each in _GROUPS)
