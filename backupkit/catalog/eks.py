"""EKS clusters: a composite of the cluster's state and of its volumes."""

from __future__ import annotations

from backupkit.catalog.resource_type import OWN_POINTS, ArnShape, ResourceType

__all__ = ["TYPE"]

TYPE = ResourceType(
    name="EKS",
    shapes=(ArnShape("eks", "cluster/"),),
    points=OWN_POINTS + "composite:eks/{name}-{stamp}",
    copies=True,
    fully_managed=True,
)
