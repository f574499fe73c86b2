"""Which point of a resource a restore test restores, and to which moment.

Sources: the botocore model of RestoreTestingRecoveryPointSelection, and the developer guide's page on restore testing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import attrs

from backupkit.local.cloud import Cloud
from backupkit.local.jobs import restores
from backupkit.local.points import shelf
from backupkit.local.state import Document, DrillPlan, DrillSelection, Place, Point
from backupkit.matching import Selector, glob

__all__ = ["Pick", "named", "picked"]

_TAG_KEY = "aws:ResourceTag/"


@attrs.frozen
class Pick:
    """A point, and of a continuous one the moment to go back to."""

    point: Point
    moment: datetime | None


def named(place: Place, selection: DrillSelection) -> list[str]:
    """The resources that the selection names, among all that have points."""
    arns, kind = selection.document.get("ProtectedResourceArns") or ["*"], selection.document["ProtectedResourceType"]
    return [
        arn
        for arn, points in place.points_of.items()
        if (arns == ["*"] or arn in arns) and any(point.resource_type == kind for point in points.values())
    ]


def picked(cloud: Cloud, place: Place, plan: DrillPlan, selection: DrillSelection, arn: str) -> Pick | None:
    """The point of the resource ``arn`` that the plan tests now; None where none is eligible."""
    rules: Document = plan.document["RecoveryPointSelection"]
    found = place.points_of.get(arn, {}).values()
    shelved = [point for point in found if point.status in restores.RESTORABLE and _in_vaults(place, point, rules)]
    if not shelved or not _wanted(cloud, selection, max(shelved, key=_age).tags):
        return None
    since = cloud.clock.now() - timedelta(days=rules["SelectionWindowDays"])
    kinds = rules["RecoveryPointTypes"]
    eligible = [point for point in shelved if _kind(point) in kinds and _latest(cloud, place, point) >= since]
    if not eligible:
        return None
    if rules["Algorithm"] == "LATEST_WITHIN_WINDOW":
        newest = max(eligible, key=lambda point: (_latest(cloud, place, point), point.arn))
        return Pick(newest, cloud.clock.now() if newest.continuous else None)
    eligible.sort(key=_age)
    chosen = eligible[int(cloud.random.random() * len(eligible))]
    return Pick(chosen, _moment(cloud, place, chosen, since) if chosen.continuous else None)


def _age(point: Point) -> tuple[datetime, str]:
    return point.created, point.arn


def _in_vaults(place: Place, point: Point, rules: Document) -> bool:
    arn = shelf.vault_of(place, point).arn
    return _fits(rules["IncludeVaults"], arn) and not _fits(rules["ExcludeVaults"], arn)


def _fits(patterns: Iterable[str], arn: str) -> bool:
    return any(glob(pattern)(arn) for pattern in patterns)


def _wanted(cloud: Cloud, selection: DrillSelection, tags: Mapping[str, str]) -> bool:
    """Whether the selection's conditions hold for the tags of a resource's latest point."""
    asked = selection.document["ProtectedResourceConditions"]
    conditions = tuple(
        (operator, _key(cloud, condition["Key"]), condition["Value"])
        for operator, listed in asked.items()
        for condition in listed
    )
    differs = cloud.choices.missing_tag_differs
    return Selector(("*",), conditions=conditions, missing_tag_differs=differs).selects("", tags)


def _key(cloud: Cloud, key: str) -> str:
    bare = cloud.choices.drill_conditions_take_bare_keys and not key.startswith(_TAG_KEY)
    return f"{_TAG_KEY}{key}" if bare else key


def _kind(point: Point) -> str:
    return "CONTINUOUS" if point.continuous else "SNAPSHOT"


def _latest(cloud: Cloud, place: Place, point: Point) -> datetime:
    """The last moment that the point can restore; an active continuous one follows its resource up to now."""
    if point.continuous and place.continuous.get(point.resource_arn) is point:
        return cloud.clock.now()
    return point.rolled or point.created


def _moment(cloud: Cloud, place: Place, point: Point, since: datetime) -> datetime:
    """A random moment of a continuous point, within the selection window."""
    earliest = max(since, point.history[0][0] if point.history else point.created)
    latest = max(earliest, _latest(cloud, place, point))
    return earliest + round(cloud.random.random(), 6) * (latest - earliest)
