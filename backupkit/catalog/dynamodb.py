"""DynamoDB tables. Source: the developer guide's page on restoring DynamoDB tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import attrs

from backupkit.arn import Arn
from backupkit.catalog.neighbour import Look, NotRestored, Removal
from backupkit.catalog.request import Checked, mapping, merged
from backupkit.catalog.resource_type import ArnShape, ResourceType
from backupkit.declare.fields import shown
from backupkit.errors import InvalidValueError
from backupkit.observe import RecoveryPoint
from backupkit.problems import Problem

__all__ = ["BASIC_POINT", "TYPE", "DynamoDBTable"]

TYPE = ResourceType(
    name="DynamoDB",
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
    # The advanced features (an account opt-in) bring cold storage and copies; without them AWS ignores the request.
    cold=True,
    copies=True,
    air_gapped=True,
    restore_testing=True,
    fully_managed=True,
    copies_source_tags=False,
)
BASIC_POINT = "arn:{partition}:dynamodb:{region}:{account}:table/{name}/backup/0{millis}-{hex8}"
"""The shape of a point's ARN where the advanced features are off."""
_TABLE_NAME = re.compile(r"[a-zA-Z0-9_.-]{3,255}")


@attrs.frozen
class DynamoDBTable(Checked):
    """Restore a point to a new DynamoDB table. Auto scaling, streams, TTL, tags and alarms do not come back.

    Args:
        table_name: The new table, 3 to 255 letters, digits, _, - and .; it must not exist.
        encryption: ``Default`` (a key that AWS owns) or ``KMS``. None: as the point's own kind decides. A point that
            was copied from another Region needs it said.
        key: The ARN of a KMS key; only with ``KMS``. None there: AWS's key for DynamoDB.
        extra_metadata: Keys that backupkit has no field for; they win.

    Raises:
        InvalidValueError: A name or combination that AWS would refuse.
    """

    table_name: str
    encryption: str | None = attrs.field(default=None, kw_only=True)
    key: str | None = attrs.field(default=None, kw_only=True)
    extra_metadata: Mapping[str, str] = attrs.field(factory=dict, converter=mapping, kw_only=True, hash=False)

    @property
    def resource_type(self) -> str:
        """``DynamoDB``."""
        return TYPE.name

    def metadata(self, point: RecoveryPoint, held: Mapping[str, str]) -> dict[str, str]:
        """The Metadata of StartRestoreJob: what the point holds, with the new name and encryption."""
        if self.encryption is None and _came_from_another_region(point):
            raise InvalidValueError(
                Problem(
                    "restore/encryption",
                    "the point was copied from another Region, so its encryption must be chosen",
                    'give encryption="Default", or encryption="KMS" with key=',
                )
            )
        put = {
            "targetTableName": self.table_name,
            "encryptionType": self.encryption,
            "kmsMasterKeyArn": self.key,
            **self.extra_metadata,
        }
        return merged(held, (), put)

    def _problems(self) -> Iterator[Problem]:
        if not isinstance(self.table_name, str) or not _TABLE_NAME.fullmatch(self.table_name):
            yield Problem(
                "table_name",
                f"{shown(self.table_name)} is not a table name",
                "use 3 to 255 letters, digits, _, - and .",
            )
        if self.encryption not in (None, "Default", "KMS"):
            yield Problem("encryption", f"{shown(self.encryption)} is no kind of encryption", "use Default or KMS")
        if self.key is not None and self.encryption != "KMS":
            yield Problem("key", "a key is given without KMS encryption", 'give encryption="KMS" as well')


def _came_from_another_region(point: RecoveryPoint) -> bool:
    if point.recovery_point_arn is None or point.resource_arn is None:
        return False
    made, source = Arn.parse(point.recovery_point_arn), Arn.parse(point.resource_arn)
    return made.service == "backup" and bool(source.region) and made.region != source.region
