"""What no operation of AWS Backup can do: found an organization, share a vault, speak for an approval team."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping

import attrs

from backupkit import checks
from backupkit.arn import Arn, is_account, spelled
from backupkit.declare.air_gapped import AirGappedVault
from backupkit.emulator.iam import identities
from backupkit.emulator.kernel.plain_values import text, texts
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import ApprovalSession, Identity, Organization, Vault
from backupkit.emulator.rules import holds, organizations, vault_access
from backupkit.errors import ConfigurationError
from backupkit.problems import quote

__all__ = ["Accounts", "Approval"]

_ORGANIZATION = re.compile(r"o-[a-z0-9]{10,32}")
_SPACE = uuid.UUID("0e7d2f0f-0b1a-4b43-9c43-6a1f6a6b2c55")


@attrs.frozen
class Approval:
    """A request that an approval team has not answered yet.

    Args:
        session_arn: Names it.
        operation: What is asked for, for example ``CreateRestoreAccessBackupVault``.
        vault_arn: The logically air-gapped vault that it is about.
        comment: What the one who asks says.
    """

    session_arn: str
    operation: str
    vault_arn: str
    comment: str | None = None


class Accounts:
    """The accounts of one local world, as AWS Organizations, AWS RAM, STS and approvers would arrange them.

    Reach it as `LocalService.accounts`. Vaults are those of the account and Region that the door stands in.
    """

    def __init__(self, simulation: Simulation, account_id: str, region_name: str) -> None:
        self._simulation = simulation
        self._account_id = account_id
        self._region_name = region_name

    def organize(
        self,
        *members: str,
        management: str | None = None,
        delegated: Iterable[str] = (),
        units: Mapping[str, str] | None = None,
        organization_id: str | None = None,
    ) -> str:
        """Put accounts into an organization of their own, out of any that they are in.

        An organization that loses its management account is dissolved, and one that is told again begins again.

        Args:
            members: The accounts, 12 digits each.
            management: The account that manages it; the caller's by default. It is a member, too.
            delegated: The members that administer AWS Backup for all.
            units: The organizational units that members are below, outermost first: ``{"1111...": "ou-a/ou-b"}``.
            organization_id: As ``o-exampleorgid``; one that the management account decides by default.

        Returns:
            The organization's id.

        Raises:
            ConfigurationError: An account or id is none, or a delegated account or one below a unit is not a member.
        """
        manager = self._account_id if management is None else text(management, "accounts/management")
        everyone = {manager, *(text(member, "accounts/members") for member in members)}
        below, where = texts(units, "accounts/units"), "accounts/delegated"
        administer = frozenset(text(each, where) for each in checks.texts(delegated, where))
        _check(everyone, {*administer, *below})
        found = _organization(organization_id, manager, everyone, administer, below)
        with self._simulation.lock:
            self._simulation.happenings += 1
            self._dissolve(found)
            for account_id in sorted(everyone):
                self._simulation.account(account_id).organization = found
        return found.id

    def _dissolve(self, new: Organization) -> None:
        """Let go of the members of each organization that cannot stand beside the new one."""
        for account in self._simulation.accounts.values():
            old = account.organization
            if old is not None and (old.id == new.id or old.management in new.units):
                account.organization = None

    def organization_of(self, account_id: str) -> str | None:
        """The id of the account's organization; None outside of any.

        Raises:
            ConfigurationError: The text is not an account.
        """
        _must_be_account(account_id)
        with self._simulation.lock:
            return organizations.identifier(self._simulation, account_id)

    def share(self, vault_name: AirGappedVault | str, *, with_account: str) -> None:
        """Share a logically air-gapped vault with an account, as AWS RAM does once the invitation is accepted.

        Raises:
            ConfigurationError: The vault is not there or of another kind, or the account is none or its own.
        """
        if not is_account(with_account) or with_account == self._account_id:
            raise ConfigurationError(f"{quote(with_account)} is not another account: give 12 digits")
        with self._simulation.lock:
            vault = self._vault(vault_name)
            if vault.vault_type != "LOGICALLY_AIR_GAPPED_BACKUP_VAULT":
                raise ConfigurationError(
                    f"{vault.name} is not a logically air-gapped vault: AWS RAM shares no other kind"
                )
            self._simulation.happenings += 1
            vault.sharing.accounts.add(str.__str__(with_account))

    def unshare(self, vault_name: AirGappedVault | str, *, with_account: str) -> None:
        """Take back `share`; where it was not shared, that is so already.

        Raises:
            ConfigurationError: The vault is not there, or the account is none.
        """
        _must_be_account(with_account)
        with self._simulation.lock:
            self._simulation.happenings += 1
            self._vault(vault_name).sharing.accounts.discard(with_account)
            holds.cut_off_access_points(self._simulation)

    def _vault(self, vault: AirGappedVault | str) -> Vault:
        name = vault.name if isinstance(vault, AirGappedVault) else vault
        vaults = self._simulation.scope(self._account_id, self._region_name).vaults
        found = vaults.get(name) if isinstance(name, str) else None
        if found is None:
            raise ConfigurationError(
                f"there is no vault {quote(name)} in account {self._account_id}, {self._region_name}: create it first"
            )
        return found

    def pending(self) -> list[Approval]:
        """Every request in any account that an approval team has not answered yet, oldest first."""
        with self._simulation.lock:
            waiting = [session for session in self._sessions() if session.status == "PENDING"]
        waiting.sort(key=lambda session: session.created)
        return [Approval(each.arn, each.operation, each.vault_arn, each.comment) for each in waiting]

    def approve(self, approval: Approval | Arn | str) -> None:
        """Let the team approve a request, given as `pending` tells it or as its session's ARN.

        Raises:
            ConfigurationError: It is not there, or answered already.
        """
        with self._simulation.lock:
            self._simulation.happenings += 1
            vault_access.approve_session(self._simulation, self._session(approval))

    def deny(self, approval: Approval | Arn | str) -> None:
        """Let the team deny a request; like `approve`."""
        with self._simulation.lock:
            self._simulation.happenings += 1
            vault_access.deny_session(self._simulation, self._session(approval))

    def _sessions(self) -> list[ApprovalSession]:
        return [session for scope in self._simulation.scopes.values() for session in scope.approvals.values()]

    def _session(self, approval: Approval | Arn | str) -> ApprovalSession:
        arn = approval.session_arn if isinstance(approval, Approval) else spelled(approval)
        found = next((session for session in self._sessions() if session.arn == arn), None)
        if found is None or found.status != "PENDING":
            raise ConfigurationError(f"no approval session is pending under {quote(arn)}: take one of pending()")
        return found

    def admit_credentials(self, access_key_id: str, caller: Arn | str | Identity) -> None:
        """Let requests that are signed with temporary credentials come from a role or user of its account.

        Args:
            access_key_id: As STS gave it, ``ASIA...``.
            caller: The ARN that STS tells, ``arn:aws:sts::222222222222:assumed-role/restore/me``; or an `Identity`,
                where policies ask for the unique id, too.

        Raises:
            ConfigurationError: The key is empty or an account's id, or the ARN is of no caller.
        """
        if is_account(access_key_id):
            raise ConfigurationError(
                f"{quote(access_key_id)} is an account, and its root calls with it: give a key like ASIAEXAMPLE"
            )
        if not isinstance(access_key_id, str) or re.fullmatch(r"\w{3,128}", access_key_id) is None:
            raise ConfigurationError(f"{quote(access_key_id)} is not an access key id: give one like ASIAEXAMPLE")
        identity = identities.caller(caller, None)
        account_id = identities.account_of(identity)
        with self._simulation.lock:
            self._simulation.happenings += 1
            self._simulation.account(account_id).credentials[str.__str__(access_key_id)] = identity


def _must_be_account(value: object) -> None:
    if not is_account(value):
        raise ConfigurationError(f"{quote(value)} is not an account: give 12 digits, as text")


def _check(everyone: set[str], named: set[str]) -> None:
    for account_id in sorted(everyone):
        _must_be_account(account_id)
    if foreign := sorted(named - everyone):
        raise ConfigurationError(f"{quote(foreign[0])} is not a member: name it among the members, too")


def _organization(
    named_id: str | None, manager: str, everyone: set[str], delegated: frozenset[str], units: Mapping[str, str]
) -> Organization:
    digits = uuid.uuid5(_SPACE, manager).hex
    found = f"o-{digits[:10]}" if named_id is None else text(named_id, "accounts/organization_id")
    if not _ORGANIZATION.fullmatch(found):
        raise ConfigurationError(f"{quote(found)} is not an organization: give o- and 10 to 32 small letters or digits")
    below = {account_id: units.get(account_id, "").strip("/") for account_id in sorted(everyone)}
    return Organization(found, f"r-{digits[:4]}", manager, below, delegated)
