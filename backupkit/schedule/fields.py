"""One field of a cron expression: text to the numbers it stands for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import attrs

from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, quote

__all__ = ["NumberField", "got"]

_LONGEST_QUOTE = 80
_NUMERAL = re.compile(r"[0-9]+")


def got(value: object) -> str:
    """A piece of an expression as it was got, for a message."""
    return quote(value, _LONGEST_QUOTE)


@attrs.frozen
class NumberField:
    """The numbers that one field takes, and how they are written.

    Args:
        name: The field, as AWS calls it; the last part of a problem's address.
        low: The lowest number.
        high: The highest number.
        names: Words that stand for numbers, the first for ``low``, in upper case.
        wraps: Whether a range may run over the end, as ``FRI-MON`` does.
        widest_step: The widest step that AWS takes, where that is known.
        single: Whether only one number goes: AWS Backup runs a rule hourly at the most.
    """

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()
    wraps: bool = True
    widest_step: int | None = None
    single: bool = False

    def refused(self, item: str, why: str, hint: str = "") -> InvalidValueError:
        """The error for a piece of this field."""
        return InvalidValueError(Problem(f"schedule/{self.name}", f"{got(item)} {why}", hint or self._span()))

    def numbers(self, items: Sequence[str]) -> tuple[int, ...]:
        """What a list of pieces stands for, sorted.

        Raises:
            InvalidValueError: A piece is not understood or out of range.
        """
        if items == ["*"]:
            return tuple(range(self.low, self.high + 1))
        return tuple(sorted({number for item in items for number in self._of(item)}))

    def number(self, text: str, item: str) -> int:
        """A single number or name; ``item`` is the piece that it is written in.

        Raises:
            InvalidValueError: It is neither, or out of range.
        """
        if text in self.names:
            return self.low + self.names.index(text)
        if not text.isdecimal():
            raise self.refused(item, "is empty" if not item else "is not understood")
        if len(text) > self._most_digits and len(text.lstrip("0")) <= self._most_digits:
            raise self.refused(item, f"has a number of more than {self._most_digits} digits", self._shorter(item))
        if len(text) > self._most_digits or not self.low <= int(text) <= self.high:
            raise self.refused(item, "is out of range")
        return int(text)

    @property
    def _most_digits(self) -> int:
        return max(2, len(str(self.high)))

    def _shorter(self, item: str) -> str:
        """The way out where numbers have leading zeros that AWS refuses."""
        plain = _NUMERAL.sub(lambda found: found[0].lstrip("0") or "0", item)
        try:
            meant = self.numbers([plain])
        except InvalidValueError:
            return ""
        return "" if self.single and len(meant) > 1 else f"write {plain}"

    def _span(self) -> str:
        names = f" or {self.names[0]} to {self.names[-1]}" if self.names else ""
        return f"use {self.low} to {self.high}{names}{', one number' if self.single else ', with , - * and /'}"

    def _of(self, item: str) -> Iterator[int]:
        span, slash, step_text = item.partition("/")
        step = self._step(step_text, item) if slash else 1
        first, dash, last = span.partition("-")
        if span == "*":
            return iter(range(self.low, self.high + 1, step))
        low = self.number(first, item)
        if not dash:
            return iter(range(low, (self.high if slash else low) + 1, step))
        return self._range(low, self.number(last, item), step, item)

    def _range(self, low: int, high: int, step: int, item: str) -> Iterator[int]:
        if high >= low:
            return iter(range(low, high + 1, step))
        if not self.wraps:
            raise self.refused(item, "runs backwards", "write the lower one first")
        size = self.high - self.low + 1
        return ((number - self.low) % size + self.low for number in range(low, high + size + 1, step))

    def _step(self, text: str, item: str) -> int:
        if not text.isdecimal() or not text.strip("0"):
            raise self.refused(item, "has no step of 1 or more after /", "" if self.single else "write for example */2")
        if len(text) > self._most_digits:
            raise self.refused(item, f"has a step of more than {self._most_digits} digits", self._shorter(item))
        if self.widest_step is not None and int(text) > self.widest_step:
            raise self.refused(item, f"has a step over {self.widest_step}", "write one number for once an hour")
        return int(text)
