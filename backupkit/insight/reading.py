"""Reads what decides about coverage, and asks the judge about each resource."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TypeVar

import attrs

from backupkit import observe
from backupkit.catalog import TYPES, types_of
from backupkit.checks import must_be_bools, texts
from backupkit.connection import Connection
from backupkit.declare.plan import Plan
from backupkit.errors import InvalidValueError, ServiceError
from backupkit.insight.inventory import ResourceSource, given
from backupkit.insight.judging import Judge, Place
from backupkit.insight.protections import ProtectingSelection, declared_plan, observed_plan
from backupkit.insight.report import Coverage
from backupkit.insight.row import LastPoint
from backupkit.neighbours import Inventory, Resource
from backupkit.neighbours.roles import usable_roles
from backupkit.problems import Problem, counted, nearest, quote, typed
from backupkit.provider import Stack
from backupkit.provider.changes import reading_and_writing
from backupkit.recover.caller import Caller
from backupkit.transport.connected import transport_of

__all__ = ["coverage"]

T = TypeVar("T")
_WHOLE = frozenset({"COMPLETED", "AVAILABLE", "STOPPED"})


def coverage(
    aws: Connection,
    *,
    plans: Plan | Stack | Iterable[Plan | Stack] | None = None,
    resources: ResourceSource | None = None,
    types: Iterable[str] | None = None,
    check_roles: bool = True,
) -> Coverage:
    """Tell for each resource which plans, rules and selections protect it, and for the others why none does.

    A resource is selected as AWS Backup does it: (``Resources`` or ``ListOfTags``) and all ``Conditions``, and none of
    ``NotResources``; then the Region's opt-in settings decide. Reads only, and no backup need have been made.

    Args:
        aws: A connection: the account and Region.
        plans: Declared plans or stacks, for the answer before anything is applied; None: the plans in AWS.
        resources: ARNs, pairs of ARN and tags, tags by ARN, records of Resource Explorer or AWS Config, or the path
            of a file with them (JSON, also gzip). None: all that the types' own services list, with the connection's
            session; with `bk.local()`, the resources of its world.
        types: Only resources of these types, by AWS Backup's strings; None: of all.
        check_roles: Whether IAM is asked if AWS Backup can take on the selections' roles; what IAM refuses to tell
            makes a resource unknown.

    Returns:
        The rows, with ``.require(...)`` for CI.

    Raises:
        InvalidValueError: Something among the resources or plans is not one.
        NeighbourError: The connection has no session to list resources with; give ``resources=``.
        BackupKitError: AWS could not be reached.
    """
    transport_of(aws, "coverage", "call")
    must_be_bools("coverage", check_roles=check_roles)
    neighbours = aws.neighbours
    chosen = _types(types)
    inventory, left_out, source = _listed(aws, chosen) if resources is None else _given(resources, chosen)
    notes = _Notes()
    selections, unread = _declared(plans) if plans is not None else _in_aws(aws)
    place = Place(
        region_name=aws.region_name,
        now=aws.clock.now(),
        opt_in=_opt_in(aws, notes),
        supported=_supported(aws, notes),
        roles=usable_roles(neighbours, (each.role for each in selections)) if check_roles else {},
        points=_points(aws, inventory.resources, notes),
        unread=unread,
    )
    judge = Judge(selections, place)
    unlisted = {
        name: why for name, why in inventory.unread.items() if place.supported is None or name in place.supported
    }
    return Coverage(
        region_name=aws.region_name,
        rows=tuple(map(judge.row, inventory.resources)),
        unread=unlisted,
        left_out=left_out,
        notes=(*([unread] if unread else ()), *notes.lines),
        declared=plans is not None,
        source=source,
    )


@attrs.define
class _Notes:
    """What could not be read."""

    lines: list[str] = attrs.field(factory=list)

    def read(self, what: str, ask: Callable[[], T]) -> T | None:
        """What a call answers; None, with a note, where AWS refuses it."""
        try:
            return ask()
        except ServiceError as error:
            self.lines.append(f"{what} could not be read: {error.code}")
            return None


def _types(types: Iterable[str] | None) -> frozenset[str] | None:
    if types is None:
        return None
    found = texts(types, "coverage/types")
    unknown = [
        Problem("coverage/types", f"{quote(each)} is not a type that backupkit can look for", nearest(each, TYPES))
        for each in found
        if not isinstance(each, str) or each not in TYPES
    ]
    if unknown:
        raise InvalidValueError(unknown)
    return frozenset(found)


def _listed(aws: Connection, types: frozenset[str] | None) -> tuple[Inventory, int, str]:
    inventory = aws.neighbours.resources(types)
    count = counted(len(inventory.resources), "resource")
    return inventory, 0, f"the services in {aws.region_name} list {count}{_of_types(types)}"


def _given(resources: ResourceSource, types: frozenset[str] | None) -> tuple[Inventory, int, str]:
    found, left_out = given(resources)
    named = f"the file {resources}" if isinstance(resources, Path) else "resources="
    source = f"{named} names {counted(len(found), 'resource')}"
    if types is not None:
        found = [each for each in found if types & ({each.resource_type} | {kind.name for kind in types_of(each.arn)})]
        source += f", {len(found):,}{_of_types(types)}"
    return Inventory(tuple(found)), left_out, source


def _of_types(types: frozenset[str] | None) -> str:
    return f" of the types {', '.join(sorted(types)) or 'given, which are none'}" if types is not None else ""


def _declared(plans: object) -> tuple[list[ProtectingSelection], str]:
    each_of = (plans,) if isinstance(plans, (Plan, Stack)) else plans
    found: list[ProtectingSelection] = []
    for each in each_of if isinstance(each_of, Iterable) and not isinstance(each_of, str) else (each_of,):
        if not isinstance(each, (Plan, Stack)):
            what = f"{typed(each)} is neither a plan nor a stack"
            raise InvalidValueError(Problem("coverage/plans", what, "give bk.Plan or bk.Stack values"))
        for plan in each.plans if isinstance(each, Stack) else each.split():
            found.extend(declared_plan(plan))
    return found, ""


def _in_aws(aws: Connection) -> tuple[list[ProtectingSelection], str]:
    """The selections of the plans in AWS, and what of them could not be read."""
    try:
        plans = list(aws.plans)
    except ServiceError as error:
        return [], f"the plans could not be listed: {error.code}"
    found: list[ProtectingSelection] = []
    unread: list[str] = []
    with reading_and_writing() as threads:
        for plan, read in zip(plans, threads.map(lambda plan: _plan(aws, plan), plans), strict=True):
            if isinstance(read, ServiceError):
                unread.append(f"plan {plan.backup_plan_name!r} could not be read: {read.code}")
            else:
                found.extend(read)
    return found, "; ".join(unread)


def _plan(aws: Connection, plan: observe.Plan) -> list[ProtectingSelection] | ServiceError:
    plan_id = plan.backup_plan_id or ""
    try:
        whole = Caller(aws.transport).fetch("GetBackupPlan", observe.Plan, {"BackupPlanId": plan_id})
        listed = list(aws.plans.selections(plan_id))
        return list(observed_plan(whole, (aws.plans.selection(plan_id, each.selection_id or "") for each in listed)))
    except ServiceError as error:
        return error


def _opt_in(aws: Connection, notes: _Notes) -> Mapping[str, bool] | None:
    found = notes.read(
        "the opt-in settings", lambda: Caller(aws.transport).fetch("DescribeRegionSettings", observe.RegionSettings, {})
    )
    return found.resource_type_opt_in_preference if found is not None else None


def _supported(aws: Connection, notes: _Notes) -> frozenset[str] | None:
    found = notes.read(
        "the types of the Region",
        lambda: Caller(aws.transport).fetch("GetSupportedResourceTypes", observe.SupportedResourceTypes, {}),
    )
    return frozenset(found.resource_types) if found is not None and found.resource_types is not None else None


def _points(aws: Connection, resources: Iterable[Resource], notes: _Notes) -> dict[str, LastPoint]:
    """The last whole points by the ARNs of their resources."""
    wanted = {resource.arn for resource in resources}
    last_points = notes.read("the last points", lambda: {arn: point for arn, point in _protected(aws) if arn in wanted})
    for arn in [arn for arn in last_points or () if any(kind.composite for kind in types_of(arn))]:
        # The last point of a composite may be PARTIAL: some of its parts are missing.
        whole = notes.read(f"the points of {arn}", partial(_last_whole, aws, arn))
        if last_points is not None:
            last_points.pop(arn)
            last_points.update({arn: whole} if whole is not None else {})
    return last_points or {}


def _protected(aws: Connection) -> Iterable[tuple[str, LastPoint]]:
    for each in aws.protected_resources:
        if each.resource_arn is not None and each.last_backup_time is not None:
            yield (
                each.resource_arn,
                LastPoint(each.last_backup_time, each.last_recovery_point_arn, each.last_backup_vault_arn),
            )


def _last_whole(aws: Connection, arn: str) -> LastPoint | None:
    found_here = aws.recovery_points(resource=arn)
    # A stack's own template is a nested point of the stack itself.
    points = (point for point in found_here if point.status in _WHOLE and point.parent_recovery_point_arn is None)
    dated = ((point.creation_date, point) for point in points if point.creation_date is not None)
    found = max(dated, key=lambda each: each[0], default=None)
    return LastPoint(found[0], found[1].recovery_point_arn, found[1].backup_vault_arn) if found is not None else None
