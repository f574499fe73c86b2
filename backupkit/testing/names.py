"""Strategies for names and tags."""

from __future__ import annotations

import string

from hypothesis import strategies as st

from backupkit.checks import RESOURCE_TAGS, whole
from backupkit.declare.tags import Tags
from backupkit.errors import InvalidValueError
from backupkit.problems import located

__all__ = ["TAG_LETTERS", "must_be_count", "names", "tags", "vault_names"]

_LONGEST_NAME = 200

TAG_LETTERS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"))
_VAULT_LETTERS = string.ascii_letters + string.digits + "-_"


def must_be_count(name: str, value: int, low: int, high: int, units: str) -> None:
    """Refuse an argument that is not a whole number in its range.

    Raises:
        InvalidValueError: It is not.
    """
    wrong = tuple(located(f"testing/{name}", whole(low, high, units)(value)))
    if wrong:
        raise InvalidValueError(wrong)


def names(longest: int = 50) -> st.SearchStrategy[str]:
    """Names of rules, selections and plans.

    Raises:
        InvalidValueError: ``longest`` is not 1 to 200 characters.
    """
    must_be_count("longest", longest, 1, _LONGEST_NAME, "characters")
    return st.text(_VAULT_LETTERS + ".", min_size=1, max_size=longest)


def vault_names() -> st.SearchStrategy[str]:
    """Names of vaults."""
    return st.text(_VAULT_LETTERS, min_size=2, max_size=50)


def tags(most: int = 50) -> st.SearchStrategy[Tags]:
    """Up to ``most`` tags; few or all, and none in the smallest example.

    Raises:
        InvalidValueError: ``most`` is not 0 to 50.
    """
    must_be_count("most", most, 0, RESOURCE_TAGS.most, "tags")
    keys = st.text(TAG_LETTERS, min_size=1, max_size=128).filter(lambda key: not key.lower().startswith("aws:"))
    few = st.dictionaries(keys, st.text(TAG_LETTERS, max_size=256), max_size=min(most, 3))
    return _filled(few, most).map(Tags)


@st.composite
def _filled(draw: st.DrawFn, some: st.SearchStrategy[dict[str, str]], most: int) -> dict[str, str]:
    # Drawn always, so that the full ones are not the shorter ones, to which hypothesis shrinks.
    few, full = draw(some), draw(st.integers(0, 4))
    return few | {f"key-{number}": "" for number in range(most - len(few) if full == 4 else 0)}
