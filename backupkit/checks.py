"""What a value must be: checks that say what is wrong with one value, and readers of lists and flags.

What is declared, what the catalog knows of a type, and arguments of calls are checked by these alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from typing import TypeAlias, TypeGuard, TypeVar

import attrs

from backupkit.arn import Arn, ArnForm, Arns, arn_text, spelled
from backupkit.errors import InvalidValueError
from backupkit.problems import CONTROL, Problem, counted, located, nearest, quote, typed, warning

__all__ = [
    "LONGEST_TEXT",
    "LONGEST_WORD",
    "POINT_TAGS",
    "RESOURCE_TAGS",
    "Check",
    "Pattern",
    "TagLimits",
    "arn_of",
    "arn_texts",
    "at_most",
    "either",
    "every",
    "instance",
    "is_text",
    "listed",
    "matches",
    "must_be_bools",
    "must_be_bools_or_none",
    "one_of",
    "optional",
    "tag_key",
    "tag_value",
    "tags_within",
    "text_of",
    "texts",
    "whole",
]

T = TypeVar("T")

_LONGEST_KEY, _LONGEST_VALUE = 128, 256
LONGEST_WORD = 100
"""Characters of a word of AWS, such as a resource type, which may be newer than this library."""
LONGEST_TEXT = 10_000
"""Characters of a text for which AWS publishes no limit; more was never meant."""


Check: TypeAlias = Callable[[object], Iterable[Problem]]
"""Looks at one value and says what is wrong with it."""


_WORD = re.compile(r"[A-Za-z0-9_.-][A-Za-z0-9_. -]{0,99}")
_CONTROL_IN_LINES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


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
            yield warning("", f"{quote(value)} is not {what} that backupkit knows", nearest(value, words))
        else:
            yield Problem("", f"{quote(value)} is not {what}", nearest(value, words))

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

    @property
    def thing(self) -> str:
        """The kind of name with its article."""
        return f"{'an' if self.what[0] in 'aeiou' else 'a'} {self.what}"

    def admits(self, value: object) -> bool:
        """Whether ``value`` follows the rule."""
        return is_text(value) and re.fullmatch(self.expression, value) is not None


def matches(pattern: Pattern) -> Check:
    """A name that follows ``pattern``."""

    def check(value: object) -> Iterator[Problem]:
        if not pattern.admits(value):
            yield Problem("", f"{quote(value)} is not {pattern.thing}", f"use {pattern.words}")

    return check


def whole(low: int, high: int, units: str, *, also: int | None = None) -> Check:
    """A whole number of ``units``, a plural, from ``low`` to ``high``, or the number ``also``."""
    span = f"{low:,} to {high:,} {units}"

    def check(value: object) -> Iterator[Problem]:
        # -1.0 and Decimal(-1) equal -1, and would not be sent as it.
        if isinstance(value, bool) or not isinstance(value, int):
            yield Problem("", f"{quote(value)} is not a whole number of {units}", f"use {span}, as an int")
        elif value != also and not low <= value <= high:
            hint = " (leave it out to set nothing)" if value == 0 else ""
            got = counted(value, units.removesuffix("s")) if abs(value) < _WRITTEN_OUT else quote(value)
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
            yield Problem("", f"{quote(value)} is not one of {', '.join(allowed)}", "spell it exactly like that")

    return check


def instance(*kinds: type) -> Check:
    """A value of one of ``kinds``; a declared one shows how it is made."""
    named = " or ".join(f"{'an' if kind.__name__[0] in 'AEIO' else 'a'} {kind.__name__}" for kind in kinds)
    ways_out = [getattr(kind, "_EXAMPLE", "") for kind in kinds]
    hint = "write True or False" if kinds == (bool,) else f"write {' or '.join(filter(None, ways_out)) or named}"

    def check(value: object) -> Iterator[Problem]:
        if not isinstance(value, kinds):
            yield Problem("", f"{quote(value)} is not {named}", hint)

    return check


def text_of(most: int, *, lines: bool = False, hidden: bool = False) -> Check:
    """Text that says something, of up to ``most`` characters, none of which controls a terminal.

    Args:
        most: The longest that AWS takes; `LONGEST_TEXT` where it publishes none.
        lines: Whether tabs and ends of lines may be in it.
        hidden: Whether the text may be a secret, and so is not shown.
    """
    control = _CONTROL_IN_LINES if lines else CONTROL

    def check(value: object) -> Iterator[Problem]:
        what = typed(value) if hidden else quote(value)
        if not is_text(value) or not value.strip():
            yield Problem("", f"{what} is not text that says something", "write it in quotes, or leave it out")
        elif control.search(value):
            yield Problem("", f"{what} holds a control character", "take it out")
        elif len(value) > most:
            yield Problem("", f"{len(value):,} characters", f"write at most {most:,}")

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
            yield Problem("", f"{quote(value)} is not the ARN of {what or form.what}{why}", _way_to_arn(value, form))

    return check


def _way_to_arn(value: object, form: ArnForm) -> str:
    # A declared thing does not say in which account and Region it will be.
    made = getattr(value, "_arn_call", None) if getattr(value, "_ARN", None) is form else None
    own = "its own account and Region" if form.regional else "its own account"
    return f"write {made}, with {own}" if made is not None else f"write it as {form.example}"


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
    if isinstance(key, str) and key.lower().startswith("aws:"):
        yield Problem("", f"tag key {key!r} begins with aws:, which AWS keeps for itself", "choose another key")
    yield from tag_key(key)
    yield from tag_value(text, key)


def tag_key(key: object) -> Iterator[Problem]:
    """A key that a tag can have, AWS's own included."""
    if not is_text(key):
        yield Problem("", f"tag key {quote(key)} is not text", "write it in quotes")
    elif not 1 <= len(key) <= _LONGEST_KEY:
        yield Problem("", f"tag key {quote(key)} is not 1 to {_LONGEST_KEY} characters long", "shorten it")
    elif CONTROL.search(key):
        yield Problem("", f"tag key {quote(key)} holds a control character", "take it out")


def tag_value(text: object, key: object) -> Iterator[Problem]:
    """A value that a tag can have; it is never shown, for AWS's model marks it sensitive."""
    if not isinstance(text, str):
        kind = type(text).__name__
        yield Problem("", f"the value of tag {quote(key)} is of type {kind}, not text", "write it in quotes")
    elif not is_text(text):
        yield Problem("", f"the value of tag {quote(key)} holds half of a surrogate pair", "decode it from UTF-8")
    elif CONTROL.search(text):
        yield Problem("", f"the value of tag {quote(key)} holds a control character", "take it out")
    elif len(text) > _LONGEST_VALUE:
        yield Problem("", f"the value of tag {quote(key)} has more than {_LONGEST_VALUE} characters", "shorten it")


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
        raise InvalidValueError(Problem(where, f"{quote(values)} is not a list", "give a list or a tuple"))
    return tuple(values)


def texts(values: Iterable[str], where: str = "") -> tuple[str, ...]:
    """Texts as a tuple; a single text counts as one, not as its letters."""
    return (values,) if isinstance(values, str) else listed(values, where)


def arn_texts(arns: Arns, where: str = "") -> tuple[str, ...]:
    """ARNs of either form as a tuple of texts; a single one counts as one."""
    if isinstance(arns, (str, Arn)):
        return (arn_text(arns),)
    # What is declared is one thing, and the check says how its ARN is made.
    given = (arns,) if getattr(arns, "_ARN", None) is not None else listed(arns, where)
    return tuple(map(spelled, given))  # type: ignore[arg-type] # the check refuses what is declared


def must_be_bools(where: str, **words: object) -> None:
    """Refuse an argument that is not True or False: ``allow_delete="no"`` would else count as yes.

    Raises:
        InvalidValueError: One of them is something else.
    """
    problems = [problem for name, word in words.items() for problem in located(name, instance(bool)(word))]
    if problems:
        raise InvalidValueError(located(where, problems))


def must_be_bools_or_none(where: str, **words: object) -> None:
    """Refuse an argument that is neither True nor False, nor left out.

    Raises:
        InvalidValueError: One of them is something else.
    """
    must_be_bools(where, **{name: word for name, word in words.items() if word is not None})
