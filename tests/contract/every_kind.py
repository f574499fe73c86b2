"""Every kind of thing that AWS Backup has, created, read, updated and deleted by whichever client calls.

``every_kind.json`` has the calls, kind by kind. A step names an operation and its input. Besides it may say what the
answer ``tells`` or ``keeps`` (by the path of members, for ``$name`` in later steps), what it is looked at ``until``, and
with which code it is ``refused`` (``until_refused``: sooner or later).
"""

from __future__ import annotations

import contextlib
import json
import time
from pathlib import Path

KINDS = json.loads((Path(__file__).parent / "every_kind.json").read_text())
_LONGEST_SECONDS = 60.0


class RefusedError(Exception):
    """The service said no, with this code."""


class UnknownError(Exception):
    """The client is older than the API: it does not know the operation, or one that the step needs."""


def go_through(kind, call, pause=0.1):
    """Make the calls of one kind with ``call(operation, params)``, which raises `RefusedError` or `UnknownError`."""
    kept = {}
    for step in KINDS[kind]:
        with contextlib.suppress(UnknownError):
            _step(step, kept, call, pause)


def _step(step, kept, call, pause):
    until, params = step.get("until"), _filled(step["params"], kept)
    end = time.monotonic() + _LONGEST_SECONDS
    while True:
        assert time.monotonic() < end, f"{step['call']} never comes to {until or step.get('until_refused')}"
        try:
            answer, code = call(step["call"], params) or {}, None
        except RefusedError as error:
            answer, code = {}, str(error)
        if _reached(step, answer, code):
            break
        time.sleep(pause)
    assert code == step.get("refused", step.get("until_refused")), (step, code)
    for path, value in step.get("tells", {}).items():
        assert _at(answer, path) == value, (step, answer)
    kept |= {name: _at(answer, path) for name, path in step.get("keeps", {}).items()}


def _reached(step, answer, code):
    if "until_refused" in step:
        return code is not None
    return code is not None or all(_at(answer, path) == value for path, value in step.get("until", {}).items())


def _at(answer, path):
    for name in path.split("."):
        answer = answer[int(name)] if isinstance(answer, list) else answer.get(name)
    return answer


def _filled(value, kept):
    if isinstance(value, dict):
        return {name: _filled(inner, kept) for name, inner in value.items()}
    if isinstance(value, str) and value.startswith("$"):
        if value[1:] not in kept:
            raise UnknownError(f"the step that tells {value} was left out")
        return kept[value[1:]]
    return value
