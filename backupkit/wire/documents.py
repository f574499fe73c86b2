"""Declared values to the API's documents and back, derived from their fields.

A field's member name is its own name in PascalCase, or what its `wire` flag says. Absent means "left to AWS": None, empty
and False are not sent.
"""

from __future__ import annotations

import functools
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

import attrs

from backupkit.declare import Declared, Plan, Rule, Selection, TagCondition, Tags, unchecked
from backupkit.declare.fields import flags_of
from backupkit.declare.rule import DEFAULT_SCHEDULE
from backupkit.declare.selection import OPERATORS
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, errors_in, located
from backupkit.schedule import Schedule
from backupkit.wire.values import Document, Value

__all__ = ["document", "from_document", "member_name", "members", "plan_from_document"]

_PREFIX = "aws:ResourceTag/"
D = TypeVar("D", bound=Declared)


def member_name(field: attrs.Attribute[object]) -> str:
    """What the API calls a field."""
    return flags_of(field).wire or "".join(part.capitalize() for part in field.name.split("_"))


def document(value: Declared) -> Document:
    """The API's document of a declared value."""
    sent: Document = {}
    for field in attrs.fields(type(value)):
        if flags_of(field).document:
            sent.update(_sent(value, field))
    return sent


def members(cls: type[Declared]) -> frozenset[str]:
    """Every member that values of ``cls`` may send."""
    names: set[str] = set()
    for field in attrs.fields(cls):
        if flags_of(field).document:
            names.update(_SPREAD.get((cls, field.name), (member_name(field),)))
    return frozenset(names)


_SPREAD: dict[tuple[type[Declared], str], tuple[str, ...]] = {
    (Rule, "schedule"): ("ScheduleExpression", "ScheduleExpressionTimezone"),
}
"""Fields that are more than one member of the API."""


def _sent(owner: Declared, field: attrs.Attribute[object]) -> Document:
    value = getattr(owner, field.name)
    if isinstance(owner, Selection) and field.name in _SELECTION:
        value = _SELECTION[field.name](owner)
    if isinstance(value, Schedule):
        return {"ScheduleExpression": value.expression, "ScheduleExpressionTimezone": value.timezone}
    sent = _plain(value)
    return {} if sent is None or sent is False or sent in ({}, []) else {member_name(field): sent}


def _plain(value: Value | Declared | tuple[Value | Declared, ...]) -> Value:
    if isinstance(value, Declared):
        return document(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value


def _list_of_tags(selection: Selection) -> list[Value]:
    return [
        {"ConditionType": "STRINGEQUALS", "ConditionKey": key, "ConditionValue": value} for key, value in selection.tags
    ]


def _conditions(selection: Selection) -> Document:
    lists: Document = {}
    for operator in OPERATORS:
        held = [c for c in selection.conditions if c.operator == operator]
        if held:
            lists[operator] = [{"ConditionKey": _PREFIX + c.key, "ConditionValue": c.value} for c in held]
    return lists


_SELECTION: dict[str, typing.Callable[[Selection], Value]] = {
    "resources": lambda selection: selection.sent_resources,
    "tags": _list_of_tags,
    "conditions": _conditions,
}
"""Fields of a selection whose form on the wire is not their own."""


def plan_from_document(given: Mapping[str, object]) -> Plan:
    """The plan of an API document; see `Plan.from_json`."""
    inner = given.get("BackupPlan")
    plan, found = from_document(Plan, inner if isinstance(inner, Mapping) else given)
    problems = errors_in((*found, *plan.problems()))
    if problems:
        raise InvalidValueError(problems)
    return plan


def from_document(cls: type[D], given: Mapping[str, object]) -> tuple[D, tuple[Problem, ...]]:
    """The value of a document, unchecked, and what could not be read; ask the value itself for its own problems."""
    reader = _Reader()
    with unchecked():
        value = reader.value(cls, given)
    return value, tuple(located(value.address, reader.problems))


@functools.cache
def _item_class(cls: type[Declared], name: str) -> type[Declared] | None:
    """The declared class that a field holds, by itself or in a tuple."""
    hint = typing.get_type_hints(cls)[name]
    for each in _flattened(hint):
        if isinstance(each, type) and issubclass(each, Declared):
            return each
    return None


def _flattened(hint: object) -> Iterator[object]:
    arguments = typing.get_args(hint)
    if not arguments:
        yield hint
    for argument in arguments:
        yield from _flattened(argument)


class _Reader:
    """Reads documents, and notes what it cannot read instead of stopping."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def value(self, cls: type[D], given: Mapping[str, object], address: str = "") -> D:
        known = members(cls)
        for name in given:
            if name not in known and given[name] is not None and name not in _ECHOES.get(cls, ()):
                self._note(address, f"{name!r} is no member of the API's {cls.__name__}", _nearest(name, known))
        arguments: dict[str, object] = {}
        for field in attrs.fields(cls):
            read = self._field(cls, field, given, address) if flags_of(field).document else None
            if read is not None or _required(field):
                arguments[field.name] = read
        return cls(**arguments)

    def _field(
        self, cls: type[Declared], field: attrs.Attribute[object], given: Mapping[str, object], address: str
    ) -> object:
        if (cls, field.name) in _SPREAD:
            return self._schedule(given, address)
        raw = given.get(member_name(field))
        if raw is None:
            if _required(field):
                self._note(address, f"{member_name(field)} is missing", "give it")
            return None
        if cls is Selection and field.name in {"tags", "conditions"}:
            return self._tag_pairs(raw) if field.name == "tags" else self._tag_conditions(raw)
        return self._member(cls, field, raw, address)

    def _member(self, cls: type[Declared], field: attrs.Attribute[object], raw: object, address: str) -> object:
        item = _item_class(cls, field.name)
        where = f"{address}/{member_name(field)}".strip("/")
        if item is None:
            return self._simple(cls, field, raw, where)
        if isinstance(raw, Mapping):
            return self.value(item, raw, where)
        if isinstance(raw, Sequence) and not isinstance(raw, str):
            return tuple(self._item(item, each, f"{where}/{index}") for index, each in enumerate(raw))
        self._note(where, f"{raw!r} is not a structure", "give an object")
        return None

    def _item(self, item: type[Declared], raw: object, where: str) -> object:
        if isinstance(raw, Mapping):
            name = raw.get("RuleName")
            return self.value(item, raw, f"rule.{name}" if isinstance(name, str) else where)
        self._note(where, f"{raw!r} is not a structure", "give an object")
        return raw

    def _simple(self, cls: type[Declared], field: attrs.Attribute[object], raw: object, where: str) -> object:
        hint = typing.get_type_hints(cls)[field.name]
        if hint is Tags and not isinstance(raw, Mapping):
            self._note(where, f"{raw!r} is not a map", "give an object of text to text")
            return None
        if typing.get_origin(hint) is tuple and (isinstance(raw, str) or not isinstance(raw, Sequence)):
            self._note(where, f"{raw!r} is not a list", "give a list")
            return None
        return raw

    def _schedule(self, given: Mapping[str, object], address: str) -> Schedule | None:
        expression, timezone = given.get("ScheduleExpression"), given.get("ScheduleExpressionTimezone")
        if expression is None and timezone is None:
            return None
        try:
            return Schedule(_text(expression) or DEFAULT_SCHEDULE, _text(timezone) or "Etc/UTC")
        except InvalidValueError as error:
            self.problems.extend(located(address, error.problems))
            return None

    def _tag_pairs(self, raw: object) -> tuple[tuple[str, str], ...]:
        return tuple((_text(each.get("ConditionKey")), _text(each.get("ConditionValue"))) for each in _mappings(raw))

    def _tag_conditions(self, raw: object) -> tuple[TagCondition, ...]:
        lists = raw if isinstance(raw, Mapping) else {}
        return tuple(
            TagCondition(
                _text(each.get("ConditionKey")).removeprefix(_PREFIX), operator, _text(each.get("ConditionValue"))
            )
            for operator in OPERATORS
            for each in _mappings(lists.get(operator))
        )

    def _note(self, address: str, what: str, way_out: str) -> None:
        self.problems.append(Problem(address, what, way_out))


_ECHOES: dict[type[Declared], tuple[str, ...]] = {Rule: ("RuleId",)}
"""Members that AWS adds to what it was sent."""


def _required(field: attrs.Attribute[object]) -> bool:
    return field.default is attrs.NOTHING and not (field.name not in {"name", "vault", "role"} and field.converter)


def _text(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _mappings(raw: object) -> Iterable[Mapping[str, object]]:
    return [each for each in raw if isinstance(each, Mapping)] if isinstance(raw, Sequence) else []


def _nearest(name: str, known: frozenset[str]) -> str:
    same = [each for each in known if each.casefold() == name.casefold()]
    return f"write {same[0]}" if same else f"use some of {', '.join(sorted(known))}"
