"""DynamoDB tables: captured whole, and made again under another name.

What AWS does not restore (streams, time to live, tags, alarms, auto scaling) is not restored.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any, TypeAlias

import attrs

from backupkit.arn import Arn
from backupkit.emulator.kernel.resource_protocol import (
    Captured,
    Metadata,
    ResourceInfo,
    Restored,
    WorldError,
    check_tested,
)
from backupkit.emulator.resources.denials import PassedOver
from backupkit.emulator.resources.types.kind import Client, SessionScope, TagsInBulk, Taken, Without, tagged, tags_of

__all__ = ["TableContent", "Tables"]

Item: TypeAlias = Mapping[str, Any]
"""An item in DynamoDB's own form, such as ``{"id": {"N": "1"}}``, which loses nothing."""

_BATCH = 25
_WRITERS = 8
_TRIES = 10
_KEPT = ("AttributeDefinitions", "KeySchema")
_INDEX_KEPT = ("IndexName", "KeySchema", "Projection")


@attrs.frozen
class TableContent:
    """A table as it was: what CreateTable needs, and every item."""

    name: str
    definition: Mapping[str, Any]
    items: Sequence[Item]

    def size_bytes(self) -> int:
        """The bytes of all attribute names and values."""
        return sum(_size({"M": item}) for item in self.items)


class Tables:
    """DynamoDB tables."""

    resource_type = "DynamoDB"
    content = TableContent
    emulated_only = False

    def __init__(self) -> None:
        self._bulk = TagsInBulk("dynamodb:table")

    def names(self, arn: Arn) -> bool:
        """Whether the ARN is a table's."""
        return arn.service == "dynamodb" and arn.kind == "table" and "/" not in arn.name

    def resources(self, here: SessionScope) -> Iterator[ResourceInfo]:
        """Every table, with the tags of all in few calls where the session may make them."""
        client, tags = here.client("dynamodb"), self._bulk.of_all(here)
        for page in client.get_paginator("list_tables").paginate():
            for name in page["TableNames"]:
                arn = here.arn("dynamodb", f"table/{name}")
                # A table that goes between the two calls is not there, and one that may not be read hides no other.
                with PassedOver(arn), Without("ResourceNotFoundException"):
                    own = tags.get(arn, {}) if tags is not None else _tags(client, arn)
                    yield ResourceInfo(arn, self.resource_type, own, name)

    def find(self, here: SessionScope, arn: Arn) -> ResourceInfo | None:
        """The table, or None where it is not there."""
        client = here.client("dynamodb")
        with Without("ResourceNotFoundException"):
            client.describe_table(TableName=arn.name)
            return ResourceInfo(str(arn), self.resource_type, _tags(client, str(arn)), arn.name)
        return None

    def capture(self, here: SessionScope, arn: Arn) -> Captured:
        """Its definition, and every item."""
        client = here.client("dynamodb")
        table = client.describe_table(TableName=arn.name)["Table"]
        pages = client.get_paginator("scan").paginate(TableName=arn.name, ConsistentRead=True)
        content = TableContent(arn.name, _definition(table), [item for page in pages for item in page["Items"]])
        return Captured(content, content.size_bytes(), {"originalTableName": arn.name}, _tags(client, str(arn)))

    def restore(
        self, here: SessionScope, content: TableContent, metadata: Metadata, tags: Mapping[str, str]
    ) -> Restored:
        """Make the table again as ``targetTableName``. A failed restore leaves no half table behind.

        Raises:
            WorldError: There is no name, or a table of that name.
        """
        client, name = here.client("dynamodb"), metadata.need("targetTableName")
        more = {**_encryption(metadata), **tagged(tags)}
        with Taken("ResourceInUseException", f"Table {name}", "targetTableName"):
            made = client.create_table(TableName=name, **content.definition, **more)["TableDescription"]
        try:
            client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 300})
            _write(client, name, content.items)
        except BaseException:
            client.delete_table(TableName=name)
            raise
        return Restored(made["TableArn"])

    def discard(self, here: SessionScope, arn: Arn) -> None:
        """Delete a table that a restore test made; one that is gone already stays gone."""
        check_tested(arn.name)
        with Without("ResourceNotFoundException"):
            here.client("dynamodb").delete_table(TableName=arn.name)


def _tags(client: Client, arn: str) -> dict[str, str]:
    pages = client.get_paginator("list_tags_of_resource").paginate(ResourceArn=arn)
    return {key: value for page in pages for key, value in tags_of(page.get("Tags")).items()}


def _encryption(metadata: Metadata) -> dict[str, Any]:
    """How the new table is encrypted: by AWS's own key where the metadata is silent, whatever the source has.

    Raises:
        WorldError: The metadata contradicts itself.
    """
    key = metadata.get("kmsMasterKeyArn")
    match (metadata.get("encryptionType") or "Default").casefold():
        case "default" if key:
            raise WorldError("Invalid restore metadata. kmsMasterKeyArn is for encryptionType KMS")
        case "default":
            return {}
        case "kms":
            named = {"KMSMasterKeyId": key} if key else {}
            return {"SSESpecification": {"Enabled": True, "SSEType": "KMS", **named}}
        case other:
            raise WorldError(f"Invalid restore metadata. encryptionType {other!r} is neither Default nor KMS")


def _definition(table: Mapping[str, Any]) -> dict[str, Any]:
    """What CreateTable takes, out of what DescribeTable tells."""
    made = {name: table[name] for name in _KEPT}
    on_demand = table.get("BillingModeSummary", {}).get("BillingMode") == "PAY_PER_REQUEST"
    made["BillingMode"] = "PAY_PER_REQUEST" if on_demand else "PROVISIONED"
    if not on_demand:
        made["ProvisionedThroughput"] = _throughput(table)
    if "TableClassSummary" in table:
        made["TableClass"] = table["TableClassSummary"]["TableClass"]
    for kind in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
        if table.get(kind):
            throughput = kind.startswith("Global") and not on_demand
            made[kind] = [_index(index, throughput=throughput) for index in table[kind]]
    return made


def _index(index: Mapping[str, Any], *, throughput: bool) -> dict[str, Any]:
    made = {name: index[name] for name in _INDEX_KEPT}
    return made | ({"ProvisionedThroughput": _throughput(index)} if throughput else {})


def _throughput(described: Mapping[str, Any]) -> dict[str, int]:
    capacity = described["ProvisionedThroughput"]
    return {name: max(1, capacity[name]) for name in ("ReadCapacityUnits", "WriteCapacityUnits")}


def _write(client: Client, name: str, items: Sequence[Item]) -> None:
    if len(items) <= _BATCH:
        _put(client, name, items)
        return
    with ThreadPoolExecutor(_WRITERS) as pool:
        # Asking for every result raises what went wrong in any of them.
        for _ in pool.map(lambda batch: _put(client, name, batch), _batches(items)):
            pass


def _batches(items: Sequence[Item]) -> Iterator[list[Item]]:
    rest = iter(items)
    while batch := list(islice(rest, _BATCH)):
        yield batch


def _put(client: Client, name: str, items: Sequence[Item]) -> None:
    """Write up to 25 items; what DynamoDB leaves unprocessed is sent again, with growing pauses."""
    waiting: dict[str, Any] = {name: [{"PutRequest": {"Item": item}} for item in items]} if items else {}
    for attempt in range(_TRIES):
        if not waiting:
            return
        if attempt:
            time.sleep(min(5.0, 0.05 * 2**attempt))
        waiting = client.batch_write_item(RequestItems=waiting).get("UnprocessedItems") or {}
    if waiting:
        raise WorldError(f"Table {name} does not take its items: DynamoDB left some unprocessed {_TRIES} times")


def _size(value: Mapping[str, Any]) -> int:
    """The bytes of one attribute value, about as DynamoDB counts them."""
    ((kind, held),) = value.items()
    match kind:
        case "S" | "N":
            return len(str(held).encode())
        case "B":
            return len(bytes(held))
        case "SS" | "NS" | "BS":
            return sum(_size({kind[0]: part}) for part in held)
        case "L":
            return sum(_size(part) for part in held)
        case "M":
            return sum(len(name.encode()) + _size(part) for name, part in held.items())
        case _:
            return 1
