"""What restore testing infers for a type, as data.

Source: the developer guide's page on inferred metadata of restore testing.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs

__all__ = ["RestoreTesting", "lowered"]


@attrs.frozen(kw_only=True)
class RestoreTesting:
    """How restore testing restores a type.

    Args:
        inferred: The metadata that AWS infers, by key. In a value, ``{name}`` is the name of what is restored,
            ``{name_}`` the same with underscores, ``{zone}`` an availability zone, ``{zones}`` a JSON list of three,
            and ``{point:Key}`` what the point itself holds under that key; a key whose value the point does not hold is
            left out.
        overridable: The keys, in lower case, that a selection may put in the place of inferred ones.
    """

    inferred: Mapping[str, str] = attrs.field(hash=False)
    overridable: frozenset[str]


def lowered(text: str) -> frozenset[str]:
    """Return the words of a text in lower case."""
    return frozenset(text.casefold().split())
