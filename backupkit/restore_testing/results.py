"""What a check of a restored resource came to, and what AWS Backup is told of several of them."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import attrs

from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, counted, nearest, quote
from backupkit.recover.restore_job import RestoreJob
from backupkit.serialization import Serializable

__all__ = ["MAX_MESSAGE_BYTES", "Check", "CheckResult", "Outcome", "clipped", "outcome_of", "sentence"]

MAX_MESSAGE_BYTES = 1_024
"""The longest message that a validation result is reported with. AWS documents no limit; validators in production cut
theirs to so much."""

_CUT = "…"


class Outcome(enum.StrEnum):
    """What a check came to."""

    PASSED = "passed"
    FAILED = "failed"
    PENDING = "pending"
    """Not yet: the resource is on its way, and is looked at again."""
    UNKNOWN = "unknown"
    """It could not be looked at, which says nothing about the restore."""


def _outcome(given: Outcome | str) -> Outcome:
    if not isinstance(given, str) or given not in tuple(Outcome):
        what = f"{quote(given)} is not what a check can come to"
        raise InvalidValueError(Problem("check_result/outcome", what, nearest(given, Outcome)))
    return Outcome(given)


@attrs.frozen
class CheckResult(Serializable):
    """What one thing that was looked at came to.

    Args:
        name: The check, for example ``rds engine``.
        outcome: Passed, failed, pending or unknown.
        message: What was seen, and of a failure what was wanted.
        looked_at: Whose answer that is, for example ``rds describe_db_instances``; empty for a function of yours.

    Raises:
        InvalidValueError: It can come to no such thing.
    """

    name: str
    outcome: Outcome = attrs.field(converter=_outcome)
    message: str = ""
    looked_at: str = ""

    @property
    def passed(self) -> bool:
        """Whether it is as it should be."""
        return self.outcome is Outcome.PASSED

    def __str__(self) -> str:
        state = "" if self.outcome in {Outcome.PASSED, Outcome.FAILED} else f"{self.outcome}: "
        return f"{self.name}: {state}{self.message}" if self.message else f"{self.name}: {self.outcome}"


@runtime_checkable
class Check(Protocol):
    """What a validator can run: a value with a name that looks at what a job restored. `checks` has ready ones."""

    @property
    def name(self) -> str:
        """What the check is called."""
        ...

    def fits(self, job: RestoreJob) -> bool:
        """Whether it is for what the job restored."""
        ...

    def results(self, job: RestoreJob) -> Sequence[CheckResult]:
        """Look once, and return what each thing came to."""
        ...


def outcome_of(results: Sequence[CheckResult]) -> Outcome:
    """Return what several results come to: a failure is one whatever else is not known; success needs every result."""
    outcomes = {each.outcome for each in results}
    order = (Outcome.FAILED, Outcome.UNKNOWN, Outcome.PENDING)
    return next((each for each in order if each in outcomes), Outcome.PASSED)


def sentence(results: Sequence[CheckResult]) -> str:
    """Return what is said of some results on one line, the failures first, since what is too long is cut."""
    wrong = [each for each in results if not each.passed]
    right = [each for each in results if each.passed]
    head = f"{len(wrong)} of {counted(len(results), 'check')} failed" if wrong else counted(len(right), "check")
    parts = [head, *map(str, wrong)]
    if right:
        parts.append(("passed: " if wrong else "") + "; ".join(map(str, right)))
    return " ".join("; ".join(parts).replace("; ", ": ", 1).split())


def clipped(message: str, most: int = MAX_MESSAGE_BYTES) -> str:
    """Return a message that fits: cut between two characters, with a sign that it was."""
    # What no encoding can carry would fail on the way.
    whole = message.encode("utf-8", "backslashreplace")
    if len(whole) <= most:
        return whole.decode()
    return whole[: most - len(_CUT.encode())].decode("utf-8", "ignore") + _CUT
