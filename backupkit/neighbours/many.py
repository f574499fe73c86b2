"""Whether many resources are there: asked for together where their service can, the others side by side."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

from backupkit.arn import Arn
from backupkit.catalog.neighbour import Batch, Look
from backupkit.errors import NeighbourError
from backupkit.neighbours.presence import Presence, Sighting
from backupkit.neighbours.protocol import Neighbours
from backupkit.neighbours.session import look_for

__all__ = ["look_all"]

_AT_ONCE = 100
"""Resources in one call: the smallest that the services take (RDS, EC2)."""


def look_all(neighbours: Neighbours, arns: Iterable[str], *, workers: int = 8) -> dict[str, Sighting]:
    """Return what the resources' own services say of each.

    One call asks for up to 100 volumes or instances. Those that it does not show are asked for by themselves, so that
    what is gone is always the answer of its service to the question for it.

    Args:
        neighbours: The way to the services.
        arns: The resources.
        workers: How many calls are under way at once.
    """
    wanted = list(dict.fromkeys(arns))
    found = dict(_batched(neighbours, wanted))
    left = [arn for arn in wanted if arn not in found]
    with ThreadPoolExecutor(max(1, workers), thread_name_prefix="backupkit-looks") as pool:
        found |= zip(left, pool.map(neighbours.look, left), strict=True)
    return {arn: found[arn] for arn in wanted}


def _batched(neighbours: Neighbours, arns: Iterable[str]) -> Iterator[tuple[str, Sighting]]:
    groups: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    looks: dict[tuple[str, str], tuple[Look, Batch]] = {}
    for arn in arns:
        parsed = Arn.parse(arn)
        look = look_for(parsed)
        if look is not None and look.batch is not None:
            looks[look.service, look.method] = look, look.batch
            groups[look.service, look.method][parsed.name] = arn
    for key, names in groups.items():
        each, (look, batch) = list(names), looks[key]
        for begin in range(0, len(each) if len(each) > 1 else 0, _AT_ONCE):
            for name, state in _there(neighbours, look, batch, each[begin : begin + _AT_ONCE]):
                if name in names:
                    usable = state in look.usable if look.usable else None
                    yield names[name], Sighting(Presence.THERE, state, usable)


def _there(neighbours: Neighbours, look: Look, batch: Batch, names: list[str]) -> Iterator[tuple[str, str]]:
    """The names and states of those that one call shows; nothing where it cannot be made."""
    params = {"Filters": [{"Name": batch.filter, "Values": names}]}
    try:
        answer = neighbours.ask(look.service, look.method, params)
    except NeighbourError:
        return
    if answer is None:
        return
    import jmespath  # noqa: PLC0415 - botocore brings it, and only a session needs it

    for name, state in jmespath.search(batch.items, answer) or ():
        if state not in look.gone_states:
            yield str(name), str(state)
