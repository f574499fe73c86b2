"""Timestream tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import attrs

from backupkit.catalog.metadata_key import Encoding, MetadataKey, Send
from backupkit.catalog.names import TIMESTREAM_NAME
from backupkit.catalog.neighbour import Listing, Look, Removal, Target
from backupkit.catalog.request import Request
from backupkit.catalog.resource_type import OWN_POINTS, ArnShape, ResourceType
from backupkit.catalog.restore_form import ANY, RestoreForm
from backupkit.catalog.structure import Structure

__all__ = ["TYPE", "MagneticStoreWriteProperties", "TimestreamTable"]

RESTORE = (
    RestoreForm(
        name="a new table",
        source="timestream-restore.md",
        keys=(
            MetadataKey("TableName", required=True, pattern=TIMESTREAM_NAME, returned=True, send=Send.REPLACE),
            MetadataKey("DatabaseName", required=True, pattern=TIMESTREAM_NAME, returned=True),
            MetadataKey(
                "MemoryStoreRetentionPeriodInHours",
                Encoding.INTEGER,
                required=True,
                minimum=1,
                maximum=8_766,
                returned=True,
            ),
            MetadataKey(
                "MagneticStoreRetentionPeriodInDays",
                Encoding.INTEGER,
                required=True,
                minimum=1,
                maximum=73_000,
                returned=True,
            ),
            MetadataKey(
                "EnableMagneticStoreWrites",
                Encoding.BOOLEAN,
                returned=True,
                yields_to=("MagneticStoreWriteProperties",),
                excluded_by={"MagneticStoreWriteProperties": ANY},
            ),
            MetadataKey("MagneticStoreWriteProperties", Encoding.OBJECT),
            # The page called it so before 2026; its own sample never did.
            MetadataKey("DestinationDatabase", source="the same page, until 2026"),
        ),
    ),
)
"""What StartRestoreJob takes."""

TYPE = ResourceType(
    name="Timestream",
    target=Target(
        "TableName",
        "arn:{partition}:timestream:{region}:{account}:database/{within}/table/{value}",
        within="DatabaseName",
    ),
    looks=(
        Look(
            shape=ArnShape("timestream", "database/"),
            service="timestream-write",
            method="describe_table",
            arguments={"DatabaseName": "{first}", "TableName": "{last}"},
            state="Table.TableStatus",
            gone=frozenset({"ResourceNotFoundException"}),
            gone_states=frozenset({"DELETING"}),
            usable=frozenset({"ACTIVE"}),
        ),
    ),
    removal=Removal(
        shape=ArnShape("timestream", "database/"),
        service="timestream-write",
        method="delete_table",
        arguments={"DatabaseName": "{first}", "TableName": "{last}"},
    ),
    terraform="aws_timestreamwrite_table",
    terraform_id="{last}:{first}",
    shapes=(ArnShape("timestream", "database/"),),
    listings=(
        Listing(
            service="timestream-write",
            method="list_tables",
            found="Tables[].{arn: Arn}",
        ),
    ),
    points=OWN_POINTS + "{uuid}_beta",
    cold=True,
    copies=True,
    opt_in_limits=frozenset({"accounts"}),
    air_gapped=True,
    fully_managed=True,
    copies_source_tags=False,
    config_type="AWS::Timestream::Table",
    restore_forms=RESTORE,
)


@attrs.frozen
class MagneticStoreWriteProperties(Structure):
    """Whether late data goes to the magnetic store, and where what is rejected goes.

    Args:
        enable_magnetic_store_writes: Whether it does.
        magnetic_store_rejected_data_location: For example
            ``{"S3Configuration": {"BucketName": "rejected", "EncryptionOption": "SSE_S3"}}``; the role needs rights
            there.
    """

    enable_magnetic_store_writes: bool
    magnetic_store_rejected_data_location: Mapping[str, object] | None = attrs.field(default=None, hash=False)


@attrs.frozen(repr=False)
class TimestreamTable(Request):
    """Restore a point to a new Timestream table.

    Every key of it is documented, not seen in use.

    Args:
        table_name: The new table, 2 to 256 letters, digits, _, - and .
        database_name: The database, which must be there. None: the point's.
        memory_store_retention_period_in_hours: 1 to 8,766. None: as the point says.
        magnetic_store_retention_period_in_days: 1 to 73,000; fewer than the source has lose data. None: as the point
            says.
        enable_magnetic_store_writes: Whether late data goes to the magnetic store.
        magnetic_store_write_properties: The same with a place for what is rejected; in its place.
        extra_metadata: Keys that backupkit has no field for; they win.

    Raises:
        InvalidValueError: A name or value that AWS would refuse.
    """

    KIND: ClassVar[ResourceType] = TYPE
    FORMS: ClassVar[tuple[RestoreForm, ...]] = RESTORE

    table_name: str
    database_name: str | None = attrs.field(default=None, kw_only=True)
    memory_store_retention_period_in_hours: int | None = attrs.field(default=None, kw_only=True)
    magnetic_store_retention_period_in_days: int | None = attrs.field(default=None, kw_only=True)
    enable_magnetic_store_writes: bool | None = attrs.field(default=None, kw_only=True)
    magnetic_store_write_properties: MagneticStoreWriteProperties | Mapping[str, object] | None = attrs.field(
        default=None, kw_only=True, hash=False
    )
