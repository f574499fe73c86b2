"""Texts that nobody means are refused where they are written: empty, controlling a terminal, or without end."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import pytest

import backupkit as bk
from backupkit.declare.declared import Declared
from backupkit.errors import InvalidValueError

ABSURD = {"empty": "", "control": "prod\x00", "escape": "\x1b[2Jprod", "endless": "a" * 100_000}
ALLOWED = {
    "ControlParameter.value[empty]": "AWS reports parameters without a value",
    "TagCondition.value[empty]": "the value of a tag may be empty",
}
"""What is taken although it looks absurd, and why."""


def declared() -> Iterator[type[Declared]]:
    """Every class of declared values that shows how it is made."""
    # Public names are loaded when they are first used.
    assert all(hasattr(bk, name) for name in bk.__all__)
    found = [Declared]
    while found:
        cls = found.pop()
        found += cls.__subclasses__()
        if vars(cls).get("_EXAMPLE") and cls.__module__.startswith("backupkit."):
            yield cls


def texts() -> Iterator[tuple[str, Declared, str, object]]:
    """Each text that a declared value can hold, alone, in a list, as a key and as a value, made absurd."""
    for cls in sorted(declared(), key=lambda each: each.__name__):
        example = eval(cls._EXAMPLE, {"bk": bk})
        for field in attrs.fields(type(example)):
            kind = str(field.type)
            for word, text in ABSURD.items():
                where = f"{type(example).__name__}.{field.name}[{word}]"
                if kind.startswith("str"):
                    yield where, example, field.alias, text
                if kind.startswith("tuple[str"):
                    yield where, example, field.alias, (text,)
                if kind == "Tags":
                    yield f"{where} key", example, field.alias, {text: "v"}
                    if text:  # tags and options without a value are AWS's way to mark things
                        yield f"{where} value", example, field.alias, {"key": text}


CASES = {where: rest for where, *rest in texts()}


@pytest.mark.parametrize("where", CASES)
def test_an_absurd_text_is_refused_where_it_is_written(where):
    """Every text field of every declared class refuses what AWS never takes, or this says why it does not."""
    example, field, value = CASES[where]
    if where in ALLOWED:
        assert getattr(attrs.evolve(example, **{field: value}), field) == value
        return
    with pytest.raises(InvalidValueError) as caught:
        attrs.evolve(example, **{field: value})
    assert len(str(caught.value)) < 3_000, "what is refused is shown cut"
    assert "\x1b" not in str(caught.value), "a message does not control the terminal"


def test_every_text_of_a_declared_class_is_looked_at():
    """The table is made of the classes, so that a class that comes later is in it."""
    seen = {where.partition(".")[0] for where in CASES}
    assert seen >= {"Alarm", "BackupRole", "LegalHold", "Plan", "ReportPlan", "Rule", "TagCondition", "Vault"}
    assert not ALLOWED.keys() - CASES.keys()


def test_a_held_resource_is_an_arn():
    """A hold on a table's name would hold nothing."""
    with pytest.raises(InvalidValueError, match=r"legal_hold.audit/resources: 'orders' is not an ARN"):
        bk.LegalHold("audit", "Case 17", resources="orders")


def test_a_secret_that_is_absurd_is_not_shown():
    """What may be a secret is refused by its type alone."""
    source = "arn:aws:backup:us-east-1:123456789012:backup-vault:prod"
    for make in (
        lambda text: bk.RestoreAccessVault("shared", source=source, comment=text),
        lambda text: bk.tag("team").equals(text),
        lambda text: bk.Vault("prod", tags={"team": text}),
    ):
        with pytest.raises(InvalidValueError, match="holds a control character; take it out") as caught:
            make("hunter2\x00")
        assert "hunter2" not in str(caught.value)


def test_lines_are_no_absurdity_in_a_description():
    """A description and a comment may have several lines."""
    assert bk.LegalHold("audit", "Case 17\nsecond line", vaults="prod").description.count("\n") == 1


def test_every_named_thing_has_a_name():
    """``thing.name`` is what its address ends in, also where AWS calls it otherwise."""
    hold = bk.LegalHold("audit-2026", "Case 17", vaults="prod")
    assert (hold.name, hold.address) == (hold.title, "legal_hold.audit-2026")
    for cls in (bk.Vault, bk.Plan, bk.Framework, bk.ReportPlan, bk.RestoreTestingPlan, bk.BackupRole, bk.Alarm):
        thing = eval(cls._EXAMPLE, {"bk": bk})
        assert thing.address.endswith(f".{thing.name}")


@pytest.mark.parametrize("verb", ["unmanaged", "manages"])
def test_a_part_that_is_not_one_is_told_by_the_verb_that_was_written(verb):
    """The address is the method that the caller called, and not the field behind it."""
    with pytest.raises(InvalidValueError, match=rf"^vault.prod/{verb}: 'name' is not a part of it; use some of key"):
        getattr(bk.Vault("prod"), verb)("name")
