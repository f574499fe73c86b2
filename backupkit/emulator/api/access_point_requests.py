"""Which access points can be made: of which points, under which names, for which moment.

Sources: the botocore model of CreateBackupAccessPoint, and the developer guide's page on backup access points.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import NoReturn

import msgspec

from backupkit.emulator.kernel.operations import raise_api_error
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, Point, RegionScope, Vault
from backupkit.emulator.rules import lifecycle, tags, vault_access

__all__ = ["MOST_OF_POINT", "checked", "malformed", "usable_point"]

MOST_OF_POINT = 5
"""Access points of an account for one point, in any state (developer guide)."""

_USABLE = frozenset({"AVAILABLE", "STOPPED", "COMPLETED"})
_MOMENT = "AccessPointInTime"
_FORM = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def usable_point(simulation: Simulation, scope: RegionScope, arn: str) -> tuple[Vault, Point]:
    """The point and its vault; another account's, too, where the caller reaches that.

    Raises:
        ApiError: It is not there, not of S3, or in the wrong state.
    """
    found = vault_access.vault_with(simulation, scope, arn)
    if found is None:
        raise_api_error("ResourceNotFoundException", f"Recovery point {arn} cannot be found.")
    point = found.point(arn)
    if point.resource_type != "S3":
        _refuse(f"Recovery point {arn} is of {point.resource_type}: backup access points are limited to S3")
    if point.status not in _USABLE:
        _refuse(f"Recovery point {arn} is {point.status}; it must be AVAILABLE, STOPPED or COMPLETED")
    return found.vault, point


def checked(simulation: Simulation, scope: RegionScope, point: Point, params: Document) -> dict[str, str]:
    """The metadata that a new access point begins with.

    Raises:
        ApiError: The name, the tags, the policy, the moment or one access point more cannot be.
    """
    name = params["Name"]
    tags.check(params.get("Tags", {}))
    if simulation.choices.access_point_policy_checked and malformed(params.get("AccessPointPolicy")):
        _refuse("AccessPointPolicy is not a JSON object with a Statement")
    metadata = _metadata(simulation, point, params.get("AccessPointMetadata", {}))
    if name in scope.access_points:
        raise_api_error("AlreadyExistsException", f"Backup access point {name} already exists")
    if scope.resting_names.get(name, simulation.clock.now()) > simulation.clock.now():
        raise_api_error("ConflictException", f"The name {name} was recently deleted and is not available yet")
    if sum(there.point_arn == point.arn for there in scope.access_points.values()) >= MOST_OF_POINT:
        raise_api_error(
            "LimitExceededException", f"A recovery point can have at most {MOST_OF_POINT} backup access points"
        )
    return metadata


def malformed(policy: str | None) -> bool:
    """Whether S3 could not read the policy."""
    if policy is None:
        return False
    try:
        found = msgspec.json.decode(policy)
    except (msgspec.DecodeError, RecursionError):
        return True
    return not (isinstance(found, dict) and found.get("Statement"))


def _metadata(simulation: Simulation, point: Point, given: dict[str, str]) -> dict[str, str]:
    text = given.get(_MOMENT)
    if not point.continuous:
        if text is not None:
            _refuse(f"{_MOMENT} can be given for a continuous recovery point only")
        return {}
    if text is not None:
        _check_moment(simulation, point, text)
        return {_MOMENT: text}
    if simulation.choices.access_point_needs_moment:
        _refuse(f"{_MOMENT} is required for a continuous recovery point")
    return {_MOMENT: f"{simulation.clock.now():%Y-%m-%dT%H:%M:%SZ}"}


def _check_moment(simulation: Simulation, point: Point, text: str) -> None:
    moment, now = _moment(text), simulation.clock.now()
    days = lifecycle.retention_days(point.lifecycle)
    earliest = point.history[0][0] if point.history else point.created
    if days is not None:
        earliest = max(earliest, now - timedelta(days=days))
    # The text has whole seconds.
    if not earliest.replace(microsecond=0) <= moment <= now:
        _refuse(f"{_MOMENT} {text} is not within the retention period of the continuous recovery point")


def _moment(text: str) -> datetime:
    if not _FORM.fullmatch(text):
        _refuse(f"{_MOMENT} {text!r} is not a time like 2021-11-27T03:30:27Z")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        _refuse(f"{_MOMENT} {text!r} is not a time like 2021-11-27T03:30:27Z")


def _refuse(text: str) -> NoReturn:
    raise_api_error("InvalidParameterValueException", text)
