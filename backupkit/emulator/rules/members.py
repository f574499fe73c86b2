"""What a composite is made of: the resources of a stack or cluster, without those that the plan leaves out.

Source: the developer guide's page on CloudFormation stack backups ("How do I exclude resources", nested stacks).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from backupkit.emulator.kernel.kinds import type_of
from backupkit.emulator.kernel.resource_protocol import ResourceInfo
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import BackupJob, RegionScope, Selection
from backupkit.matching import Selector

__all__ = ["MOST_LAYERS", "Members", "members_of"]

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
