"""Aurora DSQL clusters."""

from __future__ import annotations

from backupkit.catalog.neighbour import Look, NotRestored, Removal
from backupkit.catalog.resource_type import ArnShape, ResourceType

__all__ = ["TYPE"]

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
    cold=True,
    copies=True,
    air_gapped=True,
    fully_managed=True,
)
