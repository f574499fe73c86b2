"""Strategies for vaults, their locks and notifications."""

from __future__ import annotations

import string
from typing import TypeVar

from hypothesis import strategies as st

from backupkit.declare.access_policy import AccessPolicy
from backupkit.declare.names import MAX_DAYS
from backupkit.declare.vault import EVENTS, ComplianceLock, GovernanceLock, Notifications, Vault
from backupkit.testing.arns import key_arns, topic_arns
from backupkit.testing.building import built
from backupkit.testing.names import tags, vault_names

__all__ = ["access_policies", "compliance_locks", "governance_locks", "notifications", "vaults"]

_Lock = TypeVar("_Lock", bound=GovernanceLock)
_DAYS = st.none() | st.integers(1, MAX_DAYS)
# A botocore older than 1.44 does not know the others, and then neither does the local service.
_EVENTS = tuple(event for event in EVENTS if not event.startswith("EKS_RESTORE_MODIFICATION_"))
_DENIED = ("DeleteRecoveryPoint", "UpdateRecoveryPointLifecycle", "StartRestoreJob")


def access_policies() -> st.SearchStrategy[AccessPolicy]:
    """Access policies of a statement or two: what nobody may do, and which accounts may copy into the vault."""
    denied = st.lists(st.sampled_from(_DENIED), min_size=1, unique=True).map(lambda names: AccessPolicy.deny(*names))
    accounts = st.lists(st.text(string.digits, min_size=12, max_size=12), min_size=1, max_size=2, unique=True)
    allowed = accounts.map(lambda ids: AccessPolicy.allow_copies_from_accounts(*ids))
    return denied | allowed | st.tuples(denied, allowed).map(lambda both: both[0] | both[1])


def _bounds() -> st.SearchStrategy[tuple[int | None, int | None]]:
    return st.tuples(_DAYS, _DAYS).map(
        lambda days: days if days[0] is None or days[1] is None else (min(days[0], days[1]), max(days[0], days[1]))
    )


def governance_locks() -> st.SearchStrategy[GovernanceLock]:
    """Governance locks, also without bounds and with equal ones."""
    return _locks(st.just({}), GovernanceLock)


def compliance_locks() -> st.SearchStrategy[ComplianceLock]:
    """Compliance locks."""
    return _locks(st.fixed_dictionaries({"changeable_for_days": st.integers(3, MAX_DAYS)}), ComplianceLock)


@st.composite
def _locks(draw: st.DrawFn, more: st.SearchStrategy[dict[str, int]], kind: type[_Lock]) -> _Lock:
    shortest, longest = draw(_bounds())
    return built(draw, kind, min_days=shortest, max_days=longest, **draw(more))


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
        policy=st.none() | access_policies(),
        notifications=st.none() | notifications(account_id=account_id, region_name=region_name),
    )
