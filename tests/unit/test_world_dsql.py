from __future__ import annotations

import json
from typing import Any

import pytest
from world_stage import SessionStage

from backupkit.emulator.kernel.resource_protocol import WorldError
from backupkit.emulator.resources.session import private_moto_session

TYPE = "DSQL"
ONE = '[{"region": "us-east-1", "isDeletionProtectionEnabled": false}]'


@pytest.fixture(scope="module")
def session() -> Any:
    return private_moto_session("us-east-1")


@pytest.fixture
def stage(session: Any) -> SessionStage:
    return SessionStage(session, TYPE)


def make(session: Any) -> Any:
    return session.client("dsql").create_cluster(deletionProtectionEnabled=False, tags={"Backup": "daily"})


def described(session: Any, arn: str) -> Any:
    return session.client("dsql").get_cluster(identifier=arn.rpartition("/")[2])


def test_a_lost_cluster_comes_back_as_the_metadata_says(session: Any, stage: SessionStage) -> None:
    """It is protected from deletion unless the metadata says otherwise, and tagged only where that is asked for."""
    source = make(session)
    point = stage.point_of(source["arn"])
    session.client("dsql").delete_cluster(identifier=source["identifier"])
    later = stage.later(session, TYPE)
    plain = described(session, later.restored(point, {"usemultiregionorchestration": "false"}))
    assert (plain["deletionProtectionEnabled"], plain.get("tags") or {}) == (True, {})
    told = described(session, later.restored(point, {"regionalConfig": ONE}, CopySourceTagsToRestoredResource=True))
    assert (told["deletionProtectionEnabled"], told["tags"]) == (False, {"Backup": "daily"})
    assert told["encryptionDetails"]["encryptionType"] == "AWS_OWNED_KMS_KEY"


def test_the_metadata_of_a_point_is_refused_as_it_is(session: Any, stage: SessionStage) -> None:
    """AWS tells the cluster's id and does not take it back; other Regions are not to be had."""
    point = stage.point_of(make(session)["arn"])
    assert stage.metadata_of(point).keys() == {"cluster_id"}
    assert "regionalConfig is required" in stage.refusal(point, {})
    assert "does not take cluster_id" in stage.refusal(point, {"cluster_id": "x", "regionalConfig": ONE})
    elsewhere = json.dumps([{"region": "eu-west-1"}])
    assert "regionalConfig with us-east-1 alone" in stage.refusal(point, {"regionalConfig": elsewhere})
    assert "one Region" in stage.refusal(point, {"regionalConfig": ONE, "useMultiRegionOrchestration": "true"})


def test_clusters_are_listed_with_their_tags_and_never_discarded(session: Any, stage: SessionStage) -> None:
    """Restore testing does not have Aurora DSQL, so no cluster is one that it made."""
    arn = make(session)["arn"]
    seen = stage.seen(arn)
    assert seen is not None
    assert (seen.resource_type, dict(seen.tags)) == (TYPE, {"Backup": "daily"})
    assert stage.behind.find(arn[:-26] + "a" * 26, "123456789012", "us-east-1") is None
    with pytest.raises(WorldError, match="not made by a restore test"):
        stage.discard(arn)
