"""DynamoDB tables. Source: the developer guide's page on restoring DynamoDB tables, and public requests."""

from __future__ import annotations

from typing import ClassVar

import attrs

from backupkit.arn import arn_or_none
from backupkit.catalog.metadata_key import MetadataKey, Send, Trait
from backupkit.catalog.names import KMS_KEY, TABLE_NAME
from backupkit.catalog.neighbour import Listing, Look, NotRestored, Removal, Target
from backupkit.catalog.request import Request, sends
from backupkit.catalog.resource_type import ArnShape, ResourceType
from backupkit.catalog.restore_form import RestoreForm
from backupkit.catalog.restore_testing import RestoreTesting, lowered

__all__ = ["BASIC_POINT", "TYPE", "DynamoDBTable"]

RESTORE = (
    RestoreForm(
        name="a new table",
        source="restoring-dynamodb.md",
        keys=(
            MetadataKey("targetTableName", required=True, pattern=TABLE_NAME, seen=True),
            MetadataKey("encryptionType", values=("Default", "KMS"), required_for=(Trait.OTHER_REGION,), seen=True),
            MetadataKey("kmsMasterKeyArn", pattern=KMS_KEY, goes_with={"encryptionType": "KMS"}, seen=True),
            MetadataKey("originalTableName", returned=True, send=Send.STRIP, seen=True),
            MetadataKey("deletionProtection", values=("true", "false"), source="inferred by restore testing"),
        ),
    ),
)
"""What StartRestoreJob takes."""

TYPE = ResourceType(
    name="DynamoDB",
    size_counts="point",
    target=Target("targetTableName", "arn:{partition}:dynamodb:{region}:{account}:table/{value}"),
    looks=(
        Look(
            shape=ArnShape("dynamodb", "table/"),
            service="dynamodb",
            method="describe_table",
            arguments={"TableName": "{first}"},
            state="Table.TableStatus",
            gone=frozenset({"ResourceNotFoundException"}),
            gone_states=frozenset({"DELETING"}),
            usable=frozenset({"ACTIVE", "UPDATING"}),
            created="Table.CreationDateTime",
        ),
    ),
    removal=Removal(
        shape=ArnShape("dynamodb", "table/"),
        service="dynamodb",
        method="delete_table",
        arguments={"TableName": "{first}"},
    ),
    not_restored=(
        NotRestored("streams", "dynamodb UpdateTable(StreamSpecification)"),
        NotRestored("time to live", "dynamodb UpdateTimeToLive"),
        NotRestored("auto scaling", "application-autoscaling RegisterScalableTarget, PutScalingPolicy"),
        NotRestored("tags", "dynamodb TagResource"),
        NotRestored("point-in-time recovery", "dynamodb UpdateContinuousBackups"),
        NotRestored("deletion protection", "dynamodb UpdateTable(DeletionProtectionEnabled)"),
        NotRestored("resource policies", "dynamodb PutResourcePolicy"),
        NotRestored("CloudWatch alarms", "cloudwatch PutMetricAlarm"),
    ),
    terraform="aws_dynamodb_table",
    terraform_id="{first}",
    shapes=(ArnShape("dynamodb", "table/"),),
    listings=(
        Listing(
            service="dynamodb",
            method="list_tables",
            found="TableNames[].{id: @}",
            arn="arn:{partition}:dynamodb:{region}:{account}:table/{id}",
        ),
    ),
    # The advanced features (an account opt-in) bring cold storage and copies; without them AWS ignores the request.
    cold=True,
    copies=True,
    # Without the advanced features, DynamoDB itself keeps the backups.
    uncopied=":dynamodb:",
    air_gapped=True,
    restore_testing=RestoreTesting(
        inferred={"deletionProtection": "false", "encryptionType": "Default", "targetTableName": "{name}"},
        overridable=lowered("encryptionType kmsMasterKeyArn"),
    ),
    fully_managed=True,
    copies_source_tags=False,
    config_type="AWS::DynamoDB::Table",
    audited=True,
    management_setting=True,
    incremental_setting=True,
    restore_forms=RESTORE,
)
BASIC_POINT = "arn:{partition}:dynamodb:{region}:{account}:table/{name}/backup/0{millis}-{hex8}"
"""The shape of a point's ARN where the advanced features are off."""


@attrs.frozen(repr=False)
class DynamoDBTable(Request):
    """Restore a point to a new DynamoDB table. Auto scaling, streams, TTL, tags and alarms do not come back.

    Args:
        target_table_name: The new table, 3 to 255 letters, digits, _, - and .; it must not exist.
        encryption: ``Default`` (a key that AWS owns) or ``KMS``. None: as the point's own kind decides. A point that
            was copied from another Region needs it said.
        key: A KMS key; only with ``KMS``. None there: AWS's key for DynamoDB.
        extra_metadata: Keys that backupkit has no field for; they win.

    Raises:
        InvalidValueError: A name or combination that AWS would refuse.
    """

    KIND: ClassVar[ResourceType] = TYPE
    FORMS: ClassVar[tuple[RestoreForm, ...]] = RESTORE

    target_table_name: str
    encryption: str | None = attrs.field(default=None, kw_only=True, metadata=sends("encryptionType"))
    key: str | None = attrs.field(default=None, kw_only=True, metadata=sends("kmsMasterKeyArn"), converter=arn_or_none)
