"""What a saved state can hold."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import attrs
import msgspec

import backupkit.emulator


def test_whatever_may_stand_on_the_agenda_can_be_saved():
    """Every kind of event is a record, so that a state can be saved at any moment."""
    rooms = pkgutil.walk_packages(backupkit.emulator.__path__, "backupkit.emulator.")
    kinds = [
        kind
        for room in rooms
        for kind in vars(importlib.import_module(room.name)).values()
        if inspect.isclass(kind)
        and kind.__module__ == room.name
        and "happen" in vars(kind)
        and not getattr(kind, "_is_protocol", False)
    ]
    assert len(kinds) > 20
    assert [kind for kind in kinds if not (attrs.has(kind) or issubclass(kind, msgspec.Struct))] == []
