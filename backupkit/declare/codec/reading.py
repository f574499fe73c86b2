"""The API's documents to declared values.

Reading never stops at the first mistake: what cannot be read is noted with its address, everything else is read, and
the values then say what is wrong with themselves.
"""

from __future__ import annotations

import json
import typing
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

import attrs

from backupkit.declare.codec.documents import SCHEDULE, is_schedule, member_name, members
from backupkit.declare.codec.hints import hint, is_list, item_class
from backupkit.declare.declared import Declared, unchecked
from backupkit.declare.fields import flags_of
from backupkit.declare.plan import Plan
from backupkit.declare.rule import DEFAULT_SCHEDULE
from backupkit.declare.selection import CONDITION_PREFIX, OPERATORS, Selection, TagCondition
from backupkit.declare.tags import Tags
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, errors_in, nearest, quote, with_article
from backupkit.schedule import Schedule

__all__ = ["from_document", "plan_from_document", "why_omitted"]

D = TypeVar("D", bound=Declared)
_CLOUDFORMATION = {"BackupPlanRule": "Rules"}
"""Names of CloudFormation that are like none here."""
_IDEMPOTENCY_TOKENS = dict.fromkeys(
    ("CreatorRequestId", "IdempotencyToken"), "the idempotency token is made for each call"
)


def why_omitted(cls: type[Declared], member: str) -> str:
    """Return why values of ``cls`` do not hold ``member``; empty where they do, or where it is unknown."""
    return "" if member in members(cls) else (cls._OMITTED | _IDEMPOTENCY_TOKENS).get(member, "")


def plan_from_document(given: str | bytes | Mapping[str, object]) -> Plan:
    """The plan of an API document; see `Plan.from_json`.

    Raises:
        InvalidValueError: The document is refused; holds all its problems at once.
    """
    read = _parsed(given)
    if not isinstance(read, Mapping):
        raise InvalidValueError(
            Problem("plan", f"{quote(read)} is not a BackupPlan document", "give a mapping, or its JSON text")
        )
    plan, noted = from_document(Plan, _unwrapped(read))
    tags = read.get("BackupPlanTags")
    if isinstance(tags, Mapping):
        with unchecked():
            plan = plan.tagged(tags)
    addresses = {problem.address for problem in noted}
    problems = (*noted, *(problem for problem in errors_in(plan.problems()) if problem.address not in addresses))
    if problems:
        raise InvalidValueError(problems)
    return plan


def _parsed(given: object) -> object:
    if not isinstance(given, (str, bytes)):
        return given
    try:
        return json.loads(given)
    except json.JSONDecodeError as error:
        # The text may hold tag values, so only the place is told.
        what = f"the text is not JSON: {error}"
    except UnicodeDecodeError as error:
        what = f"the bytes are not UTF-8 at {error.start:,}"
    except RecursionError:
        what = "the text is nested too deeply"
    except ValueError:
        what = "the text holds a number of thousands of digits"
    raise InvalidValueError(Problem("plan", what, "give a BackupPlan document"))


def _unwrapped(given: Mapping[str, object]) -> Mapping[str, object]:
    """The BackupPlan document out of an answer or a request that holds it."""
    inner = given.get("BackupPlan")
    if not isinstance(inner, Mapping):
        return given
    # GetBackupPlan answers these settings beside the plan, and null in it.
    beside = given.get("AdvancedBackupSettings")
    return {**inner, "AdvancedBackupSettings": beside} if inner.get("AdvancedBackupSettings") is None else inner


def from_document(cls: type[D], given: Mapping[str, object]) -> tuple[D, tuple[Problem, ...]]:
    """The value of a document, unchecked, and what could not be read; ask the value itself for its own problems."""
    with unchecked():
        value, problems = _Reader(cls, given).read(cls)
    return value, tuple(problem.below(value.address) for problem in problems)


class _Reader:
    """Reads one structure, and notes what it cannot read."""

    def __init__(self, cls: type[Declared], given: Mapping[str, object], position: int | None = None) -> None:
        self._cls = cls
        self._given = given
        self._position = position
        self._problems: list[Problem] = []

    def read(self, cls: type[D]) -> tuple[D, list[Problem]]:
        self._note_unknown()
        arguments: dict[str, object] = {}
        for field in attrs.fields(cls):
            found = self._field(field) if flags_of(field).document else None
            if found is not None or field.default is attrs.NOTHING:
                arguments[field.name] = self._stand_in(field) if found is None else found
        return cls(**arguments), self._problems

    def _note_unknown(self) -> None:
        known = members(self._cls)
        for name, value in self._given.items():
            why = why_omitted(self._cls, name) if isinstance(name, str) else ""
            # SLF001: the class itself says it.
            if value is None or name in known or (name in self._cls._COMPUTED and not why):  # noqa: SLF001
                continue
            if why:
                self._note("", f"{name} cannot be given: {why}", "leave it out")
            else:
                kind = self._cls.__name__
                meant = _CLOUDFORMATION.get(name) if isinstance(name, str) else None
                self._note(
                    "",
                    f"{quote(name)} is not a member of {with_article(kind)}",
                    f"write {meant}" if meant else nearest(name, known),
                )

    def _field(self, field: attrs.Attribute[object]) -> object:
        if is_schedule(self._cls, field.name):
            return self._schedule()
        raw = self._given.get(member_name(field))
        if raw is None:
            if field.default is attrs.NOTHING:
                self._note(field.name, f"{member_name(field)} is missing", "give it")
            return None
        if (self._cls, field.name) == (Selection, "tags"):
            return tuple(self._list_of_tags(raw))
        if (self._cls, field.name) == (Selection, "conditions"):
            return tuple(self._conditions(raw))
        return self._member(field, raw)

    def _stand_in(self, field: attrs.Attribute[object]) -> object:
        """What a value holds in place of a member that is missing; its own check of that field says no more."""
        if field.name == "name" and self._position is not None:
            return f"#{self._position + 1}"
        return () if is_list(self._cls, field.name) else None

    def _member(self, field: attrs.Attribute[object], raw: object) -> object:
        item = item_class(self._cls, field.name)
        if is_list(self._cls, field.name):
            return self._list(field.name, raw, item)
        if item is not None:
            return self._structure(item, raw, field.name, None)
        if hint(self._cls, field.name) is Tags and not isinstance(raw, Mapping):
            self._note(field.name, f"{quote(raw)} is not a map", "give an object of text to text")
            return None
        return raw

    def _list(self, name: str, raw: object, item: type[Declared] | None) -> object:
        if not _listed(raw):
            self._note(name, f"{quote(raw)} is not a list", "give a list")
            return None
        if item is None:
            return tuple(raw)
        read = (self._structure(item, each, f"{name}/{index}", index) for index, each in enumerate(raw))
        return tuple(each for each in read if each is not None)

    def _structure(self, cls: type[D], raw: object, where: str, position: int | None) -> D | None:
        if not isinstance(raw, Mapping):
            self._note(where, f"{quote(raw)} is not a structure", "give an object")
            return None
        value, problems = _Reader(cls, raw, position).read(cls)
        self._problems.extend(problem.below(value.address) for problem in problems)
        return value

    def _schedule(self) -> Schedule | None:
        expression, timezone = map(self._text, SCHEDULE)
        if expression is None and timezone is None:
            return None
        try:
            return Schedule(
                DEFAULT_SCHEDULE if expression is None else expression, "Etc/UTC" if timezone is None else timezone
            )
        except InvalidValueError as error:
            self._problems.extend(error.problems)
            return None

    def _text(self, name: str) -> str | None:
        raw = self._given.get(name)
        if raw is None or isinstance(raw, str):
            return raw
        self._note("schedule", f"{name} {quote(raw)} is not text", "give text")
        return None

    def _list_of_tags(self, raw: object) -> Iterator[tuple[str, str]]:
        for each in self._pairs("tags", raw, ("ConditionType", "ConditionKey", "ConditionValue")):
            if each["ConditionType"] != "STRINGEQUALS":
                self._note("tags", f"ConditionType {quote(each['ConditionType'])} in ListOfTags", "write STRINGEQUALS")
            yield each["ConditionKey"], each["ConditionValue"]

    def _conditions(self, raw: object) -> Iterator[TagCondition]:
        if not isinstance(raw, Mapping):
            self._note("conditions", f"{quote(raw)} is not a structure", "give an object")
            return
        for operator, listed in raw.items():
            if operator not in OPERATORS:
                self._note("conditions", f"{quote(operator)} is not an operator", nearest(operator, OPERATORS))
                continue
            for each in self._pairs("conditions", [] if listed is None else listed, ("ConditionKey", "ConditionValue")):
                key = each["ConditionKey"]
                if not key.startswith(CONDITION_PREFIX):
                    self._note("conditions", f"{quote(key)} matches nothing", f"write {quote(CONDITION_PREFIX + key)}")
                yield TagCondition(key.removeprefix(CONDITION_PREFIX), operator, each["ConditionValue"])

    def _pairs(self, where: str, raw: object, names: tuple[str, ...]) -> Iterator[dict[str, str]]:
        if not _listed(raw):
            self._note(where, f"{quote(raw)} is not a list", "give a list")
            return
        for index, each in enumerate(raw):
            texts = {str(k): v for k, v in each.items() if isinstance(v, str)} if isinstance(each, Mapping) else {}
            if isinstance(each, Mapping) and texts.keys() == set(names) and len(each) == len(names):
                yield texts
            else:
                self._note(f"{where}/{index}", "not a tag condition of the API", f"give {', '.join(names)}, all text")

    def _note(self, address: str, what: str, hint: str) -> None:
        self._problems.append(Problem(address, what, hint))


def _listed(raw: object) -> typing.TypeGuard[Sequence[object]]:
    return isinstance(raw, Sequence) and not isinstance(raw, (str, bytes))
