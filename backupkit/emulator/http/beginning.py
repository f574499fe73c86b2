"""How a served local service begins."""

from __future__ import annotations

from datetime import datetime

import attrs

from backupkit.emulator.kernel.behavior import Choices
from backupkit.emulator.service import START, LocalService

__all__ = ["StartOptions"]


@attrs.frozen
class StartOptions:
    """How a local service begins; what is None is as a state file has it, or the default."""

    region_name: str | None = None
    account_id: str | None = None
    seed: int | None = None
    start: datetime | None = None
    default_vaults: bool | None = None

    def service(self) -> LocalService:
        """Return a new local service that begins so.

        Raises:
            ConfigurationError: The Region or the account is not one, or ``start`` has no time zone.
        """
        return LocalService(
            self.region_name if self.region_name is not None else "us-east-1",
            self.account_id if self.account_id is not None else "123456789012",
            seed=self.seed or 0,
            start=self.start or START,
            choices=Choices(default_vaults=bool(self.default_vaults)),
        )

    def written(self) -> dict[str, str]:
        """Return what a state file writes down of it."""
        start = self.start.isoformat() if self.start is not None else None
        said = {
            "region": self.region_name,
            "account": self.account_id,
            "seed": self.seed,
            "start": start,
            "default vaults": self.default_vaults,
        }
        return {name: str(value) for name, value in said.items() if value is not None}

    @classmethod
    def read(cls, told: dict[str, str]) -> StartOptions:
        """Return the beginning that `written` told.

        Raises:
            KeyError: Something is missing.
            ValueError: The seed is not a number, or the start not a moment.
        """
        start = datetime.fromisoformat(told["start"])
        return cls(told["region"], told["account"], int(told["seed"]), start, told["default vaults"] == "True")
