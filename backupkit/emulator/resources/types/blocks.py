"""What is in a volume: the blocks of a snapshot, read and written through the EBS direct APIs."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from backupkit.emulator.resources.types.kind import Client, SessionScope, Without

__all__ = ["read_volume", "written"]

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
    try:
        with Without("ResourceNotFoundException", "ValidationException"):
            return _blocks(client, snapshot_id)
    except KeyError:
        # What moto raises for a snapshot that was made of a volume.
        pass
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
    listed = [(block["BlockIndex"], block["BlockToken"]) for block in _listed(client, snapshot_id)]

    def read(block: tuple[int, str]) -> tuple[int, bytes]:
        index, token = block
        got = client.get_snapshot_block(SnapshotId=snapshot_id, BlockIndex=index, BlockToken=token)
        return index, got["BlockData"].read()

    with ThreadPoolExecutor(_WORKERS) as pool:
        return dict(pool.map(read, listed))


def _listed(client: Client, snapshot_id: str) -> Iterator[Mapping[str, Any]]:
    """Every block; botocore has no paginator for them."""
    more: dict[str, str] = {}
    while True:
        page = client.list_snapshot_blocks(SnapshotId=snapshot_id, **more)
        yield from page.get("Blocks", ())
        if not page.get("NextToken"):
            return
        more = {"NextToken": page["NextToken"]}


@contextmanager
def written(
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
    (told,) = client.describe_snapshots(SnapshotIds=[snapshot_id])["Snapshots"]
    client.delete_snapshot(SnapshotId=snapshot_id)
    if here.emulated and told["VolumeId"] != _NOBODYS:
        # moto makes a volume for every snapshot of blocks; AWS makes none.
        client.delete_volume(VolumeId=told["VolumeId"])
