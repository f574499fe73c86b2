"""Which points are the last that bring a resource back, so that they are not deleted by oversight."""

from __future__ import annotations

from collections.abc import Iterable

from backupkit import observe
from backupkit.errors import ConsentError
from backupkit.recover.caller import Caller
from backupkit.transport.protocol import Params

__all__ = ["BRINGS_BACK", "STAYS", "must_not_be_last", "remaining"]

STAYS = frozenset({"COMPLETED", "AVAILABLE", "STOPPED", "PARTIAL"})
"""The statuses of points that can be restored, and that nothing but their lifecycle takes away."""
BRINGS_BACK = STAYS | {"EXPIRED"}
"""The statuses of points that can be restored; an EXPIRED one AWS has tried to delete, and may yet."""


def remaining(points: Iterable[observe.RecoveryPoint], going: frozenset[str]) -> int:
    """How many points are left to restore from when those with these ARNs are gone; EXPIRED ones do not count."""
    return sum(point.status in STAYS and point.recovery_point_arn not in going for point in points)


def points_of(caller: Caller, resource_arn: str) -> Iterable[observe.RecoveryPoint]:
    """Every point of a resource in any vault here."""
    params: Params = {"ResourceArn": resource_arn, "ManagedByAWSBackupOnly": True}
    return caller.listed("ListRecoveryPointsByResource", observe.RecoveryPoint, params)


def must_not_be_last(caller: Caller, point: observe.RecoveryPoint) -> None:
    """Refuse to delete the last point that brings its resource back.

    Raises:
        ConsentError: It is the last one; nothing was deleted.
    """
    if point.status is not None and point.status not in BRINGS_BACK:
        return
    own = frozenset({point.recovery_point_arn or ""})
    if point.resource_arn is None or not any(
        remaining([other], own) for other in points_of(caller, point.resource_arn)
    ):
        raise ConsentError(
            f"{point.recovery_point_arn} is the last point here that {point.resource_arn or 'its resource'} can be "
            "restored from, so it was not deleted; to agree, say delete(allow_last=True)"
        )
