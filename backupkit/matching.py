"""Which resources a selection selects: ``(Resources OR ListOfTags) AND Conditions AND NOT NotResources``.

Pure and without the API's names, so that anything may ask it. Sources: the botocore model of BackupSelection and
Conditions, and the developer guide's page on assigning resources.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import TypeAlias

import attrs

__all__ = ["Condition", "Selector", "glob", "overrides_opt_in", "selects", "wildcards"]

Condition: TypeAlias = tuple[str, str, str]
"""Operator (``StringEquals``, ``StringNotEquals``, ``StringLike``, ``StringNotLike``), key as the API has it, value."""

_PREFIX = "aws:ResourceTag/"
_ARN_PARTS = 6


@lru_cache(maxsize=4096)
def glob(pattern: str) -> Callable[[str], bool]:
    """Whether a text fits ``pattern``: ``*`` stands for anything, everything else for itself; case counts."""
    if "*" not in pattern:
        return pattern.__eq__
    return _matcher([re.escape(part) for part in pattern.split("*")])


@lru_cache(maxsize=4096)
def wildcards(pattern: str) -> Callable[[str], bool]:
    """Whether a text fits ``pattern`` as IAM reads it: ``*`` stands for anything, ``?`` for one letter; case counts."""
    if "*" not in pattern and "?" not in pattern:
        return pattern.__eq__
    return _matcher([".".join(map(re.escape, part.split("?"))) for part in pattern.split("*")])


def _matcher(parts: list[str]) -> Callable[[str], bool]:
    """Whether a text is made of these expressions with anything between them."""
    first, *between = parts
    if between:
        # The first place where a part fits is always good enough. Atomic groups never look for another one; with
        # plain ones, "*a*a*a*b" would try every way to place them.
        *middle, last = between
        first += "".join(f"(?>.*?{part})" for part in middle if part) + f".*{last}"
    fits = re.compile(first, re.DOTALL).fullmatch
    return lambda text: fits(text) is not None


def _prefix(pattern: str) -> Callable[[str], bool]:
    """The reading in which ``*`` is a wildcard at the end alone."""
    if not pattern.endswith("*"):
        return pattern.__eq__
    return lambda text: text.startswith(pattern[:-1])


@attrs.frozen
class Selector:
    """A selection, ready to be asked about many resources.

    Args:
        resources: ARN patterns; any one is enough.
        not_resources: ARN patterns; any one leaves a resource out, whatever else says.
        tags: Bare keys with values; any one is enough.
        conditions: All must hold. A key without ``aws:ResourceTag/`` matches nothing.
        wildcard_anywhere: ``*`` matches anywhere in an ARN; otherwise only at its end (AWS's documents disagree).
        missing_tag_differs: A negative condition holds where the tag is missing (not documented).
    """

    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    conditions: tuple[Condition, ...] = ()
    wildcard_anywhere: bool = attrs.field(default=True, kw_only=True)
    missing_tag_differs: bool = attrs.field(default=True, kw_only=True)

    def selects(self, arn: str, tags: Mapping[str, str]) -> bool:
        """Whether the resource with this ARN and these tags is selected."""
        return (
            (self.names(arn) or self._tagged(tags))
            and all(self._holds(condition, tags) for condition in self.conditions)
            and not self.excludes(arn)
        )

    def names(self, arn: str) -> bool:
        """Whether one of ``resources`` fits the ARN."""
        return self._fits(self.resources, arn)

    def excludes(self, arn: str) -> bool:
        """Whether one of ``not_resources`` fits the ARN."""
        return self._fits(self.not_resources, arn)

    def naming(self, arn: str) -> str | None:
        """The first of ``resources`` that fits the ARN."""
        return next((pattern for pattern in self.resources if self._fits((pattern,), arn)), None)

    def tagging(self, tags: Mapping[str, str]) -> tuple[str, str] | None:
        """The first of ``tags`` that is among these."""
        return next(((key, value) for key, value in self.tags if tags.get(key) == value), None)

    def failing(self, tags: Mapping[str, str]) -> Condition | None:
        """The first of ``conditions`` that does not hold."""
        return next((condition for condition in self.conditions if not self._holds(condition, tags)), None)

    def _fits(self, patterns: tuple[str, ...], arn: str) -> bool:
        read = glob if self.wildcard_anywhere else _prefix
        return any(read(pattern)(arn) for pattern in patterns)

    def _tagged(self, tags: Mapping[str, str]) -> bool:
        return self.tagging(tags) is not None

    def _holds(self, condition: Condition, tags: Mapping[str, str]) -> bool:
        operator, key, value = condition
        if not key.startswith(_PREFIX):
            return False
        found = tags.get(key[len(_PREFIX) :])
        negative = "Not" in operator
        if found is None:
            return negative and self.missing_tag_differs
        return (glob(value)(found) if operator.endswith("Like") else value == found) is not negative


def selects(
    arn: str,
    tags: Mapping[str, str],
    *,
    resources: Iterable[str] = (),
    not_resources: Iterable[str] = (),
    list_of_tags: Iterable[tuple[str, str]] = (),
    conditions: Iterable[Condition] = (),
) -> bool:
    """Whether a selection of these parts selects one resource; see `Selector` for many.

    Example:
        >>> selects(
        ...     "arn:aws:s3:::logs",
        ...     {"Environment": "test"},
        ...     resources=["*"],
        ...     conditions=[("StringEquals", "aws:ResourceTag/Environment", "production")],
        ... )
        False
    """
    return Selector(tuple(resources), tuple(not_resources), tuple(list_of_tags), tuple(conditions)).selects(arn, tags)


def overrides_opt_in(pattern: str) -> bool:
    """Whether an ARN pattern names a type or one resource, and not a whole service.

    What it selects is backed up although the Region is not opted in to its type (developer guide, assigning resources).
    """
    parts = pattern.split(":", _ARN_PARTS - 1)
    return len(parts) == _ARN_PARTS and not parts[5].startswith("*") and parts[2] != "*"
