"""Bringing a point to where it can be restored: previewed as steps, run once, and taken up by a second run."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

import attrs

from backupkit.arn import Arn
from backupkit.checks import must_be_bools
from backupkit.display import Block, Displayed, Facts, Notes, Rows, duration, moment
from backupkit.errors import AccessDeniedError, NotFoundError, PreflightError, RejectedError
from backupkit.problems import Problem, counted
from backupkit.recover.arguments import check_role
from backupkit.recover.caller import Caller
from backupkit.recover.copy_preview import against_point, check_rows, problems_in
from backupkit.recover.copy_route import CopyRoute, copy_kept
from backupkit.recover.copying import EarlierCopy, arrived, earlier_copy, start_copy_once
from backupkit.recover.polling import Deadline
from backupkit.recover.preflight import PreflightCheck
from backupkit.recover.recovery_point import RecoveryPoint
from backupkit.recover.region_vaults import RegionVaults
from backupkit.recover.return_route import Access, Wanted, Way, find_way
from backupkit.recover.waiting import must_be_seconds
from backupkit.serialization import Serializable
from backupkit.transport.unpicklable import Bound

__all__ = ["PointReturn", "ReturnPreview", "ReturnStep", "preview_return"]

_KINDS = {"to do": "doubtful", "under way": "doubtful", "done": "good"}


@attrs.frozen(kw_only=True)
class ReturnStep(Serializable):
    """One copy on the way.

    Args:
        source_vault_arn: The vault that is copied from.
        destination_vault_arn: The vault that takes the copy.
        role_arn: The role that AWS Backup takes on.
        state: ``to do``, ``under way`` where a job is making the copy, ``done`` where the copy is there.
        copy_job_id: The job, where one is known.
        recovery_point_arn: The copy, where it is there.
        checks: What was looked at, and what it came to.
    """

    source_vault_arn: str
    destination_vault_arn: str
    role_arn: str
    state: str = "to do"
    copy_job_id: str | None = None
    recovery_point_arn: str | None = None
    checks: tuple[PreflightCheck, ...] = ()


@attrs.frozen(kw_only=True, repr=False)
class ReturnPreview(Bound, Displayed, Serializable):
    """The way of a point to an account and Region where it can be restored: nothing has been started.

    Args:
        recovery_point_arn: The point.
        source_vault_arn: The vault that it is in.
        account_id: The account that it is brought to.
        region_name: The Region.
        steps: The copies, in their order; none where the account reaches the point as it is.
        reason: Why no copy is needed, where none is.
        problems: What stands against it.
        keep_days: Days from the creation of the point to the deletion of each copy; None: as long as the point.
    """

    recovery_point_arn: str
    source_vault_arn: str
    account_id: str | None
    region_name: str
    steps: tuple[ReturnStep, ...] = ()
    reason: str = ""
    problems: tuple[Problem, ...] = ()
    keep_days: int | None = None
    _point: RecoveryPoint = attrs.field(repr=False, eq=False, alias="point")
    _way: Way = attrs.field(repr=False, eq=False, alias="way")
    _target: RegionVaults = attrs.field(repr=False, eq=False, alias="target")

    def apply(self, *, timeout: float | None = None, progress: bool = False) -> PointReturn:
        """Make the copies one after the other, and wait for each on its other side.

        Doing it again, with this preview or a new one, also after the program was killed, makes no copy twice: what is
        there or under way is taken up.

        Args:
            timeout: Seconds to wait at most; None: as long as it takes.
            progress: Whether to draw a bar for each copy.

        Returns:
            What was done; its ``point`` is the point as the target sees it.

        Raises:
            PreflightError: Something stands against it; holds all the problems. Nothing was started.
            JobFailedError: A copy failed; the same call tries it again.
            WaitTimeoutError: It had not ended in time; it goes on, and the same call takes it up.
        """
        must_be_seconds(timeout)
        must_be_bools("apply", progress=progress)
        if self.problems:
            raise PreflightError(self.problems)
        clock = self._target.caller.transport.clock
        started = clock.now()
        if self._way.access is not None:
            point = _seen(self._way.access, self.recovery_point_arn)
            return self._returned(point, (), started)
        deadline = Deadline((clock,), timeout)
        point, copies = self._point, list[RecoveryPoint]()
        for copy in self._way.copies:
            point = _copied(copy.route, point, deadline, timeout, progress=progress)
            copies.append(point)
        return self._returned(point, tuple(copies), started)

    def _returned(self, point: RecoveryPoint, copies: tuple[RecoveryPoint, ...], started: datetime) -> PointReturn:
        return PointReturn(
            source_point_arn=self.recovery_point_arn,
            point=point,
            copies=copies,
            taken_up=sum(step.state != "to do" for step in self.steps),
            started=started,
            ended=self._target.caller.transport.clock.now(),
            account_id=self.account_id,
            region_name=self.region_name,
        )

    def to_json(self) -> str:
        """Return the preview as JSON text."""
        return json.dumps(self.to_dict(json=True), indent=2)

    def __repr__(self) -> str:
        return f"<ReturnPreview {self.recovery_point_arn} to {self.account_id} in {self.region_name}>"

    def _blocks(self) -> Sequence[Block]:
        return tuple(self._parts())

    def _parts(self) -> Iterator[Block]:
        facts = [
            ("from", self.source_vault_arn),
            ("to", f"account {self.account_id or 'unknown'} in {self.region_name}"),
            ("copies", self.reason or counted(len(self.steps), "copy").replace("copys", "copies")),
        ]
        if self.keep_days is not None:
            facts.append(("kept", copy_kept(self.keep_days)))
        yield Facts(f"Return of {self.recovery_point_arn}", facts)
        rows = [
            (str(number), step.state, step.source_vault_arn, step.destination_vault_arn, step.copy_job_id or "")
            for number, step in enumerate(self.steps, 1)
        ]
        kinds = [_KINDS[step.state] for step in self.steps]
        yield Rows(("step", "state", "from", "to", "copy job"), rows, kinds=kinds)
        yield check_rows(
            [check for step in self.steps for check in step.checks],
            [number for number, step in enumerate(self.steps, 1) for _ in step.checks],
        )
        yield Notes("Problems", [str(problem) for problem in self.problems])


@attrs.frozen(kw_only=True)
class PointReturn(Displayed, Serializable):
    """What bringing a point back came to.

    Args:
        source_point_arn: The point that was brought.
        point: The point as the target sees it: ``point.restore(...)`` restores it there.
        copies: The copies that were made or found on the way, the last one included; those before it can be deleted.
        taken_up: How many of them an earlier run had made or begun.
        started: When this run began.
        ended: When it ended.
        account_id: The account that it was brought to.
        region_name: The Region.
    """

    source_point_arn: str
    point: RecoveryPoint
    copies: tuple[RecoveryPoint, ...] = ()
    taken_up: int = 0
    started: datetime
    ended: datetime
    account_id: str | None = None
    region_name: str = ""

    def to_json(self) -> str:
        """Return it as JSON text."""
        return json.dumps(self.to_dict(json=True), indent=2)

    def _blocks(self) -> Sequence[Block]:
        facts = (
            ("from", self.source_point_arn),
            ("to", f"account {self.account_id or 'unknown'} in {self.region_name}"),
            ("point", self.point.recovery_point_arn or ""),
            ("vault", self.point.backup_vault_arn or ""),
            ("data of", moment(self.point.creation_date)),
            ("taken up", f"{self.taken_up} of {len(self.copies)}"),
            ("took", duration(self.ended - self.started)),
        )
        before = [f"{copy.recovery_point_arn} in {copy.backup_vault_arn}" for copy in self.copies[:-1]]
        return Facts("Point returned", facts), Notes("Copies on the way, which can be deleted", before)


def preview_return(
    point: RecoveryPoint,
    target: Caller,
    connections: Iterable[Caller],
    *,
    vault: str | None,
    keep_days: int | None,
    roles: Mapping[str, Arn | str],
) -> ReturnPreview:
    """Return the way of a point, as `RecoveryPoint.preview_return` does."""
    checked = {account: check_role(role, "preview_return/roles") for account, role in roles.items()}
    there = RegionVaults(target)
    others = [RegionVaults(caller) for caller in connections]
    held = frozenset(_copies_at(there, point))
    wanted = Wanted(vault=vault, keep_days=keep_days, roles=checked, point_role=point.iam_role_arn, held=held)
    way = find_way(point, there, others, wanted)
    against = () if way.access is not None else tuple(against_point(point))
    steps = tuple(_steps(way, point, looked=not against))
    blocked = [problem for step in steps if step.state == "to do" for problem in problems_in(step.checks, "return")]
    return ReturnPreview(
        recovery_point_arn=point.recovery_point_arn or "",
        source_vault_arn=point.backup_vault_arn or "",
        account_id=there.account_id,
        region_name=there.region_name,
        steps=steps,
        reason=way.access.reason if way.access is not None else "",
        problems=(*problems_in(tuple(against), "return"), *way.problems, *blocked),
        keep_days=keep_days,
        point=point,
        way=way,
        target=there,
    )


def _copies_at(there: RegionVaults, point: RecoveryPoint) -> Iterator[str]:
    """The ARNs of the vaults that have a copy of the point already."""
    params = {"ResourceArn": point.resource_arn, "ManagedByAWSBackupOnly": True}
    # Whoever may not list them copies once more at worst.
    with contextlib.suppress(AccessDeniedError, RejectedError, NotFoundError):
        for copy in there.caller.listed("ListRecoveryPointsByResource", RecoveryPoint, params):
            if copy.creation_date == point.creation_date:
                yield copy.refresh().backup_vault_arn or ""


def _steps(way: Way, point: RecoveryPoint, *, looked: bool) -> Iterator[ReturnStep]:
    """The copies as steps; how far an earlier run came is looked at as long as the source of a step is known."""
    source: RecoveryPoint | None = point if looked else None
    for copy in way.copies:
        found = earlier_copy(copy.route, source) if source is not None else EarlierCopy()
        yield ReturnStep(
            source_vault_arn=copy.route.item.vault_arn,
            destination_vault_arn=copy.route.vault_arn,
            role_arn=copy.route.role_arn,
            state="done" if found.point is not None else "under way" if found.job is not None else "to do",
            copy_job_id=found.job.id if found.job is not None else None,
            recovery_point_arn=found.point.recovery_point_arn if found.point is not None else None,
            checks=copy.checks,
        )
        source = found.point


def _copied(
    route: CopyRoute, point: RecoveryPoint, deadline: Deadline, timeout: float | None, *, progress: bool
) -> RecoveryPoint:
    """Make one copy, or take up what there is of it."""
    found = earlier_copy(route, point)
    if found.point is not None:
        # Lists leave members out.
        return found.point.refresh()
    job = found.job or start_copy_once(route, point, found.known)
    left = None if timeout is None else max(0.0, deadline.left())
    job = job.wait(timeout=left, progress=progress)
    there = route.there
    if there is None:
        raise AssertionError("a way leads to connections only")
    left = None if timeout is None else max(0.0, deadline.left())
    return arrived(there.caller, job, timeout=left)


def _seen(access: Access, arn: str) -> RecoveryPoint:
    where = {
        "BackupVaultName": access.vault_name,
        "BackupVaultAccountId": access.caller.vault_account_id,
        "RecoveryPointArn": arn,
    }
    return access.caller.fetch("DescribeRecoveryPoint", RecoveryPoint, where)
