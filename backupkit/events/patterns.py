"""Patterns of EventBridge rules for events of AWS Backup, and the filter of SNS subscriptions for its failures."""

from __future__ import annotations

from collections.abc import Iterable

from backupkit.errors import InvalidValueError
from backupkit.events.eventbridge import DETAIL_TYPES
from backupkit.observe import JOB_STATES, RecoveryPointStatus
from backupkit.problems import Problem, quote

__all__ = ["failures_filter", "pattern"]

_STATES: dict[str, tuple[str, ...]] = {
    **{kind: states for kind, states in JOB_STATES.items() if kind in DETAIL_TYPES},
    "restore": ("CREATED", *JOB_STATES["restore"]),
    "recovery_point": (*RecoveryPointStatus, "DELETED"),
    "index": ("ACTIVE", "DELETED", "FAILED"),
    "vault": ("CREATED", "MODIFIED", "DELETED"),
    "plan": ("CREATED", "MODIFIED", "DELETED"),
    "region_settings": ("MODIFIED",),
}
_MEMBERS = {"restore": "status", "recovery_point": "status", "index": "indexStatus"}


def pattern(kind: str, *, state: str | Iterable[str] | None = None) -> dict[str, object]:
    """Return the pattern of an EventBridge rule for AWS Backup's events of one kind; ``json.dumps`` makes it a text.

    Args:
        kind: ``backup``, ``copy``, ``restore``, ``scan``, ``recovery_point``, ``index``, ``vault``, ``plan`` or
            ``region_settings``, as in ``event.kind``. AWS's own name, like ``Backup Job State Change``, is taken, too.
        state: One state or several; None for all.

    Raises:
        InvalidValueError: There is no such kind, or it has no such state.

    Example:
        >>> import backupkit as bk
        >>> bk.events.pattern("restore", state=["FAILED"])["detail"]
        {'status': ['FAILED']}
    """
    name = _kind(kind)
    found: dict[str, object] = {"source": ["aws.backup"], "detail-type": [DETAIL_TYPES[name]]}
    if state is not None:
        found["detail"] = _detail(name, _wanted(name, state))
    return found


def failures_filter() -> dict[str, object]:
    """Return the filter policy with which a subscription of an SNS topic gets a vault's failures alone.

    `Vault.notifying_failures` sends to the topic what it takes. Backups and restores say how they ended in the message
    attribute State, so those that are COMPLETED are held back; all else comes, PARTIAL and what has no State included.
    ``json.dumps`` makes it the attribute FilterPolicy; its scope is that of SNS itself, MessageAttributes.

    Example:
        >>> import json, backupkit as bk
        >>> json.dumps(bk.events.failures_filter())[:7]
        '{"$or":'
    """
    absent = {"exists": False}
    return {
        "$or": [
            {"EventType": [absent, {"anything-but": ["BACKUP_JOB", "RESTORE_JOB"]}]},
            {"State": [absent, {"anything-but": ["COMPLETED"]}]},
        ]
    }


def _kind(given: str) -> str:
    known = {kind: kind for kind in DETAIL_TYPES} | {each.casefold(): kind for kind, each in DETAIL_TYPES.items()}
    name = known.get(given.casefold().removesuffix("_job")) if isinstance(given, str) else None
    if name is None:
        what = f"{quote(given)} is not a kind of event"
        raise InvalidValueError(Problem("events.pattern/kind", what, f"there are {', '.join(DETAIL_TYPES)}"))
    return name


def _wanted(kind: str, state: str | Iterable[str]) -> list[str]:
    given = [state] if isinstance(state, str) or not isinstance(state, Iterable) else list(state)
    unknown = [each for each in given if each not in _STATES[kind]]
    if unknown or not given:
        what = f"{', '.join(map(quote, unknown))} is not a state" if given else "no state at all matches nothing"
        hint = f"events of {kind} have {', '.join(_STATES[kind])}"
        raise InvalidValueError(Problem("events.pattern/state", what, hint))
    return [str(each) for each in given]


def _detail(kind: str, states: list[str]) -> dict[str, object]:
    # The first event of a restore says `state`, and all others `status` (developer guide).
    if kind != "restore" or "CREATED" not in states:
        return {_MEMBERS.get(kind, "state"): states}
    others = [each for each in states if each != "CREATED"]
    first: dict[str, object] = {"state": ["CREATED"]}
    return {"$or": [first, {"status": others}]} if others else first
