"""What ready checks look at: one answer of a service, a member of it, and what that should be."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import attrs

from backupkit.arn import Arn
from backupkit.catalog.arn_shape import ArnShape
from backupkit.catalog.neighbour import Template, arguments
from backupkit.errors import NeighbourError
from backupkit.neighbours import Neighbours
from backupkit.problems import quote
from backupkit.restore_testing.results import CheckResult, Outcome

__all__ = ["Compare", "Count", "Expected", "Fact", "Probe", "Source", "Want", "wanted"]

_NO_SESSION = "this connection has no boto3 session to look with"


@attrs.frozen
class Probe:
    """A restored resource, and the way to its service. Each answer is asked for once."""

    neighbours: Neighbours
    arn: Arn
    _answers: dict[str, dict[str, Any]] = attrs.field(factory=dict, init=False)

    def ask(self, service: str, method: str, params: Mapping[str, object]) -> dict[str, Any]:
        """Call an operation of a service.

        Raises:
            NeighbourError: The service refused, or there is nobody to ask.
        """
        key = f"{service} {method} {sorted(params.items())}"
        if key not in self._answers:
            answer = self.neighbours.ask(service, method, params)
            if answer is None:
                raise NeighbourError(_NO_SESSION)
            self._answers[key] = answer
        return self._answers[key]


@attrs.frozen
class Source:
    """An operation that describes a resource.

    Args:
        shape: The ARNs that it is for.
        service: boto3's name of the service.
        method: boto3's name of the operation.
        arguments: Its arguments.
        at: Where the answer holds the resource, as a JMESPath expression.
    """

    shape: ArnShape
    service: str
    method: str
    arguments: Mapping[str, Template] = attrs.field(hash=False)
    at: str

    def member(self, probe: Probe, path: str) -> object:
        """Return a member of the resource, or None.

        Raises:
            NeighbourError: The service refused, or there is nobody to ask.
        """
        import jmespath  # noqa: PLC0415 - botocore brings it, and only a session needs it

        answer = probe.ask(self.service, self.method, arguments(self.arguments, probe.arn))
        return jmespath.search(f"{self.at}.{path}", answer)

    def __str__(self) -> str:
        return f"{self.service} {self.method}"


class Compare(enum.Enum):
    """How what is seen is held against what is wanted."""

    IS = "is"
    AT_LEAST = "at least"
    HAS = "has"


class Expected(Protocol):
    """One thing that a ready check looks at."""

    @property
    def words(self) -> str:
        """What is wanted, for people."""
        ...

    def result(self, probe: Probe, prefix: str) -> CheckResult:
        """Look once."""
        ...


@attrs.frozen(kw_only=True)
class Want:
    """What a value should be: equal to something, at least a number, or a list that has some names."""

    name: str
    value: object
    compare: Compare = Compare.IS
    pending: frozenset[object] = frozenset()
    """What is seen while the resource is still on its way."""

    @property
    def words(self) -> str:
        """What is wanted, for people."""
        between = " at least" if self.compare is Compare.AT_LEAST else ""
        return f"{self.name}{between} {_text(self.value)}"

    def held(self, seen: object, looked_at: str, prefix: str) -> CheckResult:
        """Return what the value came to."""
        name = f"{prefix} {self.name}"
        if self._fits(seen):
            return CheckResult(name, Outcome.PASSED, _text(seen), looked_at)
        on_its_way = any(seen == each for each in self.pending)  # what is seen may be a list
        outcome = Outcome.PENDING if on_its_way else Outcome.FAILED
        return CheckResult(name, outcome, f"{_text(seen)}, wanted {_text(self.value, self.compare)}", looked_at)

    def _fits(self, seen: object) -> bool:
        if self.compare is Compare.IS:
            return seen == self.value
        if self.compare is Compare.HAS:
            return isinstance(seen, list) and set(self._names) <= set(seen)
        return isinstance(seen, int | float) and isinstance(self.value, int | float) and seen >= self.value

    @property
    def _names(self) -> tuple[object, ...]:
        return self.value if isinstance(self.value, tuple) else (self.value,)


@attrs.frozen
class Fact:
    """A member of what a service describes.

    Args:
        want: What it should be.
        path: Where the resource has it, as a JMESPath expression.
        sources: Who describes it; the first that is for such an ARN.
    """

    want: Want
    path: str
    sources: tuple[Source, ...]

    @property
    def words(self) -> str:
        """What is wanted, for people."""
        return self.want.words

    def result(self, probe: Probe, prefix: str) -> CheckResult:
        """Look once."""
        source = next((each for each in self.sources if each.shape.fits(probe.arn)), None)
        if source is None:
            return CheckResult(f"{prefix} {self.want.name}", Outcome.UNKNOWN, "nobody is known who describes it")
        try:
            seen = source.member(probe, self.path)
        except NeighbourError as error:
            return _unknown(f"{prefix} {self.want.name}", error, str(source))
        return self.want.held(seen, str(source), prefix)


@attrs.frozen(kw_only=True)
class Count:
    """Things that are counted page by page, no further than is wanted.

    Args:
        name: What they are called.
        least: How many there must be.
        service: boto3's name of the service.
        method: boto3's name of the operation.
        arguments: Its arguments.
        limit: The argument that says how many to look at.
        size: The member of the answer that says how many there were.
        token: The member of the answer that leads to the next page, and the argument that takes it.
    """

    name: str
    least: int
    service: str
    method: str
    arguments: Mapping[str, Template] = attrs.field(hash=False)
    limit: str
    size: str
    token: tuple[str, str]

    @property
    def words(self) -> str:
        """What is wanted, for people."""
        return f"{self.name} at least {self.least:,}"

    def result(self, probe: Probe, prefix: str) -> CheckResult:
        """Look once."""
        name, looked_at, seen = f"{prefix} {self.name}", f"{self.service} {self.method}", 0
        try:
            for page in self._pages(probe):
                seen += page
                if seen >= self.least:
                    return CheckResult(name, Outcome.PASSED, f"at least {seen:,}", looked_at)
        except NeighbourError as error:
            return _unknown(name, error, looked_at)
        return CheckResult(name, Outcome.FAILED, f"{seen:,}, wanted at least {self.least:,}", looked_at)

    def _pages(self, probe: Probe) -> Iterator[int]:
        params: dict[str, object] = {**arguments(self.arguments, probe.arn), self.limit: min(self.least, 1_000)}
        while True:
            answer = probe.ask(self.service, self.method, params)
            yield int(answer.get(self.size, 0))
            if not answer.get(self.token[0]):
                return
            params = {**params, self.token[1]: answer[self.token[0]]}


def wanted(want: Want, path: str, *sources: Source) -> tuple[Fact, ...]:
    """Return the fact, or none where nothing is wanted of it."""
    return () if want.value in (None, (), 0) and want.value is not False else (Fact(want, path, sources),)


def _unknown(name: str, error: NeighbourError, looked_at: str) -> CheckResult:
    return CheckResult(name, Outcome.UNKNOWN, str(error), looked_at)


def _text(value: object, compare: Compare = Compare.IS) -> str:
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value)) or "none"
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = f"{value:,}" if isinstance(value, int) else value if isinstance(value, str) else quote(value)
    return f"at least {text}" if compare is Compare.AT_LEAST else text
