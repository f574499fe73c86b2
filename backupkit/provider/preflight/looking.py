"""What a preflight looks with, and what becomes of a look that fails."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias, TypeVar

import attrs

from backupkit.declare.declared import Declared
from backupkit.declare.plan import Plan
from backupkit.declare.selection import Selection
from backupkit.errors import BackupKitError
from backupkit.provider.kinds.observed import World
from backupkit.provider.kinds.reader import Reader
from backupkit.recover.preflight import PreflightCheck, Verdict

__all__ = ["BACKUP", "Checks", "Looking", "attempted"]

BACKUP = "backup.amazonaws.com"
"""The service that takes roles on and publishes to topics."""

Checks: TypeAlias = Iterator[PreflightCheck]
D = TypeVar("D", bound=Declared)


def attempted(name: str, addresses: Iterable[str], look: Callable[[], Checks]) -> tuple[PreflightCheck, ...]:
    """What a look finds; where it fails, that is unknown of each address, and the preview goes on."""
    try:
        return tuple(look())
    except BackupKitError as error:
        found = f"not looked at: {error}"
        return tuple(PreflightCheck(name, Verdict.UNKNOWN, found, address=address) for address in addresses)


@attrs.frozen(eq=False)
class Looking:
    """What is looked with.

    Args:
        reader: Where to read.
        world: What the preview has seen.
        changing: The addresses of what would be made or changed.
        creating: Those of them that would be made.
        destinations: Other accounts and Regions, where copies go.
    """

    reader: Reader
    world: World
    changing: frozenset[str]
    creating: frozenset[str]
    destinations: tuple[Reader, ...]

    def plans(self) -> Iterator[Plan]:
        """The plans that would be made or changed."""
        return (plan for plan in self.world.declared(Plan) if plan.address in self.changing)

    def selections(self) -> Iterator[tuple[str, Selection]]:
        """The selections that would be made, with their addresses."""
        plans = self.world.declared(Plan)
        found = ((f"{plan.address}/{each.address}", each) for plan in plans for each in plan.selections)
        return ((address, each) for address, each in found if address in self.changing)
