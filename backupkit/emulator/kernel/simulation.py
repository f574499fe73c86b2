"""Everything of one local world: places, clock, agenda, ids, and the resources to protect."""

from __future__ import annotations

import random
import threading
from array import array
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import attrs

from backupkit.arn import Arn
from backupkit.emulator.kernel.agenda import Agenda
from backupkit.emulator.kernel.behavior import Choices
from backupkit.emulator.kernel.bus import Bus
from backupkit.emulator.kernel.clock import LocalClock, SimulatedTime
from backupkit.emulator.kernel.event_records import EventPublisher, Log
from backupkit.emulator.kernel.resource_protocol import Counted, ResourceInfo, World
from backupkit.emulator.model import Account, FaultBook, Identity, RegionScope

__all__ = ["Checkpoint", "Simulation"]


_VERSION_4 = (4 << 76) | (0b10 << 62)
_NOT_VERSION = ~((0xF << 76) | (0b11 << 62))
_CURSORS = 8
"""How many walks over lists are remembered at once."""


@attrs.frozen(eq=False)
class Checkpoint:
    """The state of a simulation, except its world."""

    now: datetime
    agenda: Agenda
    ids: random.Random
    request_ids: random.Random
    choices: Choices
    scopes: dict[tuple[str, str], RegionScope]
    accounts: dict[str, Account]
    log: Log | None = None
    """The latest news, where somebody listens."""
    faults: FaultBook | None = None
    """What goes wrong by choice."""
    serial: int = 0
    """How many jobs and points there were so far."""


@attrs.frozen(eq=False)
class SortedCursor:
    """A list that is being gone through page by page, in its order."""

    moment: int
    """How much had happened when the list was made."""
    keys: list[tuple[str | float, ...]]
    items: list[Any]


@attrs.frozen(eq=False)
class StreamCursor:
    """What is still to come of a list that is gone through in the order in which it is kept."""

    moment: int
    """How much had happened when it was left."""
    before: int
    """The serial of the last record shown."""
    rest: Iterator[Any]


@attrs.frozen(eq=False)
class Order:
    """The order of records that were kept in it when it was made: what goes is passed over, what comes is behind it."""

    records: dict[str, Any]
    keys: list[str]
    serials: array[int]
    upto: int
    """Up to which serial all records are in it."""


class Simulation:
    """One local world: every account and Region in it, under one clock.

    Args:
        start: The aware time at which the clock begins.
        seed: Decides every id and every random moment.
        world: The resources that can be backed up and restored.
        choices: How it behaves where AWS's own behaviour is not known.
        rate: Seconds that pass in each second; 0: the clock stands still until it is moved.
    """

    def __init__(
        self, start: datetime, seed: int, world: World, choices: Choices | None = None, rate: float = 0
    ) -> None:
        self.lock = threading.RLock()
        self.clock = SimulatedTime(start)
        """The moment that is now: what happens goes by it."""
        self.agenda = Agenda()
        self.random = random.Random(seed)  # noqa: S311 - repeatable on purpose
        # Apart, so that a refused call does not shift the ids of what is made after it.
        self._requests = random.Random(~seed)  # noqa: S311 - repeatable on purpose
        self.world = world
        self.counted = world if isinstance(world, Counted) else None
        """The same world where it counts its changes."""
        self.choices = choices if choices is not None else Choices()
        self.scopes: dict[tuple[str, str], RegionScope] = {}
        self.accounts: dict[str, Account] = {}
        self.serial = 0
        """The number of the last job or point."""
        self.happenings = 0
        """Grows whenever anything may have changed."""
        self.orders: dict[int, Order] = {}
        """Orders of long lists that are gone through while something happens, by the ids of what they are of."""
        self.cursors: dict[tuple[str, ...], SortedCursor | StreamCursor] = {}
        self.selected: dict[str, tuple[object, list[tuple[ResourceInfo, str]]]] = {}
        """What each plan selected last, with what that depended on."""
        self.bus = Bus()
        """Who is told of what happens."""
        self.publisher: EventPublisher | None = None
        """Makes events of what happens; None where nobody listens."""
        self.caller: Identity | None = None
        """Who calls, while a call is answered."""
        self.faults: FaultBook | None = None
        """What goes wrong by choice; None where nothing does."""
        self.local_clock = LocalClock(self.clock, self._run_until, self._settle, self.lock, rate)
        """What moves it: callers go by it."""

    def keep_order(self, order: Order) -> None:
        """Remember an order; a few at a time."""
        self.orders.pop(id(order.records), None)
        self.orders[id(order.records)] = order
        if len(self.orders) > _CURSORS:
            del self.orders[next(iter(self.orders))]

    def keep_cursor(self, name: tuple[str, ...], cursor_name: SortedCursor | StreamCursor | None) -> None:
        """Remember a walk for its next page, or forget it; a few at a time."""
        self.cursors.pop(name, None)
        if cursor_name is not None:
            self.cursors[name] = cursor_name
            if len(self.cursors) > _CURSORS:
                del self.cursors[next(iter(self.cursors))]

    def _run_until(self, moment: datetime) -> None:
        # A clock that runs comes here at every call: lists that are gone through stay as they are if nothing is due.
        if self.faults is not None or self.agenda.due(moment):
            self.happenings += 1
            self.agenda.run_until(moment, self)

    def _settle(self) -> None:
        self.bus.settled(self.clock.now())

    def scope(self, account_id: str, region_name: str) -> RegionScope:
        """The account in the Region, made when first named."""
        found = self.scopes.get((account_id, region_name))
        if found is None:
            # Under the lock, for a connection that is only opened takes it nowhere else.
            with self.lock:
                found = self.scopes.get((account_id, region_name))
                if found is None:
                    found = self.scopes[account_id, region_name] = RegionScope(account_id, region_name)
                    self.bus.scope_opened(found)
        return found

    def place_of(self, arn: Arn) -> RegionScope | None:
        """The account in the Region that an ARN names; None where nothing was ever called."""
        return self.scopes.get((arn.account, arn.region))

    def account(self, account_id: str) -> Account:
        """What the account has in all Regions, made when first named."""
        found = self.accounts.get(account_id)
        if found is None:
            with self.lock:
                found = self.accounts.setdefault(account_id, Account(account_id))
        return found

    def new_id(self) -> str:
        """The next id of this seed, shaped like a UUID."""
        return _uuid(self.random)

    def new_request_id(self) -> str:
        """The next request id of this seed, shaped like a UUID."""
        return _uuid(self._requests)

    def save_state(self) -> Checkpoint:
        """Everything that a snapshot keeps, except the world."""
        return Checkpoint(
            self.clock.now(),
            self.agenda,
            self.random,
            self._requests,
            self.choices,
            self.scopes,
            self.accounts,
            self.publisher.log if self.publisher is not None else None,
            self.faults,
            self.serial,
        )

    def load_state(self, held: Checkpoint) -> None:
        """Be what `held` told, the clock included; the only way in which it may go back."""
        self.happenings += 1
        self.selected.clear()
        self.orders.clear()
        self.agenda, self.random, self._requests = held.agenda, held.ids, held.request_ids
        self.choices, self.scopes, self.accounts = held.choices, held.scopes, held.accounts
        self.faults, self.serial = held.faults, held.serial
        self.clock.jump(held.now)
        self.local_clock.went_back()


def _uuid(source: random.Random) -> str:
    """What ``str(UUID(int=bits, version=4))`` is, in a quarter of its time: every job has one."""
    # Formatting a number of 128 bits as hex takes three times as long as this.
    digits = (source.getrandbits(128) & _NOT_VERSION | _VERSION_4).to_bytes(16, "big").hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
