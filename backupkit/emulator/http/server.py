"""The sockets: HTTP/1.1 on loopback and nowhere else, a thread for each connection.

h11 parses what comes in (docs/design.md has the figures). It is imported only where something is served: clients in the
same process do not need it.
"""

from __future__ import annotations

import contextlib
import socket
import socketserver
import sys
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from backupkit.emulator.http.app import App
from backupkit.emulator.service import LocalService, Served, service_of
from backupkit.errors import ConfigurationError
from backupkit.files import why_not
from backupkit.problems import quote

if TYPE_CHECKING:
    from backupkit.emulator.http.connections import Timeouts

__all__ = ["LocalServer", "serving"]

LOOPBACK = "127.0.0.1"
_BACKLOG = 128
_HIGHEST_PORT = 65_535


class LocalServer:
    """Serves a local service on 127.0.0.1, to several clients at once.

    Args:
        app: Answers.
        port: The port; 0: any that is free.
        patience: How long it waits for its clients; None: as `Patience` has it.

    Raises:
        ConfigurationError: The port is taken, not allowed, or not one; or h11 is not installed.
    """

    def __init__(self, app: App, port: int = 0, *, timeouts: Timeouts | None = None) -> None:
        try:
            from backupkit.emulator.http.connections import Timeouts  # noqa: PLC0415 - only those who serve need h11
        except ImportError as error:
            raise ConfigurationError(
                "h11 is not installed, so nothing can be served over HTTP; install backupkit[local]"
            ) from error
        if isinstance(port, bool) or not isinstance(port, int) or not 0 <= port <= _HIGHEST_PORT:
            raise ConfigurationError(f"{quote(port)} is not a port: give 0 to {_HIGHEST_PORT}")
        try:
            self._sockets = _Sockets(app, port, timeouts or Timeouts())
            self._face = app
        except OSError as error:
            why = why_not(error)
            raise ConfigurationError(
                f"port {port} of {LOOPBACK} cannot be served: {why}; take another, or 0 for any that is free"
            ) from error
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where it is: what AWS_ENDPOINT_URL_BACKUP and ``endpoint_url`` take."""
        return f"http://{LOOPBACK}:{self._sockets.port}"

    def start(self) -> None:
        """Serve in a thread of its own; `close` ends it."""
        self._thread = threading.Thread(target=self.serve, name=f"backupkit local {self.url}", daemon=True)
        self._thread.start()

    def serve(self) -> None:
        """Serve until `close`, called from another thread, or until an exception such as KeyboardInterrupt."""
        self._sockets.serve_forever(poll_interval=0.05)

    def close(self) -> None:
        """Stop, let go of the port, and end the connections that are open.

        Answers under way are still sent, to clients that read them. Moves of the clock that clients asked for end where
        they are.
        """
        if self._thread is not None:
            self._sockets.shutdown()
            self._thread.join()
        self._face.stop_moves()
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
        ConfigurationError: The port cannot be had, ``service`` is not a local AWS Backup, or h11 is not installed.
    """
    server = LocalServer(App(service_of(service)), port)
    server.start()
    try:
        yield server.url
    finally:
        server.close()


class _Sockets(socketserver.TCPServer):
    request_queue_size = _BACKLOG
    # On Windows it would let two servers have one port.
    allow_reuse_address = sys.platform != "win32"

    def __init__(self, app: App, port: int, timeouts: Timeouts) -> None:
        self._face = app
        self._patience = timeouts
        self._closing = False
        self._open: dict[socket.socket, threading.Thread] = {}
        self._guard = threading.Lock()
        super().__init__((LOOPBACK, port), socketserver.BaseRequestHandler)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        del client_address
        thread = threading.Thread(target=self._attend, args=(request,), name="backupkit local client")
        with self._guard:
            self._open[request] = thread
        thread.start()

    def _attend(self, client: socket.socket) -> None:
        from backupkit.emulator.http.connections import ClientConnection  # noqa: PLC0415 - as above

        try:
            ClientConnection(client, self._face, lambda: self._closing, self._patience).serve()
        finally:
            with self._guard:
                self._open.pop(client, None)
            client.close()

    def server_close(self) -> None:
        """Let go of the port, then of the connections: nothing more is read from them, answers have a moment more."""
        super().server_close()
        self._closing = True
        self._shut(socket.SHUT_RD, self._patience.goodbye)
        # Whoever has not taken an answer by now gets no more of it.
        self._shut(socket.SHUT_RDWR, None)

    def _shut(self, how: int, seconds: float | None) -> None:
        with self._guard:
            found = dict(self._open)
        for client in found:
            # A client may have gone first.
            with contextlib.suppress(OSError):
                client.shutdown(how)
        until = time.monotonic() + seconds if seconds is not None else None
        for thread in found.values():
            thread.join(max(0.0, until - time.monotonic()) if until is not None else None)
