"""What would happen to one point of many, and what is asked for."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

import msgspec

from backupkit.recover.lifecycle_change import LifecycleChange
from backupkit.serialization import Serializable

__all__ = ["PointChange", "PointTask", "Verb"]

Verb: TypeAlias = Literal["delete", "lifecycle", "tags", "copy"]


class PointChange(
    Serializable, msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """What would happen to one point, and why not where it would not.

    Sizes are bytes as AWS Backup tells them, times in UTC.
    """

    recovery_point_arn: str
    vault: str
    resource_arn: str = ""
    resource_type: str = ""
    status: str = ""
    created: datetime | None = None
    size_bytes: int | None = None
    parent: str = ""
    """The composite that it is nested in."""
    with_parent: bool = False
    """Whether it goes with its parent, without its own call."""
    refusal: str = ""
    """Why nothing is done to it, in a stable word such as ``locked`` or ``last_points``; empty: it is done."""
    reason: str = ""
    """The same as a sentence."""
    notes: tuple[str, ...] = ()
    """What else is worth knowing before it is done."""
    lifecycle: LifecycleChange | None = None
    role: str = ""


class PointTask(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What is asked for, alike for all points."""

    verb: Verb
    keep_last: int = 0
    orphans: bool = False
    """Whether only points go whose source is gone, also by then."""
    keep_days: int | None = None
    cold_after_days: int | None = None
    tags: dict[str, str] = {}
    remove_tags: tuple[str, ...] = ()
    vault: str = ""
    role: str = ""

    def __repr__(self) -> str:
        # Values of tags are not shown.
        keys = f", tags={sorted(self.tags)}" if self.tags else ""
        return f"PointTask(verb={self.verb!r}{keys})"

    def __str__(self) -> str:
        match self.verb:
            case "delete":
                return f"delete, keeping the last {self.keep_last} of each resource" if self.keep_last else "delete"
            case "lifecycle":
                return "change the lifecycle"
            case "tags":
                return (
                    f"tag with {', '.join(self.tags) or 'nothing'}, take away {', '.join(self.remove_tags) or 'none'}"
                )
            case "copy":
                return f"copy to {self.vault}"
