"""What a recovery point holds of an S3 bucket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from backupkit.emulator.kernel.resource_protocol import TEST_MALWARE, Inspected

__all__ = ["Blob", "BucketContent", "ObjectVersion"]


@attrs.frozen(eq=False)
class Blob:
    """The bytes and headers of one version; points that hold the same version share it."""

    body: bytes
    headers: Mapping[str, Any]


@attrs.frozen
class ObjectVersion:
    """One version of an object, or a delete marker, which has no blob."""

    key: str
    version_id: str
    blob: Blob | None
    storage_class: str = "STANDARD"
    tags: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen
class BucketContent:
    """A bucket as it was: the versions of each key, the newest first."""

    bucket: str
    keys: Mapping[str, Sequence[ObjectVersion]]

    def size_bytes(self) -> int:
        """The bytes of all versions."""
        return sum(len(one.blob.body) for versions in self.keys.values() for one in versions if one.blob is not None)

    def inspected(self) -> Inspected:
        """Every version is an item, delete markers are none; one with the EICAR test text is malware."""
        bodies = {
            f"{one.key} {one.version_id}": one.blob.body
            for versions in self.keys.values()
            for one in versions
            if one.blob is not None
        }
        return Inspected(len(bodies), frozenset(name for name, body in bodies.items() if TEST_MALWARE in body))
