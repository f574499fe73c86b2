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
from backupkit.catalog.dynamodb import DynamoDBTable
from backupkit.catalog.request import Raw, RestoreRequest
from backupkit.catalog.resource_type import ArnShape, ResourceType
from backupkit.catalog.s3 import S3Bucket
from backupkit.errors import InvalidValueError

__all__ = [
    "TYPES",
    "ArnShape",
    "DynamoDBTable",
    "Raw",
    "ResourceType",
    "RestoreRequest",
    "S3Bucket",
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
