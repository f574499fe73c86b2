"""What the emulator is made of: every room of operations, and who is told of what, in this order.

A new family of operations, or a new follower of an event, is named here.
"""

from __future__ import annotations

from functools import partial

from backupkit.emulator.api import (
    access_points,
    indexes,
    job_summaries,
    jobs,
    legal_holds,
    multi_party_approval,
    plans,
    points,
    protected_resources,
    scans,
    selections,
    settings,
    tiering,
    vault_settings,
    vaults,
)
from backupkit.emulator.audit import frameworks
from backupkit.emulator.engine import backups, copies, follow_up, restores
from backupkit.emulator.kernel.operations import Operation, operations_of
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import CopyJob, Point, RegionScope
from backupkit.emulator.reports import plans as report_plans
from backupkit.emulator.restore_testing import plans as testing_plans
from backupkit.emulator.restore_testing import runs as testing_runs
from backupkit.emulator.restore_testing import selections as testing_selections
from backupkit.emulator.rules import copy_constraints, holds, tags
from backupkit.emulator.rules import nesting as composites

__all__ = ["OPERATIONS", "connect"]

OPERATIONS: dict[str, Operation] = operations_of(
    access_points,
    multi_party_approval,
    indexes,
    job_summaries,
    jobs,
    legal_holds,
    points,
    plans,
    protected_resources,
    scans,
    selections,
    settings,
    tiering,
    vault_settings,
    vaults,
    frameworks,
    backups,
    copies,
    restores,
    report_plans,
    testing_runs,
    testing_plans,
    testing_selections,
    tags,
)
"""Every operation that the emulator has, by its name."""


def connect(simulation: Simulation) -> None:
    """Subscribe to a new simulation's signals whatever follows by AWS's own rules."""
    bus = simulation.bus
    bus.scope_opened.subscribe(partial(vaults.add_default_vault, simulation))
    part_ended = partial(composites.part_ended, simulation)

    def copied_part_ended(scope: RegionScope, job: CopyJob, _source: Point) -> None:
        part_ended(scope, job)

    bus.backup_job_ended.subscribe(part_ended)
    bus.copy_job_ended.subscribe(copied_part_ended)
    bus.copy_job_ended.subscribe(partial(copy_constraints.settle_temporary, simulation))
    bus.restore_job_ended.subscribe(part_ended)
    bus.point_made.subscribe(partial(holds.join_legal_holds, simulation))
    bus.backup_completed.subscribe(partial(follow_up.begin, simulation))
