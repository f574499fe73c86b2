"""Logically air-gapped vaults, and the vaults through which another account restores from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

import attrs

from backupkit.arn import APPROVAL_TEAM, KEY, VAULT, Arn, ArnForm, arn_or_none, arn_text
from backupkit.checks import (
    LONGEST_TEXT,
    RESOURCE_TAGS,
    arn_of,
    instance,
    matches,
    optional,
    tags_within,
    text_of,
    whole,
)
from backupkit.declare.declared import TAGS_BESIDE, Declared
from backupkit.declare.fields import LEFT_TO_AWS, flags
from backupkit.declare.names import MAX_DAYS, VAULT_NAME
from backupkit.declare.tags import Tags, tags_of_call
from backupkit.declare.thing import Thing
from backupkit.declare.vault import (
    ARN_ARGUMENTS,
    FAILURES,
    GovernanceLock,
    Notifications,
    notified,
    placed_arn,
    policy_text,
    vault_policy,
)
from backupkit.problems import Problem, counted

__all__ = ["AIR_GAPPED_MINIMUM_DAYS", "AirGappedVault", "RestoreAccessVault"]

AIR_GAPPED_MINIMUM_DAYS = 7
"""The least that the shortest retention of an air-gapped vault can be (botocore model)."""


@attrs.frozen(repr=False)
class AirGappedVault(Thing):
    """A logically air-gapped vault: locked in compliance mode from its first day, and shared for restores.

    A rule names it in ``air_gapped_vault`` or in a copy, never in ``vault``. AWS changes none of its bounds: another
    bound makes a new vault, and the old one can go only when it is empty.

    Args:
        name: 2 to 50 letters, digits, - and _; unique among the vaults of an account and Region.
        min_days: Shortest retention of a point, 7 to 36,500 days.
        max_days: Longest retention of a point, 7 to 36,500 days.
        key: The ARN of the KMS key that encrypts its points; never an alias. None: a key that AWS owns.
        tags: Up to 50.
        policy: Who may do what with the vault: an `AccessPolicy`, or an IAM policy as JSON text or as a mapping. It is
            kept as text.
        notifications: Which events go to which SNS topic.
        approval_team: The ARN of the multi-party approval team that decides about restores from other accounts. The
            first team is taken at once; changing or dropping it is for that team to approve, within 24 hours.

    Raises:
        InvalidValueError: Something AWS would refuse.
    """

    _KIND: ClassVar[str] = "air_gapped_vault"
    _ARN: ClassVar[ArnForm | None] = VAULT
    _OMITTED: ClassVar[dict[str, str]] = {"BackupVaultTags": TAGS_BESIDE}
    _EXAMPLE: ClassVar[str] = 'bk.AirGappedVault("gap", min_days=7, max_days=365)'

    name: str = attrs.field(metadata=flags(matches(VAULT_NAME), wire="BackupVaultName", replaces=True))
    min_days: int = attrs.field(
        kw_only=True,
        metadata=flags(whole(AIR_GAPPED_MINIMUM_DAYS, MAX_DAYS, "days"), wire="MinRetentionDays", replaces=True),
    )
    max_days: int = attrs.field(
        kw_only=True,
        metadata=flags(whole(AIR_GAPPED_MINIMUM_DAYS, MAX_DAYS, "days"), wire="MaxRetentionDays", replaces=True),
    )
    key: str | None = attrs.field(
        default=None,
        kw_only=True,
        converter=arn_or_none,
        metadata=flags(optional(arn_of(KEY)), wire="EncryptionKeyArn", replaces=True, assumed=LEFT_TO_AWS),
    )
    tags: Tags = attrs.field(
        factory=Tags, converter=Tags, kw_only=True, metadata=flags(tags_within(RESOURCE_TAGS), document=False)
    )
    policy: str | None = attrs.field(
        default=None, kw_only=True, converter=policy_text, metadata=flags(vault_policy, document=False)
    )
    notifications: Notifications | None = attrs.field(
        default=None, kw_only=True, metadata=flags(optional(instance(Notifications)), document=False)
    )
    approval_team: str | None = attrs.field(
        default=None,
        kw_only=True,
        converter=arn_or_none,
        metadata=flags(optional(arn_of(APPROVAL_TEAM)), document=False),
    )

    @property
    def bounds(self) -> GovernanceLock:
        """The retentions that it lets in."""
        return GovernanceLock(min_days=self.min_days, max_days=self.max_days)

    def arn(self, *, region_name: str, account_id: str) -> Arn:
        """Return the ARN that the vault has in a Region and account, for example for `Rule.copy_to`.

        Raises:
            InvalidValueError: There is no such Region or account.
        """
        return placed_arn(self, region_name, account_id)

    def notifying(self, topic: Arn | str, *events: str) -> AirGappedVault:
        """Sending these events, beside those already sent there, to the SNS topic."""
        return notified(self, topic, events)

    def notifying_failures(self, topic: Arn | str) -> AirGappedVault:
        """Return the vault sending what it takes to hear of failures to the topic; see `Vault.notifying_failures`."""
        return self.notifying(topic, *FAILURES)

    @property
    def _arn_call(self) -> str:
        made = f'bk.AirGappedVault("{self.name}", min_days={self.min_days}, max_days={self.max_days})'
        return f"{made}{ARN_ARGUMENTS}"

    def _summary(self) -> str:
        return f"{self.min_days} to {self.max_days} days"

    def _cross_field(self) -> Iterator[Problem]:
        if self.min_days > self.max_days:
            yield Problem(
                "",
                f"the shortest retention, {counted(self.min_days, 'day')}, is longer than the longest, "
                f"{counted(self.max_days, 'day')}",
                "swap them or make them equal",
            )


def _comment(value: object) -> Iterator[Problem]:
    if value is not None:
        # It may hold secrets, so it is not quoted.
        yield from text_of(LONGEST_TEXT, lines=True, hidden=True)(value)


def _unread(_: object) -> None:
    """AWS does not tell the comment, so that nothing can be compared."""


@attrs.frozen(repr=False)
class RestoreAccessVault(Declared):
    """A vault through which this account restores from an air-gapped vault of another one.

    Creating it asks the approval team of that vault. Until the team has approved, within 24 hours, nothing can be
    restored through it.

    Args:
        name: 2 to 50 letters, digits, - and _; unique among the vaults of an account and Region.
        source: The ARN of the air-gapped vault, in the same Region.
        comment: Why access is asked for, for the approval team; sent when the vault is made and never compared.
        tags: Up to 50.

    Raises:
        InvalidValueError: Something AWS would refuse.
    """

    _KIND: ClassVar[str] = "restore_access_vault"
    _OMITTED: ClassVar[dict[str, str]] = {"BackupVaultTags": TAGS_BESIDE}
    _EXAMPLE: ClassVar[str] = f'bk.RestoreAccessVault("restores", source="{VAULT.example}")'

    name: str = attrs.field(metadata=flags(matches(VAULT_NAME), wire="BackupVaultName", replaces=True))
    source: str = attrs.field(
        kw_only=True,
        converter=arn_text,
        metadata=flags(arn_of(VAULT, "an air-gapped vault"), wire="SourceBackupVaultArn", replaces=True),
    )
    # AWS's model marks it sensitive.
    comment: str | None = attrs.field(
        default=None, kw_only=True, repr=False, metadata=flags(_comment, wire="RequesterComment", normal=_unread)
    )
    tags: Tags = attrs.field(
        factory=Tags, converter=Tags, kw_only=True, metadata=flags(tags_within(RESOURCE_TAGS), document=False)
    )

    def tagged(self, tags: Mapping[str, str] | None = None, /, **more: str) -> RestoreAccessVault:
        """With these tags as well."""
        with self._placing():
            new_tags = tags_of_call("tagged", tags, more)
        return attrs.evolve(self, tags={**self.tags, **new_tags})

    def _summary(self) -> str:
        return f"of {self.source}"
