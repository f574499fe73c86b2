"""EBS volumes with what is in them, block by block, through a snapshot that lives as long as it takes to read it.

Source: the developer guide's page on restoring EBS. All blocks that were ever written are held in memory, unencrypted.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import attrs

from backupkit.arn import Arn
from backupkit.emulator.kernel.resource_protocol import (
    TEST_MALWARE,
    Captured,
    Inspected,
    Metadata,
    ResourceInfo,
    Restored,
    WorldError,
)
from backupkit.emulator.resources.types.kind import (
    Client,
    SessionScope,
    Without,
    check_marked,
    entries,
    gibibytes,
    tag_list,
    tags_of,
)
from backupkit.emulator.resources.types.reading import Reading, flag, keys, number, spelled, text

__all__ = ["VolumeContent", "Volumes", "held_of", "written_snapshot"]

# ---- Blocks of a snapshot, read and written through the EBS direct APIs ----


_WORKERS = 16
_BLOCK = 524_288
_NOBODYS = "vol-ffffffff"
"""The volume that AWS names for a snapshot made of blocks."""


def read_volume(here: SessionScope, volume: Mapping[str, Any]) -> dict[int, bytes]:
    """The blocks of a volume that were ever written, by their index; 512 KiB each."""
    if here.emulated:
        # moto keeps blocks for the snapshots that were given some, and its volumes never change after they are made.
        return _blocks_moto_has(here.client("ebs"), volume.get("SnapshotId") or "")
    with _snapshot_of(here.client("ec2"), volume["VolumeId"]) as snapshot_id:
        return _blocks(here.client("ebs"), snapshot_id)


def _blocks_moto_has(client: Client, snapshot_id: str) -> dict[int, bytes]:
    if not snapshot_id:
        return {}
    # The error of Python is what moto raises for a snapshot that was made of a volume.
    with suppress(KeyError), Without("ResourceNotFoundException", "ValidationException"):
        return _blocks(client, snapshot_id)
    return {}


@contextmanager
def _snapshot_of(client: Client, volume_id: str) -> Iterator[str]:
    """A snapshot of the volume as it is now, deleted afterwards: the point holds the blocks themselves."""
    made = client.create_snapshot(VolumeId=volume_id, Description="Read by backupkit, then deleted")
    snapshot_id: str = made["SnapshotId"]
    try:
        client.get_waiter("snapshot_completed").wait(SnapshotIds=[snapshot_id])
        yield snapshot_id
    finally:
        client.delete_snapshot(SnapshotId=snapshot_id)


def _blocks(client: Client, snapshot_id: str) -> dict[int, bytes]:
    blocks = entries(partial(client.list_snapshot_blocks, SnapshotId=snapshot_id), "Blocks")
    listed = [(block["BlockIndex"], block["BlockToken"]) for block in blocks]

    def read(block: tuple[int, str]) -> tuple[int, bytes]:
        index, token = block
        got = client.get_snapshot_block(SnapshotId=snapshot_id, BlockIndex=index, BlockToken=token)
        return index, got["BlockData"].read()

    with ThreadPoolExecutor(_WORKERS) as pool:
        return dict(pool.map(read, listed))


@contextmanager
def written_snapshot(
    here: SessionScope, size_gib: int, blocks: Mapping[int, bytes], encryption: Mapping[str, Any]
) -> Iterator[str]:
    """A snapshot of these blocks, for as long as a volume is made of it.

    Args:
        here: Where.
        size_gib: The volume's size.
        blocks: What `read_volume` read.
        encryption: ``Encrypted`` and ``KmsKeyArn`` of StartSnapshot.
    """
    client = here.client("ebs")
    snapshot_id: str = client.start_snapshot(VolumeSize=size_gib, **encryption)["SnapshotId"]
    try:
        with ThreadPoolExecutor(_WORKERS) as pool:
            # Asking for every result raises what went wrong in any of them.
            for _ in pool.map(lambda block: _put(client, snapshot_id, *block), blocks.items()):
                pass
        client.complete_snapshot(SnapshotId=snapshot_id, ChangedBlocksCount=len(blocks))
        here.client("ec2").get_waiter("snapshot_completed").wait(SnapshotIds=[snapshot_id])
        yield snapshot_id
    finally:
        _clean(here, snapshot_id)


def _put(client: Client, snapshot_id: str, index: int, data: bytes) -> None:
    client.put_snapshot_block(
        SnapshotId=snapshot_id,
        BlockIndex=index,
        BlockData=data,
        DataLength=_BLOCK,
        Checksum=base64.b64encode(hashlib.sha256(data).digest()).decode(),
        ChecksumAlgorithm="SHA256",
    )


def _clean(here: SessionScope, snapshot_id: str) -> None:
    client = here.client("ec2")
    (entry,) = client.describe_snapshots(SnapshotIds=[snapshot_id])["Snapshots"]
    client.delete_snapshot(SnapshotId=snapshot_id)
    if here.emulated and entry["VolumeId"] != _NOBODYS:
        # moto makes a volume for every snapshot of blocks; AWS makes none.
        client.delete_volume(VolumeId=entry["VolumeId"])


# ---- Volumes ----


_READING = Reading(
    {
        "availabilityZone": ("AvailabilityZone", text),
        "encrypted": ("Encrypted", flag),
        "iops": ("Iops", number),
        "kmsKeyId": ("KmsKeyId", text),
        "throughput": ("Throughput", number),
        "volumeSize": ("Size", number),
        "volumeType": ("VolumeType", text),
    },
    frozenset(keys("temporaryRestoreDays volumeId")),
)
_OF_FILES = ("restoreType", "destinationBucketName", "pathsToRestore")
_THERE = [{"Name": "status", "Values": ["creating", "available", "in-use"]}]


@attrs.frozen
class VolumeContent:
    """An EBS volume as it was."""

    size_gib: int
    blocks: Mapping[int, bytes]
    """By their index, 512 KiB each; those that are missing were never written."""
    encrypted: bool
    kms_key_id: str | None

    def encryption(self, here: SessionScope) -> dict[str, Any]:
        """The parameters with which it is encrypted again; nothing where it was not."""
        key = {"KmsKeyId": self.kms_key_id} if self.kms_key_id else {}
        return dict(here.key({"Encrypted": True, **key})) if self.encrypted else {}

    def inspected(self) -> Inspected:
        """A block in which the EICAR test text begins is malware. No file system is read, so nothing is counted."""
        found = (index for index, data in self.blocks.items() if _infected(data, self.blocks.get(index + 1, b"")))
        return Inspected(None, frozenset(f"block {index}" for index in found))


def _infected(data: bytes, following: bytes) -> bool:
    rest = len(TEST_MALWARE) - 1
    return TEST_MALWARE in data or TEST_MALWARE in data[-rest:] + following[:rest]


class Volumes:
    """EBS volumes, attached or not."""

    resource_type = "EBS"
    content = VolumeContent
    emulated_only = False

    def names(self, arn: Arn) -> bool:
        """Whether the ARN is a volume's."""
        return arn.service == "ec2" and arn.kind == "volume"

    def resources(self, here: SessionScope) -> Iterator[ResourceInfo]:
        """Every volume; one answer tells its tags, too."""
        for page in here.client("ec2").get_paginator("describe_volumes").paginate(Filters=_THERE):
            yield from (_seen(here, entry) for entry in page["Volumes"])

    def find(self, here: SessionScope, arn: Arn) -> ResourceInfo | None:
        """The volume, or None where it is not there."""
        with Without("InvalidVolume.NotFound", "InvalidParameterValue"):
            return _seen(here, _described(here, arn.name))
        return None

    def capture(self, here: SessionScope, arn: Arn) -> Captured:
        """All its blocks."""
        entry = _described(here, arn.name)
        content, tags = held_of(here, entry), tags_of(entry.get("Tags"))
        metadata = spelled({"encrypted": content.encrypted, "volumeId": arn.name})
        return Captured(content, gibibytes(content.size_gib), metadata, tags, _key_arn(here, content))

    def restore(
        self, here: SessionScope, content: VolumeContent, metadata: Metadata, tags: Mapping[str, str]
    ) -> Restored:
        """Make a new volume of these blocks, attached to nothing.

        Raises:
            WorldError: The metadata is wrong.
        """
        if any(metadata.get(key) for key in _OF_FILES):
            raise WorldError("A session restores whole volumes; leave out " + ", ".join(_OF_FILES))
        metadata.need("availabilityZone")
        wanted = _wanted(here, content, _READING.parameters(self.resource_type, metadata))
        if tags:
            wanted["TagSpecifications"] = [{"ResourceType": "volume", "Tags": tag_list(tags)}]
        with written_snapshot(here, content.size_gib, content.blocks, _encryption(wanted)) as snapshot_id:
            client = here.client("ec2")
            made: str = client.create_volume(SnapshotId=snapshot_id, **wanted)["VolumeId"]
            client.get_waiter("volume_available").wait(VolumeIds=[made])
        return Restored(here.arn("ec2", f"volume/{made}"))

    def discard(self, here: SessionScope, arn: Arn) -> None:
        """Delete a volume that carries the mark of a restore test."""
        with Without("InvalidVolume.NotFound"):
            check_marked(_seen(here, _described(here, arn.name)))
            here.client("ec2").delete_volume(VolumeId=arn.name)


def held_of(here: SessionScope, entry: Mapping[str, Any]) -> VolumeContent:
    """What a point holds of a volume that AWS described."""
    read = read_volume(here, entry)
    encrypted = bool(entry.get("Encrypted"))
    return VolumeContent(entry["Size"], read, encrypted, entry.get("KmsKeyId") if encrypted else None)


def _key_arn(here: SessionScope, content: VolumeContent) -> str | None:
    """The ARN of the key, or of the alias of the one that AWS manages; none where the volume is not encrypted."""
    if not content.encrypted:
        return None
    key = content.kms_key_id or "alias/aws/ebs"
    return key if key.startswith("arn:") else here.arn("kms", key if "/" in key else f"key/{key}")


def _described(here: SessionScope, name: str) -> Mapping[str, Any]:
    entry: Mapping[str, Any] = here.client("ec2").describe_volumes(VolumeIds=[name])["Volumes"][0]
    return entry


def _seen(here: SessionScope, entry: Mapping[str, Any]) -> ResourceInfo:
    tags = tags_of(entry.get("Tags"))
    return ResourceInfo(
        here.arn("ec2", f"volume/{entry['VolumeId']}"), "EBS", tags, tags.get("Name", entry["VolumeId"])
    )


def _wanted(here: SessionScope, content: VolumeContent, params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of CreateVolume.

    Raises:
        WorldError: The volume would be too small, or be decrypted, which EC2 cannot do.
    """
    if params.get("Size", content.size_gib) < content.size_gib:
        raise WorldError(f"volumeSize {params['Size']} is smaller than the backup, {content.size_gib} GiB")
    if content.encrypted and params.get("Encrypted") is False:
        raise WorldError("The backup is encrypted, and so is every volume restored from it; leave encrypted out")
    if "KmsKeyId" in params and not (content.encrypted or params.get("Encrypted")):
        raise WorldError("Invalid restore metadata. kmsKeyId is for an encrypted volume; give encrypted true")
    return {"Size": content.size_gib, **content.encryption(here), **params}


def _encryption(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of StartSnapshot; a key that is not told by its ARN is left to CreateVolume."""
    if not wanted.get("Encrypted"):
        return {}
    key = str(wanted.get("KmsKeyId") or "")
    return {"Encrypted": True, **({"KmsKeyArn": key} if key.startswith("arn:") else {})}
