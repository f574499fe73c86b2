"""What a change of a point's lifecycle comes to: AWS resets what is left out, so everything is sent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import attrs
import msgspec

from backupkit import observe
from backupkit.catalog import type_named
from backupkit.declare.lifecycle import FOREVER, Lifecycle
from backupkit.display import moment
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, counted
from backupkit.recover.point_facts import continuous
from backupkit.recover.point_table import tier_of
from backupkit.serialization import Serializable
from backupkit.transport.protocol import Value

__all__ = ["LifecycleChange", "changed", "check_days", "kept_forever", "obstacle"]

_CHANGEABLE = frozenset({"COMPLETED", "PARTIAL", "EXPIRED"})


class LifecycleChange(
    Serializable, msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """The lifecycle of one point after a change, and when the point goes before and after it.

    Days count from the creation of the point; None is never.
    """

    keep_days: int | None = None
    cold_after_days: int | None = None
    archive: bool = False
    was_keep_days: int | None = None
    was_cold_after_days: int | None = None
    delete_at: datetime | None = None
    was_delete_at: datetime | None = None

    @property
    def unchanged(self) -> bool:
        """Whether the point has this lifecycle already."""
        return (self.keep_days, self.cold_after_days) == (self.was_keep_days, self.was_cold_after_days)

    @property
    def sooner(self) -> bool:
        """Whether the deletion of the point comes nearer."""
        if self.keep_days is None:
            return False
        return self.was_keep_days is None or self.keep_days < self.was_keep_days

    def begins_as(self, other: LifecycleChange) -> bool:
        """Whether both begin with the same lifecycle."""
        return (self.was_keep_days, self.was_cold_after_days) == (other.was_keep_days, other.was_cold_after_days)

    def ends_as(self, other: LifecycleChange) -> bool:
        """Whether both end with the same lifecycle."""
        return (self.keep_days, self.cold_after_days) == (other.keep_days, other.cold_after_days)

    def document(self) -> dict[str, Value]:
        """Return the Lifecycle of UpdateRecoveryPointLifecycle."""
        if self.keep_days is None and self.cold_after_days is None:
            # -1 for both keeps a point forever (botocore model, Lifecycle).
            return {"DeleteAfterDays": FOREVER, "MoveToColdStorageAfterDays": FOREVER, **self._archive()}
        days = {"DeleteAfterDays": self.keep_days, "MoveToColdStorageAfterDays": self.cold_after_days}
        return {**{name: value for name, value in days.items() if value is not None}, **self._archive()}

    def _archive(self) -> dict[str, Value]:
        return {"OptInToArchiveForSupportedResources": True} if self.archive else {}

    def __str__(self) -> str:
        parts = []
        if self.keep_days != self.was_keep_days:
            parts.append(f"keep {_days(self.was_keep_days, 'forever')} -> {_days(self.keep_days, 'forever')}")
        if self.cold_after_days != self.was_cold_after_days:
            was, then = (_days(days, "never") for days in (self.was_cold_after_days, self.cold_after_days))
            parts.append(f"cold after {was} -> {then}")
        if self.delete_at is not None:
            parts.append(f"deleted at {moment(self.delete_at)}")
        return ", ".join(parts) or "as it is"


def _days(days: int | None, without: str) -> str:
    return without if days is None else counted(days, "day")


def check_days(keep_days: int | None, cold_after_days: int | None, where: str) -> None:
    """Refuse day numbers that no point can have.

    Raises:
        InvalidValueError: A number is out of range, or neither is given.
    """
    if keep_days is None and cold_after_days is None:
        what = "neither keep_days nor cold_after_days is given"
        raise InvalidValueError(Problem(where, what, "give what is to change; bk.FOREVER keeps points forever"))
    Lifecycle(delete_after_days=keep_days)
    Lifecycle(move_to_cold_storage_after_days=cold_after_days)


def changed(
    point: observe.RecoveryPoint, *, keep_days: int | None = None, cold_after_days: int | None = None
) -> LifecycleChange:
    """Return the change of a point's lifecycle; what is None stays, `FOREVER` is never."""
    held = point.lifecycle or observe.Lifecycle()
    was_keep, was_cold = _or_none(held.delete_after_days), _or_none(held.move_to_cold_storage_after_days)
    keep = was_keep if keep_days is None else _or_none(keep_days)
    cold = was_cold if cold_after_days is None else _or_none(cold_after_days)
    calculated = point.calculated_lifecycle or observe.CalculatedLifecycle()
    return LifecycleChange(
        keep_days=keep,
        cold_after_days=cold,
        archive=bool(held.opt_in_to_archive_for_supported_resources),
        was_keep_days=was_keep,
        was_cold_after_days=was_cold,
        delete_at=_after(point.creation_date, keep),
        was_delete_at=calculated.delete_at or _after(point.creation_date, was_keep),
    )


def _or_none(days: int | None) -> int | None:
    return None if days == FOREVER else days


def _after(since: datetime | None, days: int | None) -> datetime | None:
    return None if since is None or days is None else since + timedelta(days=days)


def kept_forever(point: observe.RecoveryPoint) -> bool:
    """Whether nothing ever deletes the point: it has no day of deletion, and is not on its way out."""
    if point.status == "DELETING" or (point.calculated_lifecycle or observe.CalculatedLifecycle()).delete_at:
        return False
    return point.lifecycle is None or _or_none(point.lifecycle.delete_after_days) is None


def obstacle(point: observe.RecoveryPoint, change: LifecycleChange, now: datetime) -> tuple[str, str] | None:
    """Return why AWS would refuse the change, as a word and a sentence; None where nothing is known against it."""
    return next(_obstacles(point, change, now), None)


def _obstacles(point: observe.RecoveryPoint, change: LifecycleChange, now: datetime) -> Iterator[tuple[str, str]]:
    if continuous(point):
        yield "continuous", "the lifecycle of a continuous point cannot be changed; change its rule's retention"
    if point.status == "DELETING":
        yield "deleting", "it is being deleted already"
    if point.status is not None and point.status not in _CHANGEABLE:
        yield "busy", f"it is {point.status}; only points that are finished can be changed"
    kind = type_named(point.resource_type)
    recooled = change.cold_after_days != change.was_cold_after_days
    if recooled and change.cold_after_days is not None and kind is not None and not kind.cold:
        yield "cold", f"AWS Backup has no cold storage for {point.resource_type}"
    try:
        Lifecycle(delete_after_days=change.keep_days, move_to_cold_storage_after_days=change.cold_after_days)
    except InvalidValueError as error:
        yield "lifecycle", "; ".join(str(attrs.evolve(problem, address="")) for problem in error.problems)
    if not recooled:
        return
    if tier_of(point, now) == "COLD":
        yield "cold", "it is in cold storage: when it went there cannot be changed any more"
    age = (now - point.creation_date).days if point.creation_date is not None else 0
    if change.cold_after_days is not None and change.cold_after_days < age + 1:
        yield "cold", f"it is {age:,} days old: it can go cold after {age + 1:,} days or later"
