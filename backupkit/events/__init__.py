"""What AWS Backup tells EventBridge and SNS, as typed records: `parse`, `parse_all`, and `pattern` for rules.

Sources: the developer guide's pages on EventBridge and on notifications, and messages that others recorded.
"""

from __future__ import annotations

from backupkit.events.envelopes import parse, parse_all
from backupkit.events.patterns import failures_filter, pattern
from backupkit.events.records import (
    BackupJobEvent,
    CopyJobEvent,
    Event,
    IndexEvent,
    JobEvent,
    ObjectEvent,
    PlanEvent,
    RecoveryPointEvent,
    RegionSettingsEvent,
    RestoreJobEvent,
    ScanJobEvent,
    UnknownEvent,
    VaultEvent,
)

__all__ = [
    "BackupJobEvent",
    "CopyJobEvent",
    "Event",
    "IndexEvent",
    "JobEvent",
    "ObjectEvent",
    "PlanEvent",
    "RecoveryPointEvent",
    "RegionSettingsEvent",
    "RestoreJobEvent",
    "ScanJobEvent",
    "UnknownEvent",
    "VaultEvent",
    "failures_filter",
    "parse",
    "parse_all",
    "pattern",
]
