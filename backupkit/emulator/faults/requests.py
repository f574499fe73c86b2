"""What the verbs of faults are told, held against what there is."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Literal, NoReturn, TypedDict

from backupkit.arn import ROLE, Arn, arn_text, is_account, is_region
from backupkit.checks import listed, must_be_bools
from backupkit.emulator.faults.outages import JOBS
from backupkit.emulator.kernel import plain_values, shapes
from backupkit.emulator.kernel.resource_protocol import World, WorldError
from backupkit.emulator.model import CallFault
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, closest, located, quote

__all__ = [
    "When",
    "call_fault",
    "close",
    "jobs",
    "moment",
    "must_be_here",
    "refuse_argument",
    "resource",
    "role",
    "seconds",
    "tokens",
]

_MOST_SECONDS = 36_500 * 86_400
_MOST_TOKENS = 1_000_000


class When(TypedDict, total=False):
    """Which calls a fault is for; without any of these, the next one."""

    at: int
    """The first call that is meant, counted from 1 since the fault was set; 1 by default."""
    times: int
    """How many calls in a row, from there; 1 by default, and with a rate all that follow."""
    rate: float
    """How likely each of them is hit, above 0 and up to 1."""
    seed: int
    """Decides which ones the rate hits; 0 by default."""
    after: bool
    """Whether the work is done before the fault strikes; not by default."""
    account_id: str
    """Only calls of this account."""
    region_name: str
    """Only calls in this Region."""


def call_fault(kind: Literal["fail", "limit", "delay", "drop", "cut"], operation: str, when: When) -> CallFault:
    """A fault for the calls that are meant.

    Raises:
        InvalidValueError: There is no such operation, account or Region, or a number is out of its range.
        TypeError: There is no such word.
    """
    _check(when)
    known = shapes.operation_names()
    if not isinstance(operation, str) or (operation != "*" and operation not in known):
        refuse_argument("operation", f"{quote(operation)} is not an operation of AWS Backup", close(operation, known))
    first, rate = _whole("at", when.get("at", 1)), when.get("rate")
    times = when.get("times", 1 if rate is None else None)
    if rate is not None and not (_number(rate) and 0 < rate <= 1):
        refuse_argument("rate", f"{quote(rate)} is not a rate", "give a number above 0 and up to 1")
    return CallFault(
        kind=kind,
        operation=operation,
        first=first,
        last=first + _whole("times", times) - 1 if times is not None else None,
        dice=random.Random(_seed(when.get("seed", 0))) if rate is not None else None,  # noqa: S311 - repeatable on purpose
        rate=1.0 if rate is None else rate,
        account_id=when.get("account_id"),
        region_name=when.get("region_name"),
        after=when.get("after", False),
    )


def _check(when: When) -> None:
    for name in when.keys() - When.__annotations__.keys():
        # The interpreter itself takes any keyword here.
        raise TypeError(f"there is no {name!r} among {', '.join(When.__annotations__)}")
    must_be_bools("faults", after=when.get("after", False))
    account_id, region_name = when.get("account_id"), when.get("region_name")
    if account_id is not None and not is_account(account_id):
        refuse_argument("account_id", f"{quote(account_id)} is not an account", "give 12 digits")
    if region_name is not None and not is_region(region_name):
        refuse_argument("region_name", f"{quote(region_name)} is not a Region", "give one like us-east-1")


def _whole(name: str, value: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        refuse_argument(name, f"{quote(value)} is not a count", "give a whole number of 1 or more")
    return value


def _seed(value: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        refuse_argument("seed", f"{quote(value)} is not a seed", "give a whole number")
    return value


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def seconds(value: float) -> float:
    """A time in seconds, 0 or more, and at most a hundred years."""
    if not _number(value) or not 0 <= value <= _MOST_SECONDS:
        refuse_argument(
            "seconds", f"{quote(value)} is not a time", "give a number of seconds, from 0 to a hundred years"
        )
    return value


def tokens(name: str, value: float, *, least: float) -> float:
    """A number of tokens, ``least`` or more; above 0 in any case."""
    if not _number(value) or not least <= value <= _MOST_TOKENS or value == 0:
        low = f"{least:g} or more" if least else "above 0"
        refuse_argument(
            name, f"{quote(value)} is not a number of tokens", f"give a number {low}, up to {_MOST_TOKENS:,}"
        )
    return float(value)


def moment(name: str, value: datetime) -> datetime:
    """An aware time, in UTC."""
    if not isinstance(value, datetime) or value.tzinfo is None:
        refuse_argument(name, f"{quote(value)} has no time zone", "give an aware datetime")
    return plain_values.utc(value)


def jobs(given: Iterable[str]) -> frozenset[str]:
    """Which kinds of job an outage is for; one word counts as one."""
    words = (given,) if isinstance(given, str) else listed(given, "faults/jobs")
    for word in words or (None,):
        if word not in JOBS:
            what = "no jobs" if not words else f"{quote(word)} is not a kind of job"
            refuse_argument("jobs", what, f"take some of {', '.join(JOBS)}")
    return frozenset(str.__str__(word) for word in words)


def role(name: str, arn: Arn | str, account_id: str) -> str:
    """The ARN of a role of this account."""
    plain = plain_values.text(arn_text(arn), f"faults/{name}")
    if not ROLE.admits(plain):
        refuse_argument(name, f"{quote(plain)} is not the ARN of {ROLE.what}", f"write it as {ROLE.example}")
    _must_be_of(name, plain, account_id, "")
    return plain


def resource(name: str, arn: Arn | str, account_id: str, region_name: str) -> str:
    """The ARN of a resource that may be in this account and Region."""
    plain = plain_values.text(arn_text(arn), f"faults/{name}")
    try:
        Arn.parse(plain)
    except InvalidValueError as error:
        raise InvalidValueError(located(f"faults/{name}", error.problems)) from None
    _must_be_of(name, plain, account_id, region_name)
    return plain


def _must_be_of(name: str, arn: str, account_id: str, region_name: str) -> None:
    """Refuse what another place's faults are for: here they would strike nothing."""
    parsed, elsewhere, way = Arn.parse(arn), [], ""
    if parsed.account not in {"", account_id}:
        elsewhere.append(f"account {parsed.account}, and not {account_id}")
        way += f".as_account({parsed.account!r})"
    if parsed.region not in {"", region_name}:
        elsewhere.append(f"Region {parsed.region}, and not {region_name}")
        way += f".in_region({parsed.region!r})"
    if elsewhere:
        refuse_argument(name, f"{quote(arn)} is in {', and in '.join(elsewhere)}", f"use aws{way}.faults")


def must_be_here(name: str, arn: str, world: World, account_id: str, region_name: str) -> None:
    """Refuse a resource that is not there, of which no backup can start in any case."""
    try:
        found = world.find(arn, account_id, region_name)
    except WorldError as error:
        refuse_argument(name, f"{quote(arn)} cannot be looked at: {error}", "try again")
    if found is None:
        refuse_argument(name, f"there is no resource {quote(arn)}", "add it first, with aws.resources.add(...)")


def close(name: object, known: Collection[str]) -> str:
    """A way out: the nearest of the known names, or any."""
    meant = closest(name, known)
    return f"write {meant}" if meant is not None else f"take a name like {min(known)}"


def refuse_argument(name: str, what: str, hint: str) -> NoReturn:
    """Refuse one argument of a verb.

    Raises:
        InvalidValueError: Always.
    """
    raise InvalidValueError(Problem(f"faults/{name}", what, hint))
