"""Which operation a request means, by the methods and paths of botocore's model, and its input as the API has it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TypeAlias
from urllib.parse import parse_qsl, unquote_to_bytes

import attrs
import msgspec

from backupkit.emulator.http.messages import Request, Unreadable, held_to_encoding
from backupkit.emulator.http.reading import Reader, in_body, in_query
from backupkit.emulator.kernel import shapes
from backupkit.transport.protocol import Value

__all__ = ["Route", "json_object", "label", "methods", "params", "route"]

# ---- Routes ----


@attrs.frozen
class Route:
    """One operation's place in HTTP.

    Args:
        operation: The API's name.
        segments: The path, cut at its slashes; a label keeps its braces.
        flag: A word that the query must have, where two operations share a path.
        status: The status of its answer.
    """

    operation: str
    segments: tuple[str, ...]
    flag: str
    status: int

    def found_in(self, segments: tuple[str, ...]) -> dict[str, str] | None:
        """The raw labels of a path, or None where it is another's; a label is never empty."""
        labels: dict[str, str] = {}
        for wanted, got in zip(self.segments, segments, strict=True):
            if wanted.startswith("{"):
                if not got:
                    return None
                labels[wanted.strip("{+}")] = got
            elif wanted != got:
                return None
        return labels


def route(method: str, path: str, query: str) -> tuple[Route, dict[str, str]] | None:
    """The operation that has this method and raw path, with its raw labels; None where none has."""
    segments = _cut(path)
    for candidate in _table().get((method, len(segments)), ()):
        labels = candidate.found_in(segments)
        if labels is not None and (not candidate.flag or candidate.flag in _query_words(query)):
            return candidate, labels
    return None


def methods(path: str, query: str) -> list[str]:
    """Return the methods with which a path, with this query, means an operation."""
    return sorted(method for method in {method for method, _ in _table()} if route(method, path, query) is not None)


def label(raw: str) -> str:
    """A label as the client meant it.

    Raises:
        Unreadable: A percent-encoding is not one, or the bytes are not UTF-8.
    """
    held_to_encoding("path", raw)
    try:
        return unquote_to_bytes(raw).decode()
    except UnicodeDecodeError as error:
        raise Unreadable("path", "its bytes are not UTF-8") from error


def _cut(path: str) -> tuple[str, ...]:
    """The segments of a path; one slash at its end makes no difference."""
    return tuple(path.removesuffix("/").split("/")[1:])


def _query_words(query: str) -> Iterable[str]:
    return (word.partition("=")[0] for word in query.split("&"))


@cache
def _table() -> dict[tuple[str, int], list[Route]]:
    """Every route by its method and length; flagged ones first, then those with fewer labels."""
    table: dict[tuple[str, int], list[Route]] = {}
    for operation in shapes.model().operation_names:
        http = shapes.model().operation_model(operation).http
        path, _, flag = str(http["requestUri"]).partition("?")
        found = Route(operation, _cut(path), flag, int(http.get("responseCode", 200)))
        table.setdefault((str(http["method"]), len(found.segments)), []).append(found)
    for routes in table.values():
        routes.sort(key=_rank)
    return table


def _rank(candidate: Route) -> tuple[bool, int]:
    return not candidate.flag, sum(segment.startswith("{") for segment in candidate.segments)


# ---- Inputs ----


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
        raise Unreadable("query", "its bytes are not UTF-8") from error
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
        Unreadable: It is not JSON, too deep, or not an object.
    """
    if not body:
        return {}
    try:
        document: object = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        raise Unreadable("body", f"it is not JSON: {error}") from error
    except RecursionError as error:
        raise Unreadable("body", "it is nested too deeply") from error
    if not isinstance(document, dict):
        raise Unreadable("body", "it is not a JSON object")
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
