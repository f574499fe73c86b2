"""Bodies of the control path: JSON that may hold what its form has and nothing else, and what is wrong with another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Annotated, TypeAlias, TypeVar

import msgspec
from msgspec import inspect

from backupkit.emulator.http.messages import Unreadable
from backupkit.emulator.http.requests import json_object
from backupkit.problems import label, nearest

__all__ = ["Moment", "parsed"]

Moment: TypeAlias = Annotated[datetime, msgspec.Meta(tz=True)]
"""A moment with its zone."""

_Parsed = TypeVar("_Parsed")
_AT = " - at `$"
_FIELD = re.compile(r"Object (contains unknown|missing required) field `(.*)`", re.DOTALL)
_GOT = re.compile(r"Expected `.*`, got `(.*)`")
_STEP = re.compile(r"\[[^\]]*\]|[^.\[]+")
_TYPES = {"int": "number", "float": "number", "str": "string", "bool": "boolean"}


def parsed(kind: type[_Parsed], body: bytes) -> _Parsed:
    """Return a body in the form of ``kind``.

    Raises:
        Unreadable: It is not JSON, or not of this form; it names the member, and what may stand there.
    """
    document = json_object(body)
    try:
        return msgspec.convert(document, kind, strict=True)
    except msgspec.ValidationError as error:
        raise _unreadable(inspect.type_info(kind), str(error)) from error


def _unreadable(form: inspect.Type, sentence: str) -> Unreadable:
    """Put msgspec's sentence into the words of the protocol, and add what may stand there."""
    what, _, rest = sentence.rpartition(_AT) if _AT in sentence else (sentence, "", "")
    path = rest.removesuffix("`").removeprefix(".")
    allowed = list(_choices(_below([form], _STEP.findall(path))))
    if (field := _FIELD.fullmatch(what)) is None:
        got = _GOT.fullmatch(what)
        was = f"of type {_TYPES.get(got[1], got[1])}, not" if got is not None else "not"
        return Unreadable(path or "body", f"it is {was} {_described(allowed)}")
    where = f"{path}.{label(field[2])}" if path else label(field[2])
    if field[1] == "missing required":
        return Unreadable(where, "it is required and missing")
    known = _names(allowed)
    return Unreadable(where, f"it is not known here; {nearest(field[2], known) if known else 'leave it out'}")


def _choices(forms: Iterable[inspect.Type]) -> Iterator[inspect.Type]:
    for form in forms:
        if isinstance(form, inspect.UnionType):
            yield from _choices(form.types)
        elif not isinstance(form, inspect.NoneType):
            yield form


def _below(forms: Iterable[inspect.Type], steps: Iterable[str]) -> Iterable[inspect.Type]:
    for step in steps:
        forms = [inner for form in _choices(forms) for inner in _inside(form, step)]
    return forms


def _inside(form: inspect.Type, step: str) -> list[inspect.Type]:
    match form:
        case inspect.StructType():
            return [field.type for field in form.fields if field.encode_name == step]
        case inspect.ListType() if step.startswith("["):
            return [form.item_type]
        case inspect.DictType():
            return [form.value_type]
    return []


def _names(forms: Iterable[inspect.Type]) -> list[str]:
    return [field.encode_name for form in forms if isinstance(form, inspect.StructType) for field in form.fields]


def _described(forms: list[inspect.Type]) -> str:
    """Describe what may stand in one place."""
    names = _names(forms)
    found = [f"an object with {', '.join(names)}"] if names else []
    found += [text for kind, text in _WORDS.items() if any(isinstance(form, kind) for form in forms)]
    return " or ".join(found)


_WORDS: dict[type[inspect.Type], str] = {
    inspect.DictType: "an object",
    inspect.StrType: "a string",
    inspect.BoolType: "true or false",
    inspect.IntType: "a whole number",
    inspect.FloatType: "a number",
    inspect.DateTimeType: "a moment with its zone, like 2026-03-08T00:00:00Z",
    inspect.ListType: "an array",
}
