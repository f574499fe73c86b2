"""Two contents beside each other: what is equal, what is missing, what differs, what is new."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import attrs

__all__ = ["Comparison", "compared"]


@attrs.frozen
class Comparison:
    """What a restore brought back of some keyed content.

    Args:
        equal: Keys that are back just as they were.
        missing: Keys that did not come back.
        different: Keys that came back otherwise.
        added: Keys that were not there before.
    """

    equal: tuple[Hashable, ...] = ()
    missing: tuple[Hashable, ...] = ()
    different: tuple[Hashable, ...] = ()
    added: tuple[Hashable, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether everything came back, and nothing else."""
        return not (self.missing or self.different or self.added)


def compared(before: Mapping[Hashable, object], after: Mapping[Hashable, object]) -> Comparison:
    """Every key of both sides, each in one of the four groups."""
    shared = [key for key in before if key in after]
    return Comparison(
        equal=tuple(key for key in shared if before[key] == after[key]),
        missing=tuple(key for key in before if key not in after),
        different=tuple(key for key in shared if before[key] != after[key]),
        added=tuple(key for key in after if key not in before),
    )
