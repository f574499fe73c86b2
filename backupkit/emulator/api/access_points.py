"""Backup access points: made of points that allow it, described, listed, deleted.

Sources: the botocore model, and the developer guide's pages on backup access points.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

import attrs
import msgspec

from backupkit.catalog.metadata_key import moment_in
from backupkit.emulator.kernel.operations import operation, raise_api_error, raise_invalid_request, raise_invalid_value
from backupkit.emulator.kernel.paging import listing
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import AccessPoint, Document, Point, RegionScope, Vault
from backupkit.emulator.rules import holds, lifecycle, tags, vault_access

__all__ = ["checked", "malformed", "view"]

# ---- Which access points can be made: of which points, under which names, for which moment ----


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
        raise_invalid_value(f"Recovery point {arn} is of {point.resource_type}: backup access points are limited to S3")
    if point.status not in _USABLE:
        raise_invalid_value(f"Recovery point {arn} is {point.status}; it must be AVAILABLE, STOPPED or COMPLETED")
    return found.vault, point


def checked(simulation: Simulation, scope: RegionScope, point: Point, params: Document) -> dict[str, str]:
    """The metadata that a new access point begins with.

    Raises:
        ApiError: The name, the tags, the policy, the moment or one access point more cannot be.
    """
    name = params["Name"]
    tags.check(params.get("Tags", {}))
    if simulation.choices.access_point_policy_checked and malformed(params.get("AccessPointPolicy")):
        raise_invalid_value("AccessPointPolicy is not a JSON object with a Statement")
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
            raise_invalid_value(f"{_MOMENT} can be given for a continuous recovery point only")
        return {}
    if text is not None:
        _check_moment(simulation, point, text)
        return {_MOMENT: text}
    if simulation.choices.access_point_needs_moment:
        raise_invalid_value(f"{_MOMENT} is required for a continuous recovery point")
    return {_MOMENT: f"{simulation.clock.now():%Y-%m-%dT%H:%M:%SZ}"}


def _check_moment(simulation: Simulation, point: Point, text: str) -> None:
    moment, now = _moment(text), simulation.clock.now()
    days = lifecycle.retention_days(point.lifecycle)
    earliest = point.history[0][0] if point.history else point.created
    if days is not None:
        earliest = max(earliest, now - timedelta(days=days))
    # The text has whole seconds.
    if not earliest.replace(microsecond=0) <= moment <= now:
        raise_invalid_value(f"{_MOMENT} {text} is not within the retention period of the continuous recovery point")


def _moment(text: str) -> datetime:
    moment = moment_in(text) if _FORM.fullmatch(text) else None
    if moment is None:
        raise_invalid_value(f"{_MOMENT} {text!r} is not a time like 2021-11-27T03:30:27Z")
    return moment


# ---- Operations ----


_SOURCE = "botocore model; developer guide, access points"
_MALFORMED = "The access point policy is malformed"
# AWS tells none of these times: docs/choices.md.
_CREATING, _DELETING, _NAME_RESTS = timedelta(seconds=60), timedelta(seconds=30), timedelta(seconds=300)


@operation(
    "CreateBackupAccessPoint",
    source=_SOURCE,
    missing="the S3 access point itself: nothing can be read through it, nobody deletes it in S3 (which makes this one "
    "EXPIRED), and other S3 access points take no names",
)
def create(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    """Begin to make an access point; it is AVAILABLE some time later."""
    vault, point = usable_point(simulation, scope, params["RecoveryPointArn"])
    metadata = checked(simulation, scope, point, params)
    name = params["Name"]
    made = AccessPoint(
        name=name,
        arn=scope.arn(f"accesspoint/{name}"),
        point_arn=point.arn,
        vault_name=vault.name,
        vault_arn=vault.arn,
        resource_arn=point.resource_arn,
        resource_type=point.resource_type,
        created=simulation.clock.now(),
        metadata=metadata,
        policy=params.get("AccessPointPolicy"),
        tags=dict(params.get("Tags", {})),
    )
    scope.access_points[name] = made
    if simulation.choices.access_point_protects_at_once:
        holds.hold_for_access_point(point, made)
    simulation.agenda.schedule(made.created + _CREATING, _AccessPointReady(scope, made))
    return {"AccessPointArn": made.arn, "Status": made.status}


@attrs.frozen(eq=False)
class _AccessPointReady:
    scope: RegionScope
    access_point: AccessPoint

    def happen(self, simulation: Simulation) -> None:
        made = self.access_point
        if made.status != "CREATING":
            # The vault of another account, whose point it is, was taken back from it in the meantime.
            return
        point = holds.point_of_access_point(simulation, made)
        if point is None or point.status == "DELETING":
            _fail(simulation, made, f"Recovery point {made.point_arn} cannot be found")
        elif malformed(made.policy):
            _fail(simulation, made, _MALFORMED)
        else:
            made.status = "AVAILABLE"
            made.metadata |= _in_s3(simulation, self.scope, made.name)
            holds.hold_for_access_point(point, made)


def _fail(simulation: Simulation, made: AccessPoint, message: str) -> None:
    made.status, made.status_message = "FAILED", message
    holds.release_access_point(simulation, made)


def _in_s3(simulation: Simulation, scope: RegionScope, name: str) -> dict[str, str]:
    """What S3 calls it; an alias has at most 63 characters, and begins with what fits of the name."""
    alias = f"{name[:20].rstrip('-')}-{simulation.random.getrandbits(112):028x}-ext-s3alias"
    arn = f"arn:{scope.partition}:s3:{scope.region_name}:{scope.account_id}:accesspoint/{name}"
    return {"S3AccessPointAlias": alias, "S3AccessPointArn": arn}


@operation("DescribeBackupAccessPoint", source=_SOURCE)
def describe(simulation: Simulation, scope: RegionScope, params: Document) -> Document:  # noqa: ARG001 - the shape of a handler
    """Everything about an access point but its policy, which is S3's to tell."""
    return view(_called(scope, params["AccessPointArn"]))


def _called(scope: RegionScope, arn: str) -> AccessPoint:
    found = scope.access_points.get(arn.rpartition("/")[2])
    if found is None or found.arn != arn:
        raise_api_error("ResourceNotFoundException", f"Backup access point {arn} cannot be found")
    return found


def view(found: AccessPoint) -> Document:
    """An access point as it is described and listed."""
    return {
        "AccessPointArn": found.arn,
        "AccessPointMetadata": found.metadata,
        "BackupVaultArn": found.vault_arn,
        "BackupVaultName": found.vault_name,
        "CreationTime": found.created,
        "Name": found.name,
        "RecoveryPointArn": found.point_arn,
        "ResourceArn": found.resource_arn,
        "ResourceType": found.resource_type,
        "Status": found.status,
        "StatusMessage": found.status_message,
    }


@operation("DeleteBackupAccessPoint", source=_SOURCE)
def delete(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    """Begin to delete an access point; what it keeps resumes to age when it is gone."""
    found = _called(scope, params["AccessPointArn"])
    if found.status in {"CREATING", "DISASSOCIATING"}:
        raise_invalid_request(f"Backup access point {found.arn} is {found.status}; wait until it is not")
    if found.status != "DELETING":
        found.status = "DELETING"
        simulation.agenda.schedule(simulation.clock.now() + _DELETING, _Gone(scope, found))
    return {}


@attrs.frozen(eq=False)
class _Gone:
    scope: RegionScope
    access_point: AccessPoint

    def happen(self, simulation: Simulation) -> None:
        del self.scope.access_points[self.access_point.name]
        resting, now = self.scope.resting_names, simulation.clock.now()
        for name in [name for name, until in resting.items() if until <= now]:
            del resting[name]
        resting[self.access_point.name] = now + _NAME_RESTS
        holds.release_access_point(simulation, self.access_point)


# ---- Lists: of an account, of a point, and of a resource ----


@operation("ListBackupAccessPoints")
def _list(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    return _listed(simulation, scope, "ListBackupAccessPoints", params, scope.access_points.values())


@operation("ListBackupAccessPointsByRecoveryPoint")
def _list_by_point(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    """Those of the caller's; the point's owner sees those of others, too."""
    arn: str = params["RecoveryPointArn"]
    scopes = simulation.scopes.values() if arn.startswith(scope.arn("")) else [scope]
    found = (each for there in scopes for each in there.access_points.values() if each.point_arn == arn)
    return _listed(simulation, scope, "ListBackupAccessPointsByRecoveryPoint", params, found)


@operation("ListBackupAccessPointsByResource")
def _list_by_resource(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    found = (each for each in scope.access_points.values() if each.resource_arn == params["ResourceArn"])
    return _listed(simulation, scope, "ListBackupAccessPointsByResource", params, found)


def _listed(
    simulation: Simulation, scope: RegionScope, operation: str, params: Document, found: Iterable[AccessPoint]
) -> Document:
    return listing(
        simulation,
        scope,
        operation,
        params,
        found,
        lambda each: (each.name, each.arn),
        member="BackupAccessPoints",
        show=view,
    )
