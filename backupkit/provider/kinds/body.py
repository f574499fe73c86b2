"""The documents of things and their parts, in forms that can be compared."""

from __future__ import annotations

from backupkit.declare.codec.hints import item_class
from backupkit.provider.answers import Document, text
from backupkit.provider.flatten import flatten
from backupkit.provider.forms import Flat, Form
from backupkit.provider.kinds.kind import AnyKind, AnyPart

__all__ = ["body_form", "part_form", "part_forms"]


def body_form(kind: AnyKind, document: Document, beside: Document | None = None) -> Form:
    """A thing's document, without its name, which its address tells, and its tags.

    Args:
        kind: The row of the thing.
        document: Its document.
        beside: What is declared, where this is what AWS has.
    """
    if kind.form is not None:
        return kind.form(document, beside)
    skip = {kind.key} if kind.parent else {kind.key, "tags"}
    return flatten(kind.cls, document, beside, frozenset(skip))


def part_forms(kind: AnyKind, part: AnyPart, held: Document | None, wanted: Document | None) -> tuple[Flat, Flat]:
    """A part as it is and as it is declared; empty where there is none."""
    if part.forms is not None:
        return part.forms(held, wanted)
    return part_form(kind, part, held, wanted), part_form(kind, part, wanted)


def part_form(kind: AnyKind, part: AnyPart, document: Document | None, beside: Document | None = None) -> Flat:
    """A part by itself; empty where there is none."""
    if document is None:
        return {}
    if part.forms is not None:
        return part.forms(document, None)[0]
    if part.form is not None:
        return part.form(document)
    cls = item_class(kind.cls, part.field)
    if cls is not None:
        return dict(flatten(cls, document, beside).leaves)
    value = text(document, part.member)
    return {part.field: value} if value else {}
