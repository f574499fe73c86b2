"""Things that a stack owns in part: what is left alone of them, and how that is remembered.

What `Thing.unmanaged` names is left alone. Taking a thing over leaves alone what the declaration does not mention, and
remembers that in a tag of the thing, so that it holds for later previews, too, wherever they run.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import cast

import attrs

from backupkit.checks import RESOURCE_TAGS
from backupkit.declare.codec.documents import find, member_name
from backupkit.declare.declared import Declared
from backupkit.declare.fields import flags_of
from backupkit.declare.tags import Tags
from backupkit.declare.thing import Thing
from backupkit.documents import Value
from backupkit.problems import Problem
from backupkit.provider.answers import Document
from backupkit.provider.flatten import without_computed
from backupkit.provider.forms import differences
from backupkit.provider.kinds.body import body_form
from backupkit.provider.kinds.calls import body_of
from backupkit.provider.kinds.kind import AnyKind
from backupkit.provider.kinds.observed import Observed
from backupkit.provider.ownership import OWNER_TAG, RESERVED_PREFIX, UNMANAGED_TAG, Owner

__all__ = ["left_alone", "managed", "too_many_tags", "wanted_tags"]

_TAGS = "tags"
_LONGEST_VALUE = 256
_PLAIN = re.compile(r"[A-Za-z0-9_.:/=+@-]+")
"""What every value of a tag may hold, and no space, which stands between names."""


def left_alone(owner: Owner, declared: Declared, seen: Observed | None) -> frozenset[str]:
    """The parts of a thing that are neither compared nor touched."""
    if seen is None or not isinstance(declared, Thing):
        return frozenset()
    return frozenset((*declared.unmanaged_parts, *_remembered(owner, declared, seen)))


def _remembered(owner: Owner, declared: Thing, seen: Observed) -> tuple[str, ...]:
    """What the tag of the thing should say: what taking it over has left alone, and nobody has claimed since."""
    taken_over = OWNER_TAG not in seen.tags and owner.adopts(declared.address)
    found = _silences(owner, declared, seen) if taken_over else seen.tags.get(UNMANAGED_TAG, "").split()
    claimed = {*declared.managed_parts, *(f"{_TAGS}.{key}" for key in owner.tags)}
    return tuple(
        part
        for part in found
        if part not in claimed and part.partition(".")[0] not in claimed and not declared.mentions(part)
    )


def _silences(owner: Owner, declared: Thing, seen: Observed) -> Iterator[str]:
    """What is there of a thing, and is not mentioned."""
    kind = seen.kind
    yield from (part.field for part in kind.parts if part.field in seen.parts and not declared.mentions(part.field))
    inside = {each.kind.field for each in seen.children}
    yield from (child.field for child in kind.children if child.field in inside and not declared.mentions(child.field))
    body = body_of(kind, declared)
    moved = differences(body_form(kind, seen.document, body), body_form(kind, body))
    heads = {re.split(r"[/.]", each.path, maxsplit=1)[0] for each in moved}
    yield from (
        field.name
        for field in attrs.fields(kind.cls)
        if field.name in heads and flags_of(field).document and not declared.mentions(field.name)
    )
    yield from _silent_tags(owner, declared, seen)


def _silent_tags(owner: Owner, declared: Thing, seen: Observed) -> Iterator[str]:
    keys = [key for key in _foreign(seen.tags) if key not in owner.tags and not declared.mentions(f"{_TAGS}.{key}")]
    # A tag holds 256 characters; where names do not fit into it, it says that all other tags are left alone.
    names = [f"{_TAGS}.{key}" for key in keys]
    plain = all(map(_PLAIN.fullmatch, names)) and len(" ".join(names)) <= _LONGEST_VALUE // 2
    yield from names if plain else [_TAGS]


def _foreign(tags: Mapping[str, str]) -> list[str]:
    return [key for key in tags if not key.lower().startswith(("aws:", RESERVED_PREFIX))]


def wanted_tags(owner: Owner, declared: Declared, seen: Observed | None) -> Tags:
    """All the tags that a thing should carry, those that are left alone as they are."""
    tags = owner.tags_for(declared)
    if seen is None or not isinstance(declared, Thing):
        return tags
    alone = left_alone(owner, declared, seen)
    named = {key for key in {*tags, *seen.tags} if f"{_TAGS}.{key}" in alone}
    if _TAGS in alone:
        named |= {key for key in _foreign(seen.tags) if key not in tags}
    remembered = " ".join(_remembered(owner, declared, seen))
    return Tags(
        {
            **{key: value for key, value in tags.items() if key not in named},
            **{key: value for key, value in seen.tags.items() if key in named},
            **({UNMANAGED_TAG: remembered} if remembered else {}),
        }
    )


def too_many_tags(address: str, tags: Mapping[str, str]) -> Iterator[Problem]:
    """More tags than AWS takes, with those that are left alone."""
    if len(tags) > RESOURCE_TAGS.most:
        what = f"{len(tags)} tags with those that are left alone and backupkit's own"
        yield Problem(f"{address}/{_TAGS}", what, f"AWS takes at most {RESOURCE_TAGS.most}")


def managed(kind: AnyKind, alone: Collection[str], seen: Observed | None) -> AnyKind:
    """The row of a thing without what is left alone of it; what is sent whole says of that what is there."""
    if seen is None or not alone:
        return kind
    paths = [member_name(field) for field in attrs.fields(kind.cls) if field.name in alone and flags_of(field).document]
    document, changed = kind.document, kind.changed
    there = without_computed(kind.cls, seen.document) if paths else seen.document

    def declared_document(thing: Declared) -> dict[str, Value]:
        return _overlaid(document(thing), there, paths)

    def changed_document(thing: Declared, observed: Observed) -> dict[str, Value]:
        assert changed is not None
        return _overlaid(changed(thing, observed), there, paths)

    return attrs.evolve(
        kind,
        document=declared_document if paths else document,
        changed=changed_document if paths and changed is not None else changed,
        parts=tuple(part for part in kind.parts if part.field not in alone),
        children=tuple(child for child in kind.children if child.field not in alone),
    )


def _overlaid(document: dict[str, Value], there: Document, paths: Collection[str]) -> dict[str, Value]:
    """A document that says of some members what another one does."""
    for path in paths:
        document = _put(document, path.split("/"), cast("Value", find(there, path)))  # what an answer held
    return document


def _put(document: Mapping[str, Value], path: list[str], value: Value) -> dict[str, Value]:
    name, *rest = path
    held = document.get(name)
    inner = _put(held if isinstance(held, Mapping) else {}, rest, value) if rest else value
    others = {member: each for member, each in document.items() if member != name}
    return {**others, name: inner} if inner else others
