"""Pages of a list, as AWS gives them: by MaxResults, with an opaque token.

A token holds the key of the last item shown, not a count, so that items made or deleted between two calls neither
repeat others nor hide them.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Callable, Iterable
from operator import itemgetter
from typing import Generic, NoReturn, TypeAlias, TypeVar

import attrs
import msgspec

from backupkit.local.cloud import Cloud
from backupkit.local.operations import refuse
from backupkit.local.state import Document

__all__ = ["Key", "Page", "listing", "page_of"]

Key: TypeAlias = tuple[str | float, ...]
"""What a list is ordered by; unique for each item, and made of text and numbers only."""

Item = TypeVar("Item")


@attrs.frozen
class Page(Generic[Item]):
    """Some items of a list, and the token of what follows; None at the end."""

    items: list[Item]
    next_token: str | None


def page_of(
    cloud: Cloud, operation: str, params: Document, items: Iterable[Item], key: Callable[[Item], Key]
) -> Page[Item]:
    """The page that ``params`` asks for with MaxResults and NextToken, in the order of ``key``.

    Raises:
        Refused: The token is none of this operation's.
    """
    size = params.get("MaxResults", cloud.choices.page_size)
    token = params.get("NextToken")
    keyed = [(key(item), item) for item in items]
    if token is not None:
        after = _opened(operation, token)
        keyed = _following(keyed, after)
    keyed.sort(key=itemgetter(0))
    shown = keyed[:size]
    more = len(keyed) > size
    return Page([item for _, item in shown], _token(operation, shown[-1][0]) if more else None)


def listing(
    cloud: Cloud,
    operation: str,
    params: Document,
    items: Iterable[Item],
    key: Callable[[Item], Key],
    *,
    member: str,
    show: Callable[[Item], Document],
) -> Document:
    """The whole answer of a list operation: its page under ``member``, and NextToken where there is more."""
    page = page_of(cloud, operation, params, items, key)
    return {member: [show(item) for item in page.items], "NextToken": page.next_token}


def _token(operation: str, key: Key) -> str:
    body = msgspec.json.encode((operation, key))
    return base64.urlsafe_b64encode(zlib.crc32(body).to_bytes(4, "big") + body).decode()


def _opened(operation: str, token: str) -> Key:
    try:
        raw = base64.urlsafe_b64decode(token.encode())
        named, key = msgspec.json.decode(raw[4:], type=tuple[str, Key])
    except (binascii.Error, ValueError, msgspec.DecodeError):
        _bad_token()
    if named != operation or zlib.crc32(raw[4:]) != int.from_bytes(raw[:4], "big"):
        _bad_token()
    return key


def _following(keyed: list[tuple[Key, Item]], after: Key) -> list[tuple[Key, Item]]:
    try:
        return [pair for pair in keyed if pair[0] > after]
    except TypeError:
        _bad_token()


def _bad_token() -> NoReturn:
    refuse("InvalidParameterValueException", "Invalid NextToken: it was not given by this operation")
