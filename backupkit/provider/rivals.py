"""Things that several people make at once where AWS takes several of one name, as it does of plans: a stack has one.

Who has made a thing lists the stack's things of its name. Where there are others, the first one stands: who made a
later one takes it back and previews again. Two that see each other agree about which is first. One that was alone when
its maker looked stays: who then finds it, although his own would be first, waits for it to go, and gives way where it
does not.
"""

from __future__ import annotations

from backupkit.errors import NotFoundError, StaleChangesError
from backupkit.provider.kinds.calls import deletions
from backupkit.provider.kinds.kind import AnyKind
from backupkit.provider.kinds.observed import Observed, age
from backupkit.provider.kinds.reader import Reader
from backupkit.provider.listing import Lists
from backupkit.provider.ownership import Owner
from backupkit.provider.refresh import read_tags

__all__ = ["give_way"]

_LOOKS = 30
_PAUSE_SECONDS = 1.0


def give_way(lists: Lists, reader: Reader, owner: Owner, kind: AnyKind, name: str, made: str) -> None:
    """Let one thing of the stack stand where several were made under one name at once.

    Args:
        lists: The lists of this run.
        reader: Where the things are.
        owner: The stack.
        kind: The row of the thing.
        name: Its name.
        made: The id of the one that was just made.

    Raises:
        StaleChangesError: Another one stands, and this one was deleted.
    """
    for _ in range(_LOOKS):
        ids = _own(lists.named(kind, name), reader, owner, made)
        if ids is not None and not set(ids) - {made}:
            return
        if ids and ids[0] != made:
            break
        reader.transport.clock.sleep(_PAUSE_SECONDS)
    for call in deletions(Observed(kind=kind, id=made, name=name)):
        reader.ask(call.service, call.operation, call.ready({}))
    noun = kind.word.replace("_", " ")
    raise StaleChangesError(
        f"{kind.word}.{name}: another run of this stack made it at the same time, and that {noun} stands; the one made "
        "here was taken back: preview again"
    )


def _own(named: list[Observed], reader: Reader, owner: Owner, made: str) -> list[str] | None:
    """The ids of the stack's things of one name, the first made first; None where one comes or goes at this moment."""
    if [each.id for each in named] == [made]:
        return [made]
    try:
        return [each.id for each in sorted(named, key=age) if owner.owns(read_tags(reader, each))]
    except NotFoundError:
        return None
