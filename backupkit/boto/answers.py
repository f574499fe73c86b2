"""Takes the JSON of an answer before botocore parses it, which costs it more than everything else together.

botocore emits the event ``before-parse`` with the raw body. While one of our calls is under way, `RawAnswers` takes the
body and leaves an empty one to botocore's parser. Other users of the same client get their answers as always.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

import attrs
import msgspec

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest

__all__ = ["Exchange", "RawAnswers", "encoded", "is_object"]

RAW = "-body"
"""Where the raw body is in botocore's answer; no member of the API can have this name."""

_SECRET = ("Authorization", "X-Amz-Security-Token")
"""The headers of a request that nobody else may see."""

_object = msgspec.json.Decoder(dict[str, msgspec.Raw])
_whole = msgspec.json.Decoder(dict[str, object])


def is_object(body: bytes) -> bool:
    """Whether ``body`` is one whole JSON object. Its inside is checked, not kept."""
    try:
        _object.decode(body)
        # msgspec does not look into texts that it skips.
        if not body.isascii():
            body.decode()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _is_readable(body: bytes) -> bool:
    """Whether ``body`` is one JSON object whose every value can be read."""
    try:
        _whole.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


@attrs.define
class Exchange:
    """One call of ours through botocore."""

    sent: bool = False
    """Whether the request was made; before that, what goes wrong is the caller's."""
    secrets: tuple[str, ...] = ()
    """What the request carried and no message may show."""


class RawAnswers:
    """Handlers of botocore's events. Several threads may share them."""

    def __init__(self) -> None:
        self._calls = threading.local()

    @contextmanager
    def wanted(self) -> Iterator[Exchange]:
        """Take the bodies that arrive in this thread meanwhile."""
        self._calls.exchange = exchange = Exchange()
        try:
            yield exchange
        finally:
            self._calls.exchange = None

    def under_way(self) -> bool:
        """Whether the request of this thread is one of ours."""
        return getattr(self._calls, "exchange", None) is not None

    def before_send(self, request: AWSPreparedRequest, **_: object) -> None:
        """Remember that the request of this thread is on its way, and what it carries."""
        exchange: Exchange | None = getattr(self._calls, "exchange", None)
        if exchange is not None:
            exchange.sent = True
            exchange.secrets = tuple(_text(request.headers[name]) for name in _SECRET if name in request.headers)

    def before_parse(
        self, response_dict: dict[str, object], customized_response_dict: dict[str, object], **_: object
    ) -> None:
        """Take the body, in the thread of the request."""
        if not self.under_way():
            return
        body = response_dict["body"]
        if response_dict["status_code"] in range(200, 300):
            customized_response_dict[RAW] = body
            response_dict["body"] = b""
        elif isinstance(body, bytes) and not is_object(body):
            # botocore fails on bodies of errors that are not UTF-8, or no object.
            response_dict["body"] = b""

    def response_received(
        self,
        response_dict: dict[str, object] | None = None,
        parsed_response: dict[str, object] | None = None,
        **_: object,
    ) -> None:
        """Keep a body that cannot be read, where `before_parse` was not asked: botocore drops it without a word."""
        if not self.under_way() or not response_dict or parsed_response is None:
            return
        body = response_dict["body"]
        if isinstance(body, bytes) and RAW not in parsed_response and not _is_readable(body):
            parsed_response[RAW] = body


def encoded(parsed: Mapping[str, object]) -> bytes:
    """The JSON of an answer that botocore parsed; times are epoch seconds again."""
    return msgspec.json.encode(
        {name: _plain(value) for name, value in parsed.items() if name not in {RAW, "ResponseMetadata"}}
    )


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def _text(header: object) -> str:
    return header.decode("latin-1") if isinstance(header, bytes) else str(header)
