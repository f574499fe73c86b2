"""The state of a local simulation as bytes, and back.

The format holds plain values and this package's own records, and nothing that could be run. So a snapshot of somebody
else can be wrong, but cannot do anything.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from random import Random
from typing import NoReturn, Protocol, runtime_checkable

from backupkit.emulator.events import publisher
from backupkit.emulator.kernel.agenda import Agenda
from backupkit.emulator.kernel.behavior import Choices
from backupkit.emulator.kernel.event_records import Log
from backupkit.emulator.kernel.simulation import Checkpoint, Simulation
from backupkit.emulator.model import Account, FaultBook, RegionScope

# So that its records are there to be found: reading imports nothing.
from backupkit.emulator.resources.types import known  # noqa: F401
from backupkit.emulator.saved_forms import UnsavableError
from backupkit.emulator.saved_values import dumped, loaded
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem

__all__ = ["VERSION", "Remembering", "put_back", "taken"]

VERSION = 7
"""Grows when the records of `backupkit.emulator` change their members."""

_MAGIC = b"backupkit local snapshot "
_DIGEST = 32


@runtime_checkable
class Remembering(Protocol):
    """A world whose resources are plain values, so that a snapshot can hold them."""

    def remember(self) -> object:
        """Return everything in it, as plain values."""
        ...

    def recall(self, memory: object) -> None:
        """Be what `remember` told."""
        ...


def taken(simulation: Simulation) -> bytes:
    """Return the simulation's state; its world's, too, where that can be remembered.

    Raises:
        InvalidValueError: A point holds something that cannot be kept.
    """
    world = simulation.world.remember() if isinstance(simulation.world, Remembering) else None
    try:
        body = dumped((simulation.save_state(), world))
    except UnsavableError as error:
        problem = Problem("snapshot", f"something in the cloud cannot be kept: {error}", "use a world of plain values")
        raise InvalidValueError(problem) from error
    return _header() + hashlib.sha256(body).digest() + body


def put_back(simulation: Simulation, data: bytes) -> None:
    """Make the simulation what it was; whole or not at all.

    Raises:
        InvalidValueError: ``data`` is not a snapshot, is damaged, or is of another version.
    """
    held, world = _read(_body(data))
    if world is not None and isinstance(simulation.world, Remembering):
        _recall(simulation.world, world)
    simulation.load_state(held)
    publisher.back(simulation, held.log)


def _recall(world: Remembering, memory: object) -> None:
    before = world.remember()
    try:
        world.recall(memory)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        # Of another kind of world, or made by hand.
        world.recall(before)
        _refuse(f"its resources are not those of this world: {error}", "restore only what `save_state` returned")


def _header() -> bytes:
    return _MAGIC + VERSION.to_bytes(2, "big")


def _body(data: bytes) -> bytes:
    if not isinstance(data, bytes) or not data.startswith(_MAGIC):
        _refuse("it is not a saved state of a local AWS Backup", "give what `save_state` returned")
    if not data.startswith(_header()):
        _refuse(
            "it was taken by another version of backupkit", f"restore it with the version that took it ({VERSION=})"
        )
    rest = data[len(_header()) :]
    if hashlib.sha256(rest[_DIGEST:]).digest() != rest[:_DIGEST]:
        _refuse("it is damaged: its checksum does not match", "take a new one")
    return rest[_DIGEST:]


def _refuse(what: str, hint: str) -> NoReturn:
    raise InvalidValueError(Problem("snapshot", what, hint))


def _read(body: bytes) -> tuple[Checkpoint, object]:
    try:
        found = loaded(body)
    except UnsavableError as error:
        _refuse(str(error), "restore only what `save_state` returned")
    match found:
        case (Checkpoint() as held, world) if _sound(held):
            return held, world
        case _:
            _refuse("it holds something else", "restore only what `save_state` returned")


def _sound(held: Checkpoint) -> bool:
    """Whether everything is in its place, so that nothing is taken over of a state that was made by hand."""
    return (
        isinstance(held.now, datetime)
        and held.now.tzinfo is UTC
        and isinstance(held.agenda, Agenda)
        and isinstance(held.ids, Random)
        and isinstance(held.request_ids, Random)
        and isinstance(held.choices, Choices)
        and _all_of(held.scopes, RegionScope)
        and _all_of(held.accounts, Account)
        and isinstance(held.log, Log | None)
        and isinstance(held.faults, FaultBook | None)
        and isinstance(held.serial, int)
    )


def _all_of(found: object, kind: type) -> bool:
    return isinstance(found, dict) and all(isinstance(each, kind) for each in found.values())
