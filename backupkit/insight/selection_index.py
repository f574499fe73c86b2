"""An index over selections: the few that may select a resource are found by its ARN and tags, not by asking all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from backupkit.insight.protections import PREFIX
from backupkit.matching import Selector, glob

__all__ = ["SelectionIndex"]

_Patterns = list[tuple["Callable[[str], bool] | None", int]]


class SelectionIndex:
    """Finds selectors by what a resource must have to be selected.

    A selector with a StringEquals or StringLike condition is looked up by that tag, any other by its ARNs and tags. An
    ARN with a wildcard is looked up by what stands before the wildcard.

    Args:
        selectors: Those that are looked up, by their places.
        conditions: Whether conditions are a way to find a selector. Without them, those are found, too, whose
            conditions do not hold.
    """

    def __init__(self, selectors: Sequence[Selector], *, conditions: bool = True) -> None:
        self._exact: defaultdict[str, list[int]] = defaultdict(list)
        self._begun: defaultdict[str, _Patterns] = defaultdict(list)
        self._pairs: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        self._keys: defaultdict[str, list[int]] = defaultdict(list)
        for place, selector in enumerate(selectors):
            if not (conditions and self._by_condition(selector, place)):
                self._by_parts(selector, place)
        self._lengths = sorted({len(start) for start in self._begun})

    def _by_condition(self, selector: Selector, place: int) -> bool:
        """Enter the selector by a tag that it cannot do without; False where it has none."""
        wanted = [each for each in selector.conditions if "Not" not in each[0] and each[1].startswith(PREFIX)]
        equal = next((each for each in wanted if each[0] == "StringEquals"), None)
        if equal is not None:
            self._pairs[equal[1][len(PREFIX) :], equal[2]].append(place)
        elif wanted:
            self._keys[wanted[0][1][len(PREFIX) :]].append(place)
        return bool(wanted)

    def _by_parts(self, selector: Selector, place: int) -> None:
        for pair in selector.tags:
            self._pairs[pair].append(place)
        for pattern in selector.resources:
            start, star, rest = pattern.partition("*")
            if not star:
                self._exact[pattern].append(place)
            else:
                self._begun[start].append((glob(pattern) if rest else None, place))

    def named(self, arn: str) -> Iterator[int]:
        """Those that may name the ARN."""
        yield from self._exact.get(arn, ())
        for length in self._lengths:
            for fits, place in self._begun.get(arn[:length], ()):
                if fits is None or fits(arn):
                    yield place

    def tagged(self, tags: Mapping[str, str]) -> Iterator[int]:
        """Those that one of the tags may bring."""
        for pair in tags.items():
            yield from self._pairs.get(pair, ())
        if self._keys:
            for key in tags:
                yield from self._keys.get(key, ())

    def candidates(self, arn: str, tags: Mapping[str, str]) -> Iterable[int]:
        """All that may select a resource, each once, in their order."""
        return sorted({*self.named(arn), *self.tagged(tags)})
