from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backupkit.emulator.kernel.resource_protocol import Metadata, WorldError
from backupkit.emulator.resources.types.reading import Reading, document, documents, flag, keys, number, spelled, texts

READING = Reading(
    keys("Name")
    | keys("Count", number)
    | keys("Public", flag)
    | keys("Groups", texts)
    | keys("Options", document)
    | keys("Parts", documents),
    frozenset({"Ignored"}),
)
TEXT = st.text(min_size=1, max_size=20)
OBJECT = st.dictionaries(TEXT, TEXT | st.integers() | st.booleans(), max_size=3)
PARAMETERS = st.fixed_dictionaries(
    {},
    optional={
        "Name": TEXT,
        "Count": st.integers(min_value=0),
        "Public": st.booleans(),
        "Groups": st.lists(TEXT),
        "Options": OBJECT,
        "Parts": st.lists(OBJECT),
    },
)


@given(PARAMETERS, st.sampled_from([str.upper, str.lower, str.title]), st.booleans())
def test_what_is_told_of_a_resource_reads_back_as_it_was(parameters, spell, ignored):
    """Metadata that a point tells can be sent back: no value changes on the way, in whatever case the keys come."""
    told = {spell(key): value for key, value in spelled(parameters).items()}
    told |= {"aws:backup:request-id": "x"} | ({"ignored": "anything"} if ignored else {})
    assert READING.parameters("Thing", Metadata(told)) == parameters


@given(TEXT)
def test_any_other_key_is_refused_by_its_name(key):
    """A key that the type does not take is named as the caller spelled it, and never passed over."""
    known = {name.casefold() for name in (*READING.taken, *READING.ignored)}
    if key.casefold() in known:
        return
    with pytest.raises(WorldError) as caught:
        READING.parameters("Thing", Metadata({"Name": "x", key: "y"}))
    assert f"does not take {key}; leave it out" in str(caught.value)


@given(st.sampled_from(["Count", "Public", "Groups", "Options", "Parts"]), st.text(min_size=1, max_size=5))
def test_a_value_that_does_not_read_is_refused_by_its_key(key, value):
    """Whatever stands there, it is either read or refused with a sentence about this key."""
    message = key
    try:
        READING.parameters("Thing", Metadata({key: value}))
    except WorldError as refused:
        message = str(refused)
    assert key in message
