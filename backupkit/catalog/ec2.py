"""EC2 instances."""

from __future__ import annotations

from backupkit.catalog.resource_type import ArnShape, ResourceType

__all__ = ["TYPE"]

TYPE = ResourceType(
    name="EC2",
    shapes=(ArnShape("ec2", "instance/"),),
    points="arn:{partition}:ec2:{region}::image/ami-{hex17}",
    copies=True,
    air_gapped=True,
    restore_testing=True,
)
