"""One run of a document of Systems Manager on an instance: sent, waited for, and told as it ended."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs

from backupkit.errors import NeighbourError
from backupkit.neighbours import Neighbours
from backupkit.recover.quiesce import EXIT_CODES
from backupkit.serialization import Serializable
from backupkit.transport.protocol import Clock

__all__ = ["Document", "ScriptRun", "described", "run_script"]

_DELIVERY_SECONDS = 30
"""How long Systems Manager tries to reach an instance; it takes no shorter time."""
_LOOK_SECONDS = 1.0
_UNDER_WAY = frozenset({"Pending", "InProgress", "Delayed", "Cancelling"})
_STEPS = frozenset({"InvalidPluginName", "InvalidPluginNameException"})
_GONE = frozenset({"InvalidDocument", "InvalidDocumentException", "DocumentNotFound"})


@attrs.frozen(kw_only=True)
class ScriptRun(Serializable):
    """What became of a script.

    Args:
        stage: ``before`` or ``after`` the snapshot.
        document: The document.
        status: Systems Manager's word, such as ``Success`` or ``Failed``; ``NotSent`` where it was not taken.
        exit_code: The exit code; None: not told.
        command_id: Systems Manager's id of the run.
        started: When it was sent.
        ended: When its end was seen.
        reason: Why it was not taken.
    """

    stage: str
    document: str
    status: str
    exit_code: int | None = None
    command_id: str | None = None
    started: datetime
    ended: datetime
    reason: str = ""

    @property
    def succeeded(self) -> bool:
        """Whether it did what it was to do."""
        return self.status == "Success" and self.exit_code in {0, None}

    @property
    def meaning(self) -> str:
        """What its end means."""
        if self.reason:
            return self.reason
        known = EXIT_CODES.get(self.exit_code) if self.exit_code is not None else None
        if self.succeeded:
            return "done"
        return f"{self.status}, exit code {self.exit_code}{f': {known}' if known is not None else ''}"


@attrs.frozen(kw_only=True)
class Document:
    """A document of Systems Manager, as far as it may be looked at.

    Args:
        name: Its name or ARN.
        parameters: The parameters that it declares; None: it may not be looked at.
        required: Those of them that have no default.
        problem: Why it cannot be run.
        hint: The way out of that.
    """

    name: str
    parameters: frozenset[str] | None = None
    required: frozenset[str] = frozenset()
    problem: str = ""
    hint: str = "create it, or give the name of one that is there"

    def declares(self, parameter: str) -> bool:
        """Whether it takes a parameter, as far as is known: one that may not be looked at is trusted."""
        return self.parameters is None or parameter in self.parameters


def described(neighbours: Neighbours, name: str) -> Document:
    """Return what Systems Manager says of a document."""
    try:
        answer = neighbours.ask("ssm", "describe_document", {"Name": name})
    except NeighbourError as error:
        return Document(name=name, problem=f"there is no document {name}" if error.code in _GONE else "")
    if answer is None:
        return Document(
            name=name,
            problem="this connection has no session that could ask Systems Manager",
            hint="leave quiesce= out, or connect with a session: bk.connect(), bk.local(world=SessionWorld(...))",
        )
    description = answer["Document"]
    state, declared = description.get("Status", "Active"), description.get("Parameters", ())
    return Document(
        name=name,
        parameters=frozenset(each["Name"] for each in declared),
        # Parameters without a default are required (botocore model, DocumentParameter).
        required=frozenset(each["Name"] for each in declared if "DefaultValue" not in each),
        problem="" if state == "Active" else f"document {name} is {state}",
    )


def run_script(
    neighbours: Neighbours,
    clock: Clock,
    *,
    stage: str,
    document: str,
    instance_id: str,
    parameters: Mapping[str, Sequence[str]],
    timeout_seconds: int,
    attempts: int = 1,
) -> ScriptRun:
    """Run a document on an instance, and return what became of it; only an interrupt is raised.

    Args:
        neighbours: The way to Systems Manager.
        clock: What waiting goes by.
        stage: ``before`` or ``after`` the snapshot.
        document: Its name or ARN.
        instance_id: The instance.
        parameters: What it is told.
        timeout_seconds: Seconds to wait for its end.
        attempts: How often it is sent where Systems Manager does not take it.
    """
    started = clock.now()
    params = {
        "InstanceIds": [instance_id],
        "DocumentName": document,
        "Parameters": {name: list(values) for name, values in parameters.items()},
        "TimeoutSeconds": _DELIVERY_SECONDS,
        "Comment": f"backupkit: {stage} the snapshot",
    }
    ended: dict[str, Any] = {"status": "NotSent"}
    for attempt in range(attempts):
        if attempt:
            clock.sleep(_LOOK_SECONDS * attempt)
        try:
            answer = neighbours.ask("ssm", "send_command", params)
        except NeighbourError as error:
            ended = {"status": "NotSent", "reason": str(error)}
            continue
        command_id = str(answer["Command"]["CommandId"]) if answer is not None else ""
        ended = {"command_id": command_id, **_ended(neighbours, clock, command_id, instance_id, timeout_seconds)}
        break
    return ScriptRun(stage=stage, document=document, started=started, ended=clock.now(), **ended)


def _ended(
    neighbours: Neighbours, clock: Clock, command_id: str, instance_id: str, timeout_seconds: int
) -> dict[str, Any]:
    """How a run ended, or how it was last seen."""
    last: dict[str, Any] = {"status": "Pending"}
    until = clock.monotonic() + timeout_seconds
    while True:
        # It may not be listed yet, or Systems Manager is throttled: its end is still to be seen.
        with contextlib.suppress(NeighbourError):
            last = _looked(neighbours, command_id, instance_id)
        if last["status"] not in _UNDER_WAY:
            return last
        if clock.monotonic() >= until:
            end = _cancelled(neighbours, command_id)
            return {**last, "reason": f"no end was seen within {timeout_seconds} seconds; {end}"}
        clock.sleep(_LOOK_SECONDS)


def _looked(neighbours: Neighbours, command_id: str, instance_id: str) -> dict[str, Any]:
    params = {"CommandId": command_id, "InstanceId": instance_id}
    try:
        answer = neighbours.ask("ssm", "get_command_invocation", params) or {}
    except NeighbourError as error:
        if error.code not in _STEPS:
            raise
        return _of_steps(neighbours, params)
    return {"status": str(answer.get("Status", "Pending")), "exit_code": _code(answer.get("ResponseCode"))}


def _of_steps(neighbours: Neighbours, params: Mapping[str, str]) -> dict[str, Any]:
    """How a document of several steps is: its exit code is the first that is not 0."""
    answer = neighbours.ask("ssm", "list_command_invocations", {**params, "Details": True}) or {}
    found: dict[str, Any] = next(iter(answer.get("CommandInvocations", ())), {})
    codes = [code for step in found.get("CommandPlugins", ()) if (code := _code(step.get("ResponseCode"))) is not None]
    return {"status": str(found.get("Status", "Pending")), "exit_code": next((code for code in codes if code), 0)}


def _code(description: object) -> int | None:
    # Systems Manager says -1 until there is one.
    return description if isinstance(description, int) and description >= 0 else None


def _cancelled(neighbours: Neighbours, command_id: str) -> str:
    """Cancel a run, and say what became of that."""
    try:
        neighbours.ask("ssm", "cancel_command", {"CommandId": command_id})
    except NeighbourError as error:
        return f"it could not be cancelled ({error}), and ends by its own timeout"
    return "it was cancelled"
