"""Counts of jobs over a period, as AWS reports them for the last 14 days."""

from __future__ import annotations

from backupkit.observe.record import Moment, Record

__all__ = ["BackupJobSummary", "CopyJobSummary", "RestoreJobSummary", "ScanJobSummary"]


class BackupJobSummary(Record, frozen=True):
    """How many backup jobs were in a state."""

    region: str | None = None
    account_id: str | None = None
    state: str | None = None
    resource_type: str | None = None
    message_category: str | None = None
    count: int | None = None
    start_time: Moment | None = None
    end_time: Moment | None = None


class CopyJobSummary(Record, frozen=True):
    """How many copy jobs were in a state."""

    region: str | None = None
    account_id: str | None = None
    state: str | None = None
    resource_type: str | None = None
    message_category: str | None = None
    count: int | None = None
    start_time: Moment | None = None
    end_time: Moment | None = None


class RestoreJobSummary(Record, frozen=True):
    """How many restore jobs were in a state."""

    region: str | None = None
    account_id: str | None = None
    state: str | None = None
    resource_type: str | None = None
    count: int | None = None
    start_time: Moment | None = None
    end_time: Moment | None = None


class ScanJobSummary(Record, frozen=True):
    """How many malware scans were in a state."""

    region: str | None = None
    account_id: str | None = None
    state: str | None = None
    resource_type: str | None = None
    count: int | None = None
    start_time: Moment | None = None
    end_time: Moment | None = None
    malware_scanner: str | None = None
    scan_result_status: str | None = None
