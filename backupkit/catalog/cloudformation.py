"""CloudFormation stacks: a composite of a template and of what the stack holds."""

from __future__ import annotations

from backupkit.catalog.resource_type import ArnShape, ResourceType

__all__ = ["TYPE"]

TYPE = ResourceType(
    name="CloudFormation",
    shapes=(ArnShape("cloudformation", "stack/"),),
    cold=True,
    copies=True,
    fully_managed=True,
)
