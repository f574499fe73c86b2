"""Timestream tables, as far as an emulator has them: their attributes, and no records.

Source: the developer guide's page on restoring Timestream.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from backupkit.arn import Arn
from backupkit.emulator.kernel.resource_protocol import Captured, Metadata, ResourceInfo, Restored, WorldError
from backupkit.emulator.resources.types.kind import (
    Client,
    SessionScope,
    Settings,
    Taken,
    Without,
    entries,
    picked,
    tagged,
    tags_of,
    untested,
)
from backupkit.emulator.resources.types.reading import Reading, document, flag, keys, number

__all__ = ["TimeSeries"]

_SERVICE = "timestream-write"
_HOURS, _DAYS = "MemoryStoreRetentionPeriodInHours", "MagneticStoreRetentionPeriodInDays"
_READING = Reading(
    keys("DatabaseName DestinationDatabase TableName")
    | keys(f"{_HOURS} {_DAYS}", number)
    | keys("EnableMagneticStoreWrites", flag)
    | keys("MagneticStoreWriteProperties", document)
)


@attrs.frozen
class TimeSeriesTable(Settings):
    """A Timestream table."""


class TimeSeries:
    """Timestream tables."""

    resource_type = "Timestream"
    content = TimeSeriesTable
    emulated_only = True

    def names(self, arn: Arn) -> bool:
        """Whether the ARN is a table's."""
        return arn.service == "timestream" and arn.kind == "database" and "/table/" in arn.name

    def resources(self, here: SessionScope) -> Iterator[ResourceInfo]:
        """Every table of every database; Timestream tells tags one table at a time."""
        client = here.client(_SERVICE)
        for entry in entries(client.list_tables, "Tables"):
            with Without("ResourceNotFoundException"):
                yield _seen(client, entry)

    def find(self, here: SessionScope, arn: Arn) -> ResourceInfo | None:
        """The table, or None where it is not there."""
        with Without("ResourceNotFoundException"):
            return _seen(here.client(_SERVICE), _described(here, arn))
        return None

    def capture(self, here: SessionScope, arn: Arn) -> Captured:
        """Its attributes."""
        entry = _described(here, arn)
        tags = _seen(here.client(_SERVICE), entry).tags
        return Captured(
            TimeSeriesTable(picked(entry, "Schema"), tags), 0, picked(entry, "DatabaseName TableName"), tags
        )

    def restore(
        self, here: SessionScope, content: TimeSeriesTable, metadata: Metadata, tags: Mapping[str, str]
    ) -> Restored:
        """Make the table again as ``TableName`` in a database that is there.

        Raises:
            WorldError: The metadata is wrong, the database is not there, or there is a table of that name.
        """
        name = metadata.need("TableName")
        # The guide names the key one way, and its example another.
        database = metadata.get("DestinationDatabase") or metadata.get("DatabaseName")
        if not database:
            database = metadata.need("DestinationDatabase")
        for key in (_HOURS, _DAYS):
            metadata.need(key)
        params = _READING.parameters(self.resource_type, metadata)
        client = here.client(_SERVICE)
        _check_free(client, database, name)
        with Taken("ConflictException", f"Table {name}", "TableName"):
            made = client.create_table(
                DatabaseName=database,
                TableName=name,
                RetentionProperties={key: params[key] for key in (_HOURS, _DAYS)},
                MagneticStoreWriteProperties=_writes(params),
                **tagged(tags),
                **content.parameters,
            )
        return Restored(made["Table"]["Arn"])

    def discard(self, here: SessionScope, arn: Arn) -> None:  # noqa: ARG002 - the shape of them all
        """Refuse: restore testing does not have Timestream."""
        raise untested(arn, self.resource_type)


def _described(here: SessionScope, arn: Arn) -> Mapping[str, Any]:
    database, _, table = arn.name.partition("/table/")
    answer: Mapping[str, Any] = here.client(_SERVICE).describe_table(DatabaseName=database, TableName=table)
    entry: Mapping[str, Any] = answer["Table"]
    return entry


def _check_free(client: Client, database: str, name: str) -> None:
    """Refuse a name that is taken, which moto would write over."""
    with Without("ResourceNotFoundException"):
        client.describe_table(DatabaseName=database, TableName=name)
        raise WorldError(f"Table {name} already exists; give another TableName")


def _seen(client: Client, entry: Mapping[str, Any]) -> ResourceInfo:
    tags = tags_of(client.list_tags_for_resource(ResourceARN=entry["Arn"]).get("Tags"))
    return ResourceInfo(entry["Arn"], "Timestream", tags, entry["TableName"])


def _writes(params: Mapping[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = params.get("MagneticStoreWriteProperties", {})
    return {"EnableMagneticStoreWrites": params.get("EnableMagneticStoreWrites", False), **given}
