"""Malware scans as handles: look again, wait for the end, see what was found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

import msgspec

from backupkit import observe
from backupkit.recover.job import JobHandle

__all__ = ["ScanJob"]


class ScanJob(  # pyright: ignore[reportIncompatibleVariableOverride] - the record's fields are the handle's properties
    JobHandle, observe.ScanJob, frozen=True, kw_only=True, gc=False
):
    """A malware scan of a recovery point. It also ends in CANCELED, or in COMPLETED_WITH_ISSUES."""

    _aws: object = msgspec.field(default=None, name="-aws")

    @property
    def kind(self) -> str:
        """The kind of job: ``scan``."""
        return "scan"

    @property
    def id(self) -> str:
        """The job's id."""
        return self.scan_job_id or ""

    @property
    def found_threats(self) -> bool | None:
        """Whether the scan found malware; None while it is not known. A scan that found some is COMPLETED, too."""
        status = self.scan_result.scan_result_status if self.scan_result is not None else None
        return {"THREATS_FOUND": True, "NO_THREATS_FOUND": False}.get(status or "")

    @property
    def label(self) -> str:
        """What the job does, for people."""
        return f"scan of {self.recovery_point_arn} (job {self.scan_job_id})"

    @property
    def issues(self) -> str | None:
        """What the scan could not look at, or None."""
        return (self.status_message or "some of it was not scanned") if self.state == "COMPLETED_WITH_ISSUES" else None

    @property
    def percent(self) -> float:
        """100 once it is done; AWS gives no estimate for scans."""
        return 100.0 if self.state in {"COMPLETED", "COMPLETED_WITH_ISSUES"} else 0.0

    def refresh(self) -> Self:
        """Return the job as it is now."""
        return self._caller.fetch("DescribeScanJob", type(self), {"ScanJobId": self.scan_job_id})

    def children(self) -> Iterator[Self]:
        """Return nothing: a scan has no jobs below it."""
        yield from ()
