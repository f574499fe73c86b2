"""What is known of the resources that points were taken of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from backupkit import observe
from backupkit.arn import Arn
from backupkit.display import moment
from backupkit.errors import InvalidValueError
from backupkit.neighbours import Presence, Sighting, look_all
from backupkit.recover.caller import Caller

__all__ = ["look_at_sources"]

_CLOCKS = timedelta(minutes=5)
"""How far clocks of services may be apart, and the times by which they date a resource and its backup."""
_UNDER_WAY = ("CREATED", "PENDING", "RUNNING")


def look_at_sources(caller: Caller, of_source: Mapping[str, Sequence[observe.RecoveryPoint]]) -> dict[str, Sighting]:
    """Return what is known of each source: gone only where its own service says so and nothing else speaks for it.

    Args:
        caller: Whom to ask.
        of_source: Points by the ARN of the resource that they were taken of.
    """
    if not of_source:
        return {}
    accounts, alive = _own_accounts(caller), _backed_up_now(caller)
    seen: dict[str, Sighting] = {}
    for arn, points in of_source.items():
        elsewhere = _elsewhere(caller, arn, points, accounts)
        if elsewhere is not None:
            seen[arn] = Sighting(Presence.UNKNOWN, reason=elsewhere)
        elif arn in alive or any(point.status == "CREATING" for point in points):
            seen[arn] = Sighting(Presence.UNKNOWN, reason="a backup of it is under way")
    looked = look_all(caller.neighbours, [arn for arn in of_source if arn not in seen])
    return {arn: seen[arn] if arn in seen else _heeding_age(looked[arn], of_source[arn]) for arn in of_source}


def _own_accounts(caller: Caller) -> frozenset[str]:
    vaults = caller.listed("ListBackupVaults", observe.Vault, {"ByShared": False})
    return frozenset(Arn.parse(vault.backup_vault_arn).account for vault in vaults if vault.backup_vault_arn)


def _backed_up_now(caller: Caller) -> frozenset[str]:
    """The resources of backup jobs that are under way."""
    return frozenset(
        job.resource_arn or ""
        for state in _UNDER_WAY
        for job in caller.listed("ListBackupJobs", observe.BackupJob, {"ByState": state})
    )


def _elsewhere(
    caller: Caller, arn: str, points: Sequence[observe.RecoveryPoint], accounts: frozenset[str]
) -> str | None:
    """Why a source cannot be looked at from here; None where it can."""
    try:
        parsed = Arn.parse(arn)
    except InvalidValueError:
        return "AWS Backup does not tell which resource it is"
    origins = [Arn.parse(each) for point in points if (each := point.source_backup_vault_arn)]
    # The ARNs of buckets tell neither account nor Region; those of the vaults that copies come from do.
    foreign = [parsed] if parsed.account else origins
    account = next((each.account for each in foreign if each.account not in accounts), None)
    if account is not None:
        return f"it is in account {account}: look there"
    region = next((each.region for each in foreign if each.region not in {"", caller.transport.region_name}), None)
    return f"it is in {region}: look there" if region is not None else None


def _heeding_age(sighting: Sighting, points: Sequence[observe.RecoveryPoint]) -> Sighting:
    """A resource that is younger than all points carries the name of the one that they were taken of."""
    made = [point.creation_date for point in points if point.creation_date is not None]
    # Points may be dated by the start of their backup; clocks of services differ.
    if sighting.created is None or not made or sighting.created <= max(made) + _CLOCKS:
        return sighting
    reason = f"a newer resource carries its name, made at {moment(sighting.created)}, or was restored under it"
    return Sighting(Presence.UNKNOWN, sighting.state, sighting.usable, reason)
