"""Strategies for rules."""

from __future__ import annotations

from hypothesis import strategies as st

from backupkit.declare.actions import INDEXED_TYPES, IndexAction, ScanAction
from backupkit.declare.lifecycle import Lifecycle
from backupkit.declare.names import MAX_WINDOW_MINUTES
from backupkit.declare.rule import Rule
from backupkit.testing.arns import vault_arns
from backupkit.testing.lifecycles import copy_actions, lifecycles
from backupkit.testing.names import names, tags, vault_names
from backupkit.testing.schedules import schedules

__all__ = ["index_actions", "rules", "scan_actions"]


def index_actions() -> st.SearchStrategy[IndexAction]:
    """Index actions."""
    return st.builds(IndexAction, st.sampled_from(INDEXED_TYPES))


def scan_actions() -> st.SearchStrategy[ScanAction]:
    """Scan actions."""
    return st.builds(ScanAction, scan_mode=st.sampled_from(("FULL_SCAN", "INCREMENTAL_SCAN")))


def rules(*, account_id: str | None = None, region_name: str | None = None) -> st.SearchStrategy[Rule]:
    """Rules; some are continuous, with the lifecycle that this asks for.

    Args:
        account_id: Of the logically air-gapped vaults that they name, which must be their own; None: any.
        region_name: Of the same.
    """
    gapped = vault_arns(account_id=account_id, region_name=region_name)
    continuous = st.integers(1, 35).map(lambda days: Lifecycle(delete_after_days=days))
    return st.one_of(_rules(st.none() | lifecycles(), gapped, False), _rules(continuous, gapped, True))


def _rules(
    kept: st.SearchStrategy[Lifecycle | None], gapped: st.SearchStrategy[str], continuous: bool
) -> st.SearchStrategy[Rule]:
    return st.builds(
        Rule,
        names(),
        vault_names(),
        schedule=st.none() | schedules(),
        lifecycle=kept,
        copies=st.lists(copy_actions(), max_size=5).map(tuple),
        start_window_minutes=st.none() | st.integers(60, MAX_WINDOW_MINUTES),
        completion_window_minutes=st.none() | st.integers(1, MAX_WINDOW_MINUTES),
        continuous=st.just(continuous),
        point_tags=tags(10),
        air_gapped_vault=st.none() | gapped,
        index_actions=st.lists(index_actions(), max_size=1).map(tuple),
        scan_actions=st.lists(scan_actions(), max_size=2).map(tuple),
    )
