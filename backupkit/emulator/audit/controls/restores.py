"""The control on restores: whether the latest one of each resource was quick enough."""

from __future__ import annotations

from collections.abc import Iterator

from backupkit.emulator.audit.controls.control import Control, Terms
from backupkit.emulator.audit.parameters import Parameter, whole
from backupkit.emulator.audit.view import View
from backupkit.emulator.model import Finding, RestoreJob
from backupkit.problems import counted

__all__ = ["CONTROLS"]

_MOST = "maxRestoreTime"
_MOST_MINUTES = 999_999


def _find(view: View, terms: Terms) -> Iterator[Finding]:
    most = int(terms.parameters[_MOST])
    unknown = False if view.choices.never_restored_misses_target else None
    for seen in view.resources_in(terms.scope):
        job = view.last_restores.get(seen.arn)
        minutes = None if job is None else _minutes(job)
        compliant = unknown if minutes is None else minutes <= most
        reason = "It was never restored" if minutes is None else f"Its latest restore took {counted(minutes, 'minute')}"
        yield view.finding(seen.arn, seen.resource_type, compliant, reason)


def _minutes(job: RestoreJob) -> int:
    """LatestRestoreExecutionTimeMinutes, as DescribeProtectedResource shows it."""
    return int((job.completed - job.created).total_seconds() // 60) if job.completed is not None else 0


CONTROLS = (
    Control(
        name="RESTORE_TIME_FOR_RESOURCES_MEET_TARGET",
        find=_find,
        daily=True,
        scopes=frozenset({"types", "tag", "single"}),
        # The AWS Config rules behind it have no default for it.
        parameters=(Parameter(_MOST, whole(1, _MOST_MINUTES), required=True),),
    ),
)
