"""Whether a restore job's metadata can restore its point: what AWS says only minutes later, in the job.

The tables of the catalog decide, the same that refuse a typed request before it is sent.
"""

from __future__ import annotations

from datetime import timedelta

import attrs

from backupkit.catalog import PointFacts, ResourceType, type_named
from backupkit.catalog.metadata_check import check_metadata
from backupkit.catalog.metadata_key import NEW_TOKEN, Encoding, Trait
from backupkit.catalog.restore_form import chosen, folded
from backupkit.emulator.kernel.operations import raise_api_error
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Point, RestoreJob
from backupkit.emulator.resources.resource import SyntheticContent
from backupkit.emulator.rules import lifecycle
from backupkit.problems import errors_in

__all__ = ["refuse_at_once", "verdict"]

_LONGEST_DAYS = 35


def refuse_at_once(simulation: Simulation, job: RestoreJob, point: Point) -> None:
    """Refuse the call, where the type's service looks at the metadata before there is a job.

    Raises:
        ApiError: The metadata restores nothing.
    """
    kind = type_named(job.target_type)
    if kind is not None and kind.refuses_at_once and (message := verdict(simulation, job, point)) is not None:
        raise_api_error("InvalidParameterValueException", message)


def verdict(simulation: Simulation, job: RestoreJob, point: Point) -> str | None:
    """Return why the metadata of a job restores nothing, or None where it may."""
    kind = type_named(job.target_type)
    if kind is None:
        return None
    unknown_fail = simulation.choices.unknown_restore_keys_fail
    if unknown_fail is not None:
        kind = attrs.evolve(kind, tolerates_unknown_keys=not unknown_fail)
    facts = _facts(simulation, job, point)
    found = errors_in(check_metadata(kind, facts, _whole(kind, facts, job)))
    if not isinstance(point.content, SyntheticContent):
        # What is behind a session is checked by whoever makes it there, who does not know what the point is like.
        ours = _of_point(kind, facts, job)
        found = tuple(each for each in found if each.address.casefold() in ours)
    if not found:
        return None
    return f"Invalid restore metadata. {'; '.join(f'{each.address}: {each.message}' for each in found)}"


def _of_point(kind: ResourceType, facts: PointFacts, job: RestoreJob) -> set[str]:
    """The keys that the point decides about: its moment, and the days for which it leaves the archive."""
    form = chosen(kind.restore_forms, facts, job.metadata) if kind.restore_forms else None
    return {
        key.name.casefold()
        for key in (form.keys if form is not None else ())
        if Trait.ARCHIVED in key.required_for or (key.encoding is Encoding.MOMENT and kind.name != "S3")
    }


def _facts(simulation: Simulation, job: RestoreJob, point: Point) -> PointFacts:
    now, kind = simulation.clock.now(), type_named(point.resource_type)
    kept = lifecycle.retention_days(point.lifecycle)
    reach = timedelta(days=_LONGEST_DAYS if kept is None else kept)
    return PointFacts(
        resource_type=point.resource_type,
        point_arn=point.arn,
        resource_arn=point.resource_arn,
        vault_arn=job.vault_arn,
        continuous=point.continuous,
        archived=point.storage_class == "COLD" and kind is not None and kind.archive,
        created=point.created,
        earliest=max(point.created, now - reach) if point.continuous else None,
        latest=now if point.continuous else None,
        held=point.restore_metadata,
    )


def _whole(kind: ResourceType, facts: PointFacts, job: RestoreJob) -> dict[str, str]:
    """The metadata with what AWS Backup itself fills in, where it is AWS Backup that starts the job.

    The inferred metadata of a restore test has no CreationToken for a file system, and public restores of clusters give
    the nested file system two keys only.
    """
    if job.restore_test is None and (job.family is None or job.family.parent is None):
        return job.metadata
    given = folded(job.metadata)
    form = chosen(kind.restore_forms, facts, job.metadata) if kind.restore_forms else None
    filled = {
        key.name: job.id if key.default == NEW_TOKEN else key.default
        for key in (form.keys if form is not None else ())
        if key.default is not None and not key.default_with and key.name.casefold() not in given
    }
    return {**filled, **job.metadata}
