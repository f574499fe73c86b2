"""Plans that several people make at once: AWS takes several of one name, a stack has one.

Who has made a plan lists the stack's plans of its name. Where there are others, the first one stands: who made a later
one takes it back and previews again. Two that see each other agree about which is first. One that was alone when its
maker looked stays: who then finds it, although his own would be first, waits for it to go, and gives way where it
does not.
"""

from __future__ import annotations

from backupkit.errors import NotFoundError, StaleChangesError
from backupkit.provider.answers import Document, answer, listed, moment, needed, tags_of, text
from backupkit.provider.ownership import Owner
from backupkit.transport.protocol import Transport

__all__ = ["give_way"]

_LOOKS = 30
_PAUSE_SECONDS = 1.0


def give_way(transport: Transport, owner: Owner, name: str, plan_id: str) -> None:
    """Let one plan of the stack stand where several were made under one name at once.

    Args:
        transport: Where the plans are.
        owner: The stack.
        name: The plan's name.
        plan_id: The plan that was just made.

    Raises:
        StaleChangesError: Another one stands, and this one was deleted.
    """
    for _ in range(_LOOKS):
        ids = _own(transport, owner, name)
        if ids is not None and not set(ids) - {plan_id}:
            return
        if ids and ids[0] != plan_id:
            break
        transport.clock.sleep(_PAUSE_SECONDS)
    answer(transport, "DeleteBackupPlan", {"BackupPlanId": plan_id}, lambda _: None)
    raise StaleChangesError(
        f"plan.{name}: another run of this stack made it at the same time, and that plan stands; the one made here was "
        "taken back: preview again"
    )


def _own(transport: Transport, owner: Owner, name: str) -> list[str] | None:
    """The ids of the stack's plans of one name, the first made first; None where one comes or goes at this moment."""
    found = [each for each in listed(transport, "ListBackupPlans", _listed) if each[2] == name]
    try:
        return [plan_id for _, plan_id, _, arn in sorted(found) if owner.owns(tags_of(transport, arn))]
    except NotFoundError:
        return None


def _listed(member: Document) -> tuple[float, str, str, str]:
    made = moment(member, "CreationDate")
    return (
        made.timestamp() if made else 0.0,
        needed(member, "BackupPlanId"),
        text(member, "BackupPlanName"),
        text(member, "BackupPlanArn"),
    )
