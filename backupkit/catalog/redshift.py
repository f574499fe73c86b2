"""Redshift clusters."""

from __future__ import annotations

from backupkit.catalog.neighbour import Look, NotRestored, Removal, Target
from backupkit.catalog.resource_type import ArnShape, ResourceType

__all__ = ["TYPE"]

TYPE = ResourceType(
    name="Redshift",
    target=Target("ClusterIdentifier", "arn:{partition}:redshift:{region}:{account}:cluster:{value}"),
    looks=(
        Look(
            shape=ArnShape("redshift", "cluster:"),
            service="redshift",
            method="describe_clusters",
            arguments={"ClusterIdentifier": "{name}"},
            state="Clusters[0].ClusterStatus",
            gone=frozenset({"ClusterNotFound"}),
            gone_states=frozenset({"deleting", "final-snapshot"}),
            usable=frozenset({"available"}),
        ),
    ),
    removal=Removal(
        shape=ArnShape("redshift", "cluster:"),
        service="redshift",
        method="delete_cluster",
        arguments={"ClusterIdentifier": "{name}", "SkipFinalClusterSnapshot": True},
    ),
    not_restored=(
        NotRestored("the name of the endpoint"),
        NotRestored("data shares", "redshift AuthorizeDataShare"),
        NotRestored("usage limits", "redshift CreateUsageLimit"),
        NotRestored("event subscriptions", "redshift CreateEventSubscription"),
    ),
    terraform="aws_redshift_cluster",
    shapes=(ArnShape("redshift", "cluster:"),),
    points="arn:{partition}:redshift:{region}:{account}:snapshot:{name}/awsbackup:{job}",
)
