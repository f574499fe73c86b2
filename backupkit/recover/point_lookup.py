"""Many points as they are now, with few calls: listed where they are many, described where they are few."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress

import attrs

from backupkit import observe
from backupkit.errors import AccessDeniedError, NotFoundError
from backupkit.recover.caller import Caller
from backupkit.recover.last_points import points_of, stays

__all__ = ["Watched", "look_up", "staying"]

_FEWEST_LISTED = 4
"""Fewer points than this are described: a list that begins with others would save nothing."""
_A_PAGE = 1000


def look_up(caller: Caller, wanted: Mapping[str, Collection[str]]) -> dict[str, observe.RecoveryPoint]:
    """Return those that are there, by their ARNs.

    Args:
        caller: Whom to ask.
        wanted: ARNs of points by the names of their vaults.
    """
    found: dict[str, observe.RecoveryPoint] = {}
    for vault, arns in wanted.items():
        try:
            found |= _listed(caller, vault, frozenset(arns))
            # Lists may leave out nested points, and be a moment late: what they do not show is asked for by itself.
            found |= _described(caller, vault, [arn for arn in arns if arn not in found])
        except AccessDeniedError:
            # AWS answers so for a vault that is not there, too; one that is gone was empty. An account without any
            # vault is rather another one.
            vaults = {each.backup_vault_name for each in caller.listed("ListBackupVaults", observe.Vault, {})}
            if not vaults or vault in vaults:
                raise
    return found


def _listed(caller: Caller, vault: str, arns: frozenset[str]) -> dict[str, observe.RecoveryPoint]:
    found: dict[str, observe.RecoveryPoint] = {}
    budget = len(arns) // 4 if len(arns) >= _FEWEST_LISTED else 0
    if not budget:
        return found
    pages = caller.paged("ListRecoveryPointsByBackupVault", observe.RecoveryPoint, {"BackupVaultName": vault})
    for _, page in zip(range(budget), pages, strict=False):
        found |= {point.recovery_point_arn: point for point in page if point.recovery_point_arn in arns}
        if len(found) == len(arns):
            break
    return found


def _described(caller: Caller, vault: str, arns: Collection[str]) -> Iterator[tuple[str, observe.RecoveryPoint]]:
    for arn in arns:
        where = {"BackupVaultName": vault, "RecoveryPointArn": arn}
        try:
            yield arn, caller.fetch("DescribeRecoveryPoint", observe.RecoveryPoint, where)
        except NotFoundError:
            continue


@attrs.define(eq=False)
class Watched:
    """Points of one vault that are to go, looked at again and again.

    Args:
        caller: Whom to ask.
        vault: The name of their vault.
        going: The ARNs of those that are still there; what is gone is taken out.
        nested: Those among them that lists may leave out.
    """

    caller: Caller
    vault: str
    going: set[str]
    nested: frozenset[str] = frozenset()
    _absent: set[str] = attrs.field(factory=set)

    def look(self) -> dict[str, observe.RecoveryPoint | None]:
        """Return what is seen of them now; None for those that are gone."""
        seen: dict[str, observe.RecoveryPoint | None] = {}
        hidden = self.nested & self.going
        plain = frozenset(self.going - hidden)
        budget = len(plain) // 4 if len(plain) >= _FEWEST_LISTED else 0
        whole = False
        if budget:
            listed, whole = self._list(plain, budget)
            seen |= listed
        missing = plain - seen.keys()
        if whole:
            # Points that go while a list is read must not make it skip others: twice absent is gone.
            seen |= dict.fromkeys(missing & self._absent)
            self._absent = set(missing)
            missing = frozenset()
        found = dict(_described(self.caller, self.vault, [*hidden, *missing]))
        seen |= {arn: found.get(arn) for arn in (*hidden, *missing)}
        self.going -= {arn for arn, point in seen.items() if point is None}
        return seen

    def _list(self, arns: frozenset[str], budget: int) -> tuple[dict[str, observe.RecoveryPoint], bool]:
        """Those that a list shows, and whether it was read to its end."""
        found: dict[str, observe.RecoveryPoint] = {}
        pages = self.caller.paged(
            "ListRecoveryPointsByBackupVault", observe.RecoveryPoint, {"BackupVaultName": self.vault}
        )
        for _ in range(budget):
            page = next(pages, None)
            if page is None:
                return found, True
            found |= {point.recovery_point_arn: point for point in page if point.recovery_point_arn in arns}
            if len(found) == len(arns):
                return found, True
        return found, next(pages, None) is None


def staying(caller: Caller, resources: Collection[str]) -> dict[str, set[str]]:
    """The ARNs of the points, in any vault here, that each resource can be restored from.

    Args:
        caller: Whom to ask.
        resources: ARNs. Each is asked for by itself, or all vaults are listed, whichever takes fewer calls.
    """
    # Whoever may not list every vault can still ask for the points of a resource.
    with suppress(AccessDeniedError):
        vaults = list(caller.listed("ListBackupVaults", observe.Vault, {}))
        if sum(1 + (vault.number_of_recovery_points or 0) // _A_PAGE for vault in vaults) < len(resources):
            return _staying_in(caller, vaults, resources)
    return {
        arn: {point.recovery_point_arn or "" for point in points_of(caller, arn) if stays(point)} for arn in resources
    }


def _staying_in(caller: Caller, vaults: Iterable[observe.Vault], resources: Collection[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {arn: set() for arn in resources}
    for vault in vaults:
        where = {"BackupVaultName": vault.backup_vault_name}
        for point in caller.listed("ListRecoveryPointsByBackupVault", observe.RecoveryPoint, where):
            if point.resource_arn in found and stays(point):
                found[point.resource_arn].add(point.recovery_point_arn or "")
    return found
