"""Names of vaults: a vault is named by itself, of either type, or by its name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from backupkit.arn import VAULT, Arn, spelled
from backupkit.checks import is_text, listed, matches
from backupkit.declare.air_gapped import AirGappedVault
from backupkit.declare.names import VAULT_NAME
from backupkit.declare.vault import Vault
from backupkit.problems import Problem, quote

__all__ = ["VaultOrName", "arn_for_name", "is_vault_name", "vault_name", "vault_name_or_none", "vault_names"]

VaultOrName: TypeAlias = Vault | AirGappedVault | str
"""What names a vault of the account and Region at hand."""


def vault_name(vault: VaultOrName) -> str:
    """Return the name of a declared vault, and everything else as it is, for a check to look at."""
    return vault.name if isinstance(vault, (Vault, AirGappedVault)) else vault


def vault_name_or_none(vault: VaultOrName | None) -> str | None:
    """Return the same of a vault that may be left out."""
    return None if vault is None else vault_name(vault)


def vault_names(vaults: VaultOrName | Iterable[VaultOrName], where: str) -> tuple[str, ...]:
    """Return the names of several vaults; a single one counts as one.

    Raises:
        InvalidValueError: They are not a list.
    """
    # An Arn is left to the check, which says the name to write.
    given = (vaults,) if isinstance(vaults, (str, Vault, AirGappedVault, Arn)) else listed(vaults, where)
    return tuple(map(vault_name, given))


def arn_for_name(value: object) -> Iterator[Problem]:
    """What is wrong where the ARN of a vault stands in place of its name: it may be of another account or Region."""
    text = spelled(value)
    if is_text(text) and VAULT.admits(text):
        what = f"{quote(text)} is the ARN of a vault, and only the name of a vault in this account and Region will do"
        yield Problem("", what, f"give its name, {text.rpartition(':')[2]!r}")


def is_vault_name(value: object) -> Iterator[Problem]:
    """A name that a vault can be given."""
    found = tuple(arn_for_name(value))
    yield from found or matches(VAULT_NAME)(value)
