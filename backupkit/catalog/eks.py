"""EKS clusters: a composite of the cluster's state and of its volumes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import ClassVar

import attrs

from backupkit.arn import Arn, arn_or_none, arn_text
from backupkit.catalog.metadata_key import Encoding, MetadataKey
from backupkit.catalog.names import EKS_CLUSTER_NAME, KMS_KEY
from backupkit.catalog.naming import alternatives
from backupkit.catalog.neighbour import Listing, Look, NotRestored, Target
from backupkit.catalog.point_facts import PointFacts
from backupkit.catalog.request import Request, RestoreRequest, by_itself, mapping, strings, structures
from backupkit.catalog.resource_type import OWN_POINTS, ArnShape, ResourceType
from backupkit.catalog.restore_form import RestoreForm
from backupkit.catalog.structure import Structure
from backupkit.checks import Pattern
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, quote

__all__ = ["TYPE", "ClusterVpcConfig", "EKSCluster", "FargateProfile", "NodeGroup", "PodIdentityAssociation"]

_ROLE = Pattern("role", r"arn:aws[a-z-]*:iam::\d{12}:role/.+", "the ARN of a role")
_VOLUMES = ("EBS", "EFS", "S3")
"""The types of the points that are nested in a cluster's."""
_NEW_ONLY = {"newCluster": "true"}
_SOME = {"namespaceLevelRestore": "true"}
_COMMON = (
    MetadataKey("clusterName", required=True, pattern=EKS_CLUSTER_NAME, seen=True),
    MetadataKey("newCluster", Encoding.BOOLEAN, seen=True),
    MetadataKey("kubernetesRestoreOrder", Encoding.LIST, seen=True),
    MetadataKey("namespaceLevelRestore", Encoding.BOOLEAN, seen=True),
    MetadataKey("namespaces", Encoding.LIST, minimum=1, maximum=5, goes_with=_SOME, required_with=_SOME, seen=True),
    MetadataKey("restoreKubernetesManifestsOnly", Encoding.BOOLEAN, seen=True),
    MetadataKey("nestedRestoreJobs", Encoding.TEXT_OBJECT, seen=True),
    MetadataKey("namespacePvMapping", Encoding.OBJECT, seen=True, source="documents of the console; no page names it"),
)
_NEW = (
    *_COMMON,
    MetadataKey("eksClusterVersion", seen=True),
    MetadataKey("clusterRole", pattern=_ROLE, required=True, seen=True),
    MetadataKey("clusterVpcConfig", Encoding.OBJECT, required=True, required_members=("subnetIds",), seen=True),
    MetadataKey("encryptionConfigProviderKeyArn", pattern=KMS_KEY),
    MetadataKey("controlPlaneScalingTier"),
    MetadataKey("nodeGroups", Encoding.OBJECTS, required_members=("nodeGroupId", "subnetIds", "nodeRole"), seen=True),
    MetadataKey("fargateProfiles", Encoding.OBJECTS, required_members=("name", "podExecutionRoleArn"), seen=True),
    MetadataKey("podIdentityAssociations", Encoding.OBJECTS, seen=True),
)
RESTORE = (
    RestoreForm(name="an existing cluster", source="restoring-eks.md", keys=_COMMON, adds=True),
    RestoreForm(name="a new cluster", source="restoring-eks.md", keys=_NEW, when=_NEW_ONLY),
)
"""What StartRestoreJob takes."""

TYPE = ResourceType(
    name="EKS",
    size_counts="point",
    target=Target("clusterName", "arn:{partition}:eks:{region}:{account}:cluster/{value}", new="new_cluster=True"),
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
            created="cluster.createdAt",
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
    listings=(
        Listing(
            service="eks",
            method="list_clusters",
            found="clusters[].{id: @}",
            arn="arn:{partition}:eks:{region}:{account}:cluster/{id}",
        ),
    ),
    points=OWN_POINTS + "composite:eks/{name}-{stamp}",
    copies=True,
    fully_managed=True,
    config_type="AWS::EKS::Cluster",
    composite=True,
    restores_composites=True,
    restore_forms=RESTORE,
)


@attrs.frozen
class ClusterVpcConfig(Structure):
    """Where the control plane of a new cluster is reached."""

    _LOWER: ClassVar[bool] = True

    subnet_ids: tuple[str, ...]
    security_group_ids: tuple[str, ...] | None = None
    vpc_id: str | None = None


@attrs.frozen
class NodeGroup(Structure):
    """A node group of the backup, in a new cluster."""

    _LOWER: ClassVar[bool] = True
    _MEMBERS: ClassVar[Mapping[str, str]] = {"remote_access_ec2_ssh_key": "remoteAccessEc2SshKey"}

    node_group_id: str
    subnet_ids: tuple[str, ...]
    node_role: str = attrs.field(converter=arn_text)
    instance_types: tuple[str, ...] | None = None
    security_group_ids: tuple[str, ...] | None = None
    remote_access_ec2_ssh_key: str | None = None
    launch_template_id: str | None = None
    launch_template_version: str | None = None


@attrs.frozen
class FargateProfile(Structure):
    """A Fargate profile of the backup, in a new cluster."""

    _LOWER: ClassVar[bool] = True

    name: str
    pod_execution_role_arn: str
    subnet_ids: tuple[str, ...] | None = None


@attrs.frozen
class PodIdentityAssociation(Structure):
    """The role of a pod identity of the backup, in a new cluster."""

    _LOWER: ClassVar[bool] = True

    association_id: str
    role_arn: str | None = attrs.field(default=None, converter=arn_or_none)


def nested(
    jobs: Mapping[str, RestoreRequest | Mapping[str, str]] | Mapping[Arn, RestoreRequest | Mapping[str, str]],
) -> dict[str, str]:
    """Restores of volumes as EKS takes them: for each point, its metadata as JSON text.

    Raises:
        InvalidValueError: It is not a mapping of points to requests or metadata.
    """
    if not isinstance(jobs, Mapping):
        raise InvalidValueError(
            Problem("restore/nested_restore_jobs", f"{quote(jobs)} is not a mapping", "give points' ARNs with requests")
        )
    pairs: Iterable[tuple[Arn | str, RestoreRequest | Mapping[str, str]]] = jobs.items()
    return {arn_text(arn): _nested(arn_text(arn), job) for arn, job in pairs}


def _nested(arn: str, job: RestoreRequest | Mapping[str, str] | str) -> str:
    match job:
        case str():
            return _texts(arn, job)
        case RestoreRequest():
            if job.resource_type not in _VOLUMES:
                what = f"{type(job).__name__} does not restore a volume of a cluster"
                raise InvalidValueError(
                    Problem("restore/nested_restore_jobs", what, f"give a request of {alternatives(_VOLUMES)}")
                )
            facts = PointFacts(resource_type=job.resource_type, point_arn=arn)
            return json.dumps(by_itself(job, facts) if isinstance(job, Request) else job.requested(facts))
        case _:
            return json.dumps(mapping(job))


def _texts(arn: str, job: str) -> str:
    """Metadata that is JSON text already."""
    try:
        found: object = json.loads(job)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        what = f"what is given for {arn} is not a JSON object"
        raise InvalidValueError(
            Problem("restore/nested_restore_jobs", what, 'give a request such as bk.restore.EBSVolume("us-east-1a")')
        )
    return job


@attrs.frozen(repr=False)
class EKSCluster(Request):
    """Restore a point to an EKS cluster that exists, or to a new one. What is in a cluster stays: objects are added.

    Objects that are there already are skipped, and the job is COMPLETED all the same. A restore of namespaces brings
    back the objects of the whole cluster as well (developer guide, 2026). Services and Ingresses do not come back.

    Documented, not seen in use: encryption_config_provider_key_arn, control_plane_scaling_tier.

    Args:
        cluster_name: The cluster: up to 100 letters, digits, - and _.
        new_cluster: Whether AWS Backup makes it; it then needs ``cluster_role`` and ``cluster_vpc_config``.
        eks_cluster_version: Of a new cluster. None: as the backup.
        cluster_role: The ARN of the role of a new cluster.
        cluster_vpc_config: `ClusterVpcConfig` of a new cluster.
        encryption_config_provider_key_arn: A KMS key for the secrets of a new cluster; in another Region or account
            another than the source's.
        control_plane_scaling_tier: Of a new cluster. None: as the backup.
        node_groups: `NodeGroup` for every node group of the backup.
        fargate_profiles: `FargateProfile` for every profile of the backup.
        pod_identity_associations: `PodIdentityAssociation` for those whose role is another.
        kubernetes_restore_order: ``group/version/kind`` or ``version/kind``, the first first.
        namespace_level_restore: Whether only ``namespaces`` come back, up to 5.
        restore_kubernetes_manifests_only: Whether volumes are left out.
        nested_restore_jobs: By the ARN of each volume's point, the request that restores it, for example
            ``bk.restore.EBSVolume("us-east-1a")``, or its metadata.
        namespace_pv_mapping: ARNs of volumes by their namespaces, as the console sends them.
        extra_metadata: Keys that backupkit has no field for; they win.

    Raises:
        InvalidValueError: A name or value that AWS would refuse.
    """

    KIND: ClassVar[ResourceType] = TYPE
    FORMS: ClassVar[tuple[RestoreForm, ...]] = RESTORE

    cluster_name: str
    new_cluster: bool | None = attrs.field(default=None, kw_only=True)
    eks_cluster_version: str | None = attrs.field(default=None, kw_only=True)
    cluster_role: str | None = attrs.field(default=None, kw_only=True, converter=arn_or_none)
    cluster_vpc_config: ClusterVpcConfig | Mapping[str, object] | None = attrs.field(
        default=None, kw_only=True, hash=False
    )
    encryption_config_provider_key_arn: str | None = attrs.field(default=None, kw_only=True, converter=arn_or_none)
    control_plane_scaling_tier: str | None = attrs.field(default=None, kw_only=True)
    node_groups: tuple[Structure | Mapping[str, object], ...] = attrs.field(
        default=(), converter=structures, kw_only=True, hash=False
    )
    fargate_profiles: tuple[Structure | Mapping[str, object], ...] = attrs.field(
        default=(), converter=structures, kw_only=True, hash=False
    )
    pod_identity_associations: tuple[Structure | Mapping[str, object], ...] = attrs.field(
        default=(), converter=structures, kw_only=True, hash=False
    )
    kubernetes_restore_order: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    namespace_level_restore: bool | None = attrs.field(default=None, kw_only=True)
    namespaces: tuple[str, ...] = attrs.field(default=(), converter=strings, kw_only=True)
    restore_kubernetes_manifests_only: bool | None = attrs.field(default=None, kw_only=True)
    nested_restore_jobs: Mapping[str, RestoreRequest | Mapping[str, str]] | None = attrs.field(
        default=None, converter=attrs.converters.optional(nested), kw_only=True, hash=False, repr=False
    )
    namespace_pv_mapping: Mapping[str, object] | None = attrs.field(default=None, kw_only=True, hash=False)
