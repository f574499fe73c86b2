"""What would happen to each point of a set, and why not: decided from lists, without a call for each point."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from uuid import uuid4

import attrs
import msgspec

from backupkit import observe
from backupkit.recover.caller import Caller
from backupkit.recover.copy_checks import copy_checks, point_obstacles
from backupkit.recover.copy_route import CopyItem, CopyRoute
from backupkit.recover.last_points import BRINGS_BACK, STAYS
from backupkit.recover.lifecycle_change import changed, obstacle
from backupkit.recover.point_calls import MADE
from backupkit.recover.point_change import PointChange, PointTask
from backupkit.recover.point_changes import PointChanges
from backupkit.recover.point_facts import continuous, is_state
from backupkit.recover.point_lookup import staying
from backupkit.recover.point_set import Survey
from backupkit.recover.point_verbs import has_own_tags
from backupkit.recover.preflight import Verdict
from backupkit.recover.region_vaults import RegionVaults, destination_of
from backupkit.recover.saved_changes import account_of_points
from backupkit.recover.vault_facts import VaultFacts, read_facts

__all__ = ["Judge", "held_back", "keep_composites_whole", "preview"]

_OPERATIONS = {
    "delete": "DeleteRecoveryPoint",
    "lifecycle": "UpdateRecoveryPointLifecycle",
    "tags": "TagResource",
    "copy": "StartCopyJob",
}
_COLD_DAYS = timedelta(days=90)


def preview(
    caller: Caller, question: str, survey: Survey, task: PointTask, destination: Caller | None = None
) -> PointChanges:
    """Return what would happen to each point.

    Args:
        caller: Whom to ask.
        question: Which points they are, in words.
        survey: The points.
        task: What is to be done to them.
        destination: A connection to where they are to be copied.
    """
    now = caller.transport.clock.now()
    points: dict[str, observe.RecoveryPoint] = {point.recovery_point_arn or "": point for point in survey.chosen}
    if task.verb == "delete":
        points = _with_nested(caller, survey, points)
    vaults = {point.backup_vault_name or "" for point in points.values()}
    facts = read_facts(caller, vaults) if points else VaultFacts(vaults={}, policies={}, holds={})
    copied = _copied_before(caller, task.vault) if task.verb == "copy" and points else {}
    copies = _Copies(caller, task, destination) if task.verb == "copy" else None
    judge = Judge(task=task, facts=facts, now=now, points=points, copied=copied, copies=copies)
    changes = {arn: judge.change(point) for arn, point in points.items()}
    if task.verb == "delete":
        keep_composites_whole(changes)
        if task.keep_last:
            _keep_last(caller, survey, changes, task.keep_last)
            keep_composites_whole(changes)
    return PointChanges(
        id=str(uuid4()),
        region_name=caller.transport.region_name,
        account_id=facts.account_id or account_of_points(arn for arn in points if arn),
        question=question,
        previewed_at=now,
        task=task,
        records=tuple(changes.values()),
        notes=(*facts.notes, *(copies.unknown if copies is not None else ())),
        caller=caller,
    )


def _with_nested(
    caller: Caller, survey: Survey, points: Mapping[str, observe.RecoveryPoint]
) -> dict[str, observe.RecoveryPoint]:
    """The points, and those that are nested in composites among them: a composite goes as a whole or not at all."""
    found, parents = dict(points), [point for point in points.values() if point.is_parent]
    while parents:
        parent = parents.pop()
        arn = parent.recovery_point_arn or ""
        for child in survey.nested.get(arn) or _children(caller, parent):
            child_arn = child.recovery_point_arn or ""
            if child_arn not in found:
                found[child_arn] = child
                parents.extend([child] if child.is_parent else [])
    return found


def _children(caller: Caller, parent: observe.RecoveryPoint) -> Iterator[observe.RecoveryPoint]:
    where = {"BackupVaultName": parent.backup_vault_name, "ByParentRecoveryPointArn": parent.recovery_point_arn}
    return caller.listed("ListRecoveryPointsByBackupVault", observe.RecoveryPoint, where)


class _Copies:
    """What stands against copies of the points, besides what their own records tell; each thing is read once."""

    def __init__(self, caller: Caller, task: PointTask, destination: Caller | None) -> None:
        self._task = task
        self._here = RegionVaults(caller)
        self._there = destination_of(self._here, task.vault, destination, "preview_copies/destination")
        self.unknown: dict[str, None] = {}
        """What could not be looked at; the order is that of the points."""

    def against(self, point: observe.RecoveryPoint) -> Iterator[tuple[str, str]]:
        """Why a point is not copied."""
        item = CopyItem.of(point)
        route = CopyRoute(
            item=item,
            here=self._here,
            there=self._there,
            vault_arn=self._task.vault,
            role_arn=self._task.role or point.iam_role_arn or "",
            keep_days=self._task.keep_days,
            cold_after_days=self._task.cold_after_days,
        )
        for check in copy_checks(route):
            if check.verdict is Verdict.PROBLEM:
                yield check.name, check.found
            elif check.verdict is Verdict.UNKNOWN:
                self.unknown[check.message] = None


@attrs.frozen(kw_only=True)
class Judge:
    """Decides about one point after the other."""

    task: PointTask
    facts: VaultFacts
    now: datetime
    points: Mapping[str, observe.RecoveryPoint]
    copied: Mapping[str, str]
    copies: _Copies | None = None

    def change(self, point: observe.RecoveryPoint) -> PointChange:
        """What would happen to the point."""
        task = self.task
        lifecycle = None
        if task.verb == "lifecycle":
            lifecycle = changed(point, keep_days=task.keep_days, cold_after_days=task.cold_after_days)
        made = PointChange(
            recovery_point_arn=point.recovery_point_arn or "",
            vault=point.backup_vault_name or "",
            resource_arn=point.resource_arn or "",
            resource_type=point.resource_type or "",
            status=str(point.status or ""),
            created=point.creation_date,
            size_bytes=point.backup_size_in_bytes,
            parent=point.parent_recovery_point_arn or "",
            with_parent=task.verb == "delete" and point.parent_recovery_point_arn in self.points and is_state(point),
            lifecycle=lifecycle,
            role=(task.role or point.iam_role_arn or "") if task.verb == "copy" else "",
            notes=tuple(self._notes(point)),
        )
        refusal, reason = next(self._against(point, made), ("", ""))
        return msgspec.structs.replace(made, refusal=refusal, reason=reason)

    def _against(self, point: observe.RecoveryPoint, made: PointChange) -> Iterator[tuple[str, str]]:
        match self.task.verb:
            case "delete":
                yield from self._against_deletion(point)
            case "lifecycle":
                yield from self._against_lifecycle(point, made)
            case "tags":
                if not has_own_tags(point.recovery_point_arn):
                    yield "foreign_tags", "its tags are kept by the service that its ARN names"
            case "copy":
                yield from self._against_copy(point, made)
        yield from self._denied(made)

    def protected(self, point: observe.RecoveryPoint, made: PointChange) -> Iterator[tuple[str, str]]:
        """What its vault, legal holds, access points and policy say against it."""
        yield from self._kept(point)
        yield from self._denied(made)

    def _denied(self, made: PointChange) -> Iterator[tuple[str, str]]:
        operation = _OPERATIONS[self.task.verb]
        if self.facts.denied(made.vault, operation, made.recovery_point_arn):
            yield "vault_policy", f"the access policy of vault {made.vault} forbids everybody {operation}"

    def _against_deletion(self, point: observe.RecoveryPoint) -> Iterator[tuple[str, str]]:
        if point.status == "DELETING":
            yield "deleting", "it is being deleted already"
        if point.status == "CREATING":
            yield "busy", "it is still being made"
        yield from self._kept(point)
        parent = point.parent_recovery_point_arn
        if parent is not None and parent not in self.points:
            yield "composite", f"it is part of the composite {parent}: delete that, or disassociate() the point first"

    def _kept(self, point: observe.RecoveryPoint) -> Iterator[tuple[str, str]]:
        arn = point.recovery_point_arn or ""
        locked = self.facts.locked(point.backup_vault_name or "")
        if locked is not None:
            yield "locked", locked
        if self.task.verb == "delete" and arn in self.facts.holds:
            yield "legal_hold", f"under the legal hold {', '.join(self.facts.holds[arn])}"
        if arn in self.facts.opened:
            yield "access_point", "it has a backup access point: delete that first"

    def _against_lifecycle(self, point: observe.RecoveryPoint, made: PointChange) -> Iterator[tuple[str, str]]:
        yield from self._kept(point)
        if is_state(point):
            yield "composite", "its lifecycle is that of its composite"
        if made.lifecycle is not None and made.lifecycle.unchanged:
            yield "unchanged", "it has this lifecycle already"
        if made.lifecycle is not None and (against := obstacle(point, made.lifecycle, self.now)) is not None:
            yield against

    def _against_copy(self, point: observe.RecoveryPoint, made: PointChange) -> Iterator[tuple[str, str]]:
        nested = point.parent_recovery_point_arn in self.points
        if nested and is_state(point):
            yield "composite", "it is copied with its composite"
        yield from point_obstacles(point, self.now)
        if point.backup_vault_arn == self.task.vault:
            yield "same_vault", "it is in that vault"
        if nested:
            yield "composite", "it is copied with its composite"
        if made.recovery_point_arn in self.copied:
            yield "copied", f"copy job {self.copied[made.recovery_point_arn]} has copied it there"
        if self.copies is not None:
            yield from self.copies.against(point)

    def _notes(self, point: observe.RecoveryPoint) -> Iterator[str]:
        operation = _OPERATIONS[self.task.verb]
        if self.facts.denied(point.backup_vault_name or "", operation, point.recovery_point_arn or "") is None:
            yield f"the access policy of its vault may forbid {operation}, depending on the caller"
        if self.task.verb != "delete":
            return
        if continuous(point):
            yield "ends the continuous backup; its rule makes a new one at its next run"
        calculated = point.calculated_lifecycle or observe.CalculatedLifecycle()
        cold_at = calculated.move_to_cold_storage_at
        if cold_at is not None and cold_at <= self.now < cold_at + _COLD_DAYS:
            yield "less than 90 days in cold storage: AWS bills these days all the same"


def _copied_before(caller: Caller, vault: str) -> dict[str, str]:
    """The copy jobs to a vault that are under way or done, by their source."""
    jobs = caller.listed("ListCopyJobs", observe.CopyJob, {"ByDestinationVaultArn": vault})
    return {job.source_recovery_point_arn or "": job.copy_job_id or "" for job in jobs if job.state in MADE}


def keep_composites_whole(changes: dict[str, PointChange]) -> None:
    """Leave a composite and everything nested in it as it is where one of its parts stays."""
    parts = defaultdict(list)
    for arn in changes:
        parts[_root(arn, changes)].append(arn)
    for arns in parts.values():
        staying = [arn for arn in arns if changes[arn].refusal not in {"", "deleting"}]
        if len(arns) > 1 and staying:
            why = f"{staying[0]} of the same composite stays ({changes[staying[0]].refusal})"
            for arn in arns:
                if not changes[arn].refusal:
                    changes[arn] = msgspec.structs.replace(changes[arn], refusal="composite", reason=why)


def _root(arn: str, changes: Mapping[str, PointChange]) -> str:
    while arn in changes and changes[arn].parent in changes:
        arn = changes[arn].parent
    return arn


def _keep_last(caller: Caller, survey: Survey, changes: dict[str, PointChange], keep_last: int) -> None:
    going = [change for change in changes.values() if not change.refusal]
    resources = {change.resource_arn for change in going}
    stays = survey.staying if survey.staying is not None else staying(caller, resources)
    for arn in held_back(going, stays, keep_last):
        reason = f"one of the last {keep_last} that {changes[arn].resource_arn or 'its resource'} can be restored from"
        changes[arn] = msgspec.structs.replace(changes[arn], refusal="last_points", reason=reason)


def held_back(going: Iterable[PointChange], stays: Mapping[str, set[str]], keep_last: int) -> Iterator[str]:
    """The ARNs of points that must not go, so that enough of each resource remain: the newest.

    Args:
        going: The points that would be deleted.
        stays: The ARNs of all points that each resource can be restored from.
        keep_last: How many must remain.
    """
    of_resource: dict[str, list[PointChange]] = defaultdict(list)
    known = {change.recovery_point_arn: change for change in going}
    for change in known.values():
        parent = known.get(change.parent)
        # The part of a composite that is of the same resource, such as a stack's template, is not a second way back.
        if parent is None or parent.resource_arn != change.resource_arn:
            of_resource[change.resource_arn].append(change)
    for resource, changes in of_resource.items():
        remain = len(stays.get(resource, set()) - {change.recovery_point_arn for change in changes})
        whole = [change for change in changes if change.status in BRINGS_BACK]
        # EXPIRED ones AWS may yet delete: they are kept where there is nothing better.
        whole.sort(key=lambda change: (change.status in STAYS, _when(change.created)), reverse=True)
        yield from (change.recovery_point_arn for change in whole[: max(0, keep_last - remain)])


def _when(created: datetime | None) -> float:
    return created.timestamp() if created is not None else 0.0
