"""What every family of operations has made survives a snapshot, and goes on in the same way after it."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import pytest
from all_lists import everything

from backupkit.emulator import LocalService

STORIES = sorted(path.stem for path in Path(__file__).parent.glob("story_*.py"))


class AuthRequest:
    def __init__(self):
        self.service = LocalService()

    def __call__(self, operation, **params):
        return json.loads(self.service.call(operation, params))


@pytest.mark.parametrize("story", STORIES)
def test_a_service_that_takes_a_snapshot_over_tells_and_does_the_same(story):
    """Restored elsewhere, everything is there; 40 days later both have had the same story, ids included."""
    ask = AuthRequest()
    importlib.import_module(story).play(ask)
    state = ask.service.save_state()
    other = LocalService(seed=99)
    other.load_state(state)
    assert everything(other) == everything(ask.service)
    for service in (ask.service, other):
        service.clock.advance(days=40)
    assert everything(other) == everything(ask.service)
