"""Accounts among each other: organizations, who calls, vaults that are shared, and approvals that are asked for."""

from __future__ import annotations

from datetime import datetime

import attrs

__all__ = ["ApprovalSession", "Identity", "Organization", "Sharing"]


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

    arn: str
    user_id: str = ""
    role_arn: str = ""
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
