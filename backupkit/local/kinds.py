"""What the local service knows of each resource type: its ARNs, its points' ARNs, and what its points can do.

Sources: the developer guide's feature availability, plan options and access control pages, and the botocore model
(StopBackupJob).
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

import attrs

from backupkit.arn import Arn
from backupkit.errors import InvalidValueError

__all__ = ["KINDS", "SHARED_ARNS", "Kind", "kind_named", "managed", "name_in", "shaped", "type_of"]

_OWN = "arn:{partition}:backup:{region}:{account}:recovery-point:"
_MANAGED = _OWN + "{uuid}"
_SNAPSHOT = "arn:{partition}:ec2:{region}::snapshot/snap-{hex17}"
_CLUSTER = "arn:{partition}:rds:{region}:{account}:cluster-snapshot:awsbackup:{job}"


@attrs.frozen(kw_only=True)
class Kind:
    """A resource type."""

    name: str
    service: str = ""
    resource: tuple[str, ...] = ()
    """How the resource part of its ARN may begin; empty for any."""
    point: str = _MANAGED
    """The shape of its points' ARNs."""
    continuous_point: str | None = None
    """The shape of its continuous points' ARNs; None where there are none."""
    cold: bool = False
    archive: bool = False
    """Whether cold storage needs OptInToArchiveForSupportedResources."""
    stoppable: bool = True
    completion_window: bool = True
    """Whether a job that runs longer than its completion window is cancelled."""
    copies: bool = True
    copies_source_tags: bool = True

    @property
    def continuous(self) -> bool:
        """Whether continuous backup exists."""
        return self.continuous_point is not None


_ALL = (
    Kind(
        name="Aurora", service="rds", resource=("cluster:",), point=_CLUSTER, stoppable=False,
        continuous_point=_OWN + "continuous:cluster-{hex17}",
    ),
    Kind(name="Aurora DSQL", service="dsql", resource=("cluster/",), cold=True),
    Kind(name="CloudFormation", service="cloudformation", resource=("stack/",), cold=True),
    Kind(name="DocumentDB", point=_CLUSTER, stoppable=False),
    Kind(name="DynamoDB", service="dynamodb", resource=("table/",), cold=True, copies_source_tags=False),
    Kind(name="EBS", service="ec2", resource=("volume/",), point=_SNAPSHOT, cold=True, archive=True),
    Kind(name="EC2", service="ec2", resource=("instance/",), point="arn:{partition}:ec2:{region}::image/ami-{hex17}"),
    Kind(name="EFS", service="elasticfilesystem", resource=("file-system/",), cold=True),
    Kind(name="EKS", service="eks", resource=("cluster/",), point=_OWN + "composite:eks/{name}-{stamp}"),
    Kind(
        name="FSx", service="fsx", resource=("file-system/", "volume/"), stoppable=False, completion_window=False,
        point="arn:{partition}:fsx:{region}:{account}:backup/backup-{hex17}",
    ),
    Kind(name="Neptune", point=_CLUSTER, stoppable=False),
    Kind(
        name="RDS", service="rds", resource=("db:",), stoppable=False,
        point="arn:{partition}:rds:{region}:{account}:snapshot:awsbackup:{job}",
        continuous_point=_OWN + "continuous:db-{hex17}",
    ),
    Kind(
        name="Redshift", service="redshift", resource=("cluster:",), copies=False,
        point="arn:{partition}:redshift:{region}:{account}:snapshot:{name}/awsbackup:{job}",
    ),
    Kind(
        name="Redshift Serverless", service="redshift-serverless", resource=("namespace/",), copies=False,
        point="arn:{partition}:redshift-serverless:{region}:{account}:snapshot/{uuid}",
    ),
    Kind(
        name="S3", service="s3", point=_OWN + "{name}-{stamp}-{hex8}", copies_source_tags=False,
        continuous_point=_OWN + "continuous:{name}-{hex8}",
    ),
    Kind(
        name="SAP HANA on Amazon EC2", service="ssm-sap", resource=("HANA/",), cold=True, stoppable=False,
        copies_source_tags=False, continuous_point=_OWN + "continuous:{uuid}",
    ),
    Kind(name="Storage Gateway", service="storagegateway", resource=("gateway/",), point=_SNAPSHOT),
    Kind(
        name="Timestream", service="timestream", resource=("database/",), cold=True, copies_source_tags=False,
        point=_OWN + "{uuid}_beta",
    ),
    Kind(
        name="VirtualMachine", service="backup-gateway", resource=("vm/",), cold=True, copies_source_tags=False,
    ),
)  # fmt: skip

KINDS: dict[str, Kind] = {kind.name: kind for kind in _ALL}
"""The kinds by AWS Backup's own type strings."""

SHARED_ARNS = frozenset({"Aurora", "DocumentDB", "Neptune", "FSx"})
"""Types that share one shape of ARN, so that naming them by ARN does not override an opt-out."""

BASIC_TABLE = "arn:{partition}:dynamodb:{region}:{account}:table/{name}/backup/0{millis}-{hex8}"
"""The shape of a DynamoDB point where the advanced features are off."""

_UNKNOWN = Kind(name="")


def kind_named(resource_type: str) -> Kind:
    """The kind of this type string; one that can do the least where it is not known."""
    return KINDS.get(resource_type, _UNKNOWN)


@lru_cache(maxsize=65536)
def type_of(arn: str) -> str | None:
    """The type string that an ARN names; Aurora for every ``rds`` cluster; None where it is not known."""
    try:
        parsed = Arn.parse(arn)
    except InvalidValueError:
        return None
    fitting = (
        kind.name
        for kind in _ALL
        if kind.service == parsed.service and (not kind.resource or parsed.resource.startswith(kind.resource))
    )
    return next(fitting, None)


@lru_cache(maxsize=65536)
def name_in(arn: str) -> str:
    """The name that an ARN ends with."""
    return Arn.parse(arn).name


def managed(point_arn: str) -> bool:
    """Whether AWS Backup itself keeps the point, encrypted with its vault's key; the ARN tells."""
    return point_arn.split(":", 3)[2] == "backup"


def shaped(shape: str, *, place: tuple[str, str, str], source: str, job: str, now: datetime, bits: int) -> str:
    """A point's ARN.

    Args:
        shape: One of the shapes above.
        place: Partition, Region and account of the vault.
        source: The resource's ARN.
        job: ``job-<id>`` or ``copyjob-<id>``.
        now: When it is made.
        bits: 128 random bits.
    """
    digits = f"{bits:032x}"
    return shape.format(
        partition=place[0],
        region=place[1],
        account=place[2],
        name=name_in(source),
        job=job,
        uuid=f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}",
        hex17=digits[:17],
        hex8=digits[:8],
        stamp=f"{now:%Y%m%d%H%M%S}",
        millis=int(now.timestamp() * 1000),
    )
