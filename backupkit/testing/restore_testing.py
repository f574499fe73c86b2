"""Strategies for restore testing."""

from __future__ import annotations

import string

from hypothesis import strategies as st

from backupkit.declare.restore_testing import (
    ALGORITHMS,
    POINT_TYPES,
    TESTED_TYPES,
    RestoreTestingPlan,
    RestoreTestingSelection,
)
from backupkit.declare.selection import TagCondition
from backupkit.testing.arns import arns, role_arns, vault_arns
from backupkit.testing.names import tags
from backupkit.testing.schedules import schedules
from backupkit.testing.selections import KEYS, VALUES

__all__ = ["TESTING_NAMES", "restore_testing_plans", "restore_testing_selections"]

TESTING_NAMES = st.text(string.ascii_letters + string.digits + "_", min_size=1, max_size=50)
_OPERATORS = st.sampled_from(("StringEquals", "StringNotEquals"))


def restore_testing_selections(
    *, account_id: str | None = None, region_name: str | None = None
) -> st.SearchStrategy[RestoreTestingSelection]:
    """Selections of each type that can be tested: of all its resources, of those with tags, or of some tables.

    Args:
        account_id: Of their roles and tables, 12 digits; None: any.
        region_name: Of the same.
    """
    roles = role_arns(account_id=account_id, region_name=region_name)
    hours = st.none() | st.integers(0, 168)
    tables = arns("dynamodb", TESTING_NAMES.map("table/table-{}".format), account_id, region_name)
    every = st.builds(
        RestoreTestingSelection,
        TESTING_NAMES,
        resource_type=st.sampled_from(TESTED_TYPES),
        role=roles,
        conditions=st.lists(st.builds(TagCondition, KEYS, _OPERATORS, VALUES), max_size=3),
        validation_window_hours=hours,
    )
    some = st.builds(
        RestoreTestingSelection,
        TESTING_NAMES,
        resource_type=st.just("DynamoDB"),
        role=roles,
        resources=st.lists(tables, min_size=1, max_size=3, unique=True),
        overrides=st.sampled_from(({}, {"encryptionType": "Default"})),
        validation_window_hours=hours,
    )
    return every | some


def restore_testing_plans(
    *, account_id: str | None = None, region_name: str | None = None
) -> st.SearchStrategy[RestoreTestingPlan]:
    """Restore testing plans over all vaults or over some, with up to two selections.

    Args:
        account_id: Of their vaults, roles and tables, 12 digits; None: any.
        region_name: Of the same.
    """
    arns_of_vaults = vault_arns(account_id=account_id, region_name=region_name)
    some = st.lists(arns_of_vaults, min_size=1, max_size=3, unique=True)
    selections = restore_testing_selections(account_id=account_id, region_name=region_name)
    return st.builds(
        RestoreTestingPlan,
        TESTING_NAMES,
        schedule=schedules(),
        vaults=st.just(("*",)) | some,
        exclude_vaults=st.just(()) | some,
        algorithm=st.sampled_from(ALGORITHMS),
        point_types=st.lists(st.sampled_from(POINT_TYPES), min_size=1, unique=True),
        selection_window_days=st.none() | st.integers(1, 365),
        start_window_hours=st.none() | st.integers(1, 168),
        selections=st.lists(selections, max_size=2, unique_by=lambda selection: selection.name),
        tags=tags(40),
    )
