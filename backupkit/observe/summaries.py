"""Counts of jobs over a period, as AWS reports them for the last 14 days."""

from __future__ import annotations

from backupkit.observe.record import Moment, Record

__all__ = ["BackupJobSummary", "CopyJobSummary", "RestoreJobSummary", "ScanJobSummary"]


class _JobSummary(Record, frozen=True):
    region: str | None = None
    account_id: str | None = None
    state: str | None = None
    resource_type: str | None = None
    count: int | None = None
    start_time: Moment | None = None
    end_time: Moment | None = None


class BackupJobSummary(_JobSummary, frozen=True):
    """How many backup jobs were in a state."""

    message_category: str | None = None


class CopyJobSummary(_JobSummary, frozen=True):
    """How many copy jobs were in a state."""

    message_category: str | None = None


class RestoreJobSummary(_JobSummary, frozen=True):
    """How many restore jobs were in a state."""


class ScanJobSummary(_JobSummary, frozen=True):
    """How many malware scans were in a state."""

    malware_scanner: str | None = None
    scan_result_status: str | None = None
