"""What comes after a restore: instances of a cluster, the attachment of a volume, the line for Terraform."""

from __future__ import annotations

import re
from collections.abc import Callable

from backupkit.arn import Arn
from backupkit.catalog import TYPES, ResourceType, types_of
from backupkit.catalog.neighbour import arguments
from backupkit.catalog.usual import source_name
from backupkit.errors import InvalidValueError, NeighbourError
from backupkit.neighbours import Neighbours, Presence
from backupkit.problems import Problem, quote

__all__ = ["add_instances", "attach_volume", "created_type", "instance_arns", "terraform_import"]

_PAUSE_SECONDS = 15.0
_ROUNDS = 240
"""How long an instance or a volume is waited for: an hour."""


def created_type(resource_type: str | None, created_arn: str | None) -> ResourceType | None:
    """Return the type of what a restore made: a machine may have become an instance, an instance a cluster."""
    kinds = types_of(created_arn or "")
    own = next((kind for kind in kinds if kind.name == resource_type), None)
    if own is not None or not kinds:
        return own
    # RDS clusters carry the ARNs of Aurora's.
    return TYPES["Aurora"] if TYPES["Aurora"] in kinds else kinds[0]


def terraform_import(resource_type: str | None, created_arn: str | None) -> str | None:
    """Return the command that takes a restored resource into a Terraform state, or None where its ARN tells none."""
    kind = created_type(resource_type, created_arn)
    if kind is None or created_arn is None:
        return None
    arn = Arn.parse(created_arn)
    resource = kind.terraform_volume if arn.kind == "volume" and kind.terraform_volume else kind.terraform
    if not resource:
        return None
    found = arguments({"id": kind.terraform_id}, arn)
    label = re.sub(r"[^A-Za-z0-9_-]", "_", source_name(arn.resource))
    # A name of Terraform's begins with a letter or an underscore.
    return f"terraform import {resource}.{label if not label[:1].isdigit() else f'_{label}'} {found['id']}"


def add_instances(
    neighbours: Neighbours,
    sleep: Callable[[float], None],
    cluster_arn: str,
    resource_type: str,
    *,
    instance_class: str,
    instances: int = 1,
    engine: str | None = None,
) -> tuple[str, ...]:
    """Give a restored cluster instances, and wait until they can be used.

    An instance of the name that is there already counts as added, so this may be repeated.

    Args:
        neighbours: The way to the database's own service.
        sleep: Waits so many seconds.
        cluster_arn: The cluster.
        resource_type: AWS Backup's type string of it.
        instance_class: For example ``db.r6g.large``.
        instances: How many.
        engine: The cluster's engine; None: what the service says.

    Returns:
        The instances' ARNs.

    Raises:
        InvalidValueError: What was restored is not a cluster, or no instance is asked for.
        NeighbourError: The service refused, or there is no session to ask it.
    """
    arn = Arn.parse(cluster_arn)
    if arn.kind != "cluster" or arn.service != "rds" or instances < 1:
        got = f"{quote(instances)} is not a number of" if arn.kind == "cluster" else f"{cluster_arn} takes no"
        raise InvalidValueError(
            Problem("add_instances", f"{got} instances", "give 1 or more, to a restored database cluster")
        )
    service = TYPES[resource_type].cluster_service if resource_type in TYPES else "rds"
    described = neighbours.ask(service, "describe_db_clusters", {"DBClusterIdentifier": arn.name})
    if described is None:
        raise NeighbourError("no instance was added: this connection was given no boto3 session for it")
    made = instance_arns(cluster_arn, instances)
    for each in made:
        params = {
            "DBInstanceIdentifier": Arn.parse(each).name,
            "DBClusterIdentifier": arn.name,
            "DBInstanceClass": instance_class,
            "Engine": engine or described["DBClusters"][0]["Engine"],
        }
        try:
            neighbours.ask(service, "create_db_instance", params)
        except NeighbourError as error:
            if error.code not in {"DBInstanceAlreadyExists", "DBInstanceAlreadyExistsFault"}:
                raise
    for each in made:
        _until_usable(neighbours, sleep, each)
    return made


def instance_arns(cluster_arn: str, instances: int) -> tuple[str, ...]:
    """Return the ARNs of the instances that `add_instances` makes: the cluster's name and a number."""
    return tuple(f"{cluster_arn.replace(':cluster:', ':db:')}-{number}" for number in range(1, instances + 1))


def attach_volume(
    neighbours: Neighbours, sleep: Callable[[float], None], volume_arn: str, instance_id: str, device: str
) -> None:
    """Attach a restored volume to an instance; one that is attached to it already stays.

    Raises:
        InvalidValueError: What was restored is not a volume.
        NeighbourError: The service refused, or there is no session to ask it.
    """
    arn = Arn.parse(volume_arn)
    if (arn.service, arn.kind) != ("ec2", "volume"):
        raise InvalidValueError(Problem("attach_to", f"{volume_arn} is not a volume", "attach restored volumes of EBS"))
    _until_usable(neighbours, sleep, volume_arn)
    volume_id = arn.name
    params = {"VolumeId": volume_id, "InstanceId": instance_id, "Device": device}
    try:
        answer = neighbours.ask("ec2", "attach_volume", params)
    except NeighbourError as error:
        if error.code != "VolumeInUse" or instance_id not in _attached_to(neighbours, volume_id):
            raise
    else:
        if answer is None:
            raise NeighbourError("the volume was not attached: this connection was given no boto3 session for it")


def _attached_to(neighbours: Neighbours, volume_id: str) -> list[str]:
    described = neighbours.ask("ec2", "describe_volumes", {"VolumeIds": [volume_id]}) or {"Volumes": []}
    return [each["InstanceId"] for volume in described["Volumes"] for each in volume.get("Attachments", ())]


def _until_usable(neighbours: Neighbours, sleep: Callable[[float], None], arn: str) -> None:
    for _ in range(_ROUNDS):
        seen = neighbours.look(arn)
        if seen.presence is Presence.THERE and seen.usable is not False:
            return
        if seen.presence is Presence.UNKNOWN:
            raise NeighbourError(f"{arn} cannot be looked at: {seen.reason}")
        sleep(_PAUSE_SECONDS)
    raise NeighbourError(f"{arn} cannot be used after {_ROUNDS * _PAUSE_SECONDS / 60:g} minutes")
