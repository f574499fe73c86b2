"""Which points belong together: what a composite is made of, what is nested in it, and what that forbids.

Sources: the developer guide's pages on CloudFormation stack backups ("How do I exclude resources", nested stacks) and
on EKS backups, and the botocore model of RecoveryPointByBackupVault.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple, TypeVar

from backupkit.catalog.resource_type import OWN_POINTS
from backupkit.emulator.kernel.kinds import type_of
from backupkit.emulator.kernel.resource_protocol import ResourceInfo
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import BackupJob, CopyJob, Family, Point, RegionScope, RestoreJob, Selection
from backupkit.emulator.rules import point_store
from backupkit.matching import Selector

__all__ = [
    "STATE_POINT",
    "Members",
    "adopt",
    "attach",
    "child_jobs",
    "children",
    "detach",
    "gone",
    "is_member",
    "is_parent",
    "is_state",
    "members_of",
    "obstacle",
    "part",
    "pass_on",
    "waits",
]

J = TypeVar("J")

STATE_POINT = OWN_POINTS + "eks/{name}-{stamp}"
"""The ARN of the nested point that holds the state of a cluster."""
_HAS_CHILDREN = "Recovery point {arn} cannot be deleted before its nested recovery points are deleted or disassociated"
_IS_STATE = "Recovery point {arn} holds the state of an EKS cluster: it cannot be {what} without its parent"


def is_parent(family: Family | None) -> bool:
    """Whether this is a composite."""
    return family is not None and family.is_parent


def part(family: Family | None) -> bool:
    """Whether this is the part of a composite that is of its resource itself: a stack's template, a cluster's state."""
    return family is not None and family.parent is not None and family.member is None


def is_member(family: Family | None) -> bool:
    """Whether this is of one of the resources that a composite's resource is made of."""
    return family is not None and family.member is not None


def is_state(point: Point) -> bool:
    """Whether the point holds the state of a cluster; it lives and dies with its parent."""
    return point.resource_type == "EKS" and part(point.family)


def children(scope: RegionScope, parent: Point) -> list[Point]:
    """The points nested in a composite."""
    if parent.family is None:
        return []
    found = (point_store.point_called(scope, arn) for arn in parent.family.children or ())
    return [point for point in found if point is not None]


def child_jobs(jobs: Mapping[str, J], family: Family | None) -> list[J]:
    """The jobs for the parts of a composite, by its job's family, as far as their records are kept."""
    ids = (family.children if family is not None else None) or ()
    return [jobs[each] for each in ids if each in jobs]


def waits(scope: RegionScope, parent: Point) -> bool:
    """Whether a composite outlives its retention, because something nested in it does."""
    return any(bool(child.holds) or not is_state(child) for child in children(scope, parent))


def obstacle(scope: RegionScope, point: Point, what: str) -> str | None:
    """Why the point cannot be deleted, copied or disassociated on its own; None where it can."""
    if is_state(point):
        return _IS_STATE.format(arn=point.arn, what=what)
    return _HAS_CHILDREN.format(arn=point.arn) if what == "deleted" and waits(scope, point) else None


def attach(scope: RegionScope, point: Point, job: BackupJob) -> None:
    """Let a new point be part of what its job is part of."""
    above = scope.backup_jobs.get(job.family.parent or "") if job.family is not None else None
    if job.family is None or above is None:
        return
    point.family = point.family or Family()
    point.family.parent, point.family.member = above.point_arn, job.family.member


def adopt(scope: RegionScope, parent: Point, arns: list[str]) -> None:
    """Nest points in a composite."""
    if parent.family is not None:
        parent.family.children = arns
    for child in children(scope, parent):
        if child.family is not None:
            child.family.parent = parent.arn
        if is_state(child):
            child.moves_to_cold = child.expires = None


def pass_on(scope: RegionScope, parent: Point) -> None:
    """Let the state of a cluster tell the lifecycle of its composite, with which it ends."""
    for child in children(scope, parent):
        if is_state(child):
            child.lifecycle = parent.lifecycle


def gone(simulation: Simulation, scope: RegionScope, point: Point) -> None:
    """Let the others know that a point of a composite is deleted; what it waits for was deleted before."""
    for child in children(scope, point):
        if is_state(child):
            point_store.remove(scope, child)
    detach(simulation, scope, point)


def _kept(scope: RegionScope, parent: Point) -> bool:
    """Whether something keeps an emptied composite: a hold, a copy job that reads it, or its vault's lock."""
    return bool(parent.holds) or bool(parent.copies_running) or point_store.vault_of(scope, parent).lock is not None


def part_ended(simulation: Simulation, _scope: RegionScope, job: BackupJob | CopyJob | RestoreJob) -> None:
    """Let the job of a composite look at its parts, where the job that has ended was one of them."""
    if job.family is not None and job.family.when_ended is not None and job.completed is not None:
        simulation.agenda.schedule(job.completed, job.family.when_ended)


def detach(simulation: Simulation, scope: RegionScope, point: Point) -> None:
    """Take a point out of the composite that it is nested in, if it is in one."""
    above = point.family.parent if point.family is not None else None
    parent = point_store.point_called(scope, above) if above is not None else None
    if parent is None or parent.family is None or point.arn not in (parent.family.children or ()):
        return
    parent.family.children = [arn for arn in parent.family.children or () if arn != point.arn]
    if parent.status == "COMPLETED":
        parent.status = "PARTIAL"
        simulation.bus.point_changed(scope, parent)
    if simulation.choices.emptied_composite_is_deleted and not (_kept(scope, parent) or children(scope, parent)):
        point_store.remove(scope, parent)
        gone(simulation, scope, parent)


# ---- The resources of a stack or cluster, without those that the plan leaves out ----


MOST_LAYERS = 10
"""Layers of nested stacks that one backup takes (quota of the developer guide)."""


class Members(NamedTuple):
    """The resources to back up, by their logical ids, and whether others cannot be."""

    taken: dict[str, ResourceInfo]
    incomplete: bool


def members_of(simulation: Simulation, scope: RegionScope, job: BackupJob) -> Members:
    """What the composite that a job backs up is made of; types that AWS Backup does not know are not in it."""
    whole = simulation.world.find(job.resource_arn, scope.account_id, scope.region_name)
    taken: dict[str, ResourceInfo] = {}
    incomplete = False
    exclusions = list(_exclusions(simulation, scope, job))
    for name, arn in (whole.members if whole is not None else {}).items():
        kind = type_of(arn)
        seen = simulation.world.find(arn, scope.account_id, scope.region_name) or (
            ResourceInfo(arn, kind) if kind else None
        )
        if seen is None:
            incomplete = True
        elif all(selector.selects(arn, seen.tags) for selector in exclusions):
            taken[name] = seen
    if layer(scope, job) >= MOST_LAYERS:
        below = {name: seen for name, seen in taken.items() if seen.resource_type != job.resource_type}
        return Members(below, incomplete or len(below) < len(taken))
    return Members(taken, incomplete)


def layer(scope: RegionScope, job: BackupJob) -> int:
    """How many composites the job is in, its own counted."""
    parent = scope.backup_jobs.get(job.family.parent or "") if job.family is not None else None
    return 1 + (layer(scope, parent) if parent is not None else 0)


def _exclusions(simulation: Simulation, scope: RegionScope, job: BackupJob) -> Iterator[Selector]:
    """What the selections of the job's plan leave out: by NotResources, or by tags that must not be like something."""
    plan = scope.plans.get((job.created_by or {}).get("BackupPlanId", ""))
    for selection in plan.selections.values() if plan is not None else ():
        yield Selector(
            ("*",),
            tuple(selection.selection.get("NotResources") or ()),
            conditions=tuple(_not_like(selection)),
            wildcard_anywhere=simulation.choices.wildcard_anywhere,
            missing_tag_differs=True,
        )


def _not_like(selection: Selection) -> Iterator[tuple[str, str, str]]:
    conditions: Mapping[str, list[Mapping[str, str]]] = selection.selection.get("Conditions") or {}
    for entry in conditions.get("StringNotLike") or ():
        yield "StringNotLike", entry["ConditionKey"], entry["ConditionValue"]
