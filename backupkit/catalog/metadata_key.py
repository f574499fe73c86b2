"""One key of a type's restore metadata: how it is written, when it is needed, what the point's own value is for.

StartRestoreJob takes a map of texts. Lists and objects travel as JSON inside a text, booleans as ``true`` and
``false``, numbers as decimals, moments as ISO 8601 (developer guide, restoring a backup). Keys compare without case:
the guide spells them in several ways, and says of some types that case does not count.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TypeAlias

import attrs

from backupkit.catalog.structure import Structure, plain
from backupkit.checks import Pattern, is_text
from backupkit.problems import Problem, quote

__all__ = ["NEW_TOKEN", "Encoding", "MetadataKey", "Send", "Trait", "keys", "moment_in", "moment_text", "traits"]

NEW_TOKEN = "<new token>"  # noqa: S105 - stands for a fresh UUID
"""As a default: a text that no other request has."""


Values: TypeAlias = "str | tuple[str, ...]"
"""The value of another key, or several of which one is meant."""


class Encoding(enum.StrEnum):
    """How a value is written into its text."""

    TEXT = "text"
    BOOLEAN = "boolean text"
    INTEGER = "integer text"
    LIST = "JSON list of texts"
    OBJECT = "JSON object"
    OBJECTS = "JSON list of objects"
    TEXT_OBJECT = "JSON object of JSON texts"
    MOMENT = "moment"

    @property
    def example(self) -> str:
        """A value of the kind, as metadata holds it."""
        return _EXAMPLES[self]


_EXAMPLES = {
    Encoding.TEXT: '"text"',
    Encoding.BOOLEAN: '"true"',
    Encoding.INTEGER: '"100"',
    Encoding.LIST: """'["one", "two"]'""",
    Encoding.OBJECT: """'{"Key": "value"}'""",
    Encoding.OBJECTS: """'[{"Key": "value"}]'""",
    Encoding.TEXT_OBJECT: """'{"arn": "{}"}'""",
    Encoding.MOMENT: '"2026-01-31T05:00:00Z"',
}
"""A value of each kind, as metadata holds it."""


class Send(enum.StrEnum):
    """What becomes of the value that GetRecoveryPointRestoreMetadata answers."""

    KEEP = "keep"
    """It is sent back, unless the request gives another."""
    REPLACE = "replace"
    """It is of the source; the request must or may give another, and it is not sent back."""
    STRIP = "strip"
    """It cannot be sent, or is ignored."""


class Trait(enum.StrEnum):
    """What a point can be that decides which keys go with it."""

    CONTINUOUS = "continuous points"
    SNAPSHOT = "snapshots"
    ARCHIVED = "archived points"
    COPIED = "points copied from another Region or account"
    OTHER_REGION = "points copied from another Region"
    BASIC = "points that the service itself keeps"


def traits(values: Iterable[Trait]) -> frozenset[Trait]:
    """Kinds of points as a set."""
    return frozenset(values)


@attrs.frozen
class MetadataKey:
    """One key.

    Args:
        name: As the guide spells it; a name that ends with ``*`` stands for all keys that begin so.
        encoding: How the value is written.
        required: Whether no job can do without it.
        required_for: The kinds of points whose jobs cannot do without it.
        required_with: Another key with the value, or one of several, that makes this one required.
        required_without: Other keys; where none of them is given, this one is needed.
        required_members: Members that its JSON object, or each object of its list, cannot do without.
        goes_with: Another key with the value, or one of several, without which this one is refused.
        excluded_by: Another key with the value, or one of several, beside which this one is refused.
        fits_with: Another key with what its value must look like, where it is given; else this one is refused.
        yields_to: Other keys; where the request gives one of them, the point's own value of this one is not sent.
        values: The values that there are; empty where any will do.
        pattern: What names look like.
        minimum: The least number, or length of a list.
        maximum: The greatest number, or length of a list.
        default: What backupkit sends where nobody says anything; None: nothing.
        default_with: Other keys; the default is sent only beside one of them.
        returned: Whether GetRecoveryPointRestoreMetadata answers it; None where it is not known.
        send: What becomes of the returned value.
        strip_for: The kinds of points whose own value is not sent.
        strip_members: Members of the point's own JSON object that are not sent.
        not_for: The kinds of points that are refused with it.
        fails: Whether a job that is sent it fails.
        fixed: Whether the restore takes the point's own value, whatever is sent.
        secret: Whether its value must not be shown.
        secret_members: Members of its JSON object that must not be shown.
        seen: Whether a public request was seen to send it, or the service to answer it.
        source: Where the rule comes from.
    """

    name: str
    encoding: Encoding = Encoding.TEXT
    required: bool = attrs.field(default=False, kw_only=True)
    required_for: frozenset[Trait] = attrs.field(default=frozenset(), converter=traits, kw_only=True)
    required_with: Mapping[str, Values] = attrs.field(factory=dict, kw_only=True, hash=False)
    required_without: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    required_members: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    goes_with: Mapping[str, Values] = attrs.field(factory=dict, kw_only=True, hash=False)
    excluded_by: Mapping[str, Values] = attrs.field(factory=dict, kw_only=True, hash=False)
    fits_with: Mapping[str, Pattern] = attrs.field(factory=dict, kw_only=True, hash=False)
    yields_to: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    values: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    pattern: Pattern | None = attrs.field(default=None, kw_only=True)
    minimum: int | None = attrs.field(default=None, kw_only=True)
    maximum: int | None = attrs.field(default=None, kw_only=True)
    default: str | None = attrs.field(default=None, kw_only=True)
    default_with: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    returned: bool | None = attrs.field(default=False, kw_only=True)
    send: Send = attrs.field(default=Send.KEEP, kw_only=True)
    strip_for: frozenset[Trait] = attrs.field(default=frozenset(), converter=traits, kw_only=True)
    strip_members: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    not_for: frozenset[Trait] = attrs.field(default=frozenset(), converter=traits, kw_only=True)
    fails: bool = attrs.field(default=False, kw_only=True)
    fixed: bool = attrs.field(default=False, kw_only=True)
    secret: bool = attrs.field(default=False, kw_only=True)
    secret_members: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    seen: bool = attrs.field(default=False, kw_only=True)
    source: str = attrs.field(default="", kw_only=True)

    def fits(self, name: str) -> bool:
        """Whether ``name`` is this key; case does not count."""
        if self.name.endswith("*"):
            return name.casefold().startswith(self.name[:-1].casefold())
        return name.casefold() == self.name.casefold()

    def encode(self, value: object) -> str:
        """Write a Python value as its text.

        Raises:
            TypeError: It holds something that JSON does not have.
            ValueError: It holds a number that JSON does not have, or itself.
        """
        match value:
            case bool():
                return "true" if value else "false"
            case str():
                return value
            case datetime():
                return moment_text(value)
            case tuple() | list() | Mapping() | Structure():
                return json.dumps(plain(value), allow_nan=False)
            case _:
                return str(value)

    def decode(self, text: str) -> object:
        """What the text says.

        Raises:
            ValueError: It is not written as this key's values are.
        """
        match self.encoding:
            case Encoding.BOOLEAN:
                return _boolean(text)
            case Encoding.INTEGER:
                return _integer(text)
            case Encoding.MOMENT:
                return datetime.fromisoformat(text)
            case Encoding.TEXT:
                return text
            case _:
                return self._structure(text)

    def _structure(self, text: str) -> object:
        try:
            found: object = json.loads(text)
        except RecursionError as error:
            raise ValueError("nested too deep") from error
        fits = {
            Encoding.LIST: lambda: isinstance(found, list) and all(isinstance(each, str) for each in found),
            Encoding.OBJECTS: lambda: isinstance(found, list) and all(isinstance(each, dict) for each in found),
            Encoding.OBJECT: lambda: isinstance(found, dict),
            Encoding.TEXT_OBJECT: lambda: (
                isinstance(found, dict) and all(isinstance(each, str) for each in found.values())
            ),
        }
        if not fits[self.encoding]():
            raise ValueError(f"not a {self.encoding}")
        return found

    def problems(self, value: object, *, show: bool = True) -> Iterator[Problem]:
        """What is wrong with a decoded value; its address is left to the caller.

        Args:
            value: A bool, int, text, tuple or list, mapping or aware datetime.
            show: Whether the message may show the value.
        """
        if isinstance(value, (tuple, list)):
            yield from self._span(len(value), "items")
        elif _is_int(value):
            yield from self._span(int(str(value)), "")
        for each in value if isinstance(value, (tuple, list)) else (value,):
            yield from self._missing(each)
            what = quote(each) if show and not self.secret else "the value"
            if self.values and each not in self.values:
                yield Problem("", f"{what} is not one of {', '.join(self.values)}", self.hint)
            if self.pattern is not None and not self.pattern.admits(str(each) if _is_int(each) else each):
                yield Problem("", f"{what} is not {self.pattern.thing}", f"use {self.pattern.words}")

    def _missing(self, value: object) -> Iterator[Problem]:
        found = plain(value)
        names = {name.casefold() for name in found} if isinstance(found, dict) else set(self.required_members)
        missing = [member for member in self.required_members if member.casefold() not in names]
        if missing and isinstance(found, dict):
            yield Problem("", f"it does not say {', '.join(missing)}", f"give {', '.join(missing)} in it")

    @property
    def hint(self) -> str:
        """How a value gets through that AWS takes by now and this table does not know."""
        return f'spell it exactly like that; a newer value goes into extra_metadata={{"{self.name}": ...}}'

    def _span(self, number: int, unit: str) -> Iterator[Problem]:
        if (self.minimum is not None and number < self.minimum) or (self.maximum is not None and number > self.maximum):
            units = unit if self.span != "1" else unit.removesuffix("s")
            got, verb = (unit, "are") if unit and number != 1 else (unit.removesuffix("s"), "is")
            what = f"{number:,} {got}".rstrip()
            yield Problem("", f"{what} {verb} out of range", f"use {self.span} {units}".rstrip())

    @property
    def span(self) -> str:
        """How many, or how much, it takes: ``1 to 5``."""
        if self.minimum == self.maximum:
            return f"{self.minimum:,}"
        low = f"{self.minimum:,}" if self.minimum is not None else "up"
        return f"{low} to {self.maximum:,}" if self.maximum is not None else f"{low} or more"

    def takes(self, value: object) -> str | None:
        """What a request's field should hold for this key, where ``value`` is not of that kind; else None."""
        fits, wanted = {
            Encoding.BOOLEAN: (isinstance(value, bool), "True or False"),
            Encoding.INTEGER: (_is_int(value), "a whole number"),
            Encoding.TEXT: (is_text(value) or _is_int(value), "a text"),
            Encoding.LIST: (isinstance(value, tuple) and all(map(is_text, value)), "a tuple of texts"),
            Encoding.OBJECTS: (_all_of(value, (Mapping, Structure)), "a tuple of mappings"),
            Encoding.OBJECT: (isinstance(value, (Mapping, Structure)), "a mapping"),
            Encoding.TEXT_OBJECT: (isinstance(value, Mapping), "a mapping"),
            Encoding.MOMENT: (isinstance(value, datetime) and value.tzinfo is not None, "an aware datetime"),
        }[self.encoding]
        return None if fits else wanted


def keys(
    names: str, encoding: Encoding = Encoding.TEXT, template: MetadataKey | None = None
) -> tuple[MetadataKey, ...]:
    """Keys that differ in their names alone, each like ``template``."""
    like = template if template is not None else MetadataKey("")
    return tuple(attrs.evolve(like, name=name, encoding=encoding) for name in names.split())


def moment_text(moment: datetime) -> str:
    """A moment as the guide writes it: UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment_in(text: str) -> datetime | None:
    """The moment that a text says, in UTC where it names no zone; None where it says none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _all_of(value: object, kinds: type | tuple[type, ...]) -> bool:
    return isinstance(value, tuple) and all(isinstance(each, kinds) for each in value)


def _boolean(text: str) -> bool:
    # The pages on S3 and Redshift write TRUE and FALSE, and public requests only small letters.
    if text.casefold() not in {"true", "false"}:
        raise ValueError("not true or false")
    return text.casefold() == "true"


def _integer(text: str) -> int:
    if not text.lstrip("-").isdecimal():
        raise ValueError("not a whole number")
    return int(text)
