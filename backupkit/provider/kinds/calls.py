"""The calls by which a thing is made, changed, tagged and deleted, as its row says."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from backupkit.declare.codec.documents import document, find, member_name
from backupkit.declare.declared import Declared
from backupkit.declare.fields import flags_of
from backupkit.documents import Document, Value
from backupkit.provider.change import Call, Output
from backupkit.provider.kinds.kind import AnyKind, AnyPart, Place
from backupkit.provider.kinds.observed import Observed, World
from backupkit.transport.idempotency import TOKENS

__all__ = ["body_of", "creation", "creations", "deletion", "deletions", "part_document", "put", "tag_calls", "updates"]


def body_of(kind: AnyKind, thing: Declared) -> Document:
    """The document of a declared thing, without its tags, which stand beside it."""
    return {member: value for member, value in kind.document(thing).items() if member != kind.tags}


def creation(world: World, kind: AnyKind, thing: Declared, place: Place, step: str = "") -> Call:
    """The call that makes a thing.

    Args:
        world: What it is beside.
        kind: Its row.
        thing: As it should be.
        place: Where.
        step: Tells several creations of one change apart, so that each has its own token.
    """
    operation = kind.create or kind.update
    assert operation is not None, f"the row of {kind.word} says neither how to create nor how to update it"
    tags = {kind.tags: dict(world.owner.tags_for(thing))} if kind.tags is not None else {}
    token = {TOKENS[operation]: world.owner.token(place.address, step)} if operation in TOKENS else {}
    params = {**_inside(kind, place.inside), **_wrapped(kind, body_of(kind, thing)), **tags, **token}
    answers = (
        Output(place.address, kind.id) if kind.create and kind.name not in {"", kind.id} and not kind.parent else None
    )
    return kind.sent(Call(operation, params, answers=answers, service=kind.service))


def creations(world: World, kind: AnyKind, thing: Declared, place: Place) -> tuple[Call, ...]:
    """The calls that make a thing."""
    if kind.creating is not None:
        return tuple(kind.creating(world, thing))
    return (creation(world, kind, thing, place),)


def updates(world: World, kind: AnyKind, thing: Declared, seen: Observed, place: Place) -> tuple[Call, ...]:
    """The calls that change a thing but for its tags."""
    if kind.updating is not None:
        return tuple(kind.updating(world, thing, seen))
    assert kind.update is not None
    changed = kind.changed(thing, seen) if kind.changed is not None else _changed(kind, thing, seen)
    named = {kind.id: seen.id} if kind.id else {}
    token = {TOKENS[kind.update]: world.owner.token(place.address, "update")} if kind.update in TOKENS else {}
    params = {**_inside(kind, place.inside), **named, **_wrapped(kind, changed), **token}
    return (kind.sent(Call(kind.update, params, service=kind.service)),)


def _changed(kind: AnyKind, thing: Declared, seen: Observed) -> Document:
    """What an update is sent: the document without what cannot be changed; what is to go is said so."""
    body = body_of(kind, thing)
    for field in attrs.fields(type(thing)):
        flags, path = flags_of(field), member_name(field)
        if flags.replaces:
            _drop(body, path)
        elif flags.cleared is not None and flags.document and not find(body, path) and find(seen.document, path):
            body[path] = flags.cleared
    return body


def _drop(body: dict[str, Value], path: str) -> None:
    """Take a member out of a document, and a structure that is then empty with it."""
    name, _, rest = path.partition("/")
    held = body.get(name)
    if rest and isinstance(held, Mapping):
        held = dict(held)
        _drop(held, rest)
        body[name] = held
    if not rest or not held:
        body.pop(name, None)


def deletion(kind: AnyKind, found: str | Output, inside: str | Output = "") -> Call:
    """The call that deletes what has an id."""
    assert kind.delete is not None
    return Call(kind.delete, {**_inside(kind, inside), **({kind.id: found} if kind.id else {})}, service=kind.service)


def deletions(seen: Observed) -> tuple[Call, ...]:
    """The calls that delete a thing; none where AWS always has one."""
    kind = seen.kind
    if kind.deleting is not None:
        return tuple(kind.deleting(seen))
    return (deletion(kind, seen.id, seen.inside),) if kind.delete is not None else ()


def tag_calls(seen: Observed, new: Mapping[str, str]) -> tuple[Call, ...]:
    """None, one or two calls that make the tags what they should be. Tags that AWS keeps for itself are left alone."""
    put = {key: value for key, value in sorted(new.items()) if seen.tags.get(key) != value}
    dropped = sorted(key for key in seen.tags if key not in new and not key.lower().startswith("aws:"))
    calls: list[Call] = []
    if put:
        calls.append(Call("TagResource", {"ResourceArn": seen.arn, "Tags": put}))
    if dropped:
        calls.append(Call("UntagResource", {"ResourceArn": seen.arn, "TagKeyList": dropped}))
    return tuple(calls)


def part_document(part: AnyPart, thing: Declared) -> Document | None:
    """The document of a part as it is declared; None where it is not."""
    value = getattr(thing, part.field)
    if value is None:
        return None
    return document(value) if isinstance(value, Declared) else {part.member: value}


def put(kind: AnyKind, part: AnyPart, found: str | Output, declared: Document | None) -> Call:
    """The call that makes or changes a part, or takes it away where nothing is declared."""
    if declared is None:
        assert part.delete is not None
        return Call(part.delete, {kind.id: found}, service=kind.service)
    return Call(part.put, {kind.id: found, **declared}, service=kind.service)


def _inside(kind: AnyKind, inside: str | Output) -> dict[str, Value | Output]:
    return {kind.parent: inside} if kind.parent else {}


def _wrapped(kind: AnyKind, body: Document) -> dict[str, Value | Output]:
    return {kind.body: body} if kind.body else {**body}
