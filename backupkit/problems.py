"""What is wrong with a declared value, where, and the way out.

A `Problem` is data: constructors and `check()` methods collect them, errors carry them, programs may filter them by
`severity` or `address`. Messages show values by `quote`, which never shows what a structure holds.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import attrs

from backupkit.serialization import Serializable

__all__ = [
    "CONTROL",
    "Problem",
    "Severity",
    "closest",
    "counted",
    "errors_in",
    "label",
    "located",
    "nearest",
    "quote",
    "typed",
    "warning",
    "with_article",
]

_LONGEST_QUOTE = 250
_LONGEST_NUMBER_BITS = 200
_LONGEST_LABEL = 200
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
"""Characters that a terminal obeys."""
_LONGEST_MEANT = 100


class Severity(enum.StrEnum):
    """How sure a problem is."""

    ERROR = "error"
    """AWS surely refuses it, or every job surely fails."""
    WARNING = "warning"
    """AWS accepts it; it is rarely what was meant."""


@attrs.frozen
class Problem(Serializable):
    """One thing that is wrong.

    Args:
        address: Where, inside the value or stack, for example ``plan.prod/rule.daily``; empty for itself.
        message: What is wrong, with the value that was got.
        hint: What to write instead.
        severity: Error or warning.
    """

    address: str
    message: str
    hint: str = ""
    severity: Severity = Severity.ERROR

    def below(self, parent: str) -> Problem:
        """The same problem, seen from one level further out."""
        address = f"{parent}/{self.address}" if self.address and parent else parent or self.address
        return attrs.evolve(self, address=address)

    def __str__(self) -> str:
        where = f"{self.address}: " if self.address else ""
        return f"{where}{self.message}; {self.hint}" if self.hint else f"{where}{self.message}"


def warning(address: str, what: str, hint: str) -> Problem:
    """A problem that AWS accepts."""
    return Problem(address, what, hint, Severity.WARNING)


def located(parent: str, problems: Iterable[Problem]) -> Iterator[Problem]:
    """Every problem, moved below ``parent``."""
    return (problem.below(parent) for problem in problems)


def errors_in(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Only the problems that must be mended."""
    return tuple(problem for problem in problems if problem.severity is Severity.ERROR)


def quote(value: object, longest: int = _LONGEST_QUOTE) -> str:
    """Return a value as a message may show it: short; structures by their type alone, for they may hold tags."""
    if isinstance(value, datetime):
        return str(value)
    if isinstance(value, timedelta):
        return f"a timedelta of {value}"
    if isinstance(value, int) and value.bit_length() > _LONGEST_NUMBER_BITS:
        # Python refuses to write out very long ones.
        return f"a number of some {int(value.bit_length() * 0.30103):,} digits"
    if value is None or isinstance(value, (str, int, float)):
        text = repr(value)
        return text if len(text) <= longest else f"{text[:longest]}…"
    return typed(value)


def closest(name: object, known: Iterable[str]) -> str | None:
    """Return the known name that was probably meant, whatever its capitals."""
    from difflib import get_close_matches  # noqa: PLC0415 - only a mistake needs it

    folded = {each.casefold(): each for each in known}
    found = get_close_matches(name[:_LONGEST_MEANT].casefold(), folded, n=1) if isinstance(name, str) else ()
    return folded[found[0]] if found else None


def nearest(name: object, known: Iterable[str]) -> str:
    """The known name that was probably meant, or all of them, as a way out."""
    names = sorted(known)
    family = _family(name, names)
    meant = closest(name, names)
    if family and meant not in family:
        return f"use some of {', '.join(family)}"
    return f"write {meant}" if meant is not None else f"use some of {', '.join(names)}"


def _family(name: object, known: Iterable[str]) -> list[str]:
    """The known constants that begin with the same words: COPY_JOB_COMPLETED is about copies, and not about backups."""
    begin, _, _ = name.rpartition("_") if isinstance(name, str) else ("", "", "")
    return [each for each in known if "_" in begin and each.startswith(f"{begin}_")]


def typed(value: object) -> str:
    """The type of a value with its article: ``an int``, ``a dict``."""
    return with_article(type(value).__name__)


def with_article(name: str) -> str:
    """A name with its article: ``an alarm``, ``a vault``."""
    return f"{'an' if name[:1] in tuple('aeioAEIO') else 'a'} {name}"


def label(name: str) -> str:
    """A name as a step of an address: cut where it is long; what UTF-8 cannot carry or a terminal obeys is escaped."""
    text = name if len(name) <= _LONGEST_LABEL else f"{name[:_LONGEST_LABEL]}…"
    text = CONTROL.sub(lambda found: repr(found[0])[1:-1], text)
    return text.encode(errors="backslashreplace").decode()


def counted(number: float, thing: str) -> str:
    """A number of things in words: ``1 day``, ``36,500 days``, ``0.5 seconds``."""
    text = f"{number:,}" if isinstance(number, int) else f"{number:g}"
    return f"{text} {thing}" if number == 1 else f"{text} {thing}s"
