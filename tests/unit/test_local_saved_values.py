"""Saved states: plain values and records of this package come back as they were, and nothing else comes at all."""

from __future__ import annotations

import hashlib
import importlib
import pickle
import pkgutil
import random
import sys
from collections import deque
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import attrs
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backupkit import emulator
from backupkit.emulator import LocalService, snapshot
from backupkit.emulator.kernel.resource_protocol import Captured
from backupkit.emulator.model import Family, Finding, Lock
from backupkit.emulator.saved_forms import UnsavableError, records
from backupkit.emulator.saved_values import dumped, loaded
from backupkit.errors import InvalidValueError

MOMENT = datetime(2026, 3, 1, 12, tzinfo=UTC)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)
KEYS = st.one_of(TEXTS, st.integers(), st.tuples(TEXTS, st.integers()), st.datetimes())
ZONES = st.sampled_from([None, UTC, ZoneInfo("Europe/Berlin"), timezone(timedelta(hours=-3, minutes=-30))])
PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    TEXTS,
    st.binary(max_size=8),
    st.binary(max_size=8).map(bytearray),
    st.datetimes(timezones=ZONES),
    st.dates(),
    st.times(),
    st.timedeltas(),
    st.decimals(allow_nan=False),
    st.uuids(),
    st.complex_numbers(allow_nan=False),
    st.frozensets(KEYS, max_size=3),
    st.sets(KEYS, max_size=3),
)
VALUES = st.recursive(
    PLAIN,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=3).map(tuple),
        st.lists(inner, max_size=3).map(deque),
        st.dictionaries(KEYS, inner, max_size=4),
    ),
    max_leaves=20,
)


def _typed(value):
    """A value with the type of everything in it, and the zone of every moment."""
    if isinstance(value, dict):
        return dict, [(_typed(key), _typed(held)) for key, held in value.items()]
    if isinstance(value, (list, tuple, deque)):
        return type(value), [_typed(each) for each in value]
    if isinstance(value, (set, frozenset)):
        return type(value), sorted(repr(_typed(each)) for each in value)
    return type(value), repr(value)


@pytest.mark.slow
@given(VALUES)
@settings(deadline=None, max_examples=60)
def test_plain_values_come_back_as_they_were(value):
    """Whatever a point may hold of plain values is the same after it was saved, types and time zones included."""
    found = loaded(dumped(value))
    assert found == value
    assert _typed(found) == _typed(value)


def test_what_was_shared_is_shared_again():
    """One list at two places is one list afterwards, and a circle is a circle: a change shows at both."""
    inner = [1]
    value = {"a": inner, "b": (inner, inner)}
    value["self"] = value
    found = loaded(dumped(value))
    assert found["a"] is found["b"][0] is found["b"][1]
    assert found["self"] is found


def test_records_come_back_whole():
    """Records that change and such that do not, of attrs and of msgspec, have every member again."""
    lock = Lock(7, 365, MOMENT)
    finding = Finding("arn", "EBS", None, "too old", MOMENT)
    family = Family(parent="p", children=["a", "b"])
    told = loaded(dumped([lock, finding, family, {"again": lock}]))
    assert told[0] == lock
    assert told[3]["again"] is told[0]
    assert told[1] == finding
    assert (told[2].parent, told[2].children, told[2].is_parent) == ("p", ["a", "b"], True)


def test_dice_roll_on():
    """A source of random numbers goes on where it was."""
    dice = random.Random(4)
    dice.gauss(0, 1)
    found = loaded(dumped(dice))
    assert [found.random(), found.gauss(0, 1)] == [dice.random(), dice.gauss(0, 1)]


class Foreign:
    """Somebody's own class."""


class Text(str):
    """A text that is more than a text."""

    __slots__ = ()


@pytest.mark.parametrize("value", [Foreign(), Foreign, print, Text("a"), object(), iter([]), [{"a": Foreign()}]])
def test_what_is_not_plain_is_named(value):
    """A class, a function or a text that is more than one is refused when it is saved, not when it is needed."""
    with pytest.raises(UnsavableError, match="neither a plain value nor a record"):
        dumped(value)


class Zone(tzinfo):
    """A zone of the caller's own."""


def test_a_zone_that_nobody_else_knows_is_named():
    """A moment comes back in its zone, or is refused when it is saved."""
    with pytest.raises(UnsavableError, match="a time zone of type Zone cannot be saved"):
        dumped([datetime(2026, 1, 1, tzinfo=Zone())])


def test_a_class_that_only_says_that_it_is_a_record_is_none():
    """A record is the very class that stands in its file under its name, and not another one of that name."""
    other = attrs.make_class("Lock", ["min_retention_days"])
    other.__module__ = Lock.__module__
    with pytest.raises(UnsavableError, match="Lock, which is neither a plain value nor a record"):
        dumped(other(7))


def _saved(body):
    header = snapshot._header()
    return header + hashlib.sha256(body).digest() + body


def _document(name, fields=(), *values):
    return msgspec.msgpack.encode(([(name, fields)], list("abc"), [[0, *values]], 0))


@pytest.mark.parametrize(
    "name",
    [
        "os:system",
        "builtins:print",
        "subprocess:Popen",
        "backupkit.emulator.service:LocalService",
        "backupkit.emulator.http.server:LocalServer",
        "backupkit.emulator.snapshot:taken",
        "backupkit.emulator.snapshot:hashlib",
        "backupkit.emulator.model:Lock.__init__",
        "backupkit.emulator.model:Lock",
        "backupkit.connection:Connection",
        "system",
        "print",
        "LocalService",
        "taken",
        "Lock.__init__",
        "Connection",
        "",
        ":",
    ],
)
def test_nothing_but_records_can_be_named(name):
    """A state that somebody made by hand names a function, a class that acts or another module: it is refused."""
    service = LocalService()
    before = service.save_state()
    with pytest.raises(InvalidValueError, match=r"not a record of backupkit|neither a plain value nor a record"):
        service.load_state(_saved(_document(name)))
    assert service.save_state() == before


def test_no_module_is_imported_because_a_state_names_it(monkeypatch):
    """What a state names is looked up among what is there; it does not decide what Python runs."""
    name = "backupkit.emulator.http.command"
    monkeypatch.delitem(sys.modules, name, raising=False)
    with pytest.raises(InvalidValueError):
        LocalService().load_state(_saved(_document(f"{name}:StateFile")))
    assert name not in sys.modules


class Bomb:
    def __reduce__(self):
        return print, ("gone off",)


def test_a_pickle_is_not_a_saved_state(capsys):
    """Pickles, which can run anything, are data of the wrong form here, with a right header and checksum, too."""
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(InvalidValueError, match="does not hold saved values"):
            LocalService().load_state(_saved(pickle.dumps(Bomb(), protocol)))
    assert capsys.readouterr().out == ""


def test_a_record_with_other_members_is_refused():
    """A state whose records have fields that this version does not have is named, and not half read."""
    with pytest.raises(UnsavableError, match="Lock with other fields"):
        loaded(_document("Lock", ["min_retention_days", "more"], None, None))


@pytest.mark.parametrize("kind", [Lock, Captured])
def test_a_record_with_more_or_less_values_than_members_is_refused(kind):
    """A record that does not change, or is made by its values in their order, gets no value of another member."""
    fields = [field.name for field in attrs.fields(kind)] if attrs.has(kind) else list(kind.__struct_fields__)
    for values in (fields[1:], [*fields, "more"]):
        with pytest.raises(UnsavableError):
            loaded(_document(kind.__qualname__, fields, *(None for _ in values)))


def test_the_names_of_records_do_not_tell_where_they_stand():
    """A saved state names a record by its class alone, so that moving classes between files leaves states readable."""
    names = msgspec.msgpack.decode(dumped([Lock(7, 365, MOMENT), Family()]))[0]
    assert [name for name, _ in names] == ["Lock", "Family"]


def test_no_two_records_have_the_same_name():
    """Whichever files records stand in, a name means one of them."""
    for module in pkgutil.walk_packages(emulator.__path__, "backupkit.emulator."):
        importlib.import_module(module.name)
    kinds = {
        kind
        for name, module in list(sys.modules.items())
        if name.startswith("backupkit.emulator.") and not name.startswith("backupkit.emulator.http.")
        for kind in vars(module).values()
        if isinstance(kind, type) and kind.__module__ == name
    }
    named = records()
    saved = [kind for kind in kinds if attrs.has(kind) or issubclass(kind, msgspec.Struct)]
    assert len(saved) > 100
    assert [kind for kind in saved if named[kind.__qualname__] is not kind] == []


@pytest.mark.slow
def test_a_state_that_was_tampered_with_is_refused_or_read():
    """Bytes that were changed, with a checksum made anew, end in our error or are values: never in another error."""
    service = LocalService()
    service.call("CreateBackupVault", {"BackupVaultName": "prod"})
    body = snapshot._body(service.save_state())
    bits = random.Random(15)
    refused = 0
    # The numbers of the random sources are most of it; what is before and after them is what tells one from another.
    for _ in range(1500):
        position = bits.choice([bits.randrange(min(6000, len(body))), len(body) - 1 - bits.randrange(1500)])
        changed = bytearray(body)
        changed[position] = bits.randrange(256)
        try:
            loaded(bytes(changed))
        except UnsavableError:
            refused += 1
    assert refused > 100


@pytest.mark.parametrize(
    "wrong",
    [
        {"now": "today"},
        {"now": datetime(2026, 1, 1, tzinfo=ZoneInfo("Europe/Berlin"))},
        {"agenda": []},
        {"ids": None},
        {"choices": {}},
        {"scopes": {("1", "2"): "place"}},
        {"accounts": None},
        {"log": 1},
        {"faults": "none"},
        {"serial": "1"},
    ],
    ids=str,
)
def test_a_state_whose_parts_are_of_the_wrong_kind_changes_nothing(wrong):
    """A state that was made by hand of real records in wrong places is refused whole."""
    service = LocalService()
    service.call("CreateBackupVault", {"BackupVaultName": "prod"})
    before = service.save_state()
    made = attrs.evolve(service.simulation.save_state(), **wrong)
    with pytest.raises(InvalidValueError, match="holds something else"):
        service.load_state(_saved(dumped((made, None))))
    assert service.save_state() == before


@pytest.mark.parametrize("memory", [{"a": 1}, {("a", "b"): {"arn": "x"}}, {("a", "b"): {"x": Lock()}}], ids=str)
def test_resources_of_another_kind_change_nothing(memory):
    """Where the resources of a state cannot be taken over, nothing of the state is, and those there stay."""
    service = LocalService()
    service.resources.add("arn:aws:dynamodb:us-east-1:123456789012:table/orders")
    before = service.save_state()
    with pytest.raises(InvalidValueError, match="not those of this world"):
        service.load_state(_saved(dumped((service.simulation.save_state(), memory))))
    assert service.save_state() == before


def test_a_tuple_that_holds_itself_is_refused():
    """What cannot be is not waited for."""
    with pytest.raises(UnsavableError, match="holds itself"):
        loaded(msgspec.msgpack.encode(([], [], [["(", 0]], 0)))


def test_values_nested_too_deeply_are_refused():
    """A state of a depth that Python cannot go through is one error of ours, both ways."""
    deep = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(UnsavableError):
        dumped(deep)
    with pytest.raises(UnsavableError):
        loaded(b"\x91" * 100_000)


@pytest.mark.parametrize(
    "value", [date(2026, 2, 28), time(1, 2, tzinfo=UTC), Decimal("1.50"), UUID(int=5), 1 << 80, -(1 << 63), 1 << 63]
)
def test_values_beyond_messagepack_are_exact(value):
    """What MessagePack has no type for comes back to the last digit."""
    assert loaded(dumped({"held": value})) == {"held": value}
