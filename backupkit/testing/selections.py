"""Strategies for selections."""

from __future__ import annotations

from hypothesis import strategies as st

from backupkit.declare.selection import OPERATORS, Selection, TagCondition
from backupkit.testing.arns import resource_arns, role_arns
from backupkit.testing.names import TAG_LETTERS, names

__all__ = ["KEYS", "VALUES", "selections", "tag_conditions"]

KEYS = st.text(TAG_LETTERS, min_size=1, max_size=128).filter(lambda key: not key.startswith("aws:ResourceTag/"))
VALUES = st.text(TAG_LETTERS, max_size=256)


def tag_conditions() -> st.SearchStrategy[TagCondition]:
    """Conditions on tags, with every operator."""
    return st.builds(TagCondition, KEYS, st.sampled_from(OPERATORS), VALUES)


def selections(*, account_id: str | None = None, region_name: str | None = None) -> st.SearchStrategy[Selection]:
    """Selections that select something: by ARN, by tag, by condition, and by what they leave out."""
    arns = resource_arns(wildcards=True, account_id=account_id, region_name=region_name)
    some = st.lists(arns, max_size=3).map(tuple)
    return st.builds(
        Selection,
        names(),
        role_arns(account_id=account_id, region_name=region_name),
        resources=some,
        not_resources=some,
        tags=st.lists(st.tuples(KEYS, VALUES), max_size=3).map(tuple),
        conditions=st.lists(tag_conditions(), max_size=4).map(tuple),
    ).filter(lambda selection: bool(selection.sent_resources or selection.tags))
