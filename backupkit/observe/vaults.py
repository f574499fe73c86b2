"""Vaults, as AWS reports them."""

from __future__ import annotations

from msgspec import field

from backupkit.observe.record import Moment, Record

__all__ = [
    "ApprovalTeamUpdate",
    "RestoreAccessVault",
    "RevokeRequest",
    "Vault",
    "VaultAccessPolicy",
    "VaultNotifications",
]


class ApprovalTeamUpdate(Record, frozen=True):
    """The latest change of a vault's approval team."""

    mpa_session_arn: str | None = None
    status: str | None = None
    status_message: str | None = None
    initiation_date: Moment | None = None
    expiry_date: Moment | None = None


class RevokeRequest(Record, frozen=True):
    """The latest request to revoke access to a vault."""

    mpa_session_arn: str | None = None
    status: str | None = None
    status_message: str | None = None
    initiation_date: Moment | None = None
    expiry_date: Moment | None = None


class Vault(Record, frozen=True):
    """A vault.

    Retention bounds are in days. A vault that is ``locked`` without a ``lock_date`` has a governance lock.
    """

    backup_vault_name: str | None = None
    backup_vault_arn: str | None = None
    vault_type: str | None = None
    vault_state: str | None = None
    creation_date: Moment | None = None
    encryption_key_arn: str | None = None
    creator_request_id: str | None = None
    number_of_recovery_points: int | None = None
    locked: bool | None = None
    min_retention_days: int | None = None
    max_retention_days: int | None = None
    lock_date: Moment | None = None
    encryption_key_type: str | None = None
    source_backup_vault_arn: str | None = None
    mpa_approval_team_arn: str | None = None
    mpa_session_arn: str | None = None
    latest_mpa_approval_team_update: ApprovalTeamUpdate | None = None


class RestoreAccessVault(Record, frozen=True):
    """A vault that gives access to an air-gapped vault of another account."""

    restore_access_backup_vault_arn: str | None = None
    creation_date: Moment | None = None
    approval_date: Moment | None = None
    vault_state: str | None = None
    latest_revoke_request: RevokeRequest | None = None


class VaultAccessPolicy(Record, frozen=True):
    """The access policy of a vault; ``policy`` is its JSON text."""

    backup_vault_name: str | None = None
    backup_vault_arn: str | None = None
    policy: str | None = None


class VaultNotifications(Record, frozen=True):
    """Which events of a vault go to which topic. AWS does not keep the order of events."""

    backup_vault_name: str | None = None
    backup_vault_arn: str | None = None
    sns_topic_arn: str | None = field(default=None, name="SNSTopicArn")
    backup_vault_events: list[str] | None = None
