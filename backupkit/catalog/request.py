"""What every typed restore request shares: fields that name metadata keys, checked and written by the type's table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from typing import ClassVar, Protocol, cast, runtime_checkable
from uuid import uuid4

import attrs

from backupkit.arn import Arn, Arns, spelled
from backupkit.catalog.metadata_check import relations
from backupkit.catalog.metadata_key import NEW_TOKEN, Encoding, MetadataKey
from backupkit.catalog.naming import FieldNaming, Naming
from backupkit.catalog.point_facts import PointFacts
from backupkit.catalog.resource_type import ResourceType
from backupkit.catalog.restore_form import RestoreForm, chosen
from backupkit.catalog.structure import Structure
from backupkit.checks import LONGEST_WORD, is_text, text_of
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, located, quote, typed

__all__ = [
    "Raw",
    "Request",
    "RestoreRequest",
    "arn_strings",
    "by_itself",
    "instance_count",
    "mapping",
    "overwritten",
    "sends",
    "strings",
    "structures",
]


@runtime_checkable
class RestoreRequest(Protocol):
    """Says what to restore a point to: one of the classes of `backupkit.restore`."""

    @property
    def resource_type(self) -> str:
        """AWS Backup's type string of what is restored."""
        ...

    def requested(self, facts: PointFacts) -> dict[str, str]:
        """The metadata that the request itself asks for, whatever the point holds.

        Raises:
            InvalidValueError: The request does not fit the point.
        """
        ...


def mapping(metadata: Mapping[str, str]) -> dict[str, str]:
    """A copy of metadata, if it is a mapping of texts.

    Raises:
        InvalidValueError: It is not one.
    """
    if not isinstance(metadata, Mapping):
        what = f"{typed(metadata)} is not a mapping of metadata keys to values"
        raise InvalidValueError(Problem("restore", what, "give a dict"))
    for name, value in metadata.items():
        if not is_text(name) or (isinstance(value, str) and not is_text(value)):
            what = f"{quote(name)} or its value holds half of a surrogate pair, or is not text"
            raise InvalidValueError(Problem("restore", what, "decode it from UTF-8"))
        if not isinstance(value, str):
            what = f"the value of {quote(name)} is {typed(value)}, not a text"
            raise InvalidValueError(
                Problem("restore", what, 'write booleans as "true" or "false", lists and objects as JSON text')
            )
    return dict(metadata)


def hidden(metadata: Mapping[str, str]) -> str:
    """Metadata as a repr may show it: the keys alone."""
    return "{" + ", ".join(f"{name}: ***" for name in metadata) + "}"


def overwritten(consent: object, what: str) -> Iterator[Problem]:
    """What is wrong with a request that destroys what is there, where the caller did not say so."""
    if consent is not True:
        yield Problem("overwrite", f"the restore overwrites {what}, and nobody said so", "give overwrite=True")


def instance_count(number: object) -> Iterator[Problem]:
    """What is wrong with the number of instances that a cluster is given afterwards."""
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= 16:
        yield Problem("instances", f"{quote(number)} is not a number of instances", "use 1 to 16")


def sends(key: str | None) -> dict[str, str | None]:
    """The ``metadata`` of a field whose name does not tell its key; None: it is not sent."""
    return {"restore_key": key}


def strings(values: Iterable[str]) -> tuple[str, ...]:
    """Texts as a tuple; a single one counts as one, not as its letters. What is not a list is left to the checks."""
    if isinstance(values, str):
        return (values,)
    return cast("tuple[str, ...]", _tuple(values))


def arn_strings(arns: Arns) -> tuple[str, ...]:
    """ARNs in either form as a tuple of texts, as `strings` does."""
    given = (arns,) if isinstance(arns, (str, Arn)) else _tuple(arns)
    return cast("tuple[str, ...]", tuple(map(spelled, given)) if isinstance(given, tuple) else given)


def structures(
    values: Structure | Mapping[str, object] | Iterable[Structure | Mapping[str, object]],
) -> tuple[Structure | Mapping[str, object], ...]:
    """Nested structures as a tuple; a single one counts as one."""
    if isinstance(values, Structure):
        return (values,)
    if isinstance(values, Mapping):
        return ({str(name): value for name, value in values.items()},)
    return cast("tuple[Structure | Mapping[str, object], ...]", _tuple(values))


def _tuple(values: object) -> object:
    return tuple(values) if isinstance(values, Iterable) and not isinstance(values, (str, bytes)) else values


@attrs.frozen(repr=False)
class Request:
    """The base of typed requests. A field names a key of the type's table, and is left out where it is None."""

    KIND: ClassVar[ResourceType]
    FORMS: ClassVar[tuple[RestoreForm, ...]]
    """The forms of the type that the class can mean."""
    SAYS: ClassVar[Mapping[str, str]] = {}
    """What every request of the class sends, to say which form is meant."""

    extra_metadata: Mapping[str, str] = attrs.field(factory=dict, converter=mapping, kw_only=True, hash=False)

    def __attrs_post_init__(self) -> None:
        for field in attrs.fields(type(self)):
            # What the caller changes afterwards is not part of the request.
            value = getattr(self, field.name)
            if isinstance(value, Mapping) or (isinstance(value, tuple) and any(isinstance(e, Mapping) for e in value)):
                object.__setattr__(self, field.name, deepcopy(value))
        found = tuple(self._problems())
        if found:
            raise InvalidValueError(located("restore", found))

    def __repr__(self) -> str:
        # Most fields are left out; what may be secret stands for itself.
        texts = []
        for field in attrs.fields(type(self)):
            value = getattr(self, field.name)
            if field.name == "extra_metadata":
                texts += [f"extra_metadata={hidden(value)}"] if value else []
            elif value != field.default:
                texts.append(f"{field.name}={value!r}" if field.repr else f"{field.name}=***")
        return f"{type(self).__name__}({', '.join(texts)})"

    @property
    def resource_type(self) -> str:
        """AWS Backup's type string of what is restored."""
        return self.KIND.name

    def requested(self, facts: PointFacts) -> dict[str, str]:  # noqa: ARG002 - S3 looks at the point
        """The metadata that the request itself asks for, without `extra_metadata`."""
        return self._own()

    def form(self, facts: PointFacts | None) -> RestoreForm:
        """The way in which it restores a point."""
        return chosen(self.FORMS, facts, {**self._own(), **self.extra_metadata})

    def field_of(self, key: str) -> str:
        """The field that names a key; the key itself where none does."""
        return next((field for field, name in fields(type(self)) if name.casefold() == key.casefold()), key)

    @property
    def naming(self) -> Naming:
        """How messages call the keys: by the request's fields."""
        return FieldNaming(self.field_of)

    def says(self) -> Mapping[str, str]:
        """What the request sends of itself, so that its form is the one that is meant."""
        return self.SAYS

    def _own(self) -> dict[str, str]:
        found = dict(self.says())
        for field, name in fields(type(self)):
            value = getattr(self, field)
            key = key_of(type(self), name)
            if value is not None and value != ():
                found[key.name] = key.encode(value)
        return found

    def _problems(self) -> Iterator[Problem]:
        """Say what is wrong with the request by itself."""
        sound = True
        for problem in self._field_problems():
            sound = False
            yield problem
        if sound:
            yield from self._form_problems(self.form(None))

    def _form_problems(self, form: RestoreForm) -> Iterator[Problem]:
        own = {**_defaults(form), **self._own(), **self.extra_metadata}
        names = {name.casefold() for name in own}
        for key in form.keys:
            # What the point may say is looked at when there is one.
            if key.required and key.returned is False and key.name.casefold() not in names:
                field = self.field_of(key.name)
                yield Problem(field, f"{form.name} needs it", f"give {field}=")
        for problem in relations(form, own, self.naming):
            yield attrs.evolve(problem, address=self.field_of(problem.address))

    def _plain_form(self) -> RestoreForm:
        """The form that the texts and booleans among the fields mean, whatever the others hold."""
        found = dict(self.says())
        for field, name in fields(type(self)):
            value = getattr(self, field)
            if isinstance(value, (str, bool)):
                found[name] = key_of(type(self), name).encode(value)
        return chosen(self.FORMS, None, found)

    def _field_problems(self) -> Iterator[Problem]:
        form = self._plain_form()
        for field, name in fields(type(self)):
            value, key = getattr(self, field), form.find(name) or key_of(type(self), name)
            if value in (None, ()) and attrs.fields_dict(type(self))[field].default == value:
                continue
            if value == ():
                yield Problem(field, "nothing is given", "give one or more")
                continue
            wanted = key.takes(value)
            if wanted is not None:
                yield Problem(field, f"{_unfit(key, value)} is not {wanted}", f"give {wanted}")
                continue
            if not _can_be_written(key, value):
                yield Problem(field, "it holds what JSON does not have", "use texts, numbers, lists and dicts")
                continue
            if value == "":
                yield Problem(field, "an empty text asks for nothing", "leave it out, or say what is meant")
                continue
            for problem in key.problems(value):
                yield problem.below(field)


def fields(cls: type[Request]) -> tuple[tuple[str, str], ...]:
    """The fields of a request that are sent, each with its key."""
    if cls not in _FIELDS:
        _FIELDS[cls] = tuple(_fields(cls))
    return _FIELDS[cls]


_FIELDS: dict[type, tuple[tuple[str, str], ...]] = {}


def _fields(cls: type[Request]) -> Iterator[tuple[str, str]]:
    names = {_plain(key.name): key.name for form in reversed(cls.FORMS) for key in form.keys}
    for field in attrs.fields(cls):
        if field.name == "extra_metadata":
            continue
        key = field.metadata.get("restore_key", names.get(_plain(field.name)))
        if "restore_key" not in field.metadata and key is None:
            raise TypeError(f"{cls.__name__}.{field.name} names no metadata key")
        if key is not None:
            yield field.name, key


def _plain(name: str) -> str:
    return name.replace("_", "").replace("-", "").casefold()


def key_of(cls: type[Request], name: str) -> MetadataKey:
    """The key of a request's forms that has this name."""
    found = next((key for form in cls.FORMS if (key := form.find(name)) is not None), None)
    if found is None:
        raise TypeError(f"{cls.__name__}: {name} is not in its table")
    return found


def _unfit(key: MetadataKey, value: object) -> str:
    """A value that a field does not take, as a message may show it; of a list, the first item that is wrong."""
    if key.secret or key.secret_members:
        return "the value"
    if isinstance(value, tuple) and key.encoding is Encoding.LIST:
        return f"a tuple with {quote(next(each for each in value if not is_text(each)))}"
    return quote(value)


def _can_be_written(key: MetadataKey, value: object) -> bool:
    try:
        key.encode(value)
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def by_itself(request: Request, facts: PointFacts) -> dict[str, str]:
    """The metadata of a request for a point of which nothing more is known, with what its form sends of itself."""
    form = request.form(facts)
    own = {**request.requested(facts), **request.extra_metadata}
    names = {name.casefold() for name in own}
    filled = {name: str(uuid4()) if text == NEW_TOKEN else text for name, text in _defaults(form).items()}
    return {**{name: text for name, text in filled.items() if name.casefold() not in names}, **own}


def _defaults(form: RestoreForm) -> dict[str, str]:
    return {key.name: key.default for key in form.keys if key.default is not None and not key.default_with}


@attrs.frozen
class Raw:
    """Metadata as it is, for types and keys that backupkit has no typed request for. Nothing is added or dropped.

    Args:
        resource_type: AWS Backup's type string.
        values: The whole Metadata of StartRestoreJob; lists and structures are JSON text.

    Raises:
        InvalidValueError: The type is not one, or the values are not texts.
    """

    resource_type: str
    values: Mapping[str, str] = attrs.field(converter=mapping, hash=False, repr=hidden)

    def __attrs_post_init__(self) -> None:
        wrong = tuple(located("restore/resource_type", text_of(LONGEST_WORD)(self.resource_type)))
        if wrong:
            raise InvalidValueError(wrong)

    def requested(self, facts: PointFacts) -> dict[str, str]:  # noqa: ARG002 - the shape of them all
        """The values, and nothing that the point holds."""
        return dict(self.values)
