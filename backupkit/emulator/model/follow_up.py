"""What a rule or a call wants done once a backup is there."""

from __future__ import annotations

import attrs

__all__ = ["FollowUp", "ScanOrder"]


@attrs.frozen
class ScanOrder:
    """A malware scan that a rule asks for, with the settings of its plan."""

    scanner: str
    mode: str
    scanner_role_arn: str
    resource_types: frozenset[str]
    """``ALL`` stands for every type that can be scanned."""


@attrs.frozen
class FollowUp:
    """What follows a backup; the jobs of one firing of a rule share it."""

    indexed: frozenset[str] = frozenset()
    """The resource types whose points get an index."""
    scans: tuple[ScanOrder, ...] = ()
