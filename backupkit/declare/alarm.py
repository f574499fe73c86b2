"""Alarms of CloudWatch on what AWS Backup counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import attrs

from backupkit.arn import TOPIC, Arns
from backupkit.checks import arn_of, arn_texts, at_most, either, every, matches, optional, whole
from backupkit.declare.declared import Declared
from backupkit.declare.fields import flags
from backupkit.declare.names import ALARM_NAME
from backupkit.declare.vault_name import VaultOrName, is_vault_name, vault_name_or_none
from backupkit.problems import Problem, label, quote, warning

__all__ = ["METRICS", "QUERY_SECONDS", "Alarm"]

METRICS = (
    *(
        f"NumberOfBackupJobs{state}"
        for state in ("Created", "Pending", "Running", "Aborted", "Completed", "Failed", "Expired")
    ),
    *(f"NumberOfCopyJobs{state}" for state in ("Created", "Running", "Completed", "Failed")),
    *(f"NumberOfRestoreJobs{state}" for state in ("Pending", "Running", "Completed", "Failed")),
    *(f"NumberOfRecoveryPoints{state}" for state in ("Completed", "Partial", "Expired", "Deleting", "Cold")),
)
"""What AWS Backup counts, every five minutes; zeroes are not told (developer guide, CloudWatch)."""
_JOBS = {"backup": "Backup", "copy": "Copy", "restore": "Restore"}
_HOUR, _DAY = 3_600, 86_400
_MOST_HOURS = 168
"""An alarm looks back over seven days at most (CloudWatch API, PutMetricAlarm)."""
QUERY_SECONDS = 3 * _HOUR
"""How far back an alarm on a query of Metrics Insights looks (CloudWatch user guide, limits of alarms)."""
_MOST_ACTIONS = 5


@attrs.frozen(repr=False)
class Alarm(Declared):
    """An alarm on a count of AWS Backup, made with `failed_jobs`, `expired_jobs`, `no_backup_for` or `storage_growth`.

    It is compared while it is declared. Dropping it, or its stack, leaves it as it is: backupkit keeps no track of
    things in other services.

    Args:
        name: 1 to 255 characters; unique in an account and Region.
        topics: ARNs of SNS topics that are told, up to 5.
        metric: One of `METRICS`.
        vault: The vault, or its name, whose jobs and points are counted. None: all vaults, by a query of Metrics
            Insights, because AWS Backup counts by vault and by type, not over all. Such a query looks back over three
            hours at most; for longer times, name the vault.
        comparison: CloudWatch's word, for example ``GreaterThanThreshold``.
        threshold: What the sum of a period is compared with.
        period_seconds: Length of a period in seconds, a multiple of 60.
        periods: How many periods in a row must breach.
        missing: What a period without data counts as: ``notBreaching``, ``breaching``, ``ignore`` or ``missing``.

    Raises:
        InvalidValueError: Something CloudWatch would refuse.
    """

    _KIND: ClassVar[str] = "alarm"
    _EXAMPLE: ClassVar[str] = f'bk.Alarm.failed_jobs("backups-fail", topic="{TOPIC.example}")'

    name: str = attrs.field(metadata=flags(matches(ALARM_NAME), wire="AlarmName", replaces=True))
    topics: tuple[str, ...] = attrs.field(
        kw_only=True, converter=arn_texts, metadata=flags(every(arn_of(TOPIC)), at_most(_MOST_ACTIONS, "topics"))
    )
    metric: str = attrs.field(kw_only=True, metadata=flags(either(*METRICS)))
    vault: str | None = attrs.field(
        default=None, kw_only=True, converter=vault_name_or_none, metadata=flags(optional(is_vault_name))
    )
    comparison: str = attrs.field(
        default="GreaterThanThreshold",
        kw_only=True,
        metadata=flags(
            either(
                "GreaterThanThreshold",
                "GreaterThanOrEqualToThreshold",
                "LessThanThreshold",
                "LessThanOrEqualToThreshold",
            )
        ),
    )
    threshold: int = attrs.field(default=0, kw_only=True, metadata=flags(whole(0, 10**9, "counts")))
    period_seconds: int = attrs.field(default=_HOUR, kw_only=True, metadata=flags(whole(60, _DAY, "seconds")))
    periods: int = attrs.field(default=1, kw_only=True, metadata=flags(whole(1, _MOST_HOURS, "periods")))
    missing: str = attrs.field(
        default="notBreaching",
        kw_only=True,
        metadata=flags(either("notBreaching", "breaching", "ignore", "missing")),
    )

    @classmethod
    def failed_jobs(
        cls,
        name: str,
        *,
        topic: Arns,
        vault: VaultOrName | None = None,
        jobs: str = "backup",
    ) -> Alarm:
        """An alarm that rings within the hour in which a job failed.

        Args:
            name: Of the alarm.
            topic: The ARN of the SNS topic, or several.
            vault: Only jobs of that vault.
            jobs: ``backup``, ``copy`` or ``restore``.
        """
        return cls(name, topics=topic, metric=f"NumberOf{_jobs(name, jobs)}JobsFailed", vault=vault)

    @classmethod
    def expired_jobs(cls, name: str, *, topic: Arns, vault: VaultOrName | None = None) -> Alarm:
        """An alarm that rings within the hour in which a backup job did not start in its window, or not end in it.

        Args:
            name: Of the alarm.
            topic: The ARN of the SNS topic, or several.
            vault: Only jobs of that vault.
        """
        return cls(name, topics=topic, metric="NumberOfBackupJobsExpired", vault=vault)

    @classmethod
    def no_backup_for(cls, name: str, *, hours: int, topic: Arns, vault: VaultOrName | None = None) -> Alarm:
        """An alarm that rings when no backup job has completed for so many hours, 1 to 168.

        Args:
            name: Of the alarm.
            hours: How long nothing may complete; a day and the length of the start window for daily backups.
            topic: The ARN of the SNS topic, or several.
            vault: Only jobs of that vault.
        """
        _must_be_hours(name, hours)
        return cls(
            name,
            topics=topic,
            metric="NumberOfBackupJobsCompleted",
            vault=vault,
            comparison="LessThanThreshold",
            threshold=1,
            periods=hours,
            # AWS tells no zeroes: an hour without data is an hour without a backup.
            missing="breaching",
        )

    @classmethod
    def storage_growth(cls, name: str, *, points_a_day: int, topic: Arns, vault: VaultOrName | None = None) -> Alarm:
        """An alarm that rings when more recovery points are made in a day than expected.

        CloudWatch is told no sizes of vaults, so the number of new points is what growth can be told by.

        Args:
            name: Of the alarm.
            points_a_day: How many are expected at most.
            topic: The ARN of the SNS topic, or several.
            vault: Only points of that vault.
        """
        return cls(
            name,
            topics=topic,
            metric="NumberOfRecoveryPointsCompleted",
            vault=vault,
            threshold=points_a_day,
            period_seconds=_DAY,
        )

    def _cross_field(self) -> Iterator[Problem]:
        if not self.topics:
            yield Problem("topics", "nobody is told", "name an SNS topic")
        if self.period_seconds % 60:
            yield Problem("period_seconds", f"{self.period_seconds} is not a multiple of 60", "use whole minutes")
        elif self.window_seconds > _MOST_HOURS * _HOUR:
            yield Problem("periods", "they are longer than seven days", "use fewer, or shorter ones")

    @property
    def window_seconds(self) -> int:
        """How far it looks back, in seconds."""
        return self.period_seconds * self.periods

    def _summary(self) -> str:
        where = f" in {self.vault}" if self.vault is not None else ""
        length = f"{self.periods} x {self.period_seconds:,} seconds"
        return f"{self.metric}{where}, {self.comparison} {self.threshold} for {length}"

    def _warnings(self) -> Iterator[Problem]:
        if self.vault is None and self.window_seconds > QUERY_SECONDS:
            yield warning(
                "vault",
                "an alarm over all vaults looks back over 3 hours at most, and AWS is not known to count over all",
                "name a vault, with one alarm for each",
            )


def _place(name: object, argument: str) -> str:
    return f"alarm.{label(name)}/{argument}" if isinstance(name, str) else f"alarm/{argument}"


def _must_be_hours(name: str, hours: int) -> None:
    if isinstance(hours, bool) or not isinstance(hours, int) or not 1 <= hours <= _MOST_HOURS:
        from backupkit.errors import InvalidValueError  # noqa: PLC0415 - only a mistake needs it

        what = f"{quote(hours)} is not a whole number of hours from 1 to {_MOST_HOURS}"
        raise InvalidValueError(Problem(_place(name, "hours"), what, "daily backups need more than 24"))


def _jobs(name: str, jobs: str) -> str:
    if not isinstance(jobs, str) or jobs not in _JOBS:
        from backupkit.errors import InvalidValueError  # noqa: PLC0415 - only a mistake needs it

        what = f"{quote(jobs)} is not a kind of job that is counted"
        raise InvalidValueError(Problem(_place(name, "jobs"), what, f"use one of {', '.join(_JOBS)}"))
    return _JOBS[jobs]
