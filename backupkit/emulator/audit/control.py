"""What a control is: its parameters with limits and defaults, the scopes it takes, and what it finds.

Sources: the developer guide's page on controls, and the AWS Config rules behind them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TypeAlias

import attrs

from backupkit.emulator.audit.view import Scope, View
from backupkit.emulator.model import Document, Finding
from backupkit.emulator.model.scopes import supported_types

__all__ = ["Control", "Find", "Parameter", "Terms", "age", "entries", "listing", "one_of", "whole"]

# ---- Parameters, whose values are always text ----


_DAYS = "days"
_HOURS = "hours"


@attrs.frozen
class Parameter:
    """One parameter of a control.

    Args:
        name: Its name, for example ``requiredRetentionDays``; case counts.
        flaw: What is wrong with a value, as the end of a sentence; None where nothing is.
        default: What holds where it is not given; None where nothing does.
        required: Whether it must be given.
    """

    name: str
    flaw: Callable[[str], str | None]
    default: str | None = None
    required: bool = False


def whole(least: int, most: int) -> Callable[[str], str | None]:
    """Takes whole numbers from ``least`` to ``most``."""

    def flaw(value: str) -> str | None:
        if re.fullmatch(r"\d{1,9}", value, re.ASCII) and least <= int(value) <= most:
            return None
        return f"must be a whole number from {least} to {most}"

    return flaw


def one_of(*values: str) -> Callable[[str], str | None]:
    """Takes one of some words; case counts."""
    return lambda value: None if value in values else f"must be {' or '.join(values)}"


def listing(pattern: str, what: str, most: int) -> Callable[[str], str | None]:
    """Takes a comma-separated list of at most ``most`` entries that fit ``pattern``."""
    fits = re.compile(pattern, re.ASCII).fullmatch

    def flaw(value: str) -> str | None:
        found = entries(value)
        if found and len(found) <= most and all(map(fits, found)):
            return None
        return f"must be a comma-separated list of 1 to {most} {what}"

    return flaw


def entries(value: str | None) -> tuple[str, ...]:
    """The entries of a comma-separated list; space and line breaks around them do not count (as in AWS's sample)."""
    return tuple(part.strip() for part in (value or "").split(",") if part.strip())


def age(
    unit: str, value: str, *, hours: tuple[int, int], days: tuple[int, int]
) -> tuple[tuple[Parameter, Parameter], Callable[[dict[str, str]], str | None]]:
    """Two parameters that together are a length of time, one day where not given, and the check of both.

    Args:
        unit: The name of the parameter with the unit, ``hours`` or ``days``.
        value: The name of the parameter with the number.
        hours: The least and the greatest number of hours.
        days: The least and the greatest number of days.
    """
    limits = {_HOURS: hours, _DAYS: days}

    def flaw(given: dict[str, str]) -> str | None:
        least, most = limits[given[unit]]
        wrong = whole(least, most)(given[value])
        return None if wrong is None else f"{value} {wrong} where {unit} is {given[unit]}"

    both = Parameter(unit, one_of(_HOURS, _DAYS), _DAYS), Parameter(value, whole(1, max(hours[1], days[1])), "1")
    return both, flaw


# ---- Controls ----


@attrs.frozen
class Terms:
    """A control as a framework holds it.

    Args:
        parameters: Its parameters by name, defaults filled in.
        scope: What it evaluates.
    """

    parameters: dict[str, str]
    scope: Scope

    def days(self, name: str) -> int | None:
        """A parameter that is a whole number; None where it is not given."""
        value = self.parameters.get(name)
        return None if value is None else int(value)


Find: TypeAlias = Callable[[View, Terms], Iterator[Finding]]
"""What a control finds: one finding for each thing in its scope."""


def _nothing(_: dict[str, str]) -> str | None:
    return None


@attrs.frozen(kw_only=True)
class Control:
    """A control of Audit Manager.

    Args:
        name: AWS's name of it.
        find: What it finds.
        daily: Whether it is evaluated every 24 hours; otherwise on each change of what it evaluates.
        scopes: The kinds of scope that it takes: ``types``, ``tag``, ``single``; to take in everything always goes.
        types: The resource types that its scope may name; none: all that AWS Backup supports.
        parameters: Its parameters.
        flaw: What is wrong with all parameters together, as a sentence; None where nothing is.
    """

    name: str
    find: Find
    daily: bool
    scopes: frozenset[str]
    _types: tuple[str, ...] = attrs.field(default=(), alias="types")
    parameters: tuple[Parameter, ...] = ()
    flaw: Callable[[dict[str, str]], str | None] = _nothing

    @property
    def types(self) -> tuple[str, ...]:
        """The resource types that its scope may name."""
        return self._types or supported_types()

    def filled(self, given: list[Document]) -> dict[str, str]:
        """Its parameters by name, with its defaults for those that are not given."""
        defaults = {one.name: one.default for one in self.parameters if one.default is not None}
        return {**defaults, **{each["ParameterName"]: each["ParameterValue"] for each in given}}
