"""Who owns what: a stack's things carry its name in a tag, so that no state file is needed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime

import attrs

from backupkit.declare.declared import Declared
from backupkit.declare.tags import Tags
from backupkit.problems import Problem

__all__ = ["OWNER_TAG", "RESERVED_PREFIX", "UNMANAGED_TAG", "Owner", "tags_of_thing"]

RESERVED_PREFIX = "backupkit:"
OWNER_TAG = "backupkit:stack"
"""The tag whose value names the stack that owns a thing. Selections have no tags: their plan has."""

UNMANAGED_TAG = "backupkit:unmanaged"
"""The tag that remembers which parts of a thing were left alone when it was taken over, with spaces between."""


@attrs.frozen(kw_only=True)
class Owner:
    """A stack as the changes to its things need it.

    Args:
        stack: The stack's name.
        tags: Tags for each of its things.
        adopt: Whether things that nobody owns may be taken over; or the addresses of those that may.
        moved_from: Stacks whose things may be taken over.
        renamed: The former names of declared things, by the address that they have now.
        now: The time of the preview, aware, in UTC.
        destroying: Whether all of its things go, so that vaults are emptied where they are named.
        seed: Decides the idempotency tokens; new for each preview, so that a thing can be made, deleted and made again.
    """

    stack: str
    tags: Tags
    adopt: bool | frozenset[str]
    moved_from: frozenset[str] = frozenset()
    renamed: Mapping[str, str] = attrs.field(factory=dict)
    now: datetime
    seed: str
    destroying: bool = False

    def tags_for(self, thing: Declared) -> Tags:
        """All the tags that the thing should carry."""
        return Tags({**self.tags, **tags_of_thing(thing), OWNER_TAG: self.stack})

    def owns(self, tags: Mapping[str, str]) -> bool:
        """Whether a thing with these tags is the stack's."""
        return tags.get(OWNER_TAG) == self.stack

    def adopts(self, address: str) -> bool:
        """Whether the thing at an address may be taken over where nobody owns it."""
        return self.adopt if isinstance(self.adopt, bool) else address in self.adopt

    def conflicts(self, address: str, tags: Mapping[str, str]) -> tuple[Problem, ...]:
        """Why a thing with these tags may not be touched."""
        holder = tags.get(OWNER_TAG)
        if holder == self.stack or holder in self.moved_from or (holder is None and self.adopts(address)):
            return ()
        if holder is None:
            return (
                Problem(
                    address,
                    "it exists, but no stack owns it",
                    "take it over with preview(aws, adopt=True), or choose another name",
                ),
            )
        return (
            Problem(
                address,
                f"it belongs to the stack {holder!r}",
                f"choose another name; to move it here, take it out of {holder!r} and "
                f"preview(aws, moved_from={holder!r})",
            ),
        )

    def token(self, address: str, step: str = "") -> str:
        """The idempotency token of a step of the change at ``address``: the same for each try of one preview's changes.

        AWS keeps it and shows it with what was made, so it is also the mark by which that is known again.
        """
        return f"{self._mark(address)}{_digest(self.seed, address, step)}"

    def made(self, address: str, token: str) -> bool:
        """Whether this stack made something with this token for the thing at ``address``; nobody else makes such."""
        return token.startswith(self._mark(address))

    def _mark(self, address: str) -> str:
        return f"backupkit.{_digest(self.stack, address)}."


def tags_of_thing(thing: Declared) -> Tags:
    """The tags that a declared thing names; none where its kind has none."""
    tags = getattr(thing, "tags", None)
    return tags if isinstance(tags, Tags) else Tags()


def _digest(*texts: str) -> str:
    # A token has at most 50 characters.
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]
