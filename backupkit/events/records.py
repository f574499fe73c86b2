"""Events as records: what all have in common, and what each kind has besides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import attrs

from backupkit.observe import FINAL_STATES, reason_of
from backupkit.serialization import Serializable

__all__ = [
    "CLASSES",
    "BackupJobEvent",
    "CopyJobEvent",
    "Event",
    "IndexEvent",
    "JobEvent",
    "ObjectEvent",
    "PlanEvent",
    "RecoveryPointEvent",
    "RegionSettingsEvent",
    "RestoreJobEvent",
    "ScanJobEvent",
    "UnknownEvent",
    "VaultEvent",
]


@attrs.frozen(kw_only=True)
class Event(Serializable):
    """Something that AWS Backup told. What it did not tell is None; all that came is in ``raw``.

    Events are sent at least once, not always in order, and not surely: look at the thing itself before acting on it.
    """

    kind: str
    """``backup``, ``copy``, ``restore`` or ``scan`` for jobs; ``recovery_point``, ``index``, ``vault``, ``plan``,
    ``region_settings``, ``object``; ``unknown`` for all else."""
    source: str
    """``eventbridge`` or ``sns``; ``unknown`` where it is neither."""
    event_type: str | None = None
    """AWS's own name: EventBridge's detail-type, or SNS's EventType."""
    state: str | None = None
    """The state that was reached, whatever AWS calls the member."""
    id: str | None = None
    """The id of a job or plan, the ARN of a point, the name of a vault."""
    resource_arn: str | None = None
    """The resource that is backed up, or was."""
    resource_type: str | None = None
    recovery_point_arn: str | None = None
    """The point that a backup made, or that is copied, restored, scanned or indexed."""
    vault_name: str | None = None
    vault_arn: str | None = None
    status_message: str | None = None
    """AWS's sentence."""
    account_id: str | None = None
    region_name: str | None = None
    time: datetime | None = None
    """When it was told, aware."""
    detail: Mapping[str, object] = attrs.field(factory=dict, repr=False, eq=False)
    """EventBridge's detail, or SNS's message attributes, under AWS's own names."""
    raw: Mapping[str, object] = attrs.field(factory=dict, repr=False, eq=False)
    """All that came."""


@attrs.frozen(kw_only=True)
class JobEvent(Event):
    """A job has reached a state."""

    created: datetime | None = None
    completed: datetime | None = None
    iam_role_arn: str | None = None
    size_bytes: int | None = None
    plan_id: str | None = None
    """The plan that started the job."""
    rule_id: str | None = None

    @property
    def ended(self) -> bool:
        """Whether the job is over, well or badly."""
        return self.state in FINAL_STATES.get(self.kind, frozenset())

    @property
    def reason(self) -> str | None:
        """Why the job is as it is, in a stable word to group by, as ``job.reason`` says it; None where all is well."""
        return reason_of(self.state, None, self.status_message)


@attrs.frozen(kw_only=True)
class BackupJobEvent(JobEvent):
    """A backup job has reached a state."""


@attrs.frozen(kw_only=True)
class CopyJobEvent(JobEvent):
    """A copy job has reached a state. The first event of one does not tell the job's id."""

    source_vault_arn: str | None = None
    destination_vault_arn: str | None = None
    destination_recovery_point_arn: str | None = None
    """The copy, once it is done."""


@attrs.frozen(kw_only=True)
class RestoreJobEvent(JobEvent):
    """A restore job has reached a state."""

    created_resource_arn: str | None = None
    """What was made, once it is done."""
    restore_testing_plan_arn: str | None = None
    """The restore testing plan that started it."""


@attrs.frozen(kw_only=True)
class ScanJobEvent(JobEvent):
    """A malware scan has reached a state."""

    scan_result: str | None = None
    """``THREATS_FOUND``, ``NO_THREATS_FOUND`` or ``UNKNOWN``."""
    scanner: str | None = None


@attrs.frozen(kw_only=True)
class RecoveryPointEvent(Event):
    """A recovery point has reached a status, moved to cold storage, was modified or deleted."""

    created: datetime | None = None
    storage_class: str | None = None
    is_encrypted: bool | None = None
    deleted_by: str | None = None
    """Who deleted it, where the event tells: an ARN, or ``backup.amazonaws.com`` at the end of its retention."""


@attrs.frozen(kw_only=True)
class IndexEvent(Event):
    """The index of a recovery point is ACTIVE, DELETED or FAILED."""


@attrs.frozen(kw_only=True)
class VaultEvent(Event):
    """A vault was CREATED, MODIFIED or DELETED."""

    is_locked: bool | None = None


@attrs.frozen(kw_only=True)
class PlanEvent(Event):
    """A plan was CREATED, MODIFIED or DELETED."""

    version_id: str | None = None


@attrs.frozen(kw_only=True)
class RegionSettingsEvent(Event):
    """The types that a Region is opted in to were MODIFIED."""

    opted_in: Mapping[str, bool] = attrs.field(factory=dict, hash=False)


@attrs.frozen(kw_only=True)
class ObjectEvent(Event):
    """One object of a bucket or cluster was not backed up or restored: FAILED or SKIPPED. ``id`` is that of the job."""

    object_name: str | None = None


@attrs.frozen(kw_only=True)
class UnknownEvent(Event):
    """Something that this version does not know; it is whole in ``raw``."""


CLASSES: dict[str, type[Event]] = {
    "backup": BackupJobEvent,
    "copy": CopyJobEvent,
    "restore": RestoreJobEvent,
    "scan": ScanJobEvent,
    "recovery_point": RecoveryPointEvent,
    "index": IndexEvent,
    "vault": VaultEvent,
    "plan": PlanEvent,
    "region_settings": RegionSettingsEvent,
    "object": ObjectEvent,
    "unknown": UnknownEvent,
}
"""The record of each kind of event."""
