"""One client's connection: h11 parses what it sends, the app answers, and no client can hold the server up."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import struct
import time
from collections.abc import Callable
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import TypeAlias
from urllib.parse import urlsplit

import attrs
import h11

from backupkit.emulator.http.app import App
from backupkit.emulator.http.messages import Answer, Request, refused
from backupkit.errors import UnreachableError

__all__ = ["LARGEST_BODY", "ClientConnection", "Timeouts"]

LARGEST_BODY = 4 * 1024 * 1024
"""Bytes of the largest body that is read; larger than any request that AWS Backup's own limits admit."""
_LARGEST_HEAD = 64 * 1024
_MOST_HEADERS = 100
_LONG_LINE = f"the request line is too long: it has at most {_LARGEST_HEAD} bytes"
_AT_ONCE = 64 * 1024
_VERSIONS = frozenset({b"1.0", b"1.1"})

_CONTINUE = h11.InformationalResponse(status_code=100, headers=[], reason=b"Continue")

_Headers: TypeAlias = "dict[str, str]"
_Event: TypeAlias = "type[h11.NEED_DATA | h11.PAUSED] | h11.Event"


@attrs.frozen
class Timeouts:
    """How long a connection waits for its client, in seconds."""

    idle: float = 120.0
    """For the first byte of a request."""
    request: float = 60.0
    """For all of a request, from its first byte on, however steadily it drips."""
    answer: float = 30.0
    """For a client to take an answer."""
    goodbye: float = 2.0
    """For a client to read the last answer and hang up, and for answers under way when the server ends."""


class _Refusal(Exception):  # noqa: N818 - on its way to the answer, never seen by a caller
    """A request that is answered without asking the app, and ends the connection."""

    def __init__(self, code: str, message: str, status: int) -> None:
        self.answer = refused(code, message, status)
        super().__init__(message)


class _GoneError(Exception):
    """The client hung up, or took too long."""


class ClientConnection:
    """Reads requests from a socket and answers them, one after the other, until either side ends it.

    Args:
        client: The socket; the caller closes it.
        app: Answers.
        closing: Whether the server ends: then an answer is the last one.
        patience: How long it waits.
    """

    def __init__(self, client: socket.socket, app: App, closing: Callable[[], bool], timeouts: Timeouts) -> None:
        self._client = client
        self._face = app
        self._closing = closing
        self._patience = timeouts
        self._http = _parser()
        self._start = b""
        """How the present request begins."""
        self._only_head = False
        """Whether the present answer has no body, because only its head was asked for."""
        self._deadline = 0.0
        # Each answer is sent at once: otherwise it waits up to 40 ms for an acknowledgement.
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def serve(self) -> None:
        """Answer until the client hangs up, breaks the protocol, takes too long, or the server ends."""
        with contextlib.suppress(_GoneError, OSError):
            while self._one_exchange():
                rest, _ = self._http.trailing_data
                self._http = _parser()
                if rest:
                    self._http.receive_data(rest)
            self._part()

    def _one_exchange(self) -> bool:
        """Read one request and answer it; return whether there may be another one."""
        try:
            request = self._read()
        except _Refusal as no:
            self._send(no.answer, last=True)
            return False
        except h11.RemoteProtocolError as error:
            self._send(self._unparsable(error), last=True)
            return False
        if request is None:
            return False
        try:
            reply = self._face.answer(request)
        except UnreachableError:
            return False
        return self._send(reply, last=self._closing() or bool(reply.cut))

    def _read(self) -> Request | None:
        """Return the next request, or None where the client has hung up in good order."""
        self._start = self._http.trailing_data[0]
        self._deadline = time.monotonic() + (self._patience.request if self._start else self._patience.idle)
        head = self._event()
        if not isinstance(head, h11.Request):
            return None
        self._only_head = head.method == b"HEAD"
        headers = _checked(head)
        body: list[bytes] = []
        while isinstance(event := self._event(), h11.Data):
            body.append(bytes(event.data))
        return Request(head.method.decode("ascii"), head.target.decode("ascii"), headers, b"".join(body))

    def _event(self) -> _Event:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            if self._http.they_are_waiting_for_100_continue:
                self._client.sendall(self._http.send(_CONTINUE) or b"")
            received = self._received()
            if not self._start:
                self._start = received
                self._deadline = time.monotonic() + self._patience.request
            if not received and (self._http.their_state is not h11.IDLE or self._http.trailing_data[0]):
                # Half a request is none.
                raise _GoneError
            self._http.receive_data(received)
        return event

    def _received(self) -> bytes:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise _GoneError
        self._client.settimeout(left)
        try:
            return self._client.recv(_AT_ONCE)
        except TimeoutError as error:
            raise _GoneError from error

    def _send(self, reply: Answer, *, last: bool) -> bool:
        """Send an answer in one write; return whether the connection goes on."""
        # Written here and not by h11, which takes as long for it as for reading the request.
        last = last or self._http.their_state is not h11.DONE
        self._client.settimeout(self._patience.answer)
        self._client.sendall(_head(reply, last=last) + (b"" if self._only_head else reply.sent))
        if reply.cut == "reset":
            self._reset()
        return not last

    def _unparsable(self, error: h11.RemoteProtocolError) -> Answer:
        """The answer to what is not even HTTP/1.1."""
        line, ended, _ = self._start.partition(b"\n")
        if error.error_status_hint == HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE and not ended:
            return refused("SerializationException", _LONG_LINE, 414)
        if ended and len(line.split()) == 2:
            # A request of HTTP/0.9.
            return refused("SerializationException", "speak HTTP/1.1", 505)
        return refused("SerializationException", f"it is not a request of HTTP/1.1: {error}", error.error_status_hint)

    def _part(self) -> None:
        """Let the client read what it was told: a socket that is closed over unread bytes takes its answer back."""
        self._client.shutdown(socket.SHUT_WR)
        until = time.monotonic() + self._patience.goodbye
        while (left := until - time.monotonic()) > 0:
            self._client.settimeout(left)
            if not self._client.recv(_AT_ONCE):
                return

    def _reset(self) -> None:
        """Break the connection off, so that the client hears of it as an error and not as an end."""
        self._client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # Detached, so that nobody says goodbye in good order first.
        socket.close(self._client.detach())


def _parser() -> h11.Connection:
    return h11.Connection(h11.SERVER, max_incomplete_event_size=_LARGEST_HEAD)


def _head(reply: Answer, *, last: bool) -> bytes:
    """The status line and headers of an answer."""
    reason = HTTPStatus(reply.status).phrase if reply.status in _STATUSES else ""
    headers = {"server": "backupkit", "date": formatdate(usegmt=True), **reply.headers}
    if last:
        headers["connection"] = "close"
    # A code that was chosen for a fault may hold anything, but ends no line.
    lines = [f"{name}: {' '.join(value.split())}" for name, value in headers.items()]
    return "\r\n".join([f"HTTP/1.1 {reply.status} {reason}", *lines, "", ""]).encode("latin-1", "replace")


_STATUSES = frozenset(status.value for status in HTTPStatus)


def _checked(head: h11.Request) -> _Headers:
    """Return the headers of a request whose body may be read.

    Raises:
        _Refusal: It is not to be answered by the app.
    """
    if head.http_version not in _VERSIONS:
        raise _Refusal("SerializationException", "speak HTTP/1.1", 505)
    if len(head.target) > _LARGEST_HEAD:
        raise _Refusal("SerializationException", _LONG_LINE, 414)
    if len(head.headers) > _MOST_HEADERS:
        raise _Refusal("SerializationException", f"it has more than {_MOST_HEADERS} headers", 431)
    pairs = [(name.decode("ascii"), value.decode("latin-1")) for name, value in head.headers]
    for name, value in pairs:
        if name in {"host", "origin"} and not _of_this_machine(value):
            what = f"{name} {value[:200]!r} is not this machine"
            raise _Refusal("AccessDeniedException", f"{what}: call 127.0.0.1 or localhost, from this machine", 403)
    headers = dict(pairs)
    if "transfer-encoding" in headers:
        raise _Refusal("MissingContentLength", "send a Content-Length, not a Transfer-Encoding", 411)
    if int(headers.get("content-length", "0")) > LARGEST_BODY:
        raise _Refusal("RequestEntityTooLarge", f"a body has at most {LARGEST_BODY} bytes", 413)
    return headers


@lru_cache(64)
def _of_this_machine(value: str) -> bool:
    """Whether a Host or an Origin names this machine."""
    try:
        name = urlsplit(value if "//" in value else f"//{value}").hostname or ""
    except ValueError:
        return False
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
