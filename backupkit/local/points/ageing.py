"""How points age: they move to cold storage, expire at a random moment within 8 hours of their time, and are gone.

Sources: the developer guide's pages on plan options and on deleting backups, and the botocore model of Lifecycle.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs

from backupkit.local.cloud import Cloud
from backupkit.local.kinds import kind_named
from backupkit.local.points import shelf
from backupkit.local.state import Document, Place, Point

__all__ = ["ABSENT_ROLE", "age", "calculated", "delete", "denied", "goes_cold", "kept", "resume", "retention_days"]

ABSENT_ROLE = "IAM Role {role} cannot be assumed by AWS Backup"
_DELETION_SLACK = timedelta(hours=8)
_DAY = timedelta(days=1)
_AFTER_HOLDS = timedelta(hours=24)


def kept(lifecycle: Document | None) -> Document:
    """A lifecycle as it is kept: without members that say nothing, and empty where it asks to keep for ever."""
    # Not `in`: 0 equals False, and 0 days are for AWS to refuse.
    return {
        name: value
        for name, value in (lifecycle or {}).items()
        if value is not None and value is not False and value != -1
    }


def retention_days(lifecycle: Document) -> int | None:
    """After how many days points are deleted; None keeps them for ever."""
    days = lifecycle.get("DeleteAfterDays")
    return None if days is None or days == -1 else int(days)


def denied(cloud: Cloud, place: Place, role_arn: str | None) -> bool:
    """Whether AWS Backup cannot take on the role."""
    return role_arn in cloud.account(place.account_id).denied_roles


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
    since = point.rolled or point.created
    cold = point.lifecycle.get("MoveToColdStorageAfterDays")
    days = retention_days(point.lifecycle)
    found: Document = {}
    if cold is not None and goes_cold(point):
        found["MoveToColdStorageAt"] = since + cold * _DAY
    if days is not None:
        found["DeleteAt"] = since + days * _DAY
    return found


def age(cloud: Cloud, place: Place, point: Point) -> None:
    """Note when a finished point goes cold and expires; what was noted before no longer counts."""
    moments, now = calculated(point), cloud.clock.now()
    point.chills = point.expires = None
    cold_at: datetime | None = moments.get("MoveToColdStorageAt")
    delete_at: datetime | None = moments.get("DeleteAt")
    if cold_at is not None and point.storage_class == "WARM":
        point.chills = max(cold_at, now)
        cloud.agenda.note(point.chills, _Chill(point, point.chills))
    if delete_at is not None:
        point.expires = max(delete_at, now) + cloud.random.random() * _DELETION_SLACK
        cloud.agenda.note(point.expires, _Expire(place, point, point.expires))


def resume(cloud: Cloud, place: Place, point: Point) -> None:
    """Let happen, within 24 hours, what the point's last legal hold kept from happening."""
    now = cloud.clock.now()
    if point.chills is not None and point.chills <= now:
        point.chills = now + cloud.random.random() * _AFTER_HOLDS
        cloud.agenda.note(point.chills, _Chill(point, point.chills))
    if point.expires is not None and point.expires <= now:
        point.expires = now + cloud.random.random() * _AFTER_HOLDS
        cloud.agenda.note(point.expires, _Expire(place, point, point.expires))


def delete(cloud: Cloud, place: Place, point: Point) -> None:
    """Delete a point as AWS does: accepted at once, gone some time later."""
    point.status, point.chills, point.expires = "DELETING", None, None
    if place.continuous.get(point.resource_arn) is point:
        del place.continuous[point.resource_arn]
    takes = timedelta(seconds=30 + round(cloud.random.random() * 90))
    cloud.agenda.note(cloud.clock.now() + takes, _Vanish(place, point))


def _expired(cloud: Cloud, place: Place, point: Point) -> None:
    """Delete the point, or, where its role is gone, leave it EXPIRED (and billed)."""
    if denied(cloud, place, point.role_arn):
        point.status, point.status_message = "EXPIRED", ABSENT_ROLE.format(role=point.role_arn)
    else:
        shelf.take(place, point)


@attrs.frozen(eq=False)
class _Chill:
    point: Point
    moment: datetime

    def happen(self, cloud: Cloud) -> None:  # noqa: ARG002 - the shape of an event
        # Under a legal hold it stays as it is, until `resume`.
        if self.point.chills == self.moment and not self.point.holds:
            self.point.storage_class, self.point.chills = "COLD", None


@attrs.frozen(eq=False)
class _Expire:
    place: Place
    point: Point
    moment: datetime

    def happen(self, cloud: Cloud) -> None:
        point = self.point
        if point.expires != self.moment or point.holds:
            return
        if point.copies_running:
            # A point that is being copied goes when the copy is done.
            point.expires = self.moment + timedelta(hours=1)
            cloud.agenda.note(point.expires, attrs.evolve(self, moment=point.expires))
            return
        point.expires = None
        _expired(cloud, self.place, point)


@attrs.frozen(eq=False)
class _Vanish:
    place: Place
    point: Point

    def happen(self, cloud: Cloud) -> None:
        _expired(cloud, self.place, self.point)
