"""RDS database instances. Aurora, DocumentDB and Neptune clusters, which share the service, are types of their own."""

from __future__ import annotations

from backupkit.catalog.resource_type import ArnShape, ResourceType

__all__ = ["TYPE"]

TYPE = ResourceType(
    name="RDS",
    shapes=(ArnShape("rds", "db:"),),
    continuous=True,
    copies=True,
    restore_testing=True,
)
