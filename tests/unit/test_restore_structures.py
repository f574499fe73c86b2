"""What stands inside a restore request is held to its kind, as its own fields are."""

from __future__ import annotations

import attrs
import pytest

import backupkit as bk
from backupkit import restore
from backupkit.catalog.structure import Structure
from backupkit.errors import InvalidValueError

STRUCTURES = [
    each
    for name in restore.__all__
    if isinstance(each := getattr(restore, name), type) and issubclass(each, Structure) and each is not Structure
]
GOOD = {"str": "x", "int": 1, "float": 1.5, "bool": True, "tuple[str, ...]": ("x",)}
FIELDS = [(each, field.name) for each in STRUCTURES for field in attrs.fields(each)]


def made(structure, **odd):
    """One with all that it cannot do without."""
    needed = {field.name: GOOD[str(field.type)] for field in attrs.fields(structure) if field.default is attrs.NOTHING}
    return structure(**{**needed, **odd})


@pytest.mark.parametrize("structure", STRUCTURES)
def test_what_is_right_is_taken(structure):
    """Every field takes a value of its kind, and one text in the place of several counts as one."""
    made(structure)
    for field in attrs.fields(structure):
        kind = str(field.type).removesuffix(" | None")
        made(structure, **{field.name: GOOD.get(kind, {})})
        if kind.startswith("tuple"):
            assert getattr(made(structure, **{field.name: "one"}), field.name) == ("one",)


@pytest.mark.parametrize(("structure", "field"), FIELDS, ids=lambda part: getattr(part, "__name__", part))
def test_what_is_wrong_is_told_by_its_field(structure, field):
    """A number in quotes, or half of a surrogate pair, would be sent, and the job would fail."""
    for odd in (object(), b"x", [[]], "\ud800"):
        with pytest.raises(InvalidValueError) as caught:
            made(structure, **{field: odd})
        assert [each.address for each in caught.value.problems] == [f"restore/{structure.__name__}/{field}"]


def test_no_value_is_shown():
    """A member may hold a secret, so a wrong one is told by its type alone."""
    with pytest.raises(InvalidValueError) as caught:
        restore.EbsBlockDevice(volume_size="hunter2")
    assert "hunter2" not in str(caught.value)
    assert "a str is not a whole number" in str(caught.value)


@pytest.mark.parametrize(
    "make",
    [
        lambda: restore.EC2Instance(platform="\ud800"),
        lambda: restore.EC2Instance(block_device_mappings=3),
        lambda: restore.FSxLustre(subnet_ids="subnet-1", security_group_ids="sg-1", deployment_type=[]),
        lambda: restore.RDSInstance("x", enable_cloudwatch_logs_exports=["\ud800"]),
        lambda: restore.Raw(3, {}),
        lambda: restore.Raw("", {}),
        lambda: restore.Raw("EC2", {"a": "\ud800"}),
        lambda: restore.Raw("EC2", {"\ud800": "a"}),
    ],
)
def test_a_request_that_cannot_be_sent_is_refused(make):
    """What no encoding can carry, and what is of another kind, is told before a point is looked at."""
    with pytest.raises(InvalidValueError, match=r"^restore"):
        make()


def test_a_raw_request_may_be_of_a_new_type():
    """A type that AWS adds can be restored by hand from its first day."""
    assert bk.restore.Raw("Ledger", {"bookName": "orders"}).resource_type == "Ledger"
