"""Which points are the last that bring a resource back, so that they are not deleted by oversight."""

from __future__ import annotations

from collections.abc import Iterable

from backupkit import observe
from backupkit.errors import ConsentError
from backupkit.recover.caller import Caller
from backupkit.transport.protocol import Params

__all__ = ["BRINGS_BACK", "STAYS", "must_not_be_last", "points_of", "stays"]

STAYS = frozenset({"COMPLETED", "AVAILABLE", "STOPPED", "PARTIAL"})
"""The statuses of points that can be restored, and that nothing but their lifecycle takes away."""
BRINGS_BACK = STAYS | {"EXPIRED"}
"""The statuses of points that can be restored; an EXPIRED one AWS has tried to delete, and may yet."""


def stays(point: observe.RecoveryPoint) -> bool:
    """Whether its resource can be restored from the point for as long as its lifecycle keeps it.

    Points that are nested in composites do not count: they go with those.
    """
    return point.status in STAYS and point.parent_recovery_point_arn is None


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
    others = points_of(caller, point.resource_arn) if point.resource_arn is not None else ()
    if not any(stays(other) and other.recovery_point_arn != point.recovery_point_arn for other in others):
        raise ConsentError(
            f"{point.recovery_point_arn} is the last point here that {point.resource_arn or 'its resource'} can be "
            "restored from, so it was not deleted; to agree, say delete(allow_last=True)"
        )
