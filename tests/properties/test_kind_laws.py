"""Laws of what stands beside vaults and plans in a stack: whatever is declared is made, settles, and can be changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

import attrs
import botocore.session
import pytest
from api_shapes import SHAPES
from botocore.validate import ParamValidator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import backupkit as bk
from backupkit import testing
from backupkit.declare.codec.documents import document
from backupkit.declare.control_facts import CONTROLS
from backupkit.declare.declared import Declared

few = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
MODEL = botocore.session.get_session().get_service_model("backup")
KINDS: dict[str, Callable[[], st.SearchStrategy[Declared]]] = {
    "frameworks": testing.frameworks,
    "report plans": testing.report_plans,
    "region settings": testing.region_settings,
    "tiering configurations": testing.tiering_configurations,
    "legal holds": testing.legal_holds,
}
KIND = pytest.mark.parametrize("kind", KINDS)


def applied(aws: bk.LocalConnection, *things: Declared) -> bk.Changes:
    changes = bk.Stack("s", *things).preview(aws)
    changes.apply(allow_delete=True)
    return changes


@pytest.mark.slow
@KIND
@few
@given(data=st.data())
def test_whatever_is_declared_settles(kind: str, data: st.DataObject) -> None:
    """Applied, it is as declared: a preview is empty, whatever AWS echoes."""
    thing = data.draw(KINDS[kind]())
    aws = bk.local()
    applied(aws, thing)
    assert not bk.Stack("s", thing).preview(aws)


@pytest.mark.slow
@KIND
@few
@given(data=st.data())
def test_whatever_it_is_changed_to_settles(kind: str, data: st.DataObject) -> None:
    """One value of a name becomes any other, in place or made again, and then nothing is left to do."""
    thing, other = data.draw(KINDS[kind]()), data.draw(KINDS[kind]())
    key = type(thing)._KEY
    other = attrs.evolve(other, **{key: getattr(thing, key)}) if key else other
    aws = bk.local()
    applied(aws, thing)
    changes = applied(aws, other)
    assert not bk.Stack("s", other).preview(aws)
    # Of settings, only what is named is compared.
    if not isinstance(thing, bk.RegionSettings):
        assert bool(changes) == (meant(thing) != meant(other))


def meant(value: object) -> object:
    """What a value means, by words of this test: sets have no order, lists of structures keep their doubles."""
    if isinstance(value, bk.Control):
        facts = CONTROLS[value.name]
        scope = value.scope
        whole = scope is not None and scope.resource_types == (facts.type,) and not scope.resource_ids
        given = facts.meaning({each.name: each.value for each in value.parameters})
        return value.name, given, None if whole else meant(scope)
    if isinstance(value, Declared):
        found = {field.name: meant(getattr(value, field.name)) for field in attrs.fields(type(value))}
        return {**found, "formats": found["formats"] or meant(("CSV",))} if "formats" in found else found
    if isinstance(value, Mapping):
        # A repr of tags has no values.
        return sorted(value.items())
    if isinstance(value, tuple) and all(isinstance(each, str) for each in value):
        return sorted(set(value))
    return sorted(repr(meant(each)) for each in value) if isinstance(value, tuple) else value


@KIND
@few
@given(data=st.data())
def test_what_is_sent_is_what_botocore_expects(kind: str, data: st.DataObject) -> None:
    """botocore's own validator accepts every document."""
    thing = data.draw(KINDS[kind]())
    shape = next(name for name, cls in SHAPES.items() if cls is type(thing))
    report = ParamValidator().validate(document(thing), MODEL.shape_for(shape))
    assert not report.has_errors(), report.generate_report()


@few
@given(data=st.data(), shift=st.integers(1, 999_999))
def test_fractions_of_seconds_make_no_other_hold(data: st.DataObject, shift: int) -> None:
    """Moments are kept in whole seconds, as the oldest clients send them."""
    hold = data.draw(testing.legal_holds())

    def later(moment: datetime | None) -> datetime | None:
        return None if moment is None else moment.replace(microsecond=shift)

    assert attrs.evolve(hold, from_date=later(hold.from_date), to_date=later(hold.to_date)) == hold
