"""What stands beside AWS Backup in other services: a topic's policy, automatic backups, what checks test restores."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import attrs

from backupkit.arn import FILE_SYSTEM, FUNCTION, TABLE, TOPIC, Arn, arn_text
from backupkit.checks import arn_of, every, instance, matches, optional, texts, whole
from backupkit.declare.declared import Declared
from backupkit.declare.fields import flags
from backupkit.declare.names import EVENT_RULE_NAME, RESTORE_TESTING_NAME
from backupkit.declare.restore_testing import RestoreTestingPlan, tested_type
from backupkit.problems import Problem, quote

__all__ = ["DynamoDBContinuousBackups", "EFSBackupPolicy", "RestoreValidation", "TopicPolicy"]


def _plan_name(plan: RestoreTestingPlan | str) -> str:
    return plan.name if isinstance(plan, RestoreTestingPlan) else plan


def _service(value: object) -> Iterator[Problem]:
    if not isinstance(value, str) or not value.endswith(".amazonaws.com") or " " in value:
        yield Problem("", f"{quote(value)} is not a service", "write it as backup.amazonaws.com")


@attrs.frozen(repr=False)
class TopicPolicy(Declared):
    """Lets AWS Backup send to an SNS topic, as the notifications of vaults need.

    One statement is added to the policy of the topic; everything else in it stays. Dropping it, or its stack, leaves
    the policy as it is.

    Args:
        topic: The ARN of a standard SNS topic.
        services: Who may publish. Alarms of CloudWatch in the same account may by the policy that SNS makes itself.

    Raises:
        InvalidValueError: Something SNS would refuse.
    """

    _KIND: ClassVar[str] = "topic_policy"
    _KEY: ClassVar[str] = "topic"
    _EXAMPLE: ClassVar[str] = f'bk.TopicPolicy("{TOPIC.example}")'

    topic: str = attrs.field(converter=arn_text, metadata=flags(arn_of(TOPIC), wire="TopicArn", replaces=True))
    services: tuple[str, ...] = attrs.field(
        default=("backup.amazonaws.com",), kw_only=True, converter=texts, metadata=flags(every(_service))
    )

    def _cross_field(self) -> Iterator[Problem]:
        if self.topic.endswith(".fifo"):
            yield Problem("topic", "AWS Backup does not send to FIFO topics", "use a standard topic")
        if not self.services:
            yield Problem("services", "nobody may publish", "leave services out, or name one")


@attrs.frozen(repr=False)
class EFSBackupPolicy(Declared):
    """Whether EFS's automatic daily backups, kept 35 days in their own vault, are on for a file system.

    Dropping it, or its stack, leaves the policy as it is.

    Args:
        file_system: The ARN of the file system.
        enabled: Whether they are on.

    Raises:
        InvalidValueError: Something EFS would refuse.
    """

    _KIND: ClassVar[str] = "efs_backup_policy"
    _KEY: ClassVar[str] = "file_system"
    _EXAMPLE: ClassVar[str] = f'bk.EFSBackupPolicy("{FILE_SYSTEM.example}")'

    file_system: str = attrs.field(
        converter=arn_text, metadata=flags(arn_of(FILE_SYSTEM), wire="FileSystemId", replaces=True)
    )
    enabled: bool = attrs.field(default=True, kw_only=True, metadata=flags(instance(bool)))


@attrs.frozen(repr=False)
class DynamoDBContinuousBackups(Declared):
    """Whether DynamoDB keeps continuous backups of a table by itself, for point-in-time recovery.

    They are DynamoDB's own: AWS Backup neither makes nor restores them. Dropping it, or its stack, leaves them as they
    are.

    Args:
        table: The ARN of the table.
        enabled: Whether they are on.
        recovery_period_days: How far back one can go, 1 to 35 days. None: 35, as DynamoDB fills in.

    Raises:
        InvalidValueError: Something DynamoDB would refuse.
    """

    _KIND: ClassVar[str] = "continuous_backups"
    _KEY: ClassVar[str] = "table"
    _EXAMPLE: ClassVar[str] = f'bk.DynamoDBContinuousBackups("{TABLE.example}")'

    table: str = attrs.field(converter=arn_text, metadata=flags(arn_of(TABLE), wire="TableName", replaces=True))
    enabled: bool = attrs.field(default=True, kw_only=True, metadata=flags(instance(bool)))
    recovery_period_days: int | None = attrs.field(
        default=None, kw_only=True, metadata=flags(optional(whole(1, 35, "days")))
    )

    def _cross_field(self) -> Iterator[Problem]:
        if not self.enabled and self.recovery_period_days is not None:
            yield Problem("recovery_period_days", "continuous backups are off", "leave it out, or enable them")


@attrs.frozen(repr=False)
class RestoreValidation(Declared):
    """Calls a Lambda function with every test restore that is done, so that it checks what was restored.

    An EventBridge rule, its target, and the permission to call the function. The function reads the event, looks at
    ``createdResourceArn``, and reports with PutRestoreValidationResult within the selection's validation window.
    Dropping it, or its stack, leaves all three as they are.

    Args:
        name: Of the rule: 1 to 64 letters, digits, ., - and _.
        plan: The restore testing plan, or its name.
        function_arn: The ARN of the function, in the account and Region of the plan.
        resource_types: Only test restores of these types. Empty: all.

    Raises:
        InvalidValueError: Something EventBridge or Lambda would refuse.
    """

    _KIND: ClassVar[str] = "restore_validation"
    _EXAMPLE: ClassVar[str] = (
        f'bk.RestoreValidation("check-restores", plan="weekly", function_arn="{FUNCTION.example}")'
    )

    name: str = attrs.field(metadata=flags(matches(EVENT_RULE_NAME), wire="Name", replaces=True))
    plan: str = attrs.field(kw_only=True, converter=_plan_name, metadata=flags(matches(RESTORE_TESTING_NAME)))
    function_arn: str = attrs.field(kw_only=True, converter=arn_text, metadata=flags(arn_of(FUNCTION)))
    resource_types: tuple[str, ...] = attrs.field(
        default=(), kw_only=True, converter=texts, metadata=flags(every(tested_type))
    )

    @property
    def event_pattern(self) -> dict[str, object]:
        """The events that the rule takes: restore jobs of the plan that are COMPLETED."""
        function = Arn.parse(self.function_arn)
        # AWS puts an id after the name of a plan; names hold no hyphen, so that this names one plan.
        plan = Arn(
            function.partition, "backup", function.region, function.account, f"restore-testing-plan:{self.plan}-"
        )
        detail: dict[str, object] = {"status": ["COMPLETED"], "restoreTestingPlanArn": [{"prefix": str(plan)}]}
        if self.resource_types:
            detail["resourceType"] = sorted(self.resource_types)
        return {"source": ["aws.backup"], "detail-type": ["Restore Job State Change"], "detail": detail}

    @property
    def rule_arn(self) -> str:
        """The ARN of the rule."""
        function = Arn.parse(self.function_arn)
        return str(Arn(function.partition, "events", function.region, function.account, f"rule/{self.name}"))
