from __future__ import annotations

import json
from typing import Any

import pytest
from world_stage import SessionStage, fresh

from backupkit.emulator.kernel.resource_protocol import WorldError
from backupkit.emulator.resources.session import private_moto_session

# moto makes, captures and restores what is protected.
pytestmark = pytest.mark.slow

ROLE = "arn:aws:iam::123456789012:role/eks"
OTHER = "arn:aws:iam::123456789012:role/other"
NETWORK = {"subnetIds": ["subnet-1"], "securityGroupIds": ["sg-1"]}
GROUP = {
    "instanceTypes": ["t3.large"],
    "scalingConfig": {"minSize": 1, "maxSize": 3, "desiredSize": 2},
    "diskSize": 30,
    "labels": {"pool": "web"},
}


@pytest.fixture(scope="module")
def session() -> Any:
    return private_moto_session("us-east-1")


@pytest.fixture
def stage(session: Any) -> SessionStage:
    return SessionStage(session, "EKS")


def make(session: Any) -> str:
    client, name = session.client("eks"), fresh("web")
    client.create_cluster(name=name, version="1.30", roleArn=ROLE, resourcesVpcConfig=NETWORK, tags={"Backup": "daily"})
    for group in ("blue", "green"):
        client.create_nodegroup(clusterName=name, nodegroupName=group, subnets=["subnet-1"], nodeRole=ROLE, **GROUP)
    client.create_fargate_profile(
        clusterName=name,
        fargateProfileName="jobs",
        podExecutionRoleArn=ROLE,
        subnets=["subnet-1"],
        selectors=[{"namespace": "jobs"}],
    )
    return name


def arn_of(name: str) -> str:
    return f"arn:aws:eks:us-east-1:123456789012:cluster/{name}"


def new(name: str, **more: Any) -> dict[str, str]:
    asked = {
        "clusterName": name,
        "newCluster": "true",
        "clusterRole": OTHER,
        "clusterVpcConfig": {"vpcId": "vpc-1", **NETWORK},
    }
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in (asked | more).items()}


def test_a_lost_cluster_comes_back_with_the_parts_that_the_metadata_names(session: Any, stage: SessionStage) -> None:
    """Version, node groups and profiles are those of the source but for what is changed; roles and network are told."""
    client, name = session.client("eks"), make(session)
    point = stage.point_of(arn_of(name))
    groups = [{"nodeGroupId": "green", "subnetIds": ["subnet-2"], "nodeRole": OTHER, "instanceTypes": ["m5.large"]}]
    groups[0] |= {"remoteAccessEc2SshKey": "ops", "securityGroupIds": ["sg-2"]}
    key = "arn:aws:kms:us-east-1:123456789012:key/1111aaaa"
    profiles = [{"name": "jobs", "podExecutionRoleArn": OTHER}]
    client.delete_fargate_profile(clusterName=name, fargateProfileName="jobs")
    for group in ("blue", "green"):
        client.delete_nodegroup(clusterName=name, nodegroupName=group)
    client.delete_cluster(name=name)
    later = stage.later(session, "EKS")
    asked = new(name, nodeGroups=groups, fargateProfiles=profiles, encryptionConfigProviderKeyArn=key)
    assert later.restored(point, {**asked, "controlPlaneScalingTier": "standard"}) == arn_of(name)
    told = client.describe_cluster(name=name)["cluster"]
    assert told["encryptionConfig"] == [{"resources": ["secrets"], "provider": {"keyArn": key}}]
    assert (told["version"], told["roleArn"], told["resourcesVpcConfig"]) == ("1.30", OTHER, NETWORK)
    assert told.get("tags", {}) == {}
    assert client.list_nodegroups(clusterName=name)["nodegroups"] == ["green"]
    group = client.describe_nodegroup(clusterName=name, nodegroupName="green")["nodegroup"]
    assert {key: group[key] for key in GROUP} == {**GROUP, "instanceTypes": ["m5.large"]}
    assert (group["subnets"], group["nodeRole"]) == (["subnet-2"], OTHER)
    assert group["remoteAccess"] == {"ec2SshKey": "ops", "sourceSecurityGroups": ["sg-2"]}
    profile = client.describe_fargate_profile(clusterName=name, fargateProfileName="jobs")["fargateProfile"]
    assert (profile["podExecutionRoleArn"], profile["selectors"]) == (OTHER, [{"namespace": "jobs"}])


def test_a_node_group_is_restored_with_the_launch_template_that_the_metadata_names(
    session: Any, stage: SessionStage
) -> None:
    """The template says how large the disk is and of which type the nodes are; EKS takes neither beside it."""
    template = session.client("ec2").create_launch_template(
        LaunchTemplateName=fresh("nodes"), LaunchTemplateData={"InstanceType": "m5.large"}
    )["LaunchTemplate"]["LaunchTemplateId"]
    client, name = session.client("eks"), fresh("again")
    point = stage.point_of(arn_of(make(session)))
    groups = [{"nodeGroupId": "blue", "launchTemplateId": template, "launchTemplateVersion": "1"}]
    stage.restored(point, new(name, nodeGroups=groups))
    group = client.describe_nodegroup(clusterName=name, nodegroupName="blue")["nodegroup"]
    assert (group["launchTemplate"]["id"], group["launchTemplate"]["version"]) == (template, "1")
    assert (group["labels"], group["scalingConfig"]) == (GROUP["labels"], GROUP["scalingConfig"])
    assert group["instanceTypes"] != GROUP["instanceTypes"]


def test_a_restore_into_a_cluster_that_is_there_changes_nothing_of_it(session: Any, stage: SessionStage) -> None:
    """What Kubernetes holds is not held here; a cluster that is not there is named."""
    name = make(session)
    before = session.client("eks").describe_cluster(name=name)["cluster"]
    point = stage.point_of(arn_of(name))
    assert stage.restored(point, {"clusterName": name}) == arn_of(name)
    assert session.client("eks").describe_cluster(name=name)["cluster"] == before
    assert "Cluster nowhere does not exist" in stage.refusal(point, {"clusterName": "nowhere"})


def test_wrong_metadata_is_refused(session: Any, stage: SessionStage) -> None:
    """What is missing, taken, unknown or not in the backup is named, with a way out."""
    name = make(session)
    point = stage.point_of(arn_of(name))
    assert "clusterName is required" in stage.refusal(point, {})
    for key in ("clusterRole", "clusterVpcConfig"):
        rest = {name: value for name, value in new(fresh("r")).items() if name != key}
        assert f"{key} is required" in stage.refusal(point, rest)
    assert "already exists; give another clusterName" in stage.refusal(point, new(name))
    assert "does not take roleArn" in stage.refusal(point, new(fresh("r"), roleArn=ROLE))
    strange = new(fresh("r"), nodeGroups=[{"nodeGroupId": "red"}])
    assert "nodeGroups names red, which the backup does not hold" in stage.refusal(point, strange)


def test_clusters_are_listed_with_their_tags_and_never_discarded(session: Any, stage: SessionStage) -> None:
    """Restore testing does not have EKS, so no cluster is one that it made."""
    name = make(session)
    seen = stage.seen(arn_of(name))
    assert seen is not None
    assert (seen.resource_type, seen.name, dict(seen.tags)) == ("EKS", name, {"Backup": "daily"})
    with pytest.raises(WorldError, match="not made by a restore test"):
        stage.discard(arn_of(name))
