"""FSx file systems, as far as an emulator has them: their attributes, and no files.

Volumes of FSx for NetApp ONTAP are of another shape, which moto does not have. Source: the developer guide's page on
restoring FSx, and the botocore model of CreateFileSystemFromBackup.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from backupkit.arn import Arn
from backupkit.emulator.kernel.resource_protocol import Captured, Metadata, ResourceInfo, Restored, WorldError
from backupkit.emulator.resources.types.kind import (
    Client,
    SessionScope,
    Settings,
    check_marked,
    picked,
    tagged,
    tags_of,
)
from backupkit.emulator.resources.types.reading import Reading, document, flag, keys, number, spelled, texts

__all__ = ["Shares", "fitting"]

# ---- Nested values made to fit the input of an operation, by botocore's own model of it ----


def fitting(client: Client, operation: str, member: str, value: Mapping[str, Any]) -> dict[str, Any]:
    """What of ``value`` a member of the operation's input takes.

    An answer describes a resource with more members than the call that makes it takes, and the guide's examples write
    some numbers as texts. Names compare without regard to their first letter's case.

    Args:
        client: A client of the service.
        operation: For example ``CreateFileSystem``.
        member: For example ``LustreConfiguration``.
        value: An object.
    """
    shape = client.meta.service_model.operation_model(operation).input_shape.members[member]
    fitted: dict[str, Any] = _fitted(shape, value)
    return fitted


def _fitted(shape: Any, value: object) -> Any:
    match shape.type_name, value:
        case "structure", Mapping():
            members = {name.casefold(): name for name in shape.members}
            named = {members[name.casefold()]: entry for name, entry in value.items() if name.casefold() in members}
            return {name: _fitted(shape.members[name], entry) for name, entry in named.items() if entry is not None}
        case "list", list():
            return [_fitted(shape.member, each) for each in value]
        case (("integer" | "long"), str()) if value.isdecimal():
            return int(value)
        case "boolean", ("true" | "false"):
            return value == "true"
        case _:
            return value


# ---- File systems ----


_CONFIGURATIONS = {
    "LUSTRE": "LustreConfiguration",
    "ONTAP": "OntapConfiguration",
    "OPENZFS": "OpenZFSConfiguration",
    "WINDOWS": "WindowsConfiguration",
}
_KEPT = "FileSystemType FileSystemTypeVersion KmsKeyId StorageCapacity StorageType"
# Plain metadata that is a member of the flavour's own configuration.
_CONFIGURED = keys("DailyAutomaticBackupStartTime DeploymentType WeeklyMaintenanceStartTime")
_CONFIGURED |= keys("AutomaticBackupRetentionDays", number) | keys("CopyTagsToBackups", flag)
_READING = Reading(
    keys("KmsKeyId StorageType")
    | keys("StorageCapacity", number)
    | keys("SecurityGroupIds SubnetIds", texts)
    | keys(" ".join(_CONFIGURATIONS.values()), document)
    | _CONFIGURED,
    frozenset({"VpcId"}),
)


@attrs.frozen
class Share(Settings):
    """An FSx file system."""


class Shares:
    """FSx file systems of all flavours."""

    resource_type = "FSx"
    content = Share
    emulated_only = True

    def names(self, arn: Arn) -> bool:
        """Whether the ARN is a file system's."""
        return arn.service == "fsx" and arn.kind == "file-system"

    def resources(self, here: SessionScope) -> Iterator[ResourceInfo]:
        """Every file system; one answer tells its tags, too."""
        for page in here.client("fsx").get_paginator("describe_file_systems").paginate():
            yield from (_seen(entry) for entry in page["FileSystems"])

    def find(self, here: SessionScope, arn: Arn) -> ResourceInfo | None:
        """The file system, or None where it is not there."""
        entry = _described(here, arn.name)
        return _seen(entry) if entry is not None else None

    def capture(self, here: SessionScope, arn: Arn) -> Captured:
        """Its attributes."""
        entry = _described(here, arn.name)
        if entry is None:
            raise WorldError(f"Resource {arn} does not exist")
        member = _CONFIGURATIONS[entry["FileSystemType"]]
        configuration = fitting(here.client("fsx"), "CreateFileSystem", member, entry.get(member, {}))
        kept = {**picked(entry, _KEPT), member: configuration}
        tags = tags_of(entry.get("Tags"))
        metadata = picked(entry, "FileSystemId FileSystemType KmsKeyId StorageCapacity StorageType SubnetIds VpcId")
        # AWS tells no size of an FSx backup (botocore model of BackupJob).
        return Captured(Share(kept, tags), 0, spelled(metadata | {member: configuration}), tags)

    def restore(self, here: SessionScope, content: Share, metadata: Metadata, tags: Mapping[str, str]) -> Restored:
        """Make a new file system of the same flavour, with the source's configuration where the metadata is silent.

        Raises:
            WorldError: The metadata is wrong, or of another flavour.
        """
        metadata.need("SubnetIds")
        params = _READING.parameters(self.resource_type, metadata)
        wanted = _wanted(here.client("fsx"), here.key(content.parameters), params)
        made = here.client("fsx").create_file_system(**wanted, **tagged(tags))["FileSystem"]
        return Restored(made["ResourceARN"])

    def discard(self, here: SessionScope, arn: Arn) -> None:
        """Delete a file system that carries the mark of a restore test."""
        entry = _described(here, arn.name)
        if entry is not None:
            check_marked(_seen(entry))
            here.client("fsx").delete_file_system(FileSystemId=arn.name)


def _described(here: SessionScope, name: str) -> Mapping[str, Any] | None:
    client = here.client("fsx")
    try:
        found: list[Mapping[str, Any]] = client.describe_file_systems(FileSystemIds=[name])["FileSystems"]
    except client.exceptions.FileSystemNotFound:
        return None
    # moto answers with nothing where AWS answers with an error.
    return found[0] if found else None


def _seen(entry: Mapping[str, Any]) -> ResourceInfo:
    tags = tags_of(entry.get("Tags"))
    return ResourceInfo(entry["ResourceARN"], "FSx", tags, tags.get("Name", entry["FileSystemId"]))


def _wanted(client: Client, own: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    member = _CONFIGURATIONS[own["FileSystemType"]]
    foreign = sorted(params.keys() & set(_CONFIGURATIONS.values()) - {member})
    if foreign:
        raise WorldError(f"Invalid restore metadata. {', '.join(foreign)} is not of this file system; give {member}")
    plain = {name: value for name, value in params.items() if name in _CONFIGURED}
    given = fitting(client, "CreateFileSystem", member, {**params.get(member, {}), **plain})
    rest = {name: value for name, value in params.items() if name not in _CONFIGURED and name != member}
    return {**own, **rest, member: {**own[member], **given}}
