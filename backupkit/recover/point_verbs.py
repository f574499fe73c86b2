"""What can be done with one point, beside restoring and copying it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Self, cast

from backupkit import observe
from backupkit.arn import Arn
from backupkit.checks import RESOURCE_TAGS, must_be_bools, tags_within
from backupkit.declare.tags import Tags
from backupkit.display import moment
from backupkit.errors import ConsentError, InvalidValueError, NotFoundError, ServiceError
from backupkit.problems import Problem, located
from backupkit.recover.arguments import check_role
from backupkit.recover.caller import Caller
from backupkit.recover.deletion import Deletion, delete_point
from backupkit.recover.deletion_causes import explained
from backupkit.recover.lifecycle_change import changed, check_days, obstacle
from backupkit.recover.point_handle import PointHandle
from backupkit.transport.protocol import Params

if TYPE_CHECKING:
    from backupkit.recover.recovery_point import RecoveryPoint

__all__ = ["PointVerbs", "active_holds", "check_tags", "has_own_tags", "held_by"]


class PointVerbs(PointHandle):
    """A base of the handle of points."""

    __slots__ = ()

    def delete(self, *, allow_last: bool = False) -> Deletion:
        """Ask AWS to delete the point. It takes that at once and carries it out later: ``wait()`` confirms it.

        Args:
            allow_last: Allow it to be the last point here that its resource can be restored from.

        Raises:
            ConsentError: It is the last one; nothing was deleted.
            ServiceError: AWS refuses, because of a legal hold, a lock, the vault's policy, nested points or an action
                under way; says so, and the way out.
        """
        must_be_bools("delete", allow_last=allow_last)
        return delete_point(self._point, allow_last=allow_last)

    def update_lifecycle(
        self, *, keep_days: int | None = None, cold_after_days: int | None = None, allow_delete: bool = False
    ) -> Self:
        """Change when the point goes cold and when it goes. What is not named stays as it is.

        Args:
            keep_days: Days from the creation of the point to its deletion, 1 to 36,500; ``bk.FOREVER``: never.
            cold_after_days: Days from its creation in warm storage; ``bk.FOREVER``: it never goes cold.
            allow_delete: Allow its deletion to come nearer. A point that is older than the new days is gone
                within hours.

        Returns:
            The point as AWS then shows it.

        Raises:
            InvalidValueError: Nothing is named, a number is out of range, or AWS would refuse the change.
            ConsentError: The deletion would come nearer; nothing was changed.
        """
        check_days(keep_days, cold_after_days, "update_lifecycle")
        must_be_bools("update_lifecycle", allow_delete=allow_delete)
        point = self._point.refresh()
        change = changed(point, keep_days=keep_days, cold_after_days=cold_after_days)
        if change.unchanged:
            return cast("Self", point)
        against = obstacle(point, change, point.clock.now())
        if against is not None:
            raise InvalidValueError(Problem("update_lifecycle", f"{point.recovery_point_arn}: {against[1]}"))
        if change.sooner and not allow_delete:
            was = moment(change.was_delete_at) or "never"
            raise ConsentError(
                f"{point.recovery_point_arn} would be deleted at {moment(change.delete_at)} instead of {was}, within "
                "hours where that is past; nothing was changed; to agree, say update_lifecycle(allow_delete=True)"
            )
        params: Params = {**_where(point), "Lifecycle": change.document()}
        _call(point, "UpdateRecoveryPointLifecycle", params)
        return cast("Self", point.refresh())

    def tag(self, tags: Tags | dict[str, str] | None = None, /, **more: str) -> Self:
        """Add tags to the point, or change their values, and return it.

        Args:
            tags: Tags whose keys are not Python names.
            more: Tags.

        Raises:
            InvalidValueError: AWS would refuse a tag, or the point's tags are not AWS Backup's.
        """
        given = Tags(tags, **more)
        point = self._point
        check_tags(given, "tag")
        _must_own_tags(point)
        if given:
            _call(point, "TagResource", {"ResourceArn": point.recovery_point_arn, "Tags": dict(given)})
        return self

    def untag(self, *keys: str) -> Self:
        """Take tags away from the point, and return it; keys that it does not have are passed over.

        Raises:
            InvalidValueError: The point's tags are not AWS Backup's.
        """
        point = self._point
        _must_own_tags(point)
        if keys:
            _call(point, "UntagResource", {"ResourceArn": point.recovery_point_arn, "TagKeyList": list(keys)})
        return self

    def disassociate(self) -> Self | None:
        """Take a nested point out of its composite, or hand a continuous one over to its own service.

        Returns:
            The point as AWS then shows it; None where its service took it over and no vault holds it any more.

        Raises:
            InvalidValueError: It is neither nested nor continuous.
            ServiceError: AWS refuses, because of a legal hold or a lock; says so, and the way out.
        """
        point = self._point
        point = point if point.status is not None and point.says_enough else point.refresh()
        if point.parent_recovery_point_arn is not None:
            operation = "DisassociateRecoveryPointFromParent"
        elif point.is_continuous:
            operation = "DisassociateRecoveryPoint"
        else:
            what = f"{point.recovery_point_arn} is neither nested in a composite nor continuous"
            raise InvalidValueError(Problem("disassociate", what, "only such points can be disassociated"))
        _call(point, operation, _where(point))
        try:
            return cast("Self", point.refresh())
        except NotFoundError:
            return None

    def index(self, *, enabled: bool = True, role: Arn | str | None = None) -> Self:
        """Start making the index by which the point's files can be searched, or delete it.

        Args:
            enabled: False deletes the index.
            role: The ARN of the role that AWS Backup takes on for it. None: the one that made the point.

        Returns:
            The point as AWS then shows it, with its ``index_status``.
        """
        must_be_bools("index", enabled=enabled)
        role = check_role(role, "index/role")
        point = self._point
        point = point if point.says_enough else point.refresh()
        params: Params = {
            **_where(point),
            "Index": "ENABLED" if enabled else "DISABLED",
            "IamRoleArn": (role or point.iam_role_arn) if enabled else role,
        }
        _call(point, "UpdateRecoveryPointIndexSettings", params)
        return cast("Self", point.refresh())

    def legal_holds(self) -> tuple[observe.LegalHold, ...]:
        """The active legal holds that keep the point; takes a call for each active hold of the account."""
        arn, caller = self._point.recovery_point_arn, self._caller
        return tuple(hold for hold in active_holds(caller) if arn in held_by(caller, hold))


def _where(point: RecoveryPoint) -> dict[str, str | None]:
    return {"BackupVaultName": point.backup_vault_name, "RecoveryPointArn": point.recovery_point_arn}


def _call(point: RecoveryPoint, operation: str, params: Params) -> None:
    try:
        point._caller.call(operation, params)  # noqa: SLF001 - a verb acts for the handle
    except ServiceError as error:
        explained_error = explained(error)
    else:
        return
    raise explained_error


def has_own_tags(arn: str | None) -> bool:
    """Whether a point's tags are AWS Backup's; others are kept by the service of the resource."""
    return (arn or "").split(":")[2:3] == ["backup"]


def check_tags(tags: Tags, where: str) -> None:
    """Refuse tags that AWS would refuse.

    Raises:
        InvalidValueError: There are some.
    """
    problems = tuple(located(where, tags_within(RESOURCE_TAGS)(tags)))
    if problems:
        raise InvalidValueError(problems)


def _must_own_tags(point: RecoveryPoint) -> None:
    if not has_own_tags(point.recovery_point_arn):
        what = f"{point.recovery_point_arn} has its tags in the service that its ARN names, not in AWS Backup"
        raise InvalidValueError(Problem("tags", what, "tag it there"))


def active_holds(caller: Caller) -> Iterable[observe.LegalHold]:
    """The legal holds that hold points now."""
    holds = caller.listed("ListLegalHolds", observe.LegalHold, {})
    return [hold for hold in holds if hold.status in {"ACTIVE", "CREATING"}]


def held_by(caller: Caller, hold: observe.LegalHold) -> frozenset[str]:
    """The ARNs of the points under a hold."""
    params = {"LegalHoldId": hold.legal_hold_id}
    points = caller.listed("ListRecoveryPointsByLegalHold", observe.RecoveryPoint, params)
    return frozenset(point.recovery_point_arn or "" for point in points)
