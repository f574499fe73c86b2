"""DynamoDB tables behind a boto3 client: captured whole, and made again under another name.

What AWS does not restore (streams, time to live, tags, alarms, auto scaling) is not restored.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any, TypeAlias

import attrs

from backupkit.local.world.seam import WorldError, check_tested

__all__ = ["Client", "TableContent", "capture_table", "discard_table", "restore_table", "table_names"]

Client: TypeAlias = Any  # boto3 makes its clients at run time; no type of theirs is needed beyond this room.
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


def table_names(client: Client) -> Iterator[str]:
    """The names of all tables."""
    for page in client.get_paginator("list_tables").paginate():
        yield from page["TableNames"]


def capture_table(client: Client, name: str) -> TableContent:
    """Everything of a table that a restore needs.

    Raises:
        WorldError: The table is not there.
    """
    try:
        table = client.describe_table(TableName=name)["Table"]
    except client.exceptions.ResourceNotFoundException as error:
        raise WorldError(f"Table {name} does not exist") from error
    pages = client.get_paginator("scan").paginate(TableName=name, ConsistentRead=True)
    return TableContent(name, _definition(table), [item for page in pages for item in page["Items"]])


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
    told = described["ProvisionedThroughput"]
    return {name: max(1, told[name]) for name in ("ReadCapacityUnits", "WriteCapacityUnits")}


def restore_table(client: Client, content: TableContent, name: str, tags: Mapping[str, str]) -> str:
    """Make the table again as ``name``; the ARN of what was made. A failed restore leaves no half table behind.

    Raises:
        WorldError: A table of that name is there, or AWS refuses the name or the definition.
    """
    given = {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]} if tags else {}
    try:
        made = client.create_table(TableName=name, **content.definition, **given)["TableDescription"]
    except client.exceptions.ResourceInUseException as error:
        raise WorldError(f"Table already exists: {name}") from error
    except client.exceptions.ClientError as error:
        raise WorldError(f"Table {name} cannot be created: {error}") from error
    try:
        client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 300})
        _write(client, name, content.items)
    except BaseException:
        client.delete_table(TableName=name)
        raise
    arn: str = made["TableArn"]
    return arn


def discard_table(client: Client, name: str) -> None:
    """Delete a table that a restore test made; one that is gone already stays gone.

    Raises:
        WorldError: No restore test made it, or DynamoDB refuses.
    """
    check_tested(name)
    try:
        client.delete_table(TableName=name)
    except client.exceptions.ResourceNotFoundException:
        return
    except client.exceptions.ClientError as error:
        raise WorldError(f"Table {name} cannot be deleted: {error}") from error


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
