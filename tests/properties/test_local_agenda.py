"""The agenda beside a plain sorted list."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import attrs
from hypothesis import given
from hypothesis import strategies as st

from backupkit.emulator.kernel.agenda import Agenda
from backupkit.emulator.kernel.clock import SimulatedTime

START = datetime(2026, 1, 1, 22, tzinfo=UTC)
ZONES = st.sampled_from([UTC, ZoneInfo("Asia/Tokyo"), ZoneInfo("America/New_York")])
# Few different moments, so that many fall together; over several days, so that some wait and some do not.
MINUTES = st.sampled_from([0, 0, 1, 90, 119, 120, 121, 1500, 1560, 3000, 4440])
NOTES = st.recursive(
    st.tuples(MINUTES, ZONES, st.just(())),
    lambda below: st.tuples(MINUTES, ZONES, st.lists(below, max_size=3).map(tuple)),
    max_leaves=12,
)


@attrs.define(eq=False)
class Noted:
    """An event that writes down when it happened, and notes others."""

    number: int
    moment: datetime
    then: tuple
    heard: list

    def happen(self, cloud):
        self.heard.append((cloud.clock.now(), self.number))
        for each in self.then:
            cloud.note(each, self.heard)


class Stage(SimpleNamespace):
    """A clock with an agenda, and the plain list of all that was noted."""

    def __init__(self):
        super().__init__(clock=SimulatedTime(START), agenda=Agenda(), noted=[])

    def note(self, wanted, heard):
        minutes, zone, then = wanted
        moment = (self.clock.now() + timedelta(minutes=minutes)).astimezone(zone)
        event = Noted(len(self.noted), moment, then, heard)
        self.noted.append((moment, event.number))
        self.agenda.schedule(moment, event)


@given(st.lists(NOTES, max_size=10), st.lists(st.integers(min_value=1, max_value=2000), max_size=6))
def test_everything_happens_once_at_its_moment_in_the_order_in_which_it_was_noted(wanted, moves):
    """However far away, in whatever zone, noted before or during its day, and in however many moves of the clock."""
    stage, heard = Stage(), []
    for each in wanted:
        stage.note(each, heard)
    for minutes in [*moves, 100_000]:
        until = stage.clock.now() + timedelta(minutes=minutes)
        stage.agenda.run_until(until, stage)
        stage.clock.reach(until)
    assert heard == sorted(stage.noted)
    assert len(stage.agenda) == 0


@given(st.lists(st.tuples(MINUTES, ZONES, st.just(())), max_size=10), st.integers(min_value=0, max_value=5000))
def test_an_agenda_that_was_put_away_goes_on_where_it_was(wanted, minutes):
    """Pickled in the middle, it makes the same happen as the one that was not."""
    stage, heard = Stage(), []
    for each in wanted:
        stage.note(each, heard)
    stage.agenda.run_until(START + timedelta(minutes=minutes), stage)
    again, heard_again = pickle.loads(pickle.dumps((stage.agenda, heard)))
    stage.agenda.run_until(START + timedelta(days=90), stage)
    other = Stage()
    other.clock.reach(START + timedelta(minutes=minutes))
    again.run_until(START + timedelta(days=90), other)
    assert heard_again == heard
