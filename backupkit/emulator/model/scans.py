"""Malware scans of recovery points: their jobs, and what they found."""

from __future__ import annotations

from datetime import datetime

import attrs

from backupkit.emulator.model.document import Document

__all__ = ["Scan", "ScanJob"]


@attrs.define(eq=False)
class ScanJob:
    """A scan job."""

    id: str
    vault_name: str
    vault_arn: str
    point_arn: str
    resource_arn: str
    resource_type: str
    resource_name: str
    role_arn: str
    scanner_role_arn: str
    scanner: str
    mode: str
    """What was asked for, and once it runs what it is: an incremental scan without a base is a full one."""
    created: datetime
    base_arn: str | None = None
    end: datetime | None = None
    """Up to which moment a continuous point is scanned."""
    start: datetime | None = None
    """From which moment on a continuous point is scanned."""
    created_by: Document | None = None
    state: str = "CREATED"
    scan_id: str | None = None
    result: str | None = None
    completed: datetime | None = None
    status_message: str | None = None
    token: str | None = None
    serial: int = 0
    """How many records of jobs came before it."""


@attrs.frozen
class Scan:
    """A scan that has ended; it is kept as long as its point, longer than its job."""

    scan_id: str | None
    scanner: str
    mode: str
    state: str
    ended: datetime
    malware: frozenset[str]
    """The names of the items that are malware."""
    start: datetime | None
    end: datetime | None

    @property
    def completed(self) -> bool:
        """Whether it looked at all that it could read."""
        return self.state in {"COMPLETED", "COMPLETED_WITH_ISSUES"}
