"""The deletion of one point: AWS takes it at once, carries it out later, and sometimes not at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import attrs
import msgspec

from backupkit.checks import must_be_bools
from backupkit.errors import (
    BackupKitError,
    CredentialsError,
    JobFailedError,
    NeighbourError,
    NotFoundError,
    ServiceError,
    WaitTimeoutError,
)
from backupkit.problems import counted
from backupkit.progress import bar
from backupkit.recover.deletion_causes import cause_of, explained
from backupkit.recover.last_points import must_not_be_last
from backupkit.recover.polling import POLLING, Deadline, Polling
from backupkit.recover.waiting import must_be_seconds
from backupkit.serialization import Serializable
from backupkit.transport.scrubbing import cut

if TYPE_CHECKING:
    from backupkit.recover.recovery_point import RecoveryPoint

__all__ = ["DELETED", "UNMOVED_LOOKS", "Deletion", "delete_point"]

DELETED = "DELETED"
UNMOVED_LOOKS = 5
"""Looks at which a point may still be as it was, before its deletion counts as not carried out: AWS shows a change a
moment after it took it, and answers 200 also to deletions that it will not carry out (developer guide, deleting
backups)."""

_NO_REASON = (
    "AWS gives no reason; most often the role that made it is gone, or an AMI or a lock of EBS holds its snapshot"
)
_SNAPSHOT = re.compile(r"arn:[^:]+:ec2:[^:]*:[^:]*:snapshot/(snap-\w+)")


@attrs.frozen(kw_only=True)
class Deletion(Serializable):
    """A deletion that AWS has taken. That is not a deletion yet: `wait` confirms it.

    Args:
        point: The point as last seen.
        state: ``DELETING`` while it is under way, ``DELETED`` once the point is gone, otherwise the status in which
            the point has stayed: ``EXPIRED`` where AWS tried and could not.
        found: What the neighbour services tell of why it stayed, where AWS Backup does not.
    """

    point: RecoveryPoint
    state: str = "DELETING"
    found: str = ""

    _DERIVED = ("reason", "status_message")

    @property
    def label(self) -> str:
        """What is done, for people."""
        return f"deletion of {self.point.recovery_point_arn}"

    @property
    def status_message(self) -> str | None:
        """AWS's sentence about the point, or what was found instead."""
        return self.found or self.point.status_message

    @property
    def reason(self) -> str | None:
        """Why the point is still there, in a stable word such as ``in_use`` or ``role``; None where all is well."""
        if self.state in {DELETED, "DELETING"}:
            return None
        cause = cause_of(self.status_message)
        return cause.word if cause is not None else "other"

    @property
    def issues(self) -> None:
        """None: a point is gone or it is not."""
        return

    @property
    def percent(self) -> float:
        """100 once the point is gone."""
        return 100.0 if self.state == DELETED else 0.0

    def refresh(self) -> Deletion:
        """Return the deletion as it is now."""
        try:
            point = self.point.refresh()
        except NotFoundError:
            return attrs.evolve(self, state=DELETED)
        return attrs.evolve(self, point=point, state=point.status or "DELETING")

    def wait(self, *, timeout: float | None = None, progress: bool = False) -> Deletion:
        """Return the deletion once the point is gone.

        Throttling, lost connections and credentials that expire are waited out, up to an hour without any answer.

        Args:
            timeout: Seconds, or None to wait as long as it takes.
            progress: Whether to draw a bar.

        Raises:
            JobFailedError: The point stays; says why, and ``error.job.reason`` has it in a word.
            WaitTimeoutError: It was not gone in time; the deletion goes on.
        """
        must_be_seconds(timeout)
        must_be_bools("wait", progress=progress)
        with bar(self.label, visible=progress) as report:
            ended = _until_over(self, timeout, POLLING, lambda seen: report(seen.percent, seen.state))
        if ended.state == DELETED:
            return ended
        ended = _looked_into(ended)
        raise JobFailedError(_why_not(ended), ended)


def _why_not(deletion: Deletion) -> str:
    cause = cause_of(deletion.status_message)
    text = cut(deletion.status_message or "") or _NO_REASON
    return f"{deletion.label}: it is still there, {deletion.state}: {text}" + (f"; {cause.hint}" if cause else "")


def _looked_into(deletion: Deletion) -> Deletion:
    """The deletion, with the AMI that uses the snapshot, where AWS Backup gives no reason and EC2 can be asked."""
    caller = deletion.point._caller  # noqa: SLF001 - a deletion acts for the handle
    found = _SNAPSHOT.fullmatch(deletion.point.recovery_point_arn or "")
    if found is None or cause_of(deletion.status_message) is not None:
        return deletion
    try:
        answer = caller.neighbours.ask("ec2", "describe_images", {"Owners": ["self"]})
    except NeighbourError:
        return deletion
    images = [str(image["ImageId"]) for image in (answer or {}).get("Images", ()) if found[1] in _snapshots(image)]
    return attrs.evolve(deletion, found=f"the snapshot is in use by {', '.join(images)}") if images else deletion


def _snapshots(image: Mapping[str, Any]) -> set[str]:
    return {str(each.get("Ebs", {}).get("SnapshotId")) for each in image.get("BlockDeviceMappings", ())}


def _until_over(
    deletion: Deletion, timeout: float | None, polling: Polling, report: Callable[[Deletion], None]
) -> Deletion:
    clock = deletion.point.clock
    deadline, pauses = Deadline((clock,), timeout), polling.pauses()
    answered, started, unmoved = clock.monotonic(), False, 0
    while True:
        try:
            deletion = deletion.refresh()
            answered = clock.monotonic()
        except BackupKitError as error:
            passes = isinstance(error, CredentialsError) or bool(getattr(error, "retryable", False))
            if not passes or clock.monotonic() - answered > polling.patience:
                raise
        else:
            report(deletion)
            started = started or deletion.state == "DELETING"
            unmoved += deletion.state not in {"DELETING", DELETED}
            if deletion.state == DELETED or (unmoved and (started or unmoved > UNMOVED_LOOKS)):
                return deletion
        if deadline.left() <= 0:
            waited = counted(timeout or 0, "second")
            raise WaitTimeoutError(f"{deletion.label}: not gone after {waited}; the deletion goes on", deletion)
        clock.sleep(min(next(pauses), deadline.left()))


def delete_point(point: RecoveryPoint, *, allow_last: bool) -> Deletion:
    """Ask AWS to delete a point.

    Raises:
        ConsentError: It is the last one of its resource.
        ServiceError: AWS refuses; says why, and the way out.
    """
    point = point if point.says_enough else point.refresh()
    caller = point._caller  # noqa: SLF001 - a deletion acts for the handle
    if not allow_last:
        must_not_be_last(caller, point)
    params = {"BackupVaultName": point.backup_vault_name, "RecoveryPointArn": point.recovery_point_arn}
    try:
        caller.call("DeleteRecoveryPoint", params)
    except ServiceError as error:
        explained_error = explained(error)
    else:
        going = msgspec.structs.replace(point, status="DELETING", status_message=None)
        return Deletion(point=caller.attached(going))
    raise explained_error
