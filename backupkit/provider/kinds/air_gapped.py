"""Logically air-gapped vaults with their approval team, and restore access vaults.

All vaults of an account and Region share one space of names and one list.
"""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from backupkit.declare.air_gapped import AirGappedVault, RestoreAccessVault
from backupkit.errors import AccessDeniedError
from backupkit.problems import Problem, Severity, counted, warning
from backupkit.provider.answers import Document, inner, listed, moment, number, text
from backupkit.provider.change import Action, Change
from backupkit.provider.kinds.kind import Kind, Part, Settling
from backupkit.provider.kinds.observed import Observed, World
from backupkit.provider.kinds.reader import Reader
from backupkit.provider.kinds.vault import NOTIFICATIONS, POLICY, vault_needs
from backupkit.provider.ownership import OWNER_TAG

__all__ = ["AIR_GAPPED_VAULT", "RESTORE_ACCESS_VAULT"]

_GAPPED, _ACCESS = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT", "RESTORE_ACCESS_BACKUP_VAULT"
_WORDS = {_GAPPED: "a logically air-gapped vault", _ACCESS: "a restore access vault"}


def _carried(entry: Document) -> str:
    """Which kind of vault carries a name, for whoever declares it as another."""
    return f"{_WORDS.get(text(entry, 'VaultType'), 'a standard vault')} carries this name"


def _other_than_gapped(entry: Document) -> str:
    return "" if text(entry, "VaultType") == _GAPPED else _carried(entry)


def _other_than_access(entry: Document) -> str:
    return "" if text(entry, "VaultType") == _ACCESS else _carried(entry)


def _read(entry: Document) -> Document:
    numbers = ("NumberOfRecoveryPoints", "MinRetentionDays", "MaxRetentionDays")
    return {**entry, **{member: number(entry, member) for member in numbers}}


def _reading(reader: Reader, name: str) -> Document | None:
    """A vault as AWS describes it. Of one that is not there AWS answers AccessDenied, so the list decides that."""
    params = {"BackupVaultName": name}
    try:
        found: Document = reader.ask("backup", "DescribeBackupVault", params)
    except AccessDeniedError:
        if any(text(entry, "BackupVaultName") == name for entry in listed(reader.transport, "ListBackupVaults", dict)):
            raise
        return None
    return found


def _obstacles(_: World, seen: Observed, replaced: bool) -> Iterator[Problem]:
    """Nobody can delete a point of an air-gapped vault, so a vault that holds any stays."""
    points = number(seen.listed, "NumberOfRecoveryPoints") or 0
    if points:
        stay = "declare it as it is" if replaced else f"keep it declared, or take its tag {OWNER_TAG} off"
        yield Problem(
            seen.address,
            f"it holds {counted(points, 'recovery point')} and cannot be deleted",
            f"let them expire; until then {stay}",
        )


def _team(body: Document) -> Document | None:
    team = text(body, "MpaApprovalTeamArn")
    latest = inner(body, "LatestMpaApprovalTeamUpdate")
    moment(latest, "ExpiryDate")
    return {"MpaApprovalTeamArn": team, "Latest": latest} if team else None


def _review(world: World, change: Change, seen: Document | None, _: str | None) -> Change:
    """The first team is taken at once; about every other change the present team decides."""
    if seen is None:
        return change
    latest = inner(seen, "Latest")
    expires = moment(latest, "ExpiryDate")
    if text(latest, "Status") == "PENDING" and (expires is None or world.owner.now < expires):
        until = f" until {expires:%Y-%m-%d %H:%M} UTC" if expires is not None else ""
        reason = f"the approval team decides about an earlier change of it{until}"
        waits = Problem(change.address, reason, "let the team approve or deny it, and preview again")
        return attrs.evolve(
            change,
            action=Action.KEEP,
            reason=reason,
            calls=(),
            differences=(),
            destroys=False,
            warnings=(attrs.evolve(waits, severity=Severity.WARNING),),
        )
    return attrs.evolve(change, reason=f"{change.reason}; the present team must approve it within 24 hours")


def _undecided(world: World, vault: RestoreAccessVault) -> Iterator[Problem]:
    if any(seen.state == "CREATING" for seen in world.found("restore_access_vault", vault.name)):
        what = "the approval team of its source has not approved it yet: nothing can be restored through it"
        yield warning("", what, "ask the team; it has 24 hours")


_APPROVAL_TEAM = Part[str](
    field="approval_team",
    read=_team,
    member="MpaApprovalTeamArn",
    put="AssociateBackupVaultMpaApprovalTeam",
    delete="DisassociateBackupVaultMpaApprovalTeam",
    review=_review,
)
AIR_GAPPED_VAULT = Kind(
    cls=AirGappedVault,
    list="ListBackupVaults",
    get="DescribeBackupVault",
    id="BackupVaultName",
    arn="BackupVaultArn",
    create="CreateLogicallyAirGappedBackupVault",
    delete="DeleteBackupVault",
    tags="BackupVaultTags",
    parts=(POLICY, NOTIFICATIONS, _APPROVAL_TEAM),
    # AWS has been seen to say AVAILABLE, then CREATING again.
    settled=Settling(
        state="VaultState",
        done=frozenset({"AVAILABLE"}),
        failed=frozenset({"FAILED"}),
        times=2,
        deletes=False,
        pause_seconds=15.0,
    ),
    other=_other_than_gapped,
    read=_read,
    reading=_reading,
    needs=vault_needs,
    obstacles=_obstacles,
)
RESTORE_ACCESS_VAULT = Kind(
    cls=RestoreAccessVault,
    list="ListBackupVaults",
    get="DescribeBackupVault",
    id="BackupVaultName",
    arn="BackupVaultArn",
    create="CreateRestoreAccessBackupVault",
    delete="DeleteBackupVault",
    tags="BackupVaultTags",
    # It is CREATING until the team of the other account has approved, up to a day, which nobody waits for.
    settled=Settling(
        state="VaultState",
        done=frozenset({"AVAILABLE", "CREATING"}),
        failed=frozenset({"FAILED"}),
        deletes=False,
        pause_seconds=1.0,
    ),
    other=_other_than_access,
    read=_read,
    checks=_undecided,
    reading=_reading,
)
