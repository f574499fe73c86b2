"""Timestream tables."""

from __future__ import annotations

from backupkit.catalog.neighbour import Look, Removal
from backupkit.catalog.resource_type import OWN_POINTS, ArnShape, ResourceType

__all__ = ["TYPE"]

TYPE = ResourceType(
    name="Timestream",
    looks=(
        Look(
            shape=ArnShape("timestream", "database/"),
            service="timestream-write",
            method="describe_table",
            arguments={"DatabaseName": "{first}", "TableName": "{last}"},
            state="Table.TableStatus",
            gone=frozenset({"ResourceNotFoundException"}),
            gone_states=frozenset({"DELETING"}),
            usable=frozenset({"ACTIVE"}),
        ),
    ),
    removal=Removal(
        shape=ArnShape("timestream", "database/"),
        service="timestream-write",
        method="delete_table",
        arguments={"DatabaseName": "{first}", "TableName": "{last}"},
    ),
    terraform="aws_timestreamwrite_table",
    terraform_id="{last}:{first}",
    shapes=(ArnShape("timestream", "database/"),),
    points=OWN_POINTS + "{uuid}_beta",
    cold=True,
    copies=True,
    air_gapped=True,
    fully_managed=True,
    copies_source_tags=False,
)
