"""Sets of points to act on: whatever gives points can preview what would be done to all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

from backupkit.arn import Arn
from backupkit.checks import tag_key, texts, whole
from backupkit.declare.lifecycle import CopyAction, Lifecycle
from backupkit.declare.tags import Tags
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, located
from backupkit.recover.arguments import check_role
from backupkit.recover.caller import Caller, caller_at
from backupkit.recover.last_points import stays
from backupkit.recover.lifecycle_change import check_days
from backupkit.recover.point_change import PointTask
from backupkit.recover.point_changes import PointChanges
from backupkit.recover.point_verbs import check_tags
from backupkit.transport.connected import Connected
from backupkit.transport.unpicklable import Bound

if TYPE_CHECKING:
    from backupkit.recover.recovery_point import RecoveryPoint

__all__ = ["PointSet", "Survey", "surveyed"]


@attrs.frozen(kw_only=True)
class Survey:
    """The points of a set, and what was seen of others on the way.

    Args:
        chosen: The points, with everything that lists say.
        staying: The ARNs of all points that a resource can be restored from, by the resource; None: not looked at.
        nested: The nested points of composites, by their parent.
    """

    chosen: tuple[RecoveryPoint, ...]
    staying: Mapping[str, set[str]] | None = None
    nested: Mapping[str, list[RecoveryPoint]] = attrs.field(factory=dict)


def surveyed(points: Iterable[tuple[RecoveryPoint, bool]], *, all_seen: bool) -> Survey:
    """Return what a walk over points comes to; each is given with whether it is in the set."""
    chosen: list[RecoveryPoint] = []
    staying: dict[str, set[str]] = {}
    nested: dict[str, list[RecoveryPoint]] = {}
    for point, wanted in points:
        if wanted:
            chosen.append(point)
        if all_seen and stays(point):
            staying.setdefault(point.resource_arn or "", set()).add(point.recovery_point_arn or "")
        if all_seen and point.parent_recovery_point_arn is not None:
            nested.setdefault(point.parent_recovery_point_arn, []).append(point)
    return Survey(chosen=tuple(chosen), staying=staying if all_seen else None, nested=nested)


class PointSet(Bound):
    """Recovery points that something can be done with, all together. Nothing is done before ``apply``."""

    __slots__ = ()

    if TYPE_CHECKING:
        # What each class has.
        def __iter__(self) -> Iterator[RecoveryPoint]: ...
        def _survey(self) -> Survey: ...
        def _description(self) -> str: ...
        def _client(self) -> Caller: ...

    def in_full(self) -> Sequence[RecoveryPoint]:
        """Read the points with everything that lists say; a list by resource alone leaves members out."""
        return self._survey().chosen

    def preview_deletion(self, *, keep_last: int = 1) -> PointChanges:
        """Show which points would be deleted, and which would not and why; nothing is deleted.

        Locks, policies and legal holds are read once a vault. The points nested in a composite go with it, and are in
        the preview.

        Args:
            keep_last: How many points of each resource are kept in any case, the newest. Counted is what would remain
                in all vaults here. 0 lets the last one go.

        Raises:
            InvalidValueError: The number is not one.
        """
        problems = tuple(located("preview_deletion/keep_last", whole(0, 1_000_000, "points")(keep_last)))
        if problems:
            raise InvalidValueError(problems)
        return self._previewed(self._deletion(keep_last))

    def preview_lifecycle(self, *, keep_days: int | None = None, cold_after_days: int | None = None) -> PointChanges:
        """Show how the lifecycles of the points would change; what is not named stays as each point has it.

        Args:
            keep_days: Days from the creation of each point to its deletion, 1 to 36,500; ``bk.FOREVER``: never.
            cold_after_days: Days from its creation in warm storage; ``bk.FOREVER``: it never goes cold.

        Raises:
            InvalidValueError: Nothing is named, or a number is out of range.
        """
        check_days(keep_days, cold_after_days, "preview_lifecycle")
        return self._previewed(PointTask(verb="lifecycle", keep_days=keep_days, cold_after_days=cold_after_days))

    def preview_tags(self, tags: Mapping[str, str] | None = None, *, remove: Iterable[str] = ()) -> PointChanges:
        """Show which points would be tagged; those whose tags are another service's are not.

        Args:
            tags: Tags to add, or whose values to change.
            remove: Keys to take away.

        Raises:
            InvalidValueError: AWS would refuse a tag, or nothing is given.
        """
        given, gone = Tags(tags), texts(remove, "preview_tags/remove")
        if wrong := [problem for key in gone for problem in located("preview_tags/remove", tag_key(key))]:
            raise InvalidValueError(wrong)
        check_tags(given, "preview_tags")
        if not given and not gone:
            what = "neither tags to add nor keys to take away are given"
            raise InvalidValueError(Problem("preview_tags", what, 'write preview_tags({"Team": "platform"})'))
        return self._previewed(PointTask(verb="tags", tags=dict(given), remove_tags=gone))

    def preview_copies(
        self,
        vault: Arn | str,
        *,
        keep_days: int | None = None,
        cold_after_days: int | None = None,
        role: Arn | str | None = None,
        destination: Connected | None = None,
    ) -> PointChanges:
        """Show which points would be copied, and which would not and why, as `RecoveryPoint.preview_copy` tells it.

        Those that were copied there in the last 30 days are not copied again.

        Args:
            vault: The ARN of the vault, in any Region or account.
            keep_days: Days from the creation of each point to the deletion of its copy.
            cold_after_days: Days in warm storage.
            role: The ARN of the role AWS Backup takes on. None: the one that made each point.
            destination: A connection to the account and Region of the vault, through which the other side is looked at.

        Raises:
            InvalidValueError: A day number that AWS would refuse, something that is not the ARN of a vault, or a
                destination that is not the vault's.
        """
        role = check_role(role, "preview_copies/role")
        lifecycle = Lifecycle(delete_after_days=keep_days, move_to_cold_storage_after_days=cold_after_days)
        arn = CopyAction(vault, lifecycle=lifecycle).vault
        task = PointTask(verb="copy", vault=arn, keep_days=keep_days, cold_after_days=cold_after_days, role=role or "")
        there = None if destination is None else caller_at(destination, "preview_copies/destination")
        return self._previewed(task, there)

    def _deletion(self, keep_last: int) -> PointTask:
        return PointTask(verb="delete", keep_last=keep_last)

    def _previewed(self, task: PointTask, destination: Caller | None = None) -> PointChanges:
        from backupkit.recover.point_preview import preview  # noqa: PLC0415 - it makes handles of points

        return preview(self._client(), self._description(), self._survey(), task, destination)
