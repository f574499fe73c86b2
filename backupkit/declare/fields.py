"""What a field of a declared value carries: how it is checked, what the API calls it, and whether changing it replaces.

One declaration drives validation, the API's documents, the differences that a preview shows, and the tests that hold
our fields against botocore's own model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import attrs

from backupkit.checks import Check
from backupkit.documents import Value
from backupkit.problems import Problem

__all__ = ["LEFT_TO_AWS", "Flags", "flags", "flags_of"]


@attrs.frozen
class Flags:
    """The metadata of one field."""

    check: Check | None = None
    wire: str | None = None
    """The API's member name where it is not the field's name in PascalCase."""
    replaces: bool = False
    """Whether AWS cannot change it in place."""
    document: bool = True
    """Whether it is a member of the API's document; tags, parts and children travel beside it."""
    assumed: object = None
    """What AWS fills in where the field is left out, as the API writes it; `LEFT_TO_AWS` where AWS chooses."""
    normal: Callable[[Any], object] | None = None
    """Makes one form of all the API's ways to write the member: a text, number, flag, mapping, or tuple of texts, which
    is a set; None says nothing. Not given, lists of texts are sets, empty says nothing, and others are as they are."""
    encode: Callable[[Any], Value] | None = None
    """Makes the API's form of the value, where it is not the value itself."""
    partial: bool = False
    """Whether only the keys of a mapping that the declaration names are compared."""
    cleared: Value = None
    """What an update sends for the member where it is no longer declared, so that AWS drops it."""


LEFT_TO_AWS: Final = "(left to AWS)"
"""As `Flags.assumed`: AWS chooses where the field is left out, so it is compared only where it is declared."""


def flags(
    *checks: Check,
    wire: str | None = None,
    replaces: bool = False,
    document: bool = True,
    assumed: object = None,
    normal: Callable[[Any], object] | None = None,
    encode: Callable[[Any], Value] | None = None,
    partial: bool = False,
    cleared: Value = None,
) -> dict[str, Flags]:
    """The ``metadata`` of an attrs field; see `Flags`."""
    check = _all(checks) if checks else None
    return {"backupkit": Flags(check, wire, replaces, document, assumed, normal, encode, partial, cleared)}


_NO_FLAGS = Flags()


def flags_of(field: attrs.Attribute[object]) -> Flags:
    """The flags of an attrs field; plain ones where it carries none."""
    found = field.metadata.get("backupkit", _NO_FLAGS)
    return found if isinstance(found, Flags) else _NO_FLAGS


def _all(checks: tuple[Check, ...]) -> Check:
    def check(value: object) -> Iterator[Problem]:
        for each in checks:
            yield from each(value)

    return check
