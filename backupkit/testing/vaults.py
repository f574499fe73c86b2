"""Strategies for vaults, their locks and notifications."""

from __future__ import annotations

import json

from hypothesis import strategies as st

from backupkit.declare.names import MAX_DAYS
from backupkit.declare.vault import EVENTS, ComplianceLock, GovernanceLock, Notifications, Vault
from backupkit.testing.arns import key_arns, topic_arns
from backupkit.testing.names import tags, vault_names

__all__ = ["compliance_locks", "governance_locks", "notifications", "vaults"]

_DAYS = st.none() | st.integers(1, MAX_DAYS)
# A botocore older than 1.44 does not know the others, and then neither does the local service.
_EVENTS = tuple(event for event in EVENTS if not event.startswith("EKS_RESTORE_MODIFICATION_"))
_DENIED = ("backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle", "backup:StartRestoreJob")


def _policy(denied: str) -> str:
    statement = {"Effect": "Deny", "Principal": "*", "Action": denied, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _bounds() -> st.SearchStrategy[tuple[int | None, int | None]]:
    return st.tuples(_DAYS, _DAYS).map(
        lambda days: days if days[0] is None or days[1] is None else (min(days[0], days[1]), max(days[0], days[1]))
    )


def governance_locks() -> st.SearchStrategy[GovernanceLock]:
    """Governance locks, also without bounds and with equal ones."""
    return _bounds().map(lambda days: GovernanceLock(min_days=days[0], max_days=days[1]))


def compliance_locks() -> st.SearchStrategy[ComplianceLock]:
    """Compliance locks."""
    return st.builds(
        lambda days, grace: ComplianceLock(min_days=days[0], max_days=days[1], changeable_for_days=grace),
        _bounds(),
        st.integers(3, MAX_DAYS),
    )


def notifications(*, account_id: str | None = None, region_name: str | None = None) -> st.SearchStrategy[Notifications]:
    """Notifications of any events, deprecated ones among them."""
    events = st.lists(st.sampled_from(_EVENTS), min_size=1, max_size=5, unique=True).map(tuple)
    return st.builds(Notifications, topic_arns(account_id=account_id, region_name=region_name), events)


def vaults(*, account_id: str | None = None, region_name: str | None = None) -> st.SearchStrategy[Vault]:
    """Vaults with everything that may be on them, and with room for the tags of a stack.

    Args:
        account_id: Of their keys and topics, 12 digits, as AWS asks for; None: any.
        region_name: Of the same.
    """
    return st.builds(
        Vault,
        vault_names(),
        key=st.none() | key_arns(account_id=account_id, region_name=region_name),
        tags=tags(40),
        lock=st.one_of(st.none(), governance_locks(), compliance_locks()),
        policy=st.none() | st.sampled_from(_DENIED).map(_policy),
        notifications=st.none() | notifications(account_id=account_id, region_name=region_name),
    )
