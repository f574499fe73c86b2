"""One synthetic resource, what a point holds and tells of it, and how what a restore makes of it is called."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime

import attrs
import msgspec

from backupkit.arn import Arn
from backupkit.catalog.restore_form import chosen
from backupkit.emulator.kernel.kinds import kind_named, name_in
from backupkit.emulator.kernel.resource_protocol import Inspected, Metadata

__all__ = ["MOST_BYTES", "Resource", "SyntheticContent", "digest", "made_type", "new_arn", "source_metadata"]

_DAY_SECONDS = 86_400.0
_ITEM_BYTES = 1_000_000
MOST_BYTES = 2**63 - 1
"""The largest size that AWS's API can tell."""


@attrs.frozen
class Resource:
    """One synthetic resource.

    Args:
        arn: Its ARN.
        resource_type: AWS Backup's type string.
        size_bytes: Its size when it was first backed up.
        tags: Its tags.
        daily_change: What part of it is another each day: 0.02 is two in a hundred.
        contents: Stands for what is in it; a restored resource has that of the moment of its backup.
        since: When it was first backed up; it changes from then on.
        members: What a stack or cluster is made of: ARNs by their logical ids.
        malware: The names of the items in it that are malware.
        sealed: The names of the items in it that no scanner can read.
        key_arn: The KMS key that encrypts it, where that matters.
        daily_growth: By what part of its first size it grows each day; None: as much as it changes.
    """

    arn: str
    resource_type: str
    size_bytes: int
    tags: Mapping[str, str] = attrs.field(factory=dict)
    daily_change: float = 0.0
    contents: str = ""
    since: datetime | None = None
    members: Mapping[str, str] = attrs.field(factory=dict)
    malware: frozenset[str] = frozenset()
    sealed: frozenset[str] = frozenset()
    key_arn: str | None = None
    daily_growth: float | None = None

    def at(self, now: datetime) -> Resource:
        """The resource as it is at ``now``, changed by all the days since its first backup."""
        contents = digest(self.contents, str((now - (self.since or now)).days))
        return attrs.evolve(self, size_bytes=self.size_at(now), contents=contents, since=now)

    def size_at(self, now: datetime) -> int:
        """Its bytes at ``now``."""
        if self.since is None:
            return self.size_bytes
        growth = self.daily_change if self.daily_growth is None else self.daily_growth
        grown = self.size_bytes * (1.0 + growth * (now - self.since).total_seconds() / _DAY_SECONDS)
        return int(grown) if grown < MOST_BYTES else MOST_BYTES

    @property
    def changes(self) -> bool:
        """Whether it is not the same every day."""
        return bool(self.daily_change or self.daily_growth)


class SyntheticContent(msgspec.Struct, frozen=True, gc=False):
    """What a point holds of a synthetic resource: itself, and the moment where it changes. There are many of these."""

    resource: Resource
    moment: datetime | None

    def at(self, moment: datetime) -> SyntheticContent:
        """What a point holds that goes on from this one, at a later moment."""
        return SyntheticContent(self.resource, moment) if self.moment is not None else self

    def captured(self) -> Resource:
        """The resource as it was then."""
        return self.resource.at(self.moment) if self.moment is not None else self.resource

    def inspected(self) -> Inspected:
        """What is in it: an item for each megabyte begun, and what was put into it by name."""
        resource = self.captured()
        named = len(resource.malware | resource.sealed)
        return Inspected(-(-resource.size_bytes // _ITEM_BYTES) + named, resource.malware, resource.sealed)


def digest(*parts: str) -> str:
    """What stands for contents that come of these parts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


# ---- What a point tells of its source ----
# A synthetic resource has no settings, so it has the usual ones of its type, and no ids of what is not there: no
# subnets, security groups or key pairs. Of the types of which no answer of AWS is public (S3, FSx, Storage Gateway,
# Redshift, CloudFormation, EKS, VMware, Multi-AZ clusters of RDS), nothing is told. Sources: the developer guide's
# examples, and answers that public programs printed.


_Tell = Callable[[Resource, Arn], dict[str, str]]


def source_metadata(resource: Resource) -> dict[str, str]:
    """Return what GetRecoveryPointRestoreMetadata tells of the source of a point."""
    tell = _TELL.get(resource.resource_type)
    return tell(resource, Arn.parse(resource.arn)) if tell is not None else {}


def _database(resource: Resource, arn: Arn) -> dict[str, str]:
    if arn.kind != "db":
        return {}
    return {
        "DBInstanceIdentifier": name_in(resource.arn),
        "DBInstanceClass": "db.t3.micro",
        "Engine": "mysql",
        "EngineVersion": "8.0.40",
        "Port": "3306",
        "AvailabilityZone": f"{arn.region}a",
        "MultiAZ": "false",
        "PubliclyAccessible": "false",
        "CopyTagsToSnapshot": "false",
        "EnableCloudwatchLogsExports": "[]",
    }


def _cluster(
    engine: str, version: str, port: int, more: Mapping[str, str]
) -> Callable[[Resource, Arn], dict[str, str]]:
    def tell(resource: Resource, arn: Arn) -> dict[str, str]:  # noqa: ARG001 - the shape of them all
        return {
            "Engine": engine,
            "EngineVersion": version,
            "Port": str(port),
            "AvailabilityZones": json.dumps([f"{arn.region}{letter}" for letter in "abc"]),
            "CopyTagsToSnapshot": "false",
            "EnableCloudwatchLogsExports": "[]",
            **more,
        }

    return tell


def _instance(resource: Resource, arn: Arn) -> dict[str, str]:  # noqa: ARG001 - the shape of them all
    placement = {"AvailabilityZone": f"{arn.region}a", "GroupName": "", "Tenancy": "default"}
    return {
        "InstanceType": "t2.micro",
        "InstanceInitiatedShutdownBehavior": "stop",
        "EbsOptimized": "false",
        "DisableApiTermination": "false",
        "CpuOptions": json.dumps({"CoreCount": 1, "ThreadsPerCore": 1}),
        "CreditSpecification": json.dumps({"CpuCredits": "standard"}),
        "HibernationOptions": json.dumps({"Configured": False}),
        "Monitoring": json.dumps({"State": "disabled"}),
        "CapacityReservationSpecification": json.dumps({"CapacityReservationPreference": "open"}),
        "Placement": json.dumps(placement),
        "NetworkInterfaces": "[]",
    }


def _time_series(resource: Resource, arn: Arn) -> dict[str, str]:
    return {
        "TableName": name_in(resource.arn),
        "DatabaseName": arn.resource.removeprefix("database/").split("/")[0],
        "MemoryStoreRetentionPeriodInHours": "6",
        "MagneticStoreRetentionPeriodInDays": "73000",
        "EnableMagneticStoreWrites": "false",
    }


_TELL: Mapping[str, _Tell] = {
    "Aurora": _cluster("aurora-postgresql", "16.4", 5432, {"EngineMode": "provisioned", "DatabaseName": ""}),
    "DSQL": lambda resource, _: {"cluster_id": name_in(resource.arn)},
    "DocumentDB": _cluster("docdb", "5.0.0", 27_017, {}),
    "DynamoDB": lambda resource, _: {"originalTableName": name_in(resource.arn)},
    "EBS": lambda resource, _: {
        "encrypted": str(resource.key_arn is not None).lower(),
        "volumeId": name_in(resource.arn),
    },
    "EC2": _instance,
    "EFS": lambda resource, _: {"file-system-id": name_in(resource.arn)},
    "Neptune": _cluster("neptune", "1.3.2.1", 8182, {}),
    "RDS": _database,
    "SAP HANA on Amazon EC2": lambda resource, _: {
        "SourceDatabaseArn": resource.arn,
        "DatabaseName": name_in(resource.arn),
        "IsCompressedBySap": "FALSE",
        "IsEncryptedBySap": "FALSE",
    },
    "Timestream": _time_series,
}


# ---- What a restore makes ----


_CHOSEN_ID = "restored-"


def made_type(resource_type: str, metadata: Mapping[str, str]) -> str:
    """Return the type of what a restore makes: a virtual machine becomes an instance or a volume, for example."""
    forms = kind_named(resource_type).restore_forms
    return (chosen(forms, None, metadata).makes if forms else "") or resource_type


def new_arn(
    source: Resource, resource_type: str, metadata: Metadata, account_id: str, region_name: str, now: datetime
) -> str:
    """The ARN of what a restore makes of the source: with the name that the metadata gives, or an id of its own.

    Args:
        source: What the point holds.
        resource_type: The type of what is made.
        metadata: The metadata of the restore.
        account_id: Where to.
        region_name: Where to.
        now: The service's time.

    Raises:
        WorldError: The metadata lacks the name.
    """
    parsed = Arn.parse(source.arn)
    here = attrs.evolve(
        parsed, region=region_name if parsed.region else "", account=account_id if parsed.account else ""
    )
    digits = digest(source.contents, now.isoformat(), *metadata.values())[:17]
    if resource_type == "Storage Gateway":
        return f"{metadata.need('gatewayArn')}/volume/vol-{digits}"
    if resource_type != source.resource_type:
        return _as_another(resource_type, metadata, attrs.evolve(here, region=region_name, account=account_id), digits)
    return str(attrs.evolve(here, resource=_resource(source.resource_type, metadata, parsed, digits)))


def _resource(resource_type: str, metadata: Metadata, arn: Arn, digits: str) -> str:
    """The resource part of the ARN of one more of the same type."""
    if resource_type == "Timestream":
        return f"database/{metadata.need('DatabaseName')}/table/{metadata.need('TableName')}"
    if resource_type == "FSx" and arn.kind == "volume":
        return f"{arn.resource.rpartition('/')[0]}/fsvol-{digits}"
    # A bucket's ARN has no kind, and so nothing that parts it from the name.
    separator = arn.resource[len(arn.kind)] if arn.kind else ""
    key, prefix = _name_key(resource_type, arn), kind_named(resource_type).id_prefix
    name = metadata.need(key) if key is not None else (_CHOSEN_ID if prefix is None else prefix) + digits
    if resource_type == "CloudFormation":
        # The stack is made for a change set, which it waits for (developer guide, restoring application stacks).
        metadata.need("ChangeSetName")
        name = f"{name}/{digits}"
    return f"{arn.kind}{separator}{name}"


def _as_another(resource_type: str, metadata: Metadata, here: Arn, digits: str) -> str:
    """The ARN of what is of another type than its source."""
    kind = kind_named(resource_type)
    name = metadata.need(kind.target.key) if kind.target is not None else f"{kind.id_prefix or _CHOSEN_ID}{digits}"
    shape = kind.shapes[0]
    return str(attrs.evolve(here, service=shape.service, resource=f"{shape.resource}{name}"))


def _name_key(resource_type: str, arn: Arn) -> str | None:
    """The key that names what a restore makes; None where AWS picks an id."""
    if resource_type == "CloudFormation":
        return "StackName"
    # The clusters of RDS are restored as Aurora's are.
    target = kind_named("Aurora" if resource_type == "RDS" and arn.kind == "cluster" else resource_type).target
    return target.key if target is not None and not target.existing else None
