"""One change as data: what, why, which fields, and the very calls that make it."""

from __future__ import annotations

import enum
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

import attrs

from backupkit.problems import Problem
from backupkit.serialization import Serializable, plain
from backupkit.transport.protocol import Value

__all__ = ["Action", "Call", "Change", "Difference", "Leaf", "Output", "Subject"]

Leaf: TypeAlias = str | int | float | bool | tuple[str, ...]
"""What one field of a declared or observed thing holds; a tuple of texts is a set."""


class Action(enum.StrEnum):
    """What a change does to the thing at its address."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    KEEP = "keep"


@attrs.frozen(repr=False)
class Difference(Serializable):
    """One field that differs.

    Args:
        path: Where inside the thing, for example ``rule.daily/lifecycle/delete_after_days``.
        old: What AWS has; None where it has nothing.
        new: What is declared; None where nothing is.
    """

    path: str
    old: Leaf | None
    new: Leaf | None

    def __repr__(self) -> str:
        # Of a tag, these would be its values.
        return f"<Difference {self.path}>"


@attrs.frozen
class Output:
    """A value that is known only once an earlier call has answered.

    Args:
        address: Of the change, or step of a change, whose answer holds it.
        member: The answer's member, for example ``BackupPlanId``.
    """

    address: str
    member: str

    def __str__(self) -> str:
        return f"<{self.member} of {self.address}>"


Param: TypeAlias = "Value | Output | Sequence[Param] | Mapping[str, Param]"
"""A piece of a call: `Output` may stand anywhere in it."""


def _filled(value: Param, made: Mapping[Output, str]) -> Value:
    if isinstance(value, Output):
        return made[value]
    if isinstance(value, Mapping):
        return {name: _filled(each, made) for name, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_filled(each, made) for each in value]
    return value


def _awaited(value: Param) -> Iterator[Output]:
    if isinstance(value, Output):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _awaited(each)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for each in value:
            yield from _awaited(each)


@attrs.frozen(repr=False)
class Call:
    """One call that a change makes.

    Args:
        operation: The API operation.
        params: Its input members.
        answers: Under what later calls find a member of its answer, where they need one.
        fallback: Where AWS refuses this call because the name is taken: the calls made in place of it and of all calls
            after it.
        service: boto3's name of the service; of another than AWS Backup, the operation is a method of boto3's client.
    """

    operation: str
    # Documents hold tags and metadata, whose values no repr shows.
    params: Mapping[str, Param] = attrs.field(hash=False, repr=lambda params: "{" + ", ".join(params) + "}")
    answers: Output | None = None
    fallback: tuple[Call, ...] = ()
    service: str = "backup"

    def __repr__(self) -> str:
        return f"<Call {self.operation} with {', '.join(self.params)}>"

    def ready(self, made: Mapping[Output, str]) -> dict[str, Value]:
        """The input members with everything in its place."""
        return {name: _filled(value, made) for name, value in self.params.items()}

    @property
    def awaits(self) -> frozenset[Output]:
        """What must be known before it can be made."""
        return frozenset(_awaited(self.params))


@attrs.frozen
class Subject:
    """What a change is about, as it is found again in AWS.

    Args:
        kind: The first word of its address, ``vault``, ``plan``, ...
        name: Its name.
        id: What identifies it in calls; empty for what is not there yet.
        part: ``lock``, ``policy``, ..., or the name of something inside it; empty for the thing itself.
        child: What is inside it, ``selection``; empty for the thing itself and its parts.
    """

    kind: str
    name: str
    id: str = ""
    part: str = ""
    child: str = ""


@attrs.frozen(kw_only=True, repr=False)
class Change(Serializable):
    """One change.

    Args:
        address: Of what changes, for example ``plan.prod-backup-plan/selection.tagged``.
        action: What happens to it.
        reason: Why, as a clause that follows "because".
        differences: The fields that differ, with both values.
        calls: The calls that make it, in their order.
        needs: Addresses of changes that come first.
        problems: Why it cannot be made; `Changes.apply` refuses while there are any.
        dropped_members: Members that AWS holds and backupkit does not know, which the change would drop.
        takes_away: Paths of what protects today and will not any more, for example ``rule.weekly``.
        destroys: Whether something is deleted that nothing takes the place of, or anything is in ``takes_away``; needs
            the caller's word.
        irreversible: Whether it cannot be taken back, ever; needs the caller's word.
        drains: Whether a vault's recovery points are deleted before it; needs the vault's name in ``allow_drain``.
        warnings: What is rarely meant, though AWS takes it: a retention that gets shorter.
        subject: How it is found again in AWS.
    """

    address: str
    action: Action
    reason: str
    differences: tuple[Difference, ...] = ()
    calls: tuple[Call, ...] = ()
    needs: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    dropped_members: tuple[str, ...] = ()
    takes_away: tuple[str, ...] = ()
    destroys: bool = False
    irreversible: bool = False
    drains: bool = False
    warnings: tuple[Problem, ...] = ()
    subject: Subject = attrs.field(repr=False)

    def __repr__(self) -> str:
        return f"<Change: {self.action} {self.address}>"

    @property
    def idle(self) -> bool:
        """Whether all is as declared."""
        return self.action is Action.KEEP and not self.problems

    def same_as(self, other: Change) -> bool:
        """Whether the other change, computed later, does the same: nothing moved between the two."""
        # Points that are gone by now need not be deleted; points that are new to the preview were not agreed to.
        return _essence(self) == _essence(other) and (self.drains or not other.drains)

    def to_json(self) -> str:
        """Return the change as JSON text."""
        return json.dumps(self.to_dict(json=True), indent=2)

    def to_dict(self, *, json: bool = False) -> dict[str, object]:
        """Return the change as plain JSON values."""
        return {
            "address": self.address,
            "action": str(self.action),
            "reason": self.reason,
            "differences": [each.to_dict(json=json) for each in self.differences],
            "calls": [_call_dict(call, json=json) for call in self.calls],
            "needs": list(self.needs),
            "problems": [each.to_dict(json=json) for each in self.problems],
            "dropped_members": list(self.dropped_members),
            "takes_away": list(self.takes_away),
            "destroys": self.destroys,
            "irreversible": self.irreversible,
            "drains": self.drains,
            "warnings": [each.to_dict(json=json) for each in self.warnings],
            "subject": attrs.asdict(self.subject),
        }


def _essence(change: Change) -> tuple[object, ...]:
    operations = tuple((call.service, call.operation) for call in change.calls)
    return (
        change.action,
        change.differences,
        operations,
        change.problems,
        change.dropped_members,
        change.takes_away,
        change.destroys,
        change.irreversible,
    )


def _call_dict(call: Call, *, json: bool) -> dict[str, object]:
    """The call as plain values; what is there only for some calls is left out of the others."""
    placed = list(_placed(call.params, ()))
    made = [{"at": list(way), **attrs.asdict(value)} for way, value in placed if isinstance(value, Output)]
    moments = [list(way) for way, value in placed if isinstance(value, datetime)] if json else []
    return {
        "operation": call.operation,
        **({} if call.service == "backup" else {"service": call.service}),
        "params": _plain(call.params, json=json),
        **({"made": made} if made else {}),
        **({"moments": moments} if moments else {}),
        **({"answers": attrs.asdict(call.answers)} if call.answers is not None else {}),
        **({"fallback": [_call_dict(each, json=json) for each in call.fallback]} if call.fallback else {}),
    }


_Way: TypeAlias = tuple[str | int, ...]


def _placed(value: object, way: _Way) -> Iterator[tuple[_Way, Output | datetime]]:
    """What JSON has as texts, and where it stands."""
    if isinstance(value, Output | datetime):
        yield way, value
    elif isinstance(value, Mapping):
        yield from (found for name, each in value.items() for found in _placed(each, (*way, name)))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        yield from (found for at, each in enumerate(value) for found in _placed(each, (*way, at)))


def _plain(value: object, *, json: bool) -> object:
    match value:
        case Output():
            return str(value)
        case Mapping():
            return {str(name): _plain(each, json=json) for name, each in value.items()}
        case list() | tuple():
            return [_plain(each, json=json) for each in value]
    return plain(value, json=json)
