"""The vaults of one account in one Region, and what else there decides about copies. Everything is read once."""

from __future__ import annotations

from functools import cached_property

from backupkit import observe
from backupkit.arn import Arn
from backupkit.errors import AccessDeniedError, InvalidValueError, NeighbourError, NotFoundError, RejectedError
from backupkit.neighbours.identity import account_of_caller
from backupkit.problems import Problem
from backupkit.recover.caller import Caller

__all__ = ["AIR_GAPPED", "RESTORE_ACCESS", "KeyKinds", "RegionVaults", "destination_of"]

AIR_GAPPED = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"
RESTORE_ACCESS = "RESTORE_ACCESS_BACKUP_VAULT"
_MANAGED_ALIAS = ":alias/aws/"
_UNREADABLE = (AccessDeniedError, RejectedError, NotFoundError)


class RegionVaults:
    """What a connection sees of its own account and Region.

    Args:
        caller: The connection.
        copies_across_accounts: Whether cross-account copies are turned on, where that is known; None: AWS is asked.
    """

    def __init__(self, caller: Caller, *, copies_across_accounts: bool | None = None) -> None:
        self.caller = caller
        self._copies_across_accounts = copies_across_accounts
        self.keys = KeyKinds(caller)
        self.is_readable = True
        """Whether the vaults may be listed, once that was tried."""
        self._policies: dict[str, str | None] = {}

    @property
    def region_name(self) -> str:
        """The Region."""
        return self.caller.transport.region_name

    @cached_property
    def vaults(self) -> dict[str, observe.Vault]:
        """The account's own vaults here by their ARNs."""
        try:
            listed = list(self.caller.listed("ListBackupVaults", observe.Vault, {}))
        except AccessDeniedError:
            self.is_readable = False
            listed = []
        return {vault.backup_vault_arn or "": vault for vault in listed}

    @cached_property
    def shared(self) -> dict[str, observe.Vault]:
        """The vaults that other accounts share with this one, by their ARNs."""
        try:
            listed = list(self.caller.listed("ListBackupVaults", observe.Vault, {"ByShared": True}))
        except _UNREADABLE:
            listed = []
        return {vault.backup_vault_arn or "": vault for vault in listed}

    @cached_property
    def account_id(self) -> str | None:
        """The account, as the ARN of any vault tells it, else STS; None where nobody does."""
        if found := next((Arn.parse(arn).account for arn in self.vaults), None):
            return found
        return account_of_caller(self.caller.neighbours) or None

    def is_place_of(self, arn: Arn) -> bool:
        """Whether a vault with this ARN would be here."""
        return (arn.account, arn.region) == (self.account_id, self.region_name)

    def policy(self, vault: observe.Vault) -> str | None:
        """The access policy of a vault; None where it has none.

        Raises:
            AccessDeniedError: It may not be read.
            RejectedError: Likewise.
        """
        name = vault.backup_vault_name or ""
        if name not in self._policies:
            try:
                params = {"BackupVaultName": name}
                answer = self.caller.fetch("GetBackupVaultAccessPolicy", observe.VaultAccessPolicy, params)
                self._policies[name] = answer.policy
            except NotFoundError:
                self._policies[name] = None
        return self._policies[name]

    @cached_property
    def copies_across_accounts(self) -> bool | None:
        """Whether the organization has turned cross-account copies on; None where that may not be read."""
        if self._copies_across_accounts is not None:
            return self._copies_across_accounts
        try:
            settings = self.caller.fetch("DescribeGlobalSettings", observe.GlobalSettings, {}).global_settings or {}
        except RejectedError:
            # AWS refuses the question to accounts that are in no organization (botocore model).
            return False
        except (AccessDeniedError, NotFoundError):
            return None
        return settings.get("isCrossAccountBackupEnabled") == "true"

    @cached_property
    def organization_id(self) -> str | None:
        """The organization of the account; None where nobody can tell."""
        try:
            answer = self.caller.neighbours.ask("organizations", "describe_organization", {})
        except NeighbourError:
            return None
        return None if answer is None else str(answer["Organization"]["Id"])


class KeyKinds:
    """Whose keys are: the customer's, or ones that AWS manages, whose policies nobody can change.

    Args:
        caller: A connection to the account and Region of the keys.
    """

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._known: dict[str, bool | None] = {}

    def managed_by_aws(self, key_arn: str, key_type: str | None = None) -> bool | None:
        """Whether AWS manages a key; None where nobody can tell.

        Args:
            key_arn: Its ARN.
            key_type: What AWS Backup says of it.
        """
        if key_arn not in self._known:
            self._known[key_arn] = True if _MANAGED_ALIAS in key_arn else self._is_allowed(key_arn)
        known = self._known[key_arn]
        return False if known is None and key_type == "CUSTOMER_MANAGED_KMS_KEY" else known

    def _is_allowed(self, key_arn: str) -> bool | None:
        try:
            answer = self._caller.neighbours.ask("kms", "describe_key", {"KeyId": key_arn})
        except NeighbourError:
            return None
        return None if answer is None else answer["KeyMetadata"].get("KeyManager") == "AWS"


def destination_of(here: RegionVaults, vault_arn: str, given: Caller | None, where: str) -> RegionVaults | None:
    """Return what is seen of the account and Region of a vault; None where nothing is.

    Args:
        here: What the connection of the points sees.
        vault_arn: The vault.
        given: The connection that the caller gave for it.
        where: The name of that argument, for messages.

    Raises:
        InvalidValueError: The connection that was given is to another account or Region.
    """
    target = Arn.parse(vault_arn)
    if given is None:
        return here if here.is_place_of(target) else None
    there = RegionVaults(given)
    if there.region_name != target.region or there.account_id not in {None, target.account}:
        what = (
            f"the connection is to account {there.account_id or 'unknown'} in {there.region_name}, not to {vault_arn}"
        )
        raise InvalidValueError(Problem(where, what, "connect to the vault's account and Region"))
    return here if here.is_place_of(target) else there
