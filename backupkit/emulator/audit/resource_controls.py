"""Controls on resources: how they are backed up, how recent their points are, how quick their restores were.

Those on backups ask what plans say, not what was done: "is configured to", "is scheduled" (developer guide, controls).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from backupkit.arn import Arn
from backupkit.emulator.audit.control import Control, Parameter, Terms, age, entries, listing, whole
from backupkit.emulator.audit.view import STANDING, View, titled
from backupkit.emulator.kernel.kinds import kind_named
from backupkit.emulator.model import Document, Finding, Lock, Plan, Point, RestoreJob
from backupkit.emulator.rules import plan_documents, point_store
from backupkit.problems import counted

__all__ = ["COVERAGE", "RECENCY", "RESTORES"]

# ---- By a plan, with copies in other Regions or accounts, into locked vaults ----
# They ask what plans say, not what was done: "is configured to", "is scheduled" (developer guide, controls).


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
        for rule in plan_documents.rules_of(plan)
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
    vaults = (
        point_store.vault_at(view.simulation, arn)
        for rule in plan_documents.rules_of(plan)
        for arn in _targets(view, rule)
    )
    good = (vault.name for vault in vaults if vault is not None and _strict(vault.lock, least, most))
    return next(good, None)


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


COVERAGE = (
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
        parameters=(Parameter("crossAccountList", listing(r"[0-9]{12}", "accounts", _MOST_ACCOUNTS)),),
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


# ---- How recent the recovery points are: anywhere here, and in a logically air-gapped vault ----


_UNIT, _VALUE = "recoveryPointAgeUnit", "recoveryPointAgeValue"
_LAST, _last_flaw = age(_UNIT, _VALUE, hours=(1, 744), days=(1, 31))
_GAPPED, _gapped_flaw = age(_UNIT, _VALUE, hours=(24, 2184), days=(1, 91))
_AIR_GAPPED = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"


def _oldest(view: View, terms: Terms) -> datetime:
    value = int(terms.parameters[_VALUE])
    return view.now - (timedelta(hours=value) if terms.parameters[_UNIT] == "hours" else timedelta(days=value))


def _span(terms: Terms) -> str:
    return f"the last {terms.parameters[_VALUE]} {terms.parameters[_UNIT]}"


def _last_point(view: View, terms: Terms) -> Iterator[Finding]:
    """Points of this account and Region count; a continuous one counts by when it was last brought up to date."""
    oldest, span = _oldest(view, terms), _span(terms)
    for seen in view.resources_in(terms.scope):
        good = any((point.rolled or point.created) >= oldest for point in view.points_of(seen.arn))
        reason = f"It has {'a' if good else 'no'} recovery point of {span}"
        yield view.finding(seen.arn, seen.resource_type, good, reason)


def _in_gapped_vault(view: View, terms: Terms) -> Iterator[Finding]:
    """A copy counts from the moment it was made; types that air-gapped vaults do not take are not evaluated."""
    oldest, span = _oldest(view, terms), _span(terms)
    fresh = {point.resource_arn for point in _gapped(view) if (point.completed or point.created) >= oldest}
    for seen in view.resources_in(terms.scope):
        if kind_named(seen.resource_type).air_gapped:
            good = seen.arn in fresh
            reason = f"It has {'a' if good else 'no'} recovery point of {span} in a logically air-gapped vault"
            yield view.finding(seen.arn, seen.resource_type, good, reason)


def _gapped(view: View) -> Iterator[Point]:
    """The standing points of air-gapped vaults, here or, by choice, in every account and Region."""
    scopes = view.simulation.scopes.values() if view.choices.air_gap_control_sees_other_places else (view.scope,)
    for there in scopes:
        for vault in there.vaults.values():
            if vault.vault_type == _AIR_GAPPED:
                yield from (point for point in vault.points.values() if point.status in STANDING)


RECENCY = (
    Control(
        name="BACKUP_LAST_RECOVERY_POINT_CREATED",
        find=_last_point,
        daily=True,
        scopes=frozenset({"types", "tag", "single"}),
        parameters=_LAST,
        flaw=_last_flaw,
    ),
    Control(
        name="RESOURCES_IN_LOGICALLY_AIR_GAPPED_VAULT",
        find=_in_gapped_vault,
        daily=True,
        scopes=frozenset({"types", "single"}),
        parameters=_GAPPED,
        flaw=_gapped_flaw,
    ),
)


# ---- Whether the latest restore was quick enough ----


_MOST = "maxRestoreTime"
_MOST_MINUTES = 999_999


def _quick_enough(view: View, terms: Terms) -> Iterator[Finding]:
    most = int(terms.parameters[_MOST])
    unknown = False if view.choices.never_restored_misses_target else None
    for seen in view.resources_in(terms.scope):
        job = view.last_restores.get(seen.arn)
        minutes = None if job is None else _minutes(job)
        compliant = unknown if minutes is None else minutes <= most
        reason = "It was never restored" if minutes is None else f"Its latest restore took {counted(minutes, 'minute')}"
        yield view.finding(seen.arn, seen.resource_type, compliant, reason)


def _minutes(job: RestoreJob) -> int:
    """LatestRestoreExecutionTimeMinutes, as DescribeProtectedResource shows it."""
    return int((job.completed - job.created).total_seconds() // 60) if job.completed is not None else 0


RESTORES = (
    Control(
        name="RESTORE_TIME_FOR_RESOURCES_MEET_TARGET",
        find=_quick_enough,
        daily=True,
        scopes=frozenset({"types", "tag", "single"}),
        # The AWS Config rules behind it have no default for it.
        parameters=(Parameter(_MOST, whole(1, _MOST_MINUTES), required=True),),
    ),
)
