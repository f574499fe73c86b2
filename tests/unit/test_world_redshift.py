from __future__ import annotations

from typing import Any

import pytest
from world_stage import SessionStage, fresh

from backupkit.emulator.kernel.resource_protocol import WorldError
from backupkit.emulator.resources.session import private_moto_session

# moto makes, captures and restores what is protected.
pytestmark = pytest.mark.slow

INHERITED = ("ClusterVersion", "DBName", "Encrypted", "MasterUsername", "NodeType", "NumberOfNodes")


@pytest.fixture(scope="module")
def session() -> Any:
    return private_moto_session("us-east-1")


@pytest.fixture
def stage(session: Any) -> SessionStage:
    return SessionStage(session, "Redshift")


def make(session: Any, **more: Any) -> str:
    name = fresh("sales")
    asked = {
        "ClusterIdentifier": name,
        "ClusterType": "multi-node",
        "NodeType": "ra3.large",
        "NumberOfNodes": 3,
        "DBName": "sales",
        "Port": 5555,
        "Encrypted": True,
        "PubliclyAccessible": True,
        "MasterUsername": "boss",
        "MasterUserPassword": "Not-told-again-1",
        "Tags": [{"Key": "Backup", "Value": "daily"}],
    }
    session.client("redshift").create_cluster(**asked | more)
    return name


def arn_of(name: str) -> str:
    return f"arn:aws:redshift:us-east-1:123456789012:cluster:{name}"


def whole(name: str, **more: str) -> dict[str, str]:
    return {"RestoreType": "CLUSTER_RESTORE", "ClusterIdentifier": name} | more


def described(session: Any, name: str) -> Any:
    return session.client("redshift").describe_clusters(ClusterIdentifier=name)["Clusters"][0]


@pytest.mark.parametrize("nodes", [1, 3])
def test_a_lost_cluster_comes_back_with_its_attributes(session: Any, stage: SessionStage, nodes: int) -> None:
    """Nodes, database, port, encryption and, always, the tags are those of the source; public access is not."""
    size = {"NumberOfNodes": nodes} if nodes > 1 else {"ClusterType": "single-node", "NumberOfNodes": 1}
    name = make(session, **size)
    source, point = described(session, name), stage.point_of(arn_of(name))
    session.client("redshift").delete_cluster(ClusterIdentifier=name, SkipFinalClusterSnapshot=True)
    made = stage.later(session, "Redshift").restored(point, whole(name))
    told = described(session, name)
    assert made == arn_of(name)
    assert {key: told.get(key) for key in INHERITED} == {key: source.get(key) for key in INHERITED}
    assert (told["Endpoint"]["Port"], told["Tags"]) == (5555, source["Tags"])
    assert not told["PubliclyAccessible"]


def test_the_metadata_can_be_sent_back_and_changed(session: Any, stage: SessionStage) -> None:
    """What GetRecoveryPointRestoreMetadata tells is taken as it is, and so are changes."""
    name = make(session)
    point = stage.point_of(arn_of(name))
    stage.restored(point, stage.metadata_of(point) | whole(f"{name}-r", NumberOfNodes="4", PubliclyAccessible="false"))
    told = described(session, f"{name}-r")
    assert (told["NumberOfNodes"], told["PubliclyAccessible"]) == (4, False)


def test_wrong_metadata_is_refused(session: Any, stage: SessionStage) -> None:
    """What is missing, taken, unknown or not possible is named, with a way out."""
    name = make(session)
    point = stage.point_of(arn_of(name))
    assert "RestoreType is required" in stage.refusal(point, {"ClusterIdentifier": "x"})
    assert "ClusterIdentifier is required" in stage.refusal(point, {"RestoreType": "CLUSTER_RESTORE"})
    assert "already exists; give another ClusterIdentifier" in stage.refusal(point, whole(name))
    assert "give CLUSTER_RESTORE" in stage.refusal(point, whole(name) | {"RestoreType": "TABLE_RESTORE"})
    assert "does not take SnapshotIdentifier" in stage.refusal(point, whole(fresh("x"), SnapshotIdentifier="s"))


def test_clusters_are_listed_with_their_tags_and_never_discarded(session: Any, stage: SessionStage) -> None:
    """Restore testing does not have Redshift, so no cluster is one that it made."""
    name = make(session)
    seen = stage.seen(arn_of(name))
    assert seen is not None
    assert (seen.resource_type, seen.name, dict(seen.tags)) == ("Redshift", name, {"Backup": "daily"})
    assert stage.behind.find(arn_of("nowhere"), "123456789012", "us-east-1") is None
    with pytest.raises(WorldError, match="not made by a restore test"):
        stage.discard(arn_of(name))
