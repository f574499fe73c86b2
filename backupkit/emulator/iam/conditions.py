"""Conditions of policies: whether a statement's tests hold for a request.

Source: the IAM user guide's pages on condition operators, set operators, and keys that are not there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import TypeAlias

import attrs

from backupkit.matching import wildcards

__all__ = ["CONTEXT_KEYS", "OPERATORS", "Condition", "Context", "pattern_matches"]

Context: TypeAlias = Mapping[str, tuple[str, ...]]
"""What a request says of itself, by condition key in small letters; a key that is not there has no value at all."""

CONTEXT_KEYS = frozenset(
    {
        "aws:currenttime",
        "aws:epochtime",
        "aws:multifactorauthpresent",
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalisawsservice",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:principaltype",
        "aws:requestedregion",
        "aws:resourceaccount",
        "aws:resourceorgid",
        "aws:resourceorgpaths",
        "aws:securetransport",
        "aws:tagkeys",
        "aws:userid",
        "aws:username",
        "aws:viaawsservice",
        "backup:changeablefordays",
        "backup:copytargetorgpaths",
        "backup:copytargets",
        "backup:maxretentiondays",
        "backup:minretentiondays",
        "backup:mpaapprovalteamarn",
    }
)
"""The keys that requests have here, beside aws:ResourceTag/... and aws:RequestTag/...."""

_Test: TypeAlias = Callable[[str, str], bool]


def pattern_matches(pattern: str, value: str) -> bool:
    """Whether a value fits a pattern with ``*`` and ``?``; case counts."""
    return pattern == value or wildcards(pattern)(value)


def _arn_likens(pattern: str, value: str) -> bool:
    """Part by part, of six: a wildcard never reaches over a colon, except in the last part."""
    wanted, got = pattern.split(":", 5), value.split(":", 5)
    return len(wanted) == len(got) and all(pattern_matches(one, other) for one, other in zip(wanted, got, strict=True))


def _same(wanted: str, value: str) -> bool:
    return wanted == value


def _same_in_any_case(wanted: str, value: str) -> bool:
    return wanted.casefold() == value.casefold()


def _numeric(compare: Callable[[float, float], bool]) -> _Test:
    def test(wanted: str, value: str) -> bool:
        try:
            return compare(float(value), float(wanted))
        except ValueError:
            return False

    return test


def _dated(compare: Callable[[float, float], bool]) -> _Test:
    def test(wanted: str, value: str) -> bool:
        first, second = _moment(value), _moment(wanted)
        return first is not None and second is not None and compare(first, second)

    return test


def _moment(text: str) -> float | None:
    """A time of ISO 8601, or in seconds since 1970."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return float(text) if re.fullmatch(r"\d+(\.\d+)?", text) else None
    return (found if found.tzinfo is not None else found.replace(tzinfo=UTC)).timestamp()


_ORDERS: dict[str, Callable[[float, float], bool]] = {
    "Equals": lambda value, wanted: value == wanted,
    "LessThan": lambda value, wanted: value < wanted,
    "LessThanEquals": lambda value, wanted: value <= wanted,
    "GreaterThan": lambda value, wanted: value > wanted,
    "GreaterThanEquals": lambda value, wanted: value >= wanted,
}

OPERATORS: dict[str, _Test] = {
    "StringEquals": _same,
    "StringEqualsIgnoreCase": _same_in_any_case,
    "StringLike": pattern_matches,
    "ArnEquals": _arn_likens,
    "ArnLike": _arn_likens,
    "Bool": _same_in_any_case,
    **{f"Numeric{name}": _numeric(order) for name, order in _ORDERS.items()},
    **{f"Date{name}": _dated(order) for name, order in _ORDERS.items()},
}
"""The operators that are evaluated here, without their opposites, set operators and ``Null``."""


@attrs.frozen
class Condition:
    """One test of a statement: a key of the request against the values of the policy.

    Args:
        key: The condition key, in small letters.
        operator: One of `OPERATORS`, or ``Null``.
        values: What it is held against; any of them is enough.
        negated: Whether it holds where none of them does.
        if_exists: Whether it holds where the request has no such key.
        every: None for a key of one value; True for ForAllValues, False for ForAnyValue.
    """

    key: str
    operator: str
    values: tuple[str, ...]
    negated: bool = False
    if_exists: bool = False
    every: bool | None = None

    def holds(self, context: Context) -> bool:
        """Whether the request passes the test."""
        got = context.get(self.key)
        if self.operator == "Null":
            return any((got is None) == (value.casefold() == "true") for value in self.values)
        if got is None:
            return self._holds_without()
        if self.every is None:
            return all(self._passes(value) for value in got[:1])
        return all(map(self._passes, got)) if self.every else any(map(self._passes, got))

    def _holds_without(self) -> bool:
        """Without the key, opposites and ForAllValues hold, and ForAnyValue does not."""
        if self.if_exists or self.every is True:
            return True
        return self.negated and self.every is None

    def _passes(self, value: str) -> bool:
        return self.negated != _any(OPERATORS[self.operator], self.values, value)


def _any(test: _Test, wanted: Iterable[str], value: str) -> bool:
    return any(test(each, value) for each in wanted)
