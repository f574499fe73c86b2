"""Outages of a resource type: jobs of it fail, or wait for the end."""

from __future__ import annotations

from datetime import timedelta

from backupkit.emulator.kernel.simulation import Cloud
from backupkit.emulator.model import Outage
from backupkit.emulator.model.agenda import Event

__all__ = ["JOBS", "failure", "holds_up", "puts_off"]

JOBS = ("backup", "copy", "restore")
"""The jobs that an outage can strike."""

_RETRY = timedelta(minutes=10)


def failure(cloud: Cloud, job: str, resource_type: str) -> str | None:
    """What a job that cannot be done now says; None where it can, or waits.

    Args:
        cloud: The whole cloud.
        job: ``backup``, ``copy`` or ``restore``.
        resource_type: What it is about.
    """
    found = _under_way(cloud, job, resource_type)
    return found.message if found is not None and not found.waits else None


def holds_up(cloud: Cloud, job: str, resource_type: str) -> bool:
    """Whether a job has to wait now."""
    found = _under_way(cloud, job, resource_type)
    return found is not None and found.waits


def puts_off(cloud: Cloud, start: Event, job: str, resource_type: str) -> bool:
    """Whether a job has to wait now; ``start`` then happens again, within ten minutes."""
    if not holds_up(cloud, job, resource_type):
        return False
    cloud.agenda.note(cloud.clock.now() + _RETRY, start)
    return True


def _under_way(cloud: Cloud, job: str, resource_type: str) -> Outage | None:
    if cloud.faults is None:
        return None
    now = cloud.clock.now()
    return next(
        (
            each
            for each in cloud.faults.outages
            if each.resource_type == resource_type
            and job in each.jobs
            and each.begins <= now
            and (each.ends is None or now < each.ends)
        ),
        None,
    )
