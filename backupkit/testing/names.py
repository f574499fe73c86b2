"""Strategies for names and tags."""

from __future__ import annotations

import string

from hypothesis import strategies as st

from backupkit.declare.tags import Tags

__all__ = ["TAG_LETTERS", "names", "tags", "vault_names"]

TAG_LETTERS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"))
_VAULT_LETTERS = string.ascii_letters + string.digits + "-_"


def names(longest: int = 50) -> st.SearchStrategy[str]:
    """Names of rules, selections and plans."""
    return st.text(_VAULT_LETTERS + ".", min_size=1, max_size=longest)


def vault_names() -> st.SearchStrategy[str]:
    """Names of vaults."""
    return st.text(_VAULT_LETTERS, min_size=2, max_size=50)


def tags(most: int = 50) -> st.SearchStrategy[Tags]:
    """Up to ``most`` tags; usually a few."""
    keys = st.text(TAG_LETTERS, min_size=1, max_size=128).filter(lambda key: not key.lower().startswith("aws:"))
    few = st.dictionaries(keys, st.text(TAG_LETTERS, max_size=256), max_size=min(most, 3))
    full = st.just({f"key-{number}": "" for number in range(most)})
    return st.one_of(few, full).map(Tags)
