"""RDS instances, as far as an emulator has them: every attribute, and no data.

Sources: the developer guide's page on restoring RDS, and the botocore model of RestoreDBInstanceFromDBSnapshot, which
tells what a new instance has of its source where the metadata is silent. A restored instance has a new master password.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from backupkit.arn import Arn
from backupkit.emulator.kernel.resource_protocol import (
    Captured,
    Metadata,
    ResourceInfo,
    Restored,
    WorldError,
    check_tested,
)
from backupkit.emulator.resources.types.kind import (
    SessionScope,
    Settings,
    Taken,
    Without,
    picked,
    secret,
    tagged,
    tags_of,
)
from backupkit.emulator.resources.types.reading import Reading, flag, keys, number, spelled, texts

__all__ = ["DatabaseInstances"]

# What a restored instance has of its source, and of its source only.
_FIXED = "CharacterSetName EngineVersion KmsKeyId MasterUsername StorageEncrypted Timezone"
_INHERITED = (
    "AllocatedStorage AutoMinorVersionUpgrade BackupRetentionPeriod DBInstanceClass DBName Engine Iops LicenseModel "
    "NetworkType StorageThroughput StorageType"
)
# What it has only where the metadata says so.
_FLAGS = "AvailabilityZone CopyTagsToSnapshot DeletionProtection MultiAZ PubliclyAccessible"
_READING = Reading(
    keys(
        "AvailabilityZone DBInstanceClass DBInstanceIdentifier DBName DBParameterGroupName DBSubnetGroupName Domain "
        "DomainIAMRoleName Engine LicenseModel NetworkType OptionGroupName StorageType"
    )
    | keys("AllocatedStorage BackupRetentionPeriod Iops Port StorageThroughput", number)
    | keys(
        "AutoMinorVersionUpgrade CopyTagsToSnapshot DeletionProtection EnableIAMDatabaseAuthentication MultiAZ "
        "PubliclyAccessible",
        flag,
    )
    | keys("EnableCloudwatchLogsExports VpcSecurityGroupIds", texts),
    frozenset(
        keys("Encrypted EngineVersion KmsKeyId RestoreTime UseDefaultProcessorFeatures UseLatestRestorableTime vpcId")
    ),
)


@attrs.frozen
class DatabaseInstance(Settings):
    """An RDS instance."""


class DatabaseInstances:
    """RDS instances; those of a cluster are part of it."""

    resource_type = "RDS"
    content = DatabaseInstance
    emulated_only = True

    def names(self, arn: Arn) -> bool:
        """Whether the ARN is an instance's."""
        return arn.service == "rds" and arn.kind == "db"

    def resources(self, here: SessionScope) -> Iterator[ResourceInfo]:
        """Every instance; one answer tells its tags, too."""
        for page in here.client("rds").get_paginator("describe_db_instances").paginate():
            yield from (_seen(entry) for entry in page["DBInstances"] if "DBClusterIdentifier" not in entry)

    def find(self, here: SessionScope, arn: Arn) -> ResourceInfo | None:
        """The instance, or None where it is not there, or is part of a cluster."""
        with Without("DBInstanceNotFound"):
            entry = _described(here, arn)
            return _seen(entry) if "DBClusterIdentifier" not in entry else None
        return None

    def capture(self, here: SessionScope, arn: Arn) -> Captured:
        """Its attributes."""
        entry = _described(here, arn)
        groups = [group["VpcSecurityGroupId"] for group in entry.get("VpcSecurityGroups", ())]
        kept = picked(entry, f"{_FIXED} {_INHERITED}") | {"Port": entry["Endpoint"]["Port"]} | _option_group(entry)
        metadata = picked(entry, f"DBInstanceIdentifier EngineVersion KmsKeyId {_INHERITED} {_FLAGS}") | {
            "Encrypted": entry["StorageEncrypted"],
            "EnableIAMDatabaseAuthentication": entry["IAMDatabaseAuthenticationEnabled"],
            "Port": kept["Port"],
            "VpcSecurityGroupIds": groups,
            **_option_group(entry),
            **_groups(entry),
        }
        tags = tags_of(entry.get("TagList"))
        # AWS tells 0 bytes of an RDS backup (botocore model of BackupJob).
        return Captured(DatabaseInstance(kept, tags), 0, spelled(metadata), tags)

    def restore(
        self, here: SessionScope, content: DatabaseInstance, metadata: Metadata, tags: Mapping[str, str]
    ) -> Restored:
        """Make the instance again as ``DBInstanceIdentifier``; it has the tags of its source in any case.

        Raises:
            WorldError: The metadata is wrong, or there is an instance of that name.
        """
        name = metadata.need("DBInstanceIdentifier").lower()
        wanted = {**here.key(content.parameters), **_READING.parameters(self.resource_type, metadata)}
        if wanted["Engine"] != content.parameters["Engine"]:
            raise WorldError(f"Engine {wanted['Engine']} is not that of the backup, {content.parameters['Engine']}")
        # The snapshot's tags come along whether asked for or not (developer guide, restoring a backup).
        given = {key: value for key, value in content.tags.items() if not key.startswith("aws:")} | dict(tags)
        with Taken("DBInstanceAlreadyExists", f"DB instance {name}", "DBInstanceIdentifier"):
            made = here.client("rds").create_db_instance(
                **{**wanted, "DBInstanceIdentifier": name}, MasterUserPassword=secret(), **tagged(given)
            )
        return Restored(made["DBInstance"]["DBInstanceArn"])

    def discard(self, here: SessionScope, arn: Arn) -> None:
        """Delete an instance that a restore test made; one that is gone already stays gone."""
        check_tested(arn.name)
        with Without("DBInstanceNotFound"):
            here.client("rds").delete_db_instance(
                DBInstanceIdentifier=arn.name, SkipFinalSnapshot=True, DeleteAutomatedBackups=True
            )


def _described(here: SessionScope, arn: Arn) -> Mapping[str, Any]:
    answer: Mapping[str, Any] = here.client("rds").describe_db_instances(DBInstanceIdentifier=arn.name)
    entry: Mapping[str, Any] = answer["DBInstances"][0]
    return entry


def _seen(entry: Mapping[str, Any]) -> ResourceInfo:
    return ResourceInfo(entry["DBInstanceArn"], "RDS", tags_of(entry.get("TagList")), entry["DBInstanceIdentifier"])


def _option_group(entry: Mapping[str, Any]) -> dict[str, str]:
    """The option group that the instance was given; the default ones come by themselves."""
    names = [group["OptionGroupName"] for group in entry.get("OptionGroupMemberships", ())]
    return {"OptionGroupName": names[0]} if names and not names[0].startswith("default:") else {}


def _groups(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What a restore takes only where the metadata says so."""
    found: dict[str, Any] = {}
    for group in entry.get("DBParameterGroups", ()):
        found["DBParameterGroupName"] = group["DBParameterGroupName"]
    if "DBSubnetGroup" in entry:
        found["DBSubnetGroupName"] = entry["DBSubnetGroup"]["DBSubnetGroupName"]
    if entry.get("EnabledCloudwatchLogsExports"):
        found["EnableCloudwatchLogsExports"] = entry["EnabledCloudwatchLogsExports"]
    return found
