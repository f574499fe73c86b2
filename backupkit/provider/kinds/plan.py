"""Plans, and where their points can land."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from backupkit.arn import vault_arn
from backupkit.declare.air_gapped import AirGappedVault
from backupkit.declare.codec.documents import document
from backupkit.declare.plan import Plan
from backupkit.declare.rule import Rule
from backupkit.declare.vault import GovernanceLock, Vault
from backupkit.problems import Problem, Severity
from backupkit.provider.answers import Document, entries, inner, moment, text
from backupkit.provider.checks import retention_problem
from backupkit.provider.kinds.kind import Kind
from backupkit.provider.kinds.observed import World, role_address, vault_addresses
from backupkit.provider.kinds.selection import SELECTION
from backupkit.provider.kinds.vault import bounds
from backupkit.provider.partial import left_alone
from backupkit.provider.protection import shortened, taken_away

__all__ = ["PLAN"]


def _ours(entry: Document) -> bool:
    """Not one of an organization's policy, which is read-only here, nor a deleted one."""
    return moment(entry, "DeletionDate") is None and not text(entry, "BackupPlanId").startswith("orgs/")


def _read(answer: Document) -> Document:
    # AdvancedBackupSettings come back beside the plan, not in it.
    settings = entries(answer, "AdvancedBackupSettings")
    beside = {"AdvancedBackupSettings": settings} if settings else {}
    return {**inner(answer, "BackupPlan"), **beside} if moment(answer, "DeletionDate") is None else {}


@attrs.frozen
class _TargetVaults:
    """Where points can land once the changes are made.

    Args:
        there: The vaults that there will be, by name and by ARN, each with the bounds of its lock.
        going: The names and ARNs of vaults that the changes delete.
        returned: The names of vaults whose locks are declared, so that the stack by itself has told about them.
    """

    there: Mapping[str, GovernanceLock | None]
    going: frozenset[str]
    returned: frozenset[str]


def _target_vaults(world: World) -> _TargetVaults:
    declared = world.declared(Vault)
    going = {vault.name: vault for word in ("vault", "air_gapped_vault") for vault in world.going(word)}
    there: dict[str, GovernanceLock | None] = {}
    for held in world.found("vault"):
        if held.name not in going:
            there[held.name] = there[held.arn] = bounds(held.listed)
    kept = {vault.name for vault in declared if vault.name in there and _keeps_its_lock(world, vault)}
    locks = {vault.name: vault.lock for vault in declared if vault.name not in kept}
    there.update(locks)
    place = world.account
    if place is not None:
        locks |= {vault.name: vault.bounds for vault in world.declared(AirGappedVault)}
        for name, lock in locks.items():
            arn = vault_arn(name, region=place.region, account=place.account, partition=place.partition)
            there[str(arn)] = lock
    gone = frozenset(going) | {vault.arn for vault in going.values()}
    return _TargetVaults(there, gone, frozenset(vault.name for vault in declared) - kept)


def _keeps_its_lock(world: World, vault: Vault) -> bool:
    """Whether the lock that a declared vault has stays as it is, whatever is declared."""
    held = next(iter(world.found("vault", vault.name)), None)
    return vault.is_existing or "lock" in left_alone(world.owner, vault, held)


def _checks(world: World, plan: Plan) -> Iterator[Problem]:
    found = world.once(_target_vaults)
    yield from (each for each in _target_problems(plan, found) if each.severity is Severity.ERROR)
    # The stack by itself has told about them.
    lenient = attrs.evolve(found, there={**found.there, **dict.fromkeys(found.returned)})
    yield from (each for each in _target_problems(plan, lenient) if each.severity is Severity.WARNING)


def _target_problems(plan: Plan, targets: _TargetVaults) -> Iterator[Problem]:
    """Rules and copies that land where there is no vault, or where its lock refuses them.

    AWS takes such a plan, and then fails every job.
    """
    there = targets.there
    for rule in plan.rules:
        yield from _missing_vaults(rule, targets)
        yield from retention_problem(rule.address, rule.lifecycle, there.get(rule.vault), rule.vault)
        if rule.air_gapped_vault is not None:
            gapped = there.get(rule.air_gapped_vault)
            yield from retention_problem(rule.address, rule.lifecycle, gapped, rule.air_gapped_vault)
        for copy in rule.copies:
            address, lifecycle = f"{rule.address}/{copy.address}", copy.lifecycle
            yield from retention_problem(address, lifecycle, there.get(copy.vault), copy.vault, rule.lifecycle)


def _missing_vaults(rule: Rule, targets: _TargetVaults) -> Iterator[Problem]:
    named = [(f"{rule.address}/vault", rule.vault)]
    named += [(f"{rule.address}/{copy.address}/vault", copy.vault) for copy in rule.copies]
    for address, vault in named:
        if vault in targets.going:
            yield Problem(
                address,
                f"the stack no longer declares the vault {vault!r}, so it would be deleted, and points land in it",
                "declare the vault again, or change the plan as well",
            )
    if rule.vault not in targets.there and rule.vault not in targets.going:
        yield Problem(
            f"{rule.address}/vault",
            f"there is no vault {rule.vault!r} here: AWS takes the plan and fails every job",
            "declare the vault in the stack, or create it first",
        )


def _needs(plan: Plan) -> Iterator[str]:
    for rule in plan.rules:
        arns = (*(copy.vault for copy in rule.copies), *filter(None, (rule.air_gapped_vault,)))
        yield from vault_addresses((rule.vault, *arns))
    yield from (role_address(setting.scanner_role_arn) for setting in plan.scan_settings)


PLAN = Kind(
    cls=Plan,
    list="ListBackupPlans",
    get="GetBackupPlan",
    body="BackupPlan",
    id="BackupPlanId",
    name="BackupPlanName",
    arn="BackupPlanArn",
    created="CreationDate",
    create="CreateBackupPlan",
    update="UpdateBackupPlan",
    delete="DeleteBackupPlan",
    tags="BackupPlanTags",
    unique=False,
    children=(SELECTION,),
    ours=_ours,
    read=_read,
    changed=lambda plan, _: document(plan),
    needs=_needs,
    checks=_checks,
    takes_away=taken_away,
    warnings=shortened,
)
