"""Which jobs a job report holds: those that ended in its 24 hours, and those that are under way.

Source: the developer guide, working with audit reports: "jobs finished in the last 24 hours and all active jobs".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Protocol, TypeVar

import attrs

__all__ = ["Period"]


class _Job(Protocol):
    created: datetime
    completed: datetime | None


J = TypeVar("J", bound=_Job)


@attrs.frozen
class Period:
    """The 24 hours of a report, after ``start`` until ``end`` (UTC), so that a report of now has what ends now.

    Args:
        start: Its beginning.
        end: Its end.
        active: Whether jobs count that were created until its end and have not ended yet.
    """

    start: datetime
    end: datetime
    active: bool = True

    def holds(self, job: _Job) -> bool:
        """Whether the job is one of the report's."""
        if job.completed is None:
            return self.active and job.created <= self.end
        return self.start < job.completed <= self.end

    def among(self, jobs: Iterable[J]) -> Iterator[J]:
        """Those of the jobs that are the report's, in their order."""
        return (job for job in jobs if self.holds(job))
