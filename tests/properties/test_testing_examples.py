"""What whoever writes a property test with `backupkit.testing` sees of an example, and what the strategies reach."""

from __future__ import annotations

import datetime as dt
import inspect
import itertools
import re

import attrs
import pytest
from hypothesis import HealthCheck, Phase, given, settings

import backupkit as bk
from backupkit import testing
from backupkit.declare.declared import Declared
from backupkit.provider.kinds import KINDS

DRAWN = [name for name in testing.__all__ if not inspect.isclass(getattr(testing, name))]
NAMES = {**{name: getattr(bk, name) for name in bk.__all__}, "datetime": dt}
MANY = settings(
    max_examples=60,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
SMALLEST = settings(MANY, phases=[Phase.generate, Phase.shrink])
LONGEST = 600
"""Characters of the smallest example of each strategy, as hypothesis shows it."""
FEW = {"advanced_settings", "global_settings", "index_actions", "scan_actions"}
"""Strategies of which there are only some examples."""
INTERNAL = {"unmanaged_parts", "managed_parts"}
"""What a stack knows of a thing that it has read, and nobody writes."""
LEFT_OUT = {
    (bk.Selection, "rules"),
    (bk.ReportPlan, "frameworks"),
    # AWS has one scanner.
    (bk.ScanAction, "malware_scanner"),
    (bk.ScanSetting, "malware_scanner"),
}


def _shown(strategy, wanted, how):
    """Return a value for which a test fails, and what hypothesis shows of it."""
    values = []

    @settings(how, print_blob=False)
    @given(value=strategy)
    def fails(value):
        values.append(value)
        assert not wanted(value)

    with pytest.raises(AssertionError) as caught:
        fails()
    notes = "\n".join(caught.value.__notes__)
    found = re.search(r"^    value=(.*),.*\n\)", notes, re.DOTALL | re.MULTILINE)
    return values[-1], found[1]


@pytest.mark.parametrize("name", DRAWN)
def test_a_failing_example_can_be_pasted_into_a_test(name):
    """What hypothesis shows is the call that makes the value again, with all its tags, and not a summary."""
    strategy = getattr(testing, name)()
    count = itertools.count()
    # The first examples are the smallest.
    value, shown = _shown(strategy, lambda _: next(count) > (0 if name in FEW else 25), MANY)
    assert eval(shown, dict(NAMES)) == value, shown


@pytest.mark.parametrize("name", DRAWN)
def test_an_example_shrinks_to_a_small_one(name):
    """Where every example fails, the one that is shown has short names and no tags."""
    _, shown = _shown(getattr(testing, name)(), lambda _: True, SMALLEST)
    assert len(shown) < LONGEST, shown
    assert "key-1" not in shown


def test_whatever_a_stack_declares_can_be_drawn():
    """There is a strategy for each kind of thing, so that a tool can be tested with all of them."""
    drawn = {type(value) for name in DRAWN for value in [_shown(getattr(testing, name)(), lambda _: True, MANY)[0]]}
    assert {kind.cls for kind in KINDS} - drawn == set()


@pytest.mark.parametrize("name", [name for name in DRAWN if name not in {"stacks", "plans"}])
def test_every_field_is_reached(name):
    """Of each field of a declared value, some example has more than the default."""
    reached, kinds = set(), set()

    @settings(MANY, max_examples=150)
    @given(value=getattr(testing, name)())
    def look(value):
        if isinstance(value, Declared) and not isinstance(value, bk.Stack):
            kinds.add(type(value))
            reached.update(
                (type(value), field.name)
                for field in attrs.fields(type(value))
                if getattr(value, field.name) != _default(field)
            )

    look()
    wanted = {(kind, field.name) for kind in kinds for field in attrs.fields(kind) if field.name not in INTERNAL}
    assert wanted - reached - LEFT_OUT == set()


def _default(field):
    return field.default.factory() if isinstance(field.default, attrs.Factory) else field.default
