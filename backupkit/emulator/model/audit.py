"""Backup Audit Manager: frameworks, and what their controls found."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import attrs
import msgspec

from backupkit.emulator.model.document import Document

__all__ = ["Finding", "Framework"]


class Finding(msgspec.Struct, frozen=True, gc=False):
    """What a control found about one resource.

    Attributes:
        resource_arn: What was evaluated: a protected resource, a plan, a vault or a recovery point.
        resource_type: Its type: a resource type string like ``DynamoDB``, or ``AWS::Backup::BackupPlan``,
            ``AWS::Backup::BackupVault`` or ``AWS::Backup::RecoveryPoint``.
        compliant: Whether it keeps to the control; None where there is nothing to judge it by.
        reason: Why, in one sentence.
        evaluated: When, in UTC.
    """

    resource_arn: str
    resource_type: str
    compliant: bool | None
    reason: str
    evaluated: datetime


@attrs.define(eq=False)
class Framework:
    """A framework; ``controls`` is its FrameworkControls as AWS echoes it."""

    name: str
    arn: str
    description: str
    controls: list[Document]
    created: datetime
    status: str = "CREATE_IN_PROGRESS"
    """The deployment status."""
    token: str | None = None
    tags: Mapping[str, str] = attrs.field(factory=dict)
    arming: int = 0
    """Grows when its daily evaluation is armed or disarmed; what was noted for an earlier number does nothing."""
    evaluated: datetime | None = None
    """When its daily controls were last evaluated."""
    daily: dict[int, tuple[Finding, ...]] = attrs.field(factory=dict)
    """What its daily controls found then, by the control's position."""
