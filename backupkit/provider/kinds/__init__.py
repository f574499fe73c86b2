"""The table of kinds: what a stack can hold, in the order in which it is made.

A kind is a class in `backupkit.declare`, a row in a module here, its line in `KINDS`, and an export.
"""

from __future__ import annotations

from backupkit.provider.kinds.kind import AnyKind, Kind, Part, Settling
from backupkit.provider.kinds.observed import Observed, World
from backupkit.provider.kinds.plan import PLAN
from backupkit.provider.kinds.reader import Reader
from backupkit.provider.kinds.vault import VAULT

__all__ = ["KINDS", "Kind", "Observed", "Part", "Reader", "Settling", "World"]

KINDS: tuple[AnyKind, ...] = (VAULT, PLAN)
"""Every row. What others need comes first; deletions go the other way round."""
