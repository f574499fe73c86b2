"""Restore jobs as handles: look again, wait for the end, get what was made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

import msgspec

from backupkit import observe
from backupkit.catalog import type_named
from backupkit.catalog.neighbour import NotRestored
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem
from backupkit.recover.after_restore import add_instances, attach_volume, created_type, terraform_import
from backupkit.recover.job import JobHandle
from backupkit.recover.waiting import percent_of

__all__ = ["RestoreJob"]


class RestoreJob(  # pyright: ignore[reportIncompatibleVariableOverride] - the record's fields are the handle's properties
    JobHandle, observe.RestoreJob, frozen=True, kw_only=True, gc=False
):
    """A restore job. AWS has no way to stop one, and promises no time by which it ends."""

    _aws: object = msgspec.field(default=None, name="-aws")

    @property
    def kind(self) -> str:
        """The kind of job: ``restore``."""
        return "restore"

    @property
    def id(self) -> str:
        """The job's id."""
        return self.restore_job_id or ""

    @property
    def state(self) -> str | None:
        """The job's state, which the API calls its status."""
        return self.status

    @property
    def resource_arn(self) -> str | None:
        """The resource that was backed up; ``created_resource_arn`` is what the job makes."""
        return self.source_resource_arn

    @property
    def label(self) -> str:
        """What the job does, for people."""
        return f"restore of {self.recovery_point_arn} (job {self.restore_job_id})"

    @property
    def issues(self) -> str | None:
        """What went wrong in a job that AWS calls COMPLETED, or None.

        A completed restore may have restored nothing: "There are no objects that match the restore request for ...".
        Of objects that were skipped because their keys were there already, AWS says nothing here.
        """
        return (self.status_message or None) if self.status == "COMPLETED" else None

    @property
    def percent(self) -> float:
        """AWS's estimate, 0 to 100; it says 0 of some completed jobs."""
        return percent_of(self.percent_done)

    @property
    def not_restored(self) -> tuple[NotRestored, ...]:
        """What does not come back for resources of this type, each with the call that sets it again."""
        # A point may have become something of another type.
        kind = created_type(self.resource_type, self.created_resource_arn) or type_named(self.resource_type)
        return kind.not_restored if kind is not None else ()

    @property
    def terraform_import(self) -> str | None:
        """The command that takes what came back into a Terraform state; None where Terraform has no such resource."""
        return terraform_import(self.resource_type, self.created_resource_arn)

    def add_instances(self, *, instance_class: str, instances: int = 1) -> tuple[str, ...]:
        """Give a restored database cluster instances, and wait until they are usable; AWS Backup restores none.

        Repeating it adds none that is there already.

        Args:
            instance_class: For example ``db.r6g.large``.
            instances: How many.

        Returns:
            The instances' ARNs.

        Raises:
            InvalidValueError: What was restored is not a cluster, or the job has not made it yet.
            NeighbourError: The database's service refused, or the connection has no session.
        """
        return add_instances(
            self._caller.neighbours,
            self.clock.sleep,
            self._made("add_instances"),
            self.resource_type or "",
            instance_class=instance_class,
            instances=instances,
        )

    def attach_to(self, instance_id: str, *, device: str) -> None:
        """Attach a restored volume to an instance.

        Args:
            instance_id: For example ``i-0123456789abcdef0``.
            device: For example ``/dev/sdf``.

        Raises:
            InvalidValueError: What was restored is not a volume, or the job has not made it yet.
            NeighbourError: EC2 refused, or the connection has no session.
        """
        attach_volume(self._caller.neighbours, self.clock.sleep, self._made("attach_to"), instance_id, device)

    def _made(self, verb: str) -> str:
        if self.created_resource_arn is None:
            what = f"job {self.id} has made nothing yet ({self.status})"
            raise InvalidValueError(Problem(verb, what, f"wait for its end: job.wait().{verb}(...)"))
        return self.created_resource_arn

    def refresh(self) -> Self:
        """Return the job as it is now."""
        return self._caller.fetch("DescribeRestoreJob", type(self), {"RestoreJobId": self.restore_job_id})

    def children(self) -> Iterator[Self]:
        """Return the jobs below this one, where it is a parent."""
        if self.is_parent:
            yield from self._caller.listed("ListRestoreJobs", type(self), {"ByParentJobId": self.restore_job_id})
