"""Tags as a value: an immutable, hashable mapping."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from backupkit.errors import InvalidValueError
from backupkit.problems import Problem

__all__ = ["Tags"]


class Tags(Mapping[str, str]):
    """Tags of a vault, plan or point.

    The repr of what you declare is Python that makes it again, so it shows values: AWS asks for nothing confidential in
    tags. Its model marks them sensitive all the same, so messages and the repr of what AWS reports never show them.

    Example:
        >>> Tags({"Team": "platform"})["Team"]
        'platform'
    """

    __slots__ = ("_pairs",)

    def __init__(self, pairs: Mapping[str, str] | None = None, /, **more: str) -> None:
        if pairs is not None and not isinstance(pairs, Mapping):
            kind = type(pairs).__name__
            raise InvalidValueError(Problem("tags", f"a {kind} is not a mapping of keys to values", "give a dict"))
        self._pairs: dict[str, str] = dict(pairs or {}, **more)

    def __getitem__(self, key: str) -> str:
        return self._pairs[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._pairs)

    def __len__(self) -> int:
        return len(self._pairs)

    def __hash__(self) -> int:
        return hash(frozenset(self._pairs.items()))

    def __eq__(self, other: object) -> bool:
        return dict(self) == dict(other) if isinstance(other, Mapping) else NotImplemented

    def __repr__(self) -> str:
        return f"Tags({self._pairs!r})"
