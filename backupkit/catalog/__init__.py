"""What AWS Backup can do with each type of resource, and how each is restored: one file a type.

A new type is one new file and one line here.
"""

from __future__ import annotations

from backupkit.arn import Arn
from backupkit.catalog import dynamodb, ebs, rds, s3
from backupkit.catalog.dynamodb import DynamoDBTable
from backupkit.catalog.request import Raw, RestoreRequest
from backupkit.catalog.resource_type import ArnShape, ResourceType
from backupkit.catalog.s3 import S3Bucket
from backupkit.errors import InvalidValueError

__all__ = ["TYPES", "ArnShape", "DynamoDBTable", "Raw", "ResourceType", "RestoreRequest", "S3Bucket", "type_of"]

TYPES: dict[str, ResourceType] = {found.name: found for found in (dynamodb.TYPE, ebs.TYPE, rds.TYPE, s3.TYPE)}
"""The types by AWS Backup's own strings."""


def type_of(arn: str) -> ResourceType | None:
    """The type that a resource's ARN, or the beginning of a selection's pattern, names; None where it is not known."""
    try:
        parsed = Arn.parse(arn)
    except InvalidValueError:
        return None
    return next((found for found in TYPES.values() if found.names(parsed)), None)
