"""What content tells of itself to an index and to a malware scan: how many items it has, and which are malware."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import attrs

__all__ = ["TEST_MALWARE", "Inspectable", "Inspected", "inspected"]

TEST_MALWARE = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}" + b"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The harmless text that every malware scanner takes for malware (EICAR); in two pieces, for this file is none."""


@attrs.frozen
class Inspected:
    """What was found in content."""

    items: int | None
    """How many objects or files there are; None where no file system can be read."""
    malware: frozenset[str] = frozenset()
    """The names of those that are malware."""
    sealed: frozenset[str] = frozenset()
    """The names of those that no scanner can read."""


@runtime_checkable
class Inspectable(Protocol):
    """Content that can be looked into."""

    def inspected(self) -> Inspected | None:
        """What is in it; None where it cannot be looked into after all."""
        ...


def inspected(content: object) -> Inspected | None:
    """What is in the content of a point; None where it cannot be looked into."""
    return content.inspected() if isinstance(content, Inspectable) else None
