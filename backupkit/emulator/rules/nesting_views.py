"""How jobs and points of composites show themselves, and which of them a list is asked for.

Source: the botocore model of BackupJob, CopyJob, RestoreJobsListMember and RecoveryPointByBackupVault.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Protocol

from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, Family, Point, RegionScope
from backupkit.emulator.rules import lifecycle as point_lifecycle
from backupkit.emulator.rules import nesting

__all__ = ["lifecycle", "of_job", "of_point", "sought", "tally"]


class _Record(Protocol):
    state: str


def sought(simulation: Simulation, family: Family | None, parent: str | None) -> bool:
    """Whether a list shows it: with ``parent`` the children of that one, otherwise all, or all that are nobody's."""
    if parent is not None:
        return family is not None and family.parent == parent
    return family is None or family.parent is None or simulation.choices.nested_shown_unasked


def of_job(family: Family | None) -> Document:
    """IsParent, and ParentJobId of a child."""
    if family is None:
        return {"IsParent": False}
    return {"IsParent": family.is_parent, "ParentJobId": family.parent}


def of_point(family: Family | None) -> Document:
    """IsParent, and of a nested point its parent."""
    if family is None:
        return {"IsParent": False}
    return {"IsParent": family.is_parent, "ParentRecoveryPointArn": family.parent}


def tally(records: Mapping[str, _Record], family: Family | None) -> Document:
    """NumberOfChildJobs and ChildJobsInState of a parent; nothing of others."""
    if family is None or family.children is None:
        return {}
    states = Counter(records[each].state for each in family.children if each in records)
    return {"NumberOfChildJobs": len(family.children), "ChildJobsInState": dict(states)}


def lifecycle(scope: RegionScope, point: Point) -> Document:
    """The CalculatedLifecycle; a composite lives as long as the longest-lived of its nested points."""
    found = point_lifecycle.calculated(point)
    if point.family is None or "DeleteAt" not in found:
        return found
    nested = [point_lifecycle.calculated(child) for child in nesting.children(scope, point)]
    if any("DeleteAt" not in each for each in nested):
        return {name: moment for name, moment in found.items() if name != "DeleteAt"}
    return {**found, "DeleteAt": max(each["DeleteAt"] for each in (found, *nested))}
