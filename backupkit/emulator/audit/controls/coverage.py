"""Controls on how resources are backed up: by a plan, with copies in other Regions or accounts, into locked vaults.

They ask what plans say, not what was done: "is configured to", "is scheduled" (developer guide, controls).
"""

from __future__ import annotations

from collections.abc import Iterator

from backupkit.arn import Arn
from backupkit.emulator.audit.controls.control import Control, Terms
from backupkit.emulator.audit.parameters import Parameter, entries, listing, whole
from backupkit.emulator.audit.view import View, rules_of, titled
from backupkit.emulator.kernel.kinds import kind_named
from backupkit.emulator.model import Document, Finding, Lock, Plan, Vault

__all__ = ["CONTROLS"]

_EVERYWHERE = frozenset({"types", "tag", "single"})
_MOST_DAYS = 36_500
_MOST_REGIONS = 50
_MOST_ACCOUNTS = 5


def _protected(view: View, terms: Terms) -> Iterator[Finding]:
    for seen in view.resources_in(terms.scope):
        plans = view.plans_of.get(seen.arn)
        reason = f"Backup plan {titled(plans[0])} includes it" if plans else "No backup plan includes it"
        yield view.finding(seen.arn, seen.resource_type, bool(plans), reason)


def _copied_to_regions(view: View, terms: Terms) -> Iterator[Finding]:
    here = view.scope.region_name
    regions = {plan.id: {arn.region for arn in _destinations(plan)} - {here} for plan in view.plans}
    return _copied(view, terms, regions, entries(terms.parameters.get("crossRegionList")), "Region")


def _copied_to_accounts(view: View, terms: Terms) -> Iterator[Finding]:
    here = view.scope.account_id
    accounts = {plan.id: {arn.account for arn in _destinations(plan)} - {here} for plan in view.plans}
    return _copied(view, terms, accounts, entries(terms.parameters.get("crossAccountList")), "account")


def _destinations(plan: Plan) -> list[Arn]:
    """The vaults that a plan's rules copy to."""
    return [
        Arn.parse(action["DestinationBackupVaultArn"])
        for rule in rules_of(plan)
        for action in rule.get("CopyActions") or ()
    ]


def _copied(
    view: View, terms: Terms, destinations: dict[str, set[str]], wanted: tuple[str, ...], what: str
) -> Iterator[Finding]:
    """Whether the plans of each resource copy to another place, and to the wanted ones where such are named."""
    enough = set(wanted).issubset if view.choices.copy_controls_need_every_destination else set(wanted).intersection
    for seen in view.resources_in(terms.scope):
        if kind_named(seen.resource_type).copies:
            plans = view.plans_of.get(seen.arn, ())
            found = set[str]().union(*(destinations[plan.id] for plan in plans))
            compliant = bool(found) and (not wanted or bool(enough(found)))
            reason = f"Its backups are copied to {what} {', '.join(sorted(found)) or 'none'}"
            yield view.finding(seen.arn, seen.resource_type, compliant, reason)


def _locked(view: View, terms: Terms) -> Iterator[Finding]:
    locked = {plan.id: _lock_of(view, terms, plan) for plan in view.plans}
    for seen in view.resources_in(terms.scope):
        vaults = (locked[plan.id] for plan in view.plans_of.get(seen.arn, ()))
        vault = next(filter(None, vaults), None)
        reason = f"Its backups go to the locked vault {vault}" if vault else "No plan backs it up into a locked vault"
        yield view.finding(seen.arn, seen.resource_type, vault is not None, reason)


def _lock_of(view: View, terms: Terms, plan: Plan) -> str | None:
    """The first vault that a plan backs up into whose lock is as strict as the terms ask; None where there is none."""
    least, most = terms.days("minRetentionDays"), terms.days("maxRetentionDays")
    vaults = (_vault(view, arn) for rule in rules_of(plan) for arn in _targets(view, rule))
    good = (vault.name for vault in vaults if vault is not None and _strict(vault.lock, least, most))
    return next(good, None)


def _vault(view: View, arn: Arn) -> Vault | None:
    there = view.simulation.scopes.get((arn.account, arn.region))
    return there.vaults.get(arn.name) if there is not None else None


def _targets(view: View, rule: Document) -> Iterator[Arn]:
    yield Arn.parse(view.scope.arn(f"backup-vault:{rule['TargetBackupVaultName']}"))
    if rule.get("TargetLogicallyAirGappedBackupVaultArn"):
        yield Arn.parse(rule["TargetLogicallyAirGappedBackupVaultArn"])
    if view.choices.lock_control_counts_copies:
        yield from (Arn.parse(action["DestinationBackupVaultArn"]) for action in rule.get("CopyActions") or ())


def _strict(lock: Lock | None, least: int | None, most: int | None) -> bool:
    """Whether a lock, governance or compliance, keeps at least ``least`` and at most ``most`` days."""
    if lock is None:
        return False
    long_enough = least is None or (lock.min_retention_days or 0) >= least
    short_enough = most is None or (lock.max_retention_days is not None and lock.max_retention_days <= most)
    return long_enough and short_enough


def _crossed(given: dict[str, str]) -> str | None:
    least, most = given.get("minRetentionDays"), given.get("maxRetentionDays")
    if least is not None and most is not None and int(least) > int(most):
        return "minRetentionDays cannot be greater than maxRetentionDays"
    return None


CONTROLS = (
    Control(
        name="BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN",
        find=_protected,
        daily=True,
        scopes=_EVERYWHERE,
    ),
    Control(
        name="BACKUP_RESOURCES_PROTECTED_BY_CROSS_REGION",
        find=_copied_to_regions,
        daily=True,
        scopes=_EVERYWHERE,
        parameters=(Parameter("crossRegionList", listing(r"[a-z]{2,4}(-[a-z]+)+-\d+", "Regions", _MOST_REGIONS)),),
    ),
    Control(
        name="BACKUP_RESOURCES_PROTECTED_BY_CROSS_ACCOUNT",
        find=_copied_to_accounts,
        daily=True,
        scopes=_EVERYWHERE,
        parameters=(Parameter("crossAccountList", listing(r"\d{12}", "accounts", _MOST_ACCOUNTS)),),
    ),
    Control(
        name="BACKUP_RESOURCES_PROTECTED_BY_BACKUP_VAULT_LOCK",
        find=_locked,
        daily=True,
        scopes=_EVERYWHERE,
        parameters=(
            Parameter("minRetentionDays", whole(1, _MOST_DAYS)),
            Parameter("maxRetentionDays", whole(1, _MOST_DAYS)),
        ),
        flaw=_crossed,
    ),
)
