"""What AWS Backup can do with a type of resource."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from backupkit.arn import Arn
from backupkit.catalog.arn_shape import ArnShape
from backupkit.catalog.metadata_key import MetadataKey
from backupkit.catalog.neighbour import Listing, Look, NotRestored, Removal, Target
from backupkit.catalog.restore_form import RestoreForm
from backupkit.catalog.restore_testing import RestoreTesting

__all__ = ["CLUSTER_POINT", "OWN_POINTS", "SNAPSHOT_POINT", "ArnShape", "ResourceType"]

OWN_POINTS = "arn:{partition}:backup:{region}:{account}:recovery-point:"
"""How the ARNs of points begin that AWS Backup itself keeps."""
SNAPSHOT_POINT = "arn:{partition}:ec2:{region}::snapshot/snap-{hex17}"
"""The ARN of a point that is an EBS snapshot."""
CLUSTER_POINT = "arn:{partition}:rds:{region}:{account}:cluster-snapshot:awsbackup:{job}"
"""The ARN of a point that is a snapshot of a database cluster."""


@attrs.frozen(kw_only=True)
class ResourceType:
    """A type of resource that AWS Backup protects.

    Sources: the developer guide's feature availability, plan options, access control and restore pages.
    """

    name: str
    """AWS Backup's own string for it, for example ``DynamoDB``."""
    shapes: tuple[ArnShape, ...]
    """The shapes of its resources' ARNs."""
    target: Target | None = None
    """The key that names what a restore makes; None where AWS picks the name."""
    looks: tuple[Look, ...] = ()
    """How its own service is asked whether one is there."""
    listings: tuple[Listing, ...] = ()
    """How its own services list those that are there."""
    removal: Removal | None = None
    """How one is deleted that a restore made; None where that is left to people."""
    not_restored: tuple[NotRestored, ...] = ()
    """What does not come back with a restore."""
    terraform: str = ""
    """Terraform's name of the resource; empty where it has none, or where an ARN does not tell what it imports."""
    terraform_volume: str = ""
    """The same of its volumes, where they are another."""
    terraform_id: str = "{name}"
    """What ``terraform import`` takes for one."""
    cold: bool = False
    """Whether points can move to cold storage; where not, AWS ignores the request in silence."""
    archive: bool = False
    """Whether cold storage needs the archive opt-in, and backups monthly or rarer."""
    points: str = OWN_POINTS + "{uuid}"
    """The shape of its points' ARNs (developer guide, access control)."""
    continuous_points: str | None = None
    """The shape of its continuous points' ARNs; None where there is no continuous backup."""
    cluster_points: str | None = None
    """The shape of the points of its database clusters, which are never continuous; None where it has none beside other
    resources."""
    copies: bool = False
    """Whether points can be copied to other Regions and accounts."""
    copies_across_accounts: bool = True
    """Whether that is so for other accounts, too."""
    uncopied: str = ""
    """What the ARNs of those of its points hold that cannot be copied; empty: all can."""
    copied_near_only: str = ""
    """How the resource part begins of those whose points cannot be copied to other Regions and accounts; empty: all
    can."""
    opt_in_limits: frozenset[str] = frozenset()
    """What its points cannot be copied to, in Regions that accounts must opt in to: other ``Regions``, other
    ``accounts`` (developer guide, feature availability)."""
    air_gapped: bool = False
    """Whether logically air-gapped vaults take it."""
    restore_testing: RestoreTesting | None = None
    """How restore testing plans restore it; None where they cannot."""
    testing_by_kind: Mapping[str, RestoreTesting] = attrs.field(factory=dict, hash=False)
    """The same for those of its resources that are restored as others are, by how the resource part of their ARNs
    begins."""
    size_counts: str = "unknown"
    """What the size of its points and jobs counts (botocore model, BackupSizeInBytes): ``point`` the size of the point,
    ``provisioned`` what the resource is allotted, ``changed`` what the backup transferred, ``at_least`` what was known
    so far, ``nothing``: AWS tells no size, or 0; ``unknown`` where AWS does not say."""
    fully_managed: bool = False
    """Whether the vault's key encrypts its points, whose ARNs are then AWS Backup's own."""
    copies_source_tags: bool = True
    """Whether a restore can take CopySourceTagsToRestoredResource; where not, asking for it fails the job."""

    stoppable: bool = True
    """Whether StopBackupJob can stop its jobs (botocore model, StopBackupJob)."""
    completion_window: bool = True
    """Whether a job that runs longer than its completion window is cancelled."""
    shares_arn: bool = False
    """Whether its ARNs do not tell it from other types, or one flavour from another."""

    id_prefix: str | None = None
    """How the ids begin that AWS gives to what a restore makes; None where the restore names it, or it is not known."""
    restore_policy: str = "AWSBackupServiceRolePolicyForRestores"
    """The managed policy that a role needs to restore it."""
    cluster_service: str = "rds"
    """boto3's name of the service that its instances are added through, where it is a database cluster."""
    opted_in: bool = True
    """Whether a new Region is opted in to it."""
    management_setting: bool = False
    """Whether a Region's settings say that AWS Backup manages its backups in full."""
    incremental_setting: bool = False
    """Whether a Region's settings can ask for backups of changes alone."""
    indexable: bool = False
    """Whether its points can have a backup index."""
    scannable: bool = False
    """Whether its points can be scanned for malware."""
    backup_options: tuple[str, ...] = ()
    """The options of an AdvancedBackupSetting for it."""
    composite: bool = False
    """Whether its backups are composites, with a nested point for each part."""
    restores_composites: bool = False
    """Whether a composite is restored as a whole; where not, the points nested in it are, each by itself."""
    audited: bool = False
    """Whether the controls of Audit Manager evaluate it (developer guide, feature availability by resource)."""
    config_type: str = ""
    """AWS Config's string for it, for example ``AWS::DynamoDB::Table``."""
    aws_key: str = ""
    """The service in the alias of the key that AWS manages for its snapshots, for example ``rds``; empty for none."""

    restore_forms: tuple[RestoreForm, ...] = ()
    """The ways to restore it, each with its table of metadata keys; the first is the usual one."""
    restored_as: frozenset[str] = frozenset()
    """The other types whose requests its points take."""
    tolerates_unknown_keys: bool = False
    """Whether public requests were seen to succeed with keys that no page names."""
    refuses_at_once: bool = False
    """Whether StartRestoreJob itself refuses wrong metadata, instead of the job."""

    @property
    def becomes(self) -> frozenset[str]:
        """The other types that its points can become, by requests of its own or of theirs."""
        return self.restored_as | {form.makes for form in self.restore_forms if form.makes}

    @property
    def restore_keys(self) -> tuple[MetadataKey, ...]:
        """The keys of all its forms, each name once."""
        found = {key.name.casefold(): key for form in reversed(self.restore_forms) for key in form.keys}
        return tuple(sorted(found.values(), key=lambda key: key.name.casefold()))

    @property
    def continuous(self) -> bool:
        """Whether continuous backup, and so point-in-time recovery, exists."""
        return self.continuous_points is not None

    def tested_as(self, resource_arn: str) -> RestoreTesting | None:
        """How restore testing plans restore a resource of the type."""
        resource = resource_arn.split(":", 5)[-1]
        others = (how for start, how in self.testing_by_kind.items() if resource.startswith(start))
        return next(others, self.restore_testing)

    def keeps_continuously(self, resource_arn: str) -> bool:
        """Whether a resource of the type can be backed up continuously."""
        return self.continuous and not self._is_cluster(resource_arn)

    def point_shape(self, resource_arn: str) -> str:
        """The shape of the ARNs of a resource's points that are not continuous."""
        return self.cluster_points if self.cluster_points and self._is_cluster(resource_arn) else self.points

    def _is_cluster(self, resource_arn: str) -> bool:
        return self.cluster_points is not None and ":cluster:" in resource_arn

    def copies_point(self, point_arn: str) -> bool:
        """Whether a point of the type can be copied."""
        return self.copies and not (self.uncopied and self.uncopied in point_arn)

    def copies_far(self, resource_arn: str) -> bool:
        """Whether points of a resource can be copied to other Regions and accounts."""
        return not self.copied_near_only or not resource_arn.split(":", 5)[-1].startswith(self.copied_near_only)

    def names(self, arn: Arn) -> bool:
        """Whether the ARN is one of a resource of this type."""
        return any(shape.fits(arn) for shape in self.shapes)
