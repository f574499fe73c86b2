"""What every world promises to the local service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol

import attrs

__all__ = ["Captured", "Restored", "Seen", "World", "WorldError"]


class WorldError(Exception):
    """A resource could not be captured or restored; the text becomes the job's StatusMessage."""


@attrs.frozen
class Seen:
    """A resource as a selection sees it."""

    arn: str
    resource_type: str
    """AWS Backup's type string, for example ``DynamoDB``."""
    tags: Mapping[str, str] = attrs.field(factory=dict)
    name: str | None = None


@attrs.frozen
class Captured:
    """What a backup took: the content itself, so that it can be restored after the source is gone."""

    content: object
    size_bytes: int
    restore_metadata: Mapping[str, str]
    """What GetRecoveryPointRestoreMetadata will answer."""
    tags: Mapping[str, str] = attrs.field(factory=dict)
    """The resource's tags, which AWS copies to the point."""


@attrs.frozen
class Restored:
    """What a restore made."""

    arn: str
    status_message: str | None = None
    """AWS's sentence where a restore completes with issues."""


class World(Protocol):
    """Resources of one kind of world, over all accounts and Regions."""

    def resources(self, account_id: str, region_name: str) -> Iterable[Seen]:
        """Every resource that is there now."""
        ...

    def find(self, arn: str, account_id: str, region_name: str) -> Seen | None:
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
            tags: What the new resource is tagged with: the source's tags where the caller asked for them, else none.

        Raises:
            WorldError: The metadata is wrong, the target exists, or it cannot be written.
        """
        ...
