"""Redshift clusters."""

from __future__ import annotations

from backupkit.catalog.resource_type import ArnShape, ResourceType

__all__ = ["TYPE"]

TYPE = ResourceType(
    name="Redshift",
    shapes=(ArnShape("redshift", "cluster:"),),
    points="arn:{partition}:redshift:{region}:{account}:snapshot:{name}/awsbackup:{job}",
)
