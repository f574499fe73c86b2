"""Reading for the rows of the table: AWS Backup through the transport, its neighbours through the session."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import attrs

from backupkit.errors import NeighbourError
from backupkit.neighbours import NO_NEIGHBOURS, Neighbours
from backupkit.provider.answers import Document, answer, listed
from backupkit.provider.kinds.kind import AnyKind
from backupkit.transport.protocol import Params, Transport

__all__ = ["Reader"]


T = TypeVar("T")


def _itself(answer: Document) -> Any:
    return answer


@attrs.frozen(eq=False)
class Reader:
    """Where rows read.

    Args:
        transport: AWS Backup.
        neighbours: The services beside it.
    """

    transport: Transport
    neighbours: Neighbours = NO_NEIGHBOURS

    def ask(self, service: str, operation: str, params: Params, parse: Callable[[Document], T] = _itself) -> T:
        """Make one call, and return what ``parse`` makes of the answer; the answer itself where it is not given.

        Args:
            service: boto3's name of the service.
            operation: For ``backup`` the API's name, for others the method of boto3's client.
            params: Its input members.
            parse: Reads the answer; an `UnreachableError` of its names the operation and AWS's id of the request.

        Raises:
            ServiceError: AWS Backup answered no.
            NeighbourError: The other service did, or there is no session to ask it.
            UnreachableError: The answer cannot be read.
        """
        if service == "backup":
            return answer(self.transport, operation, params, parse)
        found = self.neighbours.send(service, operation, params)
        if found is None:
            raise NeighbourError(
                f"{service} {operation}: this connection was given no boto3 session to ask it; "
                "connect with bk.connect(session=boto3.Session())"
            )
        return parse(found)

    def find(self, service: str, method: str, params: Params, gone: str) -> Document | None:
        """Make one call to a service beside AWS Backup; None where it answers ``gone``, its code for what is not there.

        Raises:
            NeighbourError: It answered anything else, or there is no session to ask it.
        """
        try:
            found: Document = self.ask(service, method, params)
        except NeighbourError as error:
            if error.code == gone:
                return None
            raise
        return found

    def list(self, kind: AnyKind, params: Mapping[str, str], parse: Callable[[Document], T] = _itself) -> Iterator[T]:
        """What ``parse`` makes of every entry of the list of a kind, over all pages."""
        if kind.list is not None:
            yield from listed(self.transport, kind.list, parse, params)
