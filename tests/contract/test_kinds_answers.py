"""What AWS answers about any kind of thing is read as what it says, or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator

import attrs
import pytest
from kinds_restoring import EXAMPLES as RESTORING
from kinds_table import EXAMPLES as TABLE

import backupkit as bk
from backupkit.errors import AccessDeniedError, UnreachableError
from backupkit.transport.idempotency import is_read
from backupkit.transport.protocol import Params, Transport

EXAMPLES = {**TABLE, **RESTORING}
JUNK = {dict: {"x": 1}, list: ["x", 5], str: "x", int: 5, float: 0.5, bool: True}
MOST = 60
"""Damages a kind: those of its first answers, spread over all that it is read by."""


@attrs.define
class Altered:
    """A transport whose reads are altered."""

    inner: Transport
    alter: object = None
    heard: dict[str, dict] = attrs.field(factory=dict)

    @property
    def transport(self) -> Altered:
        return self

    @property
    def region_name(self) -> str:
        return self.inner.region_name

    @property
    def clock(self):
        return self.inner.clock

    def call(self, operation: str, params: Params, /) -> bytes:
        answer = json.loads(self.inner.call(operation, params))
        if is_read(operation):
            self.heard.setdefault(operation, json.loads(json.dumps(answer)))
            if self.alter is not None:
                answer = self.alter(operation, answer)
        return json.dumps(answer).encode()


def ready(kind: str) -> tuple[bk.Stack, Altered, dict[str, dict]]:
    """The stack of an example, applied, and what a preview reads of it."""
    example = EXAMPLES[kind]
    aws, stack = example.service(), bk.Stack("mine", *example.things)
    stack.preview(aws).apply(allow_irreversible=True)
    altered = Altered(aws.transport)
    assert not stack.preview(altered)
    return stack, altered, altered.heard


def places(document: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], object]]:
    """Every value inside a document, with its path."""
    items = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, value in items:
        yield (*path, key), value
        yield from places(value, (*path, key))


def put(document: dict, path: tuple[str | int, ...], value: object) -> dict:
    *way, last = path
    found = document
    for key in way:
        if not (isinstance(found, dict) and key in found) and not (isinstance(found, list) and len(found) > key):
            return document
        found = found[key]
    if isinstance(found, dict) or (isinstance(found, list) and len(found) > last):
        found[last] = value
    return document


def damages(heard: dict[str, dict]) -> list[tuple[str, tuple[str | int, ...], object]]:
    """One value of an answer each, of a type that the API does not give it."""
    found = []
    for operation, answer in heard.items():
        for number, (path, was) in enumerate(places(answer)):
            fitting = [junk for kind, junk in JUNK.items() if was is not None and not isinstance(was, kind)]
            near = isinstance(was, int | float)
            fitting = [each for each in fitting if not (near and isinstance(each, int | float))]
            if fitting:
                found.append((operation, path, fitting[number % len(fitting)]))
    return found[:: max(1, len(found) // MOST)]


@pytest.mark.parametrize("kind", EXAMPLES)
def test_an_answer_of_another_form_is_an_error_and_never_read_as_nothing(kind):
    """Whatever value of an answer has a type that the API does not give it, the preview is as before, or an error."""
    stack, aws, heard = ready(kind)
    refused, thing = [], EXAMPLES[kind].thing.address
    for operation, path, junk in damages(heard):
        aws.alter = lambda called, answer, o=operation, p=path, j=junk: put(answer, p, j) if called == o else answer
        try:
            changes = stack.preview(aws)
        except UnreachableError as error:
            refused.append((operation, str(error)))
        else:
            assert not changes, f"{operation} {path} {junk!r}\n{changes}"
    # Where several answers tell of one thing, the thing is named.
    assert refused
    assert [each for each in refused if not each[1].startswith((f"{each[0]}: ", f"{thing}: "))] == []


@pytest.mark.parametrize("kind", EXAMPLES)
def test_what_may_not_be_read_is_never_taken_for_absent(kind):
    """Where a read of a thing that is declared is denied, the preview is an error, and proposes nothing."""
    stack, aws, heard = ready(kind)
    for operation in heard:

        def deny(called: str, answer: dict, operation: str = operation) -> dict:
            if called == operation:
                raise AccessDeniedError(called, "AccessDeniedException", "no")
            return answer

        aws.alter = deny
        try:
            changes = stack.preview(aws)
        except AccessDeniedError:
            continue
        assert not changes, f"{operation}\n{changes}"
        assert changes.notes
