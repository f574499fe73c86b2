"""Timestream tables."""

from __future__ import annotations

from backupkit.catalog.resource_type import OWN_POINTS, ArnShape, ResourceType

__all__ = ["TYPE"]

TYPE = ResourceType(
    name="Timestream",
    shapes=(ArnShape("timestream", "database/"),),
    points=OWN_POINTS + "{uuid}_beta",
    cold=True,
    copies=True,
    air_gapped=True,
    fully_managed=True,
    copies_source_tags=False,
)
