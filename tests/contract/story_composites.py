"""Composites, air-gapped targets and AWS's plan templates: made, looked at, copied, restored and taken apart."""

from __future__ import annotations

import json

ROLE = "arn:aws:iam::123456789012:role/service-role/AWSBackupDefaultServiceRole"
STACK = "arn:aws:cloudformation:us-east-1:123456789012:stack/shop/4f2c9d60-1111-4222-8333-0123456789ab"
CLUSTER = "arn:aws:eks:us-east-1:123456789012:cluster/web"
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
VOLUME = "arn:aws:ec2:us-east-1:123456789012:volume/vol-0f1e2d3c4b5a69788"
VAULT = "arn:aws:backup:us-east-1:123456789012:backup-vault:"


def play(ask):
    """A stack and a cluster, each from its backup to its end, and a volume that ends in an air-gapped vault."""
    for arn in (TABLE, VOLUME):
        ask.service.resources.add(arn)
    ask.service.resources.add(STACK, members={"Orders": TABLE, "Data": VOLUME})
    ask.service.resources.add(CLUSTER, members={"pv-data": VOLUME})
    for name in ("prod", "copies"):
        ask("CreateBackupVault", BackupVaultName=name)
    templates(ask)
    parent = stack(ask)
    copied(ask, parent)
    taken_apart(ask, parent)
    cluster(ask)
    gapped(ask)


def templates(ask):
    """Every template of AWS's makes a plan as it is."""
    [first] = ask("ListBackupPlanTemplates", MaxResults=1)["BackupPlanTemplatesList"]
    found = ask("ListBackupPlanTemplates")["BackupPlanTemplatesList"]
    assert (found[0], len(found)) == (first, 4)
    for template in found:
        plan = ask("GetBackupPlanFromTemplate", BackupPlanTemplateId=template["BackupPlanTemplateId"])
        ask("CreateBackupPlan", BackupPlan=plan["BackupPlanDocument"])


def stack(ask):
    """The ARN of the composite."""
    started = ask("StartBackupJob", BackupVaultName="prod", ResourceArn=STACK, IamRoleArn=ROLE)
    assert started["IsParent"]
    ask.service.clock.advance(hours=1)
    job = ask("DescribeBackupJob", BackupJobId=started["BackupJobId"])
    assert (job["State"], job["NumberOfChildJobs"]) == ("COMPLETED", 3)
    assert len(ask("ListBackupJobs", ByParentJobId=job["BackupJobId"])["BackupJobs"]) == 3
    ask("DescribeRecoveryPoint", BackupVaultName="prod", RecoveryPointArn=job["RecoveryPointArn"])
    ask("ListRecoveryPointsByResource", ResourceArn=STACK)
    return job["RecoveryPointArn"]


def nested(ask, parent):
    """The points nested in a composite, by their logical ids."""
    found = ask("ListRecoveryPointsByBackupVault", BackupVaultName="prod", ByParentRecoveryPointArn=parent)
    return {point.get("CompositeMemberIdentifier"): point["RecoveryPointArn"] for point in found["RecoveryPoints"]}


def copied(ask, parent):
    """The composite, copied whole."""
    asked = {"SourceBackupVaultName": "prod", "DestinationBackupVaultArn": f"{VAULT}copies", "IamRoleArn": ROLE}
    started = ask("StartCopyJob", RecoveryPointArn=parent, **asked)
    assert started["IsParent"]
    ask.service.clock.advance(hours=1)
    job = ask("DescribeCopyJob", CopyJobId=started["CopyJobId"])["CopyJob"]
    assert (job["State"], job["NumberOfChildJobs"]) == ("COMPLETED", 3)
    assert len(ask("ListCopyJobs", ByParentJobId=job["CopyJobId"])["CopyJobs"]) == 3


def taken_apart(ask, parent):
    """One nested point stands alone, the others go, and then the composite does."""
    parts = nested(ask, parent)
    ask("DisassociateRecoveryPointFromParent", BackupVaultName="prod", RecoveryPointArn=parts.pop("Data"))
    for arn in (*parts.values(), parent):
        ask("DeleteRecoveryPoint", BackupVaultName="prod", RecoveryPointArn=arn)
        ask.service.clock.advance(minutes=5)


def cluster(ask):
    """A cluster, restored under another name with its volume."""
    started = ask("StartBackupJob", BackupVaultName="prod", ResourceArn=CLUSTER, IamRoleArn=ROLE)
    ask.service.clock.advance(hours=1)
    parent = ask("DescribeBackupJob", BackupJobId=started["BackupJobId"])["RecoveryPointArn"]
    volume = {nested(ask, parent)["pv-data"]: json.dumps({"AvailabilityZone": "us-east-1a"})}
    metadata = {
        "clusterName": "again",
        "newCluster": "true",
        "clusterRole": "arn:aws:iam::123456789012:role/eks",
        "clusterVpcConfig": json.dumps({"subnetIds": ["subnet-1"]}),
        "nestedRestoreJobs": json.dumps(volume),
    }
    named = ask("StartRestoreJob", RecoveryPointArn=parent, Metadata=metadata, IamRoleArn=ROLE)
    ask.service.clock.advance(hours=1)
    job = ask("DescribeRestoreJob", **named)
    assert (job["Status"], job["IsParent"]) == ("COMPLETED", True)
    assert len(ask("ListRestoreJobs", ByParentJobId=job["RestoreJobId"])["RestoreJobs"]) == 2


def gapped(ask):
    """A volume that goes through a temporary point into an air-gapped vault."""
    ask("CreateLogicallyAirGappedBackupVault", BackupVaultName="gapped", MinRetentionDays=7, MaxRetentionDays=30)
    ask.service.clock.advance(minutes=5)
    asked = {"BackupVaultName": "prod", "ResourceArn": VOLUME, "IamRoleArn": ROLE, "Lifecycle": {"DeleteAfterDays": 9}}
    started = ask("StartBackupJob", **asked, LogicallyAirGappedBackupVaultArn=f"{VAULT}gapped")
    ask.service.clock.advance(hours=2)
    job = ask("DescribeBackupJob", BackupJobId=started["BackupJobId"])
    assert job["RecoveryPointLifecycle"]["DeleteAfterEvent"] == "DELETE_AFTER_COPY"
    assert len(ask("ListRecoveryPointsByBackupVault", BackupVaultName="gapped")["RecoveryPoints"]) == 1
    assert ask("ListCopyJobs", BySourceRecoveryPointArn=job["RecoveryPointArn"])["CopyJobs"]
