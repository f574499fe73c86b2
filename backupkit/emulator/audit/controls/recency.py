"""Controls on how recent a resource's recovery points are: anywhere here, and in a logically air-gapped vault."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from backupkit.emulator.audit.controls.control import Control, Terms
from backupkit.emulator.audit.parameters import age
from backupkit.emulator.audit.view import STANDING, View
from backupkit.emulator.kernel.kinds import kind_named
from backupkit.emulator.model import Finding, Point

__all__ = ["CONTROLS"]

_UNIT, _VALUE = "recoveryPointAgeUnit", "recoveryPointAgeValue"
_LAST, _last_flaw = age(_UNIT, _VALUE, hours=(1, 744), days=(1, 31))
_GAPPED, _gapped_flaw = age(_UNIT, _VALUE, hours=(24, 2184), days=(1, 91))
_AIR_GAPPED = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"


def _oldest(view: View, terms: Terms) -> datetime:
    value = int(terms.parameters[_VALUE])
    return view.now - (timedelta(hours=value) if terms.parameters[_UNIT] == "hours" else timedelta(days=value))


def _span(terms: Terms) -> str:
    return f"the last {terms.parameters[_VALUE]} {terms.parameters[_UNIT]}"


def _last_point(view: View, terms: Terms) -> Iterator[Finding]:
    """Points of this account and Region count; a continuous one counts by when it was last brought up to date."""
    oldest, span = _oldest(view, terms), _span(terms)
    for seen in view.resources_in(terms.scope):
        good = any((point.rolled or point.created) >= oldest for point in view.points_of(seen.arn))
        reason = f"It has {'a' if good else 'no'} recovery point of {span}"
        yield view.finding(seen.arn, seen.resource_type, good, reason)


def _in_gapped_vault(view: View, terms: Terms) -> Iterator[Finding]:
    """A copy counts from the moment it was made; types that air-gapped vaults do not take are not evaluated."""
    oldest, span = _oldest(view, terms), _span(terms)
    fresh = {point.resource_arn for point in _gapped(view) if (point.completed or point.created) >= oldest}
    for seen in view.resources_in(terms.scope):
        if kind_named(seen.resource_type).air_gapped:
            good = seen.arn in fresh
            reason = f"It has {'a' if good else 'no'} recovery point of {span} in a logically air-gapped vault"
            yield view.finding(seen.arn, seen.resource_type, good, reason)


def _gapped(view: View) -> Iterator[Point]:
    """The standing points of air-gapped vaults, here or, by choice, in every account and Region."""
    scopes = view.simulation.scopes.values() if view.choices.air_gap_control_sees_other_places else (view.scope,)
    for there in scopes:
        for vault in there.vaults.values():
            if vault.vault_type == _AIR_GAPPED:
                yield from (point for point in vault.points.values() if point.status in STANDING)


CONTROLS = (
    Control(
        name="BACKUP_LAST_RECOVERY_POINT_CREATED",
        find=_last_point,
        daily=True,
        scopes=frozenset({"types", "tag", "single"}),
        parameters=_LAST,
        flaw=_last_flaw,
    ),
    Control(
        name="RESOURCES_IN_LOGICALLY_AIR_GAPPED_VAULT",
        find=_in_gapped_vault,
        daily=True,
        scopes=frozenset({"types", "single"}),
        parameters=_GAPPED,
        flaw=_gapped_flaw,
    ),
)
