"""Changes of many points as JSON: the form, and what must be true of it before it is taken for a preview."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Annotated, Literal

import msgspec

from backupkit.arn import Arn
from backupkit.checks import whole
from backupkit.declare.lifecycle import CopyAction, Lifecycle
from backupkit.declare.tags import Tags
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, label, located, quote
from backupkit.recover.arguments import check_role, problems_of
from backupkit.recover.lifecycle_change import check_days
from backupkit.recover.point_change import PointChange, PointTask
from backupkit.recover.point_verbs import check_tags
from backupkit.recover.saved_work import MOST_TOLD, loaded, twice

__all__ = ["SavedChanges", "account_of_points", "read_changes"]

_AGAIN = "preview again"


class SavedChanges(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `PointChanges.to_json` writes; files without an account were written before it was kept."""

    format: Literal["backupkit.PointChanges/1"] = "backupkit.PointChanges/1"
    id: str
    region_name: str
    account_id: str = ""
    question: str
    previewed_at: Annotated[datetime, msgspec.Meta(tz=True)]
    task: PointTask
    changes: tuple[PointChange, ...]
    notes: tuple[str, ...]


def read_changes(text: str | bytes) -> SavedChanges:
    """Return what a text holds, as sound as a preview is.

    Raises:
        InvalidValueError: It is not what `PointChanges.to_json` writes, or says what no preview says.
    """
    saved = loaded(text, SavedChanges, "changes", "PointChanges", f"give all that it wrote, or {_AGAIN}")
    found = tuple(islice(_problems(saved), MOST_TOLD))
    if found:
        raise InvalidValueError(found)
    return saved


def account_of_points(arns: Iterator[str]) -> str:
    """The account that the ARNs of points tell; empty where none or several do, as those of EBS snapshots."""
    accounts = {Arn.parse(arn).account for arn in arns} - {""}
    return accounts.pop() if len(accounts) == 1 else ""


def _problems(saved: SavedChanges) -> Iterator[Problem]:
    yield from twice((change.recovery_point_arn for change in saved.changes), "changes", _AGAIN)
    yield from problems_of(lambda: _check_task(saved.task))
    above = {change.recovery_point_arn: change.parent for change in saved.changes}
    for change in saved.changes:
        arn, name = change.recovery_point_arn, label(change.recovery_point_arn)
        if problems_of(partial(Arn.parse, arn)):
            yield Problem("changes", f"{quote(arn)} is not the ARN of a point", _AGAIN)
        if change.with_parent and change.parent not in above:
            yield Problem("changes", f"{name} goes with its composite, which is not in it", _AGAIN)
        if _circular(arn, above):
            yield Problem("changes", f"{name} is nested in itself", _AGAIN)
        lifecycle = change.lifecycle
        moments = (change.created, *((lifecycle.delete_at, lifecycle.was_delete_at) if lifecycle is not None else ()))
        if any(moment is not None and moment.tzinfo is None for moment in moments):
            yield Problem("changes", f"{name} has a time without a time zone", _AGAIN)


def _circular(arn: str, above: dict[str, str]) -> bool:
    seen = {arn}
    while (arn := above.get(arn, "")) in above:
        if arn in seen:
            return True
        seen.add(arn)
    return False


def _check_task(task: PointTask) -> None:
    """Refuse what no preview asks for."""
    match task.verb:
        case "delete":
            if problems := tuple(located("changes/task/keep_last", whole(0, 1_000_000, "points")(task.keep_last))):
                raise InvalidValueError(problems)
        case "lifecycle":
            check_days(task.keep_days, task.cold_after_days, "changes/task")
        case "tags":
            check_tags(Tags(task.tags), "changes/task")
        case "copy":
            check_role(task.role or None, "changes/task/role")
            days = Lifecycle(delete_after_days=task.keep_days, move_to_cold_storage_after_days=task.cold_after_days)
            CopyAction(task.vault, lifecycle=days)
