"""How points age, which lifecycles are taken, and what a vault's lock says of a retention.

Points move to cold storage, expire at a random moment within 8 hours of their time, and are gone.

Sources: the developer guide's pages on plan options and on deleting backups, and the botocore model of Lifecycle.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache

from backupkit.emulator.kernel.agenda import ScheduledEvent
from backupkit.emulator.kernel.kinds import kind_named
from backupkit.emulator.kernel.operations import raise_invalid_value
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, Lock, Point, RegionScope, Vault
from backupkit.emulator.rules import nesting, point_store

__all__ = [
    "ABSENT_ROLE",
    "age",
    "calculated",
    "checked_lifecycle",
    "delete",
    "denied",
    "expire",
    "goes_cold",
    "kept",
    "lock_state",
    "outside_lock",
    "resume",
    "retention_days",
    "whole_seconds",
]

# ---- Spans of time that each backup needs, kept: making one takes three times as long as finding it ----


_DELETION_SLACK = 8 * 3600
_SECONDS = [timedelta(0, number) for number in range(_DELETION_SLACK)]


def whole_seconds(number: int) -> timedelta:
    """So many whole seconds, from 0 on."""
    # A table: a cache of so many touches four places in memory each time, to keep the order of their use.
    return _SECONDS[number] if number < len(_SECONDS) else timedelta(0, number)


@lru_cache(maxsize=4_096)
def whole_days(number: int) -> timedelta:
    """So many days."""
    return timedelta(number)


# ---- How points age ----


ABSENT_ROLE = "IAM Role {role} cannot be assumed by AWS Backup"
_BACKUP = "backup.amazonaws.com"
"""Who deletes what has reached the end of its retention."""
_AFTER_HOLDS = 24 * 3600


def kept(lifecycle: Document | None) -> Document:
    """A lifecycle as it is kept: without members that say nothing, and empty where it asks to keep forever."""
    # Not `in`: 0 equals False, and 0 days are for AWS to refuse.
    return {
        name: value
        for name, value in (lifecycle or {}).items()
        if value is not None and value is not False and value != -1
    }


def retention_days(lifecycle: Document) -> int | None:
    """After how many days points are deleted; None keeps them forever."""
    after = lifecycle.get("DeleteAfterDays")
    return None if after is None or after == -1 else int(after)


def denied(simulation: Simulation, scope: RegionScope, role_arn: str | None) -> bool:
    """Whether AWS Backup cannot take on the role."""
    account = simulation.accounts.get(scope.account_id)
    return account is not None and role_arn in account.denied_roles


def goes_cold(point: Point) -> bool:
    """Whether the point can move to cold storage; where not, AWS ignores the request in silence."""
    kind = kind_named(point.resource_type)
    if not kind.cold or point.continuous:
        return False
    if kind.archive:
        return bool(point.lifecycle.get("OptInToArchiveForSupportedResources"))
    # A DynamoDB point that AWS Backup does not manage itself has the table's service in its ARN.
    return ":dynamodb:" not in point.arn


def calculated(point: Point) -> Document:
    """The CalculatedLifecycle: when the point moves to cold storage, and when its retention ends."""
    cold_at, delete_at = _turns(point)
    found: Document = {}
    if cold_at is not None:
        found["MoveToColdStorageAt"] = cold_at
    if delete_at is not None:
        found["DeleteAt"] = delete_at
    return found


def _turns(point: Point) -> tuple[datetime | None, datetime | None]:
    """When the point moves to cold storage, and when its retention ends."""
    since, lifecycle = point.rolled or point.created, point.lifecycle
    cold, kept_days = lifecycle.get("MoveToColdStorageAfterDays"), lifecycle.get("DeleteAfterDays")
    return (
        since + whole_days(cold) if cold is not None and goes_cold(point) else None,
        since + whole_days(kept_days) if kept_days is not None and kept_days != -1 else None,
    )


def age(simulation: Simulation, scope: RegionScope, point: Point) -> None:
    """Note when a finished point goes cold and expires; what was noted before no longer counts."""
    cold_at, delete_at = _turns(point)
    now = simulation.clock.moment
    point.moves_to_cold = point.expires = None
    if cold_at is not None and point.storage_class == "WARM":
        point.moves_to_cold = max(cold_at, now)
        simulation.agenda.schedule(point.moves_to_cold, _MoveToCold(scope, point, point.moves_to_cold))
    if delete_at is not None:
        slack = _SECONDS[int(simulation.random.random() * _DELETION_SLACK)]
        point.expires = expires = max(delete_at, now) + slack
        simulation.agenda.schedule(expires, _Expire(scope, point, expires))


def resume(simulation: Simulation, scope: RegionScope, point: Point) -> None:
    """Let happen, within 24 hours, what the point's last legal hold kept from happening."""
    now = simulation.clock.now()
    if point.moves_to_cold is not None and point.moves_to_cold <= now:
        point.moves_to_cold = now + whole_seconds(int(simulation.random.random() * _AFTER_HOLDS))
        simulation.agenda.schedule(point.moves_to_cold, _MoveToCold(scope, point, point.moves_to_cold))
    if point.expires is not None and point.expires <= now:
        point.expires = now + whole_seconds(int(simulation.random.random() * _AFTER_HOLDS))
        simulation.agenda.schedule(point.expires, _Expire(scope, point, point.expires))


def expire(simulation: Simulation, scope: RegionScope, point: Point) -> None:
    """Let a point expire now, or as soon as no copy job and no hold keeps it."""
    point.expires = simulation.clock.now()
    simulation.agenda.schedule(point.expires, _Expire(scope, point, point.expires))


def delete(simulation: Simulation, scope: RegionScope, point: Point) -> None:
    """Delete a point as AWS does, for whoever calls now: accepted at once, gone some time later."""
    point.moves_to_cold = point.expires = None
    _become(scope, point, "DELETING")
    if scope.continuous.get(point.resource_arn) is point:
        del scope.continuous[point.resource_arn]
    takes = timedelta(seconds=30 + round(simulation.random.random() * 90))
    simulation.agenda.schedule(simulation.clock.now() + takes, _FinishDeletion(scope, point, _caller(simulation)))
    simulation.bus.point_changed(scope, point)


def _caller(simulation: Simulation) -> str:
    return simulation.caller.arn if simulation.caller is not None else _BACKUP


def _become(scope: RegionScope, point: Point, status: str, message: str | None = None) -> None:
    """Give the point a new status; the state of a cluster shares that of its composite, so that no hold takes it."""
    point.status, point.status_message = status, message or point.status_message
    for child in nesting.children(scope, point) if point.family is not None else ():
        if nesting.is_state(child):
            child.status, child.status_message = point.status, point.status_message


def _expired(simulation: Simulation, scope: RegionScope, point: Point, deleted_by: str) -> None:
    """Delete the point, or, where its role is gone, leave it EXPIRED (and billed)."""
    if denied(simulation, scope, point.role_arn):
        _become(scope, point, "EXPIRED", ABSENT_ROLE.format(role=point.role_arn))
        simulation.bus.point_changed(scope, point)
    else:
        point_store.remove(scope, point)
        if point.family is not None:
            nesting.gone(simulation, scope, point)
        simulation.bus.point_deleted.tell(scope, point, deleted_by)


class _MoveToCold(ScheduledEvent):
    scope: RegionScope
    point: Point
    moment: datetime

    def happen(self, simulation: Simulation) -> None:
        # Under a legal hold it stays as it is, until `resume`.
        if self.point.moves_to_cold == self.moment and not self.point.holds:
            self.point.storage_class, self.point.moves_to_cold = "COLD", None
            simulation.bus.point_moved_to_cold(self.scope, self.point)


class _Expire(ScheduledEvent):
    scope: RegionScope
    point: Point
    moment: datetime

    def happen(self, simulation: Simulation) -> None:
        point = self.point
        if point.expires != self.moment or point.holds:
            return
        if (
            point.copies_running
            or (point.family is not None and nesting.waits(self.scope, point))
            or (point.continuous and point_store.filled(self.scope, point))
        ):
            # A point that is being copied goes when the copy is done, a composite after all that is nested in it; a
            # continuous one that a job brings up to date has a later end when the job is done.
            point.expires = self.moment + timedelta(hours=1)
            simulation.agenda.schedule(point.expires, _Expire(self.scope, point, point.expires))
            return
        point.expires = None
        _expired(simulation, self.scope, point, _BACKUP)


class _FinishDeletion(ScheduledEvent):
    scope: RegionScope
    point: Point
    deleted_by: str

    def happen(self, simulation: Simulation) -> None:
        _expired(simulation, self.scope, self.point, self.deleted_by)


# ---- Which lifecycles AWS takes for jobs, copies and points, and its sentences where it does not ----


_IN_COLD_DAYS = 90
_MAX_DAYS = 36_500


def checked_lifecycle(lifecycle: Document | None) -> Document:
    """The lifecycle as it is kept.

    Raises:
        ApiError: Days out of 1 to 36,500, or less than 90 days in cold storage.
    """
    if lifecycle is not None and "DeleteAfterEvent" in lifecycle:
        _refuse("DeleteAfterEvent is not valid as an input")
    found = kept(lifecycle)
    cold, days = found.get("MoveToColdStorageAfterDays"), retention_days(found)
    if days is not None and not 1 <= days <= _MAX_DAYS:
        _refuse("DeleteAfterDays cannot be less than 1 or more than 36500 days")
    if cold is not None and not 1 <= cold <= _MAX_DAYS:
        _refuse("MoveToColdStorageAfterDays cannot be less than 1 or more than 36500 days")
    if cold is not None and days is not None and days < cold + _IN_COLD_DAYS:
        _refuse("DeleteAfterDays cannot be less than 90 days apart from MoveToColdStorageAfterDays")
    return found


def _refuse(what: str) -> None:
    raise_invalid_value(f"Invalid lifecycle. {what}")


# ---- What a vault's lock says of a retention ----


def lock_state(vault: Vault | None) -> str | None:
    """Whether the vault is locked, in AWS's words; None where there is no vault."""
    if vault is None:
        return None
    return "LOCKED" if vault.lock is not None else "UNLOCKED"


def outside_lock(lock: Lock | None, days: int | None) -> bool:
    """Whether a retention of ``days`` (None: forever) breaks the lock."""
    if lock is None:
        return False
    too_short = days is not None and lock.min_retention_days is not None and days < lock.min_retention_days
    too_long = lock.max_retention_days is not None and (days is None or days > lock.max_retention_days)
    return too_short or too_long
