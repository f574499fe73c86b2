"""What the handle of a point knows of it that decides about restores."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from backupkit import observe
from backupkit.arn import Arn
from backupkit.catalog import PointFacts, type_named
from backupkit.catalog.point_facts import is_continuous
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, quote

__all__ = ["aware", "continuous", "facts_of", "is_state", "is_undivided", "reach"]

_MAX_CONTINUOUS_DAYS = 35
"""The longest that AWS keeps continuous backups (developer guide, point-in-time recovery)."""


def aware(moment: datetime | None, name: str) -> datetime | None:
    """The moment, if it has a time zone.

    Raises:
        InvalidValueError: It has none, or is not a moment.
    """
    if moment is not None and (not isinstance(moment, datetime) or moment.tzinfo is None):
        raise InvalidValueError(
            Problem(name, f"{quote(moment)} is not a moment with a time zone", "give an aware datetime")
        )
    if moment is not None:
        try:
            moment.astimezone(UTC)
        except OverflowError as error:
            raise InvalidValueError(Problem(name, f"{moment} has no moment in UTC", "give another")) from error
    return moment


def continuous(point: observe.RecoveryPoint) -> bool:
    """Whether the point can be restored to any moment of its window; its ARN tells, or that it was stopped."""
    kind = type_named(point.resource_type)
    if kind is not None and not kind.continuous:
        return False
    return bool(is_continuous(point.recovery_point_arn or "")) or point.status == "STOPPED"


def reach(lifecycle: observe.Lifecycle | None) -> timedelta:
    """How far back a continuous point goes: as long as it is kept, and never longer than AWS allows."""
    days = lifecycle.delete_after_days if lifecycle is not None else None
    return timedelta(days=_MAX_CONTINUOUS_DAYS if days is None else days)


def facts_of(
    point: observe.RecoveryPoint, held: Mapping[str, str | None], now: datetime, home: Arn | None = None
) -> PointFacts:
    """What decides how the point can be restored.

    Args:
        point: The point.
        held: What GetRecoveryPointRestoreMetadata answered.
        now: The moment.
        home: Where it is restored, where that is not the account of its vault.
    """
    kind = type_named(point.resource_type)
    flows = continuous(point)
    began = point.creation_date
    return PointFacts(
        resource_type=point.resource_type or "",
        point_arn=point.recovery_point_arn or "",
        resource_arn=point.resource_arn or "",
        vault_arn=str(home) if home is not None else point.backup_vault_arn or "",
        continuous=flows,
        archived=point.storage_class == "COLD" and kind is not None and kind.archive,
        created=began,
        earliest=max(began, now - reach(point.lifecycle)) if flows and began is not None else None,
        latest=now if flows else None,
        held=held,
    )


def is_undivided(point: observe.RecoveryPoint) -> bool:
    """Whether this is a composite that cannot be restored as a whole (developer guide, restoring CloudFormation)."""
    kind = type_named(_composite_type(point))
    return point.is_parent is True and kind is not None and kind.composite and not kind.restores_composites


def is_state(point: observe.RecoveryPoint) -> bool:
    """Whether this is the state of an EKS cluster, which lives and goes with its composite (developer guide, EKS)."""
    nested = point.parent_recovery_point_arn is not None and point.composite_member_identifier is None
    return nested and _composite_type(point) == "EKS"


def _composite_type(point: observe.RecoveryPoint) -> str | None:
    """The type of a composite or its part; ListRecoveryPointsByResource leaves it out, and of two the ARN tells."""
    if point.resource_type is not None:
        return point.resource_type
    _, _, own = (point.recovery_point_arn or "").partition(":recovery-point:")
    if own.removeprefix("composite:").startswith("eks/"):
        return "EKS"
    return "CloudFormation" if point.is_parent else None
