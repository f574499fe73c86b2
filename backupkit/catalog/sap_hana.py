"""SAP HANA databases on EC2."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import attrs

from backupkit.arn import arn_text
from backupkit.catalog.metadata_key import MetadataKey, Send, keys
from backupkit.catalog.neighbour import Listing, Look, NotRestored
from backupkit.catalog.request import Request, overwritten, sends
from backupkit.catalog.resource_type import OWN_POINTS, ArnShape, ResourceType
from backupkit.catalog.restore_form import RestoreForm
from backupkit.checks import Pattern
from backupkit.problems import Problem

__all__ = ["TYPE", "HANADatabase"]

_DATABASE = Pattern(
    "HANA database", r"arn:aws[a-z-]*:ssm-sap:.+:HANA/.+/DB/.+", "arn:aws:ssm-sap:region:account:HANA/app/DB/db"
)
_LOCAL = {"CatalogRestoreOption": "CATALOG_FROM_LOCAL_PATH"}
_FULL, _MOMENT, _LATEST = "FULL_DATA_BACKUP_RECOVERY", "POINT_IN_TIME_RECOVERY", "MOST_RECENT_TIME_RECOVERY"
_ABOUT = MetadataKey("", returned=True, send=Send.STRIP)
RESTORE = (
    RestoreForm(
        name="a database that exists",
        source="saphana-restore.md",
        keys=(
            MetadataKey("aws:backup:TargetDatabaseArn", required=True, pattern=_DATABASE),
            MetadataKey("RecoveryType", required=True, values=(_FULL, _MOMENT, _LATEST)),
            MetadataKey(
                "CatalogRestoreOption",
                required=True,
                values=("NO_CATALOG", "LATEST_CATALOG_FROM_AWS_BACKUP", "CATALOG_FROM_LOCAL_PATH"),
                default="NO_CATALOG",
            ),
            MetadataKey("LocalCatalogPath", goes_with=_LOCAL, required_with=_LOCAL),
            *keys(
                "BackupSize DatabaseName DatabaseType HanaBackupStartTime HanaBackupEndTime HanaBackupId "
                "HanaBackupPrefix HanaVersion IsCompressedBySap IsEncryptedBySap SourceDatabaseArn SystemDatabaseSid "
                "AvailableRestoreBases EarliestRestorablePitrTimestamp LatestRestorablePitrTimestamp",
                template=_ABOUT,
            ),
        ),
        overwrites=True,
    ),
)
"""What StartRestoreJob takes."""

TYPE = ResourceType(
    name="SAP HANA on Amazon EC2",
    looks=(
        Look(
            shape=ArnShape("ssm-sap", "HANA/"),
            service="ssm-sap",
            method="get_database",
            arguments={"DatabaseArn": "{arn}"},
            state="Database.Status",
            usable=frozenset({"RUNNING", "STOPPED"}),
        ),
    ),
    not_restored=(
        NotRestored("tenants, which are started by hand"),
        NotRestored("system replication, which is set up again"),
        NotRestored("the maintenance mode of a cluster, which is left by hand"),
        NotRestored("the registration with Systems Manager for SAP", "ssm-sap StartApplicationRefresh"),
    ),
    shapes=(ArnShape("ssm-sap", "HANA/"),),
    listings=(
        Listing(
            service="ssm-sap",
            method="list_databases",
            found="Databases[?DatabaseType=='SYSTEM' || DatabaseType=='TENANT'].{arn: Arn}",
        ),
    ),
    continuous_points=OWN_POINTS + "continuous:{uuid}",
    cold=True,
    copies=True,
    fully_managed=True,
    stoppable=False,
    copies_source_tags=False,
    restore_policy="AWSBackupRestoreAccessForSAPHANA",
    config_type="AWS::SystemsManagerSAP::Application",
    restore_forms=RESTORE,
)


@attrs.frozen(repr=False)
class HANADatabase(Request):
    """Restore a point into a SAP HANA database on EC2, which it OVERWRITES.

    Every key of it is documented, not seen in use. Stop the database first, and put a cluster into maintenance mode.
    The key that takes a moment is published nowhere: give it in ``extra_metadata``, with ``recovery_type``.

    Args:
        target_database_arn: The ssm-sap ARN of the database; another than the source permits it first
            (``ssm-sap put-resource-permission``).
        recovery_type: FULL_DATA_BACKUP_RECOVERY (snapshots), POINT_IN_TIME_RECOVERY or MOST_RECENT_TIME_RECOVERY
            (continuous points).
        catalog_restore_option: NO_CATALOG, LATEST_CATALOG_FROM_AWS_BACKUP or CATALOG_FROM_LOCAL_PATH. None: NO_CATALOG.
        local_catalog_path: On the instance; only and always with CATALOG_FROM_LOCAL_PATH.
        overwrite: True, or the request is refused: what the database holds is lost.
        extra_metadata: Keys that backupkit has no field for; they win.

    Raises:
        InvalidValueError: A value that AWS would refuse, or no ``overwrite=True``.
    """

    KIND: ClassVar[ResourceType] = TYPE
    FORMS: ClassVar[tuple[RestoreForm, ...]] = RESTORE

    target_database_arn: str = attrs.field(metadata=sends("aws:backup:TargetDatabaseArn"), converter=arn_text)
    recovery_type: str = attrs.field(kw_only=True)
    catalog_restore_option: str | None = attrs.field(default=None, kw_only=True)
    local_catalog_path: str | None = attrs.field(default=None, kw_only=True)
    overwrite: bool = attrs.field(default=False, kw_only=True, metadata=sends(None))

    def _problems(self) -> Iterator[Problem]:
        yield from super()._problems()
        yield from overwritten(self.overwrite, "the database")
        if self.recovery_type == "POINT_IN_TIME_RECOVERY" and not self.extra_metadata:
            what = "it needs a moment, and no page says which key takes it"
            yield Problem("recovery_type", what, "take the key from the console, and give it in extra_metadata=")
