"""A vault, with what guards it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import attrs

from backupkit.emulator.model.points import Point
from backupkit.emulator.model.sharing import Sharing

__all__ = ["Lock", "Notifications", "Vault"]


@attrs.define
class Lock:
    """A vault lock; without ``locks_at`` it is a governance lock."""

    min_retention_days: int | None = None
    max_retention_days: int | None = None
    locks_at: datetime | None = None


@attrs.define
class Notifications:
    """Which events of a vault go to which topic."""

    topic_arn: str
    events: list[str]


@attrs.define(eq=False)
class Vault:
    """A vault and the points in it, by ARN. ``key_arn`` is empty where a key of AWS's own encrypts."""

    name: str
    arn: str
    key_arn: str
    created: datetime
    creator_request_id: str | None = None
    tags: Mapping[str, str] = attrs.field(factory=dict)
    lock: Lock | None = None
    policy: str | None = None
    notifications: Notifications | None = None
    points: dict[str, Point] = attrs.field(factory=dict)
    vault_type: str = "BACKUP_VAULT"
    state: str = "AVAILABLE"
    sharing: Sharing = attrs.field(factory=Sharing)
