"""What a preview sees in AWS: vaults, plans and selections as they are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import attrs

from backupkit.arn import Arn
from backupkit.declare import GovernanceLock, unchecked
from backupkit.provider.forms import Flat, Form

__all__ = ["Seen", "SeenLock", "SeenNotifications", "SeenPlan", "SeenSelection", "SeenVault"]


@attrs.frozen
class SeenLock:
    """The lock of a vault. ``locks_at`` makes it a compliance lock; its grace time is never told."""

    min_days: int | None
    max_days: int | None
    locks_at: datetime | None

    def final(self, now: datetime) -> bool:
        """Whether nobody can change it any more."""
        return self.locks_at is not None and now >= self.locks_at

    @property
    def bounds(self) -> GovernanceLock:
        """The retentions it lets in."""
        with unchecked():
            return GovernanceLock(min_days=self.min_days, max_days=self.max_days)


@attrs.frozen
class SeenNotifications:
    """Which events go to which topic; the events are a set."""

    topic: str
    events: tuple[str, ...]


@attrs.frozen(kw_only=True)
class SeenVault:
    """A vault as the list of vaults shows it, with what belongs to it where that was read."""

    name: str
    arn: str
    key: str
    points: int
    standard: bool
    lock: SeenLock | None
    tags: Mapping[str, str] = attrs.field(factory=dict)
    policy: str | None = None
    notifications: SeenNotifications | None = None


@attrs.frozen(kw_only=True)
class SeenSelection:
    """A selection of a plan.

    Args:
        id: Its id.
        name: Its name; several of one plan may carry it.
        token: The CreatorRequestId of who made it.
        form: What it says.
        unknown: Members that AWS holds and backupkit does not know.
    """

    id: str
    name: str
    token: str
    form: Flat = attrs.field(factory=dict)
    unknown: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class SeenPlan:
    """A plan in its newest version.

    Args:
        id: Its id.
        arn: Its ARN.
        name: Its name; several may carry it.
        tags: Its tags.
        form: What it says.
        unknown: Members that AWS holds and backupkit does not know.
        selections: What it protects, where that was read.
    """

    id: str
    arn: str
    name: str
    tags: Mapping[str, str] = attrs.field(factory=dict)
    form: Form = attrs.field(factory=Form)
    unknown: tuple[str, ...] = ()
    selections: tuple[SeenSelection, ...] = ()


@attrs.frozen
class Seen:
    """Everything that a preview of one stack looks at.

    Args:
        vaults: Every vault of the account and Region; what belongs to them only for those that the stack owns or names.
        plans: The plans that the stack owns, or whose names it declares.
        notes: What could not be read, and what was made of that.
    """

    vaults: tuple[SeenVault, ...] = ()
    plans: tuple[SeenPlan, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def account(self) -> Arn | None:
        """An ARN of this account and Region, or None where nothing is here yet."""
        arns = (*(vault.arn for vault in self.vaults), *(plan.arn for plan in self.plans))
        return Arn.parse(arns[0]) if arns else None
