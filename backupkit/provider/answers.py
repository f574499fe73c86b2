"""Asking the transport, and reading the API's documents strictly: what is there and is of another type is an error.

A member that is absent, null or empty says nothing, as everywhere in the API. A list that is a text, or a number that
is a list, is not taken for nothing: a preview that took it so would make again what is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import NoReturn, TypeAlias, TypeVar

from backupkit.arn import Arn
from backupkit.errors import InvalidValueError, UnreachableError
from backupkit.observe import decode
from backupkit.transport import paging
from backupkit.transport.protocol import Params, Transport
from backupkit.transport.reading import read, unusable

__all__ = [
    "Document",
    "answer",
    "arn",
    "entries",
    "flag",
    "inner",
    "listed",
    "moment",
    "needed",
    "number",
    "scalar",
    "tags_of",
    "text",
    "text_map",
    "texts",
]

Document: TypeAlias = Mapping[str, object]
"""A piece of the API's JSON under the API's own names."""
T = TypeVar("T")


def answer(transport: Transport, operation: str, params: Params, parse: Callable[[Document], T]) -> T:
    """What ``parse`` makes of the answer to one call.

    Raises:
        ServiceError: The service answered no.
        UnreachableError: The answer cannot be read; names the operation and AWS's id of the request.
    """
    return read(transport, operation, params, lambda body: parse(decode.document(body)))


def listed(
    transport: Transport, operation: str, parse: Callable[[Document], T], params: Params | None = None
) -> Iterator[T]:
    """What ``parse`` makes of every entry of a list, over all pages.

    Raises:
        ServiceError: The service answered no.
        UnreachableError: A page cannot be read; names the operation and AWS's id of the request.
    """
    for page in paging.pages(transport, operation, params or {}):
        try:
            found = [parse(each) for each in entries(decode.document(page), paging.LISTS[operation])]
        except UnreachableError as error:
            raise unusable(operation, page, str(error)) from error
        yield from found


def tags_of(transport: Transport, arn: str) -> dict[str, str]:
    """The tags of a vault or plan, without those that AWS keeps for itself."""
    return {key: value for key, value in paging.tags(transport, arn).items() if not key.lower().startswith("aws:")}


def text(document: Document, member: str) -> str:
    """A text; empty where there is none."""
    found = document.get(member)
    if found is None:
        return ""
    return found if isinstance(found, str) else _wrong(member, "a text")


def needed(document: Document, member: str) -> str:
    """A text that every answer of its kind has."""
    found = text(document, member)
    if not found:
        raise UnreachableError(f"the answer has no {member}; it may be of another service")
    return found


def arn(document: Document, member: str) -> str:
    """An ARN that every answer of its kind has."""
    found = needed(document, member)
    try:
        Arn.parse(found)
    except InvalidValueError:
        _wrong(member, "an ARN")
    return found


def texts(document: Document, member: str) -> tuple[str, ...]:
    """A list of texts, sorted and without doubles: the API's lists of texts are sets."""
    found = _list(document, member, "a list of texts")
    return tuple(sorted({each if isinstance(each, str) else _wrong(member, "a list of texts") for each in found}))


def text_map(document: Document, member: str) -> dict[str, str]:
    """Texts by text, sorted; empty where there are none."""
    return {key: text(inner(document, member), key) for key in sorted(inner(document, member))}


def number(document: Document, member: str) -> int | None:
    """A whole number; None where there is none, or 0, which the API never means."""
    found = document.get(member)
    if found is None:
        return None
    whole = isinstance(found, int) or (isinstance(found, float) and found.is_integer())
    if isinstance(found, bool) or not isinstance(found, int | float) or not whole:
        return _wrong(member, "a whole number")
    return int(found) or None


def flag(document: Document, member: str) -> bool:
    """Whether something is so; not where nothing is said."""
    found = document.get(member)
    return _wrong(member, "true or false") if not isinstance(found, bool | None) else bool(found)


def scalar(document: Document, member: str, kind: type) -> str | int | bool | None:
    """A text, whole number or flag as `text`, `number` and `flag` give it; None where it says nothing."""
    if kind is bool:
        return flag(document, member) or None
    return number(document, member) if kind is int else text(document, member) or None


def moment(document: Document, member: str) -> datetime | None:
    """A time in UTC, from epoch seconds; None where there is none."""
    found = document.get(member)
    if found is None:
        return None
    if isinstance(found, int | float) and not isinstance(found, bool):
        try:
            return datetime.fromtimestamp(found, UTC)
        except (ValueError, OverflowError, OSError):
            pass
    return _wrong(member, "a time")


def inner(document: Document, member: str) -> Document:
    """A structure; empty where there is none."""
    found = document.get(member)
    if found is None:
        return {}
    return found if isinstance(found, Mapping) else _wrong(member, "a structure")


def entries(document: Document, member: str) -> tuple[Document, ...]:
    """A list of structures; empty where there is none."""
    found = _list(document, member, "a list of structures")
    return tuple(each if isinstance(each, Mapping) else _wrong(member, "a list of structures") for each in found)


def _list(document: Document, member: str, what: str) -> Sequence[object]:
    found = document.get(member)
    if found is None:
        return ()
    return found if isinstance(found, Sequence) and not isinstance(found, str) else _wrong(member, what)


def _wrong(member: str, what: str) -> NoReturn:
    # The value is not quoted: it may be anything.
    raise UnreachableError(f"the answer's {member} is not {what}")
