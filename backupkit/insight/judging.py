"""Decides for one resource after the other which selections take it, and if none does, what stands in the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property

import attrs

from backupkit.catalog import ResourceType, type_named, types_of
from backupkit.insight.protections import PREFIX, ProtectingSelection
from backupkit.insight.row import CoverageReason, CoverageRow, CoverageStatus, LastPoint, Protection, lacks_tag
from backupkit.insight.runs import never_runs
from backupkit.insight.selection_index import SelectionIndex
from backupkit.matching import Selector
from backupkit.neighbours import Resource

__all__ = ["Judge", "Place"]

_RESTORE_TEST = "awsbackup-restore-test"
_ARN_PARTS = 6
# What a selection that takes a resource can fail by, the nearest to protection first.
_NEAR = (
    CoverageReason.NOT_READ,
    CoverageReason.NOT_OPTED_IN,
    CoverageReason.ROLE,
    CoverageReason.NO_RUN,
    CoverageReason.EXCLUDED,
    CoverageReason.CONDITION,
)


@attrs.frozen(kw_only=True)
class Place:
    """What is known of the account and Region.

    Args:
        region_name: The Region.
        now: What its clock shows.
        opt_in: Whether the Region is opted in to a type, by AWS Backup's strings; None where that could not be read.
        supported: The types that AWS Backup knows in the Region; None where that could not be read.
        roles: Whether AWS Backup can take on a role, by its ARN; None where that could not be read.
        points: The last whole point by the ARN of its resource.
        unread: What could not be read of the plans; empty where all was.
    """

    region_name: str
    now: datetime
    opt_in: Mapping[str, bool] | None
    supported: frozenset[str] | None
    roles: Mapping[str, bool | None]
    points: Mapping[str, LastPoint]
    unread: str = ""


class Judge:
    """Holds resources against selections.

    Args:
        selections: All of them.
        place: Where they are.
    """

    def __init__(self, selections: Sequence[ProtectingSelection], place: Place) -> None:
        self._selections = selections
        self._place = place
        self._selectors = [each.selector for each in selections]
        self._index = SelectionIndex(self._selectors)
        self._shared: dict[tuple[int, ...], Protection] = {}
        self._kinds: dict[tuple[str, str | None], tuple[ResourceType, ...]] = {}
        self._sleeping = {id(each.plan): never_runs(each.plan, place.now) for each in selections}
        self._accounts = {part for each in selections for part in each.role.split(":")[4:5] if part}

    @cached_property
    def _widest(self) -> SelectionIndex:
        """Finds selections whose conditions may not hold, too."""
        return SelectionIndex(self._selectors, conditions=False)

    def row(self, resource: Resource) -> CoverageRow:
        """What is known of a resource."""
        kinds = self._kinds_of(resource)
        reason = self._outside(resource, kinds)
        if reason is not None:
            return self._unprotected(resource, kinds, reason, ())
        taking: list[int] = []
        near: dict[CoverageReason, list[ProtectingSelection]] = {}
        for place in self._candidates(resource):
            if resource.tags is None and CoverageReason.NOT_READ in near and self._selectors[place].conditions:
                continue  # it can tell no more than that its conditions are not known
            found = self._judged(self._selections[place], resource, kinds)
            if found is CoverageReason.SELECTED:
                taking.append(place)
            elif found is not None:
                near.setdefault(found, []).append(self._selections[place])
        if resource.tags is None and not taking and CoverageReason.NOT_READ not in near:
            near.update(self._hidden(resource, kinds))
        if taking:
            return self._made(
                resource, kinds, CoverageStatus.PROTECTED, CoverageReason.SELECTED, self._protection(tuple(taking))
            )
        reason = next((each for each in _NEAR if each in near), None)
        if reason is not None and reason is not CoverageReason.CONDITION:
            return self._unprotected(resource, kinds, reason, near[reason])
        selections = self._missed(resource) or near.get(CoverageReason.CONDITION, [])
        lacking = all(lacks_tag(each, resource.tags or {}) for each in selections)
        return self._unprotected(
            resource, kinds, CoverageReason.NO_TAG if lacking else CoverageReason.CONDITION, selections
        )

    def _kinds_of(self, resource: Resource) -> tuple[ResourceType, ...]:
        """The types that it may be of; its type, where that is known."""
        *_, service, _, _, rest = resource.arn.split(":", _ARN_PARTS - 1)
        start = rest.partition("/")[0].partition(":")[0]
        key = f"{service}:{start}", resource.resource_type
        if key not in self._kinds:
            named = type_named(resource.resource_type) if resource.resource_type is not None else None
            self._kinds[key] = (named,) if named is not None else types_of(resource.arn)
        return self._kinds[key]

    def _outside(self, resource: Resource, kinds: Sequence[ResourceType]) -> CoverageReason | None:
        """Why no selection can take it, whatever it says."""
        _, _, _, region, account, rest = resource.arn.split(":", _ARN_PARTS - 1)
        supported = self._place.supported
        if region not in {"", self._place.region_name} or (
            account and self._accounts and account not in self._accounts
        ):
            return CoverageReason.ELSEWHERE
        if not kinds or (supported is not None and not any(kind.name in supported for kind in kinds)):
            return CoverageReason.NOT_SUPPORTED
        name = resource.name or rest.rpartition("/")[2].rpartition(":")[2]
        if name.startswith(_RESTORE_TEST) or any(key.startswith(_RESTORE_TEST) for key in resource.tags or ()):
            return CoverageReason.RESTORE_TEST
        return None

    def _candidates(self, resource: Resource) -> Iterable[int]:
        if resource.tags is not None:
            return self._index.candidates(resource.arn, resource.tags)
        return sorted(set(self._widest.named(resource.arn)))

    def _hidden(
        self, resource: Resource, kinds: Sequence[ResourceType]
    ) -> dict[CoverageReason, list[ProtectingSelection]]:
        """The first selection that may take a resource by its tags, which are not known."""
        for selection in self._tagging:
            if self._judged(selection, resource, kinds) is CoverageReason.NOT_READ:
                return {CoverageReason.NOT_READ: [selection]}
        return {}

    @cached_property
    def _tagging(self) -> list[ProtectingSelection]:
        return [each for each in self._selections if each.selector.tags]

    def _judged(
        self, selection: ProtectingSelection, resource: Resource, kinds: Sequence[ResourceType]
    ) -> CoverageReason | None:
        """Whether a candidate takes the resource; None where it is not near."""
        found = self._by_parts(selection, resource)
        if found is not CoverageReason.SELECTED and found is not CoverageReason.NOT_READ:
            return found
        opted_in = self._opted_in(selection, resource.arn, kinds)
        role = self._place.roles.get(selection.role, True)
        if opted_in is False:
            return CoverageReason.NOT_OPTED_IN
        if role is False:
            return CoverageReason.ROLE
        if self._sleeping[id(selection.plan)]:
            return CoverageReason.NO_RUN
        return CoverageReason.NOT_READ if opted_in is None or role is None else found

    def _by_parts(self, selection: ProtectingSelection, resource: Resource) -> CoverageReason | None:
        selector, arn, tags = selection.selector, resource.arn, resource.tags
        if tags is None:
            named = selector.names(arn)
            if (not named and not selector.tags) or _never_holds(selector):
                return None
            if selector.excludes(arn):
                return CoverageReason.EXCLUDED if named else None
            return CoverageReason.NOT_READ if selector.conditions or not named else CoverageReason.SELECTED
        if not selector.names(arn) and selector.tagging(tags) is None:
            return None
        if selector.failing(tags) is not None:
            return CoverageReason.CONDITION
        return CoverageReason.EXCLUDED if selector.excludes(arn) else CoverageReason.SELECTED

    def _opted_in(self, selection: ProtectingSelection, arn: str, kinds: Sequence[ResourceType]) -> bool | None:
        """Whether the selection backs up the type; None where that could not be read, or the type is not known."""
        if not any(kind.shares_arn for kind in kinds) and selection.by_type.names(arn):
            return True
        if self._place.opt_in is None:
            return None
        values = {self._place.opt_in.get(kind.name, True) for kind in kinds}
        return values.pop() if len(values) == 1 else None

    def _missed(self, resource: Resource) -> list[ProtectingSelection]:
        """The first selections that would take the resource but for their conditions."""
        tags = resource.tags or {}
        found: dict[int, None] = {}
        for place in (*self._widest.named(resource.arn), *self._widest.tagged(tags)):
            if self._selectors[place].conditions and not self._selectors[place].excludes(resource.arn):
                found[place] = None
                if len(found) > 3:
                    break
        return [self._selections[place] for place in sorted(found)]

    def _protection(self, taking: tuple[int, ...]) -> Protection:
        if taking not in self._shared:
            self._shared[taking] = Protection(tuple(self._selections[place] for place in taking), self._place.now)
        return self._shared[taking]

    def _unprotected(
        self,
        resource: Resource,
        kinds: tuple[ResourceType, ...],
        reason: CoverageReason,
        near: Sequence[ProtectingSelection],
    ) -> CoverageRow:
        status, unread = CoverageStatus.UNPROTECTED, ""
        if reason is CoverageReason.NOT_READ:
            status, unread = CoverageStatus.UNKNOWN, self._not_read(resource, near, kinds)
        elif self._place.unread and reason not in _SURE:
            status, reason, near, unread = CoverageStatus.UNKNOWN, CoverageReason.NOT_READ, (), self._place.unread
        return self._made(resource, kinds, status, reason, self._protection(()), near, unread)

    def _not_read(self, resource: Resource, near: Sequence[ProtectingSelection], kinds: Sequence[ResourceType]) -> str:
        if resource.tags is None:
            return "its tags are not known, and selections ask for tags"
        if any(self._place.roles.get(each.role, True) is None for each in near):
            why = "IAM did not tell, or its trust policy leaves it open"
            return f"whether AWS Backup can take on the role is not known: {why}; check_roles=False leaves it out"
        if self._place.opt_in is None:
            return "the opt-in settings of the Region could not be read"
        return f"it may be {' or '.join(kind.name for kind in kinds)}, and the Region is not opted in to all of them"

    def _made(
        self,
        resource: Resource,
        kinds: tuple[ResourceType, ...],
        status: CoverageStatus,
        reason: CoverageReason,
        protection: Protection,
        near: Sequence[ProtectingSelection] = (),
        unread: str = "",
    ) -> CoverageRow:
        return CoverageRow(
            resource_arn=resource.arn,
            resource_type=kinds[0].name if len(kinds) == 1 else resource.resource_type,
            status=status,
            reason=reason,
            last_point=self._place.points.get(resource.arn),
            tags=resource.tags,
            kinds=kinds,
            protection=protection,
            near=near,
            unread=unread,
        )


_SURE = frozenset({CoverageReason.ELSEWHERE, CoverageReason.NOT_SUPPORTED, CoverageReason.RESTORE_TEST})
"""Reasons that hold whatever the plans say."""


def _never_holds(selector: Selector) -> bool:
    """Whether a condition matches nothing, whatever tags there are."""
    return not all(key.startswith(PREFIX) for _, key, _ in selector.conditions)
