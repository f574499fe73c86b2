"""The sockets: HTTP/1.1 on loopback and nowhere else, with the standard library's server.

Measured beside cheroot, waitress, werkzeug and uvicorn (docs/http.md has the figures), it costs less processor time a
call than any but uvicorn over httptools, which needs two packages and a loop of its own; so no dependency was taken.
"""

from __future__ import annotations

import contextlib
import io
import ipaddress
import socket
import struct
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from backupkit.errors import ConfigurationError, UnreachableError
from backupkit.local.http.face import Face
from backupkit.local.http.messages import Answer, Request, refused
from backupkit.local.served import Served, service_of
from backupkit.local.service import LocalService

__all__ = ["LARGEST_BODY", "LocalServer", "serving"]

LOOPBACK = "127.0.0.1"
LARGEST_BODY = 4 * 1024 * 1024
"""Bytes of the largest body that is read; larger than any request that AWS Backup's own limits admit."""

_IDLE_SECONDS = 120.0
_BACKLOG = 128
_HIGHEST_PORT = 65_535


class LocalServer:
    """Serves a local service on 127.0.0.1, to several clients at once.

    Args:
        face: Answers.
        port: The port; 0: any that is free.

    Raises:
        ConfigurationError: The port is taken, not allowed, or none.
    """

    def __init__(self, face: Face, port: int = 0) -> None:
        if not 0 <= port <= _HIGHEST_PORT:
            raise ConfigurationError(f"{port} is no port: give 0 to {_HIGHEST_PORT}")
        try:
            self._sockets = _Sockets(face, port)
        except OSError as error:
            raise ConfigurationError(f"port {port} of {LOOPBACK} cannot be served: {error}; take another") from error
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where it is: what AWS_ENDPOINT_URL_BACKUP and ``endpoint_url`` take."""
        return f"http://{LOOPBACK}:{self._sockets.server_port}"

    def start(self) -> None:
        """Serve in a thread of its own; `close` ends it."""
        self._thread = threading.Thread(target=self.serve, name=f"backupkit local {self.url}", daemon=True)
        self._thread.start()

    def serve(self) -> None:
        """Serve until `close`, called from another thread, or until an exception such as KeyboardInterrupt."""
        self._sockets.serve_forever(poll_interval=0.05)

    def close(self) -> None:
        """Stop, let go of the port, and end the connections that are open; answers under way are still sent."""
        if self._thread is not None:
            self._sockets.shutdown()
            self._thread.join()
        self._sockets.server_close()


@contextlib.contextmanager
def serving(service: LocalService | Served, port: int = 0) -> Iterator[str]:
    """The URL at which ``service`` answers as long as the block lasts.

    Example:
        ``with bk.local() as aws, serving(aws) as url: boto3.client("backup", endpoint_url=url)``

    Args:
        service: What answers: a connection that ``bk.local()`` opened, or a service. It can be called directly at
            the same time.
        port: The port on 127.0.0.1; 0: any that is free.

    Raises:
        ConfigurationError: The port cannot be had, or ``service`` is no local AWS Backup.
    """
    server = LocalServer(Face(service_of(service)), port)
    server.start()
    try:
        yield server.url
    finally:
        server.close()


class _Sockets(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = _BACKLOG
    # On Windows it would let two servers have one port.
    allow_reuse_address = sys.platform != "win32"

    def __init__(self, face: Face, port: int) -> None:
        self.face = face
        self.closing = False
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__((LOOPBACK, port), _Handler)

    def server_bind(self) -> None:
        # The base class looks its own name up, which can take seconds where there is no name service.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int(self.allow_reuse_address))
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = LOOPBACK, int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._guard:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Let go of the port, then of the connections: nothing more can be read from them, answers still go out."""
        self.socket.close()
        self.closing = True
        with self._guard:
            waiting = list(self._open)
        for connection in waiting:
            # A client may have gone first.
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RD)
        super().server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that hangs up in the middle is no news.
        if not isinstance(sys.exception(), (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


class _Lines(io.BufferedReader):
    """What a client sends, with the last line of it at hand."""

    last = b""

    def readline(self, size: int | None = -1, /) -> bytes:
        self.last = super().readline(size)
        return self.last


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS
    # One write an answer, sent at once: otherwise each waits up to 40 ms for an acknowledgement.
    disable_nagle_algorithm = True
    wbufsize = -1

    @property
    def _sockets(self) -> _Sockets:
        assert isinstance(self.server, _Sockets)
        return self.server

    def setup(self) -> None:
        super().setup()
        assert isinstance(self.rfile, io.BufferedReader)
        self.rfile = self._lines = _Lines(self.rfile.detach())

    def answer(self) -> None:
        """Read one request and answer it; half of one is none."""
        if self._lines.last not in {b"\r\n", b"\n"}:
            # The client hung up before the empty line that ends the headers; some of them may be missing.
            self.close_connection = True
            return
        if self.request_version == "HTTP/0.9":
            self.send_error(505, "speak HTTP/1.1")
            return
        said = self._foreign() or self._too_much()
        self.close_connection |= said is not None or self._sockets.closing
        said = said or self._said()
        if said is not None:
            self.close_connection |= bool(said.cut)
            self._send(said)

    def _said(self) -> Answer | None:
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:
            # The client hung up in the middle of what it had to say.
            self.close_connection = True
            return None
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers, body)
        try:
            return self._sockets.face.answer(request)
        except UnreachableError:
            self.close_connection = True
            return None

    def _foreign(self) -> Answer | None:
        """Turn pages of the web away, which a browser on this machine may have opened."""
        for name in ("host", "origin"):
            value = self.headers.get(name)
            if value is not None and not _of_this_machine(value):
                return refused("AccessDeniedException", f"{name} {value!r} is not this machine", 403)
        return None

    def _too_much(self) -> Answer | None:
        if self.headers.get("transfer-encoding"):
            return refused("MissingContentLength", "send a Content-Length, not a Transfer-Encoding", 411)
        lengths = self.headers.get_all("content-length") or ["0"]
        if len(lengths) > 1 or not (lengths[0].isascii() and lengths[0].isdigit()):
            return refused("SerializationException", "Content-Length is no number", 400)
        if len(lengths[0]) > 18 or int(lengths[0]) > LARGEST_BODY:
            return refused("RequestEntityTooLarge", f"a body has at most {LARGEST_BODY} bytes", 413)
        return None

    def _send(self, said: Answer) -> None:
        self.send_response(said.status)
        for name, value in said.headers.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(said.sent)
        if said.cut == "reset":
            self._reset()

    def _reset(self) -> None:
        """Break the connection off, so that the client hears of it as an error and not as an end."""
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # Detached, so that nobody says goodbye in good order first.
        socket.close(self.connection.detach())

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = do_OPTIONS = do_PATCH = answer  # noqa: N815 - http.server's names

    def handle_expect_100(self) -> bool:
        """Ask for the body of a client that waits to be asked; the base class would leave the word in the buffer."""
        asked = super().handle_expect_100()
        self.wfile.flush()
        return asked

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer in JSON what is not even HTTP, and hang up."""
        del explain
        self.close_connection = True
        if not hasattr(self, "request_version") or self.request_version == "HTTP/0.9":
            self.request_version = "HTTP/1.1"
        self.command = getattr(self, "command", None) or "GET"
        name = "UnknownOperationException" if code == 501 else "SerializationException"
        self._send(refused(name, message or "it is no request of HTTP", 404 if code == 501 else code))

    def version_string(self) -> str:
        """What the Server header says."""
        return "backupkit"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Be quiet: the caller has its answer."""


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
