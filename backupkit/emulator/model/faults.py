"""What goes wrong by choice: faults of calls, outages, and reads that lag behind."""

from __future__ import annotations

import random
from datetime import datetime
from typing import Literal

import attrs

from backupkit.emulator.model.plans import Selection
from backupkit.emulator.model.vaults import Vault

__all__ = ["Bucket", "CallFault", "FaultBook", "Lag", "Outage", "Tombstone"]


@attrs.define(eq=False)
class Bucket:
    """Tokens, of which each call takes one."""

    tokens: float
    moment: datetime
    """When there were so many."""


@attrs.define(eq=False)
class CallFault:
    """What some calls get instead of their answer, or before it."""

    kind: Literal["fail", "limit", "delay", "drop", "cut"]
    operation: str
    """The operation whose calls are counted; ``*``: all."""
    first: int = 1
    """The first call that is meant, counted from 1 since the fault was set."""
    last: int | None = None
    """The last one; None: there is no last."""
    dice: random.Random | None = None
    """Its own, so that no id and no moment of the story shifts."""
    rate: float = 1.0
    """How likely each call that is meant is hit."""
    account_id: str | None = None
    region_name: str | None = None
    code: str = ""
    message: str = ""
    status: int = 0
    seconds: float = 0.0
    after: bool = False
    """Whether the work is done before it strikes."""
    orderly: bool = False
    """Whether the connection of half an answer is closed in good order; otherwise it is reset."""
    per_second: float = 0.0
    """Tokens that come to each bucket in a second."""
    burst: float = 0.0
    """Tokens that a bucket holds."""
    buckets: dict[tuple[str, str, str], Bucket] = attrs.field(factory=dict)
    """By account, Region and operation, as AWS limits them."""
    counted: int = 0
    """Calls that it has seen."""
    fired: int = 0
    """Calls that it has hit."""


@attrs.define(eq=False)
class Outage:
    """A time in which jobs of one resource type fail or wait."""

    resource_type: str
    begins: datetime
    ends: datetime | None
    jobs: frozenset[str]
    """Of ``backup``, ``copy`` and ``restore``."""
    waits: bool
    """Whether jobs wait for its end; otherwise they fail."""
    message: str


@attrs.frozen(eq=False)
class Tombstone:
    """Something that was deleted and still shows."""

    account_id: str
    region_name: str
    moment: datetime
    thing: Vault | Selection


@attrs.define(eq=False)
class Lag:
    """How far reads are behind writes."""

    seconds: float
    kinds: frozenset[str]
    gone: list[Tombstone] = attrs.field(factory=list)


@attrs.define(eq=False)
class FaultBook:
    """All of it; a simulation without any has no book."""

    calls: list[CallFault] = attrs.field(factory=list)
    outages: list[Outage] = attrs.field(factory=list)
    lag: Lag | None = None

    @property
    def empty(self) -> bool:
        """Whether there is nothing in it."""
        return not self.calls and not self.outages and self.lag is None
