"""What stands against changes of points, read once a vault: locks, access policies, legal holds, access points."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import TypeVar

import attrs

from backupkit import observe
from backupkit.arn import Arn
from backupkit.errors import AccessDeniedError, NotFoundError, RejectedError
from backupkit.recover.caller import Caller
from backupkit.recover.point_verbs import active_holds, held_by
from backupkit.recover.vault_policy import denies

__all__ = ["VaultFacts", "read_facts"]

T = TypeVar("T")

_AIR_GAPPED = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"


@attrs.frozen(kw_only=True)
class VaultFacts:
    """What is known of vaults and of what keeps points in them.

    Args:
        vaults: The vaults of this account and Region, by name.
        policies: The access policies of vaults that have one, by the vault's name.
        holds: The legal holds of a point, by its ARN.
        opened: The points that have access points.
        notes: What could not be read.
    """

    vaults: Mapping[str, observe.Vault]
    policies: Mapping[str, str]
    holds: Mapping[str, tuple[str, ...]]
    opened: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()

    @property
    def account_id(self) -> str:
        """The account, as the ARN of any vault tells it; empty where there is none."""
        arn = next((vault.backup_vault_arn for vault in self.vaults.values()), None)
        return Arn.parse(arn).account if arn else ""

    def locked(self, vault: str) -> str | None:
        """Return why the lock of a vault keeps its points as they are; None where there is none."""
        held = self.vaults.get(vault)
        if held is None or not (held.locked or held.vault_type == _AIR_GAPPED):
            return None
        if held.vault_type == _AIR_GAPPED:
            return f"vault {vault} is air-gapped, which locks it for good"
        kind = "compliance" if held.lock_date is not None else "governance"
        return f"vault {vault} has a {kind} lock"

    def denied(self, vault: str, operation: str, point_arn: str) -> bool | None:
        """Whether the policy of a vault forbids everybody an operation; None where that depends on the caller."""
        policy = self.policies.get(vault)
        held = self.vaults.get(vault)
        vault_arn = held.backup_vault_arn if held is not None else None
        return policy is not None and denies(policy, f"backup:{operation}", (point_arn, vault_arn or ""))


def read_facts(caller: Caller, vaults: Collection[str]) -> VaultFacts:
    """Read what is known of the vaults; what may not be read is in the notes."""
    notes: list[str] = []
    known = _tried("vaults", lambda: list(caller.listed("ListBackupVaults", observe.Vault, {})), notes) or []
    holds: dict[str, tuple[str, ...]] = {}
    for hold in _tried("legal holds", lambda: active_holds(caller), notes) or ():
        what = f"points of legal hold {hold.legal_hold_id}"
        for arn in _tried(what, partial(held_by, caller, hold), notes) or ():
            holds[arn] = (*holds.get(arn, ()), hold.title or hold.legal_hold_id or "")
    opened = _tried("access points", lambda: _opened(caller), notes)
    return VaultFacts(
        vaults={each.backup_vault_name or "": each for each in known},
        policies={name: policy for name in sorted(vaults) if (policy := _policy(caller, name, notes)) is not None},
        holds=holds,
        opened=opened or frozenset(),
        notes=tuple(notes),
    )


def _tried(what: str, read: Callable[[], T], notes: list[str]) -> T | None:
    try:
        return read()
    except (AccessDeniedError, RejectedError, NotFoundError) as error:
        notes.append(f"{what} could not be read ({error.code}), so what they keep is not known")
        return None


def _opened(caller: Caller) -> frozenset[str]:
    listed = caller.listed("ListBackupAccessPoints", observe.AccessPoint, {})
    return frozenset(each.recovery_point_arn or "" for each in listed)


def _policy(caller: Caller, vault: str, notes: list[str]) -> str | None:
    try:
        params = {"BackupVaultName": vault}
        return caller.fetch("GetBackupVaultAccessPolicy", observe.VaultAccessPolicy, params).policy
    except NotFoundError:
        return None
    except (AccessDeniedError, RejectedError) as error:
        notes.append(f"the access policy of vault {vault} could not be read ({error.code})")
        return None
