"""The JSON of the API's answers -> observed records.

Strict and fast first: the text goes straight into records that know every member of the API's model. Where AWS sends
more, or something else, the slower lenient way is taken, which refuses and loses nothing: unknown and mistyped members
go to `Record.extra`.
"""

from __future__ import annotations

from functools import cache
from typing import Generic, NamedTuple, TypeVar

import msgspec

from backupkit.errors import UnreachableError
from backupkit.observe import lenient
from backupkit.observe.lenient import is_objects
from backupkit.observe.record import Document, Record

__all__ = ["Page", "document", "listing", "member", "page", "record", "tags"]

R = TypeVar("R", bound=Record)
T = TypeVar("T")


class Page(NamedTuple, Generic[R]):
    """One page of a list."""

    items: list[R]
    next_token: str | None


def record(body: bytes, cls: type[R]) -> R:
    """The record that a whole answer is, for example of DescribeBackupVault.

    Args:
        body: The JSON text of the answer.
        cls: The record's class; may be a subclass of one in `backupkit.observe`.

    Raises:
        UnreachableError: The answer is not the API's JSON.
    """
    decoder: msgspec.json.Decoder[R] = _record_decoder(cls)
    try:
        return _decoded(decoder, body)
    except msgspec.ValidationError:
        pass
    return lenient.record(document(body), cls)


def member(body: bytes, key: str, cls: type[R]) -> R:
    """The record under one member of an answer, for example ``CopyJob`` of DescribeCopyJob.

    Args:
        body: The JSON text of the answer.
        key: The member's name in the API.
        cls: The record's class.

    Raises:
        UnreachableError: The answer is not the API's JSON, or lacks the member.
    """
    inner = document(body).get(key)
    if not isinstance(inner, dict):
        raise UnreachableError(f"the answer has no {key}; it may be of another service")
    return lenient.record(inner, cls)


def page(body: bytes, key: str, cls: type[R]) -> Page[R]:
    """The records of one page of a list.

    Args:
        body: The JSON text of the answer.
        key: The member that holds the list, for example ``RecoveryPoints``.
        cls: The class of the list's records.

    Raises:
        UnreachableError: The answer is not the API's JSON.
    """
    try:
        items, token = msgspec.structs.astuple(_decoded(_page_decoder(key, cls), body))
    except msgspec.ValidationError:
        pass
    else:
        return Page(items or [], token or None)
    return _lenient_page(body, key, cls)


def tags(body: bytes) -> tuple[dict[str, str], str | None]:
    """One page of ListTags: tags by key, and the token of the next page.

    Raises:
        UnreachableError: The answer is not the API's JSON, or its tags are none.
    """
    answer = document(body)
    found = answer.get("Tags")
    if found is None:
        found = {}
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise UnreachableError("the answer's Tags are not texts by texts")
    return found, _token(answer)


def listing(body: bytes, key: str) -> tuple[Document, str | None]:
    """The JSON of one page of a list, and the token of the next page; None on the last.

    Args:
        body: The JSON text of the answer.
        key: The member that holds the list, or the map, for example ``Tags``.

    Raises:
        UnreachableError: The answer is not the API's JSON, or its list is not a list of structures.
    """
    answer = document(body)
    found = answer.get(key)
    if key == "Tags":
        tags(body)
    elif found is not None and not is_objects(found):
        raise UnreachableError(f"the answer's {key} is not a list of structures")
    return answer, _token(answer)


def document(body: bytes) -> Document:
    """The JSON of an answer as it is, under the API's own names; times are epoch seconds in UTC.

    Raises:
        UnreachableError: The answer is not the API's JSON.
    """
    try:
        return _decoded(_documents, body)
    except msgspec.ValidationError as error:
        unreadable = _unreadable(error)
    raise unreadable


_documents = msgspec.json.Decoder(dict[str, object])


@cache
def _record_decoder(cls: type[R]) -> msgspec.json.Decoder[R]:
    # Lax, because AWS sends times as numbers.
    return msgspec.json.Decoder(cls, strict=False)


@cache
def _page_decoder(key: str, cls: type[Record]) -> msgspec.json.Decoder[msgspec.Struct]:
    items = ("items", list[cls] | None, msgspec.field(name=key, default=None))  # type: ignore[valid-type]
    token = ("next_token", str | None, msgspec.field(name="NextToken", default=None))
    return msgspec.json.Decoder(msgspec.defstruct(f"{cls.__name__}Page", [items, token], gc=False), strict=False)


def _lenient_page(body: bytes, key: str, cls: type[R]) -> Page[R]:
    answer = document(body)
    found = answer.get(key)
    return Page([] if found is None else lenient.records(found, cls), _token(answer))


def _token(answer: Document) -> str | None:
    token = answer.get("NextToken")
    if token is not None and not isinstance(token, str):
        # Taken for the last page, it would make a part of the list look like the whole.
        raise UnreachableError("the answer's NextToken is not text, so its list cannot be complete")
    return token or None


def _decoded(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    """The value, or a ValidationError where the text is JSON of another form."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        unreadable = _unreadable(error)
    # Raised out here it has no context: a UnicodeDecodeError holds the whole answer.
    raise unreadable


def _unreadable(error: Exception) -> UnreachableError:
    # msgspec's texts tell where it stopped, and quote nothing of the answer.
    return UnreachableError(f"the answer is not the JSON of AWS Backup: {error}")
