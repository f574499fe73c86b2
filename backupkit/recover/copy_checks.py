"""What stands against a copy: type, point, destination, organization, access policies, keys, lock and retention.

Sources: the developer guide's pages on copies, on cross-account backup, on encryption and on air-gapped vaults. What
may not be looked at is unknown, never fine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from backupkit import observe
from backupkit.catalog import type_named
from backupkit.declare.lifecycle import FOREVER
from backupkit.declare.names import MAX_DAYS
from backupkit.display import moment
from backupkit.errors import AccessDeniedError, RejectedError
from backupkit.problems import counted
from backupkit.recover.copy_route import CopyRoute
from backupkit.recover.point_facts import continuous, is_state
from backupkit.recover.point_table import tier_of
from backupkit.recover.preflight import PreflightCheck, Verdict
from backupkit.recover.region_vaults import AIR_GAPPED, RESTORE_ACCESS
from backupkit.recover.vault_policy import PolicyCaller, allows, denies

__all__ = ["copy_checks", "destination_checks", "point_obstacles"]

_INTO, _FROM = "backup:CopyIntoBackupVault", "backup:CopyFromBackupVault"
_WITHOUT = {"DynamoDB": "turn its advanced features on for the Region, and back the table up again"}
"""How points of a type get such that can be copied."""
_ENCRYPTED_ONLY = frozenset({"Aurora", "DocumentDB", "Neptune"})
"""What air-gapped vaults take only encrypted (developer guide, logically air-gapped vaults)."""


def point_obstacles(point: observe.RecoveryPoint, now: datetime) -> Iterator[tuple[str, str]]:
    """Why AWS does not copy a point on demand, as far as its record tells: a stable word and a sentence."""
    if continuous(point):
        yield "continuous", "AWS cannot copy continuous points on demand"
        return
    if tier_of(point, now) == "COLD":
        yield "cold", "AWS cannot copy points in cold storage"
    if point.status not in {"COMPLETED", "PARTIAL"}:
        yield "busy", f"it is {point.status}; only points that are finished can be copied"
    if is_state(point):
        yield "composite", "it can be copied with its composite only"


def copy_checks(route: CopyRoute) -> tuple[PreflightCheck, ...]:
    """Look at everything beside the point itself that can make a copy fail, and say what was found."""
    return tuple(check for look in _CHECKS for check in look(route))


def destination_checks(route: CopyRoute) -> tuple[PreflightCheck, ...]:
    """Look at what can make every copy into a vault fail, whatever point it is of."""
    return tuple(check for look in (_destination, _organization, _policies, _any_key, _lock) for check in look(route))


def _any_key(route: CopyRoute) -> Iterator[PreflightCheck]:
    """Whether the destination has a key that can take copies over from another account."""
    if route.crosses_accounts and route.vault is not None and route.vault.vault_type != AIR_GAPPED:
        yield from _own_key(route, route.vault)


def _type(route: CopyRoute) -> Iterator[PreflightCheck]:
    item = route.item
    kind = type_named(item.resource_type)
    if kind is None:
        yield _check("type", Verdict.UNKNOWN, f"backupkit knows nothing of copies of {item.resource_type}")
    elif not kind.copies_point(item.point_arn):
        which = f" whose ARNs hold {kind.uncopied}" if kind.copies else ""
        hint = _WITHOUT.get(kind.name, "restore it where it is, and move the data with its own service")
        yield _check("type", Verdict.PROBLEM, f"AWS Backup cannot copy points of {kind.name}{which}", hint)
    elif route.crosses_accounts and not kind.copies_across_accounts:
        found = f"AWS Backup cannot copy points of {kind.name} to another account"
        yield _check("type", Verdict.PROBLEM, found, "copy the nested points one by one")
    elif (route.crosses_accounts or route.crosses_regions) and not kind.copies_far(item.resource_arn):
        found = f"AWS Backup cannot copy points of {item.resource_arn} to another Region or account"
        yield _check("type", Verdict.PROBLEM, found, "restore it where it is, and move the data with its own service")
    else:
        yield _check("type", Verdict.FINE, f"points of {kind.name} can be copied")
        crossed = {"Regions": route.crosses_regions, "accounts": route.crosses_accounts}
        for limit in sorted(limit for limit in kind.opt_in_limits if crossed[limit]):
            found = f"Regions that accounts must opt in to do not copy points of {kind.name} to other {limit}"
            yield _check("type", Verdict.NOTE, found)
        if not kind.copies_far(item.resource_arn):
            found = f"points of {item.resource_arn} cannot be copied to another Region or account"
            yield _check("type", Verdict.NOTE, f"{found}; whether they can be here is not known")


def _role(route: CopyRoute) -> Iterator[PreflightCheck]:
    """A role is passed within its own account alone (IAM user guide, passing a role to a service)."""
    account = route.role_arn.split(":")[4]
    if account != route.source.account:
        found = f"the role is of account {account}, and the copy starts in account {route.source.account}"
        yield _check("role", Verdict.PROBLEM, found, f"give a role of account {route.source.account}")


def _destination(route: CopyRoute) -> Iterator[PreflightCheck]:
    arn, vault = route.vault_arn, route.vault
    if arn == route.item.vault_arn:
        yield _check("destination", Verdict.PROBLEM, "it is in that vault already", "name another vault")
    elif route.there is None:
        yield _unseen("destination", route, f"whether vault {arn} is there")
    elif vault is None and not route.there.is_readable:
        yield _check(
            "destination", Verdict.UNKNOWN, f"the vaults of account {route.destination.account} may not be listed"
        )
    elif vault is None:
        yield _check("destination", Verdict.PROBLEM, f"vault {arn} does not exist", _named(route))
    elif vault.vault_type == RESTORE_ACCESS:
        found = f"vault {arn} gives access to an air-gapped vault, and takes no copies"
        yield _check("destination", Verdict.PROBLEM, found, _named(route))
    elif vault.vault_state not in {None, "AVAILABLE"}:
        yield _check(
            "destination", Verdict.PROBLEM, f"vault {arn} is {vault.vault_state}", "wait until it is AVAILABLE"
        )
    elif route.crosses_accounts and route.destination.name == "Default":
        found = "the vault Default takes no copies from other accounts"
        yield _check("destination", Verdict.PROBLEM, found, _named(route))
    else:
        yield _check("destination", Verdict.FINE, f"vault {arn} is there")


def _named(route: CopyRoute) -> str:
    here = route.there.vaults.values() if route.there is not None else ()
    names = [vault.backup_vault_name or "" for vault in here if vault.vault_type != RESTORE_ACCESS]
    listed = ", ".join(sorted(name for name in names if not name.startswith("aws/"))[:5])
    return f"name one of {listed}" if listed else "create one there"


def _organization(route: CopyRoute) -> Iterator[PreflightCheck]:
    if not route.crosses_accounts:
        return
    enabled = route.here.copies_across_accounts
    if enabled is False:
        yield _check(
            "organization",
            Verdict.PROBLEM,
            "cross-account backup is not turned on in the organization",
            "declare bk.GlobalSettings(cross_account_backup=True) in a stack of its management account",
        )
    elif enabled is None:
        yield _check("organization", Verdict.UNKNOWN, "whether cross-account backup is turned on may not be read")
    ours = route.here.organization_id
    theirs = route.there.organization_id if route.there is not None else None
    if ours is None or theirs is None:
        found = f"whether account {route.destination.account} is in the same organization was not looked at"
        yield _check("organization", Verdict.UNKNOWN, found)
    elif ours != theirs:
        found = f"account {route.source.account} is in organization {ours}, {route.destination.account} in {theirs}"
        yield _check("organization", Verdict.PROBLEM, found, "AWS copies between accounts of one organization only")
    elif enabled:
        yield _check("organization", Verdict.FINE, f"both accounts are in {ours}, which has cross-account backup on")


def _policies(route: CopyRoute) -> Iterator[PreflightCheck]:
    yield from _out(route)
    if route.there is None:
        if route.crosses_accounts:
            yield _unseen("policy", route, "what the access policy of the destination says")
        return
    if route.vault is None:
        return
    where = f"the access policy of vault {route.destination.name}"
    try:
        policy = route.there.policy(route.vault)
    except (AccessDeniedError, RejectedError) as error:
        yield _check("policy", Verdict.UNKNOWN, f"{where} could not be read ({error.code})")
        return
    if not route.crosses_accounts:
        if policy is not None and denies(policy, _INTO, (route.vault_arn,)):
            yield _check("policy", Verdict.PROBLEM, f"{where} denies {_INTO} to everybody", "change it")
        return
    who = PolicyCaller(
        role_arn=route.role_arn, account_id=route.source.account, organization_id=route.here.organization_id
    )
    allowed = False if policy is None else allows(policy, _INTO, (route.vault_arn,), who)
    if allowed is False:
        hint = f"let it allow {_INTO} to account {route.source.account}"
        yield _check("policy", Verdict.PROBLEM, f"{where} does not allow {_INTO} to {route.role_arn}", hint)
    elif allowed is None:
        yield _check("policy", Verdict.UNKNOWN, f"{where} has conditions that only AWS can decide")
    else:
        yield _check("policy", Verdict.FINE, f"{where} allows {_INTO} to account {route.source.account}")


def _out(route: CopyRoute) -> Iterator[PreflightCheck]:
    """What the vault that is copied from says."""
    vault = route.here.vaults.get(route.item.vault_arn)
    if vault is None:
        return
    try:
        policy = route.here.policy(vault)
    except (AccessDeniedError, RejectedError) as error:
        found = f"the access policy of vault {vault.backup_vault_name} could not be read ({error.code})"
        yield _check("policy", Verdict.UNKNOWN, found)
        return
    for action in (_FROM, "backup:StartCopyJob"):
        if policy is not None and denies(policy, action, (route.item.point_arn, route.item.vault_arn)):
            found = f"the access policy of vault {vault.backup_vault_name} denies {action} to everybody"
            yield _check("policy", Verdict.PROBLEM, found, "change it, or copy from another vault")


def _key(route: CopyRoute) -> Iterator[PreflightCheck]:
    vault, item = route.vault, route.item
    if item.vault_key:
        if item.air_gapped and vault is not None and vault.vault_type != AIR_GAPPED:
            yield from _own_key(route, vault)
        return
    air_gapped = vault is not None and vault.vault_type == AIR_GAPPED
    if route.crosses_accounts or air_gapped:
        yield from _source_key(route, "an air-gapped vault" if air_gapped else "another account")
    if route.crosses_accounts and vault is not None and not air_gapped:
        yield from _own_key(route, vault)
    elif route.crosses_regions and vault is not None and not air_gapped and _aws_key(route, vault):
        found = f"AWS's pages say that vault {vault.backup_vault_name} needs a key of your own for such copies"
        yield _check("key", Verdict.NOTE, found)


def _source_key(route: CopyRoute, where: str) -> Iterator[PreflightCheck]:
    """Whether the key that encrypts the point lets it go."""
    item = route.item
    if item.key_arn is None:
        # Not encrypted, or not told; a copy to an own key is then no matter of the source's.
        return
    managed = route.here.keys.managed_by_aws(item.key_arn, item.key_type)
    if managed:
        yield _check(
            "key",
            Verdict.PROBLEM,
            f"it is encrypted with a key that AWS manages, and cannot be copied to {where}",
            "copy it first to a vault of another Region of its own account that has a key of your own",
        )
    elif managed is None:
        yield _check("key", Verdict.UNKNOWN, f"whether AWS manages its key {item.key_arn} was not looked at")
    elif route.crosses_accounts:
        found = f"whether the policy of its key lets account {route.destination.account} use it was not looked at"
        yield _check("key", Verdict.UNKNOWN, found)


def _own_key(route: CopyRoute, vault: observe.Vault) -> Iterator[PreflightCheck]:
    """Whether the destination has a key of the customer's own."""
    managed = _aws_key(route, vault)
    name = vault.backup_vault_name
    if managed:
        found = f"vault {name} is encrypted with the key aws/backup, which cannot take such a copy over"
        yield _check("key", Verdict.PROBLEM, found, "name a vault with a KMS key of your own")
    elif managed is None:
        yield _check("key", Verdict.UNKNOWN, f"whether AWS manages the key of vault {name} was not looked at")
    else:
        yield _check("key", Verdict.FINE, f"vault {name} has a key of your own")


def _aws_key(route: CopyRoute, vault: observe.Vault) -> bool | None:
    if route.there is None or vault.encryption_key_arn is None:
        return None
    return route.there.keys.managed_by_aws(vault.encryption_key_arn, vault.encryption_key_type)


def _air_gap(route: CopyRoute) -> Iterator[PreflightCheck]:
    vault, kind = route.vault, type_named(route.item.resource_type)
    if vault is None or vault.vault_type != AIR_GAPPED or kind is None or not kind.copies:
        return
    if not kind.air_gapped:
        found = f"air-gapped vaults do not take points of {kind.name}"
        yield _check("air gap", Verdict.PROBLEM, found, "name a standard vault")
    elif route.item.encrypted is False and kind.name in _ENCRYPTED_ONLY:
        found = f"air-gapped vaults do not take points of {kind.name} that are not encrypted"
        yield _check("air gap", Verdict.PROBLEM, found, "name a standard vault")
    else:
        yield _check("air gap", Verdict.FINE, f"air-gapped vaults take points of {kind.name}")


def _lock(route: CopyRoute) -> Iterator[PreflightCheck]:
    vault, days = route.vault, route.kept_days
    if vault is None or not (vault.locked or vault.vault_type == AIR_GAPPED):
        return
    least, most = vault.min_retention_days, vault.max_retention_days
    kept = "forever" if days is None else f"for {counted(days, 'day')}"
    bounds = f"from {least or 1:,} days on" if most is None else f"{least or 1:,} to {most:,} days"
    if (least is not None and days is not None and days < least) or (
        most is not None and (days is None or days > most)
    ):
        found = f"the copy would be kept {kept}; the lock of vault {vault.backup_vault_name} takes {bounds}"
        yield _check("lock", Verdict.PROBLEM, found, "say keep_days= within it")
    else:
        yield _check("lock", Verdict.FINE, f"the copy is kept {kept}; the lock takes {bounds}")


def _retention(route: CopyRoute) -> Iterator[PreflightCheck]:
    gone, now = route.deleted_at, route.here.caller.transport.clock.now()
    if gone is not None and route.keep_days == FOREVER:
        found = f"-1 does not keep a copy forever: it keeps the point's expiry, {moment(gone)}"
        yield _check("retention", Verdict.NOTE, found, f"say keep_days={MAX_DAYS}")
        return
    if gone is not None and gone <= now and route.keep_days is not None:
        # AWS takes it, and this machine's clock may be another than AWS's: it stops nothing.
        found = (
            f"AWS would delete the copy within hours: its days count from the backup, and are over since {moment(gone)}"
        )
        yield _check("retention", Verdict.NOTE, found, "say a larger keep_days=")
    elif gone is not None:
        yield _check("retention", Verdict.NOTE, f"the copy is kept until {moment(gone)}")


_CHECKS: tuple[Callable[[CopyRoute], Iterator[PreflightCheck]], ...] = (
    _type,
    _role,
    _destination,
    _organization,
    _policies,
    _key,
    _air_gap,
    _lock,
    _retention,
)


def _check(name: str, verdict: Verdict, message: str, hint: str = "") -> PreflightCheck:
    return PreflightCheck(name, verdict, message, hint)


def _unseen(name: str, route: CopyRoute, what: str) -> PreflightCheck:
    arn = route.destination
    hint = f"give a connection to account {arn.account} in {arn.region} with {route.argument}="
    return _check(name, Verdict.UNKNOWN, f"{what} was not looked at", hint)
