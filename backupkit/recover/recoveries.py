"""`recover` and `preview_recovery`, as every connection has them."""

from __future__ import annotations

from datetime import datetime, timedelta

from backupkit.arn import Arn, arn_or_none, arn_text
from backupkit.catalog import RestoreRequest
from backupkit.checks import must_be_bools
from backupkit.recover.caller import Caller
from backupkit.recover.recovering import preview_recovery
from backupkit.recover.recovery import Recovery
from backupkit.recover.recovery_preview import RecoveryPreview
from backupkit.recover.waiting import must_be_seconds
from backupkit.recover.wish import Check, Wish

__all__ = ["Recoveries"]


class Recoveries:
    """What a connection has for getting a resource back."""

    _caller: Caller

    def recover(
        self,
        resource: Arn | str,
        *,
        as_of: datetime | None = None,
        to: RestoreRequest | str | None = None,
        role: Arn | str | None = None,
        run: str | None = None,
        verify: Check | None = None,
        rto: timedelta | None = None,
        cleanup: bool = False,
        timeout: float | None = None,
        allow_threats: bool = False,
        preflight: bool = True,
        accept_issues: bool = False,
        progress: bool = False,
    ) -> Recovery:
        """Get a resource back: find its newest whole point, restore it, wait, check it, and return the evidence.

        Calling it again takes up what the first call began, whether that was killed or is only not done yet.

        Args:
            resource: The ARN of the resource; it need not exist any more.
            as_of: Data from before this aware moment; a continuous point is restored to exactly it. None: the newest.
            to: What to restore to: a request of `backupkit.restore`, a name, or None for a name made of the resource,
                the moment of the data and the run.
            role: The ARN of the role that AWS Backup takes on. None: the one that made the point.
            run: None: an earlier restore to the same target is taken up while it is under way, or completed and its
                target is there; with ``as_of`` only one of the same data. Any text, such as ``"2"``: one more restore,
                once for each text and point, unless it failed or what it made is gone.
            verify: Called with the finished job; raising or returning False fails the check, a text is its message.
            rto: What the whole may take; the evidence tells whether it did.
            cleanup: Whether what this recovery made is deleted again at the end, also where the check failed or was
                interrupted. What existed before never is, what an earlier call without ``run`` restored included.
            timeout: Seconds to wait for the job; None: as long as it takes.
            allow_threats: Whether a point in which a scan found malware is restored all the same.
            preflight: Whether everything that can be looked at is looked at before the start.
            accept_issues: Whether a job that completed with issues is good enough.
            progress: Whether to draw a bar.

        Raises:
            NotFoundError: There is no whole point of it; says what was seen.
            PreflightError: Something stands against it; holds all the problems, and nothing was started.
            InvalidValueError: The request does not fit the point; nothing was started.
            JobFailedError: The restore failed.
            WaitTimeoutError: It had not ended in time; it goes on, and the same call takes it up.
            NeighbourError: What was to come after the job, such as instances or an attachment, was refused.
            VerificationError: What came back failed the check; ``.recovery`` is the evidence.
        """
        must_be_seconds(timeout)
        must_be_bools("recover", progress=progress)
        preview = self.preview_recovery(
            resource,
            as_of=as_of,
            to=to,
            role=role,
            run=run,
            verify=verify,
            rto=rto,
            cleanup=cleanup,
            allow_threats=allow_threats,
            preflight=preflight,
            accept_issues=accept_issues,
        )
        return preview.apply(timeout=timeout, progress=progress)

    def preview_recovery(
        self,
        resource: Arn | str,
        *,
        as_of: datetime | None = None,
        to: RestoreRequest | str | None = None,
        role: Arn | str | None = None,
        run: str | None = None,
        verify: Check | None = None,
        rto: timedelta | None = None,
        cleanup: bool = False,
        allow_threats: bool = False,
        preflight: bool = True,
        accept_issues: bool = False,
    ) -> RecoveryPreview:
        """Show what `recover` would do with the same arguments; nothing is started before its ``apply()``.

        Raises:
            NotFoundError: There is no whole point of it; says what was seen.
            InvalidValueError: The resource is not an ARN, the moment has no time zone, or the request does not fit.
        """
        wish = Wish(
            resource_arn=arn_text(resource),
            as_of=as_of,
            to=to,
            role=arn_or_none(role),
            run=run,
            verify=verify,
            rto=rto,
            cleanup=cleanup,
            allow_threats=allow_threats,
            preflight=preflight,
            accept_issues=accept_issues,
        )
        return preview_recovery(self._caller, wish)
