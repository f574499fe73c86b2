"""EKS clusters: a composite of the cluster's state and of its volumes."""

from __future__ import annotations

from backupkit.catalog.neighbour import Look, NotRestored, Target
from backupkit.catalog.resource_type import OWN_POINTS, ArnShape, ResourceType

__all__ = ["TYPE"]

TYPE = ResourceType(
    name="EKS",
    target=Target("clusterName", "arn:{partition}:eks:{region}:{account}:cluster/{value}"),
    looks=(
        Look(
            shape=ArnShape("eks", "cluster/"),
            service="eks",
            method="describe_cluster",
            arguments={"name": "{name}"},
            state="cluster.status",
            gone=frozenset({"ResourceNotFoundException"}),
            gone_states=frozenset({"DELETING"}),
            usable=frozenset({"ACTIVE"}),
        ),
    ),
    not_restored=(
        NotRestored("Services and Ingresses", "kubectl apply"),
        NotRestored("the OIDC provider", "iam CreateOpenIDConnectProvider"),
        NotRestored("images in ECR"),
        NotRestored("add-ons and CSI drivers", "eks CreateAddon"),
        NotRestored("EFS access points and mount targets", "efs CreateAccessPoint, CreateMountTarget"),
        NotRestored("objects that are there already, which are skipped"),
    ),
    terraform="aws_eks_cluster",
    shapes=(ArnShape("eks", "cluster/"),),
    points=OWN_POINTS + "composite:eks/{name}-{stamp}",
    copies=True,
    fully_managed=True,
)
