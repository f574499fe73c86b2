"""EKS clusters, as far as an emulator has them: the cluster, its node groups and Fargate profiles, and no manifests.

Source: the developer guide's pages on EKS backups and on restoring an EKS cluster. What Kubernetes itself holds is not
held here, and so there is nothing that a restore puts into a cluster that is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

from backupkit.arn import Arn
from backupkit.emulator.kernel.resource_protocol import Captured, Metadata, ResourceInfo, Restored, WorldError
from backupkit.emulator.resources.types.kind import Client, SessionScope, Taken, Without, picked, untested
from backupkit.emulator.resources.types.reading import Reading, document, documents, flag, keys, spelled, text

__all__ = ["KubernetesClusters"]

_READING = Reading(
    {
        "clusterName": ("name", text),
        "clusterRole": ("roleArn", text),
        "clusterVpcConfig": ("resourcesVpcConfig", document),
        "eksClusterVersion": ("version", text),
        "encryptionConfigProviderKeyArn": ("key", text),
        "fargateProfiles": ("profiles", documents),
        "newCluster": ("new", flag),
        "nodeGroups": ("groups", documents),
    },
    frozenset(
        keys(
            "controlPlaneScalingTier kubernetesRestoreOrder namespaceLevelRestore namespacePvMapping namespaces "
            "nestedRestoreJobs podIdentityAssociations restoreKubernetesManifestsOnly"
        )
    ),
)
_VPC = ("securityGroupIds", "subnetIds")
_GROUP = "amiType capacityType diskSize instanceTypes labels nodeRole scalingConfig subnets taints tags"
_PROFILE = "podExecutionRoleArn selectors subnets tags"
_RENAMED = {"nodeGroupId": "nodegroupName", "name": "fargateProfileName", "subnetIds": "subnets"}
# What the metadata tells of a node group that CreateNodegroup takes under the same name.
_CHANGED = ("instanceTypes", "nodeRole", "podExecutionRoleArn")
_TEMPLATED = ("diskSize", "instanceTypes")


@attrs.frozen
class KubernetesCluster:
    """An EKS cluster as it was, by the parameters that make it and its parts again."""

    version: str
    groups: Mapping[str, Mapping[str, Any]]
    profiles: Mapping[str, Mapping[str, Any]]


class KubernetesClusters:
    """EKS clusters."""

    resource_type = "EKS"
    content = KubernetesCluster
    emulated_only = True

    def names(self, arn: Arn) -> bool:
        """Whether the ARN is a cluster's."""
        return arn.service == "eks" and arn.kind == "cluster"

    def resources(self, here: SessionScope) -> Iterator[ResourceInfo]:
        """Every cluster; EKS tells tags one cluster at a time."""
        client = here.client("eks")
        for page in client.get_paginator("list_clusters").paginate():
            for name in page["clusters"]:
                # A cluster that goes between the two calls is not there.
                with Without("ResourceNotFoundException"):
                    yield _seen(_described(client, name))

    def find(self, here: SessionScope, arn: Arn) -> ResourceInfo | None:
        """The cluster, or None where it is not there."""
        with Without("ResourceNotFoundException"):
            return _seen(_described(here.client("eks"), arn.name))
        return None

    def capture(self, here: SessionScope, arn: Arn) -> Captured:
        """Its version, its node groups and its Fargate profiles."""
        client = here.client("eks")
        entry = _described(client, arn.name)
        content = KubernetesCluster(entry["version"], _groups(client, arn.name), _profiles(client, arn.name))
        metadata = spelled({"clusterName": arn.name, "eksClusterVersion": entry["version"]})
        return Captured(content, 0, metadata, dict(entry.get("tags") or {}))

    def restore(
        self, here: SessionScope, content: KubernetesCluster, metadata: Metadata, tags: Mapping[str, str]
    ) -> Restored:
        """Make a new cluster with the parts that the metadata names, or find the one that is there.

        Raises:
            WorldError: The metadata is wrong, the cluster is not there, or a new one's name is taken.
        """
        name = metadata.need("clusterName")
        params = _READING.parameters(self.resource_type, metadata)
        client = here.client("eks")
        if not params.get("new"):
            return Restored(_there(client, name))
        for key in ("clusterRole", "clusterVpcConfig"):
            metadata.need(key)
        groups = _chosen("nodeGroups", "nodeGroupId", content.groups, params.get("groups", ()))
        profiles = _chosen("fargateProfiles", "name", content.profiles, params.get("profiles", ()))
        arn = _made(client, content, params, tags)
        for parameters in groups:
            client.create_nodegroup(clusterName=name, **parameters)
        for parameters in profiles:
            client.create_fargate_profile(clusterName=name, **parameters)
        return Restored(arn)

    def discard(self, here: SessionScope, arn: Arn) -> None:  # noqa: ARG002 - the shape of them all
        """Refuse: restore testing does not have EKS."""
        raise untested(arn, self.resource_type)


def _described(client: Client, name: str) -> Mapping[str, Any]:
    entry: Mapping[str, Any] = client.describe_cluster(name=name)["cluster"]
    return entry


def _seen(entry: Mapping[str, Any]) -> ResourceInfo:
    return ResourceInfo(entry["arn"], "EKS", dict(entry.get("tags") or {}), entry["name"])


def _there(client: Client, name: str) -> str:
    with Without("ResourceNotFoundException"):
        return str(_described(client, name)["arn"])
    raise WorldError(f"Cluster {name} does not exist; give the clusterName of one, or newCluster true")


def _groups(client: Client, cluster: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for page in client.get_paginator("list_nodegroups").paginate(clusterName=cluster):
        for name in page["nodegroups"]:
            entry = client.describe_nodegroup(clusterName=cluster, nodegroupName=name)["nodegroup"]
            found[name] = {"nodegroupName": name, **picked(entry, _GROUP)}
    return found


def _profiles(client: Client, cluster: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for page in client.get_paginator("list_fargate_profiles").paginate(clusterName=cluster):
        for name in page["fargateProfileNames"]:
            entry = client.describe_fargate_profile(clusterName=cluster, fargateProfileName=name)["fargateProfile"]
            found[name] = {"fargateProfileName": name, **picked(entry, _PROFILE)}
    return found


def _chosen(
    key: str, naming: str, held: Mapping[str, Mapping[str, Any]], params: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The parts that the metadata names, as they were but for what it changes.

    Raises:
        WorldError: One of them is not in the backup.
    """
    strange = [str(each.get(naming)) for each in params if each.get(naming) not in held]
    if strange:
        raise WorldError(f"Invalid restore metadata. {key} names {', '.join(strange)}, which the backup does not hold")
    return [_changed(held[each[naming]], _changes(each)) for each in params]


def _changed(part: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    # EKS refuses beside a launch template what that tells itself (botocore model of CreateNodegroup).
    left_out = _TEMPLATED if "launchTemplate" in changes else ()
    return {**{name: value for name, value in part.items() if name not in left_out}, **changes}


def _changes(params: Mapping[str, Any]) -> dict[str, Any]:
    named = {_RENAMED.get(name, name): value for name, value in params.items()}
    changes = {name: value for name, value in named.items() if name in (*_RENAMED.values(), *_CHANGED)}
    remote = {"ec2SshKey": params.get("remoteAccessEc2SshKey"), "sourceSecurityGroups": params.get("securityGroupIds")}
    if given := {name: value for name, value in remote.items() if value}:
        changes["remoteAccess"] = given
    template = {"id": params.get("launchTemplateId"), "version": params.get("launchTemplateVersion")}
    if given := {name: value for name, value in template.items() if value}:
        changes["launchTemplate"] = given
    return changes


def _made(client: Client, content: KubernetesCluster, params: Mapping[str, Any], tags: Mapping[str, str]) -> str:
    """The ARN of a new cluster that is ready for its node groups."""
    name = params["name"]
    more: dict[str, Any] = {"tags": dict(tags)} if tags else {}
    if "key" in params:
        more["encryptionConfig"] = [{"resources": ["secrets"], "provider": {"keyArn": params["key"]}}]
    with Taken("ResourceInUseException", f"Cluster {name}", "clusterName"):
        made = client.create_cluster(
            name=name,
            version=params.get("version", content.version),
            roleArn=params["roleArn"],
            resourcesVpcConfig={key: value for key, value in params["resourcesVpcConfig"].items() if key in _VPC},
            **more,
        )
    client.get_waiter("cluster_active").wait(name=name)
    arn: str = made["cluster"]["arn"]
    return arn
