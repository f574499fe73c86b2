"""Vaults, their locks, and who hears of what happens in them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar, TypeVar

import attrs

from backupkit.arn import KEY, TOPIC, VAULT, Arn, ArnForm, arn_or_none, arn_text, partition_of
from backupkit.checks import (
    RESOURCE_TAGS,
    arn_of,
    every,
    instance,
    matches,
    one_of,
    optional,
    tags_within,
    texts,
    whole,
)
from backupkit.declare.access_policy import AccessPolicy
from backupkit.declare.declared import Declared, placed
from backupkit.declare.fields import LEFT_TO_AWS, flags
from backupkit.declare.names import MAX_DAYS, VAULT_NAME
from backupkit.declare.policies import policy_fault, policy_risks
from backupkit.declare.tags import Tags
from backupkit.declare.thing import EVERYTHING, Thing
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, counted, located, warning

if TYPE_CHECKING:
    from backupkit.declare.air_gapped import AirGappedVault

__all__ = [
    "ARN_ARGUMENTS",
    "EVENTS",
    "FAILURES",
    "ComplianceLock",
    "GovernanceLock",
    "Notifications",
    "Vault",
    "notified",
    "placed_arn",
    "policy_text",
    "vault_policy",
]

_DEPRECATED_EVENTS = (
    "BACKUP_JOB_SUCCESSFUL",
    "BACKUP_JOB_FAILED",
    "BACKUP_JOB_EXPIRED",
    "RESTORE_JOB_SUCCESSFUL",
    "RESTORE_JOB_FAILED",
    "BACKUP_PLAN_CREATED",
    "BACKUP_PLAN_MODIFIED",
)
EVENTS = (
    "BACKUP_JOB_STARTED",
    "BACKUP_JOB_COMPLETED",
    "CONTINUOUS_BACKUP_INTERRUPTED",
    "COPY_JOB_STARTED",
    "COPY_JOB_SUCCESSFUL",
    "COPY_JOB_FAILED",
    "RESTORE_JOB_STARTED",
    "RESTORE_JOB_COMPLETED",
    "RECOVERY_POINT_MODIFIED",
    "RECOVERY_POINT_INDEX_COMPLETED",
    "RECOVERY_POINT_INDEX_DELETED",
    "RECOVERY_POINT_INDEXING_FAILED",
    "S3_BACKUP_OBJECT_FAILED",
    "S3_RESTORE_OBJECT_FAILED",
    "EKS_BACKUP_OBJECT_FAILED",
    "EKS_RESTORE_OBJECT_FAILED",
    "EKS_RESTORE_OBJECT_SKIPPED",
    "EKS_RESTORE_MODIFICATION_FAILED",
    "EKS_RESTORE_MODIFICATION_SUCCESS",
    "ACCESS_POINT_AVAILABLE",
    "ACCESS_POINT_CREATION_FAILED",
    "ACCESS_POINT_DELETED",
    "ACCESS_POINT_DELETION_FAILED",
    "ACCESS_POINT_EXPIRED",
    "ACCESS_POINT_DISASSOCIATED",
    *_DEPRECATED_EVENTS,
)
"""Every event of the API's model (botocore 1.44.8); a test holds them against botocore's."""
FAILURES = (
    "BACKUP_JOB_COMPLETED",
    "CONTINUOUS_BACKUP_INTERRUPTED",
    "COPY_JOB_FAILED",
    "RESTORE_JOB_COMPLETED",
    "RECOVERY_POINT_INDEXING_FAILED",
    "S3_BACKUP_OBJECT_FAILED",
    "S3_RESTORE_OBJECT_FAILED",
    "EKS_BACKUP_OBJECT_FAILED",
    "EKS_RESTORE_OBJECT_FAILED",
)
"""The events that tell failures: jobs that failed, expired or were stopped come as _COMPLETED (developer guide)."""


@attrs.frozen(kw_only=True)
class GovernanceLock(Declared):
    """A lock that people with permission can take off again.

    Args:
        min_days: Shortest retention of a new point, 1 to 36,500 days. Jobs with a shorter one fail.
        max_days: Longest retention of a new point, 1 to 36,500 days. Jobs with a longer one fail.

    Raises:
        InvalidValueError: A bound is out of range, or the shortest is longer than the longest.
    """

    _KIND: ClassVar[str] = "lock"
    _EXAMPLE: ClassVar[str] = "bk.GovernanceLock(min_days=7)"

    min_days: int | None = attrs.field(
        default=None, metadata=flags(optional(whole(1, MAX_DAYS, "days")), wire="MinRetentionDays")
    )
    max_days: int | None = attrs.field(
        default=None, metadata=flags(optional(whole(1, MAX_DAYS, "days")), wire="MaxRetentionDays")
    )

    def _cross_field(self) -> Iterator[Problem]:
        if self.min_days is not None and self.max_days is not None and self.min_days > self.max_days:
            yield Problem(
                "",
                f"the shortest retention, {counted(self.min_days, 'day')}, is longer than the longest, "
                f"{counted(self.max_days, 'day')}",
                "swap them or make them equal",
            )

    def refuses(self, delete_after_days: int | None) -> str | None:
        """Why a point with that retention (None: kept forever) may not be made in the vault, or None where it may.

        Raises:
            InvalidValueError: It is not a number of days.
        """
        wrong = tuple(optional(whole(1, MAX_DAYS, "days"))(delete_after_days))
        if wrong:
            raise InvalidValueError(located("refuses/delete_after_days", wrong))
        longest = counted(self.max_days or 0, "day")
        if delete_after_days is None:
            return None if self.max_days is None else f"kept forever is longer than the lock's {longest}"
        if self.min_days is not None and delete_after_days < self.min_days:
            return f"{counted(delete_after_days, 'day')} is shorter than the lock's {counted(self.min_days, 'day')}"
        if self.max_days is not None and delete_after_days > self.max_days:
            return f"{counted(delete_after_days, 'day')} is longer than the lock's {longest}"
        return None


@attrs.frozen(kw_only=True)
class ComplianceLock(GovernanceLock):
    """A lock that nobody, AWS included, can take off once its grace time is over. Irreversible.

    Args:
        min_days: Shortest retention of a new point, 1 to 36,500 days.
        max_days: Longest retention of a new point, 1 to 36,500 days.
        changeable_for_days: Grace time, 3 to 36,500 days, in which the lock can still be changed or removed.

    Raises:
        InvalidValueError: A number is out of range, or the shortest is longer than the longest.
    """

    _OMITTED: ClassVar[dict[str, str]] = {"BackupVaultName": "it is the name of the vault that holds the lock"}

    changeable_for_days: int = attrs.field(metadata=flags(whole(3, MAX_DAYS, "days")))

    def _warnings(self) -> Iterator[Problem]:
        yield warning(
            "",
            f"a compliance lock becomes irreversible {counted(self.changeable_for_days, 'day')} after it is put",
            "make sure, or use GovernanceLock",
        )


@attrs.frozen
class Notifications(Declared):
    """Which events of a vault go to which SNS topic.

    Args:
        topic: The ARN of a standard SNS topic in the vault's account.
        events: Names of the API's BackupVaultEvent. One that backupkit does not know is warned about: it may be newer.
    """

    _KIND: ClassVar[str] = "notifications"
    _OMITTED: ClassVar[dict[str, str]] = {"BackupVaultName": "it is the name of the vault that sends them"}
    _EXAMPLE: ClassVar[str] = f'bk.Notifications("{TOPIC.example}", ("BACKUP_JOB_COMPLETED",))'

    topic: str = attrs.field(converter=arn_text, metadata=flags(arn_of(TOPIC), wire="SNSTopicArn"))
    events: tuple[str, ...] = attrs.field(
        converter=texts, metadata=flags(every(one_of(EVENTS, "an event of AWS Backup")), wire="BackupVaultEvents")
    )

    def _cross_field(self) -> Iterator[Problem]:
        if self.topic.endswith(".fifo"):
            yield Problem("topic", "AWS Backup does not send to FIFO topics", "use a standard topic")
        if not self.events:
            yield Problem("events", "no events", "name at least one, for example BACKUP_JOB_COMPLETED")

    def _warnings(self) -> Iterator[Problem]:
        for event in self.events:
            if event in _DEPRECATED_EVENTS:
                yield warning(
                    "events",
                    f"{event} is deprecated and AWS may not send it",
                    "write notifying_failures(topic): failed and expired jobs arrive as the _COMPLETED events",
                )


def policy_text(policy: AccessPolicy | str | Mapping[str, object] | None) -> str | None:
    """A policy as text; what cannot be written as JSON becomes an empty one, which the check of policies refuses."""
    if policy is None or isinstance(policy, str):
        return policy
    if isinstance(policy, AccessPolicy):
        policy = policy.to_dict()
    try:
        return json.dumps(policy, sort_keys=True)
    except (TypeError, ValueError, RecursionError):
        return ""


def vault_policy(value: object) -> Iterator[Problem]:
    """What keeps a text from being the access policy of a vault."""
    fault = None if value is None else policy_fault(value)
    if fault is not None:
        yield Problem(
            "",
            f"the access policy is not an IAM policy that AWS Backup takes: {fault}",
            'give a document like {"Statement": [{"Effect": "Deny", "Principal": "*", '
            '"Action": "backup:DeleteRecoveryPoint", "Resource": "*"}]}',
        )
    elif isinstance(value, str):
        yield from (warning("", *risk) for risk in policy_risks(value))


def placed_arn(vault: Vault | AirGappedVault, region_name: str, account_id: str) -> Arn:
    """The ARN that a declared vault of either type has in a Region and account."""
    partition = partition_of(region_name) if isinstance(region_name, str) else "aws"
    arn = f"arn:{partition}:backup:{region_name}:{account_id}:backup-vault:{vault.name}"
    return VAULT.made(arn, f"{vault.address}/arn", 'write .arn(region_name="eu-west-1", account_id="123456789012")')


ARN_ARGUMENTS = '.arn(region_name="us-east-1", account_id="123456789012")'
"""How a message writes the place of a declared vault."""


_AnyVault = TypeVar("_AnyVault", "Vault", "AirGappedVault")


def notified(vault: _AnyVault, topic: Arn | str, events: tuple[str, ...]) -> _AnyVault:
    """The declared vault of either type, sending these events to the topic after those that it gets already."""
    with placed(vault.address):
        notifications = _joined(vault.notifications, arn_text(topic), events)
    return attrs.evolve(vault, notifications=notifications)


def _joined(earlier: Notifications | None, topic: str, events: tuple[str, ...]) -> Notifications:
    kept = earlier.events if earlier is not None and earlier.topic == topic else ()
    # By comparison: what is not an event may have no hash.
    fresh = (event for index, event in enumerate(events) if event not in (*kept, *events[:index]))
    return Notifications(topic, (*kept, *fresh))


@attrs.frozen(repr=False)
class Vault(Thing):
    """A vault with its lock, access policy and notifications.

    Args:
        name: 2 to 50 letters, digits, - and _; unique in an account and Region. Changing it makes a new vault.
        key: The ARN of the KMS key that encrypts points of fully managed types; never an alias. None: AWS's own key.
            Changing it makes a new vault.
        tags: Up to 50.
        lock: Bounds on the retention of new points, and protection from deletion.
        policy: Who may do what with the vault: an `AccessPolicy`, or an IAM policy as JSON text or as a mapping. It is
            kept as text.
        notifications: Which events go to which SNS topic.

    Raises:
        InvalidValueError: Something AWS would refuse.
    """

    _KIND: ClassVar[str] = "vault"
    _ARN: ClassVar[ArnForm | None] = VAULT
    _EXAMPLE: ClassVar[str] = 'bk.Vault("prod")'

    name: str = attrs.field(metadata=flags(matches(VAULT_NAME), wire="BackupVaultName", replaces=True))
    key: str | None = attrs.field(
        default=None,
        kw_only=True,
        converter=arn_or_none,
        metadata=flags(optional(arn_of(KEY)), wire="EncryptionKeyArn", replaces=True, assumed=LEFT_TO_AWS),
    )
    tags: Tags = attrs.field(
        factory=Tags, converter=Tags, kw_only=True, metadata=flags(tags_within(RESOURCE_TAGS), wire="BackupVaultTags")
    )
    lock: GovernanceLock | None = attrs.field(
        default=None, kw_only=True, metadata=flags(optional(instance(GovernanceLock)), document=False)
    )
    policy: str | None = attrs.field(
        default=None, kw_only=True, converter=policy_text, metadata=flags(vault_policy, document=False)
    )
    notifications: Notifications | None = attrs.field(
        default=None, kw_only=True, metadata=flags(optional(instance(Notifications)), document=False)
    )

    @classmethod
    def existing(cls, name: str) -> Vault:
        """Return a vault that is only referred to: another stack's, or nobody's.

        A stack that has it in its things never makes, changes, owns or deletes it. A preview makes sure that it is
        there, and holds retentions against the lock that it has.
        """
        return cls(name, unmanaged_parts=EVERYTHING)

    def arn(self, *, region_name: str, account_id: str) -> Arn:
        """Return the ARN that the vault has in a Region and account, for example for `Rule.copy_to`.

        Raises:
            InvalidValueError: There is no such Region or account.
        """
        return placed_arn(self, region_name, account_id)

    @property
    def _arn_call(self) -> str:
        return f'bk.Vault("{self.name}"){ARN_ARGUMENTS}'

    def _cross_field(self) -> Iterator[Problem]:
        given = [name for name in ("key", "tags", "lock", "policy", "notifications") if getattr(self, name)]
        if self.is_existing and given:
            what = f"a vault that is only referred to is never changed, and this one says {', '.join(given)}"
            yield Problem("", what, f'leave that out, or own the vault with bk.Vault("{self.name}", ...)')

    def locked(self, lock: GovernanceLock) -> Vault:
        """Under this lock. A `ComplianceLock` cannot be taken off after its grace time."""
        return attrs.evolve(self, lock=lock)

    def notifying(self, topic: Arn | str, *events: str) -> Vault:
        """Sending these events, beside those already sent there, to the SNS topic."""
        return notified(self, topic, events)

    def notifying_failures(self, topic: Arn | str) -> Vault:
        """Return the vault sending what it takes to hear of failures, beside what it already sends there, to the topic.

        AWS has no event for backups and restores that failed: all that end come as BACKUP_JOB_COMPLETED and
        RESTORE_JOB_COMPLETED. So a subscription of the topic that wants failures alone needs the filter policy that
        `backupkit.events.failures_filter` returns.
        """
        return self.notifying(topic, *FAILURES)
