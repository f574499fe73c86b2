"""Legal holds."""

from __future__ import annotations

from collections.abc import Iterator

from backupkit.declare.legal_hold import LegalHold
from backupkit.problems import Problem, warning
from backupkit.provider.answers import Document, text
from backupkit.provider.change import Call
from backupkit.provider.kinds.kind import Kind, Settling
from backupkit.provider.kinds.observed import Observed, World, vault_addresses

__all__ = ["LEGAL_HOLD"]

_OVER = frozenset({"CANCELING", "CANCELED"})
_WHY = "no longer declared as it was"


def _stands(entry: Document) -> bool:
    """Whether a hold was not cancelled: AWS shows the record of one that was for another 180 days."""
    return text(entry, "Status") not in _OVER


def _cancel(seen: Observed) -> Iterator[Call]:
    yield Call("CancelLegalHold", {"LegalHoldId": seen.id, "CancelDescription": _WHY})


def _checks(world: World, hold: LegalHold) -> Iterator[Problem]:
    for name in world.missing_vaults(hold.vaults):
        yield warning(
            "vaults", f"there is no vault {name!r} here, so nothing of it is held", "check its name and Region"
        )


LEGAL_HOLD = Kind(
    cls=LegalHold,
    list="ListLegalHolds",
    get="GetLegalHold",
    id="LegalHoldId",
    name="Title",
    arn="LegalHoldArn",
    created="CreationDate",
    create="CreateLegalHold",
    delete="CancelLegalHold",
    tags="Tags",
    unique=False,
    create_first=True,
    settled=Settling(state="Status", done=frozenset({"ACTIVE"}), timeout_seconds=600),
    ours=_stands,
    read=lambda answer: answer if _stands(answer) else {},
    deleting=_cancel,
    checks=_checks,
    needs=lambda hold: vault_addresses(hold.vaults),
)
