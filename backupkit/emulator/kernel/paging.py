"""Pages of a list, as AWS gives them: by MaxResults, with an opaque token.

A token holds the key of the last item shown, not a count, so that items made or deleted between two calls neither
repeat others nor hide them. A walk over many pages sorts its items once, as long as nothing happens in between.
"""

from __future__ import annotations

import base64
import binascii
import heapq
import zlib
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from operator import itemgetter
from typing import Any, Generic, NoReturn, Protocol, TypeAlias, TypeVar

import attrs
import msgspec

from backupkit.emulator.kernel.operations import raise_invalid_value
from backupkit.emulator.kernel.simulation import Order, Simulation, SortedCursor, StreamCursor
from backupkit.emulator.model import Document, RegionScope

__all__ = ["Key", "Numbered", "Page", "listing", "newest_first", "page_of", "records_before"]

Key: TypeAlias = tuple[str | int | float, ...]
"""What a list is ordered by; unique for each item, and made of text and numbers only."""

Item = TypeVar("Item")


class Numbered(Protocol):
    """A record that knows how many came before it in its place."""

    serial: int


Record = TypeVar("Record", bound=Numbered)


@attrs.frozen
class Page(Generic[Item]):
    """Some items of a list, and the token of what follows; None at the end."""

    items: list[Item]
    next_token: str | None


def page_of(
    simulation: Simulation,
    scope: RegionScope,
    operation: str,
    params: Document,
    items: Iterable[Item],
    key: Callable[[Item], Key],
) -> Page[Item]:
    """The page that ``params`` asks for with MaxResults and NextToken, in the order of ``key``.

    Args:
        simulation: The whole simulation.
        scope: Where the call was made.
        operation: The list operation.
        params: Its input.
        items: All that fit the filters; not touched where a walk is under way and nothing has happened since.
        key: What to order them by.

    Raises:
        ApiError: The token is none of this operation's.
    """
    size = params.get("MaxResults", simulation.choices.page_size)
    token = params.get("NextToken")
    cursor_name = _cursor_name(scope, operation, params)
    held = simulation.cursors.get(cursor_name) if token is not None else None
    if not isinstance(held, SortedCursor) or held.moment != simulation.happenings:
        pairs = sorted(((key(item), item) for item in items), key=itemgetter(0))
        held = SortedCursor(simulation.happenings, [each for each, _ in pairs], [item for _, item in pairs])
    start = 0 if token is None else _behind(held.keys, _opened(operation, token))
    more = len(held.keys) > start + size
    simulation.keep_cursor(cursor_name, held if more else None)
    page_items = held.items[start : start + size]
    return Page(page_items, _token(operation, held.keys[start + size - 1]) if more else None)


def listing(
    simulation: Simulation,
    scope: RegionScope,
    operation: str,
    params: Document,
    items: Iterable[Item],
    key: Callable[[Item], Key],
    *,
    member: str,
    show: Callable[[Item], Document],
) -> Document:
    """The whole answer of a list operation: its page under ``member``, and NextToken where there is more."""
    page = page_of(simulation, scope, operation, params, items, key)
    return {member: [show(item) for item in page.items], "NextToken": page.next_token}


def newest_first(
    simulation: Simulation,
    scope: RegionScope,
    operation: str,
    params: Document,
    records: Iterable[tuple[RegionScope, dict[str, Record]]],
    fits: Callable[[Record], bool],
    *,
    member: str,
    show: Callable[[RegionScope, Record], Document],
) -> Document:
    """The whole answer of a list operation over records that each place keeps in the order in which they came.

    Nothing is sorted, and no more is looked at than the page shows; so it is as fast with a million records.

    Raises:
        ApiError: The token is none of this operation's.
    """
    size = params.get("MaxResults", simulation.choices.page_size)
    token, cursor_name = params.get("NextToken"), _cursor_name(scope, operation, params)
    before = _serial(_opened(operation, token)) if token is not None else None
    held = simulation.cursors.get(cursor_name)
    if isinstance(held, StreamCursor) and held.moment == simulation.happenings and held.before == before:
        rest: Iterator[tuple[RegionScope, Record]] = held.rest
    else:
        rest = _merged([_backwards(simulation, there, kept, before, fits) for there, kept in records])
    found = list(islice(rest, size))
    following = next(rest, None)
    last = found[-1][1].serial if following is not None else None
    cursor = StreamCursor(simulation.happenings, last, chain((following,), rest)) if last is not None else None
    simulation.keep_cursor(cursor_name, cursor)
    return {
        member: [show(there, record) for there, record in found],
        "NextToken": _token(operation, (last,)) if last is not None else None,
    }


def _backwards(
    simulation: Simulation,
    scope: RegionScope,
    records: dict[str, Record],
    before: int | None,
    fits: Callable[[Record], bool],
) -> Iterator[tuple[RegionScope, Record]]:
    following = reversed(records.values()) if before is None else records_before(simulation, records, before)
    return ((scope, record) for record in following if fits(record))


def records_before(simulation: Simulation, records: dict[str, Record], serial: int) -> Iterator[Record]:
    """Return the records before a serial, the last first; what lies behind is found, not walked over.

    Args:
        simulation: The whole simulation, which remembers the order of long lists.
        records: Records in the order of their serials.
        serial: Where to begin; the record that has it is left out.
    """
    order = simulation.orders.get(id(records))
    if order is None or order.records is not records or order.upto < serial or len(order.keys) > 2 * len(records) + 64:
        serials = array("q", [record.serial for record in records.values()])
        order = Order(records, list(records), serials, simulation.serial + 1)
        simulation.keep_order(order)
    return _remaining(order, bisect_left(order.serials, serial))


def _remaining(order: Order, end: int) -> Iterator[Any]:
    """Those of the first ``end`` records of an order that are still there, the last first."""
    for at in range(end - 1, -1, -1):
        record = order.records.get(order.keys[at])
        if record is not None and record.serial == order.serials[at]:
            yield record


def _merged(lists: list[Iterator[tuple[RegionScope, Record]]]) -> Iterator[tuple[RegionScope, Record]]:
    return lists[0] if len(lists) == 1 else heapq.merge(*lists, key=lambda pair: pair[1].serial, reverse=True)


def _cursor_name(scope: RegionScope, operation: str, params: Document) -> tuple[str, ...]:
    """What tells one walk over a list from another."""
    filters = {name: value for name, value in params.items() if name not in {"MaxResults", "NextToken"}}
    return scope.account_id, scope.region_name, operation, repr(filters)


def _serial(key: Key) -> int:
    serial = key[0] if len(key) == 1 else None
    if not isinstance(serial, int):
        _bad_token()
    return serial


def _token(operation: str, key: Key) -> str:
    body = msgspec.json.encode((operation, key))
    return base64.urlsafe_b64encode(zlib.crc32(body).to_bytes(4, "big") + body).decode()


def _opened(operation: str, token: str) -> Key:
    try:
        raw = base64.urlsafe_b64decode(token.encode())
        named, key = msgspec.json.decode(raw[4:], type=tuple[str, Key])
    except (binascii.Error, ValueError, msgspec.DecodeError):
        _bad_token()
    # Made again, it must be the same text: decoding passes over characters that no token has.
    if named != operation or _token(operation, key) != token:
        _bad_token()
    return key


def _behind(keys: list[Key], after: Key) -> int:
    try:
        return bisect_right(keys, after)
    except TypeError:
        _bad_token()


def _bad_token() -> NoReturn:
    raise_invalid_value("Invalid NextToken: it was not given by this operation")
