"""Legal holds: created, read, canceled, and after their record's time forgotten.

Sources: the botocore model, and the developer guide's page on legal holds.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs

from backupkit.emulator.kernel.job_records import present
from backupkit.emulator.kernel.operations import answers, refuse
from backupkit.emulator.kernel.paging import listing
from backupkit.emulator.kernel.simulation import Cloud
from backupkit.emulator.model import Document, LegalHold, Place, Point
from backupkit.emulator.rules import legal_holds, tags

__all__ = ["MOST_HOLDS"]

_SOURCE = "botocore model; developer guide, legal holds"
MOST_HOLDS = 50
"""Holds of an account that are not canceled, over all its Regions."""
_MOST_TEXT = 280
_RECORD_DAYS = 180
_MOST_RECORD_DAYS = 36_500
_BAD_VALUE = "InvalidParameterValueException"


@answers("CreateLegalHold", source=_SOURCE)
def _create(cloud: Cloud, place: Place, params: Document) -> Document:
    token: str | None = params.get("IdempotencyToken")
    known_id = place.tokens.get(("CreateLegalHold", token)) if token is not None else None
    hold = place.legal_holds[known_id] if known_id is not None else _made(cloud, place, params)
    answer = _shown(hold)
    answer.pop("CancellationDate", None)
    return present(**answer, RecoveryPointSelection=hold.selection)


def _made(cloud: Cloud, place: Place, params: Document) -> LegalHold:
    _check(cloud, place, params)
    if _open_holds(cloud, place) >= MOST_HOLDS:
        refuse("LimitExceededException", f"The account has reached its limit of {MOST_HOLDS} active legal holds")
    hold_id = cloud.new_id()
    hold = LegalHold(
        id=hold_id,
        arn=place.arn(f"legal-hold:{hold_id}"),
        title=params["Title"],
        description=params["Description"],
        created=cloud.clock.now(),
        selection=params.get("RecoveryPointSelection"),
        tags=dict(params.get("Tags", {})),
        token=params.get("IdempotencyToken"),
    )
    place.legal_holds[hold.id] = hold
    if hold.token is not None:
        place.tokens["CreateLegalHold", hold.token] = hold.id
    cloud.agenda.note(hold.created + _change_time(cloud), _Activate(place, hold))
    return hold


def _change_time(cloud: Cloud) -> timedelta:
    return timedelta(seconds=cloud.choices.legal_hold_change_seconds)


def _check(cloud: Cloud, place: Place, params: Document) -> None:
    _check_text("Description", params["Description"])
    tags.check(params.get("Tags", {}))
    selection = params.get("RecoveryPointSelection") or {}
    if "DateRange" in selection:
        _check_dates(selection["DateRange"], cloud.clock.now())
    if cloud.choices.legal_hold_vaults_must_exist:
        for name in selection.get("VaultNames", ()):
            if name not in place.vaults:
                refuse(_BAD_VALUE, f"Backup vault {name} cannot be found")


def _check_text(name: str, text: str) -> None:
    if len(text) > _MOST_TEXT:
        refuse(_BAD_VALUE, f"{name} must have at most {_MOST_TEXT} characters")


def _check_dates(dates: Document, now: datetime) -> None:
    if dates["FromDate"] > dates["ToDate"]:
        refuse(_BAD_VALUE, "Invalid DateRange: FromDate cannot be later than ToDate")
    if dates["ToDate"] > now:
        refuse(_BAD_VALUE, "Invalid DateRange: future dates are not permitted")


def _open_holds(cloud: Cloud, place: Place) -> int:
    return sum(
        hold.status in {"CREATING", "ACTIVE"}
        for there in cloud.places.values()
        if there.account_id == place.account_id
        for hold in there.legal_holds.values()
    )


@answers("GetLegalHold", source=_SOURCE)
def _get(cloud: Cloud, place: Place, params: Document) -> Document:  # noqa: ARG001 - the shape of a handler
    hold = _hold(place, params)
    return present(
        **_shown(hold),
        CancelDescription=hold.cancel_description,
        RetainRecordUntil=hold.retain_until,
        RecoveryPointSelection=hold.selection,
    )


def _hold(place: Place, params: Document) -> LegalHold:
    found = place.legal_holds.get(params["LegalHoldId"])
    if found is None:
        refuse("ResourceNotFoundException", f"Legal hold {params['LegalHoldId']} cannot be found.")
    return found


def _shown(hold: LegalHold) -> Document:
    return present(
        Title=hold.title,
        Status=hold.status,
        Description=hold.description,
        LegalHoldId=hold.id,
        LegalHoldArn=hold.arn,
        CreationDate=hold.created,
        CancellationDate=hold.canceled,
    )


@answers("ListLegalHolds", source=_SOURCE)
def _list(cloud: Cloud, place: Place, params: Document) -> Document:
    return listing(
        cloud,
        place,
        "ListLegalHolds",
        params,
        place.legal_holds.values(),
        lambda hold: (-hold.created.timestamp(), hold.id),
        member="LegalHolds",
        show=_shown,
    )


@answers("ListRecoveryPointsByLegalHold", source=_SOURCE)
def _list_points(cloud: Cloud, place: Place, params: Document) -> Document:
    return listing(
        cloud,
        place,
        "ListRecoveryPointsByLegalHold",
        params,
        _hold(place, params).points.values(),
        lambda point: (-point.created.timestamp(), point.arn),
        member="RecoveryPoints",
        show=_shown_point,
    )


def _shown_point(point: Point) -> Document:
    return {
        "RecoveryPointArn": point.arn,
        "ResourceArn": point.resource_arn,
        "ResourceType": point.resource_type,
        "BackupVaultName": point.vault_name,
    }


@answers("CancelLegalHold", source=_SOURCE)
def _cancel(cloud: Cloud, place: Place, params: Document) -> Document:
    hold, now = _hold(place, params), cloud.clock.now()
    _check_text("CancelDescription", params["CancelDescription"])
    days: int = params.get("RetainRecordInDays", _RECORD_DAYS)
    # No source gives a range; the upper end is that of all other days of the service.
    if not 0 <= days <= _MOST_RECORD_DAYS:
        refuse(_BAD_VALUE, f"RetainRecordInDays cannot be less than 0 or more than {_MOST_RECORD_DAYS}")
    if hold.status != "ACTIVE":
        refuse("InvalidResourceStateException", f"Legal hold {hold.id} is {hold.status} and cannot be canceled now")
    hold.status, hold.cancel_description, hold.canceled = "CANCELING", params["CancelDescription"], now
    hold.retain_until = now + timedelta(days=days)
    # Only an ACTIVE hold holds: while it is CANCELING a delete may succeed already (botocore model).
    legal_holds.release(cloud, place, hold)
    canceled = now + _change_time(cloud)
    cloud.agenda.note(canceled, _Canceled(hold))
    cloud.agenda.note(max(hold.retain_until, canceled), _Forget(place, hold))
    return {}


@attrs.frozen(eq=False)
class _Activate:
    place: Place
    hold: LegalHold

    def happen(self, cloud: Cloud) -> None:
        self.hold.status = "ACTIVE"
        legal_holds.apply_hold(cloud, self.place, self.hold)


@attrs.frozen(eq=False)
class _Canceled:
    hold: LegalHold

    def happen(self, cloud: Cloud) -> None:  # noqa: ARG002 - the shape of an event
        self.hold.status = "CANCELED"


@attrs.frozen(eq=False)
class _Forget:
    place: Place
    hold: LegalHold

    def happen(self, cloud: Cloud) -> None:  # noqa: ARG002 - the shape of an event
        del self.place.legal_holds[self.hold.id]
        if self.hold.token is not None:
            self.place.tokens.pop(("CreateLegalHold", self.hold.token), None)
