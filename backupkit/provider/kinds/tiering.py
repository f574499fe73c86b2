"""Tiering configurations."""

from __future__ import annotations

from collections.abc import Iterator

from backupkit.declare.tiering import TieringConfiguration
from backupkit.problems import Problem, warning
from backupkit.provider.answers import needed, text
from backupkit.provider.kinds.kind import Kind
from backupkit.provider.kinds.observed import World, vault_addresses

__all__ = ["TIERING_CONFIGURATION"]


def _checks(world: World, configuration: TieringConfiguration) -> Iterator[Problem]:
    """Another configuration for the same vault, which AWS refuses; one that is to go is deleted only at the end."""
    declared = {each.name: each for each in world.declared(TieringConfiguration)}
    for seen in world.found(TIERING_CONFIGURATION.word):
        vault = text(seen.listed, "BackupVaultName")
        if seen.name not in declared and vault == configuration.vault:
            yield _taken(seen.name, vault)
    for other in declared.values():
        if other.name < configuration.name and other.vault == configuration.vault:
            yield _taken(other.name, other.vault)

    for name in world.missing_vaults({configuration.vault} - {"*"}):
        yield warning("vault", f"there is no vault {name!r} here, so nothing moves", "check its name and Region")


def _taken(name: str, vault: str) -> Problem:
    what = "all vaults" if vault == "*" else f"the vault {vault!r}"
    return Problem("vault", f"{name} is the tiering configuration of {what}", "AWS takes one: change that one")


TIERING_CONFIGURATION = Kind(
    cls=TieringConfiguration,
    list="ListTieringConfigurations",
    get="GetTieringConfiguration",
    id="TieringConfigurationName",
    arn="TieringConfigurationArn",
    body="TieringConfiguration",
    computed=frozenset({"TieringConfigurationArn", "CreationTime", "LastUpdatedTime", "CreatorRequestId"}),
    create="CreateTieringConfiguration",
    update="UpdateTieringConfiguration",
    delete="DeleteTieringConfiguration",
    tags="TieringConfigurationTags",
    ours=lambda entry: bool(needed(entry, "BackupVaultName")),
    needs=lambda configuration: vault_addresses((configuration.vault,)),
    checks=_checks,
)
