"""Backup access points: made, described, listed, deleted.

Sources: the botocore model, and the developer guide's page on backup access points.
"""

from __future__ import annotations

from datetime import timedelta

import attrs

from backupkit.emulator.api.access_point_requests import checked, malformed, usable_point
from backupkit.emulator.kernel.job_records import present
from backupkit.emulator.kernel.operations import answers, refuse
from backupkit.emulator.kernel.simulation import Cloud
from backupkit.emulator.model import AccessPoint, Document, Place
from backupkit.emulator.rules import access_points

__all__ = ["shown"]

_SOURCE = "botocore model; developer guide, access points"
_MALFORMED = "The access point policy is malformed"


@answers(
    "CreateBackupAccessPoint",
    source=_SOURCE,
    lacks="the S3 access point itself: nothing can be read through it, nobody deletes it in S3 (which makes this one "
    "EXPIRED), and other S3 access points take no names",
)
def create(cloud: Cloud, place: Place, params: Document) -> Document:
    """Begin to make an access point; it is AVAILABLE some time later."""
    vault, point = usable_point(cloud, place, params["RecoveryPointArn"])
    metadata = checked(cloud, place, point, params)
    name = params["Name"]
    made = AccessPoint(
        name=name,
        arn=place.arn(f"accesspoint/{name}"),
        point_arn=point.arn,
        vault_name=vault.name,
        vault_arn=vault.arn,
        resource_arn=point.resource_arn,
        resource_type=point.resource_type,
        created=cloud.clock.now(),
        metadata=metadata,
        policy=params.get("AccessPointPolicy"),
        tags=dict(params.get("Tags", {})),
    )
    place.access_points[name] = made
    if cloud.choices.access_point_protects_at_once:
        access_points.guard(point, made)
    ready = timedelta(seconds=cloud.choices.access_point_creation_seconds)
    cloud.agenda.note(made.created + ready, _Ready(place, made))
    return {"AccessPointArn": made.arn, "Status": made.status}


@attrs.frozen(eq=False)
class _Ready:
    place: Place
    access_point: AccessPoint

    def happen(self, cloud: Cloud) -> None:
        made = self.access_point
        if made.status != "CREATING":
            return
        point = access_points.point_of(cloud, made)
        if point is None or point.status == "DELETING":
            _fail(cloud, made, f"Recovery point {made.point_arn} cannot be found")
        elif malformed(made.policy):
            _fail(cloud, made, _MALFORMED)
        else:
            made.status = "AVAILABLE"
            made.metadata |= _in_s3(cloud, self.place, made.name)
            access_points.guard(point, made)


def _fail(cloud: Cloud, made: AccessPoint, message: str) -> None:
    made.status, made.status_message = "FAILED", message
    access_points.let_go(cloud, made)


def _in_s3(cloud: Cloud, place: Place, name: str) -> dict[str, str]:
    """What S3 calls it; an alias has at most 63 characters, and begins with what fits of the name."""
    alias = f"{name[:20].rstrip('-')}-{cloud.random.getrandbits(112):028x}-ext-s3alias"
    arn = f"arn:{place.partition}:s3:{place.region_name}:{place.account_id}:accesspoint/{name}"
    return {"S3AccessPointAlias": alias, "S3AccessPointArn": arn}


@answers("DescribeBackupAccessPoint", source=_SOURCE)
def describe(cloud: Cloud, place: Place, params: Document) -> Document:  # noqa: ARG001 - the shape of a handler
    """Everything about an access point but its policy, which is S3's to tell."""
    return shown(_called(place, params["AccessPointArn"]))


def _called(place: Place, arn: str) -> AccessPoint:
    found = place.access_points.get(arn.rpartition("/")[2])
    if found is None or found.arn != arn:
        refuse("ResourceNotFoundException", f"Backup access point {arn} cannot be found")
    return found


def shown(found: AccessPoint) -> Document:
    """An access point as it is described and listed."""
    return present(
        AccessPointArn=found.arn,
        AccessPointMetadata=found.metadata,
        BackupVaultArn=found.vault_arn,
        BackupVaultName=found.vault_name,
        CreationTime=found.created,
        Name=found.name,
        RecoveryPointArn=found.point_arn,
        ResourceArn=found.resource_arn,
        ResourceType=found.resource_type,
        Status=found.status,
        StatusMessage=found.status_message,
    )


@answers("DeleteBackupAccessPoint", source=_SOURCE)
def delete(cloud: Cloud, place: Place, params: Document) -> Document:
    """Begin to delete an access point; what it keeps resumes to age when it is gone."""
    found = _called(place, params["AccessPointArn"])
    if found.status in {"CREATING", "DISASSOCIATING"}:
        refuse("InvalidRequestException", f"Backup access point {found.arn} is {found.status}; wait until it is not")
    if found.status != "DELETING":
        found.status = "DELETING"
        gone = timedelta(seconds=cloud.choices.access_point_deletion_seconds)
        cloud.agenda.note(cloud.clock.now() + gone, _Gone(place, found))
    return {}


@attrs.frozen(eq=False)
class _Gone:
    place: Place
    access_point: AccessPoint

    def happen(self, cloud: Cloud) -> None:
        del self.place.access_points[self.access_point.name]
        rest = timedelta(seconds=cloud.choices.access_point_name_rests_seconds)
        resting, now = self.place.resting_names, cloud.clock.now()
        for name in [name for name, until in resting.items() if until <= now]:
            del resting[name]
        resting[self.access_point.name] = now + rest
        access_points.let_go(cloud, self.access_point)
