"""Points whose source is gone: found by asking the source's own service, never by AWS Backup's list of resources.

AWS Backup calls a resource protected for as long as it has points, also when it is gone (botocore model,
ListProtectedResources), so that list tells nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Protocol

import attrs

from backupkit.arn import Arn
from backupkit.declare.vault_name import VaultOrName
from backupkit.display import Block, Facts, moment, size
from backupkit.neighbours import Presence, Sighting
from backupkit.problems import counted
from backupkit.recover.caller import Caller, caller_at
from backupkit.recover.lifecycle_change import kept_forever
from backupkit.recover.point_change import PointTask
from backupkit.recover.point_set import PointSet, Survey
from backupkit.recover.point_sources import look_at_sources
from backupkit.recover.point_table import POINTS
from backupkit.recover.points import RecoveryPoints
from backupkit.recover.recovery_point import RecoveryPoint
from backupkit.serialization import Serializable, plain_members
from backupkit.tables import Collected, Column, ColumnType, RecordForm, Table
from backupkit.tables.collection import record_rows, totals
from backupkit.transport.connected import Connected

__all__ = ["FoundPoints", "HasPoints", "Orphans", "PointSource", "find_orphans"]


class HasPoints(Connected, Protocol):
    """What `bk.connect` and `bk.local` return."""

    def recovery_points(
        self,
        *,
        vault: VaultOrName | None = None,
        resource: Arn | str | None = None,
        resource_type: str | None = None,
        plan_id: str | None = None,
        created_before: datetime | None = None,
        created_after: datetime | None = None,
    ) -> RecoveryPoints:
        """Recovery points."""
        ...


@attrs.frozen(kw_only=True)
class PointSource(Serializable):
    """A resource that points were taken of, and what its own service says of it.

    Args:
        resource_arn: The resource.
        resource_type: Its type, in AWS Backup's words.
        presence: Whether it is there; ``unknown`` where nobody can tell.
        reason: Why nobody can tell.
        points: How many points it has among those that were asked for.
        size_bytes: The bytes of these points, as AWS Backup tells them.
        newest: When the newest of them was made.
    """

    resource_arn: str
    resource_type: str
    presence: Presence
    reason: str = ""
    points: int = 0
    size_bytes: int = 0
    newest: datetime | None = None


@attrs.frozen(kw_only=True, repr=False)
class FoundPoints(PointSet, Table[RecoveryPoint]):
    """Points that were found, also as a table; what can be done with all of them is previewed first.

    Args:
        question: Which points these are.
        points: The points as they were when they were found.
    """

    question: str
    points: tuple[RecoveryPoint, ...] = attrs.field(repr=False)
    _caller: Caller = attrs.field(repr=False, eq=False, alias="caller")

    def __iter__(self) -> Iterator[RecoveryPoint]:
        return iter(self.points)

    def __len__(self) -> int:
        return len(self.points)

    @property
    def size_bytes(self) -> int:
        """Their bytes, as AWS Backup tells them: it tells 0 for some types."""
        return sum(point.backup_size_in_bytes or 0 for point in self.points)

    def _survey(self) -> Survey:
        return Survey(chosen=self.points)

    def _description(self) -> str:
        return self.question

    def _client(self) -> Caller:
        return self._caller

    def _form(self) -> RecordForm:
        return POINTS

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {_summed(self)}; asked for: {self.question}>"

    def _blocks(self) -> Iterator[Block]:
        yield Facts(f"{counted(len(self), 'recovery point')}; asked for: {self.question}", totals(POINTS, self.points))
        yield record_rows(POINTS, self.points)


@attrs.frozen(kw_only=True, repr=False)
class Orphans(Serializable, FoundPoints):
    """The points whose source is gone, and beside them what else costs without being looked at.

    Args:
        sources: The resources that are gone.
        unknown: The resources of which nobody can tell whether they are there; their points are not among these.
        expired: Points that AWS has tried to delete and could not; they stay, and are billed.
        kept_forever: Points that nothing ever deletes.
    """

    sources: tuple[PointSource, ...] = ()
    unknown: tuple[PointSource, ...] = ()
    expired: FoundPoints
    kept_forever: FoundPoints

    @property
    def all_sources(self) -> Collected[PointSource]:
        """The resources that are gone, and those of which nobody can tell, as their own table."""
        return Collected((*self.sources, *self.unknown), SOURCES, self.question)

    def to_dict(self, *, json: bool = False) -> dict[str, object]:
        """Return what was found: sources, and the points by their ARNs."""
        found = {
            "question": self.question,
            "sources": self.sources,
            "unknown": self.unknown,
            **{name: [point.recovery_point_arn for point in points] for name, points in self._sets().items()},
        }
        return plain_members(found, json=json)

    def _sets(self) -> dict[str, FoundPoints]:
        return {"points": self, "expired": self.expired, "kept_forever": self.kept_forever}

    def _deletion(self, keep_last: int) -> PointTask:
        return PointTask(verb="delete", keep_last=keep_last, orphans=True)

    def _blocks(self) -> Iterator[Block]:
        title = f"{counted(len(self), 'point')} of {counted(len(self.sources), 'resource')} that are gone"
        facts = [(name.replace("_", " "), _summed(points)) for name, points in self._sets().items()]
        yield Facts(f"{title} ({size(self.size_bytes)}); looked at: {self.question}", facts)
        yield record_rows(SOURCES, (*self.sources, *self.unknown))


def _summed(points: FoundPoints) -> str:
    return f"{counted(len(points), 'point')}, {size(points.size_bytes)}"


def _cells(source: PointSource) -> dict[str, str]:
    return {
        "source": str(source.presence),
        "resource": source.resource_arn,
        "type": source.resource_type,
        "points": f"{source.points:,}",
        "size": size(source.size_bytes),
        "newest": moment(source.newest),
        "why it is not known": source.reason,
    }


def _mark(source: PointSource) -> str:
    return "bad" if source.presence is Presence.GONE else "doubtful"


SOURCES = RecordForm(
    noun="resource",
    columns=(
        Column("resource_arn", ColumnType.TEXT, "The resource that points were taken of"),
        Column("resource_type", ColumnType.CATEGORY, "AWS Backup's word for its type"),
        Column("presence", ColumnType.CATEGORY, "`gone` or `unknown`"),
        Column("reason", ColumnType.CATEGORY, "Why nobody can tell"),
        Column("points", ColumnType.COUNT, "How many points it has"),
        Column("size_bytes", ColumnType.COUNT, "Their bytes, as AWS Backup tells them"),
        Column("newest", ColumnType.MOMENT, "When the newest of them was made"),
    ),
    cells=_cells,
    right=frozenset({"points", "size"}),
    mark=_mark,
)


def find_orphans(
    aws: HasPoints,
    *,
    vault: VaultOrName | None = None,
    resource: Arn | str | None = None,
    resource_type: str | None = None,
    plan_id: str | None = None,
    created_before: datetime | None = None,
    created_after: datetime | None = None,
) -> Orphans:
    """Find the points whose source is gone. Nothing is changed.

    The source's own service is asked, through the connection's session, volumes and instances a hundred in one call. A
    source counts as gone only where its service says so, and nothing else speaks for it: it is of this account and
    Region, and no backup of it is under way. Everything else is in ``unknown``: sources of other accounts and Regions,
    services that refuse or cannot be asked, and names that a newer resource carries.

    Args:
        aws: A connection.
        vault: Only points in this vault.
        resource: Only points of the resource with this ARN.
        resource_type: Only points of this type.
        plan_id: Only points that this plan made.
        created_before: Only points made before this aware moment.
        created_after: Only points made after this aware moment.

    Returns:
        The points, as a set that can be previewed for deletion.
    """
    caller = caller_at(aws, "find_orphans", "recovery_points")
    listed = aws.recovery_points(
        vault=vault,
        resource=resource,
        resource_type=resource_type,
        plan_id=plan_id,
        created_before=created_before,
        created_after=created_after,
    ).where(lambda point: point.status != "DELETING")
    points = tuple(listed)
    of_source: dict[str, list[RecoveryPoint]] = defaultdict(list)
    for point in points:
        of_source[point.resource_arn or ""].append(point)
    seen = look_at_sources(caller, of_source)
    gone = {arn for arn, sighting in seen.items() if sighting.presence is Presence.GONE}
    sources = [_source(arn, of_source[arn], sighting) for arn, sighting in seen.items()]

    def found(what: str, fits: Callable[[RecoveryPoint], bool]) -> FoundPoints:
        return FoundPoints(question=f"{what} of {listed.question}", points=tuple(filter(fits, points)), caller=caller)

    return Orphans(
        question=listed.question,
        points=tuple(point for point in points if point.resource_arn in gone),
        sources=_in_order(sources, Presence.GONE),
        unknown=_in_order(sources, Presence.UNKNOWN),
        expired=found("EXPIRED points", lambda point: point.status == "EXPIRED"),
        kept_forever=found("points kept forever", kept_forever),
        caller=caller,
    )


def _in_order(sources: Iterable[PointSource], presence: Presence) -> tuple[PointSource, ...]:
    """Those of this presence, the largest first."""
    chosen = (source for source in sources if source.presence is presence)
    return tuple(sorted(chosen, key=lambda source: (-source.size_bytes, source.resource_arn)))


def _source(arn: str, points: list[RecoveryPoint], sighting: Sighting) -> PointSource:
    return PointSource(
        resource_arn=arn,
        resource_type=points[0].resource_type or "",
        presence=sighting.presence,
        reason=sighting.reason,
        points=len(points),
        size_bytes=sum(point.backup_size_in_bytes or 0 for point in points),
        newest=max((point.creation_date for point in points if point.creation_date is not None), default=None),
    )
