from __future__ import annotations

from typing import Any

import pytest
from world_stage import SessionStage, fresh, in_two_pages

from backupkit.emulator.kernel.resource_protocol import WorldError
from backupkit.emulator.resources.session import private_moto_session

RETENTION = {"MemoryStoreRetentionPeriodInHours": "7", "MagneticStoreRetentionPeriodInDays": "9"}


@pytest.fixture(scope="module")
def session() -> Any:
    return private_moto_session("us-east-1")


@pytest.fixture
def stage(session: Any) -> SessionStage:
    return SessionStage(session, "Timestream")


@pytest.fixture
def database(session: Any) -> str:
    name = fresh("metrics")
    session.client("timestream-write").create_database(DatabaseName=name)
    return name


def make(session: Any, database: str) -> Any:
    return session.client("timestream-write").create_table(
        DatabaseName=database,
        TableName=fresh("cpu"),
        Schema={"CompositePartitionKey": [{"Type": "DIMENSION", "Name": "host", "EnforcementInRecord": "REQUIRED"}]},
        Tags=[{"Key": "Backup", "Value": "daily"}],
    )["Table"]


def test_a_lost_table_comes_back_with_its_schema(session: Any, stage: SessionStage, database: str) -> None:
    """Retention and writes to the magnetic store are as the metadata says; tags and records do not come."""
    source = make(session, database)
    client, name = session.client("timestream-write"), source["TableName"]
    point = stage.point_of(source["Arn"])
    client.delete_table(DatabaseName=database, TableName=name)
    # moto keeps the tags of a table that is deleted, so the new one has another name.
    asked = {"TableName": f"{name}-r", "DestinationDatabase": database, "EnableMagneticStoreWrites": "true"}
    made = stage.later(session, "Timestream").restored(point, asked | RETENTION)
    assert made == f"{source['Arn']}-r"
    told = client.describe_table(DatabaseName=database, TableName=f"{name}-r")["Table"]
    assert told["Schema"] == source["Schema"]
    assert told["RetentionProperties"] == {key: int(value) for key, value in RETENTION.items()}
    assert told["MagneticStoreWriteProperties"] == {"EnableMagneticStoreWrites": True}
    assert client.list_tags_for_resource(ResourceARN=made)["Tags"] == []


def test_wrong_metadata_is_refused(session: Any, stage: SessionStage, database: str) -> None:
    """The name, the database and both retentions are required; a name that is taken is not written over."""
    source = make(session, database)
    point = stage.point_of(source["Arn"])
    whole = {"TableName": fresh("cpu"), "DestinationDatabase": database, **RETENTION}
    for key in whole:
        rest = {name: value for name, value in whole.items() if name != key}
        assert f"{key} is required" in stage.refusal(point, rest)
    assert "does not exist" in stage.refusal(point, whole | {"DestinationDatabase": "nowhere"})
    taken = whole | {"TableName": source["TableName"]}
    assert "already exists; give another TableName" in stage.refusal(point, taken)


def test_every_page_of_the_tables_is_listed(session: Any, database: str) -> None:
    """The tables of the second page are found like those of the first, each once."""
    made = {make(session, database)["Arn"] for _ in range(4)}
    with in_two_pages(session, "timestream-write.ListTables", "Tables"):
        found = [seen.arn for seen in SessionStage(session, "Timestream").all()]
    assert made <= set(found)
    assert len(set(found)) == len(found)


def test_tables_are_listed_with_their_tags_and_never_discarded(
    session: Any, stage: SessionStage, database: str
) -> None:
    """Restore testing does not have Timestream, so no table is one that it made."""
    arn = make(session, database)["Arn"]
    seen = stage.seen(arn)
    assert seen is not None
    assert (seen.resource_type, dict(seen.tags)) == ("Timestream", {"Backup": "daily"})
    assert stage.behind.find(f"{arn}-not", "123456789012", "us-east-1") is None
    with pytest.raises(WorldError, match="not made by a restore test"):
        stage.discard(arn)
