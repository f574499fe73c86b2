"""What AWS Backup can do with each type of resource, and how each is restored: one file a type.

A new type is one new file and one line here.
"""

from __future__ import annotations

from backupkit.arn import Arn
from backupkit.catalog import (
    aurora,
    aurora_dsql,
    cloudformation,
    documentdb,
    dynamodb,
    ebs,
    ec2,
    efs,
    eks,
    fsx,
    neptune,
    rds,
    redshift,
    redshift_serverless,
    s3,
    sap_hana,
    storage_gateway,
    timestream,
    virtual_machine,
)
from backupkit.catalog.metadata_check import check_metadata
from backupkit.catalog.metadata_key import Encoding, MetadataKey, Send, Trait
from backupkit.catalog.point_facts import PointFacts
from backupkit.catalog.request import Raw, Request, RestoreRequest
from backupkit.catalog.resource_type import ArnShape, ResourceType
from backupkit.catalog.restore_form import RestoreForm
from backupkit.errors import InvalidValueError

__all__ = [
    "TYPES",
    "ArnShape",
    "Encoding",
    "MetadataKey",
    "PointFacts",
    "Raw",
    "Request",
    "ResourceType",
    "RestoreForm",
    "RestoreRequest",
    "Send",
    "Trait",
    "check_metadata",
    "is_point_arn",
    "type_named",
    "type_of",
    "types_of",
]

TYPES: dict[str, ResourceType] = {
    room.TYPE.name: room.TYPE
    for room in (
        aurora,
        aurora_dsql,
        cloudformation,
        documentdb,
        dynamodb,
        ebs,
        ec2,
        efs,
        eks,
        fsx,
        neptune,
        rds,
        redshift,
        redshift_serverless,
        s3,
        sap_hana,
        storage_gateway,
        timestream,
        virtual_machine,
    )
}
"""The types by AWS Backup's own strings."""


def type_named(name: str | None) -> ResourceType | None:
    """The type of AWS Backup's string; with or without spaces, as the documents themselves spell some."""
    plain = (name or "").replace(" ", "")
    return TYPES.get(name or "") or next((each for each in TYPES.values() if each.name.replace(" ", "") == plain), None)


def types_of(arn: str) -> tuple[ResourceType, ...]:
    """The types that a resource's ARN, or the beginning of a selection's pattern, may name."""
    try:
        parsed = Arn.parse(arn)
    except InvalidValueError:
        return ()
    return tuple(found for found in TYPES.values() if found.names(parsed))


def type_of(arn: str) -> ResourceType | None:
    """The one type that an ARN names; None where it is not known, or may be of several."""
    found = types_of(arn)
    return found[0] if len(found) == 1 else None


def is_point_arn(arn: str) -> bool:
    """Whether an ARN is one that a service gives to backups, and to no resource that is backed up."""
    try:
        parsed = Arn.parse(arn)
    except InvalidValueError:
        return False
    if parsed.service == "dynamodb":
        return "/backup/" in parsed.resource
    return (parsed.service, parsed.kind) in _BACKUPS and not types_of(arn)


_BACKUPS = frozenset(
    (arn_of_point.service, arn_of_point.kind)
    for kind in TYPES.values()
    for shape in (kind.points, kind.cluster_points)
    if shape is not None
    for arn_of_point in [Arn.parse(shape)]
)
"""The services and kinds of the ARNs of points."""
