"""Jobs that fit a question, a page at a time, and as a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import TypeVar

import attrs

from backupkit.recover.job_table import JOBS
from backupkit.tables import LazyTable, RecordForm
from backupkit.transport.unpicklable import Bound

__all__ = ["Jobs"]

J = TypeVar("J")
J_co = TypeVar("J_co", covariant=True)


@attrs.frozen(repr=False)
class Jobs(LazyTable[J_co], Bound):
    """Jobs that fit a question; asks AWS again each time it is iterated, a page at a time. AWS promises no order.

    Also a table; what is shown of it is its first page.
    """

    question: str
    _pages: Callable[[], Iterator[Sequence[J_co]]] = attrs.field(repr=False, eq=False)
    _once: bool = attrs.field(default=False, repr=False, eq=False)
    """Whether jobs may come twice: between the lists of two states one may have gone from one to the other."""

    def __iter__(self) -> Iterator[J_co]:
        jobs = chain.from_iterable(self._pages())
        return _once(jobs) if self._once else jobs

    def _form(self) -> RecordForm:
        return JOBS

    def _question(self) -> str:
        return self.question

    def _heading(self) -> str:
        return self.question[:1].upper() + self.question[1:]

    def _first_page(self) -> Sequence[J_co]:
        return next(self._pages(), ())


def _once(jobs: Iterator[J]) -> Iterator[J]:
    seen: set[str] = set()
    for job in jobs:
        job_id = getattr(job, "id", "")
        if job_id not in seen:
            seen.add(job_id)
            yield job
