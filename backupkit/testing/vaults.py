"""Strategies for vaults, their locks and notifications."""

from __future__ import annotations

from hypothesis import strategies as st

from backupkit.declare import ComplianceLock, GovernanceLock, Notifications, Vault
from backupkit.declare.names import MAX_DAYS
from backupkit.declare.vault import EVENTS
from backupkit.testing.arns import key_arns, topic_arns
from backupkit.testing.names import tags, vault_names

__all__ = ["compliance_locks", "governance_locks", "notifications", "vaults"]

_DAYS = st.none() | st.integers(1, MAX_DAYS)


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


def notifications() -> st.SearchStrategy[Notifications]:
    """Notifications of any events, deprecated ones among them."""
    events = st.lists(st.sampled_from(EVENTS), min_size=1, max_size=5, unique=True).map(tuple)
    return st.builds(Notifications, topic_arns(), events)


def vaults() -> st.SearchStrategy[Vault]:
    """Vaults with everything that may be on them."""
    policies = st.sampled_from((None, '{"Version": "2012-10-17", "Statement": []}'))
    return st.builds(
        Vault,
        vault_names(),
        key=st.none() | key_arns(),
        tags=tags(),
        lock=st.one_of(st.none(), governance_locks(), compliance_locks()),
        policy=policies,
        notifications=st.none() | notifications(),
    )
