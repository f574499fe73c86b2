"""Outages of a resource type: jobs of it fail, or wait for the end."""

from __future__ import annotations

from datetime import timedelta

from backupkit.emulator.kernel.agenda import Event
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Outage

__all__ = ["JOBS", "failure", "holds_up", "puts_off"]

JOBS = ("backup", "copy", "restore")
"""The jobs that an outage can strike."""

_RETRY = timedelta(minutes=10)


def failure(simulation: Simulation, job: str, resource_type: str) -> str | None:
    """What a job that cannot be done now says; None where it can, or waits.

    Args:
        simulation: The whole simulation.
        job: ``backup``, ``copy`` or ``restore``.
        resource_type: What it is about.
    """
    found = _under_way(simulation, job, resource_type)
    return found.message if found is not None and not found.waits else None


def holds_up(simulation: Simulation, job: str, resource_type: str) -> bool:
    """Whether a job has to wait now."""
    found = _under_way(simulation, job, resource_type)
    return found is not None and found.waits


def puts_off(simulation: Simulation, start: Event, job: str, resource_type: str) -> bool:
    """Whether a job has to wait now; ``start`` then happens again, within ten minutes."""
    if not holds_up(simulation, job, resource_type):
        return False
    simulation.agenda.schedule(simulation.clock.now() + _RETRY, start)
    return True


def _under_way(simulation: Simulation, job: str, resource_type: str) -> Outage | None:
    if simulation.faults is None:
        return None
    now = simulation.clock.now()
    return next(
        (
            each
            for each in simulation.faults.outages
            if each.resource_type == resource_type
            and job in each.jobs
            and each.begins <= now
            and (each.ends is None or now < each.ends)
        ),
        None,
    )
