"""Everything of one local world: places, clock, agenda, ids, and the resources to protect."""

from __future__ import annotations

import random
from datetime import datetime
from uuid import UUID

from backupkit.local.agenda import Agenda
from backupkit.local.clock import LocalClock
from backupkit.local.state import Place
from backupkit.local.world import World

__all__ = ["Cloud"]


class Cloud:
    """One local world: every account and Region in it, under one clock.

    Args:
        start: The aware time at which the clock begins.
        seed: Decides every id and every random moment.
        world: The resources that can be backed up and restored.
    """

    def __init__(self, start: datetime, seed: int, world: World) -> None:
        self.clock = LocalClock(start)
        self.agenda = Agenda()
        self.random = random.Random(seed)  # noqa: S311 - repeatable on purpose
        self.world = world
        self.places: dict[tuple[str, str], Place] = {}
        self.clock.driven_by(lambda moment: self.agenda.run_until(moment, self))

    def place(self, account_id: str, region_name: str) -> Place:
        """The account in the Region, made when first named."""
        key = (account_id, region_name)
        if key not in self.places:
            self.places[key] = Place(account_id, region_name)
        return self.places[key]

    def new_id(self) -> str:
        """The next id of this seed, shaped like a UUID."""
        return str(UUID(int=self.random.getrandbits(128), version=4))
