"""The kinds of jobs as data: how the API describes and lists each, and which filters tell its jobs from others."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

__all__ = ["JOB_KINDS", "JobKind"]


@attrs.frozen(kw_only=True)
class JobKind:
    """One kind of job."""

    name: str
    """As in ``job.kind``, for example ``backup``."""
    wrapped: bool = False
    """Whether the description holds the job in a member; otherwise it is the whole answer."""
    state_filter: str = "ByState"
    created_field: str = "creation_date"
    created_filters: tuple[str, str] | None = ("ByCreatedAfter", "ByCreatedBefore")
    """The filters by creation, from and to; None where its list has none."""
    shared: Mapping[str, str] = attrs.field(factory=dict)
    """Filters of its list that narrow a list to jobs that have a field in common."""
    own_words: Mapping[str, str] = attrs.field(factory=dict)
    """The filters that its list has for some words where others have theirs."""

    @property
    def _called(self) -> str:
        return f"{self.name.capitalize()}Job"

    @property
    def start(self) -> str:
        """The operation that starts one."""
        return f"Start{self._called}"

    @property
    def describe(self) -> str:
        """The operation that describes one."""
        return f"Describe{self._called}"

    @property
    def list(self) -> str:
        """The operation that lists them."""
        return f"List{self._called}s"

    @property
    def id_member(self) -> str:
        """The member of requests that names one."""
        return f"{self._called}Id"

    @property
    def member(self) -> str | None:
        """The member of the description that holds the job; None where it is the whole answer."""
        return self._called if self.wrapped else None


_OF_BACKUPS = {
    "resource_arn": "ByResourceArn",
    "backup_vault_name": "ByBackupVaultName",
    "resource_type": "ByResourceType",
    "parent_job_id": "ByParentJobId",
}
_OF_COPIES = {
    "resource_arn": "ByResourceArn",
    "source_recovery_point_arn": "BySourceRecoveryPointArn",
    "destination_backup_vault_arn": "ByDestinationVaultArn",
    "resource_type": "ByResourceType",
    "parent_job_id": "ByParentJobId",
}
_OF_SCANS = {
    "resource_arn": "ByResourceArn",
    "recovery_point_arn": "ByRecoveryPointArn",
    "backup_vault_name": "ByBackupVaultName",
    "resource_type": "ByResourceType",
}

JOB_KINDS: dict[str, JobKind] = {
    kind.name: kind
    for kind in (
        JobKind(name="backup", shared=_OF_BACKUPS),
        JobKind(name="copy", wrapped=True, shared=_OF_COPIES),
        JobKind(
            name="restore",
            state_filter="ByStatus",
            own_words={"resource": "ResourceArn"},
            shared={"resource_type": "ByResourceType", "parent_job_id": "ByParentJobId"},
        ),
        JobKind(
            name="report",
            wrapped=True,
            state_filter="ByStatus",
            created_field="creation_time",
            created_filters=("ByCreationAfter", "ByCreationBefore"),
            own_words={"created_after": "ByCreationAfter", "created_before": "ByCreationBefore"},
        ),
        JobKind(name="scan", created_filters=None, shared=_OF_SCANS),
    )
}
"""All kinds, by name."""
