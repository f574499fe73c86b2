"""Redshift Serverless namespaces."""

from __future__ import annotations

from backupkit.catalog.resource_type import ArnShape, ResourceType

__all__ = ["TYPE"]

TYPE = ResourceType(
    name="Redshift Serverless",
    shapes=(ArnShape("redshift-serverless", "namespace/"),),
    points="arn:{partition}:redshift-serverless:{region}:{account}:snapshot/{uuid}",
)
