"""Redshift Serverless namespaces."""

from __future__ import annotations

from backupkit.catalog.neighbour import Look, NotRestored
from backupkit.catalog.resource_type import ArnShape, ResourceType

__all__ = ["TYPE"]

TYPE = ResourceType(
    name="Redshift Serverless",
    looks=(
        Look(
            shape=ArnShape("redshift-serverless", "namespace/"),
            service="redshift-serverless",
            method="list_namespaces",
            # The ARN has an id that no operation takes.
            state="namespaces[?namespaceArn=='{arn}'] | [0].status",
            gone_states=frozenset({"DELETING"}),
            usable=frozenset({"AVAILABLE"}),
        ),
    ),
    not_restored=(NotRestored("what the namespace held before the restore, which overwrites it"),),
    terraform="aws_redshiftserverless_namespace",
    shapes=(ArnShape("redshift-serverless", "namespace/"),),
    points="arn:{partition}:redshift-serverless:{region}:{account}:snapshot/{uuid}",
)
