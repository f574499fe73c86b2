"""What changes need before they are made: nothing in their way, and the caller's word for what cannot be undone."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from backupkit.errors import ConsentError, InvalidValueError
from backupkit.provider.change import Change

__all__ = ["require_consent"]


def require_consent(
    changes: Sequence[Change],
    *,
    allow_delete: bool,
    allow_irreversible: bool,
    discard_unknown: bool,
    allow_drain: Collection[str] = (),
) -> None:
    """Refuse before any call.

    Raises:
        InvalidValueError: Some changes cannot be made; holds all the reasons.
        ConsentError: Some need a word that was not given.
    """
    problems = tuple(problem for change in changes for problem in change.problems)
    if problems:
        raise InvalidValueError(problems)
    wants = [
        *(() if allow_delete else _asking(_destroying(changes), "delete or take away", "allow_delete=True")),
        *(
            ()
            if allow_irreversible
            else _asking(_lasting(changes), "can never be taken back:", "allow_irreversible=True")
        ),
        *_draining(changes, allow_drain),
        *(() if discard_unknown else _asking(_losing(changes), "drop what backupkit does not know:", _DISCARD)),
    ]
    if wants:
        raise ConsentError("nothing was changed:\n" + "\n".join(f"  - {want}" for want in wants))


_DISCARD = "discard_unknown=True"


def _asking(addresses: Sequence[str], what: str, word: str) -> tuple[str, ...]:
    return (f"these changes {what} {', '.join(addresses)}; to agree, say apply({word})",) if addresses else ()


def _destroying(changes: Sequence[Change]) -> list[str]:
    return [path for change in changes if change.destroys for path in _going(change)]


def _going(change: Change) -> tuple[str, ...]:
    return tuple(f"{change.address}/{path}" for path in change.takes_away) or (change.address,)


def _draining(changes: Sequence[Change], named: Collection[str]) -> tuple[str, ...]:
    """Vaults are emptied only where each is named, by its name or its address."""
    unnamed = [change for change in changes if change.drains and not {change.subject.name, change.address} & set(named)]
    names = ", ".join(repr(change.subject.name) for change in unnamed)
    what = "delete the recovery points of vaults before the vaults:"
    return _asking([change.address for change in unnamed], what, f"allow_drain=[{names}]")


def _lasting(changes: Sequence[Change]) -> list[str]:
    return [change.address for change in changes if change.irreversible]


def _losing(changes: Sequence[Change]) -> list[str]:
    return [f"{change.address}/{path}" for change in changes for path in change.dropped_members]
