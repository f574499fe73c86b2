"""An account in a Region as controls look at it, and the scopes that they evaluate.

A scope is everything, some resource types, what has a tag, or one single resource; what several controls ask is found
once. Source: the botocore model of ControlScope.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

import attrs

from backupkit.emulator.engine.schedules import protected
from backupkit.emulator.kernel.behavior import Choices
from backupkit.emulator.kernel.job_records import RESTORE_JOBS
from backupkit.emulator.kernel.kinds import kind_named, name_in
from backupkit.emulator.kernel.resource_protocol import ResourceInfo
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, Finding, Plan, Point, RegionScope, RestoreJob, Vault

__all__ = ["PLAN", "POINT", "STANDING", "VAULT", "Scope", "View", "kinds_of", "titled"]

# ---- Scopes ----


PLAN = "AWS::Backup::BackupPlan"
VAULT = "AWS::Backup::BackupVault"
POINT = "AWS::Backup::RecoveryPoint"


@attrs.frozen
class Scope:
    """A ControlScope, ready to be asked about many resources.

    Args:
        types: Resource types, any one is enough; empty takes all.
        ids: Names or ARNs of resources, any one is enough; empty takes all.
        tag: A key and a value that a resource must have; an empty value takes any, where ``any_value`` says so.
        any_value: What an empty value means.
    """

    types: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    tag: tuple[str, str] | None = None
    any_value: bool = True

    @classmethod
    def of(cls, document: Document, choices: Choices) -> Scope:
        """The scope that a checked ControlScope means."""
        return cls(
            frozenset(document.get("ComplianceResourceTypes") or ()),
            frozenset(document.get("ComplianceResourceIds") or ()),
            next(iter((document.get("Tags") or {}).items()), None),
            choices.empty_scope_tag_takes_any_value,
        )

    def takes(self, resource_type: str, tags: Mapping[str, str], *names: str) -> bool:
        """Whether a resource of this type, with these tags, that goes by these names, is in scope."""
        return (
            (not self.types or resource_type in self.types)
            and (not self.ids or not self.ids.isdisjoint(names))
            and (self.tag is None or self._tagged(tags, *self.tag))
        )

    def _tagged(self, tags: Mapping[str, str], key: str, value: str) -> bool:
        return tags.get(key) == value or (not value and self.any_value and key in tags)


def kinds_of(document: Document) -> set[str]:
    """Which kinds of scope a ControlScope uses: ``types``, ``tag``, ``single``; none where it takes in everything."""
    found: set[str] = set()
    if document.get("ComplianceResourceIds"):
        found.add("single")
    elif document.get("ComplianceResourceTypes"):
        found.add("types")
    if document.get("Tags"):
        found.add("tag")
    return found


# ---- What controls look at ----


STANDING = frozenset({"COMPLETED", "AVAILABLE", "PARTIAL", "STOPPED", "EXPIRED"})
"""The statuses of points that are evaluated: neither what is being made nor what is being deleted."""


class View:
    """One place at one moment.

    Args:
        simulation: The whole simulation.
        scope: The account in the Region that is audited.
    """

    def __init__(self, simulation: Simulation, scope: RegionScope) -> None:
        self.simulation = simulation
        self.scope = scope
        self.choices = simulation.choices
        self.now = simulation.clock.now()

    @cached_property
    def _world(self) -> tuple[ResourceInfo, ...]:
        """Every resource of the place; to list what is behind a session costs calls."""
        return tuple(self.simulation.world.resources(self.scope.account_id, self.scope.region_name))

    @cached_property
    def resources(self) -> tuple[ResourceInfo, ...]:
        """What Audit Manager evaluates of the world's resources."""
        every, tests = self.choices.controls_cover_every_type, self.choices.controls_see_restore_tests
        return tuple(
            seen
            for seen in self._world
            if (every or kind_named(seen.resource_type).audited) and (tests or not seen.under_test)
        )

    def resources_in(self, scope: Scope) -> Iterator[ResourceInfo]:
        """The resources in a scope."""
        return (
            seen
            for seen in self.resources
            if scope.takes(seen.resource_type, seen.tags, seen.arn, name_in(seen.arn) if scope.ids else "")
        )

    @cached_property
    def plans(self) -> tuple[Plan, ...]:
        """The plans that are not deleted."""
        return tuple(plan for plan in self.scope.plans.values() if plan.deleted is None)

    def plans_in(self, scope: Scope) -> Iterator[Plan]:
        """The plans in a scope; a single one is named by its id or its ARN."""
        return (plan for plan in self.plans if scope.takes(PLAN, plan.tags, plan.id, plan.arn))

    def vaults_in(self, scope: Scope) -> Iterator[Vault]:
        """The standard vaults in a scope: air-gapped ones are of another type of AWS Config's."""
        return (
            vault
            for vault in self.scope.vaults.values()
            if vault.vault_type == "BACKUP_VAULT" and scope.takes(VAULT, vault.tags, vault.name, vault.arn)
        )

    def points_in(self, scope: Scope) -> Iterator[Point]:
        """The recovery points of all vaults that are in a scope."""
        return (
            point
            for vault in self.scope.vaults.values()
            for point in vault.points.values()
            if point.status in STANDING and scope.takes(POINT, point.tags, point.arn)
        )

    @cached_property
    def plans_of(self) -> dict[str, list[Plan]]:
        """The plans that back up each resource, by its ARN; each selection is read once."""
        found: dict[str, list[Plan]] = {}
        for plan in self.plans:
            for seen, _ in protected(self.simulation, self.scope, plan, self._world):
                found.setdefault(seen.arn, []).append(plan)
        return found

    @cached_property
    def last_restores(self) -> dict[str, RestoreJob]:
        """The latest restore job that completed, of each source, by its ARN, as long as AWS keeps its record."""
        found: dict[str, RestoreJob] = {}
        for job in RESTORE_JOBS.known(self.scope, self.now):
            if job.status == "COMPLETED":
                other = found.get(job.source_resource_arn)
                if other is None or job.created >= other.created:
                    found[job.source_resource_arn] = job
        return found

    def points_of(self, resource_arn: str) -> Iterator[Point]:
        """The standing points of a resource in this place, what was put there last first."""
        points = self.scope.points_of.get(resource_arn, {})
        return (point for point in reversed(points.values()) if point.status in STANDING)

    def finding(self, arn: str, resource_type: str, compliant: bool | None, reason: str) -> Finding:
        """What was found at this moment."""
        return Finding(arn, resource_type, compliant, reason, self.now)


def titled(plan: Plan) -> str:
    """A plan's name."""
    return str(plan.versions[-1].plan.get("BackupPlanName"))
