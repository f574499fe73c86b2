"""Vaults, and those whom they are shared with: callers, organizations and approval teams."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import attrs

from backupkit.arn import arn_text
from backupkit.emulator.model.points import Point

__all__ = ["ApprovalSession", "Identity", "Lock", "Notifications", "Organization", "Sharing", "Vault"]


@attrs.frozen
class Identity:
    """Who calls, as IAM sees it.

    Args:
        arn: As STS tells it: of an account's root, a user, a role, or a role's session.
        user_id: The unique id, ``AROA...:session`` for a session; empty where it is not known.
        role_arn: Of a session, its role's ARN with the role's path, which the session's own lacks; empty where it is
            not known.
        mfa: Whether a second factor was given when the credentials were made.
    """

    arn: str = attrs.field(converter=arn_text)
    user_id: str = ""
    role_arn: str = attrs.field(default="", converter=arn_text)
    mfa: bool = False


@attrs.define(eq=False)
class Organization:
    """An organization; the account that manages it is a member, too."""

    id: str
    root_id: str
    management: str
    units: dict[str, str]
    """The organizational units that each member is below, outermost first, as ``ou-a/ou-b``; empty at the root."""
    delegated: frozenset[str] = frozenset()
    """The members that administer AWS Backup for all."""


@attrs.define(eq=False)
class ApprovalSession:
    """What an approval team was asked for, and what it said."""

    arn: str
    team_arn: str
    operation: str
    vault_arn: str
    created: datetime
    expires: datetime
    status: str = "PENDING"
    status_message: str | None = None
    comment: str | None = None


@attrs.define(eq=False)
class Sharing:
    """Who beyond its account reaches a vault, and who must approve of that."""

    accounts: set[str] = attrs.field(factory=set)
    """The accounts that it is shared with through AWS RAM."""
    team_arn: str | None = None
    """Its approval team."""
    next_team_arn: str | None = None
    """The team that takes its place once that is approved; None: nobody."""
    team_update: ApprovalSession | None = None
    """The latest request to replace or remove that team."""
    opened: set[str] = attrs.field(factory=set)
    """The restore access vaults that were asked for, by ARN."""
    source_arn: str | None = None
    """For a restore access vault: the vault behind it."""
    session: ApprovalSession | None = None
    """For a restore access vault: the request that made it."""
    approved: datetime | None = None
    """For a restore access vault: when that was approved."""
    revoke: ApprovalSession | None = None
    """For a restore access vault: the latest request to revoke it."""


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
