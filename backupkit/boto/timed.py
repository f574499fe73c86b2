"""Reads whole answers within one time limit.

A socket's own timeout starts again with each byte, so an answer that drips outlasts it, and so does an endless
``100 Continue``.
"""

from __future__ import annotations

import contextlib
import io
import socket
import time
from http.client import HTTPResponse
from typing import TYPE_CHECKING

from botocore.awsrequest import (
    AWSHTTPConnection,
    AWSHTTPConnectionPool,
    AWSHTTPSConnection,
    AWSHTTPSConnectionPool,
)

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from botocore.httpsession import URLLib3Session

__all__ = ["time_answers"]


class _TimedReader(io.RawIOBase):
    """Reads from a socket until the socket's timeout has passed since this reader was made."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket) -> None:
        self._raw = raw
        self._sock = sock
        self._seconds = sock.gettimeout()
        self._deadline = None if self._seconds is None else time.monotonic() + self._seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int | None:
        if self._deadline is None:
            return self._raw.readinto(buffer)
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._sock.settimeout(left)
        try:
            return self._raw.readinto(buffer)
        finally:
            with contextlib.suppress(OSError):
                self._sock.settimeout(self._seconds)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TimedResponse(HTTPResponse):
    """An answer whose status, headers and body share one time limit."""

    def __init__(
        self, sock: socket.socket, debuglevel: int = 0, method: str | None = None, url: str | None = None
    ) -> None:
        super().__init__(sock, debuglevel, method, url)
        if isinstance(self.fp, io.BufferedReader):
            self.fp = io.BufferedReader(_TimedReader(self.fp.detach(), sock))


class _Connection(AWSHTTPConnection):
    response_class = _TimedResponse  # type: ignore[assignment] # botocore makes what stands here


class _SecureConnection(AWSHTTPSConnection):
    response_class = _TimedResponse  # type: ignore[assignment] # as above


class _Pool(AWSHTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(AWSHTTPSConnectionPool):
    ConnectionCls = _SecureConnection


_POOLS = {"http": _Pool, "https": _SecurePool}


def time_answers(session: URLLib3Session) -> None:
    """Give whole answers the time that the session gives to each read; where its inside is another, nothing changes.

    Args:
        session: botocore's HTTP session, which has sent nothing yet.
    """
    inside = vars(session)
    if "_manager" in inside and "_pool_classes_by_scheme" in inside:
        # The managers of proxies, which are made when they are needed, take the classes from the session.
        inside["_pool_classes_by_scheme"] = inside["_manager"].pool_classes_by_scheme = _POOLS
