"""The point, the request and the earlier restores for a wish: what a recovery would do."""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs

from backupkit.arn import Arn
from backupkit.catalog import RestoreRequest
from backupkit.recover.attach_checks import attach_checks
from backupkit.recover.caller import Caller
from backupkit.recover.candidates import candidates
from backupkit.recover.earlier import (
    Earlier,
    Question,
    earlier_restores,
    first_token,
    same_start,
)
from backupkit.recover.point_restores import request_for
from backupkit.recover.preflight import PreflightCheck, Verdict
from backupkit.recover.recovery_point import RecoveryPoint
from backupkit.recover.recovery_preview import RecoveryPreview
from backupkit.recover.restore_preview import RestorePreview
from backupkit.recover.wish import Wish, check_wish, default_name, names_of_other_times

__all__ = ["preview_recovery"]

_S3_LAG = timedelta(minutes=15)
"""How far a continuous point of S3 may be behind (developer guide, point-in-time recovery)."""


def preview_recovery(caller: Caller, wish: Wish) -> RecoveryPreview:
    """Find the point, make the request, look for an earlier restore to the same target, and check everything.

    Raises:
        InvalidValueError: The resource is not an ARN, the moment has no zone, or the request does not fit the point.
        NotFoundError: There is no whole point of it.
    """
    check_wish(wish)
    started = caller.transport.clock.now()
    found = candidates(caller, str(Arn.parse(wish.resource_arn)))
    point = found.newest(wish.as_of).refresh()
    as_of = _moment_of(point, wish.as_of, started)
    # A moment is sent to the second.
    data_moment = (as_of or started).replace(microsecond=0) if point.is_continuous else point.creation_date
    request = _request(point, wish, data_moment)
    restore = point.preview_restore(request, as_of=as_of, role=wish.role, preflight=False)
    start = same_start(restore, wish.run, wish.as_of)
    restore = first_token(restore, start)
    earlier = earlier_restores(
        caller,
        Question(
            resource_arn=wish.resource_arn,
            restore=restore,
            as_of=wish.as_of,
            run=wish.run,
            points={each.recovery_point_arn: each for each in found.points},
            names=names_of_other_times(wish) if point.is_continuous else None,
        ),
    )
    if wish.preflight and earlier.job is None:
        restore = restore.looked_at(allow_threats=wish.allow_threats)
        after = attach_checks(caller.neighbours, request, again=earlier.maker is not None)
        restore = attrs.evolve(restore, checks=(*restore.checks, *after))
    return RecoveryPreview(
        point=point if earlier.point is None else earlier.point,
        request=request,
        restore=_with_others(restore, earlier),
        job=earlier.job,
        unreadable_vaults=found.unreadable_vaults,
        started=started,
        data_moment=data_moment if earlier.job is None else earlier.data_moment,
        wish=wish,
        start=start,
        known=earlier.known,
        caller=caller,
    )


def _with_others(restore: RestorePreview, earlier: Earlier) -> RestorePreview:
    """The restore with what other restores to the same target mean for it."""
    checks = restore.checks
    if (maker := earlier.maker) is not None:
        text = f"restore job {maker.id} of the same data makes it; it is taken up if this run started it"
        checks = tuple(
            PreflightCheck("target", Verdict.NOTE, f"{check.message}: {text}")
            if check.name == "target" and check.verdict is Verdict.PROBLEM
            else check
            for check in checks
        )
    if (rival := earlier.rival) is not None:
        text = f"{restore.target_arn} is being made of other data by restore job {rival.id}"
        checks = (*checks, PreflightCheck("target", Verdict.PROBLEM, text, "choose another name"))
    return attrs.evolve(restore, checks=checks)


def _moment_of(point: RecoveryPoint, as_of: datetime | None, now: datetime) -> datetime | None:
    if as_of is not None or not point.is_continuous or point.resource_type != "S3":
        return as_of
    # S3 has no word for the latest moment, and what changed in the last minutes may still be on its way.
    created = point.creation_date or now
    return max(now - _S3_LAG, created)


def _request(point: RecoveryPoint, wish: Wish, data_moment: datetime | None) -> RestoreRequest:
    if isinstance(wish.to, RestoreRequest):
        return wish.to
    if wish.to is not None:
        return request_for(point, wish.to)
    return request_for(point, default_name(wish.resource_arn, data_moment, wish.run), nameless=True)
