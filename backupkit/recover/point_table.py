"""Recovery points as a table: the columns, and what people see of a point."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import repeat

from backupkit import observe
from backupkit.catalog import type_named
from backupkit.display import moment, size
from backupkit.errors import ConfigurationError
from backupkit.recover.handle import Handle
from backupkit.recover.point_facts import continuous
from backupkit.tables import Column, ColumnType, RecordForm, Rows, members
from backupkit.tables.collection import tally

__all__ = ["POINTS", "clock_now", "goes_cold", "size_meaning", "tells_expiry", "tier_of"]

TEXT, CATEGORY, COUNT = ColumnType.TEXT, ColumnType.CATEGORY, ColumnType.COUNT
FLAG, MOMENT = ColumnType.FLAG, ColumnType.MOMENT

_TOLD = ("storage_class", "resource_type", "lifecycle", "calculated_lifecycle", "backup_vault_arn", "status")
"""What a record tells of the tier of its point."""

_type = cache(type_named)


@cache
def _cold(resource_type: str | None) -> str:
    """Which points of a type go cold: ``none``, ``all``, or those with an ``opt-in``."""
    kind = _type(resource_type)
    if kind is None:
        return "all"
    return "none" if not kind.cold else "opt-in" if kind.archive else "all"


@cache
def _never_continuous(resource_type: str | None) -> bool:
    kind = _type(resource_type)
    return kind is not None and not kind.continuous


def tier_of(point: observe.RecoveryPoint, now: datetime) -> str | None:
    """Return ``WARM`` or ``COLD``: what AWS says, else what follows from lifecycle and type; None: not known.

    No list tells the storage class, only DescribeRecoveryPoint does.
    """
    return _tier(
        point.storage_class,
        point.resource_type,
        point.lifecycle,
        point.calculated_lifecycle,
        point.backup_vault_arn,
        point.status,
        now,
    )


def tells_expiry(point: observe.RecoveryPoint) -> bool:
    """Return whether the record tells when the point goes, or that it never does."""
    return point.calculated_lifecycle is not None or _is_whole(point.backup_vault_arn, point.status)


def _is_whole(vault_arn: str | None, status: str | None) -> bool:
    # ListRecoveryPointsByResource leaves out lifecycles and the vault's ARN; what a job tells of a point has no status.
    return vault_arn is not None and status is not None


def _tier(
    listed: str | None,
    resource_type: str | None,
    lifecycle: observe.Lifecycle | None,
    ends: observe.CalculatedLifecycle | None,
    vault_arn: str | None,
    status: str | None,
    now: datetime,
) -> str | None:
    if listed is not None:
        return listed
    cold = _cold(resource_type)
    if cold == "none":
        return "WARM"
    if ends is None:
        return "WARM" if lifecycle is not None or _is_whole(vault_arn, status) else None
    at = ends.move_to_cold_storage_at
    return "COLD" if at is not None and at <= now and (cold == "all" or _opted_in(lifecycle)) else "WARM"


def goes_cold(point: observe.RecoveryPoint) -> bool:
    """Return whether AWS moves the point to cold storage when its day has come; of some types only with an opt-in."""
    cold = _cold(point.resource_type)
    return cold == "all" or (cold == "opt-in" and _opted_in(point.lifecycle))


def _opted_in(lifecycle: observe.Lifecycle | None) -> bool:
    return lifecycle is not None and bool(lifecycle.opt_in_to_archive_for_supported_resources)


@cache
def size_meaning(resource_type: str | None) -> str:
    """Return what the size of points and jobs of a type counts."""
    kind = _type(resource_type)
    return "unknown" if kind is None else kind.size_counts


def _size_counts(points: Rows) -> Iterable[str]:
    return map(size_meaning, points.member("resource_type"))


def _tiers(points: Rows) -> Iterable[str | None]:
    return map(_tier, *map(points.member, _TOLD), repeat(clock_now(points)))


def clock_now(points: Sequence[observe.RecoveryPoint]) -> datetime:
    """Return the moment by the clock of the connection; by this machine's for points that lost theirs."""
    first = points[0] if points else None
    try:
        return first.clock.now() if isinstance(first, Handle) else datetime.now(UTC)
    except ConfigurationError:
        return datetime.now(UTC)


def _continuous(points: Rows) -> list[bool]:
    kinds = points.member("resource_type")
    able = {kind for kind in set(kinds) if not _never_continuous(kind)}
    if not able:
        return [False] * len(kinds)
    return [kind in able and continuous(point) for kind, point in zip(kinds, points, strict=True)]


def _cells(point: observe.RecoveryPoint) -> dict[str, str]:
    ends = point.calculated_lifecycle.delete_at if point.calculated_lifecycle is not None else None
    return {
        "created": moment(point.creation_date),
        "resource": point.resource_arn or "",
        "type": point.resource_type or "",
        "vault": point.backup_vault_name or "",
        "status": point.status or "",
        "tier": tier_of(point, clock_now([point])) or "",
        "size": size(point.backup_size_in_bytes),
        "deleted at": moment(ends),
    }


def _mark(point: observe.RecoveryPoint) -> str:
    return {"COMPLETED": "good", "AVAILABLE": "good"}.get(point.status or "", "doubtful")


def _totals(points: Sequence[observe.RecoveryPoint]) -> Iterable[tuple[str, str]]:
    created = [point.creation_date for point in points if point.creation_date is not None]
    yield "resources", f"{len({point.resource_arn for point in points}):,}"
    yield "types", tally(point.resource_type for point in points)
    yield "status", tally(point.status for point in points)
    # Sizes of types count different things, so they are added up type by type.
    sizes: Counter[str] = Counter()
    for point in points:
        sizes[point.resource_type or ""] += point.backup_size_in_bytes or 0
    yield "size", ", ".join(f"{size(total)} {kind}" for kind, total in sizes.most_common(6))
    if created:
        yield "created", f"{moment(min(created))} to {moment(max(created))}"


POINTS = RecordForm(
    noun="recovery point",
    columns=(
        Column("recovery_point_arn", TEXT, "The point"),
        Column("resource_arn", CATEGORY, "What it is a backup of"),
        Column("resource_name", CATEGORY, "The name of that, where AWS knows one"),
        Column("resource_type", CATEGORY, "AWS Backup's word for its type"),
        Column("backup_vault_name", CATEGORY, "The vault that holds the point"),
        Column("backup_vault_arn", CATEGORY, "The vault's ARN"),
        Column("source_backup_vault_arn", CATEGORY, "Of a copy: the vault that it was copied from"),
        Column("vault_type", CATEGORY, "`BACKUP_VAULT` or `LOGICALLY_AIR_GAPPED_BACKUP_VAULT`"),
        Column("status", CATEGORY, "For example `COMPLETED`, `EXPIRED`, `DELETING`"),
        Column("status_message", CATEGORY, "AWS's sentence"),
        Column("creation_date", MOMENT, "When the point was made"),
        Column("initiation_date", MOMENT, "When its backup began"),
        Column("completion_date", MOMENT, "When its backup was done"),
        Column("backup_size_in_bytes", COUNT, "Bytes; `size_counts` says of what"),
        Column(
            "size_counts",
            CATEGORY,
            "`point`, `provisioned`, `changed`, `at_least`, `nothing` or `unknown`",
            _size_counts,
        ),
        Column("tier", CATEGORY, "`WARM` or `COLD`, worked out from lifecycle and type where AWS does not say", _tiers),
        Column(
            "move_to_cold_storage_at",
            MOMENT,
            "When it goes cold",
            members("calculated_lifecycle.move_to_cold_storage_at"),
        ),
        Column("delete_at", MOMENT, "When it is deleted", members("calculated_lifecycle.delete_at")),
        Column("delete_after_days", COUNT, "Days from creation; -1 is never", members("lifecycle.delete_after_days")),
        Column(
            "move_to_cold_storage_after_days",
            COUNT,
            "Days from creation",
            members("lifecycle.move_to_cold_storage_after_days"),
        ),
        Column("is_continuous", FLAG, "Whether it can be restored to any moment of its window", _continuous),
        Column("is_parent", FLAG, "Whether it is a composite"),
        Column("parent_recovery_point_arn", CATEGORY, "Of a nested point: its composite"),
        Column("is_encrypted", FLAG, "Whether it is encrypted"),
        Column("encryption_key_arn", CATEGORY, "By which key"),
        Column("iam_role_arn", CATEGORY, "The role that made it"),
        Column(
            "backup_plan_id", CATEGORY, "The plan that made it; null on demand", members("created_by.backup_plan_id")
        ),
        Column("backup_plan_name", CATEGORY, "Its name, where AWS says", members("created_by.backup_plan_name")),
        Column("backup_rule_id", CATEGORY, "The rule", members("created_by.backup_rule_id")),
        Column("backup_rule_name", CATEGORY, "Its name, where AWS says", members("created_by.backup_rule_name")),
        Column("last_restore_time", MOMENT, "When it was last restored"),
    ),
    cells=_cells,
    right=frozenset({"size"}),
    mark=_mark,
    totals=_totals,
)
