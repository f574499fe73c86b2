"""The emulator's verdict on restores: what is sent although AWS fails it ends in a FAILED job that says why."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from test_restore_requests import BROKEN as BROKEN_REQUESTS
from test_restore_types import BROKEN as BROKEN_TYPES
from test_restore_types import CASES, CLASSES, Case, case_id

import backupkit as bk
from backupkit import restore
from backupkit.catalog import Request, types_of
from backupkit.catalog.merge import merged
from backupkit.emulator import Choices

ACCOUNT = "us-east-1:123456789012"
TABLE = f"arn:aws:dynamodb:{ACCOUNT}:table/orders"
DATABASE = f"arn:aws:rds:{ACCOUNT}:db:shop"
VOLUME = f"arn:aws:ec2:{ACCOUNT}:volume/vol-0a"
FILES = f"arn:aws:elasticfilesystem:{ACCOUNT}:file-system/fs-0a"
CLUSTER = f"arn:aws:eks:{ACCOUNT}:cluster/apps"
DSQL = f"arn:aws:dsql:{ACCOUNT}:cluster/1a"
ROLE = "arn:aws:iam::123456789012:role/service-role/AWSBackupDefaultServiceRole"

NOT_SENT = {"overwrite", "attach_to", "instances"}
"""Fields that the library alone knows: consent, and what comes after the job."""
NOT_WRONG = [(restore.EFSItems, {"paths": ()}), (restore.EKSCluster, {"cluster_name": "apps", "nested_restore_jobs": "all"})]  # fmt: skip
"""Without items all is restored, and what is not a mapping cannot be written as metadata."""
BROKEN = [
    (cls, words, field)
    for cls, words, field in (*BROKEN_REQUESTS, *BROKEN_TYPES)
    if field not in NOT_SENT and (cls, words) not in NOT_WRONG
]


def open_local(choices: Choices | None = None) -> bk.LocalConnection:
    aws = bk.local(choices=choices)
    bk.Stack("s", bk.Vault("prod")).preview(aws).apply()
    return aws


def point_of(aws: bk.LocalConnection, resource: str, kind: str | None = None, **words):
    if resource not in aws.resources:
        aws.resources.add(resource, resource_type=kind, size_bytes=2**30)
    point = aws.back_up(resource, vault="prod", **words).wait().recovery_point
    return next(each for each in aws.recovery_points() if not each.is_parent) if kind == "CloudFormation" else point


def planned(aws: bk.LocalConnection, resource: str, rule: bk.Rule, *, days: int):
    """The first point of a plan's rule, after some days."""
    aws.resources.add(resource, size_bytes=2**30)
    plan = bk.Plan("p", rule).protecting(bk.Selection("all", role=ROLE).including(resource))
    bk.Stack("plans", plan).preview(aws).apply()
    aws.clock.advance(days=days)
    return min(aws.recovery_points(), key=lambda point: point.creation_date)


def ended(point, resource_type: str, metadata: dict[str, str]):
    """The job of a raw request that nobody looked at."""
    job = point.restore(restore.Raw(resource_type, metadata), preflight=False)
    bk.wait_all([job])
    return job.refresh()


@pytest.fixture(scope="module")
def stage():
    with open_local() as aws:
        yield aws, {}


def point_for(stage, case: Case):
    """The case's point, one for all tests."""
    aws, points = stage
    if (case.kind, case.resource) not in points:
        points[case.kind, case.resource] = point_of(aws, case.resource, case.kind)
    return points[case.kind, case.resource]


def unchecked(cls: type, words: dict) -> Request:
    """The same mistake, as somebody sends it who has no typed request."""
    return type(cls.__name__, (cls,), {"_problems": lambda self: iter(())})(**words)


class TestBrokenRequests:
    @pytest.mark.parametrize(("cls", "words", "field"), BROKEN)
    def test_what_is_refused_before_the_call_fails_when_it_is_sent_raw(self, stage, cls, words, field):
        """A rehearsal of a wrong request ends as the night in which it counts: FAILED, with the key that is wrong."""
        case = next(case for case in CASES if type(case.request) is cls)
        request = unchecked(cls, words)
        metadata = {entry.key: entry.value for entry in merged(request, case.facts).sent}
        keys = {key.name for form in cls.FORMS for key in form.keys if request.field_of(key.name) == field}
        if cls.KIND.refuses_at_once:
            with pytest.raises(bk.errors.BackupKitError) as refused:
                ended(point_for(stage, case), request.resource_type, metadata)
            said = str(refused.value)
        else:
            job = ended(point_for(stage, case), request.resource_type, metadata)
            assert job.state == "FAILED"
            said = job.status_message
        assert any(key in said for key in keys)

    @pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
    def test_each_class_has_three(self, cls):
        """No type is looked at less than the others."""
        assert sum(each[0] is cls for each in BROKEN) >= 3


RAW = [
    ("EFS", FILES, {}, "newFileSystem"),
    ("EFS", FILES, {"newFileSystem": "true", "Encrypted": "true", "PerformanceMode": "generalPurpose"}, "CreationToken"),
    ("EFS", FILES, {"newFileSystem": "false"}, "file-system-id"),
    ("EBS", VOLUME, {}, "availabilityZone"),
    ("EBS", VOLUME, {"availabilityZone": "us-east-1a", "volumeType": "gp9"}, "volumeType"),
    ("EBS", VOLUME, {"availabilityZone": "us-east-1a", "volumeSize": "ten"}, "volumeSize"),
    ("EBS", VOLUME, {"availabilityZone": "us-east-1a", "VolumeKind": "gp3"}, "VolumeKind"),
    ("RDS", DATABASE, {"DBInstanceIdentifier": "SHOP-2"}, "DBInstanceIdentifier"),
    ("RDS", DATABASE, {"DBInstanceIdentifier": "shop-2", "VpcSecurityGroupIds": "sg-1,sg-2"}, "VpcSecurityGroupIds"),
    ("RDS", DATABASE, {"DBInstanceIdentifier": "shop-2", "DBSnapshotIdentifier": "x"}, "DBSnapshotIdentifier"),
    ("RDS", DATABASE, {"DBInstanceIdentifier": "shop-2", "RestoreTime": "2026-01-02T03:04:05Z"}, "RestoreTime"),
    ("DynamoDB", TABLE, {"TableName": "orders-2"}, "targetTableName"),
    ("EKS", CLUSTER, {"clusterName": "apps-2", "newCluster": "true"}, "clusterVpcConfig"),
]  # fmt: skip


class TestRaw:
    @pytest.mark.parametrize(("kind", "resource", "metadata", "key"), RAW)
    def test_nonsense_ends_in_a_failed_job(self, stage, kind, resource, metadata, key):
        """The call is taken, as AWS takes it; the job says which key is wrong."""
        job = ended(point_for(stage, Case(None, kind, resource)), kind, metadata)
        assert job.state == "FAILED"
        assert key in job.status_message
        assert job.created_resource_arn is None

    def test_dsql_refuses_in_the_call(self, stage):
        """There is no job to wait for: AWS answers an id for the cluster that it refuses to be sent."""
        point = point_for(stage, Case(None, "DSQL", DSQL))
        with pytest.raises(bk.errors.BackupKitError, match="cluster_id"):
            ended(point, "DSQL", {"cluster_id": "1a"})

    @pytest.mark.parametrize(("choice", "volume", "files"), [(None, "FAILED", "COMPLETED"), (True, "FAILED", "FAILED"), (False, "COMPLETED", "COMPLETED")])  # fmt: skip
    def test_unknown_keys_fail_where_nobody_was_seen_to_send_any(self, choice, volume, files):
        """Public code sends tags as metadata of file systems, and succeeds; `unknown_restore_keys_fail` decides."""
        with open_local(Choices(unknown_restore_keys_fail=choice)) as aws:
            metadata = {"availabilityZone": "us-east-1a", "Team": "platform"}
            assert ended(point_of(aws, VOLUME), "EBS", metadata).state == volume
            metadata = {"file-system-id": "fs-0a", "newFileSystem": "false", "Team": "platform"}
            assert ended(point_of(aws, FILES), "EFS", metadata).state == files


class TestMoments:
    def test_a_continuous_database_needs_a_moment_within_its_window(self):
        """Without one, or with one that is not there, RDS has nothing to restore; the latest needs no moment."""
        with open_local() as aws:
            point = planned(aws, DATABASE, bk.Rule("daily", "prod").continuously(keep_days=7), days=10)
            began = aws.clock.now() - timedelta(days=9)
            asked = {"DBInstanceIdentifier": "shop-2", "Engine": "mysql"}
            for more in ({}, {"RestoreTime": "yesterday"}, *({"RestoreTime": each.isoformat()} for each in (began, began + timedelta(days=30)))):  # fmt: skip
                job = ended(point, "RDS", asked | more)
                assert (job.state, "RestoreTime" in job.status_message) == ("FAILED", True)
            moment = (aws.clock.now() - timedelta(hours=1)).isoformat()
            assert ended(point, "RDS", {**asked, "RestoreTime": moment}).state == "COMPLETED"
            again = {**asked, "DBInstanceIdentifier": "shop-3", "UseLatestRestorableTime": "true"}
            assert ended(point, "RDS", again).state == "COMPLETED"

    def test_an_archived_volume_needs_the_days_for_which_it_comes_back(self):
        """EBS takes it out of the archive for that long."""
        with open_local() as aws:
            rule = bk.Rule("monthly", "prod").scheduled("cron(0 5 1 * ? *)").cold_after(days=1, archive=True)
            point = planned(aws, VOLUME, rule.keep(days=200), days=40)
            asked = {"availabilityZone": "us-east-1a"}
            job = ended(point, "EBS", asked)
            assert (job.state, "temporaryRestoreDays" in job.status_message) == ("FAILED", True)
            assert ended(point, "EBS", {**asked, "temporaryRestoreDays": "5"}).state == "COMPLETED"


class TestFileSystems:
    def test_files_go_into_the_file_system_that_is_there(self):
        """No second one appears, and one that is not there takes nothing."""
        with open_local() as aws:
            point = point_of(aws, FILES)
            before = {each.arn for each in aws.resources}
            job = ended(point, "EFS", {"file-system-id": "fs-0a", "newFileSystem": "false"})
            assert (job.state, job.created_resource_arn) == ("COMPLETED", FILES)
            assert {each.arn for each in aws.resources} == before
            job = ended(point, "EFS", {"file-system-id": "fs-0b", "newFileSystem": "false"})
            assert (job.state, "does not exist" in job.status_message) == ("FAILED", True)

    def test_a_file_system_of_a_cluster_is_filled_in(self):
        """Public restores of clusters give it two keys, which would be too few for a restore of its own."""
        with open_local() as aws:
            aws.resources.add(FILES)
            aws.resources.add(CLUSTER, members={"pv-home": FILES})
            parent = point_of(aws, CLUSTER)
            child = next(each for each in aws.recovery_points() if each.resource_type == "EFS")
            two = {"newFileSystem": "true", "PerformanceMode": "generalPurpose"}
            nested = json.dumps({child.recovery_point_arn: json.dumps(two)})
            assert ended(child, "EFS", two).state == "FAILED"
            assert ended(parent, "EKS", {"clusterName": "apps", "nestedRestoreJobs": nested}).state == "COMPLETED"


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_what_comes_back_is_of_the_type_that_was_asked_for(case):
    """A snapshot of a volume becomes a volume of a gateway, a virtual machine an instance, a namespace a cluster."""
    with open_local() as aws:
        point = point_of(aws, case.resource, case.kind)
        metadata = {entry.key: entry.value for entry in merged(case.request, case.facts).sent}
        job = ended(point, case.request.resource_type, metadata)
        assert job.state == "COMPLETED"
        arn = job.created_resource_arn
        made = case.request.form(case.facts).makes or case.request.resource_type
        made = "S3" if isinstance(case.request, restore.EBSFiles) else made
        # Multi-AZ clusters of RDS have ARNs like Aurora's.
        assert made in {kind.name for kind in types_of(arn)} or (made == "RDS" and ":cluster:" in arn)
        if made != "S3":
            assert aws.resources[arn].resource_type == made


def test_a_table_and_a_volume_of_a_file_system_lie_where_the_request_says():
    """Not beside their sources: a table of Timestream in its database, a volume of ONTAP in its file system."""
    with open_local() as aws:
        table = f"arn:aws:timestream:{ACCOUNT}:database/metrics/table/cpu"
        request = restore.TimestreamTable(
            "cpu_2",
            database_name="archive",
            memory_store_retention_period_in_hours=1,
            magnetic_store_retention_period_in_days=9,
        )
        job = point_of(aws, table).restore(request).wait()
        assert job.created_resource_arn == f"arn:aws:timestream:{ACCOUNT}:database/archive/table/cpu_2"
        volume = f"arn:aws:fsx:{ACCOUNT}:volume/fs-0a/fsvol-0a"
        request = restore.FSxONTAPVolume("data_2", ontap_configuration={"storageVirtualMachineId": "svm-1"})
        assert ":volume/fs-0a/fsvol-" in point_of(aws, volume).restore(request).wait().created_resource_arn


def test_a_database_of_hana_is_overwritten():
    """No second one appears; one that is not there takes nothing."""
    with open_local() as aws:
        hana = f"arn:aws:ssm-sap:{ACCOUNT}:HANA/erp/DB/prd"
        point = point_of(aws, hana)
        request = restore.HANADatabase(hana, recovery_type="FULL_DATA_BACKUP_RECOVERY", overwrite=True)
        assert point.restore(request).wait().created_resource_arn == hana
        assert [each.arn for each in aws.resources] == [hana]
        aws.resources.remove(hana)
        job = point.restore(request, preflight=False)
        bk.wait_all([job])
        assert "does not exist" in job.refresh().status_message
