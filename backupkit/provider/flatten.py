"""The API's documents in one normal form: flat, so that fields compare one by one, and without the service's echoes.

The fields of the declared classes say how: what AWS fills in by itself (``assumed``), and what it writes in several
ways (``normal``), is here the same as what was declared (facts: botocore's model of AWS Backup, recorded responses, and
what other clients had to learn).
"""

from __future__ import annotations

import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

import attrs

from backupkit.declare.codec.documents import member_name, members
from backupkit.declare.codec.hints import hint, is_list, item_class
from backupkit.declare.declared import Declared
from backupkit.declare.fields import LEFT_TO_AWS, Flags, flags_of
from backupkit.declare.tags import Switches, Tags
from backupkit.errors import UnreachableError
from backupkit.provider.answers import Document, entries, flag, inner, moment, scalar, text, text_map, texts
from backupkit.provider.change import Leaf
from backupkit.provider.forms import Flat, Form, Item
from backupkit.schedule import Schedule

__all__ = ["flatten", "tag_form", "unknown_members", "without_computed"]

_UTC = "Etc/UTC"


def tag_form(tags: Mapping[str, str]) -> Flat:
    """Tags, without those that AWS keeps for itself."""
    return {f"tags.{key}": value for key, value in sorted(tags.items()) if not key.lower().startswith("aws:")}


def flatten(
    cls: type[Declared], document: Document, beside: Document | None = None, skip: frozenset[str] = frozenset()
) -> Form:
    """A document in comparable form.

    Args:
        cls: The declared class whose document it is.
        document: As sent or as answered.
        beside: What is declared, where this is what AWS has: what it leaves to AWS is left out here.
        skip: Fields that are left out.

    Raises:
        UnreachableError: A member is of a type that the API does not give it.
    """
    return _Flattener(document, beside).form(cls, skip)


@attrs.frozen
class _Field:
    """A field of a declared class, with its annotation read once."""

    name: str
    inside: str
    member: str
    flags: Flags
    item: type[Declared] | None
    many: bool
    types: tuple[object, ...]
    is_map: bool

    @property
    def rank(self) -> int:
        """Where it comes in a preview: when, then plain values, structures and maps."""
        return 0 if Schedule in self.types else 1 + (self.item is not None) + 2 * self.is_map


_READ: dict[type[Declared], tuple[_Field, ...]] = {}


def _fields(cls: type[Declared]) -> tuple[_Field, ...]:
    if cls not in _READ:
        found = [_field(cls, field) for field in attrs.fields(cls) if flags_of(field).document]
        _READ[cls] = tuple(sorted(found, key=lambda each: each.rank))
    return _READ[cls]


def _field(cls: type[Declared], field: attrs.Attribute[object]) -> _Field:
    hinted = hint(cls, field.name)
    types = tuple(typing.get_origin(each) or each for each in (hinted, *typing.get_args(hinted)))
    is_map = any(isinstance(each, type) and issubclass(each, Mapping) for each in types)
    inside, _, member = member_name(field).rpartition("/")
    many, item = is_list(cls, field.name), item_class(cls, field.name)
    return _Field(field.name, inside, member, flags_of(field), item, many, types, is_map)


def _holder(document: Document, field: _Field) -> Document:
    """The structure that a member stands in, which may be inside the document."""
    return _at(document, field.inside) if field.inside else document


def _at(document: Document, path: str) -> Document:
    for name in filter(None, path.split("/")):
        document = inner(document, name)
    return document


class _Flattener:
    """Flattens one structure."""

    def __init__(self, document: Document, beside: Document | None) -> None:
        self._whole = document, beside
        self._document = document
        self._beside = beside
        self._leaves: dict[str, Leaf] = {}
        self._items: list[Item] = []

    def form(self, cls: type[Declared], skip: frozenset[str]) -> Form:
        for field in _fields(cls):
            if field.name not in skip:
                document, beside = self._whole
                self._document = _holder(document, field)
                self._beside = None if beside is None else _holder(beside, field)
                self._add(field, alone=bool(skip) and _is_alone(cls, field))
        return Form(self._leaves, tuple(self._items))

    def _add(self, field: _Field, *, alone: bool) -> None:
        if Schedule in field.types:
            self._add_schedule(field)
        elif self._is_left_to_aws(field):
            return
        elif field.item is not None:
            self._add_inner(field, field.item)
        elif field.is_map:
            prefix = "" if alone else f"{field.name}."
            self._leaves.update({f"{prefix}{key}": leaf for key, leaf in self._map(field).items()})
        else:
            self._put(field.name, self._value(field))

    def _is_left_to_aws(self, field: _Field) -> bool:
        return field.flags.assumed is LEFT_TO_AWS and self._beside is not None and field.member not in self._beside

    def _add_schedule(self, field: _Field) -> None:
        expression = text(self._document, "ScheduleExpression") or field.flags.assumed
        if not expression:
            return
        zone = text(self._document, "ScheduleExpressionTimezone")
        self._leaves[field.name] = " ".join(str(expression).split())
        self._leaves["timezone"] = _UTC if zone in {"", "UTC"} else zone

    def _add_inner(self, field: _Field, cls: type[Declared]) -> None:
        if field.many:
            held = entries(self._document, field.member)
            beside = _by_key(cls, entries(self._beside or {}, field.member))
            items = [_item(cls, each, beside) for each in held]
            if field.flags.normal is None:
                self._items += items
            else:
                self._put(field.name, _normal(field, held))
            return
        held_one = inner(self._document, field.member)
        if field.flags.normal is not None:
            flatten(cls, held_one)  # what the API does not write is told before it is brought to one form
            held_one = {str(key): value for key, value in _mapping(_normal(field, held_one)).items()}
        found = flatten(cls, held_one, inner(self._beside, field.member) if self._beside is not None else None)
        self._leaves.update({f"{field.name}/{path}": leaf for path, leaf in found.leaves.items()})
        self._items += [attrs.evolve(each, kind=f"{field.name}/{each.kind}") for each in found.items]

    def _map(self, field: _Field) -> dict[str, Leaf]:
        if field.flags.normal is not None:
            found = dict(_mapping(_normal(field, inner(self._document, field.member))))
        elif Tags in field.types:
            found = dict(_mapping(text_map(self._document, field.member)))
        else:
            held = inner(self._document, field.member)
            switches = Switches in field.types
            found = {key: flag(held, key) if switches and held[key] is not None else held[key] for key in sorted(held)}
        wanted = set(inner(self._beside, field.member)) if field.flags.partial and self._beside is not None else found
        return {str(key): _leaf(field, value) for key, value in found.items() if key in wanted and value is not None}

    def _value(self, field: _Field) -> object:
        member, normal = field.member, field.flags.normal
        raw = self._document.get(member)
        if normal is not None and (field.flags.encode is not None or str not in field.types):
            found = None if raw is None else _normal(field, raw)
        elif field.flags.encode is not None:
            found = None if raw in (None, "", []) else _leaf(field, raw)
        elif datetime in field.types:
            found = _instant(raw if isinstance(raw, datetime) else moment(self._document, member))
        elif field.many:
            held = texts(self._document, member)
            found = (held if normal is None else _normal(field, held)) or None
        else:
            kind = next((each for each in (bool, int) if each in field.types), str)
            found = scalar(self._document, member, kind)
            if normal is not None and found is not None:
                found = _normal(field, found)
        return field.flags.assumed if found is None and field.flags.assumed is not LEFT_TO_AWS else found

    def _put(self, path: str, value: object) -> None:
        if isinstance(value, Mapping):
            for key, each in value.items():
                self._put(f"{path}/{key}", each)
        elif isinstance(value, list):
            self._put(path, tuple(value))
        elif isinstance(value, str | int | float | bool | tuple) and value != ():
            self._leaves[path] = value


def _is_alone(cls: type[Declared], field: _Field) -> bool:
    """Whether a field is all that an item says but for its name: then its own name is not written."""
    return bool(_key(cls)) and [each.name for each in _fields(cls) if each.name != _key(cls)] == [field.name]


def _item(cls: type[Declared], document: Document, beside: Mapping[str, Document] | None) -> Item:
    field = next((each for each in _fields(cls) if each.name == _key(cls)), None)
    name = text(document, field.member) if field is not None else ""
    form = flatten(cls, document, beside.get(name) if beside is not None else None, frozenset({_key(cls)}))
    short = name.rpartition(":")[2] if name.startswith("arn:") else ""
    if field is not None and (short or not (form.leaves or form.items)):
        # The label does not say it whole, or there is nothing else to say.
        form = Form({field.name: name, **form.leaves}, form.items)
    return Item(_kind(cls), name, form, short)


def _by_key(cls: type[Declared], documents: Iterable[Document]) -> dict[str, Document] | None:
    member = next((each.member for each in _fields(cls) if each.name == _key(cls)), "")
    return {text(each, member): each for each in documents} if member else None


def _kind(cls: type[Declared]) -> str:
    return cls._KIND


def _key(cls: type[Declared]) -> str:
    return cls._KEY


def _normal(field: _Field, value: object) -> object:
    """The value in its one form; one that cannot be brought to it is not the API's."""
    assert field.flags.normal is not None
    try:
        return field.flags.normal(value)
    except (TypeError, ValueError, LookupError, AttributeError):
        raise UnreachableError(f"the answer's {field.member} is not as AWS Backup writes it") from None


def _mapping(value: object) -> Mapping[object, object]:
    return value if isinstance(value, Mapping) else {}


def _instant(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()


def _leaf(field: _Field, value: object) -> Leaf:
    if isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
        return tuple(sorted(set(value)))
    if isinstance(value, str | int | float | bool):
        return value
    raise UnreachableError(f"the answer's {field.member} is not made of plain values")


def without_computed(cls: type[Declared], document: Document) -> Document:
    """A document as a request can hold it: without what AWS adds, in the document and in the structures in it."""
    found = {member: value for member, value in document.items() if member not in cls._COMPUTED}
    for field in _fields(cls):
        value = found.get(field.member) if not field.inside else None
        if field.item is not None and isinstance(value, Mapping):
            found[field.member] = without_computed(field.item, value)
        elif field.item is not None and value is not None:
            found[field.member] = [without_computed(field.item, each) for each in entries(found, field.member)]
    return found


def unknown_members(cls: type[Declared], document: Document) -> tuple[str, ...]:
    """Paths of what AWS holds and backupkit does not know: writing the document again would drop it."""
    return tuple(dict.fromkeys(_unknown(cls, document)))


def _unknown(cls: type[Declared], document: Document) -> Iterator[str]:
    for inside in dict.fromkeys(("", *(field.inside for field in _fields(cls)))):
        known = members(cls, inside) | cls._COMPUTED
        held, above = _at(document, inside), f"{inside}/" if inside else ""
        yield from (f"{above}{member}" for member, value in held.items() if member not in known and not _blank(value))
    for field in _fields(cls):
        value = _holder(document, field).get(field.member)
        if field.item is None or field.flags.encode is not None or value is None:
            continue
        for each in (value,) if isinstance(value, Mapping) else entries(_holder(document, field), field.member):
            name = text(each, _name_member(field.item))
            where = f"{_kind(field.item)}.{name}" if name else field.member
            yield from (f"{where}/{path}" for path in _unknown(field.item, each))


def _name_member(cls: type[Declared]) -> str:
    """The member that is a name by which the item is addressed; ARNs and words are none."""
    return next((each.member for each in _fields(cls) if each.name == _key(cls) == "name"), "")


def _blank(value: object) -> bool:
    """Whether a member says nothing: an echo of what was never sent."""
    if isinstance(value, Mapping):
        return all(map(_blank, value.values()))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return all(map(_blank, value))
    return not value
