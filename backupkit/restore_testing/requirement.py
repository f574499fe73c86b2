"""What is asked of the restore tests of every resource, and how they fall short of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial

import attrs

from backupkit.arn import Arns
from backupkit.checks import arn_texts
from backupkit.display import duration
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, quote
from backupkit.recover.arguments import check_arn, problems_of
from backupkit.restore_testing.evidence_row import ResourceEvidence, TestVerdict

__all__ = ["Requirement"]


@attrs.frozen
class Requirement:
    """What the tests of each resource must show."""

    rto: timedelta | None
    rpo: timedelta | None
    within: timedelta | None
    now: datetime
    resources: tuple[str, ...]

    @classmethod
    def of(
        cls,
        *,
        rto: timedelta | None,
        rpo: timedelta | None,
        within: timedelta | None,
        now: datetime,
        resources: Arns,
    ) -> Requirement:
        """Check what the caller wrote.

        Raises:
            InvalidValueError: Something in it cannot be required.
        """
        named = arn_texts(resources, "require/resources")
        found = [
            Problem(f"require/{name}", f"{quote(span)} is not a span of time above 0", "write timedelta(hours=4)")
            for name, span in (("rto", rto), ("rpo", rpo), ("within", within))
            if span is not None and not (isinstance(span, timedelta) and span > timedelta(0))
        ]
        for arn in named:
            found += problems_of(partial(check_arn, arn, "require/resources"))
        if found:
            raise InvalidValueError(found)
        return cls(rto, rpo, within, now, named)

    def untested(self, rows: Iterable[ResourceEvidence]) -> tuple[str, ...]:
        """Return the resources that were to be tested and are not among the rows."""
        tested = {row.resource_arn for row in rows}
        return tuple(arn for arn in dict.fromkeys(self.resources) if arn not in tested)

    def shortfall(self, row: ResourceEvidence) -> str:
        """Return how the tests of a resource fall short; empty where they do not."""
        if row.last is None:
            return "no test of it is over" if row.running else "it was never tested"
        return "; ".join((*_last(row), *self._old(row), *self._slow(row), *self._lossy(row)))

    def _old(self, row: ResourceEvidence) -> Iterator[str]:
        if self.within is None or row.last_passed is None:
            return
        ago = self.now - row.last_passed
        if ago > self.within:
            yield f"the last test that passed began {duration(ago)} ago, and {duration(self.within)} may pass"

    def _slow(self, row: ResourceEvidence) -> Iterator[str]:
        if self.rto is None:
            return
        if row.rto is None or row.rto_unknown:
            yield "how long its restores take is not known"
        elif row.rto > self.rto:
            yield f"a restore took {duration(row.rto)}, and {duration(self.rto)} may pass"

    def _lossy(self, row: ResourceEvidence) -> Iterator[str]:
        if self.rpo is None:
            return
        if row.rpo is None or row.rpo_unknown:
            yield "how old its restored data was is not known"
        elif row.rpo > self.rpo:
            yield f"restored data was {duration(row.rpo)} old, and {duration(self.rpo)} may be lost"


def _last(row: ResourceEvidence) -> Iterator[str]:
    if row.last is not TestVerdict.PASSED:
        yield f"its last test: {row.last}" + (f" ({row.last_message})" if row.last_message else "")
