"""Controls on recovery points: whether they are encrypted, and how long they are kept."""

from __future__ import annotations

from collections.abc import Iterator

from backupkit.emulator.audit.controls.control import Control, Terms
from backupkit.emulator.audit.parameters import Parameter, whole
from backupkit.emulator.audit.scopes import POINT
from backupkit.emulator.audit.view import View
from backupkit.emulator.model import Finding
from backupkit.emulator.rules.lifecycle import retention_days
from backupkit.problems import counted

__all__ = ["CONTROLS"]

_RETENTION = "requiredRetentionDays"


def _encrypted(view: View, terms: Terms) -> Iterator[Finding]:
    for point in view.points_in(terms.scope):
        reason = "The recovery point is encrypted" if point.encrypted else "The recovery point is not encrypted"
        yield view.finding(point.arn, POINT, point.encrypted, reason)


def _kept(view: View, terms: Terms) -> Iterator[Finding]:
    least = int(terms.parameters[_RETENTION])
    for point in view.points_in(terms.scope):
        days = retention_days(point.lifecycle)
        reason = (
            "The recovery point is kept forever"
            if days is None
            else f"The recovery point is kept {counted(days, 'day')}"
        )
        yield view.finding(point.arn, POINT, days is None or days >= least, reason)


CONTROLS = (
    Control(
        name="BACKUP_RECOVERY_POINT_ENCRYPTED",
        find=_encrypted,
        daily=False,
        scopes=frozenset({"tag"}),
        types=(POINT,),
    ),
    Control(
        name="BACKUP_RECOVERY_POINT_MINIMUM_RETENTION_CHECK",
        find=_kept,
        daily=False,
        scopes=frozenset({"tag"}),
        types=(POINT,),
        parameters=(Parameter(_RETENTION, whole(1, 36_500), "35"),),
    ),
)
