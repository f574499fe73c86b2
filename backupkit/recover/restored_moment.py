"""Which moment a restore job went back to, as it was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from backupkit import observe
from backupkit.catalog import type_named
from backupkit.catalog.metadata_key import moment_in
from backupkit.recover.caller import Caller
from backupkit.recover.restore_job import RestoreJob

__all__ = ["restored_moment", "sent_metadata"]


def sent_metadata(caller: Caller, job: RestoreJob) -> dict[str, str]:
    """Return what a restore job was started with, by keys in lower case. It may hold secrets."""
    params = {"RestoreJobId": job.restore_job_id}
    sent = caller.fetch("GetRestoreJobMetadata", observe.RestoreJobMetadata, params).metadata or {}
    return {key.casefold(): value for key, value in sent.items()}


def restored_moment(metadata: Mapping[str, str], resource_type: str | None) -> datetime | None:
    """Return the moment that a restore of a continuous point names in its metadata; None where it names none."""
    kind = type_named(resource_type)
    keys = [form.moment for form in kind.restore_forms if form.moment is not None] if kind is not None else []
    found = (moment_in(metadata[key.name.casefold()]) for key in keys if key.name.casefold() in metadata)
    return next((moment for moment in found if moment is not None), None)
