"""What a copy would do, and what stands against it; nothing is started before `apply`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import attrs

from backupkit import observe
from backupkit.arn import Arn
from backupkit.declare.lifecycle import CopyAction, Lifecycle
from backupkit.display import Block, Displayed, Facts, Rows
from backupkit.errors import PreflightError
from backupkit.problems import Problem
from backupkit.recover.arguments import check_role
from backupkit.recover.caller import Caller
from backupkit.recover.copy_checks import copy_checks, point_obstacles
from backupkit.recover.copy_job import CopyJob
from backupkit.recover.copy_route import CopyItem, CopyRoute, copy_kept
from backupkit.recover.copying import start_copy
from backupkit.recover.home import own_role
from backupkit.recover.preflight import COLOURS, PreflightCheck, Verdict
from backupkit.recover.recovery_point import RecoveryPoint
from backupkit.recover.region_vaults import RegionVaults, destination_of
from backupkit.serialization import Serializable
from backupkit.transport.unpicklable import Bound

__all__ = ["CopyPreview", "against_point", "check_copy", "check_rows", "preview_copy", "problems_in"]


@attrs.frozen(kw_only=True, repr=False)
class CopyPreview(Bound, Displayed, Serializable):
    """What a copy of a point would do: nothing has been started.

    Args:
        recovery_point_arn: The point that would be copied.
        source_vault_arn: The vault that it is in.
        destination_vault_arn: Where the copy would go.
        role_arn: The role that AWS Backup would take on.
        keep_days: Days from the creation of the point to the deletion of the copy; None: as long as the point.
        cold_after_days: Days in warm storage.
        checks: What was looked at, and what it came to.
    """

    recovery_point_arn: str
    source_vault_arn: str
    destination_vault_arn: str
    role_arn: str
    keep_days: int | None = None
    cold_after_days: int | None = None
    checks: tuple[PreflightCheck, ...] = ()
    _point: observe.RecoveryPoint = attrs.field(repr=False, eq=False, alias="point")
    _route: CopyRoute = attrs.field(repr=False, eq=False, alias="route")

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What stands against the copy."""
        return problems_in(self.checks, "copy")

    def apply(self, *, token: str | None = None) -> CopyJob:
        """Start the copy.

        Args:
            token: Calls with one token start one job. None: a new one for this call, kept over its retries.

        Returns:
            The job; its ``wait_at(destination)`` gives the copy on the other side.

        Raises:
            PreflightError: Something stands against it; holds all the problems. Nothing was sent.
        """
        if self.problems:
            raise PreflightError(self.problems)
        return start_copy(self._route, self._point, token=token)

    def to_json(self) -> str:
        """Return the preview as JSON text."""
        return json.dumps(self.to_dict(json=True), indent=2)

    def __repr__(self) -> str:
        return f"<CopyPreview {self.recovery_point_arn} to {self.destination_vault_arn}>"

    def _blocks(self) -> Sequence[Block]:
        return (
            Facts(
                f"Copy of {self.recovery_point_arn}",
                (
                    ("from", self.source_vault_arn),
                    ("to", self.destination_vault_arn),
                    ("kept", copy_kept(self.keep_days)),
                    ("role", self.role_arn),
                ),
            ),
            check_rows(self.checks),
        )


def preview_copy(
    caller: Caller,
    point: RecoveryPoint,
    vault_arn: str,
    *,
    keep_days: int | None,
    cold_after_days: int | None,
    role: str | None,
    destination: Caller | None,
    preflight: bool = True,
) -> CopyPreview:
    """Return what a copy would do.

    Args:
        caller: The connection that sees the point.
        point: The point, with all that AWS says of it.
        vault_arn: The vault that takes the copy.
        keep_days: Days from the creation of the point to the deletion of the copy.
        cold_after_days: Days in warm storage.
        role: The role that AWS Backup takes on; None: the point's, or its account's default one.
        destination: A connection to the account and Region of the vault.
        preflight: Whether anything is looked at.

    Raises:
        InvalidValueError: A value that AWS would refuse, or a destination of another account or Region than the vault.
    """
    check_copy(vault_arn, keep_days=keep_days, cold_after_days=cold_after_days, role=role, where="copy_to")
    here = RegionVaults(caller)
    item = CopyItem.of(point)
    source = Arn.parse(item.vault_arn)
    route = CopyRoute(
        item=item,
        here=here,
        there=destination_of(here, vault_arn, destination, "copy_to/destination"),
        vault_arn=str(Arn.parse(vault_arn)),
        role_arn=role or own_role(source.account, source.partition, point.iam_role_arn),
        keep_days=keep_days,
        cold_after_days=cold_after_days,
    )
    return CopyPreview(
        recovery_point_arn=item.point_arn,
        source_vault_arn=item.vault_arn,
        destination_vault_arn=route.vault_arn,
        role_arn=route.role_arn,
        keep_days=keep_days,
        cold_after_days=cold_after_days,
        checks=(*against_point(point), *copy_checks(route)) if preflight else (),
        point=point,
        route=route,
    )


def check_copy(
    vault_arn: Arn | str, *, keep_days: int | None, cold_after_days: int | None, role: Arn | str | None, where: str
) -> tuple[str, str | None]:
    """Return the ARNs of the vault and the role as texts; what AWS would refuse of a copy is refused before any call.

    Raises:
        InvalidValueError: There is something.
    """
    role_arn = check_role(role, f"{where}/role")
    lifecycle = Lifecycle(delete_after_days=keep_days, move_to_cold_storage_after_days=cold_after_days)
    return CopyAction(vault_arn, lifecycle=lifecycle).vault, role_arn


def against_point(point: RecoveryPoint) -> Iterator[PreflightCheck]:
    """Return what the record of a point says against a copy."""
    hints = {
        "continuous": "back the resource up, and copy that; or let a plan's rule copy it",
        "cold": "restore it where it is",
        "composite": "copy its parent",
        "busy": "wait until it is finished",
    }
    for word, sentence in point_obstacles(point, point.clock.now()):
        yield PreflightCheck(word, Verdict.PROBLEM, sentence, hints[word])


def problems_in(checks: Sequence[PreflightCheck], where: str) -> tuple[Problem, ...]:
    """Return the checks that stand against something, as problems."""
    return tuple(
        Problem(f"{where}/{check.name}", check.message, check.hint)
        for check in checks
        if check.verdict is Verdict.PROBLEM
    )


def check_rows(checks: Sequence[PreflightCheck], steps: Sequence[int] = ()) -> Rows:
    """Return checks as a table, with the numbers of their steps where there are some."""
    rows = [(f"{check.name}: {check.verdict}", check.found) for check in checks]
    return Rows(
        ("check", "found", "step") if steps else ("check", "found"),
        [(*row, str(step)) for row, step in zip(rows, steps, strict=True)] if steps else rows,
        kinds=[COLOURS[check.verdict] for check in checks],
    )
