"""Emptying a vault before it is deleted: by the sets of points, which never touch what is locked or held."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from backupkit.connection import Connection
from backupkit.display import moment
from backupkit.errors import ApplyError, StaleChangesError
from backupkit.observe import Vault, decode
from backupkit.problems import Problem, counted
from backupkit.provider.change import Change
from backupkit.provider.kinds.reader import Reader
from backupkit.recover.point_change import PointChange
from backupkit.recover.point_changes import PointChanges
from backupkit.recover.point_report import PointOutcome
from backupkit.recover.points import RecoveryPoints
from backupkit.recover.recovery_point import RecoveryPoint
from backupkit.transport.reading import read

__all__ = ["drain", "points_of", "points_problem"]

_PAUSE_SECONDS, _LONGEST_SECONDS = 5.0, 900.0
_MAX_LISTED = 20
"""Points that one message names; how many there are it says in any case."""


def points_of(reader: Reader, vault: str) -> PointChanges:
    """What would become of each point of a vault that is emptied. Reads only."""
    return _points(reader, vault).preview_deletion(keep_last=0)


def points_problem(reader: Reader, address: str, vault: str, previewed: PointChanges) -> Problem | None:
    """Which points of a vault cannot go, why, and until when; None where all can."""
    staying = _staying(previewed)
    if not staying:
        return None
    arns = {change.recovery_point_arn for change in staying}
    until = _until([point for point in _points(reader, vault) if point.recovery_point_arn in arns])
    reasons = Counter(change.reason for change in staying)
    text = "; ".join(f"{count:,}: {reason}" for reason, count in reasons.most_common(3))
    total = len(previewed.records)
    return Problem(
        address,
        f"{len(staying):,} of its {counted(total, 'recovery point')} cannot go{until} ({text})",
        f"leave it with changes.without({address!r}), and destroy the stack again when they can",
    )


def drain(reader: Reader, change: Change, previewed_at: datetime) -> None:
    """Delete the points of a vault side by side, and wait until AWS counts none.

    Raises:
        StaleChangesError: A point has come since the preview, or cannot go any more; nothing was deleted.
        ApplyError: Some points are still there; tells each, with its reason.
    """
    vault, address = change.subject.name, change.address
    found = points_of(reader, vault)
    late = [each for each in found if each.created is not None and each.created > previewed_at]
    staying = _staying(found)
    if late or staying:
        reasons = [f"{each.recovery_point_arn} ({each.reason})" for each in staying]
        reasons += [f"{each.recovery_point_arn} (it has come since the preview)" for each in late]
        what = f"{address}: {counted(len(reasons), 'recovery point')} cannot go: {_listed(reasons)}"
        raise StaleChangesError(f"{what}; nothing of the vault was deleted; preview again")
    report = found.apply(allow_delete=True)
    left = [*report.failed, *report.started, *report.not_started]
    if left:
        stopped = f"; stopped: {report.stopped}" if report.stopped else ""
        raise ApplyError(
            f"{counted(len(left), 'recovery point')} of {len(report):,} still there: "
            f"{_listed([_why(each) for each in left])}{stopped}",
            done=tuple(each.recovery_point_arn for each in report.done),
            failed=tuple(each.recovery_point_arn for each in (*report.failed, *report.started)),
            not_started=tuple(each.recovery_point_arn for each in report.not_started),
        )
    _wait_until_empty(reader, vault, address)


def _points(reader: Reader, vault: str) -> RecoveryPoints:
    return Connection(reader.transport, reader.neighbours).recovery_points(vault=vault)


def _wait_until_empty(reader: Reader, vault: str, address: str) -> None:
    """A vault's count lags behind its points, and AWS refuses to delete a vault while it is not zero."""
    clock = reader.transport.clock
    begin = clock.monotonic()
    while True:
        seen = read(
            reader.transport, "DescribeBackupVault", {"BackupVaultName": vault}, lambda body: decode.record(body, Vault)
        )
        if not seen.number_of_recovery_points:
            return
        if clock.monotonic() - begin > _LONGEST_SECONDS:
            what = f"AWS still counts {counted(seen.number_of_recovery_points, 'recovery point')} in it"
            raise ApplyError(f"{what}; destroy the stack again later", failed=(address,))
        clock.sleep(_PAUSE_SECONDS)


def _staying(previewed: PointChanges) -> list[PointChange]:
    return [change for change in previewed.refused if change.refusal != "deleting"]


def _until(points: Sequence[RecoveryPoint]) -> str:
    """Until when points stay by themselves."""
    ends = [each.calculated_lifecycle.delete_at if each.calculated_lifecycle else None for each in points]
    forever = sum(end is None for end in ends)
    last = max((end for end in ends if end is not None), default=None)
    text = [f"until {moment(last)}"] if last is not None else []
    text += [f"{forever:,} of them kept forever"] if forever else []
    return f" {', '.join(text)}" if last is not None else f", {text[0]}" if text else ""


def _why(outcome: PointOutcome) -> str:
    return f"{outcome.recovery_point_arn} ({outcome.message or outcome.reason or 'being deleted'})"


def _listed(texts: Sequence[str]) -> str:
    more = f", and {len(texts) - _MAX_LISTED:,} more" if len(texts) > _MAX_LISTED else ""
    return ", ".join(texts[:_MAX_LISTED]) + more
