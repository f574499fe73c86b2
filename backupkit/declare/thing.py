"""What the things that a stack holds share: they can be owned whole, or but for parts that others look after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Self

import attrs

from backupkit.checks import is_text, texts
from backupkit.declare.declared import Declared
from backupkit.declare.fields import flags
from backupkit.declare.tags import tags_of_call
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, nearest, quote

__all__ = ["EVERYTHING", "Thing"]

EVERYTHING = "*"
"""Stands for all parts: the thing itself is somebody else's."""
_OWN = frozenset({"unmanaged_parts", "managed_parts"})


@attrs.frozen(repr=False)
class Thing(Declared):
    """The base of what a stack holds beside others.

    Args:
        unmanaged_parts: Fields that are neither compared nor touched once the thing is there: ``lock``, ``tags.Team``.
        managed_parts: Fields that are compared again, though taking the thing over left them alone.
    """

    _TAGGED: ClassVar[str] = "tags"

    unmanaged_parts: tuple[str, ...] = attrs.field(
        default=(), kw_only=True, converter=texts, metadata=flags(document=False)
    )
    managed_parts: tuple[str, ...] = attrs.field(
        default=(), kw_only=True, converter=texts, metadata=flags(document=False)
    )

    def tagged(self, tags: Mapping[str, str] | None = None, /, **more: str) -> Self:
        """With these tags as well."""
        with self._placing():
            new_tags = tags_of_call("tagged", tags, more)
        changed: dict[str, Any] = {self._TAGGED: {**getattr(self, self._TAGGED), **new_tags}}
        return attrs.evolve(self, **changed)

    def unmanaged(self, *parts: str) -> Self:
        """Return the thing without these parts, which others look after: they are neither compared nor touched.

        What is declared of them is used where the thing is made, and left alone from then on. Checks of retentions go
        by the lock that is there.

        Args:
            parts: Names of its fields, such as ``lock``, ``policy``, ``notifications`` or ``selections``; ``tags`` for
                all tags that are not declared, ``tags.Team`` for one.

        Raises:
            InvalidValueError: The thing has no such part.
        """
        managed = tuple(part for part in self.managed_parts if part not in parts)
        return attrs.evolve(self, unmanaged_parts=(*self.unmanaged_parts, *parts), managed_parts=managed)

    def manages(self, *parts: str) -> Self:
        """Return the thing with these parts its own again, those that taking it over has left alone included.

        A part that is then not declared is proposed to be taken away.

        Args:
            parts: As for `unmanaged`.

        Raises:
            InvalidValueError: The thing has no such part.
        """
        unmanaged = tuple(part for part in self.unmanaged_parts if part not in parts)
        return attrs.evolve(self, unmanaged_parts=unmanaged, managed_parts=(*self.managed_parts, *parts))

    @property
    def is_existing(self) -> bool:
        """Whether the thing is only referred to: it is never made, changed, owned or deleted."""
        return EVERYTHING in self.unmanaged_parts

    def mentions(self, part: str) -> bool:
        """Whether something is declared of a part.

        Raises:
            InvalidValueError: It is not text.
        """
        if not is_text(part):
            what = f"{quote(part)} is not the name of a part"
            raise InvalidValueError(Problem(f"{self.address}/mentions", what, "write it in quotes"))
        field, _, key = part.partition(".")
        if key:
            return key in getattr(self, field, ())
        attribute = attrs.fields_dict(type(self)).get(field)
        if attribute is None or field == self._TAGGED:
            return False
        # Nothing that can be declared of a part is false, but for what says nothing.
        return bool(getattr(self, field))

    def _own_problems(self) -> Iterator[Problem]:
        yield from super()._own_problems()
        known = tuple(
            field.name for field in attrs.fields(type(self)) if field.name not in _OWN and field.name != self._KEY
        )
        named = (("unmanaged", self.unmanaged_parts), ("manages", self.managed_parts))
        for verb, part in ((verb, part) for verb, parts in named for part in parts):
            field, dot, key = part.partition(".") if is_text(part) else ("", "", "")
            right = field in known and (not dot or (field == self._TAGGED and key))
            if not right and part != EVERYTHING:
                yield Problem(verb, f"{quote(part)} is not a part of it", nearest(field, known))
