"""Requests and answers of HTTP, apart from any server; and requests that cannot be read as the protocol has it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal
from urllib.parse import urlsplit

import attrs
import msgspec

from backupkit.emulator.kernel.api_errors import own_code

__all__ = ["Answer", "Request", "Unreadable", "held_to_encoding", "refused"]

_BROKEN = re.compile("%(?![0-9a-fA-F]{2})")


class Unreadable(Exception):  # noqa: N818 - on its way to the answer, never seen by a caller
    """A part of a request is not text, not JSON or of the wrong type: AWS's SerializationException.

    Args:
        where: ``path``, ``query`` or ``body``, or a member inside the body.
        what: What is wrong with it.
    """

    def __init__(self, where: str, what: str) -> None:
        self.where = where
        self.what = what
        super().__init__(f"{where}: {what}")

    def below(self, step: str) -> Unreadable:
        """The same, seen from one level further out."""
        where = f"{step}{self.where}" if self.where.startswith("[") or not self.where else f"{step}.{self.where}"
        return Unreadable(where, self.what)


def held_to_encoding(where: str, raw: str) -> None:
    """Refuse a percent sign that two hexadecimal digits do not follow.

    Raises:
        Unreadable: There is one.
    """
    found = _BROKEN.search(raw)
    if found:
        raise Unreadable(where, f"{raw[found.start() : found.start() + 3]!r} is not a percent-encoding")


_LONGEST = 2000
"""Characters of a message: what it quotes may be as long as a request."""


@attrs.frozen
class Request:
    """One request of HTTP."""

    method: str
    target: str
    """The path and query as they were sent, percent-encodings and all; or a whole URL."""
    headers: Mapping[str, str] = attrs.field(factory=dict)
    """Names in lower case."""
    body: bytes = attrs.field(default=b"", repr=False)

    @property
    def path(self) -> str:
        """The raw path, where an encoded slash still differs from a slash."""
        return self._parts()[0]

    @property
    def query(self) -> str:
        """The raw query, without its question mark."""
        return self._parts()[1]

    def _parts(self) -> tuple[str, str]:
        target = self.target
        if not target.startswith("/"):
            # The absolute form, which clients send to a proxy.
            try:
                parts = urlsplit(target)
            except ValueError:
                return target, ""
            return parts.path or "/", parts.query
        path, _, query = target.partition("#")[0].partition("?")
        return path, query


@attrs.frozen
class Answer:
    """One answer of HTTP, in the form of AWS's rest-json protocol."""

    status: int
    body: bytes = b""
    request_id: str = ""
    error: str = ""
    """The error's class, where the answer is no."""
    allow: tuple[str, ...] = ()
    """The methods that the path has, where the answer is no because the method is another."""
    cut: Literal["", "closed", "reset"] = ""
    """What the connection is in the middle of the body, by choice; nothing where all of it is sent."""

    @property
    def sent(self) -> bytes:
        """As much of the body as is sent."""
        return self.body[: len(self.body) // 2] if self.cut else self.body

    @property
    def headers(self) -> dict[str, str]:
        """The headers that belong to the answer itself; connection and date are the server's."""
        found = {"content-type": "application/json", "content-length": str(len(self.body))}
        if self.status == 204:
            # It has no body, and so no length of one.
            found = {}
        if self.request_id:
            found["x-amzn-requestid"] = self.request_id
        if self.error:
            found["x-amzn-errortype"] = self.error
        if self.allow:
            found["allow"] = ", ".join(self.allow)
        return found


def refused(code: str, message: str, status: int = 400, *, request_id: str = "", own: str | None = None) -> Answer:
    """The answer no, as AWS Backup words it: the class in a header, sentence and own code in the body.

    Args:
        code: The class.
        message: The sentence.
        status: Of HTTP.
        request_id: The id of the request.
        own: The code in the body; None: the one that AWS Backup was recorded with, if any.
    """
    own = own or own_code(code, message)
    if len(message) > _LONGEST:
        # Most of it is what the client sent.
        message = f"{message[:_LONGEST]}..."
    body = msgspec.json.encode({"Code": own, "Message": message} if own is not None else {"Message": message})
    return Answer(status, body, request_id, code)
