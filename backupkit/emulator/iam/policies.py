"""Access policies of vaults as statements that decide: what a policy's text says to one request."""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, NoReturn, TypeAlias

import attrs
import msgspec

from backupkit.catalog.metadata_key import moment_in
from backupkit.emulator.kernel.plain_values import many
from backupkit.errors import NotEmulatedError
from backupkit.matching import wildcards

__all__ = [
    "OPERATORS",
    "AuthRequest",
    "Condition",
    "Context",
    "Statement",
    "Verdict",
    "pattern_matches",
    "statements",
    "verdict",
]

# ---- Conditions ----
# Source: the IAM user guide's pages on condition operators, set operators, and keys that are not there.


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
    found = moment_in(text)
    if found is not None:
        return found.timestamp()
    return float(text) if re.fullmatch(r"\d+(\.\d+)?", text) else None


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


# ---- Statements and verdicts ----
# Sources: the IAM user guide's reference of policy elements, and the developer guide's page on vault access policies.


_ELSEWHERE = frozenset({"IpAddress", "NotIpAddress", "BinaryEquals"})
_TAGS = ("aws:resourcetag/", "aws:requesttag/")
_SETS = {"ForAllValues": True, "ForAnyValue": False}


class Verdict(enum.Enum):
    """What a policy says to a request."""

    DENIED = "denied"
    ALLOWED = "allowed"
    IMPLICIT_DENY = "silent"


@attrs.frozen(eq=False)
class AuthRequest:
    """One request as a policy sees it.

    Args:
        action: As IAM calls it, ``backup:DeleteRecoveryPoint``.
        resources: What it is about: the point, where there is one, and the vault.
        principals: Everything that the caller may be called.
        context: What the request says of itself, by condition key.
    """

    action: str
    resources: tuple[str, ...]
    principals: frozenset[str]
    context: Context


@attrs.frozen(eq=False)
class Statement:
    """One statement of a policy; ``not_`` turns its element into the opposite."""

    allows: bool
    principals: frozenset[str]
    not_principals: bool
    actions: frozenset[str]
    not_actions: bool
    resources: tuple[str, ...]
    not_resources: bool
    conditions: tuple[Condition, ...]

    def concerns(self, action: str) -> bool:
        """Whether the statement is about an action at all."""
        return self.not_actions != (action.casefold() in self.actions)

    def holds(self, request: AuthRequest) -> bool:
        """Whether the statement is about the request."""
        return (
            self.concerns(request.action)
            and self.not_principals != bool(self.principals & request.principals)
            and self.not_resources != self._names(request.resources)
            and all(condition.holds(request.context) for condition in self.conditions)
        )

    def _names(self, resources: Iterable[str]) -> bool:
        return any(pattern_matches(pattern, arn) for pattern in self.resources for arn in resources)


def verdict(policy: str, request: AuthRequest) -> Verdict:
    """What the policy says: an explicit Deny wins over every Allow, and without either it says nothing."""
    holding = [statement for statement in statements(policy) if statement.holds(request)]
    if not holding:
        return Verdict.IMPLICIT_DENY
    return Verdict.ALLOWED if all(statement.allows for statement in holding) else Verdict.DENIED


@lru_cache(maxsize=1024)
def statements(policy: str) -> tuple[Statement, ...]:
    """The statements of a policy's text, which is one that was checked.

    Raises:
        NotEmulatedError: A condition needs what the local service cannot know, for example the caller's address.
    """
    document: dict[str, Any] = msgspec.json.decode(policy)
    return tuple(_statement(each) for each in many(document["Statement"]))


def _statement(element: Mapping[str, Any]) -> Statement:
    # A policy of a vault is about that vault where it names nothing else.
    resources = element.get("NotResource", element.get("Resource", "*"))
    return Statement(
        allows=element["Effect"] == "Allow",
        principals=_principals(element.get("NotPrincipal", element.get("Principal"))),
        not_principals="NotPrincipal" in element,
        actions=frozenset(str(action).casefold() for action in many(element.get("NotAction", element.get("Action")))),
        not_actions="NotAction" in element,
        resources=tuple(_literal(each) for each in many(resources)),
        not_resources="NotResource" in element,
        conditions=tuple(_conditions(element.get("Condition") or {})),
    )


def _principals(element: Any) -> frozenset[str]:
    """Whom a statement names; services and federations are never callers here."""
    return frozenset({"*"} if element == "*" else many(element.get("AWS", [])))


def _conditions(element: Any) -> Iterable[Condition]:
    for operator, tests in element.items():
        for key, values in tests.items():
            yield _condition(operator, key, tuple(_literal(_text(value)) for value in many(values)))


def _condition(operator: str, key: str, values: tuple[str, ...]) -> Condition:
    quantifier, _, bare = operator.rpartition(":")
    if_exists = bare.endswith("IfExists")
    name = bare.removesuffix("IfExists")
    positive = name.replace("Not", "", 1)
    if name in _ELSEWHERE:
        _not_emulated(f"the condition operator {operator}")
    folded = key.casefold()
    if folded not in CONTEXT_KEYS and not folded.startswith(_TAGS):
        _not_emulated(f"the condition key {key}")
    return Condition(folded, positive, values, positive != name, if_exists, _SETS.get(quantifier))


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _literal(value: object) -> str:
    text = str(value)
    if "${" in text:
        _not_emulated(f"the policy variable in {text}")
    return text


def _not_emulated(what: str) -> NoReturn:
    raise NotEmulatedError(f"the local service cannot evaluate {what} of a vault's access policy; leave it out here")
