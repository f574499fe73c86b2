"""Time passes in the same way, however it is told to pass; and nothing is ever due in the past."""

from __future__ import annotations

import importlib
import importlib.util
import json
from datetime import UTC, timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backupkit.emulator import LocalService
from backupkit.emulator.kernel.agenda import Agenda

CONTRACT = Path(__file__).parents[1] / "contract"
STORIES = sorted(CONTRACT.glob("story_*.py"))
LONG = timedelta(days=30)


class AuthRequest:
    def __init__(self):
        self.service = LocalService()

    def __call__(self, operation, **params):
        return json.loads(self.service.call(operation, params))


@cache
def module(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def everything(service):
    """What all lists say."""
    return module(CONTRACT / "all_lists.py").everything(service)


def after(path):
    """A service in which a story was played."""
    ask = AuthRequest()
    module(path).play(ask)
    return ask.service


@cache
def snapshot_after(path):
    return after(path).save_state()


@cache
def told_after_one_jump(path):
    service = after(path)
    service.clock.until(service.clock.now() + LONG)
    return everything(service)


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
@given(
    steps=st.lists(
        st.tuples(
            st.floats(min_value=0, max_value=1, allow_subnormal=False),
            st.sampled_from(["", "", "", "read", "move to another service"]),
        ),
        max_size=20,
    )
)
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_one_long_move_and_many_short_ones_tell_the_same_story(path, steps):
    """Who waits step by step, reads on the way, or goes on from a snapshot in another service sees in the end what one
    that jumped sees in every list: ids and random moments included.
    """
    service = LocalService(seed=99)
    service.load_state(snapshot_after(path))
    begin = service.clock.now()
    for part, also in sorted(steps):
        # The moments of most events are at the beginning.
        service.clock.until(begin + part**3 * LONG)
        if also == "read":
            everything(service)
        elif also:
            state = service.save_state()
            service = LocalService(seed=7)
            service.load_state(state)
    service.clock.until(begin + LONG)
    assert everything(service) == told_after_one_jump(path)


class Watched(Agenda):
    """An agenda that looks at what is noted."""

    def __init__(self, clock):
        super().__init__()
        self.clock = clock

    def note(self, moment, event):
        assert moment.tzinfo is UTC, event
        assert moment >= self.clock.now(), event
        super().note(moment, event)


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_everything_is_noted_in_utc_and_for_the_present_or_the_future(path):
    """No family notes what would have had to happen already, or a time that other machines read differently."""
    ask = AuthRequest()
    ask.service.simulation.agenda = Watched(ask.service.clock)
    module(path).play(ask)
    ask.service.clock.advance(days=200)


def test_one_seed_tells_one_story_with_every_family_in_play():
    """Two services that are asked the same tell the same; another seed gives other ids."""
    path = CONTRACT / "story_together.py"
    told = everything(after(path))
    assert told == everything(after(path))
    ask = AuthRequest()
    ask.service = LocalService(seed=1)
    module(path).play(ask)
    assert everything(ask.service) != told
