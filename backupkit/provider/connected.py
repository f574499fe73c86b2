"""The connection of a preview, or of saved changes."""

from __future__ import annotations

from backupkit.neighbours import NO_NEIGHBOURS
from backupkit.neighbours.identity import must_be_of
from backupkit.provider.kinds.reader import Reader
from backupkit.provider.saved import NoTransport
from backupkit.transport.connected import Connected, transport_of

__all__ = ["reader_for", "reader_of"]


def reader_of(aws: object, where: str) -> Reader:
    """Return where a stack reads.

    Raises:
        InvalidValueError: It is not a connection.
    """
    return Reader(transport_of(aws, where), getattr(aws, "neighbours", NO_NEIGHBOURS))


def reader_for(aws: Connected | None, region_name: str, account_id: str) -> Reader:
    """Return where saved changes of a Region and an account read; nowhere, where there is no connection.

    Raises:
        InvalidValueError: It is not a connection, or one to another Region or account.
    """
    if aws is None:
        return Reader(NoTransport(region_name))
    reader = reader_of(aws, "from_json")
    must_be_of(reader.transport, reader.neighbours, region_name, account_id)
    return reader
