"""What restore testing restores a point with: the metadata that AWS infers, and what a selection may put in its place.

Source: the developer guide's page on inferred metadata.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from uuid import NAMESPACE_URL, uuid5

import attrs

from backupkit.local.cloud import Cloud
from backupkit.local.operations import answers, refuse
from backupkit.local.sharing import reach
from backupkit.local.state import Document, Place, Point
from backupkit.local.world import RESTORE_TEST
from backupkit.local.world.metadata import Metadata

__all__ = ["KINDS", "Testable", "foreign", "inferred", "overridden"]

_SOURCE = "botocore model; developer guide, inferred metadata of restore testing"


@attrs.frozen
class _Asked:
    """The point, and what stands for chance: the same seed infers the same."""

    place: Place
    point: Point
    seed: str

    @property
    def name(self) -> str:
        """The name of what is restored."""
        return f"{RESTORE_TEST}-{uuid5(NAMESPACE_URL, self.seed).hex}"

    def zones(self, count: int) -> list[str]:
        """Some of the Region's first three availability zones."""
        first = uuid5(NAMESPACE_URL, self.seed).int % 3
        return [f"{self.place.region_name}{'abc'[(first + position) % 3]}" for position in range(count)]

    def held(self, key: str, named: str) -> dict[str, str]:
        """What the point itself tells under ``key``, as ``named``; nothing where it tells nothing."""
        value = Metadata(self.point.restore_metadata).get(key)
        return {named: value} if value else {}


def _table(asked: _Asked) -> dict[str, str]:
    return {"deletionProtection": "false", "encryptionType": "Default", "targetTableName": asked.name}


def _volume(asked: _Asked) -> dict[str, str]:
    return {"availabilityZone": asked.zones(1)[0], "encrypted": "true"}


def _instance(asked: _Asked) -> dict[str, str]:
    kind = asked.held("InstanceType", "instanceType")
    return {"disableApiTermination": "false", **kind, "requireImdsV2": "true"}


def _file_system(asked: _Asked) -> dict[str, str]:
    return {
        "encrypted": "true",
        **asked.held("file-system-id", "file-system-id"),
        "kmsKeyId": "alias/aws/elasticfilesystem",
        "newFileSystem": "true",
        "performanceMode": "generalPurpose",
    }


def _cluster(asked: _Asked) -> dict[str, str]:
    engine = asked.held("Engine", "engine")
    return {"availabilityZones": json.dumps(asked.zones(3)), "dbClusterIdentifier": asked.name, **engine}


def _database(asked: _Asked) -> dict[str, str]:
    return {
        "dbInstanceIdentifier": asked.name,
        "deletionProtection": "false",
        "multiAz": "false",
        "publiclyAccessible": "false",
    }


def _bucket(asked: _Asked) -> dict[str, str]:
    return {
        "destinationBucketName": asked.name,
        "encrypted": "true",
        "encryptionType": "SSE-S3",
        "newBucket": "true",
    }


def _share(asked: _Asked) -> dict[str, str]:  # noqa: ARG001 - the shape of them all
    # Each of the four file systems of FSx has its own, and a point does not tell which one it is of.
    return {}


@attrs.frozen
class Testable:
    """A type that restore testing has: what is inferred for it, and which keys, in lower case, may be overridden."""

    infer: Callable[[_Asked], dict[str, str]]
    overridable: frozenset[str]


def _keys(text: str) -> frozenset[str]:
    return frozenset(text.casefold().split())


_CLUSTER = Testable(
    _cluster,
    _keys(
        "availabilityZones databaseName dbClusterParameterGroupName dbSubnetGroupName enableCloudwatchLogsExports "
        "enableIamDatabaseAuthentication engine engineMode engineVersion kmsKeyId port optionGroupName "
        "scalingConfiguration vpcSecurityGroupIds"
    ),
)

KINDS: Mapping[str, Testable] = {
    "Aurora": _CLUSTER,
    "DocumentDB": _CLUSTER,
    "DynamoDB": Testable(_table, _keys("encryptionType kmsMasterKeyArn")),
    "EBS": Testable(_volume, _keys("availabilityZone iops kmsKeyId throughput volumeSize volumeType")),
    "EC2": Testable(
        _instance, _keys("iamInstanceProfileName instanceType requireImdsV2 requiredImdsV2 securityGroupIds subnetId")
    ),
    "EFS": Testable(_file_system, _keys("kmsKeyId performanceMode")),
    "FSx": Testable(
        _share,
        _keys(
            "kmsKeyId lustreConfiguration ontapConfiguration openZfsConfiguration securityGroupIds subnetIds "
            "windowsConfiguration"
        ),
    ),
    "Neptune": _CLUSTER,
    "RDS": Testable(
        _database,
        _keys(
            "allocatedStorage availabilityZones dbInstanceClass dbName dbParameterGroupName dbSubnetGroupName domain "
            "domainIamRoleName enableCloudwatchLogsExports enableIamDatabaseAuthentication iops licenseModel multiAz "
            "optionGroupName port processorFeatures publiclyAccessible storageType vpcSecurityGroupIds"
        ),
    ),
    "S3": Testable(_bucket, _keys("encryptionType kmsKey")),
}
"""The types that restore testing has, by AWS Backup's own strings."""


def inferred(place: Place, point: Point, seed: str) -> dict[str, str]:
    """The metadata that AWS infers for a point of one of `KINDS`; ``seed`` decides the name and the zones."""
    return KINDS[point.resource_type].infer(_Asked(place, point, seed))


def foreign(resource_type: str, overrides: Mapping[str, str]) -> list[str]:
    """The keys of ``overrides`` that cannot be overridden; case does not count."""
    known = KINDS[resource_type].overridable
    return [key for key in overrides if key.casefold() not in known]


def overridden(resource_type: str, metadata: Mapping[str, str], overrides: Mapping[str, str]) -> dict[str, str]:
    """The metadata with the overrides that AWS allows in place of what was inferred, above all never the name."""
    known = KINDS[resource_type].overridable
    taken = {key: value for key, value in overrides.items() if key.casefold() in known}
    hidden = {key.casefold() for key in taken}
    return {**{key: value for key, value in metadata.items() if key.casefold() not in hidden}, **taken}


@answers("GetRestoreTestingInferredMetadata", source=_SOURCE, lacks="FSx's metadata")
def _inferred(cloud: Cloud, place: Place, params: Document) -> Document:
    point = reach.reached(cloud, place, params).point(params["RecoveryPointArn"])
    if point.resource_type not in KINDS:
        refuse("InvalidParameterValueException", f"Restore testing does not support {point.resource_type}")
    return {"InferredMetadata": inferred(place, point, point.arn)}
