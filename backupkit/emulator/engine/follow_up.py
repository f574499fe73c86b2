"""What follows a backup, where a rule or the call asks for it: an index of its point, malware scans, and copies."""

from __future__ import annotations

from collections.abc import Iterator

from backupkit.catalog import TYPES
from backupkit.emulator.engine import copy_run, direct_backup, index_build, scan_run
from backupkit.emulator.kernel.kinds import kind_named
from backupkit.emulator.kernel.operations import raise_invalid_value
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import BackupJob, Document, FollowUp, Point, RegionScope, ScanOrder

__all__ = ["begin", "of_call", "of_rule"]

_GUARDDUTY = "GUARDDUTY"


def of_rule(plan: Document, rule: Document) -> FollowUp | None:
    """What the rule of a plan asks for; None where that is nothing."""
    indexed = frozenset(kind for action in rule.get("IndexActions") or () for kind in action.get("ResourceTypes") or ())
    scans = tuple(_orders(plan, rule))
    return FollowUp(indexed, scans) if indexed or scans else None


def _orders(plan: Document, rule: Document) -> Iterator[ScanOrder]:
    """The scans that a rule asks for; without settings of the plan for the scanner there are none."""
    settings = {setting.get("MalwareScanner", _GUARDDUTY): setting for setting in plan.get("ScanSettings") or ()}
    for action in rule.get("ScanActions") or ():
        scanner = action.get("MalwareScanner", _GUARDDUTY)
        setting = settings.get(scanner)
        if setting is not None:
            types = frozenset(setting.get("ResourceTypes") or ())
            yield ScanOrder(scanner, action.get("ScanMode", "FULL_SCAN"), setting.get("ScannerRoleArn", ""), types)


def of_call(simulation: Simulation, resource_type: str, index: str | None) -> FollowUp | None:
    """What StartBackupJob asks for with its Index.

    Raises:
        ApiError: An index of a type that has none.
    """
    if index != "ENABLED":
        return None
    if not kind_named(resource_type).indexable and simulation.choices.index_of_other_types_refused:
        raise_invalid_value(f"Backup indexes are not supported for {resource_type}")
    return FollowUp(indexed=frozenset(name for name, kind in TYPES.items() if kind.indexable))


def begin(simulation: Simulation, scope: RegionScope, job: BackupJob, point: Point) -> None:
    """Begin what its rule or call asks for after a backup that has just ended well."""
    if job.follow_up is not None:
        _index_and_scan(simulation, scope, job, point, job.follow_up)
    if job.air_gapped_arn is not None:
        direct_backup.follow(simulation, scope, point, job)
    for action in job.copy_actions:
        copy_run.follow(simulation, scope, point, action, job)


def _index_and_scan(
    simulation: Simulation, scope: RegionScope, job: BackupJob, point: Point, follow_up: FollowUp
) -> None:
    if point.resource_type in follow_up.indexed and kind_named(point.resource_type).indexable:
        index_build.follow(simulation, scope, job, point)
    for order in follow_up.scans:
        scan_run.follow(simulation, scope, job, point, order)
