"""Report jobs as handles: look again, wait until the report is delivered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

import msgspec

from backupkit import observe
from backupkit.recover.job import JobHandle

__all__ = ["ReportJob"]


class ReportJob(  # pyright: ignore[reportIncompatibleVariableOverride] - the record's fields are the handle's properties
    JobHandle, observe.ReportJob, frozen=True, kw_only=True, gc=False
):
    """The making of one report. ``report_destination`` says where it was delivered."""

    _aws: object = msgspec.field(default=None, name="-aws")

    @property
    def kind(self) -> str:
        """The kind of job: ``report``."""
        return "report"

    @property
    def id(self) -> str:
        """The job's id."""
        return self.report_job_id or ""

    @property
    def state(self) -> str | None:
        """The job's state, which the API calls its status."""
        return self.status

    @property
    def resource_arn(self) -> str | None:
        """The ARN of the report plan: what the job is about."""
        return self.report_plan_arn

    @property
    def recovery_point_arn(self) -> None:
        """None: a report is about no single point."""
        return

    @property
    def label(self) -> str:
        """What the job does, for people."""
        return f"report of {self.report_plan_arn} (job {self.report_job_id})"

    @property
    def issues(self) -> None:
        """None: a report is made or not."""
        return

    @property
    def percent(self) -> float:
        """100 once it is done; AWS gives no estimate for reports."""
        return 100.0 if self.state == "COMPLETED" else 0.0

    def refresh(self) -> Self:
        """Return the job as it is now."""
        params = {"ReportJobId": self.report_job_id}
        return self._caller.fetch("DescribeReportJob", type(self), params, member="ReportJob")

    def children(self) -> Iterator[Self]:
        """Return nothing: a report job has no jobs below it."""
        yield from ()
