"""What is wrong with a declared value, where, and the way out.

A `Problem` is data: constructors and `check()` methods collect them, errors carry them, programs may filter them by
`severity` or `address`.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator

import attrs

__all__ = ["Problem", "Severity", "errors_in", "located"]


class Severity(enum.StrEnum):
    """How sure a problem is."""

    ERROR = "error"
    """AWS surely refuses it, or every job surely fails."""
    WARNING = "warning"
    """AWS accepts it; it is rarely what was meant."""


@attrs.frozen
class Problem:
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


def located(parent: str, problems: Iterable[Problem]) -> Iterator[Problem]:
    """Every problem, moved below ``parent``."""
    return (problem.below(parent) for problem in problems)


def errors_in(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Only the problems that must be mended."""
    return tuple(problem for problem in problems if problem.severity is Severity.ERROR)
