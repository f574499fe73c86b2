"""The points of a vault as the days go by: how many are warm, cold, and already deleted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import attrs

from backupkit.connection import Connection

__all__ = ["Census", "Register", "total"]


@attrs.frozen
class Census:
    """How many points there are, and where.

    Args:
        warm: Points in warm storage.
        cold: Points in cold storage.
        expired: Points that were there and have been deleted since, as their lifecycle says.
    """

    warm: int = 0
    cold: int = 0
    expired: int = 0

    @property
    def made(self) -> int:
        """Every point that was ever seen."""
        return self.warm + self.cold + self.expired


def total(counts: Iterable[Census]) -> Census:
    """All of them together."""
    listed = list(counts)
    return Census(
        warm=sum(each.warm for each in listed),
        cold=sum(each.cold for each in listed),
        expired=sum(each.expired for each in listed),
    )


@attrs.frozen
class Register:
    """Remembers every point of a vault that it has seen, so that those that are gone can be counted.

    Args:
        aws: A connection.
        vault: The vault's name.
    """

    aws: Connection
    vault: str
    _seen: dict[str, str] = attrs.field(factory=dict, init=False, repr=False)

    def look(self) -> None:
        """Remember the points that are there now."""
        for point in self.aws.recovery_points(vault=self.vault):
            self._seen[point.recovery_point_arn or ""] = point.resource_type or ""

    def count(self) -> dict[str, Census]:
        """The points by resource type, as they are now."""
        self.look()
        # No list of AWS says which tier a point is in; only a look at the point itself does.
        points = [point.refresh() for point in self.aws.recovery_points(vault=self.vault)]
        tiers = Counter((point.resource_type, point.storage_class) for point in points)
        made = Counter(self._seen.values())
        return {
            kind: Census(
                warm=tiers[kind, "WARM"],
                cold=tiers[kind, "COLD"],
                expired=times - tiers[kind, "WARM"] - tiers[kind, "COLD"],
            )
            for kind, times in sorted(made.items())
        }
