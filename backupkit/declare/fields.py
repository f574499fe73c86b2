"""What a field of a declared value carries: how it is checked, what the API calls it, and whether changing it replaces.

One declaration drives validation, the wire format, the differences that a preview shows, and the tests that hold our
fields against botocore's own model.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from datetime import datetime
from typing import Any, Final, TypeAlias, TypeGuard, TypeVar

import attrs

from backupkit.arn import ArnForm
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, Severity, counted, located, shown

__all__ = [
    "LEFT_TO_AWS",
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
    "is_text",
    "listed",
    "matches",
    "must_be_bools",
    "nearest",
    "numbered",
    "one_of",
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
Value: TypeAlias = "str | int | float | bool | datetime | Sequence[Value] | Mapping[str, Value] | None"
"""What a member of a request can be."""


@attrs.frozen
class Flags:
    """The metadata of one field."""

    check: Check | None = None
    wire: str | None = None
    """The API's member name where it is not the field's name in PascalCase."""
    replaces: bool = False
    """Whether AWS cannot change it in place."""
    document: bool = True
    """Whether it is a member of the API's document; tags, parts and children travel beside it."""
    assumed: object = None
    """What AWS fills in where the field is left out, as the API writes it; `LEFT_TO_AWS` where AWS chooses."""
    normal: Callable[[Any], object] | None = None
    """Makes one form of all the API's ways to write the member: a text, number, flag, mapping, or tuple of texts, which
    is a set; None says nothing. Not given, lists of texts are sets, empty says nothing, and others are as they are."""
    encode: Callable[[Any], Value] | None = None
    """Makes the API's form of the value, where it is not the value itself."""
    partial: bool = False
    """Whether only the keys of a mapping that the declaration names are compared."""
    cleared: object = None
    """What an update sends for the member where it is no longer declared, so that AWS drops it."""


LEFT_TO_AWS: Final = "(left to AWS)"
"""As `Flags.assumed`: AWS chooses where the field is left out, so it is compared only where it is declared."""


def flags(
    *checks: Check,
    wire: str | None = None,
    replaces: bool = False,
    document: bool = True,
    assumed: object = None,
    normal: Callable[[Any], object] | None = None,
    encode: Callable[[Any], Value] | None = None,
    partial: bool = False,
    cleared: object = None,
) -> dict[str, Flags]:
    """The ``metadata`` of an attrs field; see `Flags`."""
    check = _all(checks) if checks else None
    return {"backupkit": Flags(check, wire, replaces, document, assumed, normal, encode, partial, cleared)}


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


def nearest(name: object, known: Iterable[str]) -> str:
    """The known name that was probably meant, or all of them, as a way out."""
    from difflib import get_close_matches  # noqa: PLC0415 - only a mistake needs it

    names = sorted(known)
    folded = {each.casefold(): each for each in names}
    close = get_close_matches(name[:_LONGEST_MEANT].casefold(), folded, n=1) if isinstance(name, str) else ()
    return f"write {folded[close[0]]}" if close else f"use some of {', '.join(names)}"


_LONGEST_MEANT = 100


_WORD = re.compile(r"[A-Za-z0-9_. -]{1,100}")


def one_of(known: Iterable[str], what: str) -> Check:
    """One of AWS's own words, or text that may be a newer one: that is warned about, with the nearest known word.

    Another spelling of a known word is an error, for AWS's words have one spelling.

    Args:
        known: The words that backupkit knows.
        what: What a word is, with its article, for example ``an event of AWS Backup``.
    """
    words = tuple(known)
    folded = {word.casefold() for word in words}

    def check(value: object) -> Iterator[Problem]:
        if value in words:
            return
        if isinstance(value, str) and _WORD.fullmatch(value) and value.casefold() not in folded:
            yield warning("", f"{shown(value)} is not {what} that backupkit knows", nearest(value, words))
        else:
            yield Problem("", f"{shown(value)} is not {what}", nearest(value, words))

    return check


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
        return is_text(value) and re.fullmatch(self.expression, value) is not None


def matches(pattern: Pattern) -> Check:
    """A name that follows ``pattern``."""

    def check(value: object) -> Iterator[Problem]:
        if not pattern.admits(value):
            yield Problem("", f"{shown(value)} is not a {pattern.what}", f"use {pattern.words}")

    return check


def whole(low: int, high: int, units: str, *, also: int | None = None) -> Check:
    """A whole number of ``units``, a plural, from ``low`` to ``high``, or the number ``also``."""
    span = f"{low:,} to {high:,} {units}"

    def check(value: object) -> Iterator[Problem]:
        # -1.0 and Decimal(-1) equal -1, and would not be sent as it.
        if isinstance(value, bool) or not isinstance(value, int):
            yield Problem("", f"{shown(value)} is not a whole number of {units}", f"use {span}, as an int")
        elif value != also and not low <= value <= high:
            hint = " (leave it out to set nothing)" if value == 0 else ""
            got = counted(value, units.removesuffix("s")) if abs(value) < _WRITTEN_OUT else shown(value)
            yield Problem("", f"{got} is out of range", f"use {span}{hint}")

    return check


_WRITTEN_OUT = 10**18


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
    """A value of one of ``kinds``; a declared one shows how it is made."""
    named = " or ".join(f"{'an' if kind.__name__[0] in 'AEIO' else 'a'} {kind.__name__}" for kind in kinds)
    ways_out = [getattr(kind, "_EXAMPLE", "") for kind in kinds]
    way_out = "write True or False" if kinds == (bool,) else f"write {' or '.join(filter(None, ways_out))}"

    def check(value: object) -> Iterator[Problem]:
        if not isinstance(value, kinds):
            yield Problem("", f"{shown(value)} is not {named}", way_out)

    return check


def every(check: Check) -> Check:
    """The same check, for each item of a tuple."""

    def check_all(value: object) -> Iterator[Problem]:
        for each in value if isinstance(value, tuple) else (value,):
            yield from check(each)

    return check_all


def arn_of(form: ArnForm, what: str = "") -> Check:
    """An ARN of this form; ``what`` says more closely what it names."""

    def check(value: object) -> Iterator[Problem]:
        fault = form.fault(value)
        if fault is not None:
            why = f": {fault}" if fault else ""
            yield Problem(
                "", f"{shown(value)} is not the ARN of {what or form.what}{why}", f"write it as {form.example}"
            )

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
    if not is_text(key):
        yield Problem("", f"tag key {shown(key)} is not text", "write it in quotes")
    elif not 1 <= len(key) <= _LONGEST_KEY:
        yield Problem("", f"tag key {shown(key)} is not 1 to {_LONGEST_KEY} characters long", "shorten it")
    elif key.lower().startswith("aws:"):
        yield Problem("", f"tag key {key!r} begins with aws:, which AWS keeps for itself", "choose another key")
    # Values are never shown: AWS's model marks them sensitive.
    if not isinstance(text, str):
        kind = type(text).__name__
        yield Problem("", f"the value of tag {shown(key)} is of type {kind}, not text", "write it in quotes")
    elif not is_text(text):
        yield Problem("", f"the value of tag {shown(key)} holds half of a surrogate pair", "decode it from UTF-8")
    elif len(text) > _LONGEST_VALUE:
        yield Problem("", f"the value of tag {shown(key)} has more than {_LONGEST_VALUE} characters", "shorten it")


_LONGEST_KEY, _LONGEST_VALUE = 128, 256


def is_text(value: object) -> TypeGuard[str]:
    """Whether a value is text that UTF-8 can carry; half of a surrogate pair can be sent to nobody."""
    if not isinstance(value, str):
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def listed(values: Iterable[T], where: str) -> tuple[T, ...]:
    """The values as a tuple.

    Raises:
        InvalidValueError: They are not a list, nor anything else that can be gone through. Text and mappings are not:
            their letters and keys would be taken for the values.
    """
    if not isinstance(values, Iterable) or isinstance(values, (str, bytes, Mapping)):
        raise InvalidValueError(Problem(where, f"{shown(values)} is not a list", "give a list or a tuple"))
    return tuple(values)


def texts(values: Iterable[str], where: str = "") -> tuple[str, ...]:
    """Texts as a tuple; a single text counts as one, not as its letters."""
    return (values,) if isinstance(values, str) else listed(values, where)


def must_be_bools(where: str, **words: object) -> None:
    """Refuse an argument that is not True or False: ``allow_delete="no"`` would else count as yes.

    Raises:
        InvalidValueError: One of them is something else.
    """
    problems = [problem for name, word in words.items() for problem in located(name, instance(bool)(word))]
    if problems:
        raise InvalidValueError(located(where, problems))


def numbered(texts: Iterable[str]) -> tuple[str, ...]:
    """The texts in their order, a second one of the same marked ``#2``, so that a set of them loses none."""
    seen: Counter[str] = Counter()
    found: list[str] = []
    for text in sorted(texts):
        seen[text] += 1
        found.append(text if seen[text] == 1 else f"{text}#{seen[text]}")
    return tuple(found)


def warning(address: str, what: str, way_out: str) -> Problem:
    """A problem that AWS accepts."""
    return Problem(address, what, way_out, Severity.WARNING)
