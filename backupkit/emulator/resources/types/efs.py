"""EFS file systems, as far as an emulator has them: their attributes, and no files.

Source: the developer guide's page on restoring EFS. Mount targets, access points, lifecycle and throughput mode do not
come back.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from backupkit.arn import Arn
from backupkit.emulator.kernel.resource_protocol import (
    RESTORE_TEST,
    Captured,
    Metadata,
    ResourceInfo,
    Restored,
    WorldError,
)
from backupkit.emulator.resources.types.kind import (
    SessionScope,
    Settings,
    Taken,
    Without,
    check_marked,
    picked,
    tagged,
    tags_of,
)
from backupkit.emulator.resources.types.reading import Reading, flag, keys, text, texts

__all__ = ["FileSystems"]

_READING = Reading(
    keys("CreationToken KmsKeyId PerformanceMode file-system-id")
    | keys("Encrypted newFileSystem singleAzFilesystem", flag)
    | keys("ItemsToRestore", texts)
    | {"availabilityZoneName": ("AvailabilityZoneName", text)}
)
# What is not a parameter of CreateFileSystem.
_ABOUT = ("file-system-id", "newFileSystem", "singleAzFilesystem", "ItemsToRestore")


@attrs.frozen
class FileSystem(Settings):
    """An EFS file system."""


class FileSystems:
    """EFS file systems."""

    resource_type = "EFS"
    content = FileSystem
    emulated_only = True

    def names(self, arn: Arn) -> bool:
        """Whether the ARN is a file system's."""
        return arn.service == "elasticfilesystem" and arn.kind == "file-system"

    def resources(self, here: SessionScope) -> Iterator[ResourceInfo]:
        """Every file system; one answer tells its tags, too."""
        for page in here.client("efs").get_paginator("describe_file_systems").paginate():
            yield from (_seen(entry) for entry in page["FileSystems"])

    def find(self, here: SessionScope, arn: Arn) -> ResourceInfo | None:
        """The file system, or None where it is not there."""
        with Without("FileSystemNotFound"):
            return _seen(_described(here, arn.name))
        return None

    def capture(self, here: SessionScope, arn: Arn) -> Captured:
        """Its attributes."""
        entry = _described(here, arn.name)
        tags, size = tags_of(entry.get("Tags")), int(entry["SizeInBytes"]["Value"])
        return Captured(FileSystem(picked(entry, "Encrypted"), tags), size, {"file-system-id": arn.name}, tags)

    def restore(
        self,
        here: SessionScope,
        content: FileSystem,  # noqa: ARG002 - the metadata alone decides what a new file system is like
        metadata: Metadata,
        tags: Mapping[str, str],
    ) -> Restored:
        """Make a new file system, or find the one that is there; there are no files to put into it.

        Raises:
            WorldError: The metadata is wrong, the file system is not there, or its token is taken.
        """
        metadata.need("newFileSystem")
        wanted = _READING.parameters(self.resource_type, metadata)
        if wanted.get("ItemsToRestore"):
            raise WorldError(
                "ItemsToRestore cannot be restored: an emulator's file systems hold no files; leave it out"
            )
        if not wanted["newFileSystem"]:
            return Restored(_there(here, metadata.need("file-system-id")))
        made = _new(here, wanted, metadata, tags)
        return Restored(made["FileSystemArn"])

    def discard(self, here: SessionScope, arn: Arn) -> None:
        """Delete a file system that carries the mark of a restore test."""
        with Without("FileSystemNotFound"):
            check_marked(_seen(_described(here, arn.name)))
            here.client("efs").delete_file_system(FileSystemId=arn.name)


def _described(here: SessionScope, name: str) -> Mapping[str, Any]:
    answer: Mapping[str, Any] = here.client("efs").describe_file_systems(FileSystemId=name)
    entry: Mapping[str, Any] = answer["FileSystems"][0]
    return entry


def _seen(entry: Mapping[str, Any]) -> ResourceInfo:
    name = entry.get("Name") or entry["FileSystemId"]
    return ResourceInfo(entry["FileSystemArn"], "EFS", tags_of(entry.get("Tags")), name)


def _there(here: SessionScope, name: str) -> str:
    with Without("FileSystemNotFound"):
        return str(_described(here, name)["FileSystemArn"])
    raise WorldError(f"File system {name} does not exist; give the file-system-id of one, or newFileSystem true")


def _new(
    here: SessionScope, wanted: Mapping[str, Any], metadata: Metadata, tags: Mapping[str, str]
) -> Mapping[str, Any]:
    metadata.need("Encrypted")
    metadata.need("PerformanceMode")
    if wanted.get("singleAzFilesystem"):
        metadata.need("availabilityZoneName")
    if "KmsKeyId" in wanted and not wanted["Encrypted"]:
        raise WorldError("Invalid restore metadata. KmsKeyId is for an encrypted file system; give Encrypted true")
    # What restore testing infers has no token: AWS thinks of one.
    token = f"{RESTORE_TEST}-{uuid.uuid4()}" if RESTORE_TEST in tags else metadata.need("CreationToken")
    params = {name: value for name, value in wanted.items() if name not in _ABOUT} | {"CreationToken": token}
    with Taken("FileSystemAlreadyExists", f"File system with the token {token}", "CreationToken"):
        made: Mapping[str, Any] = here.client("efs").create_file_system(**params, **tagged(tags))
    return made
