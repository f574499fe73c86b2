"""HTTP servers on this machine: one that speaks AWS Backup for any transport, and one that behaves badly."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

import boto3
import botocore.session

from backupkit import errors
from backupkit.boto import Boto3Transport
from backupkit.transport.protocol import Transport

MODEL = botocore.session.get_session().get_service_model("backup")


@cache
def _session():
    # Each session reads the model of the service again, which takes longer than most tests.
    return boto3.Session(aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="not-a-secret")


def boto3_at(url, *, fast=True, **settings):
    """A transport to ``url``, with credentials that open nothing."""
    settings = {"region_name": "us-east-1", "connect_timeout": 2.0, "read_timeout": 2.0, **settings}
    return Boto3Transport(_session(), endpoint_url=url, fast=fast, **settings)


class Handler(BaseHTTPRequestHandler):
    """Hands every request to the server's ``answer(method, target, headers, body) -> status, headers, body``."""

    protocol_version = "HTTP/1.1"
    # Without this every answer waits 40 ms for an acknowledgement.
    disable_nagle_algorithm = True
    wbufsize = -1

    def answer(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        said = self.server.answer(self, self.command, self.path, body)
        if said is None:
            self.close_connection = True
            return
        status, headers, text = said
        self.send_response(status)
        for name, value in {"content-length": str(len(text)), "x-amzn-requestid": "req-1", **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if status != 204:
            self.wfile.write(text)

    do_GET = do_PUT = do_POST = do_DELETE = answer  # noqa: N815 - http.server's names

    def log_message(self, *_):
        """Tests are quiet."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_):
        """A client that hung up is not news."""


@contextlib.contextmanager
def serving(answer) -> Iterator[str]:
    """The URL of a server that gives these answers."""
    server = Server(("127.0.0.1", 0), Handler)
    server.answer = answer
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def always(status: int, body: bytes, **headers: str):
    """One answer to everything."""
    return lambda *_: (status, headers, body)


def reset(handler, *_):
    """Cut the connection with a reset."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


def late(seconds: float):
    """Answer later than anybody waits."""

    def answer(*_):
        time.sleep(seconds)
        return 200, {}, b"{}"

    return answer


def half(handler, *_):
    """Promise more bytes than come."""
    handler.wfile.write(b'HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{"BackupVaultList": [')
    handler.wfile.flush()


# ---- AWS Backup over HTTP ----


def spoken_for(transport: Transport) -> Callable:
    """Answers as AWS Backup would over HTTP, by asking ``transport``."""

    def answer(_handler, method, target, body):
        operation, params = _request(method, target, body)
        try:
            text = transport.call(operation.name, params)
        except errors.ServiceError as error:
            refused = {"Code": error.code, "Message": error.message}
            return error.status or 400, {"x-amzn-errortype": error.code}, json.dumps(refused).encode()
        return int(operation.http.get("responseCode", 200)), {}, text

    return answer


def _request(method, target, body):
    parts = urlsplit(target)
    for operation, pattern in _routes(method):
        found = pattern.fullmatch(parts.path.rstrip("/"))
        if found:
            return operation, _params(operation, found.groupdict(), parse_qs(parts.query), body)
    raise AssertionError(f"no operation of AWS Backup has {method} {parts.path}")


@cache
def _routes(method):
    operations = [MODEL.operation_model(name) for name in MODEL.operation_names]
    routes = [(one, one.http["requestUri"].partition("?")) for one in operations if one.http["method"] == method]
    # The more of a path is literal, the earlier it is tried.
    routes.sort(key=lambda route: -len(re.sub(r"\{.*?\}", "", route[1][0])))
    return [
        (one, re.compile(re.sub(r"\{(\w+)\+?\}", r"(?P<\1>[^/]+)", path.rstrip("/")))) for one, (path, _, _) in routes
    ]


def _params(operation, path, query, body):
    members = operation.input_shape.members if operation.input_shape else {}
    params = {
        name: _typed(shape, value) for name, value in json.loads(body or b"{}").items() if (shape := members[name])
    }
    for name, shape in members.items():
        wire = shape.serialization.get("name", name)
        match shape.serialization.get("location"):
            case "uri":
                params[name] = unquote(path[wire])
            case "querystring" if wire in query:
                params[name] = _typed(shape, query[wire][0])
    return params


def _typed(shape, value):
    match shape.type_name:
        case "timestamp":
            return _moment(value)
        case "structure":
            return {name: _typed(shape.members[name], inner) for name, inner in value.items()}
        case "list":
            return [_typed(shape.member, inner) for inner in value]
        case "integer" | "long":
            return int(value)
        case "boolean":
            return value in {True, "true"}
    return value


def _moment(value):
    if isinstance(value, str):
        return datetime.fromisoformat(value)
    return datetime.fromtimestamp(value, UTC)
