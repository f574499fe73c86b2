"""The way of a point to an account and Region where it can be restored: the fewest copies that AWS would take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import attrs

from backupkit import observe
from backupkit.arn import Arn
from backupkit.problems import Problem
from backupkit.recover.caller import Caller
from backupkit.recover.copy_checks import copy_checks
from backupkit.recover.copy_route import CopyItem, CopyRoute
from backupkit.recover.home import own_role
from backupkit.recover.preflight import PreflightCheck, Verdict
from backupkit.recover.region_vaults import AIR_GAPPED, RESTORE_ACCESS, RegionVaults

__all__ = ["Access", "Copy", "Way", "find_way"]

_MOST_COPIES = 4
_LISTING = "let the connection call backup:ListBackupVaults"


@attrs.frozen(kw_only=True)
class Access:
    """How the target reaches the point without any copy.

    Args:
        caller: A connection of the target that sees the point.
        vault_name: The vault by which it is asked for.
        reason: Why no copy is needed.
    """

    caller: Caller
    vault_name: str
    reason: str


@attrs.frozen
class Copy:
    """One copy of the way, and what was looked at for it."""

    route: CopyRoute
    checks: tuple[PreflightCheck, ...]

    @property
    def doubts(self) -> int:
        """How much is not known."""
        return sum(check.verdict is Verdict.UNKNOWN for check in self.checks)

    @property
    def obstacles(self) -> int:
        """How much stands against it."""
        return sum(check.verdict is Verdict.PROBLEM for check in self.checks)


@attrs.frozen(kw_only=True)
class Way:
    """The way that was found.

    Args:
        copies: The copies, in their order.
        access: How the point is reached without any; None where copies are needed.
        problems: Why there is no way.
    """

    copies: tuple[Copy, ...] = ()
    access: Access | None = None
    problems: tuple[Problem, ...] = ()


@attrs.frozen(kw_only=True)
class Wanted:
    """What the last copy is to be, and by whom each is made.

    Args:
        vault: The name of the vault that takes the last copy; None: any that can.
        keep_days: Days from the creation of the backup to the deletion of each copy.
        roles: The role of each account.
        point_role: The role that made the point.
        held: The ARNs of the target's vaults that have a copy already.
    """

    vault: str | None = None
    keep_days: int | None = None
    roles: Mapping[str, str] = attrs.field(factory=dict)
    point_role: str | None = None
    held: frozenset[str] = frozenset()


def find_way(point: observe.RecoveryPoint, target: RegionVaults, others: Iterable[RegionVaults], wanted: Wanted) -> Way:
    """Return the shortest way of a point to the target.

    Args:
        point: The point, with all that AWS says of it.
        target: Where it is to be.
        others: What other connections see: where copies can be started, and stay on the way.
        wanted: What the last copy is to be.
    """
    item = CopyItem.of(point)
    access = _access(item, target, wanted)
    if access is not None:
        return Way(access=access)
    places = [target, *(place for place in others if not _same(place, target))]
    search = _Search(target=target, places=places, wanted=wanted)
    return search.way(item)


def _same(one: RegionVaults, other: RegionVaults) -> bool:
    return (one.account_id, one.region_name) == (other.account_id, other.region_name)


def _access(item: CopyItem, target: RegionVaults, wanted: Wanted) -> Access | None:
    arn = Arn.parse(item.vault_arn)
    if wanted.vault not in {None, arn.name} or arn.region != target.region_name:
        return None
    if item.vault_arn in target.vaults:
        return Access(caller=target.caller, vault_name=arn.name, reason="it is there already")
    if wanted.vault is not None:
        return None
    if item.vault_arn in target.shared:
        shared = attrs.evolve(target.caller, vault_account_id=arn.account)
        reason = f"account {arn.account} shares vault {arn.name} with it, so it is restored from there"
        return Access(caller=shared, vault_name=arn.name, reason=reason)
    for vault in target.vaults.values():
        if vault.vault_type == RESTORE_ACCESS and vault.vault_state in {None, "AVAILABLE"}:
            name = vault.backup_vault_name or ""
            params = {"BackupVaultName": name}
            if target.caller.fetch("DescribeBackupVault", observe.Vault, params).source_backup_vault_arn == str(arn):
                reason = f"its restore access vault {name} gives access to it, so it is restored from there"
                return Access(caller=target.caller, vault_name=name, reason=reason)
    return None


@attrs.frozen(kw_only=True)
class _Search:
    """Goes from vault to vault, all ways of one length before the longer ones."""

    target: RegionVaults
    places: Sequence[RegionVaults]
    wanted: Wanted

    def way(self, start: CopyItem) -> Way:
        """The best way."""
        if self._place(start) is None:
            return Way(problems=(self._no_connection(start.vault_arn),))
        if not self._goals():
            return Way(problems=(self._no_vault(),))
        direct = sorted(self._copies(start, [self.target]), key=_rank)
        ways: list[tuple[CopyItem, tuple[Copy, ...]]] = [(start, ())]
        seen = {_state(start)}
        for _ in range(_MOST_COPIES):
            arrived = [
                (*made, copy) for item, made in ways for copy in self._copies(item, [self.target]) if not copy.obstacles
            ]
            if arrived:
                return Way(copies=min(arrived, key=self._rank_of_way))
            ways = list(self._longer(ways, seen))
        # Nothing leads there now: a copy that is there is found all the same; else the nearest way says what is wrong.
        return Way(copies=(next((copy for copy in direct if copy.route.vault_arn in self.wanted.held), direct[0]),))

    def _longer(
        self, ways: Sequence[tuple[CopyItem, tuple[Copy, ...]]], seen: set[tuple[object, ...]]
    ) -> Iterator[tuple[CopyItem, tuple[Copy, ...]]]:
        """Every way with one copy more, to where none led before."""
        for item, made in ways:
            others = [place for place in self.places if place is not self.target]
            for copy in sorted(self._copies(item, others), key=_rank):
                copied = copy.route.copied()
                if copy.obstacles or _state(copied) in seen or copied.vault_arn == item.vault_arn:
                    continue
                seen.add(_state(copied))
                yield copied, (*made, copy)

    def _copies(self, item: CopyItem, places: Iterable[RegionVaults]) -> Iterator[Copy]:
        """Every copy of the item into a vault of the places."""
        here = self._place(item)
        if here is None:
            return
        source = Arn.parse(item.vault_arn)
        given = self.wanted.roles.get(source.account)
        role = own_role(source.account, source.partition, given, self.wanted.point_role)
        for place in places:
            for vault in self._goals() if place is self.target else _open(place):
                route = CopyRoute(
                    item=item,
                    here=here,
                    there=place,
                    vault_arn=vault.backup_vault_arn or "",
                    role_arn=role,
                    keep_days=self.wanted.keep_days,
                )
                yield Copy(route, copy_checks(route))

    def _rank_of_way(self, copies: Sequence[Copy]) -> tuple[object, ...]:
        held = copies[-1].route.vault_arn in self.wanted.held
        return not held, sum(copy.doubts for copy in copies), _rank(copies[-1])

    def _place(self, item: CopyItem) -> RegionVaults | None:
        arn = Arn.parse(item.vault_arn)
        return next((place for place in self.places if place.is_place_of(arn)), None)

    def _goals(self) -> list[observe.Vault]:
        return [vault for vault in _open(self.target) if self.wanted.vault in {None, vault.backup_vault_name}]

    def _no_connection(self, vault_arn: str) -> Problem:
        arn = Arn.parse(vault_arn)
        what = f"copies out of vault {arn.name} start in account {arn.account} in {arn.region}"
        if any(not place.is_readable for place in self.places if place.region_name == arn.region):
            return Problem("return/connections", f"{what}, and a connection there may not list its vaults", _LISTING)
        return Problem("return/connections", what, "give a connection to it in connections=")

    def _no_vault(self) -> Problem:
        if not self.target.is_readable:
            what = f"the vaults of the account in {self.target.region_name} may not be listed"
            return Problem("return/destination", what, _LISTING)
        where = f"account {self.target.account_id or 'unknown'} in {self.target.region_name}"
        what = f"{where} has no vault{'' if self.wanted.vault is None else f' {self.wanted.vault}'} to copy into"
        return Problem(
            "return/destination", what, "create one with a KMS key of your own, and let its policy take copies"
        )


def _open(place: RegionVaults) -> list[observe.Vault]:
    """The vaults that may take copies; those that AWS makes for a service are left to it."""
    return [
        vault
        for vault in place.vaults.values()
        if vault.vault_type != RESTORE_ACCESS and not (vault.backup_vault_name or "").startswith("aws/")
    ]


def _state(item: CopyItem) -> tuple[object, ...]:
    return item.vault_arn, item.vault_key, item.key_arn


def _rank(copy: Copy) -> tuple[object, ...]:
    """What is better comes first."""
    vault, arn = copy.route.vault, copy.route.vault_arn
    air_gapped = vault is not None and vault.vault_type == AIR_GAPPED
    return copy.obstacles, copy.doubts, air_gapped, copy.route.destination.name == "Default", arn
