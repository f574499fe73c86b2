"""The evidence of a recovery: what came back, how old its data is, how long it took, and what is still missing."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import attrs

from backupkit.catalog.neighbour import NotRestored
from backupkit.display import Block, Displayed, Facts, Notes, duration, moment
from backupkit.recover.recovery_point import RecoveryPoint
from backupkit.recover.restore_job import RestoreJob
from backupkit.serialization import Serializable, plain_members

__all__ = ["Recovery"]


@attrs.frozen(kw_only=True, repr=False)
class Recovery(Serializable, Displayed):
    """What a recovery did and found.

    Args:
        resource_arn: What was to come back.
        point: The recovery point that was restored.
        job: The restore job, as last seen.
        as_of: The moment that was asked for; None: the newest.
        data_moment: The moment that the restored data is of.
        started: When the recovery began.
        ended: When it ended.
        run: The name of the run; None: an earlier restore to the same target was taken up if there was one.
        taken_up: Whether the job had been started before.
        rto: What the whole was allowed to take.
        verified: Whether the caller's check passed; None where there was none.
        verification_message: What the check said.
        cleaned_up: Whether what came back was deleted again.
        notes: What else is worth knowing: what was done after the job, what was left as it is, and why.
        unreadable_vaults: Vaults whose points could not be listed; a newer point may lie in one of them.
    """

    resource_arn: str
    point: RecoveryPoint
    job: RestoreJob
    as_of: datetime | None = None
    data_moment: datetime | None = None
    started: datetime
    ended: datetime
    run: str | None = None
    taken_up: bool = False
    rto: timedelta | None = None
    verified: bool | None = None
    verification_message: str = ""
    cleaned_up: bool = False
    notes: tuple[str, ...] = ()
    unreadable_vaults: tuple[str, ...] = ()

    @property
    def created_resource_arn(self) -> str | None:
        """The ARN of what came back."""
        return self.job.created_resource_arn

    @property
    def data_age(self) -> timedelta | None:
        """How much older the data is than the moment that was asked for, or than the beginning: what was lost (RPO)."""
        if self.data_moment is None:
            return None
        # A moment that was still to come when the recovery began asks for the newest.
        return min(self.as_of or self.started, self.started) - self.data_moment

    @property
    def duration(self) -> timedelta:
        """How long it took, from the call to the end of the check."""
        return self.ended - self.started

    @property
    def met_rto(self) -> bool | None:
        """Whether it took no longer than it was allowed to; None where nothing was asked."""
        return None if self.rto is None else self.duration <= self.rto

    @property
    def not_restored(self) -> tuple[NotRestored, ...]:
        """What does not come back for resources of this type, each with the call that sets it again."""
        return self.job.not_restored

    @property
    def terraform_import(self) -> str | None:
        """The command that takes what came back into a Terraform state; None where it was cleaned up, or has none."""
        return None if self.cleaned_up else self.job.terraform_import

    def to_dict(self, *, json: bool = False) -> dict[str, object]:
        """Return the evidence as plain values; spans are seconds, and moments aware, or with ``json`` ISO 8601 text."""
        return plain_members(self._members(), json=json)

    def _members(self) -> dict[str, object]:
        return {
            "resource_arn": self.resource_arn,
            "created_resource_arn": self.created_resource_arn,
            "recovery_point_arn": self.point.recovery_point_arn,
            "backup_vault_name": self.point.backup_vault_name,
            "restore_job_id": self.job.restore_job_id,
            "status": self.job.status,
            "run": self.run,
            "taken_up": self.taken_up,
            "as_of": self.as_of,
            "data_moment": self.data_moment,
            "data_age_seconds": None if self.data_age is None else self.data_age.total_seconds(),
            "started": self.started,
            "ended": self.ended,
            "duration_seconds": self.duration.total_seconds(),
            "rto_seconds": None if self.rto is None else self.rto.total_seconds(),
            "met_rto": self.met_rto,
            "verified": self.verified,
            "verification_message": self.verification_message,
            "cleaned_up": self.cleaned_up,
            "not_restored": list(self.not_restored),
            "terraform_import": self.terraform_import,
            "notes": list(self.notes),
            "unreadable_vaults": list(self.unreadable_vaults),
        }

    def to_json(self) -> str:
        """Return the evidence as JSON text."""
        return json.dumps(self.to_dict(json=True), indent=2)

    def __repr__(self) -> str:
        return f"<Recovery of {self.resource_arn} as {self.created_resource_arn}, in {duration(self.duration)}>"

    def _blocks(self) -> tuple[Block, ...]:
        known = {None: "not checked", True: "passed", False: "failed"}
        facts = [
            ("resource", self.resource_arn),
            ("came back as", self.created_resource_arn or "nothing yet"),
            ("recovery point", self.point.recovery_point_arn or ""),
            ("vault", self.point.backup_vault_name or ""),
            ("restore job", f"{self.job.restore_job_id} ({self.job.status})"),
            ("data of", moment(self.data_moment) or "not known"),
            ("data age", duration(self.data_age)),
            ("took", duration(self.duration)),
            ("check", known[self.verified] + (f": {self.verification_message}" if self.verification_message else "")),
        ]
        if self.rto is not None:
            facts.append(("allowed", f"{duration(self.rto)} ({'met' if self.met_rto else 'missed'})"))
        if self.cleaned_up:
            facts.append(("cleaned up", "yes"))
        if self.terraform_import:
            facts.append(("Terraform", self.terraform_import))
        return (
            Facts("Recovery", facts),
            Notes("Not restored, set again by", [str(each) for each in self.not_restored]),
            Notes("Vaults that could not be read", self.unreadable_vaults),
            Notes("Notes", self.notes),
        )
