"""What the emulator asks of a world of resources: to tell them, to capture and restore them, and to take reports.

The metadata of a restore is read without case, as AWS reads it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Protocol, runtime_checkable

import attrs
import msgspec

from backupkit.emulator.kernel.plain_values import mended

__all__ = [
    "RESTORE_TEST",
    "TEST_MALWARE",
    "THE_POINT",
    "Captured",
    "Counted",
    "Delivery",
    "Inspected",
    "Metadata",
    "PointInTime",
    "ResourceInfo",
    "Restored",
    "World",
    "WorldError",
    "check_tested",
    "decoded",
    "inspected",
]

RESTORE_TEST = "awsbackup-restore-test"
"""What the names of resources that a restore test makes begin with, and the key of their tag."""


class WorldError(Exception):
    """A resource could not be listed, captured, restored or discarded; the text becomes the message of a job."""

    def __init__(self, text: str) -> None:
        super().__init__(mended(text))


def check_tested(name: str) -> None:
    """Refuse to delete anything but what a restore test made; the last guard before each deletion.

    Raises:
        WorldError: The name is none that a restore test gives.
    """
    if not name.startswith(f"{RESTORE_TEST}-"):
        raise WorldError(f"Resource {name} was not made by a restore test and is not deleted")


@attrs.frozen
class ResourceInfo:
    """A resource as a selection sees it."""

    arn: str
    resource_type: str
    """AWS Backup's type string, for example ``DynamoDB``."""
    tags: Mapping[str, str] = attrs.field(factory=dict)
    name: str | None = None
    members: Mapping[str, str] = attrs.field(factory=dict)
    """What a stack or cluster is made of: ARNs by their logical ids."""

    @property
    def under_test(self) -> bool:
        """Whether a restore test made it: its name or one of its tags tells."""
        return (self.name or "").startswith(RESTORE_TEST) or any(key.startswith(RESTORE_TEST) for key in self.tags)


class Captured(msgspec.Struct, frozen=True, gc=False):
    """What a backup took: the content itself, so that it can be restored after the source is gone."""

    content: object
    size_bytes: int
    restore_metadata: Mapping[str, str]
    """What GetRecoveryPointRestoreMetadata will answer."""
    tags: Mapping[str, str] = msgspec.field(default_factory=dict)
    """The resource's tags, which AWS copies to the point."""
    key_arn: str | None = None
    """The KMS key that encrypts the resource, where it is known; points that its own service keeps have it, too."""


@runtime_checkable
class PointInTime(Protocol):
    """Content that tells what became of it in every second after it was captured."""

    def at(self, moment: datetime) -> object:
        """The content at a later moment."""
        ...


THE_POINT = "{RecoveryPointARN}"
"""In the sentences of a world, which does not know what a point is called, the ARN of the point."""


@attrs.frozen
class Restored:
    """What a restore made."""

    arn: str
    status_message: str | None = None
    """AWS's sentence where a restore completes with issues; `THE_POINT` in it stands for the point's ARN."""
    all_there: bool = False
    """Whether everything that was asked for was there already, so that nothing was restored (S3)."""


@runtime_checkable
class Counted(Protocol):
    """A world that knows when its resources changed, so that what was found in it can be remembered."""

    @property
    def revision(self) -> int | None:
        """Grows with every change of a resource's being there or of its tags; None where that cannot be known."""
        ...


class World(Protocol):
    """Resources of one kind of world, over all accounts and Regions."""

    def resources(self, account_id: str, region_name: str) -> Iterable[ResourceInfo]:
        """Every resource that is there now.

        Raises:
            WorldError: They cannot be listed; whoever moves the clock sees it, and may move it again.
        """
        ...

    def find(self, arn: str, account_id: str, region_name: str) -> ResourceInfo | None:
        """The resource, or None where it is not there."""
        ...

    def capture(self, arn: str, account_id: str, region_name: str, now: datetime) -> Captured:
        """Take everything a restore needs.

        Raises:
            WorldError: It is not there, or cannot be read.
        """
        ...

    def restore(
        self,
        content: object,
        resource_type: str,
        metadata: Mapping[str, str],
        *,
        account_id: str,
        region_name: str,
        now: datetime,
        tags: Mapping[str, str],
    ) -> Restored:
        """Make the resource again.

        Args:
            content: What `capture` took.
            resource_type: AWS Backup's type string.
            metadata: The Metadata of StartRestoreJob; keys compare without case.
            account_id: Where to.
            region_name: Where to.
            now: The service's time.
            tags: What the new resource is tagged with: the source's tags where the caller asked for them, the mark of a
                restore test, else none.

        Raises:
            WorldError: The metadata is wrong, the target exists, or it cannot be written.
        """
        ...

    def discard(self, arn: str, account_id: str, region_name: str) -> None:
        """Delete what a restore test made, and never anything else; what is gone already stays gone.

        Raises:
            WorldError: No restore test made it, or it cannot be deleted.
        """
        ...


# ---- The metadata of a restore ----


class Metadata(Mapping[str, str]):
    """Metadata whose keys compare without case."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._values = {key.casefold(): value for key, value in given.items()}
        self._spellings = {key.casefold(): key for key in given}

    def __getitem__(self, key: str) -> str:
        return self._values[key.casefold()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def spelling(self, key: str) -> str:
        """How the caller spelled ``key``."""
        return self._spellings.get(key.casefold(), key)

    def need(self, key: str) -> str:
        """The value of ``key``.

        Raises:
            WorldError: It is missing or empty.
        """
        value = self.get(key, "")
        if not value:
            raise WorldError(f"Invalid restore metadata. {key} is required")
        return value

    def flag(self, key: str) -> bool:
        """Whether ``key`` is there and says true."""
        return self.get(key, "").casefold() == "true"

    def texts(self, key: str) -> list[str]:
        """The JSON list of texts under ``key``; empty where it is missing.

        Raises:
            WorldError: The value is no such list.
        """
        found = decoded(self.get(key) or "[]", key, "a JSON list")
        if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
            raise WorldError(f"Invalid restore metadata. {key} is not a JSON list of texts")
        return [str(item) for item in found]


def decoded(text: str, key: str, wanted: str) -> object:
    """The JSON that the text of a value is.

    Args:
        text: The value of a key, or text inside it.
        key: Whose.
        wanted: What it should be, for the message: ``a JSON list``.

    Raises:
        WorldError: It is not JSON, is nested too deeply, or holds half of a surrogate pair.
    """
    try:
        found: object = msgspec.json.decode(text)
    except (ValueError, RecursionError) as error:
        raise WorldError(f"Invalid restore metadata. {key} is not {wanted}") from error
    return found


# ---- What content tells of itself to an index and to a malware scan ----


TEST_MALWARE = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}" + b"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The harmless text that every malware scanner takes for malware (EICAR); in two pieces, for this file is none."""


@attrs.frozen
class Inspected:
    """What was found in content."""

    items: int | None
    """How many objects or files there are; None where no file system can be read."""
    malware: frozenset[str] = frozenset()
    """The names of those that are malware."""
    sealed: frozenset[str] = frozenset()
    """The names of those that no scanner can read."""


@runtime_checkable
class Inspectable(Protocol):
    """Content that can be looked into."""

    def inspected(self) -> Inspected | None:
        """What is in it; None where it cannot be looked into after all."""
        ...


def inspected(content: object) -> Inspected | None:
    """What is in the content of a point; None where it cannot be looked into."""
    return content.inspected() if isinstance(content, Inspectable) else None


# ---- Where reports go ----


@runtime_checkable
class Delivery(Protocol):
    """A world with buckets that reports can be delivered to."""

    def put_object(self, bucket: str, key: str, body: bytes, *, account_id: str, region_name: str) -> bool:
        """Put an object into a bucket on behalf of an account.

        Args:
            bucket: The bucket's name.
            key: The object's key.
            body: The object.
            account_id: The account that delivers.
            region_name: The Region that delivers; the bucket may be in another.

        Returns:
            Whether the account is this world's; where it is not, nothing was done.

        Raises:
            WorldError: The bucket is not there, or the object may not be put.
        """
        ...
