"""The input members of an operation, gathered from where the protocol puts them: path, query and body."""

from __future__ import annotations

from functools import cache
from typing import TypeAlias
from urllib.parse import parse_qsl

import attrs
import msgspec

from backupkit.emulator.http.messages import Request
from backupkit.emulator.http.reading import Reader, in_body, in_query
from backupkit.emulator.http.routing import label
from backupkit.emulator.http.unreadable import Unreadable, held_to_encoding
from backupkit.emulator.kernel import shapes
from backupkit.transport.protocol import Value

__all__ = ["json_object", "params"]

_Members: TypeAlias = "dict[str, Value]"
_MOST_WORDS = 1000


@attrs.frozen
class _Form:
    """Where an operation's members stand: names of the wire to names of the model."""

    in_path: dict[str, str]
    in_query: dict[str, tuple[str, str]]
    in_body: dict[str, Reader]


def params(operation: str, labels: dict[str, str], request: Request) -> _Members:
    """The input of ``operation``, as the local service takes it.

    Args:
        operation: The API's name.
        labels: The raw labels of the path.
        request: The rest of it.

    Raises:
        Unreadable: A part cannot be read; the way it is worded says which.
    """
    form = _form(operation)
    found: _Members = {form.in_path[name]: label(raw) for name, raw in labels.items()}
    if form.in_query and request.query:
        found |= _queried(form, request.query)
    if form.in_body and request.body:
        found |= _embodied(form, request.body)
    return found


def _queried(form: _Form, query: str) -> _Members:
    found: _Members = {}
    for name, text in _words(query):
        if name in form.in_query:
            member, kind = form.in_query[name]
            try:
                found[member] = in_query(kind)(text)
            except Unreadable as error:
                raise error.below(name) from None
    return found


def _words(query: str) -> list[tuple[str, str]]:
    held_to_encoding("query", query)
    try:
        return parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=_MOST_WORDS)
    except UnicodeDecodeError as error:
        raise Unreadable("query", "its bytes are no UTF-8") from error
    except ValueError as error:
        raise Unreadable("query", f"it has more than {_MOST_WORDS} parameters") from error


def _embodied(form: _Form, body: bytes) -> _Members:
    document = json_object(body)
    found: _Members = {}
    for name, value in document.items():
        if value is not None and name in form.in_body:
            try:
                found[name] = form.in_body[name](value)
            except Unreadable as error:
                raise error.below(name) from None
    return found


def json_object(body: bytes) -> dict[str, object]:
    """The object that a body of JSON is; an empty body is an empty object.

    Raises:
        Unreadable: It is no JSON, too deep, or no object.
    """
    if not body:
        return {}
    try:
        document: object = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        raise Unreadable("body", f"it is no JSON: {error}") from error
    except RecursionError as error:
        raise Unreadable("body", "it is nested too deeply") from error
    if not isinstance(document, dict):
        raise Unreadable("body", "it is no JSON object")
    return document


@cache
def _form(operation: str) -> _Form:
    form = _Form({}, {}, {})
    shape = shapes.model().operation_model(operation).input_shape
    for name, member in (shape.members if shape is not None else {}).items():
        wire = str(member.serialization.get("name", name))
        match member.serialization.get("location"):
            case "uri":
                form.in_path[wire] = name
            case "querystring":
                form.in_query[wire] = (name, member.type_name)
            case _:
                form.in_body[wire] = in_body(member)
    return form
