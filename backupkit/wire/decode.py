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
from backupkit.observe.record import Document, Record
from backupkit.wire import lenient

__all__ = ["Page", "document", "member", "next_token", "page", "record", "tags"]

R = TypeVar("R", bound=Record)


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
    try:
        decoder: msgspec.json.Decoder[R] = _record_decoder(cls)
        return decoder.decode(body)
    except msgspec.ValidationError:
        return lenient.record(document(body), cls)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _unreadable(error) from error


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
        items, token = msgspec.structs.astuple(_page_decoder(key, cls).decode(body))
    except msgspec.ValidationError:
        return _lenient_page(body, key, cls)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _unreadable(error) from error
    return Page(items or [], token or None)


def tags(body: bytes) -> tuple[dict[str, str], str | None]:
    """One page of ListTags: tags by key, and the token of the next page.

    Raises:
        UnreachableError: The answer is not the API's JSON, or its tags are none.
    """
    answer = document(body)
    try:
        return msgspec.convert(answer.get("Tags") or {}, dict[str, str]), _token(answer)
    except msgspec.ValidationError as error:
        raise UnreachableError("the answer's Tags are not texts by texts") from error


def next_token(body: bytes) -> str | None:
    """The token of the page after this one; None on the last.

    Raises:
        UnreachableError: The answer is not the API's JSON.
    """
    try:
        return _tokens.decode(body).token or None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _unreadable(error) from error


def document(body: bytes) -> Document:
    """The JSON of an answer as it is, under the API's own names; times are epoch seconds in UTC.

    Raises:
        UnreachableError: The answer is not the API's JSON.
    """
    try:
        return _documents.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _unreadable(error) from error


class _Token(msgspec.Struct):
    token: str | None = msgspec.field(name="NextToken", default=None)


_tokens = msgspec.json.Decoder(_Token)
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
    return Page(lenient.records(answer.get(key) or [], cls), _token(answer))


def _token(answer: Document) -> str | None:
    token = answer.get("NextToken")
    return token if isinstance(token, str) and token else None


def _unreadable(error: Exception) -> UnreachableError:
    return UnreachableError(f"the answer is not the JSON of AWS Backup: {error}")
