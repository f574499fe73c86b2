"""Which operation a request means: the methods and paths of botocore's own model."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from urllib.parse import unquote_to_bytes

import attrs

from backupkit.emulator.http.unreadable import Unreadable, held_to_encoding
from backupkit.emulator.kernel import shapes

__all__ = ["Route", "label", "route"]


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
        if labels is not None and (not candidate.flag or candidate.flag in _words(query)):
            return candidate, labels
    return None


def label(raw: str) -> str:
    """A label as the client meant it.

    Raises:
        Unreadable: A percent-encoding is none, or the bytes are no UTF-8.
    """
    held_to_encoding("path", raw)
    try:
        return unquote_to_bytes(raw).decode()
    except UnicodeDecodeError as error:
        raise Unreadable("path", "its bytes are no UTF-8") from error


def _cut(path: str) -> tuple[str, ...]:
    """The segments of a path; one slash at its end makes no difference."""
    return tuple(path.removesuffix("/").split("/")[1:])


def _words(query: str) -> Iterable[str]:
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
