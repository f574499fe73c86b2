"""Aurora DSQL clusters."""

from __future__ import annotations

from backupkit.catalog.resource_type import ArnShape, ResourceType

__all__ = ["TYPE"]

TYPE = ResourceType(
    name="Aurora DSQL",
    shapes=(ArnShape("dsql", "cluster/"),),
    cold=True,
    copies=True,
    air_gapped=True,
    fully_managed=True,
)
