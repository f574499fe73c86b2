"""What the verbs of points stand on: each file of verbs is a base of the one class of handles."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from backupkit.recover.handle import Handle

if TYPE_CHECKING:
    from backupkit.recover.recovery_point import RecoveryPoint

__all__ = ["PointHandle"]


class PointHandle(Handle):
    """A base of the bases of `RecoveryPoint`, and of nothing else."""

    __slots__ = ()

    @property
    def _point(self) -> RecoveryPoint:
        """The handle itself, as what it is."""
        return cast("RecoveryPoint", self)
