"""Tiering configurations: after how many days backups of S3 move to the low-cost warm tier."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import ClassVar

import attrs

from backupkit.arn import Arns
from backupkit.checks import RESOURCE_TAGS, arn_texts, at_most, every, instance, listed, matches, tags_within, whole
from backupkit.declare.declared import Declared
from backupkit.declare.fields import flags
from backupkit.declare.names import MAX_DAYS, OPTION, TIERED_VAULT, TIERING_NAME
from backupkit.declare.tags import Tags
from backupkit.declare.thing import Thing
from backupkit.declare.vault_name import arn_for_name, vault_name
from backupkit.problems import Problem, quote, warning

__all__ = ["TieringConfiguration", "TieringSelection"]

_ALL = ("*",)
_SHORTEST_DAYS = 60
_MOST_SELECTIONS, _MOST_RESOURCES = 5, 100
_BUCKET = re.compile(r"arn:aws[a-z-]*:s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


@attrs.frozen(kw_only=True, repr=False)
class TieringSelection(Declared):
    """Which resources' backups move to the low-cost tier, and when. They never move back.

    Args:
        after_days: Days from the creation of an object's backup, 60 to 36,500.
        resources: ARNs of buckets, or ``*`` for all.
        resource_type: ``S3``; AWS knows no other today.
    """

    _KIND: ClassVar[str] = "selection"
    _KEY: ClassVar[str] = "resource_type"
    _EXAMPLE: ClassVar[str] = "bk.TieringSelection(after_days=90)"

    after_days: int = attrs.field(
        metadata=flags(whole(_SHORTEST_DAYS, MAX_DAYS, "days"), wire="TieringDownSettingsInDays")
    )
    resources: tuple[str, ...] = attrs.field(default=_ALL, converter=arn_texts)
    resource_type: str = attrs.field(default="S3", metadata=flags(matches(OPTION)))

    def _summary(self) -> str:
        return f"{', '.join(map(str, self.resources))} after {self.after_days} days"

    def _cross_field(self) -> Iterator[Problem]:
        if not self.resources:
            yield Problem("resources", "no resources", 'name buckets, or use "*"')
        if "*" in self.resources and self.resources != _ALL:
            yield Problem("resources", "all resources and some", 'use "*" alone, or ARNs')
        for each in self.resources:
            if each != "*" and (not isinstance(each, str) or not _BUCKET.fullmatch(each)):
                yield Problem(
                    "resources", f"{quote(each)} is not the ARN of a bucket", "write it as arn:aws:s3:::my-bucket"
                )

    def _warnings(self) -> Iterator[Problem]:
        if self.resource_type != "S3":
            what = f"{quote(self.resource_type)} is not a type that AWS is known to tier"
            yield warning("resource_type", what, "use S3")


def _tiered_vault(value: object) -> Iterator[Problem]:
    found = tuple(arn_for_name(value))
    yield from found or matches(TIERED_VAULT)(value)


def _selections(selections: Iterable[TieringSelection]) -> tuple[TieringSelection, ...]:
    return listed(selections, "tiering_configuration/selections")


@attrs.frozen(repr=False)
class TieringConfiguration(Thing):
    """When backups of S3 in a vault move to the low-cost warm tier.

    There is one for each vault at most, and one for all vaults; the vault's own wins.

    Args:
        name: 1 to 200 letters, digits and _. Changing it makes a new configuration.
        vault: The vault, or its name; ``*`` for all vaults.
        selections: Which resources after how many days, 1 to 5.
        tags: Up to 50.

    Raises:
        InvalidValueError: Something AWS would refuse.

    Example:
        >>> TieringConfiguration("cheaper", "prod").after(days=90).selections[0].resources
        ('*',)
    """

    _KIND: ClassVar[str] = "tiering_configuration"
    _EXAMPLE: ClassVar[str] = 'bk.TieringConfiguration("cheaper", "prod").after(days=90)'

    name: str = attrs.field(metadata=flags(matches(TIERING_NAME), wire="TieringConfigurationName", replaces=True))
    vault: str = attrs.field(converter=vault_name, metadata=flags(_tiered_vault, wire="BackupVaultName"))
    selections: tuple[TieringSelection, ...] = attrs.field(
        default=(),
        kw_only=True,
        converter=_selections,
        metadata=flags(
            every(instance(TieringSelection)), at_most(_MOST_SELECTIONS, "selections"), wire="ResourceSelection"
        ),
    )
    tags: Tags = attrs.field(
        factory=Tags, kw_only=True, converter=Tags, metadata=flags(tags_within(RESOURCE_TAGS), document=False)
    )

    def after(self, *, days: int, resources: Arns = _ALL) -> TieringConfiguration:
        """Also these resources, after so many days."""
        with self._placing():
            selection = TieringSelection(after_days=days, resources=resources)
        return attrs.evolve(self, selections=(*self.selections, selection))

    def _summary(self) -> str:
        kept = "; ".join(each._summary() for each in self.selections)  # noqa: SLF001 - our own kind
        return f"{self.vault}: {kept}"

    def _cross_field(self) -> Iterator[Problem]:
        arns = [arn for each in self.selections for arn in each.resources if arn != "*"]
        if len(arns) > _MOST_RESOURCES:
            yield Problem("selections", f"{len(arns)} buckets", f'AWS takes at most {_MOST_RESOURCES}; use "*"')
        if self.vault == "*" and arns:
            yield Problem("selections", "buckets are named for all vaults", 'use "*" for both, or name the vault')

    def _missing(self) -> Iterator[Problem]:
        if not self.selections:
            yield Problem("selections", "no selections, which AWS refuses", "write after(days=90)")

    def _warnings(self) -> Iterator[Problem]:
        named = [arn for each in self.selections for arn in each.resources]
        for arn in sorted({each for each in named if named.count(each) > 1}):
            yield warning("selections", f"{quote(arn)} is in several selections", "name it in one")
