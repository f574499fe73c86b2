"""What can go wrong by choice, in the words of the control path.

The verbs are those of `backupkit.emulator.faults`, the words below them their arguments.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from backupkit.arn import Arn
from backupkit.emulator.faults.faults import Faults
from backupkit.emulator.faults.requests import When
from backupkit.emulator.http.bodies import Moment
from backupkit.emulator.kernel.plain_values import many
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import CallFault, Outage
from backupkit.emulator.service import LocalService
from backupkit.errors import InvalidValueError
from backupkit.problems import located

__all__ = ["FaultsChange", "apply_faults", "describe_faults"]

_Body: TypeAlias = "dict[str, object]"


class _Strict(msgspec.Struct, forbid_unknown_fields=True):
    """A body that may say these words and no others."""


class _Calls(_Strict):
    """Which calls a fault is for."""

    operation: str = "*"
    at: int | None = None
    times: int | None = None
    rate: float | None = None
    seed: int | None = None
    after: bool | None = None
    account_id: str | None = None
    region_name: str | None = None

    def when(self) -> When:
        """The words that were said, as the verbs take them."""
        named = {name: getattr(self, name) for name in When.__annotations__}
        return msgspec.convert({name: value for name, value in named.items() if value is not None}, When)


class _Limit(_Strict, kw_only=True):
    operation: str = "*"
    per_second: float
    burst: float | None = None
    account_id: str | None = None
    region_name: str | None = None


class _Fail(_Calls):
    code: str = "ServiceUnavailableException"
    message: str | None = None


class _Delay(_Calls, kw_only=True):
    seconds: float


class _Cut(_Calls):
    orderly: bool = False


class _Outage(_Strict):
    resource_type: str
    jobs: list[str] | None = None
    waits: bool = False
    starts: Moment | None = None
    ends: Moment | None = None
    message: str | None = None


class _Lag(_Strict):
    seconds: float
    kinds: list[str] = []


class _Denial(_Strict):
    role: str
    until: Moment | None = None
    seconds: float | None = None


class FaultsChange(_Strict):
    """What shall go wrong, and what no longer."""

    clear: bool = False
    deny: str | _Denial | list[str | _Denial] = []
    admit: str | list[str] = []
    block_backups: str | list[str] = []
    release: str | list[str] = []
    throttle: _Calls | list[_Calls] = []
    limit: _Limit | list[_Limit] = []
    fail: _Fail | list[_Fail] = []
    delay: _Delay | list[_Delay] = []
    drop: _Calls | list[_Calls] = []
    cut: _Cut | list[_Cut] = []
    outage: _Outage | list[_Outage] = []
    lag: _Lag | None = None


def apply_faults(service: LocalService, change: FaultsChange) -> None:
    """Do what is asked: all of it, or nothing where one thing cannot be.

    Raises:
        InvalidValueError: One thing cannot be.
    """
    # On a stage of its own first: what is refused there is refused before anything is done here.
    stage = LocalService(service.region_name, service.account_id, start=service.clock.now(), world=service.resources)
    _done(stage, change)
    _done(service, change)


def _done(service: LocalService, change: FaultsChange) -> None:
    if change.clear:
        service.faults.clear()
    for denial in _denials(change.deny):
        _home(denial.role, service).faults.deny(denial.role, until=denial.until, seconds=denial.seconds)
    for arns, act in (
        (change.admit, Faults.admit),
        (change.block_backups, Faults.block_backups),
        (change.release, Faults.release),
    ):
        for arn in many(arns):
            act(_home(arn, service).faults, arn)
    _strike(service.faults, change)
    for one in many(change.outage):
        more = {} if one.jobs is None else {"jobs": tuple(one.jobs)}
        service.faults.outage(
            one.resource_type, waits=one.waits, starts=one.starts, ends=one.ends, message=one.message, **more
        )
    if change.lag is not None:
        service.faults.lag(change.lag.seconds, *change.lag.kinds)


def _denials(denials: str | _Denial | list[str | _Denial]) -> list[_Denial]:
    each = denials if isinstance(denials, list) else [denials]
    return [_Denial(one) if isinstance(one, str) else one for one in each]


def _strike(faults: Faults, change: FaultsChange) -> None:
    for calls in many(change.throttle):
        faults.throttle(calls.operation, **calls.when())
    for limit in many(change.limit):
        faults.limit(
            limit.operation,
            per_second=limit.per_second,
            burst=limit.burst,
            account_id=limit.account_id,
            region_name=limit.region_name,
        )
    for fail in many(change.fail):
        faults.fail(fail.operation, fail.code, fail.message, **fail.when())
    for delay in many(change.delay):
        faults.delay(delay.operation, seconds=delay.seconds, **delay.when())
    for calls in many(change.drop):
        faults.drop(calls.operation, **calls.when())
    for cut in many(change.cut):
        faults.cut(cut.operation, orderly=cut.orderly, **cut.when())


def _home(arn: str, service: LocalService) -> LocalService:
    """The place that an ARN names; what it leaves open is the caller's."""
    try:
        parsed = Arn.parse(arn)
    except InvalidValueError as error:
        raise InvalidValueError(located("faults", error.problems)) from None
    return service.scoped(account_id=parsed.account or None, region_name=parsed.region or None)


def describe_faults(service: LocalService) -> _Body:
    """What goes wrong now, in every place."""
    simulation: Simulation = service.simulation
    found = list(service.faults)
    lag = simulation.faults.lag if simulation.faults is not None else None
    return {
        "denied": sorted(role for account in simulation.accounts.values() for role in account.denied_roles),
        "blocked_backups": sorted(arn for scope in simulation.scopes.values() for arn in scope.blocked_backups),
        "calls": [_call(each) for each in found if isinstance(each, CallFault)],
        "outages": [_outage(each) for each in found if isinstance(each, Outage)],
        "lag": {"seconds": lag.seconds, "kinds": sorted(lag.kinds)} if lag is not None else None,
    }


def _call(fault: CallFault) -> _Body:
    body: _Body = {
        "does": fault.kind,
        "operation": fault.operation,
        "first": fault.first,
        "last": fault.last,
        "rate": fault.rate,
        "after": fault.after,
        "counted": fault.counted,
        "fired": fault.fired,
    }
    more = {
        "code": fault.code or None,
        "seconds": fault.seconds if fault.kind == "delay" else None,
        "per_second": fault.per_second or None,
        "burst": fault.burst or None,
        "account_id": fault.account_id,
        "region_name": fault.region_name,
    }
    return body | {name: value for name, value in more.items() if value is not None}


def _outage(outage: Outage) -> _Body:
    return {
        "resource_type": outage.resource_type,
        "jobs": sorted(outage.jobs),
        "waits": outage.waits,
        "starts": outage.begins,
        "ends": outage.ends,
        "message": outage.message,
    }
