"""One synthetic resource, and what a point holds of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime

import attrs
import msgspec

from backupkit.emulator.kernel.resource_protocol import Inspected

__all__ = ["MOST_BYTES", "Resource", "SyntheticContent", "digest"]

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
        if self.since is None:
            return self
        contents = digest(self.contents, str((now - self.since).days))
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
