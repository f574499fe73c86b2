"""Requests and answers held against botocore's own model of AWS Backup.

Each operation's shape is compiled once into nested functions that return nothing where all is well, so that a call
pays for walking its parameters and for little else; faults carry their path as they rise.

Two kinds of fault are told apart. What botocore itself checks (required members, types, minimum lengths and numbers)
never reaches AWS. What only the model says (patterns, maxima, enums) is for AWS to refuse.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

import attrs

from backupkit.emulator.kernel.plain_values import BROKEN, is_whole, mended
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, quote

if TYPE_CHECKING:
    from botocore.model import ListShape, MapShape, ServiceModel, Shape, StructureShape

__all__ = ["Check", "Fault", "input_check", "model", "operation_names", "output_check", "raise_unsent"]


@attrs.frozen
class Fault:
    """One place where a document breaks the model."""

    path: str
    """Where, as botocore writes it: ``BackupPlan.Rules[0].RuleName``."""
    what: str
    hint: str
    value: object = None
    sent: bool = False
    """True where botocore sends it all the same, and AWS refuses."""
    shape: str = ""
    """The model's name of the shape that is broken."""

    def below(self, step: str) -> Fault:
        """The same fault, seen from one level further out."""
        path = f"{step}{self.path}" if self.path.startswith("[") or not self.path else f"{step}.{self.path}"
        return attrs.evolve(self, path=path)


Check: TypeAlias = Callable[[object], "list[Fault] | None"]
"""What is wrong with one value; None where nothing is."""

# Patterns that only the documentation of a member gives.
_DOCUMENTED = {"CreatorRequestId": re.compile(r"[a-zA-Z0-9._-]{1,50}")}

# The service takes more than its model says: list filters document "*" and summaries ANY and AGGREGATE_ALL for
# accounts, two resource types have spaces in their names, EFS's automatic vault has slashes in its, and an empty
# description of a framework or report plan clears it.
_OWN_PATTERNS = {
    "BackupVaultName": r"[a-zA-Z0-9\-\_]{2,50}|aws/efs/automatic-backup-vault",
    "AccountId": r"[0-9]{12}|\*|ANY|AGGREGATE_ALL|ROOT",
    "FrameworkDescription": r"(.*\S.*)?",
    "ReportPlanDescription": r"(.*\S.*)?",
    "ResourceType": r"[a-zA-Z0-9\-\_\. ]{1,50}|\*",
}


@cache
def model() -> ServiceModel:
    """Botocore's model of AWS Backup; no client is made."""
    from botocore.loaders import Loader  # noqa: PLC0415 - importing backupkit must not import botocore
    from botocore.model import ServiceModel  # noqa: PLC0415 - as above

    return ServiceModel(Loader().load_service_model("backup", "service-2"), "backup")


@cache
def operation_names() -> frozenset[str]:
    """Every operation that AWS Backup has."""
    return frozenset(model().operation_names)


@cache
def input_check(operation: str) -> Check:
    """The check of a request to ``operation``."""
    shape = model().operation_model(operation).input_shape
    return _structure_check(shape, {}, wire=False) if shape is not None else _nothing_taken


@cache
def output_check(operation: str) -> Check:
    """The check of an answer's JSON to ``operation``, where moments are epoch seconds."""
    shape = model().operation_model(operation).output_shape
    return _structure_check(shape, {}, wire=True) if shape is not None else _nothing_taken


def raise_unsent(operation: str, faults: Iterable[Fault]) -> None:
    """Raise what botocore would not even send.

    Raises:
        InvalidValueError: At least one of ``faults`` is botocore's to find.
    """
    unsent = [fault for fault in faults if not fault.sent]
    if unsent:
        raise InvalidValueError(
            Problem(f"{operation}.{fault.path}" if fault.path else operation, fault.what, fault.hint)
            for fault in unsent
        )


def _nothing_taken(value: object) -> list[Fault] | None:
    if not value:
        return None
    return [Fault("", "it takes no members", "leave the members out", value)]


def _compiled(shape: Shape, known: dict[str, Check], *, wire: bool) -> Check:
    """The check of any shape, made once; no shape of the API holds itself."""
    if shape.name not in known:
        known[shape.name] = _make(shape, known, wire=wire)
    return known[shape.name]


def _make(shape: Shape, known: dict[str, Check], *, wire: bool) -> Check:
    from botocore.model import ListShape, MapShape, StructureShape  # noqa: PLC0415 - as in `model`

    if isinstance(shape, StructureShape):
        return _structure_check(shape, known, wire=wire)
    if isinstance(shape, ListShape):
        return _list_check(shape, known, wire=wire)
    if isinstance(shape, MapShape):
        return _map_check(shape, known, wire=wire)
    if shape.type_name == "timestamp":
        return _epoch_check if wire else _moment_check
    return _scalar_check(shape)


def _structure_check(shape: StructureShape, known: dict[str, Check], *, wire: bool) -> Check:
    members = {name: _member_check(name, member, known, wire=wire) for name, member in shape.members.items()}
    # botocore does not hold answers against `required`, and the model marks what AWS leaves out.
    required = () if wire else tuple(shape.required_members)

    def check(value: object) -> list[Fault] | None:
        if not isinstance(value, Mapping):
            return [_wrong_type(value, "a mapping")]
        faults: list[Fault] = []
        for name, part in value.items():
            member = members.get(name)
            if member is None:
                faults.append(_unknown(name, members))
                continue
            found = member(part)
            if found:
                faults += [fault.below(name) for fault in found]
        faults += [Fault(name, "it is required and missing", "give it") for name in required if name not in value]
        return faults or None

    return check


def _member_check(name: str, shape: Shape, known: dict[str, Check], *, wire: bool) -> Check:
    pattern = _DOCUMENTED.get(name)
    if pattern is None:
        return _compiled(shape, known, wire=wire)

    def check(value: object) -> list[Fault] | None:
        if not isinstance(value, str):
            return [_wrong_type(value, "text")]
        if pattern.fullmatch(value):
            return None
        return [Fault("", f"{value!r} does not match {pattern.pattern}", "follow the pattern", value, sent=True)]

    return check


def _list_check(shape: ListShape, known: dict[str, Check], *, wire: bool) -> Check:
    member = _compiled(shape.member, known, wire=wire)
    sized = _size_check(shape, "items")

    def check(value: object) -> list[Fault] | None:
        if not isinstance(value, (list, tuple)):
            return [_wrong_type(value, "a list")]
        faults: list[Fault] = sized(value) or []
        for position, item in enumerate(value):
            found = member(item)
            if found:
                faults += [fault.below(f"[{position}]") for fault in found]
        return faults or None

    return check


def _map_check(shape: MapShape, known: dict[str, Check], *, wire: bool) -> Check:
    key_check = _compiled(shape.key, known, wire=wire)
    value_check = _compiled(shape.value, known, wire=wire)
    sized = _size_check(shape, "entries")

    def check(value: object) -> list[Fault] | None:
        if not isinstance(value, Mapping):
            return [_wrong_type(value, "a mapping")]
        faults: list[Fault] = sized(value) or []
        for key, part in value.items():
            found = [*(key_check(key) or ()), *(value_check(part) or ())]
            if found:
                faults += [fault.below(mended(str(key))) for fault in found]
        return faults or None

    return check


def _size_check(shape: Shape, unit: str) -> Callable[[Collection[object]], list[Fault] | None]:
    least, most = shape.metadata.get("min", 0), shape.metadata.get("max", float("inf"))

    def check(value: Collection[object]) -> list[Fault] | None:
        count = len(value)
        if count < least:
            return [Fault("", f"it has {count} {unit}, fewer than {least}", f"give at least {least}")]
        if count > most:
            return [Fault("", f"it has {count} {unit}, more than {most}", f"give at most {most}", sent=True)]
        return None

    return check


def _scalar_check(shape: Shape) -> Check:
    kind = shape.type_name
    if kind == "string":
        return _string_check(shape)
    if kind in {"integer", "long"}:
        return _number_check(shape, (int,), "a whole number")
    if kind in {"double", "float"}:
        return _number_check(shape, (int, float), "a number")
    return _boolean_check


def _string_check(shape: Shape) -> Check:
    least, most = shape.metadata.get("min", 0), shape.metadata.get("max", float("inf"))
    allowed = frozenset(shape.metadata.get("enum", ()))
    pattern = _OWN_PATTERNS.get(shape.name) or shape.metadata.get("pattern")
    matches = re.compile(pattern, re.DOTALL).fullmatch if pattern else None
    # A label of the path that is empty makes another path.
    if shape.serialization.get("location") == "uri":
        least = max(least, 1)

    def check(value: object) -> list[Fault] | None:
        if not isinstance(value, str):
            return [_wrong_type(value, "text")]
        if not is_whole(value):
            return [Fault("", BROKEN, "decode it from UTF-8", shape=shape.name)]
        if (
            least <= len(value) <= most
            and (matches is None or matches(value) is not None)
            and (not allowed or value in allowed)
        ):
            return None
        return [explained(value)]

    def explained(value: str) -> Fault:
        if len(value) < least:
            return Fault("", f"{value!r} is shorter than {least}", f"give {least} characters or more", value)
        if len(value) > most:
            what, hint = f"it has {len(value)} characters", f"give {most} or fewer"
        elif allowed and value not in allowed:
            what, hint = f"{value!r} is none of its values", f"give one of {', '.join(sorted(allowed))}"
        else:
            what, hint = f"{value!r} does not match {pattern}", "follow the pattern"
        return Fault("", what, hint, value, sent=True, shape=shape.name)

    return check


def _number_check(shape: Shape, kinds: tuple[type, ...], named: str) -> Check:
    least = shape.metadata.get("min", float("-inf"))
    most = shape.metadata.get("max", float("inf"))

    def check(value: object) -> list[Fault] | None:
        if not isinstance(value, kinds) or isinstance(value, bool):
            return [_wrong_type(value, named)]
        # Compared as it is: a whole number may be too large for a float.
        number = value if isinstance(value, (int, float)) else 0
        if number < least:
            return [Fault("", f"{quote(value)} is less than {least}", f"give {least} or more", value)]
        if number > most:
            return [Fault("", f"{quote(value)} is more than {most}", f"give {most} or less", value, sent=True)]
        return None

    return check


def _boolean_check(value: object) -> list[Fault] | None:
    return None if isinstance(value, bool) else [_wrong_type(value, "True or False")]


def _moment_check(value: object) -> list[Fault] | None:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return None if _in_calendar(value) else [Fault("", f"{value} is beyond the calendar of UTC", "move it", value)]
    if isinstance(value, datetime):
        return [Fault("", f"{value} has no time zone", "give an aware datetime", value)]
    return [_wrong_type(value, "an aware datetime")]


def _in_calendar(value: datetime) -> bool:
    try:
        value.astimezone(UTC)
    except OverflowError:
        return False
    return True


def _epoch_check(value: object) -> list[Fault] | None:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return None
    return [_wrong_type(value, "epoch seconds")]


def _wrong_type(value: object, wanted: str) -> Fault:
    # The value itself is left out: it may be long, or a tag that is marked sensitive.
    return Fault("", f"it is of type {type(value).__name__}", f"give {wanted}", value)


def _unknown(name: object, members: Mapping[str, Check]) -> Fault:
    known = ", ".join(members) or "nothing"
    return Fault(str(name), "it is not a member that AWS knows here", f"known here: {known}")
