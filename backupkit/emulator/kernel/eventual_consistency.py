"""Reads that are behind: what was just made is not there yet, and what was just deleted still is.

Source: what other clients of AWS Backup wait for. A selection of a plan that was just made is refused, a plan whose
selections were just deleted is kept, and lists and descriptions miss what is new.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from backupkit.emulator.kernel.operations import Handler, refuse
from backupkit.emulator.kernel.simulation import Cloud
from backupkit.emulator.model import Document, FaultBook, Gone, Lag, Place, Plan, Selection, Vault

__all__ = ["KINDS", "seen_late"]

KINDS = ("jobs", "plans", "selections", "vaults")
"""What can be seen late."""

_READS = ("Describe", "Export", "Get", "List")


class _Made(Protocol):
    created: datetime


_T = TypeVar("_T", bound=_Made)


def seen_late(book: FaultBook, operation: str, handler: Handler) -> Handler:
    """The handler as it is, or one that sees the place as it was some seconds ago."""
    lag = book.lag
    if lag is None:
        return handler
    if operation.startswith(_READS):
        return lambda cloud, place, params: handler(cloud, _view(cloud, place, lag), params)
    match operation:
        case "DeleteBackupSelection" | "DeleteBackupVault":
            return lambda cloud, place, params: _deleted(cloud, place, params, handler, lag)
        case "CreateBackupSelection":
            return lambda cloud, place, params: _selected(cloud, place, params, handler, lag)
        case "DeleteBackupPlan":
            return lambda cloud, place, params: _unplanned(cloud, place, params, handler, lag)
    return handler


def _deleted(cloud: Cloud, place: Place, params: Document, handler: Handler, lag: Lag) -> Document:
    thing: Vault | Selection | None
    if "SelectionId" in params:
        plan = place.plans.get(params["BackupPlanId"])
        thing = plan.selections.get(params["SelectionId"]) if plan is not None else None
    else:
        thing = place.vaults.get(params["BackupVaultName"])
    answer = handler(cloud, place, params)
    if thing is not None and ("selections" if isinstance(thing, Selection) else "vaults") in lag.kinds:
        since = _since(cloud, lag)
        lag.gone[:] = [gone for gone in lag.gone if gone.moment > since]
        lag.gone.append(Gone(place.account_id, place.region_name, cloud.clock.now(), thing))
    return answer


def _selected(cloud: Cloud, place: Place, params: Document, handler: Handler, lag: Lag) -> Document:
    plan_id = params["BackupPlanId"]
    if plan_id in place.plans and plan_id not in _view(cloud, place, lag).plans:
        refuse("InvalidParameterValueException", f"Cannot find Backup plan with Id {plan_id}")
    return handler(cloud, place, params)


def _unplanned(cloud: Cloud, place: Place, params: Document, handler: Handler, lag: Lag) -> Document:
    plan = place.plans.get(params["BackupPlanId"])
    if plan is not None and plan.deleted is None and not plan.selections:
        # The selections are gone, but the service has not noticed.
        late = copy.copy(plan)
        late.selections = _lingering_selections(cloud, place, lag, plan.id)
        if late.selections:
            shadow = copy.copy(place)
            shadow.plans = {plan.id: late}
            return handler(cloud, shadow, params)
    return handler(cloud, place, params)


def _view(cloud: Cloud, place: Place, lag: Lag) -> Place:
    """The place as reads see it."""
    view, since = copy.copy(place), _since(cloud, lag)
    if "vaults" in lag.kinds:
        gone = {each.thing.name: each.thing for each in _gone(cloud, place, lag) if isinstance(each.thing, Vault)}
        view.vaults = gone | _old(place.vaults, since)
    if "jobs" in lag.kinds:
        view.backup_jobs = _old(place.backup_jobs, since)
        view.copy_jobs = _old(place.copy_jobs, since)
        view.restore_jobs = _old(place.restore_jobs, since)
    if not lag.kinds.isdisjoint({"plans", "selections"}):
        seen = (_plan(cloud, place, lag, plan) for plan in place.plans.values())
        view.plans = {plan.id: plan for plan in seen if plan.versions}
    return view


def _old(things: dict[str, _T], since: datetime) -> dict[str, _T]:
    return {name: thing for name, thing in things.items() if thing.created <= since}


def _plan(cloud: Cloud, place: Place, lag: Lag, plan: Plan) -> Plan:
    """The plan as reads see it; without versions where they do not see it at all."""
    seen, since = copy.copy(plan), _since(cloud, lag)
    if "plans" in lag.kinds:
        seen.versions = [version for version in plan.versions if version.created <= since]
        if plan.deleted is not None and plan.deleted > since:
            seen.deleted = None
    if "selections" in lag.kinds:
        seen.selections = _lingering_selections(cloud, place, lag, plan.id) | _old(plan.selections, since)
    return seen


def _lingering_selections(cloud: Cloud, place: Place, lag: Lag, plan_id: str) -> dict[str, Selection]:
    gone = (each.thing for each in _gone(cloud, place, lag))
    return {each.id: each for each in gone if isinstance(each, Selection) and each.plan_id == plan_id}


def _gone(cloud: Cloud, place: Place, lag: Lag) -> Iterable[Gone]:
    since, here = _since(cloud, lag), (place.account_id, place.region_name)
    return (each for each in lag.gone if each.moment > since and (each.account_id, each.region_name) == here)


def _since(cloud: Cloud, lag: Lag) -> datetime:
    return cloud.clock.now() - timedelta(seconds=lag.seconds)
