"""The points of a vault, counted by tier: a line for a day, and a line for a resource."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import attrs

from backupkit.connection import Connection
from backupkit.recover import RecoveryPoint

__all__ = ["Census", "census", "census_by_type"]


@attrs.frozen
class Census:
    """How many points there are, and where.

    Args:
        warm: Points in warm storage.
        cold: Points in cold storage.
        expired: Points that were made and have been deleted since, as their lifecycle says.
    """

    warm: int
    cold: int
    expired: int

    @property
    def made(self) -> int:
        """Every point that was ever made."""
        return self.warm + self.cold + self.expired


def census(points: Iterable[RecoveryPoint], made: int) -> Census:
    """Count points.

    Args:
        points: Those that are there now.
        made: How many jobs have made one.
    """
    tiers = Counter(point.storage_class for point in points)
    return Census(warm=tiers["WARM"], cold=tiers["COLD"], expired=made - tiers.total())


def census_by_type(aws: Connection, vault: str) -> dict[str, Census]:
    """The points of a vault by resource type, and how many of each its completed jobs have made in the last 30 days."""
    made = Counter(job.resource_type or "" for job in aws.jobs(vault=vault, state="COMPLETED"))
    points = list(aws.recovery_points(vault=vault))
    return {
        kind: census((point for point in points if point.resource_type == kind), times)
        for kind, times in sorted(made.items())
    }
