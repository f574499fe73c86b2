"""Legal holds: points that nobody can delete until the hold is cancelled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import ClassVar

import attrs

from backupkit.arn import Arn
from backupkit.checks import LONGEST_TEXT, RESOURCE_TAGS, arn_texts, every, tags_within, text_of
from backupkit.declare.declared import TAGS_BESIDE
from backupkit.declare.fields import flags
from backupkit.declare.tags import Tags
from backupkit.declare.thing import Thing
from backupkit.declare.vault_name import VaultOrName, is_vault_name, vault_names
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, quote, warning

__all__ = ["LegalHold"]

_LONGEST_DESCRIPTION = 280
"""Characters of a description (developer guide, legal holds)."""
_LONGEST_ARN = 2_048


def _vault_names(vaults: VaultOrName | Iterable[VaultOrName]) -> tuple[str, ...]:
    return vault_names(vaults, "legal_hold/vaults")


def _arn(value: object) -> Iterator[Problem]:
    try:
        Arn.parse(value)  # type: ignore[arg-type] # it looks at the type itself
    except InvalidValueError as error:
        problems = error.problems
    else:
        problems = tuple(text_of(_LONGEST_ARN)(value))
    yield from problems


def _moment(value: object) -> Iterator[Problem]:
    if value is None:
        return
    if not isinstance(value, datetime):
        yield Problem("", f"{quote(value)} is not a moment", "write datetime(2026, 1, 1, tzinfo=UTC)")
    elif value.utcoffset() is None:
        yield Problem("", f"{value} has no time zone", "write tzinfo=UTC")


def _second(value: datetime | None) -> datetime | None:
    """In UTC and in whole seconds, which is what every client of the API can send."""
    if not isinstance(value, datetime) or value.utcoffset() is None:
        return value
    return value.astimezone(UTC).replace(microsecond=0)


@attrs.frozen(repr=False)
class LegalHold(Thing):
    """A hold on points: while it is there, nobody can delete them, and their lifecycle waits.

    AWS can change nothing about a hold, so another one is made before the one that differs is cancelled. To drop a hold
    from a stack cancels it: points whose time is over then go within a day.

    Args:
        title: Its name in the stack. AWS lets several holds carry one title, backupkit does not.
        description: Why, up to 280 characters.
        vaults: Vaults whose points are held, or their names.
        resources: ARNs of resources whose points are held.
        from_date: The creation of the first points that are held, an aware moment; kept in whole seconds.
        to_date: That of the last ones, inclusive; AWS refuses moments to come.
        tags: Up to 50.

    Raises:
        InvalidValueError: Something AWS would refuse.
    """

    _KIND: ClassVar[str] = "legal_hold"
    _OMITTED: ClassVar[dict[str, str]] = {"Tags": TAGS_BESIDE}
    _KEY: ClassVar[str] = "title"
    _EXAMPLE: ClassVar[str] = 'bk.LegalHold("audit-2026", "Case 17", vaults="prod")'

    title: str = attrs.field(metadata=flags(text_of(LONGEST_TEXT), replaces=True))
    description: str = attrs.field(metadata=flags(text_of(_LONGEST_DESCRIPTION, lines=True), replaces=True))
    vaults: tuple[str, ...] = attrs.field(
        default=(),
        kw_only=True,
        converter=_vault_names,
        metadata=flags(every(is_vault_name), wire="RecoveryPointSelection/VaultNames", replaces=True),
    )
    resources: tuple[str, ...] = attrs.field(
        default=(),
        kw_only=True,
        converter=arn_texts,
        metadata=flags(every(_arn), wire="RecoveryPointSelection/ResourceIdentifiers", replaces=True),
    )
    from_date: datetime | None = attrs.field(
        default=None,
        kw_only=True,
        converter=_second,
        metadata=flags(_moment, wire="RecoveryPointSelection/DateRange/FromDate", replaces=True),
    )
    to_date: datetime | None = attrs.field(
        default=None,
        kw_only=True,
        converter=_second,
        metadata=flags(_moment, wire="RecoveryPointSelection/DateRange/ToDate", replaces=True),
    )
    tags: Tags = attrs.field(
        factory=Tags, kw_only=True, converter=Tags, metadata=flags(tags_within(RESOURCE_TAGS), document=False)
    )

    @property
    def name(self) -> str:
        """Its title, as every other thing of a stack has a name."""
        return self.title

    def _summary(self) -> str:
        return ", ".join(map(str, (*self.vaults, *self.resources))) or "everything"

    def _cross_field(self) -> Iterator[Problem]:
        if (self.from_date is None) != (self.to_date is None):
            missing = "from_date" if self.from_date is None else "to_date"
            yield Problem(missing, "AWS takes both ends of the range or none", f"give {missing} as well")
        elif self.from_date is not None and self.to_date is not None and self.from_date > self.to_date:
            yield Problem("from_date", f"{self.from_date} is after to_date, {self.to_date}", "swap them")

    def _warnings(self) -> Iterator[Problem]:
        if not self.vaults and not self.resources:
            yield warning("", "it names neither vaults nor resources, and may hold every point", "name some")
        if self.vaults and self.resources:
            yield warning("", "it names vaults and resources; AWS's guide says to choose one", "make two holds")
