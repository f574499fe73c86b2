"""The metadata of a restore as the parameters of the call that makes the resource."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import attrs

from backupkit.emulator.kernel.resource_protocol import Metadata, WorldError, decoded

__all__ = ["Reading", "document", "documents", "flag", "keys", "number", "spelled", "text", "texts"]

Read: TypeAlias = Callable[[Metadata, str], object]
_REQUEST_ID = "aws:backup:request-id"


def text(metadata: Metadata, key: str) -> str:
    """The value as it is."""
    return metadata[key]


def texts(metadata: Metadata, key: str) -> list[str]:
    """A JSON list of texts."""
    return metadata.texts(key)


def flag(metadata: Metadata, key: str) -> bool:
    """``true`` or ``false``, in any case.

    Raises:
        WorldError: It is neither.
    """
    found = {"true": True, "false": False}.get(metadata[key].casefold())
    if found is None:
        raise WorldError(f"Invalid restore metadata. {key} is neither true nor false")
    return found


def number(metadata: Metadata, key: str) -> int:
    """A whole number.

    Raises:
        WorldError: It is none.
    """
    if not re.fullmatch(r"[0-9]{1,100}", metadata[key]):
        raise WorldError(f"Invalid restore metadata. {key} {metadata[key]!r} is not a whole number")
    return int(metadata[key])


def document(metadata: Metadata, key: str) -> dict[str, object]:
    """A JSON object; members that are null count as left out.

    Raises:
        WorldError: It is none.
    """
    found = decoded(metadata[key], key, "a JSON object")
    if not isinstance(found, dict):
        raise WorldError(f"Invalid restore metadata. {key} is not a JSON object")
    return {str(name): value for name, value in found.items() if value is not None}


def documents(metadata: Metadata, key: str) -> list[dict[str, object]]:
    """A JSON list of objects; members that are null count as left out.

    Raises:
        WorldError: It is none.
    """
    found = decoded(metadata[key], key, "a JSON list")
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise WorldError(f"Invalid restore metadata. {key} is not a JSON list of objects")
    return [{str(name): value for name, value in each.items() if value is not None} for each in found]


def spelled(parameters: Mapping[str, object]) -> dict[str, str]:
    """Parameters as metadata spells them: lists and objects as JSON, everything else as plain text."""
    return {name: _spelled(value) for name, value in parameters.items() if value is not None}


def _spelled(value: object) -> str:
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case _:
            return json.dumps(value)


def keys(names: str, read: Read = text) -> dict[str, tuple[str, Read]]:
    """Entries of a `Reading`, whose metadata and parameters have the same names."""
    return {name: (name, read) for name in names.split()}


@attrs.frozen
class Reading:
    """Which metadata a type takes.

    Args:
        taken: By metadata key: the parameter that it becomes, and how its text is read.
        ignored: Keys that AWS takes and does not use.
    """

    taken: Mapping[str, tuple[str, Read]]
    ignored: frozenset[str] = frozenset()

    def parameters(self, resource_type: str, metadata: Metadata) -> dict[str, Any]:
        """The parameters that the metadata asks for; an empty value counts as left out.

        Raises:
            WorldError: A value is wrong, or a key is none of this type.
        """
        known = {key.casefold() for key in (*self.taken, *self.ignored, _REQUEST_ID)}
        strange = [metadata.spelling(key) for key in metadata if key not in known]
        if strange:
            raise WorldError(
                f"Invalid restore metadata. {resource_type} does not take {', '.join(strange)}; leave it out"
            )
        return {name: read(metadata, key) for key, (name, read) in self.taken.items() if metadata.get(key)}
