"""The tables of vaults, plans and protected resources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from backupkit.display import moment
from backupkit.tables.columns import Column, ColumnType, RecordForm

if TYPE_CHECKING:
    from backupkit import observe

__all__ = ["PLANS", "PROTECTED_RESOURCES", "VAULTS"]

TEXT, CATEGORY, COUNT = ColumnType.TEXT, ColumnType.CATEGORY, ColumnType.COUNT
FLAG, MOMENT = ColumnType.FLAG, ColumnType.MOMENT


def _lock(vault: observe.Vault) -> str:
    if not vault.locked:
        return "none"
    return "governance" if vault.lock_date is None else "compliance"


def _locks(vaults: Sequence[observe.Vault]) -> Iterator[str]:
    return map(_lock, vaults)


def _vault(vault: observe.Vault) -> dict[str, str]:
    return {
        "vault": vault.backup_vault_name or "",
        "type": vault.vault_type or "",
        "points": _number(vault.number_of_recovery_points),
        "lock": _lock(vault),
        "least days": _number(vault.min_retention_days),
        "most days": _number(vault.max_retention_days),
        "created": moment(vault.creation_date),
        "key": vault.encryption_key_arn or "",
    }


def _vault_totals(vaults: Sequence[observe.Vault]) -> Iterable[tuple[str, str]]:
    yield "recovery points", f"{sum(vault.number_of_recovery_points or 0 for vault in vaults):,}"
    yield "locked", f"{sum(bool(vault.locked) for vault in vaults):,} of {len(vaults):,}"


def _plan(plan: observe.Plan) -> dict[str, str]:
    return {
        "plan": plan.backup_plan_name or "",
        "id": plan.backup_plan_id or "",
        "created": moment(plan.creation_date),
        "last run": moment(plan.last_execution_date),
        "deleted": moment(plan.deletion_date),
    }


def _resource(resource: observe.ProtectedResource) -> dict[str, str]:
    return {
        "resource": resource.resource_arn or "",
        "type": resource.resource_type or "",
        "name": resource.resource_name or "",
        "last backup": moment(resource.last_backup_time),
        "last vault": (resource.last_backup_vault_arn or "").rpartition(":")[2],
    }


def _number(count: int | None) -> str:
    return "" if count is None else f"{count:,}"


VAULTS = RecordForm(
    noun="vault",
    columns=(
        Column("backup_vault_name", TEXT, "The vault's name"),
        Column("backup_vault_arn", TEXT, "Its ARN"),
        Column("vault_type", CATEGORY, "`BACKUP_VAULT` or `LOGICALLY_AIR_GAPPED_BACKUP_VAULT`"),
        Column("vault_state", CATEGORY, "`AVAILABLE`, or what it is on its way to"),
        Column("number_of_recovery_points", COUNT, "How many points it holds"),
        Column("lock", CATEGORY, "`none`, `governance` or `compliance`", _locks),
        Column("locked", FLAG, "Whether it has a lock"),
        Column("lock_date", MOMENT, "When a compliance lock becomes final"),
        Column("min_retention_days", COUNT, "The fewest days that its lock lets points be kept"),
        Column("max_retention_days", COUNT, "The most days"),
        Column("encryption_key_arn", CATEGORY, "The key that encrypts it"),
        Column("encryption_key_type", CATEGORY, "Whose key that is"),
        Column("creation_date", MOMENT, "When it was made"),
        Column("source_backup_vault_arn", CATEGORY, "Of a restore access vault: the vault that it gives access to"),
    ),
    cells=_vault,
    right=frozenset({"points", "least days", "most days"}),
    totals=_vault_totals,
)

PLANS = RecordForm(
    noun="plan",
    columns=(
        Column("backup_plan_name", TEXT, "The plan's name"),
        Column("backup_plan_id", TEXT, "Its id"),
        Column("backup_plan_arn", TEXT, "Its ARN"),
        Column("version_id", TEXT, "The version"),
        Column("creation_date", MOMENT, "When this version was made"),
        Column("last_execution_date", MOMENT, "When it last started a job"),
        Column("deletion_date", MOMENT, "When it was deleted"),
        Column("creator_request_id", TEXT, "What whoever made it called the request"),
    ),
    cells=_plan,
)

PROTECTED_RESOURCES = RecordForm(
    noun="protected resource",
    columns=(
        Column("resource_arn", TEXT, "The resource"),
        Column("resource_type", CATEGORY, "AWS Backup's word for its type"),
        Column("resource_name", TEXT, "Its name, where AWS knows one"),
        Column("last_backup_time", MOMENT, "When it was last backed up"),
        Column("last_backup_vault_arn", CATEGORY, "Into which vault"),
        Column("last_recovery_point_arn", TEXT, "The point that was made"),
    ),
    cells=_resource,
)
