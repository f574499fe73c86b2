"""Legal holds: created, read, canceled, and after their record's time forgotten.

Sources: the botocore model, and the developer guide's page on legal holds.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs

from backupkit.emulator.kernel.operations import made_by, operation, raise_api_error, raise_invalid_value, remember
from backupkit.emulator.kernel.paging import listing
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, LegalHold, Point, RegionScope
from backupkit.emulator.rules import holds, tags

__all__ = ["MOST_HOLDS"]

_SOURCE = "botocore model; developer guide, legal holds"
MOST_HOLDS = 50
"""Holds of an account that are not canceled, over all its Regions."""
_MOST_TEXT = 280
_RECORD_DAYS = 180
_MOST_RECORD_DAYS = 36_500


@operation("CreateLegalHold", source=_SOURCE)
def _create(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    made = made_by(scope, "CreateLegalHold", scope.legal_holds, params.get("IdempotencyToken"))
    hold = made if made is not None else _made(simulation, scope, params)
    answer = _view(hold)
    answer.pop("CancellationDate", None)
    return {**answer, "RecoveryPointSelection": hold.selection}


def _made(simulation: Simulation, scope: RegionScope, params: Document) -> LegalHold:
    _check(simulation, params)
    if _open_holds(simulation, scope) >= MOST_HOLDS:
        raise_api_error(
            "LimitExceededException", f"The account has reached its limit of {MOST_HOLDS} active legal holds"
        )
    hold_id = simulation.new_id()
    hold = LegalHold(
        id=hold_id,
        arn=scope.arn(f"legal-hold:{hold_id}"),
        title=params["Title"],
        description=params["Description"],
        created=simulation.clock.now(),
        selection=params.get("RecoveryPointSelection"),
        tags=dict(params.get("Tags", {})),
        token=params.get("IdempotencyToken"),
    )
    scope.legal_holds[hold.id] = hold
    remember(scope, "CreateLegalHold", hold.token, hold.id)
    simulation.agenda.schedule(hold.created + _change_time(simulation), _Activate(scope, hold))
    return hold


def _change_time(simulation: Simulation) -> timedelta:
    return timedelta(seconds=simulation.choices.legal_hold_change_seconds)


def _check(simulation: Simulation, params: Document) -> None:
    _check_text("Description", params["Description"])
    tags.check(params.get("Tags", {}))
    selection = params.get("RecoveryPointSelection") or {}
    if "DateRange" in selection:
        _check_dates(selection["DateRange"], simulation.clock.now())


def _check_text(name: str, text: str) -> None:
    if len(text) > _MOST_TEXT:
        raise_invalid_value(f"{name} must have at most {_MOST_TEXT} characters")


def _check_dates(dates: Document, now: datetime) -> None:
    if dates["FromDate"] > dates["ToDate"]:
        raise_invalid_value("Invalid DateRange: FromDate cannot be later than ToDate")
    if dates["ToDate"] > now:
        raise_invalid_value("Invalid DateRange: future dates are not permitted")


def _open_holds(simulation: Simulation, scope: RegionScope) -> int:
    return sum(
        hold.status in {"CREATING", "ACTIVE"}
        for there in simulation.scopes.values()
        if there.account_id == scope.account_id
        for hold in there.legal_holds.values()
    )


@operation("GetLegalHold", source=_SOURCE)
def _get(simulation: Simulation, scope: RegionScope, params: Document) -> Document:  # noqa: ARG001 - the shape of a handler
    hold = _hold(scope, params)
    return {
        **_view(hold),
        "CancelDescription": hold.cancel_description,
        "RetainRecordUntil": hold.retain_until,
        "RecoveryPointSelection": hold.selection,
    }


def _hold(scope: RegionScope, params: Document, code: str = "ResourceNotFoundException") -> LegalHold:
    """The hold, or an error; the list of a hold's points has no ResourceNotFoundException (botocore model)."""
    found = scope.legal_holds.get(params["LegalHoldId"])
    if found is None:
        raise_api_error(code, f"Legal hold {params['LegalHoldId']} cannot be found.")
    return found


def _view(hold: LegalHold) -> Document:
    return {
        "Title": hold.title,
        "Status": hold.status,
        "Description": hold.description,
        "LegalHoldId": hold.id,
        "LegalHoldArn": hold.arn,
        "CreationDate": hold.created,
        "CancellationDate": hold.canceled,
    }


@operation("ListLegalHolds", source=_SOURCE)
def _list(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    return listing(
        simulation,
        scope,
        "ListLegalHolds",
        params,
        scope.legal_holds.values(),
        lambda hold: (-hold.created.timestamp(), hold.id),
        member="LegalHolds",
        show=_view,
    )


@operation("ListRecoveryPointsByLegalHold", source=_SOURCE)
def _list_points(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    return listing(
        simulation,
        scope,
        "ListRecoveryPointsByLegalHold",
        params,
        _hold(scope, params, "InvalidParameterValueException").points.values(),
        lambda point: (-point.created.timestamp(), point.arn),
        member="RecoveryPoints",
        show=_point_view,
    )


def _point_view(point: Point) -> Document:
    return {
        "RecoveryPointArn": point.arn,
        "ResourceArn": point.resource_arn,
        "ResourceType": point.resource_type,
        "BackupVaultName": point.vault_name,
    }


@operation("CancelLegalHold", source=_SOURCE)
def _cancel(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    hold, now = _hold(scope, params), simulation.clock.now()
    _check_text("CancelDescription", params["CancelDescription"])
    days: int = params.get("RetainRecordInDays", _RECORD_DAYS)
    # No source gives a range; the upper end is that of all other days of the service.
    if not 0 <= days <= _MOST_RECORD_DAYS:
        raise_invalid_value(f"RetainRecordInDays cannot be less than 0 or more than {_MOST_RECORD_DAYS}")
    if hold.status != "ACTIVE":
        raise_api_error(
            "InvalidResourceStateException", f"Legal hold {hold.id} is {hold.status} and cannot be canceled now"
        )
    hold.status, hold.cancel_description, hold.canceled = "CANCELING", params["CancelDescription"], now
    hold.retain_until = now + timedelta(days=days)
    # Only an ACTIVE hold holds: while it is CANCELING a delete may succeed already (botocore model).
    holds.release_legal_hold(simulation, scope, hold)
    canceled = now + _change_time(simulation)
    simulation.agenda.schedule(canceled, _Canceled(hold))
    simulation.agenda.schedule(max(hold.retain_until, canceled), _Forget(scope, hold))
    return {}


@attrs.frozen(eq=False)
class _Activate:
    scope: RegionScope
    hold: LegalHold

    def happen(self, simulation: Simulation) -> None:
        self.hold.status = "ACTIVE"
        holds.apply_legal_hold(simulation, self.scope, self.hold)


@attrs.frozen(eq=False)
class _Canceled:
    hold: LegalHold

    def happen(self, simulation: Simulation) -> None:  # noqa: ARG002 - the shape of an event
        self.hold.status = "CANCELED"


@attrs.frozen(eq=False)
class _Forget:
    scope: RegionScope
    hold: LegalHold

    def happen(self, simulation: Simulation) -> None:  # noqa: ARG002 - the shape of an event
        del self.scope.legal_holds[self.hold.id]
        if self.hold.token is not None:
            self.scope.tokens.pop(("CreateLegalHold", self.hold.token), None)
