"""What an AWS Backup holds: vaults, plans, protected resources; to go through, or to look up by name."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from backupkit import observe
from backupkit.arn import Arn
from backupkit.checks import must_be_bools, must_be_bools_or_none
from backupkit.declare.air_gapped import AirGappedVault
from backupkit.declare.plan import Plan
from backupkit.declare.vault import Vault
from backupkit.declare.vault_name import VaultOrName
from backupkit.errors import AmbiguousNameError, NotFoundError
from backupkit.problems import Problem, quote
from backupkit.recover.arguments import check_arn, check_name, check_vault
from backupkit.recover.caller import Caller
from backupkit.tables import LazyTable, RecordForm
from backupkit.tables.forms import PLANS, PROTECTED_RESOURCES, VAULTS
from backupkit.transport.unpicklable import Bound

__all__ = ["Plans", "ProtectedResources", "Vaults"]


@attrs.frozen(repr=False)
class Vaults(LazyTable[observe.Vault], Bound):
    """The vaults of one place."""

    _caller: Caller = attrs.field(repr=False)

    def _form(self) -> RecordForm:
        return VAULTS

    def _question(self) -> str:
        return self._caller.transport.region_name

    def _first_page(self) -> list[observe.Vault]:
        return next(self._caller.paged("ListBackupVaults", observe.Vault, {}), [])

    def __iter__(self) -> Iterator[observe.Vault]:
        return self.listed()

    def listed(self, *, vault_type: str | None = None, shared: bool | None = None) -> Iterator[observe.Vault]:
        """The vaults, a page at a time.

        Args:
            vault_type: Only of this type, for example ``LOGICALLY_AIR_GAPPED_BACKUP_VAULT``.
            shared: Only those that are, or are not, shared with this account.
        """
        must_be_bools_or_none("vaults", shared=shared)
        return self._caller.listed("ListBackupVaults", observe.Vault, {"ByVaultType": vault_type, "ByShared": shared})

    def get(self, name: VaultOrName) -> observe.Vault:
        """The vault with this name, or the one that a declared vault stands for.

        AWS answers AccessDenied for a vault that does not exist, so whether it does is decided by listing.

        Raises:
            NotFoundError: There is none of that name.
        """
        wanted = check_vault(name, "vaults")
        names = []
        for vault in self:
            if vault.backup_vault_name == wanted:
                return self._caller.fetch("DescribeBackupVault", observe.Vault, {"BackupVaultName": wanted})
            names.append(vault.backup_vault_name or "")
        seen = ", ".join(names[:10]) + (" …" if len(names) > 10 else "") if names else "none"
        raise NotFoundError(
            "ListBackupVaults",
            "ResourceNotFoundException",
            f"There is no vault {quote(wanted)} here; there are: {seen}.",
        )

    def __contains__(self, name: object) -> bool:
        wanted = name.name if isinstance(name, (Vault, AirGappedVault)) else name
        return any(vault.backup_vault_name == wanted for vault in self)


@attrs.frozen(repr=False)
class Plans(LazyTable[observe.Plan], Bound):
    """The plans of one place."""

    _caller: Caller = attrs.field(repr=False)

    def _form(self) -> RecordForm:
        return PLANS

    def _question(self) -> str:
        return self._caller.transport.region_name

    def _first_page(self) -> list[observe.Plan]:
        return next(self._caller.paged("ListBackupPlans", observe.Plan, {}), [])

    def __iter__(self) -> Iterator[observe.Plan]:
        return self.listed()

    def listed(self, *, include_deleted: bool = False) -> Iterator[observe.Plan]:
        """The plans, a page at a time; without their rules, which `get` brings."""
        must_be_bools("plans", include_deleted=include_deleted)
        params = {"IncludeDeleted": True if include_deleted else None}
        return self._caller.listed("ListBackupPlans", observe.Plan, params)

    def get(self, plan: Plan | str) -> observe.Plan:
        """The plan with this name or id, or the one that a declared plan stands for, with its rules.

        Raises:
            InvalidValueError: It is something else, such as an ARN.
            NotFoundError: There is none.
            AmbiguousNameError: Several plans carry the name; give an id.
        """
        wanted = check_name(plan.name if isinstance(plan, Plan) else plan, "plans", "a plan, or its id")
        found = [each for each in self if wanted in (each.backup_plan_name, each.backup_plan_id)]
        ids = tuple(each.backup_plan_id or "" for each in found)
        if not found:
            raise NotFoundError(
                "ListBackupPlans", "ResourceNotFoundException", f"There is no plan {quote(wanted)} here."
            )
        if len(found) > 1:
            raise AmbiguousNameError(
                Problem(
                    "plans",
                    f"{len(found)} plans are called {quote(wanted)}",
                    f"give one of their ids: {', '.join(ids)}",
                ),
                ids,
            )
        return self._caller.fetch("GetBackupPlan", observe.Plan, {"BackupPlanId": ids[0]})

    def versions(self, plan_id: str) -> Iterator[observe.Plan]:
        """Every version of a plan."""
        return self._caller.listed("ListBackupPlanVersions", observe.Plan, {"BackupPlanId": plan_id})

    def selections(self, plan_id: str) -> Iterator[observe.Selection]:
        """The selections of a plan, without their content, which `selection` brings."""
        return self._caller.listed("ListBackupSelections", observe.Selection, {"BackupPlanId": plan_id})

    def selection(self, plan_id: str, selection_id: str) -> observe.Selection:
        """One selection with its content."""
        params = {"BackupPlanId": plan_id, "SelectionId": selection_id}
        return self._caller.fetch("GetBackupSelection", observe.Selection, params)


@attrs.frozen(repr=False)
class ProtectedResources(LazyTable[observe.ProtectedResource], Bound):
    """Resources that have points."""

    _caller: Caller = attrs.field(repr=False)

    def _form(self) -> RecordForm:
        return PROTECTED_RESOURCES

    def _question(self) -> str:
        return self._caller.transport.region_name

    def _first_page(self) -> list[observe.ProtectedResource]:
        return next(self._caller.paged("ListProtectedResources", observe.ProtectedResource, {}), [])

    def __iter__(self) -> Iterator[observe.ProtectedResource]:
        return self._caller.listed("ListProtectedResources", observe.ProtectedResource, {})

    def in_vault(self, vault: VaultOrName, *, account_id: str | None = None) -> Iterator[observe.ProtectedResource]:
        """Those with points in one vault; ``account_id`` is its owner, where that is another account."""
        params = {"BackupVaultName": check_vault(vault, "in_vault"), "BackupVaultAccountId": account_id}
        return self._caller.listed("ListProtectedResourcesByBackupVault", observe.ProtectedResource, params)

    def get(self, arn: Arn | str) -> observe.ProtectedResource:
        """One of them.

        Raises:
            InvalidValueError: The text is not an ARN.
            NotFoundError: It has no points here.
        """
        arn = check_arn(arn, "protected_resources")
        return self._caller.fetch("DescribeProtectedResource", observe.ProtectedResource, {"ResourceArn": arn})
