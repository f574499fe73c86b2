"""What is wrong with a restore request is told in the words of the request, and what the message says to write works."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest
from msgspec import structs

import backupkit as bk
from backupkit import restore
from backupkit.catalog import PointFacts, type_of
from backupkit.catalog.merge import merged
from backupkit.catalog.usual import usual_request
from backupkit.errors import InvalidValueError
from backupkit.problems import Severity, errors_in

PLACE = "us-east-1:123456789012"
GATEWAY = f"arn:aws:storagegateway:{PLACE}:gateway/sgw-12A3456B"
ROLE = "arn:aws:iam::123456789012:role/eks"
DATABASE = f"arn:aws:rds:{PLACE}:db:shop"
NOW = datetime(2026, 3, 8, tzinfo=UTC)
CONTINUOUS = PointFacts(
    resource_type="RDS",
    point_arn=f"arn:aws:backup:{PLACE}:recovery-point:continuous:db-1",
    resource_arn=DATABASE,
    vault_arn=f"arn:aws:backup:{PLACE}:backup-vault:prod",
    continuous=True,
    created=NOW - timedelta(days=7),
    earliest=NOW - timedelta(days=7),
    latest=NOW,
)

WRONG = [
    (restore.EFSFileSystem, {"encrypted": False, "key": "alias/x"}, "encrypted=True", {"encrypted": True}),
    (restore.EFSFileSystem, {"single_az_filesystem": True}, "availability_zone_name=", {"availability_zone_name": "us-east-1a"}),
    (restore.S3Bucket, {"destination_bucket_name": "new-one", "key": "alias/x"}, "encryption='SSE-KMS'", {"encryption": "SSE-KMS"}),
    (restore.RDSInstance, {"db_instance_identifier": "x", "multi_az": True, "availability_zone": "us-east-1a"}, "leave out availability_zone or multi_az", {"multi_az": None}),
    (restore.EKSCluster, {"cluster_name": "x", "namespaces": ["a"]}, "namespace_level_restore=True", {"namespace_level_restore": True}),
    (restore.DSQLCluster, {"witness_region": "us-west-2", "peer_region": "us-east-2"}, "use_multi_region_orchestration=True", {"use_multi_region_orchestration": True}),
    (restore.DSQLCluster, {"use_multi_region_orchestration": True, "witness_region": "us-west-2", "peer_region": "us-west-2"}, "name a third Region", {"peer_region": "us-east-2"}),
    (restore.DSQLCluster, {"use_multi_region_orchestration": True, "witness_region": "eu-west-1", "peer_region": "us-east-2"}, "name Regions of eu-central-1", {"peer_region": "eu-central-1"}),
    (restore.DSQLCluster, {"use_multi_region_orchestration": True, "witness_region": "Ireland", "peer_region": "eu-west-1"}, "a Region such as", {"witness_region": "eu-west-2"}),
    (restore.StorageGatewayVolume, {"gateway_arn": GATEWAY, "target_name": "t"}, "volume_size_in_bytes=", {"volume_size_in_bytes": 10**9}),
    (restore.EBSVolume, {"availability_zone": "us-east-1a", "volume_type": "io1"}, "give iops=", {"iops": 3000}),
    (restore.EBSVolume, {"availability_zone": "us-east-1a", "volume_type": "gp2", "iops": 3000}, "leave out iops or volume_type", {"volume_type": None}),
    (restore.EBSVolume, {"availability_zone": "us-east-1a", "volume_type": "io2", "iops": 3000, "throughput": 200}, "leave out throughput", {"throughput": None}),
    (restore.EC2Instance, {"instance_type": "m7g.large", "credit_specification": {"CpuCredits": "standard"}}, "leave out credit_specification", {"credit_specification": None}),
    (restore.EC2Instance, {"instance_type": "m5large"}, "a type such as m7g.large", {"instance_type": "m7g.large"}),
    (restore.EC2Instance, {"iam_instance_profile_name": "arn:aws:iam::123456789012:instance-profile/x"}, "its name", {"iam_instance_profile_name": "x"}),
    (restore.EC2Instance, {"block_device_mappings": {"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": "snap-1"}}}, "leave it out", {"block_device_mappings": {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 100}}}),
    (restore.RDSInstance, {"db_instance_identifier": "x", "db_instance_class": "t3.medium"}, "db.t4g.medium", {"db_instance_class": "db.t4g.medium"}),
    (restore.AuroraCluster, {"db_cluster_identifier": "x", "instance_class": "r6g.large"}, "db.t4g.medium", {"instance_class": "db.serverless"}),
    (restore.RedshiftCluster, {"cluster_identifier": "x", "manual_snapshot_retention_period": 0}, "-1", {"manual_snapshot_retention_period": -1}),
    (restore.VirtualMachine, {"restore_to": "ec2"}, "write EC2Instance", {"restore_to": "EC2Instance"}),
    (restore.VirtualMachine, {"restore_to": "volume", "availability_zone": "us-east-1a", "items": ["1", "2"]}, "use 1 item", {"items": ["1"]}),
    (restore.FSxWindows, {"storage_type": "HDD", "storage_capacity": 100}, "2,000", {"storage_capacity": 2000}),
    (restore.FSxWindows, {"subnet_ids": ["subnet-1"], "deployment_type": "MULTI_AZ_1"}, "give two", {"subnet_ids": ["subnet-1", "subnet-2"]}),
    (restore.FSxOpenZFS, {"open_zfs_configuration": {"DeploymentType": "MULTI_AZ_1", "ThroughputCapacity": 160}}, "preferred_subnet_id=", {"open_zfs_configuration": restore.OpenZFSConfiguration("MULTI_AZ_1", 160, preferred_subnet_id="subnet-1")}),
    (restore.EKSCluster, {"cluster_name": "x", "nested_restore_jobs": {"arn": restore.RDSInstance("x")}}, "EBS, EFS or S3", {"nested_restore_jobs": {"arn": restore.EFSFileSystem()}}),
    (restore.EKSCluster, {"cluster_name": "x", "nested_restore_jobs": {"arn": "x"}}, "a request such as", {"nested_restore_jobs": {"arn": restore.EBSVolume("us-east-1a")}}),
    (restore.HANADatabase, {"target_database_arn": f"arn:aws:ssm-sap:{PLACE}:HANA/a/DB/b", "recovery_type": "POINT_IN_TIME_RECOVERY", "overwrite": True}, "extra_metadata=", {"extra_metadata": {"Moment": "1"}}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("cls", "given", "said", "mended"), WRONG, ids=[f"{each[0].__name__}-{each[2]}" for each in WRONG]
)
def test_the_way_out_names_fields_and_works(cls, given, said, mended):
    """Metadata keys are no arguments of a request: who types in what the message says gets a request that is made."""
    with pytest.raises(InvalidValueError) as raised:
        cls(**given)
    assert said in str(raised.value)
    assert cls(**{name: value for name, value in {**given, **mended}.items() if value is not None})


def test_no_message_of_a_typed_request_names_the_key_of_one_of_its_fields():
    """Of every rule between two keys, both are called by the fields that hold them."""
    told = []
    for cls, given, _, _ in WRONG:
        with pytest.raises(InvalidValueError) as raised:
            cls(**given)
        told += [f"{each.message} {each.hint}" for each in raised.value.problems]
    keys = {"KmsKeyId", "KMSKey", "EncryptionType", "singleAzFilesystem", "AvailabilityZone", "MultiAZ", "volumeType"}
    assert not [text for text in told if keys & set(re.findall(r"\w+", text))]


def test_what_does_not_apply_tells_where_it_would():
    """The version of a cluster that exists cannot be chosen; that of a new one can, and the message says how."""
    facts = PointFacts(resource_type="EKS")
    request = restore.EKSCluster("apps", eks_cluster_version="1.33")
    [problem] = errors_in(merged(request, facts).problems)
    assert (problem.address, "new_cluster=True" in problem.hint) == ("restore/eks_cluster_version", True)
    config = restore.ClusterVpcConfig(("subnet-1", "subnet-2"))
    new = restore.EKSCluster(
        "apps", new_cluster=True, eks_cluster_version="1.33", cluster_role=ROLE, cluster_vpc_config=config
    )
    assert errors_in(merged(new, facts).problems) == ()


def test_credits_of_a_burstable_type_do_not_go_to_another_type():
    """EC2 refuses them for it; whoever changes the size within the family keeps them."""
    held = {"InstanceType": "t2.micro", "CreditSpecification": '{"CpuCredits": "standard"}'}
    facts = PointFacts(resource_type="EC2", held=held)
    kept = {each.key for each in merged(restore.EC2Instance(instance_type="t3.large"), facts).sent}
    moved = merged(restore.EC2Instance(instance_type="m7g.large"), facts)
    assert "CreditSpecification" in kept
    assert "CreditSpecification" not in {each.key for each in moved.sent}
    assert "burstable" in next(each.reason for each in moved.dropped if each.key == "CreditSpecification")


@pytest.mark.parametrize(
    ("request_", "held", "key"),
    [
        (restore.EC2Instance(key_name="other"), {"KeyName": "mine"}, "restore/key_name"),
        (restore.RDSInstance("x", extra_metadata={"KmsKeyId": "alias/x"}), {}, "restore/extra_metadata/KmsKeyId"),
    ],
)
def test_what_is_asked_for_in_vain_is_a_doubt(request_, held, key):
    """AWS takes it and does not do it; the preview says so, and does not stop the restore."""
    facts = PointFacts(resource_type=request_.resource_type, held=held)
    [problem] = merged(request_, facts).problems
    assert (problem.address, problem.severity, problem.hint) == (key, Severity.WARNING, "leave it out")


class TestMoments:
    @pytest.mark.parametrize("extra", [{"RestoreTime": "2026-03-07T00:00:00Z"}, {"UseLatestRestorableTime": "true"}])
    def test_two_moments_are_refused_and_none_of_them_is_taken(self, extra):
        """extra_metadata wins elsewhere; of two moments nobody knows which one was meant."""
        request = restore.RDSInstance("x", extra_metadata=extra)
        [problem] = errors_in(merged(request, CONTINUOUS, NOW - timedelta(hours=2)).problems)
        assert (problem.address, problem.hint) == ("restore/as_of", "give one of the two")
        assert errors_in(merged(request, CONTINUOUS).problems) == ()

    def test_the_same_moment_in_other_words_is_the_same(self):
        """Milliseconds are another spelling."""
        moment = NOW - timedelta(hours=2)
        request = restore.RDSInstance("x", extra_metadata={"RestoreTime": f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"})
        assert errors_in(merged(request, CONTINUOUS, moment).problems) == ()

    def test_a_moment_outside_the_window_is_one_problem(self):
        """What is still to come is not also told to be recent."""
        found = merged(restore.RDSInstance("x"), CONTINUOUS, NOW + timedelta(hours=1)).problems
        assert ["outside" in each.message for each in found] == [True]


class TestItemsOfABucket:
    FACTS = PointFacts(resource_type="S3", resource_arn="arn:aws:s3:::invoices")

    def test_an_object_of_another_bucket_is_refused_before_the_call(self):
        """The job would be COMPLETED, and nothing would have come back."""
        request = restore.S3Bucket("invoices", items=["s3://other/2026"])
        with pytest.raises(InvalidValueError, match="begin with s3://invoices/"):
            merged(request, self.FACTS)
        sent = merged(restore.S3Bucket("invoices", items=["s3://invoices/2026", "2027"]), self.FACTS).sent
        items = next(each.value for each in sent if each.key == "ItemsToRestore")
        assert items == '["s3://invoices/2026", "s3://invoices/2027"]'


class TestRequestsThatAreAskedFor:
    """What `restore_request` says to write."""

    RESOURCES: ClassVar = {
        f"arn:aws:ssm-sap:{PLACE}:HANA/app1/DB/HDB": {
            "target_database_arn": f"arn:aws:ssm-sap:{PLACE}:HANA/app1/DB/HDB",
            "recovery_type": "FULL_DATA_BACKUP_RECOVERY",
        },
        f"{GATEWAY}/volume/vol-1122AABB": {"gateway_arn": GATEWAY, "target_name": "t", "volume_size_in_bytes": 10**9},
        f"arn:aws:backup-gateway:{PLACE}:vm/vm-0123456789ABCDEF0": {"restore_to": "EC2Instance"},
        f"arn:aws:ec2:{PLACE}:volume/vol-0123456789abcdef0": {"availability_zone": "us-east-1a"},
        f"arn:aws:eks:{PLACE}:cluster/kube": {
            "cluster_role": ROLE,
            "cluster_vpc_config": restore.ClusterVpcConfig(("subnet-1", "subnet-2")),
        },
    }

    @pytest.mark.parametrize("arn", RESOURCES, ids=lambda arn: arn.split(":")[2])
    def test_the_call_of_the_message_works_once_its_gaps_are_filled(self, arn):
        """Every ``...`` is something to choose; nothing else is missing, consent to overwrite included."""
        with bk.local() as aws:
            aws.call("CreateBackupVault", BackupVaultName="prod")
            aws.resources.add(arn)
            point = aws.back_up(arn, vault="prod").wait().recovery_point
            with pytest.raises(InvalidValueError) as raised:
                point.restore_request()
            call = re.search(r"bk\.restore\.\w+\(.*?\)(?=$|,| )", raised.value.problems[0].hint)[0]
            for field in re.findall(r"(\w+)=\.\.\.", call):
                call = call.replace(f"{field}=...", f"{field}=given[{field!r}]")
            request = eval(call, {"bk": bk, "given": self.RESOURCES[arn]})
            assert request.resource_type in {type_of(arn).name, "Redshift"}

    def test_a_name_that_cannot_be_one_is_told_before_what_must_be_chosen(self):
        """Else the call of the message would be refused for its name."""
        volume = f"arn:aws:fsx:{PLACE}:volume/fs-0123456789abcdef0/fsvol-0123456789abcdef0"
        with bk.local() as aws:
            aws.call("CreateBackupVault", BackupVaultName="prod")
            aws.resources.add(volume)
            point = aws.back_up(volume, vault="prod").wait().recovery_point
            with pytest.raises(InvalidValueError, match="restore/name: 'new-name' is not a volume name"):
                point.restore_request("new-name")
            with pytest.raises(InvalidValueError, match=r"FSxONTAPVolume\('new_name', ontap_configuration=\.\.\.\)"):
                point.restore_request("new_name")

    def test_the_values_of_what_must_be_chosen_are_listed(self):
        """Who restores a virtual machine cannot guess AWS's words for where to."""
        machine = f"arn:aws:backup-gateway:{PLACE}:vm/vm-0123456789ABCDEF0"
        with bk.local() as aws:
            aws.call("CreateBackupVault", BackupVaultName="prod")
            aws.resources.add(machine)
            point = aws.back_up(machine, vault="prod").wait().recovery_point
            with pytest.raises(InvalidValueError, match="restore_to one of VMware, EC2Instance"):
                point.restore_request()


def test_raw_metadata_that_overwrites_is_a_doubt():
    """A typed request wants overwrite=True; raw metadata is sent as it is, and its preview warns."""
    namespace = f"arn:aws:redshift-serverless:{PLACE}:namespace/12345678-1234-1234-1234-123456789012"
    with bk.local() as aws:
        aws.call("CreateBackupVault", BackupVaultName="prod")
        aws.resources.add(namespace)
        point = aws.back_up(namespace, vault="prod").wait().recovery_point
        values = {"RestoreType": "NAMESPACE_RESTORE", "NamespaceIdentifier": "lake"}
        [doubt] = point.preview_restore(restore.Raw("Redshift Serverless", values)).problems
    assert (doubt.severity, "overwrites" in doubt.message) == (Severity.WARNING, True)


def test_a_type_that_aws_has_added_is_restored_by_raw_metadata():
    """backupkit makes no request for it, and sends what it is given; of a moment it knows no more than the point's."""
    table = f"arn:aws:dynamodb:{PLACE}:table/orders"
    with bk.local() as aws:
        aws.call("CreateBackupVault", BackupVaultName="prod")
        aws.resources.add(table)
        point = aws.back_up(table, vault="prod").wait().recovery_point.refresh()
        new = structs.replace(point, resource_type="Quantum")
        with pytest.raises(InvalidValueError, match=r"no restore of the type Quantum; use bk\.restore\.Raw$"):
            new.restore_request("back")
        preview = new.preview_restore(restore.Raw("Quantum", {"name": "back"}))
        assert (preview.reveal(), errors_in(preview.problems)) == ({"name": "back"}, ())
        early = point.preview_restore(
            restore.Raw("DynamoDB", {"targetTableName": "back"}), as_of=point.creation_date - timedelta(days=1)
        )
        [problem] = errors_in(early.problems)
        assert (problem.address, "take an older point" in problem.hint) == ("restore/as_of", True)


class TestArchivedPoints:
    FACTS = PointFacts(
        resource_type="EBS",
        point_arn="arn:aws:ec2:us-east-1::snapshot/snap-1",
        resource_arn=f"arn:aws:ec2:{PLACE}:volume/vol-1",
        vault_arn=f"arn:aws:backup:{PLACE}:backup-vault:prod",
        archived=True,
    )

    def test_all_that_they_need_is_said_at_once(self):
        """The call of the message is not refused for the days afterwards."""
        with pytest.raises(InvalidValueError) as raised:
            usual_request("EBS", self.FACTS, None)
        assert "EBSVolume(availability_zone=..., temporary_restore_days=...)" in raised.value.problems[0].hint
        request = restore.EBSVolume("us-east-1a", temporary_restore_days=7)
        assert errors_in(merged(request, self.FACTS).problems) == ()

    @pytest.mark.parametrize(
        "request_",
        [
            restore.EBSFiles("backups", items="/data", restore_type="FILES"),
            restore.StorageGatewayVolume(gateway_arn=GATEWAY, target_name="t", volume_size_in_bytes=10**9),
        ],
        ids=lambda each: type(each).__name__,
    )
    def test_what_they_cannot_become_is_said_as_that(self, request_):
        """To leave out what says the kind of restore is no way out."""
        [problem] = errors_in(merged(request_, self.FACTS).problems)
        assert "cannot be made of archived points" in problem.message
        assert problem.hint == "use point.restore_request() for what they can become"
