"""The answer of `bk.coverage`: a row for each resource, and what they come to."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import ClassVar

import attrs

from backupkit.arn import Arn, spelled
from backupkit.checks import must_be_bools
from backupkit.display import Block, Facts, Notes
from backupkit.errors import CoverageError, InvalidValueError
from backupkit.insight.coverage_table import COVERAGE
from backupkit.insight.requirements import Requirement
from backupkit.insight.row import CoverageRow, CoverageStatus
from backupkit.problems import Problem, counted, quote
from backupkit.serialization import Serializable
from backupkit.tables import RecordForm, Table
from backupkit.tables.collection import record_rows

__all__ = ["Coverage"]

_ORDER = (CoverageStatus.UNPROTECTED, CoverageStatus.UNKNOWN, CoverageStatus.PROTECTED)


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Coverage(Serializable, Table[CoverageRow]):
    """Which resources a policy protects, and why. Iterating gives a `CoverageRow` for each resource; also a table.

    Args:
        region_name: The Region.
        rows: One for each resource, in the order in which they came.
        unread: Why the resources of a type could not be listed, by AWS Backup's strings.
        left_out: How many records of an export are of types that AWS Backup does not know.
        notes: What else could not be read, and what that means.
        declared: Whether it is about declared plans and not about those in AWS.
        source: Where the resources came from, and how many it has, as a sentence.
    """

    _DERIVED: ClassVar[tuple[str, ...]] = ("summary",)

    region_name: str
    rows: tuple[CoverageRow, ...]
    unread: Mapping[str, str] = attrs.field(factory=dict)
    left_out: int = 0
    notes: tuple[str, ...] = ()
    declared: bool = False
    source: str = ""

    def __repr__(self) -> str:
        return f"Coverage({self.region_name!r}, {self.summary!r})"

    def __iter__(self) -> Iterator[CoverageRow]:
        return iter(self.rows)

    def _form(self) -> RecordForm:
        return COVERAGE

    def __len__(self) -> int:
        return len(self.rows)

    def row(self, resource_arn: Arn | str) -> CoverageRow:
        """Return the row of the resource with this ARN.

        Raises:
            InvalidValueError: There is none.
        """
        wanted = spelled(resource_arn)
        found = next((row for row in self.rows if row.resource_arn == wanted), None)
        if found is None:
            raise InvalidValueError(
                Problem("coverage", f"{quote(wanted)} is not one of its resources", "look at .rows for those it has")
            )
        return found

    @property
    def protected(self) -> tuple[CoverageRow, ...]:
        """The rows of what is protected."""
        return self._with(CoverageStatus.PROTECTED)

    @property
    def unprotected(self) -> tuple[CoverageRow, ...]:
        """The rows of what is not protected."""
        return self._with(CoverageStatus.UNPROTECTED)

    @property
    def unknown(self) -> tuple[CoverageRow, ...]:
        """The rows of which it is not known."""
        return self._with(CoverageStatus.UNKNOWN)

    @property
    def backed_up_twice(self) -> tuple[CoverageRow, ...]:
        """The rows of what more than one plan backs up."""
        return tuple(row for row in self.rows if row.twice)

    def _with(self, status: CoverageStatus) -> tuple[CoverageRow, ...]:
        return tuple(row for row in self.rows if row.status is status)

    @property
    def summary(self) -> str:
        """How many are protected, and why the others are not, in one line."""
        reasons = Counter(f"{row.status} ({row.reason})" for row in self.rows if not row.protected)
        parts = [f"{len(self.protected):,} of {counted(len(self.rows), 'resource')} protected"]
        parts += [f"{count:,} {reason}" for reason, count in reasons.most_common()]
        twice = len(self.backed_up_twice)
        return ", ".join([*parts, *([f"{twice:,} backed up twice"] if twice else [])])

    def require(
        self,
        *,
        rpo: timedelta | None = None,
        keep_days: int | None = None,
        copies_in: str | Iterable[str] | None = None,
        allow_empty: bool = False,
    ) -> Coverage:
        """Return this coverage if every resource is protected, and as well as is asked; for CI.

        What is not known fails, and so do types that could not be listed, and a coverage without any resource.

        Args:
            rpo: The most that may be lost: `CoverageRow.rpo_worst`, which counts the start window, and for plans in AWS
                the age of the last point as well; a resource without a point fails.
            keep_days: Some rule keeps points for at least so many days.
            copies_in: Regions or accounts, each of which gets copies.
            allow_empty: Whether a coverage without any resource passes.

        Raises:
            CoverageError: Something falls short, and it has the rows; or there is no resource.
            InvalidValueError: What is required is not a span, a number of days, a Region or an account.
        """
        must_be_bools("require", allow_empty=allow_empty)
        wanted = Requirement.of(rpo=rpo, keep_days=keep_days, copies_in=copies_in, declared=self.declared)
        failing = [(row, short) for row in self.rows if (short := wanted.shortfall(row))]
        if failing or self.unread:
            raise CoverageError(
                self._failure(failing),
                tuple(row for row, _ in failing),
                {row.resource_arn: short for row, short in failing},
            )
        if not self.rows and not allow_empty:
            raise CoverageError(self._nothing(), (), {})
        return self

    def _nothing(self) -> str:
        left = f"; {counted(self.left_out, 'record')} left out as of types unknown here" if self.left_out else ""
        found = f": {self.source}{left}" if self.source or left else ""
        return (
            f"there are no resources to judge{found}; look at resources= and types=, or say "
            "require(allow_empty=True) where there may be none"
        )

    def _failure(self, failing: list[tuple[CoverageRow, str]]) -> str:
        lines = [f"{row.resource_arn}: {short}" for row, short in failing[:10]]
        lines += [f"... and {len(failing) - 10:,} more; they are in .rows"] if len(failing) > 10 else []
        lines += [f"{name}: not listed: {why}" for name, why in self.unread.items()]
        return "\n".join([f"{len(failing):,} of {counted(len(self.rows), 'resource')} fall short", *lines])

    def to_json(self) -> str:
        """Return `to_dict` as JSON text."""
        return json.dumps(self.to_dict(json=True))

    def _blocks(self) -> Iterator[Block]:
        yield Facts(f"Coverage in {self.region_name}: {self.summary}")
        rows: list[CoverageRow] = sorted(self.rows, key=_place)
        yield record_rows(COVERAGE, rows)
        unread = (f"{name} could not be listed: {why}" for name, why in self.unread.items())
        yield Notes("Not read", [*unread, *self.notes])


def _place(row: CoverageRow) -> int:
    return _ORDER.index(row.status)
