"""The sample world: a shop with a DynamoDB table, an S3 bucket, a file system, a database and a volume.

The table and the bucket are real, in moto's memory: items and objects go in, are captured by backups, lost, and come
back. The other three are synthetic: an ARN, a size and a rate of change.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import random
from collections.abc import Hashable, Iterator, Mapping, Sequence
from itertools import count
from typing import TypeAlias

import attrs

from backupkit.emulator.resources.session import SessionWorld, private_moto_session
from backupkit.emulator.resources.types.kind import Client
from backupkit.emulator.resources.worlds import Worlds
from backupkit.errors import ConfigurationError
from backupkit.tour.policy import ACCOUNT, REGION

__all__ = ["BUCKET", "BUCKET_ARN", "TABLE", "TABLE_ARN", "Contents", "Shop", "open_shop"]

TABLE, BUCKET = "shop-orders", "shop-invoices"
TABLE_ARN = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{TABLE}"
BUCKET_ARN = f"arn:aws:s3:::{BUCKET}"
FILES_ARN = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/fs-0a1b2c3d4e5f60718"
DATABASE_ARN = f"arn:aws:rds:{REGION}:{ACCOUNT}:db:shop"
VOLUME_ARN = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-0f1e2d3c4b5a69788"

Contents: TypeAlias = "dict[Hashable, object]"
"""What a resource holds, by key, in a form that can be compared."""

_TAGS = {"Backup": "daily", "Team": "shop"}
_TAG_LIST = [{"Key": key, "Value": value} for key, value in _TAGS.items()]
_FIRST_ORDERS = 42
_GIGABYTE = 1_000_000_000
_CUSTOMERS = ("Ada", "Björn", "Chiara", "Dmitri", "Eun-ji", "Fatima")
_GOODS = ("lamp", "chair", "kettle", "rug", "clock")
_PDF = "application/pdf"
_GIFTS = 0.3
"""How many orders are gifts, of 1."""


@attrs.frozen
class Shop:
    """The shop's table and bucket, and the world that they and the synthetic resources are in.

    Args:
        world: What is given to ``bk.local``.
        tables: A DynamoDB client.
        buckets: An S3 client.
        dice: Decides what is ordered.
    """

    world: Worlds
    tables: Client = attrs.field(repr=False)
    buckets: Client = attrs.field(repr=False)
    dice: random.Random = attrs.field(repr=False)
    _numbers: Iterator[int] = attrs.field(factory=lambda: count(1), init=False, repr=False)

    def stock(self) -> None:
        """Make the table and the bucket, and put in what they begin with."""
        self._make_table()
        for _ in range(_FIRST_ORDERS):
            self.take_order()
        self._make_bucket()
        self.tag()
        self.world.add(FILES_ARN, size_bytes=120 * _GIGABYTE, daily_change=0.01, tags=_TAGS)
        self.world.add(DATABASE_ARN, size_bytes=40 * _GIGABYTE, daily_change=0.02, tags=_TAGS)
        self.world.add(VOLUME_ARN, size_bytes=80 * _GIGABYTE, tags=_TAGS)

    def take_order(self) -> None:
        """Put one more order into the table."""
        self.tables.put_item(TableName=TABLE, Item=_order(next(self._numbers), self.dice))

    def tag(self) -> None:
        """Tag the table and the bucket as they were tagged at first."""
        self.tables.tag_resource(ResourceArn=TABLE_ARN, Tags=_TAG_LIST)
        self.buckets.put_bucket_tagging(Bucket=BUCKET, Tagging={"TagSet": _TAG_LIST})

    def orders(self) -> Contents:
        """Every item of the table by its key; empty where there is no table."""
        if TABLE not in self.tables.list_tables()["TableNames"]:
            return {}
        pages = self.tables.get_paginator("scan").paginate(TableName=TABLE, ConsistentRead=True)
        return {item["number"]["N"]: _comparable(item) for page in pages for item in page["Items"]}

    def objects(self) -> Contents:
        """Every version of every object by key and age, 0 the newest; empty where there is no bucket."""
        found: Contents = {}
        ages: dict[str, int] = {}
        for entry in self._versions():
            age = ages[entry["Key"]] = ages.get(entry["Key"], -1) + 1
            found[entry["Key"], age] = self._version(entry["Key"], entry["VersionId"])
        return found

    def lose(self) -> None:
        """Delete the table and the bucket, as a disaster does."""
        if TABLE in self.tables.list_tables()["TableNames"]:
            self.tables.delete_table(TableName=TABLE)
        if self._has_bucket():
            for entry in self._versions():
                self.buckets.delete_object(Bucket=BUCKET, Key=entry["Key"], VersionId=entry["VersionId"])
            self.buckets.delete_bucket(Bucket=BUCKET)

    def is_there(self) -> tuple[bool, bool]:
        """Whether the table is there, and whether the bucket is."""
        return TABLE in self.tables.list_tables()["TableNames"], self._has_bucket()

    def _make_table(self) -> None:
        made = self.tables.create_table(
            TableName=TABLE,
            AttributeDefinitions=[{"AttributeName": "number", "AttributeType": "N"}],
            KeySchema=[{"AttributeName": "number", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )["TableDescription"]["TableArn"]
        if made != TABLE_ARN:
            raise ConfigurationError(f"moto made {made} where {TABLE_ARN} was expected: unset MOTO_ACCOUNT_ID")

    def _make_bucket(self) -> None:
        self.buckets.create_bucket(Bucket=BUCKET)
        self.buckets.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        for number in (1, 2, 3, 4):
            self._put(f"2026/{number:04}.pdf", f"invoice {number}, to be paid in 30 days", _PDF)
        self._put("2026/0002.pdf", "invoice 2, corrected, to be paid in 14 days", _PDF)
        self._put("terms.txt", "Goods can be returned for 30 days.", "text/plain")

    def _put(self, key: str, text: str, kind: str) -> None:
        self.buckets.put_object(
            Bucket=BUCKET,
            Key=key,
            Body=text.encode(),
            ContentType=kind,
            Metadata={"written-by": "billing"},
            Tagging="Retention=10y",
        )

    def _has_bucket(self) -> bool:
        return any(bucket["Name"] == BUCKET for bucket in self.buckets.list_buckets()["Buckets"])

    def _versions(self) -> list[Mapping[str, str]]:
        if not self._has_bucket():
            return []
        pages = self.buckets.get_paginator("list_object_versions").paginate(Bucket=BUCKET)
        return [entry for page in pages for entry in page.get("Versions", [])]

    def _version(self, key: str, version: str) -> object:
        held = self.buckets.get_object(Bucket=BUCKET, Key=key, VersionId=version)
        tags = self.buckets.get_object_tagging(Bucket=BUCKET, Key=key, VersionId=version)["TagSet"]
        return held["Body"].read(), held["ContentType"], held["Metadata"], tags


@contextlib.contextmanager
def open_shop(seed: int) -> Iterator[Shop]:
    """A stocked shop; nothing of it is left when the block ends.

    Raises:
        ConfigurationError: moto is not installed.
    """
    session = private_moto_session(REGION)
    world = Worlds(SessionWorld(session, account_id=ACCOUNT, types=("DynamoDB", "S3")))
    dice = random.Random(seed)  # noqa: S311 - sample data, no secret
    shop = Shop(world, session.client("dynamodb"), session.client("s3"), dice)
    shop.lose()
    try:
        shop.stock()
        yield shop
    finally:
        shop.lose()


def _order(number: int, dice: random.Random) -> dict[str, object]:
    """An order in DynamoDB's own form; between them, orders hold every kind of value that a table can hold."""
    chosen = dice.sample(_GOODS, k=dice.randint(1, 3))
    order: dict[str, object] = {
        "number": {"N": str(number)},
        "customer": {"S": dice.choice(_CUSTOMERS)},
        "total": {"N": f"{dice.randint(500, 90_000) / 100:.2f}"},
        "goods": {"SS": chosen},
    }
    match number % 4:
        case 0:
            order["lines"] = {"L": [{"M": {"what": {"S": each}, "pieces": {"N": "1"}}} for each in chosen]}
        case 1:
            order["weights"] = {"NS": [str(dice.randint(1, 9)), "0.5"]}
        case 2:
            order["signature"] = {"B": hashlib.sha256(str(number).encode()).digest()}
            order["pictures"] = {"BS": [b"front", b"back"]}
        case _:
            order |= {"gift": {"BOOL": dice.random() < _GIFTS}, "coupon": {"NULL": True}}
    return order


def _comparable(item: Mapping[str, Mapping[str, object]]) -> str:
    """An item as text in which the order of sets, which DynamoDB does not keep, plays no part."""
    return json.dumps({name: _value(value) for name, value in item.items()}, sort_keys=True, default=repr)


def _value(value: Mapping[str, object]) -> Mapping[str, object]:
    [(kind, held)] = value.items()
    return {kind: sorted(held)} if kind in {"SS", "NS", "BS"} and isinstance(held, Sequence) else value
