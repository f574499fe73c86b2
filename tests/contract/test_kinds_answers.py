"""What AWS answers about any kind of thing is read as what it says, or not at all."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator

import attrs
import pytest
from kinds_all import EXAMPLES
from watched import Watched

import backupkit as bk
from backupkit.errors import AccessDeniedError, NeighbourError, UnreachableError

JUNK = {dict: {"x": 1}, list: ["x", 5], str: "x", int: 5, float: 0.5, bool: True}
MOST = 60
"""Damages a kind: those of its first answers, spread over all that it is read by."""


@attrs.define
class Altered:
    """Alters what reads answer."""

    alter: object = None
    heard: dict[str, dict] = attrs.field(factory=dict)

    def __call__(self, operation: str, send: Callable[[], object], _: object) -> object:
        answer = send()
        plain = json.loads(answer) if isinstance(answer, bytes) else answer
        self.heard.setdefault(operation, plain)
        if self.alter is None:
            return answer
        altered = self.alter(operation, copy.deepcopy(plain))
        return json.dumps(altered).encode() if isinstance(answer, bytes) else altered


def ready(kind: str) -> tuple[bk.Stack, Watched, Altered]:
    """The stack of an example, applied, and what a preview reads of it."""
    example = EXAMPLES[kind]
    aws, stack = example.service(), bk.Stack("mine", *example.things)
    stack.preview(aws).apply(allow_irreversible=True)
    altered = Altered()
    watched = Watched(aws, altered)
    assert not stack.preview(watched)
    return stack, watched, altered


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


OF_BACKUP = [kind for kind, example in EXAMPLES.items() if example.row.service == "backup"]
"""Kinds of AWS Backup: answers of other services are read by boto3, which knows their types."""


@pytest.mark.parametrize("kind", OF_BACKUP)
def test_an_answer_of_another_form_is_an_error_and_never_read_as_nothing(kind):
    """Whatever value of an answer has a type that the API does not give it, the preview is as before, or an error."""
    stack, aws, watch = ready(kind)
    refused, thing = [], EXAMPLES[kind].thing.address
    for operation, path, junk in damages(dict(watch.heard)):
        watch.alter = lambda called, answer, o=operation, p=path, j=junk: put(answer, p, j) if called == o else answer
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
    stack, aws, watch = ready(kind)
    errors = 0
    # Whose the account is, is not read of a thing.
    for operation in sorted(watch.heard.keys() - {"get_caller_identity"}):

        def deny(called: str, answer: dict, operation: str = operation) -> dict:
            if called == operation and called.islower():
                raise NeighbourError(f"{called}: AccessDenied", code="AccessDenied")
            if called == operation:
                raise AccessDeniedError(called, "AccessDeniedException", "no")
            return answer

        watch.alter = deny
        try:
            changes = stack.preview(aws)
        except (AccessDeniedError, NeighbourError):
            errors += 1
            continue
        assert not changes, f"{operation}\n{changes}"
        assert changes.notes
    assert errors
