"""What a field of a declared value carries: how it is checked, what the API calls it, and whether changing it replaces.

One declaration drives validation, the wire format, the differences that a preview shows, and the tests that hold our
fields against botocore's own model.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from datetime import datetime
from typing import TypeAlias, TypeVar

import attrs

from backupkit.arn import Arn
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, Severity

__all__ = [
    "POINT_TAGS",
    "RESOURCE_TAGS",
    "Check",
    "Flags",
    "Pattern",
    "TagLimits",
    "arn_of",
    "at_most",
    "either",
    "every",
    "flags",
    "flags_of",
    "instance",
    "listed",
    "matches",
    "nearest",
    "optional",
    "shown",
    "tags_within",
    "texts",
    "warning",
    "whole",
]

T = TypeVar("T")

Check: TypeAlias = Callable[[object], Iterable[Problem]]
"""Looks at one value and says what is wrong with it."""


@attrs.frozen
class Flags:
    """The metadata of one field."""

    check: Check | None = None
    wire: str | None = None
    """The API's member name where it is not the field's name in PascalCase."""
    replaces: bool = False
    """Whether AWS cannot change it in place."""
    document: bool = True
    """Whether it is a member of the API's document; tags and children travel beside it."""


def flags(*checks: Check, wire: str | None = None, replaces: bool = False, document: bool = True) -> dict[str, Flags]:
    """The ``metadata`` of an attrs field."""
    return {"backupkit": Flags(_all(checks) if checks else None, wire, replaces, document)}


_NO_FLAGS = Flags()


def flags_of(field: attrs.Attribute[object]) -> Flags:
    """The flags of an attrs field; plain ones where it carries none."""
    found = field.metadata.get("backupkit", _NO_FLAGS)
    return found if isinstance(found, Flags) else _NO_FLAGS


def _all(checks: tuple[Check, ...]) -> Check:
    def check(value: object) -> Iterator[Problem]:
        for each in checks:
            yield from each(value)

    return check


def shown(value: object) -> str:
    """A value as a message may show it: plain and short; structures by their type alone, for they may hold tags."""
    if isinstance(value, datetime):
        return str(value)
    if value is None or isinstance(value, (str, int, float)):
        text = repr(value)
        return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
    return f"a {type(value).__name__}"


_LONGEST_SHOWN = 250


def nearest(name: object, known: Iterable[str]) -> str:
    """The known name that was probably meant, or all of them, as a way out."""
    from difflib import get_close_matches  # noqa: PLC0415 - only a mistake needs it

    names = sorted(known)
    folded = {each.casefold(): each for each in names}
    close = get_close_matches(str(name).casefold(), folded, n=1)
    return f"write {folded[close[0]]}" if close else f"use some of {', '.join(names)}"


def optional(check: Check) -> Check:
    """The same check, but None is left to AWS."""
    return lambda value: () if value is None else check(value)


@attrs.frozen
class Pattern:
    """A naming rule: the expression, and the same in words."""

    what: str
    expression: str
    words: str

    def admits(self, value: object) -> bool:
        """Whether ``value`` follows the rule."""
        return isinstance(value, str) and re.fullmatch(self.expression, value) is not None


def matches(pattern: Pattern) -> Check:
    """A name that follows ``pattern``."""

    def check(value: object) -> Iterator[Problem]:
        if not pattern.admits(value):
            yield Problem("", f"{shown(value)} is not a {pattern.what}", f"use {pattern.words}")

    return check


def whole(low: int, high: int | None, unit: str, *, also: int | None = None) -> Check:
    """A whole number of ``unit`` from ``low`` to ``high``, or the number ``also``."""

    def check(value: object) -> Iterator[Problem]:
        if also is not None and value == also and not isinstance(value, bool):
            return
        span = f"{low:,} to {high:,} {unit}" if high is not None else f"{low:,} {unit} or more"
        if isinstance(value, bool) or not isinstance(value, int):
            yield Problem("", f"{shown(value)} is not a whole number of {unit}", f"use {span}")
        elif value < low or (high is not None and value > high):
            hint = " (leave it out to set nothing)" if value == 0 else ""
            yield Problem("", f"{value:,} {unit} is out of range", f"use {span}{hint}")

    return check


def at_most(limit: int, things: str) -> Check:
    """No more than ``limit`` items."""

    def check(value: object) -> Iterator[Problem]:
        if isinstance(value, Sized) and len(value) > limit:
            yield Problem("", f"{len(value)} {things}", f"AWS takes at most {limit}")

    return check


def either(*allowed: str) -> Check:
    """One of ``allowed``, spelled exactly."""

    def check(value: object) -> Iterator[Problem]:
        if value not in allowed:
            yield Problem("", f"{shown(value)} is not one of {', '.join(allowed)}", "spell it exactly like that")

    return check


def instance(*kinds: type) -> Check:
    """A value of one of ``kinds``."""
    names = " or ".join(kind.__name__ for kind in kinds)

    def check(value: object) -> Iterator[Problem]:
        if not isinstance(value, kinds):
            yield Problem("", f"{shown(value)} is not a {names}", f"give a {names}")

    return check


def every(check: Check) -> Check:
    """The same check, for each item of a tuple."""

    def check_all(value: object) -> Iterator[Problem]:
        for each in value if isinstance(value, tuple) else (value,):
            yield from check(each)

    return check_all


def arn_of(what: str, service: str, kind: str = "") -> Check:
    """An ARN of ``service``, with a resource part that begins with ``kind``."""
    region = "" if service == "iam" else "region"
    example = f"arn:aws:{service}:{region}:account:{kind}..."

    def check(value: object) -> Iterator[Problem]:
        try:
            arn = Arn.parse(value) if isinstance(value, str) else None
        except InvalidValueError:
            arn = None
        if arn is None or arn.service != service or not arn.resource.startswith(kind):
            yield Problem("", f"{shown(value)} is not the ARN of {what}", f"write it as {example}")

    return check


@attrs.frozen
class TagLimits:
    """How many tags there may be."""

    most: int


POINT_TAGS = TagLimits(10)
"""Tags that a rule adds to each point (AWS Backup quotas)."""
RESOURCE_TAGS = TagLimits(50)
"""Tags on one vault or plan (AWS Backup quotas)."""


def tags_within(limits: TagLimits) -> Check:
    """Tags AWS takes: the number of them, keys of 1 to 128 and values of up to 256 characters, no ``aws:`` keys."""

    def check(value: object) -> Iterator[Problem]:
        pairs = list(value.items()) if isinstance(value, Mapping) else []
        if len(pairs) > limits.most:
            yield Problem("", f"{len(pairs)} tags", f"AWS takes at most {limits.most} here")
        for key, text in pairs:
            yield from _tag_problems(key, text)

    return check


def _tag_problems(key: object, text: object) -> Iterator[Problem]:
    if not isinstance(key, str) or not 1 <= len(key) <= 128:
        yield Problem("", f"tag key {shown(key)} is not 1 to 128 characters long", "shorten it")
    elif key.lower().startswith("aws:"):
        yield Problem("", f"tag key {key!r} begins with aws:, which AWS keeps for itself", "choose another key")
    if not isinstance(text, str) or len(text) > 256:
        yield Problem("", f"the value of tag {shown(key)} is not text of up to 256 characters", "shorten it")


def listed(values: Iterable[T], where: str) -> tuple[T, ...]:
    """The values as a tuple.

    Raises:
        InvalidValueError: They are no list, nor anything else that can be gone through.
    """
    if not isinstance(values, Iterable) or isinstance(values, bytes):
        raise InvalidValueError(Problem(where, f"{shown(values)} is not a list", "give a list or a tuple"))
    return tuple(values)


def texts(values: Iterable[str]) -> tuple[str, ...]:
    """Texts as a tuple; a single text counts as one, not as its letters."""
    return (values,) if isinstance(values, str) else listed(values, "")


def warning(address: str, what: str, way_out: str) -> Problem:
    """A problem that AWS accepts."""
    return Problem(address, what, way_out, Severity.WARNING)
