"""What is known of one resource: protected or not, by what, and why."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import ClassVar

import attrs

from backupkit.catalog import ResourceType
from backupkit.insight.protections import PREFIX, ProtectingPlan, ProtectingRule, ProtectingSelection
from backupkit.insight.runs import longest_gap, next_run, rules_of
from backupkit.serialization import Serializable

__all__ = ["CoverageReason", "CoverageRow", "CoverageStatus", "LastPoint", "Protection", "lacks_tag"]


class CoverageStatus(enum.StrEnum):
    """Whether a resource is protected."""

    PROTECTED = "protected"
    """A plan backs it up."""
    UNPROTECTED = "unprotected"
    """No plan does, and everything that decides it was read."""
    UNKNOWN = "unknown"
    """Something that decides it could not be read."""


class CoverageReason(enum.StrEnum):
    """Why a resource is protected, or is not: a word to group rows by."""

    SELECTED = "selected"
    NO_TAG = "no tag"
    """No selection takes it as it is tagged: it lacks the tag that a selection or its condition asks for."""
    CONDITION = "condition"
    """A selection would take it, but a condition on the tags that it has does not hold."""
    EXCLUDED = "excluded"
    """A selection would take it, but names it among its NotResources."""
    NOT_OPTED_IN = "not opted in"
    """A selection takes it, but the Region is not opted in to its type."""
    NOT_SUPPORTED = "not supported"
    """AWS Backup does not know its type in this Region."""
    ROLE = "role"
    """A selection takes it, but AWS Backup cannot take on the selection's role."""
    NO_RUN = "no run"
    """A selection takes it, but its plan never runs."""
    ELSEWHERE = "elsewhere"
    """It is in another Region or account than the plans."""
    RESTORE_TEST = "restore test"
    """A restore test made it; plans leave such resources out."""
    NOT_READ = "not read"
    """Something that decides it could not be read."""


@attrs.frozen
class LastPoint(Serializable):
    """The last whole recovery point of a resource.

    Args:
        time: When the backup was taken.
        recovery_point_arn: Its ARN; None where AWS does not tell.
        backup_vault_arn: The vault that holds it; None where AWS does not tell.
    """

    time: datetime
    recovery_point_arn: str | None = None
    backup_vault_arn: str | None = None


@attrs.frozen(eq=False, slots=False)
class Protection:
    """Selections that together protect a resource; the many resources with the same ones share it."""

    selections: tuple[ProtectingSelection, ...]
    now: datetime

    @cached_property
    def plans(self) -> tuple[ProtectingPlan, ...]:
        """Their plans, each once."""
        return tuple({id(each.plan): each.plan for each in self.selections}.values())

    @cached_property
    def next_run(self) -> datetime | None:
        """When the first of the plans backs up next."""
        return next_run(self.plans, self.now)

    @cached_property
    def gap(self) -> timedelta | None:
        """The longest time between two backups."""
        return longest_gap(self.plans, self.now)

    @cached_property
    def rules(self) -> tuple[ProtectingRule, ...]:
        """The rules that make backups; those are left out whose every run another one outlives."""
        return tuple(rule for plan in self.plans for rule in rules_of(plan, self.now))


@attrs.frozen(kw_only=True, eq=False)
class CoverageRow(Serializable):
    """What protects one resource, or why nothing does."""

    _DERIVED: ClassVar[tuple[str, ...]] = (
        "protected",
        "why",
        "plans",
        "selections",
        "rules",
        "next_run",
        "rpo_now",
        "rpo_worst",
        "copies",
        "twice",
    )

    resource_arn: str
    resource_type: str | None
    """AWS Backup's string for its type; None where the ARN does not tell it."""
    status: CoverageStatus
    reason: CoverageReason
    last_point: LastPoint | None = None
    """The last whole recovery point that AWS Backup tells of."""
    _tags: Mapping[str, str] | None = attrs.field(alias="tags", default=None, repr=False)
    _kinds: Sequence[ResourceType] = attrs.field(alias="kinds", default=(), repr=False)
    _protection: Protection = attrs.field(alias="protection", repr=False)
    _near: Sequence[ProtectingSelection] = attrs.field(alias="near", default=(), repr=False)
    _unread: str = attrs.field(alias="unread", default="", repr=False)

    @property
    def protected(self) -> bool:
        """Whether a plan backs it up; True only where that is known."""
        return self.status is CoverageStatus.PROTECTED

    @property
    def plans(self) -> tuple[str, ...]:
        """The names of the plans that back it up."""
        return tuple(plan.name for plan in self._protection.plans)

    @property
    def selections(self) -> tuple[str, ...]:
        """The names of the selections that select it, in the order of their plans."""
        return tuple(each.name for each in self._protection.selections)

    @property
    def rules(self) -> tuple[str, ...]:
        """The names of the rules that back it up."""
        return tuple(rule.name for rule in self._protection.rules)

    @property
    def next_run(self) -> datetime | None:
        """When it is backed up next; None where it is not, or the schedule cannot be read."""
        return self._protection.next_run

    @property
    def twice(self) -> bool:
        """Whether more than one plan backs it up."""
        return len(self._protection.plans) > 1

    @property
    def rpo_now(self) -> timedelta | None:
        """The age of the last whole point: what would be lost now; None where there is no point."""
        return self._protection.now - self.last_point.time if self.last_point is not None else None

    @property
    def rpo_worst(self) -> timedelta | None:
        """The most that is lost when backups succeed; None where it is not protected, or that is not known.

        It is the longest time from a run to the end of the next one's start window; where backups are continuous, how
        long changes may be on their way to the point.
        """
        if self._protection.selections and self.continuous:
            lags = [form.lag for kind in self._kinds for form in kind.restore_forms if form.lag]
            if lags:
                return max(lags)
        return self._protection.gap

    @property
    def continuous(self) -> bool:
        """Whether a rule backs it up continuously."""
        able = bool(self._kinds) and all(kind.continuous for kind in self._kinds)
        return able and any(rule.continuous for rule in self._protection.rules)

    @property
    def keep_days(self) -> float | None:
        """The longest that one of the rules keeps its points; infinity forever, None where none protects it."""
        return max((rule.keep_days for rule in self._protection.rules), default=None)

    @property
    def copies(self) -> tuple[str, ...]:
        """The ARNs of the vaults that get copies of its points."""
        if self._kinds and not any(kind.copies for kind in self._kinds):
            return ()
        return tuple(dict.fromkeys(arn for rule in self._protection.rules for arn in rule.copies))

    @property
    def why(self) -> str:
        """What selects it, by which condition; or what would have to be otherwise."""
        return "; ".join(self._sentences())

    def _sentences(self) -> Iterator[str]:
        if self.protected:
            for selection in self._protection.selections:
                yield f"{selection.label}: {chosen(selection, self.resource_arn, self._tags)}"
            return
        if self._unread:
            yield self._unread
        yield from (f"{each.label}: {self._missed(each)}" for each in self._near[:3])
        if len(self._near) > 3:
            # How many are near is counted no further.
            yield "and more selections"
        if not self._near and not self._unread:
            yield _WHY[self.reason]

    def _missed(self, selection: ProtectingSelection) -> str:
        found = self.reason
        if found in {CoverageReason.CONDITION, CoverageReason.NO_TAG}:
            failing = selection.selector.failing(self._tags or {})
            if failing is None:
                return _WHY[found]
            missing = (
                f", and it has no tag {failing[1][len(PREFIX) :]!r}" if lacks_tag(selection, self._tags or {}) else ""
            )
            return f"wants {_condition_text(failing)}{missing}"
        if found is CoverageReason.ROLE:
            return f"AWS Backup cannot take on {selection.role}"
        return _WHY[found]


_WHY = {
    CoverageReason.SELECTED: "selected",
    CoverageReason.NO_TAG: "no selection names it or takes one of its tags",
    CoverageReason.CONDITION: "a condition on its tags does not hold",
    CoverageReason.EXCLUDED: "it is among the NotResources",
    CoverageReason.NOT_OPTED_IN: "the Region is not opted in to its type",
    CoverageReason.NOT_SUPPORTED: "AWS Backup does not know its type in this Region",
    CoverageReason.ROLE: "AWS Backup cannot take on the role",
    CoverageReason.NO_RUN: "the plan never runs",
    CoverageReason.ELSEWHERE: "it is in another Region or account than the plans",
    CoverageReason.RESTORE_TEST: "a restore test made it, and plans leave such resources out",
    CoverageReason.NOT_READ: "what decides it could not be read",
}


def chosen(selection: ProtectingSelection, arn: str, tags: Mapping[str, str] | None) -> str:
    """By which ARN or tag, and under which conditions, a selection takes a resource."""
    selector = selection.selector
    pattern, pair = selector.naming(arn), selector.tagging(tags or {})
    by = f"resources {pattern}" if pattern is not None else f"tag {pair[0]}={pair[1]}" if pair is not None else ""
    return " and ".join([by, *map(_condition_text, selector.conditions)])


def _condition_text(condition: tuple[str, str, str]) -> str:
    operator, key, value = condition
    if not key.startswith(PREFIX):
        return f"tag condition {key!r}, which matches nothing without {PREFIX}"
    return f"{operator} {key[len(PREFIX) :]} {value}"


def lacks_tag(selection: ProtectingSelection, tags: Mapping[str, str]) -> bool:
    """Whether the condition that keeps a selection from a resource asks for a tag that the resource does not have."""
    operator, key, _ = selection.selector.failing(tags) or ("", "", "")
    return key.startswith(PREFIX) and "Not" not in operator and key[len(PREFIX) :] not in tags
