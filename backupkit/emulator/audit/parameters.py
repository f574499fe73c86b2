"""Parameters of controls: their limits, and how their values, which are always text, are read.

Sources: the developer guide's page on controls, and the AWS Config rules behind them.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import attrs

__all__ = ["Parameter", "age", "entries", "listing", "one_of", "whole"]

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
