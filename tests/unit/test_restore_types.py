"""Every type: its typed requests restore it in the emulator, from metadata of the shape that AWS answers."""

from __future__ import annotations

import json
import pickle
import re
from datetime import UTC, datetime

import attrs
import pytest
from botocore.session import get_session

import backupkit as bk
from backupkit import catalog, restore
from backupkit.catalog import PointFacts, Request, check_metadata
from backupkit.catalog.merge import merged
from backupkit.catalog.request import fields, key_of
from backupkit.catalog.usual import usual_request
from backupkit.errors import InvalidValueError
from backupkit.problems import errors_in

ACCOUNT = "us-east-1:123456789012"
KEY = f"arn:aws:kms:{ACCOUNT}:key/1a2b3c4d-0000-4000-a000-1a2b3c4d5e6f"
CLASSES = sorted(
    (
        each
        for name in restore.__all__
        if isinstance(each := getattr(restore, name), type) and issubclass(each, Request)
    ),
    key=lambda cls: cls.__name__,
)
GATEWAY = f"arn:aws:storagegateway:{ACCOUNT}:gateway/sgw-1"
HANA = f"arn:aws:ssm-sap:{ACCOUNT}:HANA/erp/DB/prd"
CLUSTER_HELD = {
    "Engine": "aurora-postgresql",
    "Port": "5432",
    "DBSubnetGroupName": "private",
    "VpcSecurityGroupIds": '["sg-1"]',
}
SUBNETS = {
    "SubnetIds": '["subnet-1"]',
    "StorageType": "SSD",
    "StorageCapacity": "1200",
    "VpcId": "vpc-1",
    "KmsKeyId": KEY,
}
VMWARE = {
    "hypervisor_arn": f"arn:aws:backup-gateway:{ACCOUNT}:hypervisor/hype-1",
    "vm_name": "web-2",
    "vm_path": "/dc/web-2",
    "compute_resource_name": "cluster-1",
    "vm_datastore": "store-1",
}


@attrs.frozen
class Case:
    """A request, the resource whose point it restores, and what AWS answers for that point."""

    request: Request
    kind: str
    resource: str
    held: dict[str, str | None] = attrs.field(factory=dict)

    @property
    def facts(self) -> PointFacts:
        return PointFacts(
            resource_type=self.kind,
            resource_arn=self.resource,
            point_arn=f"arn:aws:backup:{ACCOUNT}:recovery-point:1EB3B5E7-9EB0-435A-A80B-108B488B0D45",
            vault_arn=f"arn:aws:backup:{ACCOUNT}:backup-vault:prod",
            created=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
            held={"aws:backup:request-id": "x", **self.held},
        )


def fsx(flavour: str, configuration: str) -> dict[str, str | None]:
    return {
        **SUBNETS,
        "FileSystemId": "fs-0a",
        "FileSystemType": flavour,
        configuration: '{"DeploymentType": "SINGLE_AZ_1"}',
    }


RDS = f"arn:aws:rds:{ACCOUNT}:"
CASES = [
    Case(restore.RDSInstance("shop-2"), "RDS", RDS + "db:shop", {"DBInstanceIdentifier": "shop", "Engine": "mysql"}),
    Case(restore.RDSCluster("shop-2"), "RDS", RDS + "cluster:shop", {"Engine": "mysql"}),
    Case(restore.AuroraCluster("ledger-2"), "Aurora", RDS + "cluster:ledger", CLUSTER_HELD),
    Case(restore.DocumentDBCluster("docs-2"), "DocumentDB", RDS + "cluster:docs", {**CLUSTER_HELD, "Engine": "docdb"}),
    Case(restore.NeptuneCluster("graph-2"), "Neptune", RDS + "cluster:graph", {**CLUSTER_HELD, "Engine": "neptune"}),
    Case(restore.EBSVolume("us-east-1a"), "EBS", f"arn:aws:ec2:{ACCOUNT}:volume/vol-0a", {"availabilityZone": None, "volumeId": "vol-0a"}),
    Case(restore.EBSFiles("rescued", items="/etc", restore_type="?"), "EBS", f"arn:aws:ec2:{ACCOUNT}:volume/vol-0a", {"availabilityZone": None, "volumeId": "vol-0a", "encrypted": "true"}),
    Case(restore.EC2Instance(), "EC2", f"arn:aws:ec2:{ACCOUNT}:instance/i-0a", {"InstanceType": "t3.small", "NetworkInterfaces": "[{}]"}),
    Case(restore.EFSFileSystem(), "EFS", f"arn:aws:elasticfilesystem:{ACCOUNT}:file-system/fs-0a", {"file-system-id": "fs-0a"}),
    Case(restore.EFSFileSystem(file_system_id="fs-0a"), "EFS", f"arn:aws:elasticfilesystem:{ACCOUNT}:file-system/fs-0a", {"file-system-id": "fs-0a"}),
    Case(restore.EFSItems("/home"), "EFS", f"arn:aws:elasticfilesystem:{ACCOUNT}:file-system/fs-0a", {"file-system-id": "fs-0a"}),
    Case(restore.DynamoDBTable("orders-2"), "DynamoDB", f"arn:aws:dynamodb:{ACCOUNT}:table/orders", {"originalTableName": "orders"}),
    Case(restore.S3Bucket("invoices-2", new_bucket=True), "S3", "arn:aws:s3:::invoices"),
    Case(restore.FSxWindows(), "FSx", f"arn:aws:fsx:{ACCOUNT}:file-system/fs-0a", fsx("WINDOWS", "WindowsConfiguration")),
    Case(restore.FSxLustre(subnet_ids="subnet-2"), "FSx", f"arn:aws:fsx:{ACCOUNT}:file-system/fs-0a", fsx("LUSTRE", "LustreConfiguration")),
    Case(restore.FSxOpenZFS(), "FSx", f"arn:aws:fsx:{ACCOUNT}:file-system/fs-0a", fsx("OPENZFS", "OpenZFSConfiguration")),
    Case(
        restore.FSxONTAPVolume("data_2", ontap_configuration=restore.OntapConfiguration("svm-0123456789abcdef0")),
        "FSx", f"arn:aws:fsx:{ACCOUNT}:volume/fs-0a/fsvol-0a", {"FileSystemType": "ONTAP", "FileSystemId": "fs-0a"},
    ),
    Case(restore.RedshiftCluster("dwh-2"), "Redshift", f"arn:aws:redshift:{ACCOUNT}:cluster:dwh", {"NodeType": "ra3.large"}),
    Case(restore.RedshiftCluster("dwh-2"), "Redshift Serverless", f"arn:aws:redshift-serverless:{ACCOUNT}:namespace/1a"),
    Case(restore.RedshiftServerlessNamespace("lake", overwrite=True), "Redshift Serverless", f"arn:aws:redshift-serverless:{ACCOUNT}:namespace/1a"),
    Case(
        restore.TimestreamTable("cpu_2"), "Timestream", f"arn:aws:timestream:{ACCOUNT}:database/metrics/table/cpu",
        {"TableName": "cpu", "DatabaseName": "metrics", "MemoryStoreRetentionPeriodInHours": "24", "MagneticStoreRetentionPeriodInDays": "365"},
    ),
    Case(restore.CloudFormationStack("shop-2"), "CloudFormation", f"arn:aws:cloudformation:{ACCOUNT}:stack/shop/1a"),
    Case(
        restore.EKSCluster("apps-2", new_cluster=True, cluster_role="arn:aws:iam::123456789012:role/eks", cluster_vpc_config=restore.ClusterVpcConfig(("subnet-1",))),
        "EKS", f"arn:aws:eks:{ACCOUNT}:cluster/apps",
    ),
    Case(restore.DSQLCluster(), "DSQL", f"arn:aws:dsql:{ACCOUNT}:cluster/1a", {"cluster_id": "1a"}),
    Case(restore.StorageGatewayVolume(gateway_arn=GATEWAY, target_name="disk-2", volume_size_in_bytes=2**30), "Storage Gateway", f"{GATEWAY}/volume/vol-0a"),
    Case(restore.StorageGatewayVolume(gateway_arn=GATEWAY, target_name="disk-2", disk_id="d-1"), "EBS", f"arn:aws:ec2:{ACCOUNT}:volume/vol-0a", {"volumeId": "vol-0a"}),
    Case(restore.VirtualMachine("EC2Instance"), "VirtualMachine", f"arn:aws:backup-gateway:{ACCOUNT}:vm/vm-0a", {"vmId": "vm-0a"}),
    Case(restore.VirtualMachine("VMware", **VMWARE), "VirtualMachine", f"arn:aws:backup-gateway:{ACCOUNT}:vm/vm-0a", {"vmId": "vm-0a"}),
    Case(restore.VirtualMachine("?", items="disk-1", availability_zone="us-east-1a"), "VirtualMachine", f"arn:aws:backup-gateway:{ACCOUNT}:vm/vm-0a"),
    Case(
        restore.HANADatabase(HANA, recovery_type="FULL_DATA_BACKUP_RECOVERY", overwrite=True), "SAP HANA on Amazon EC2", HANA,
        {"BackupSize": "1", "DatabaseName": "PRD", "IsEncryptedBySap": "FALSE", "SourceDatabaseArn": HANA},
    ),
]  # fmt: skip


def case_id(case: Case) -> str:
    return f"{type(case.request).__name__}-{CASES.index(case)}"


@pytest.mark.parametrize("case", CASES, ids=case_id)
class TestEachType:
    def test_it_is_sent_without_problems(self, case):
        """What the point tells and the request together are a whole request; the same sent raw raises no doubt."""
        made = merged(case.request, case.facts)
        assert made.problems == ()
        metadata = {entry.key: entry.value for entry in made.sent}
        assert check_metadata(case.request.KIND, case.facts, metadata) == ()
        assert "aws:backup:request-id" not in metadata

    def test_it_is_a_value(self, case):
        """Requests can be compared, shared between processes and kept in sets."""
        again = pickle.loads(pickle.dumps(case.request))
        assert again == case.request
        assert len({again, case.request}) == 1

    def test_it_restores_in_the_emulator(self, case):
        """The whole way: preview, job, created resource."""
        with bk.local() as aws:
            bk.Stack("s", bk.Vault("prod")).preview(aws).apply()
            aws.resources.add(case.resource, resource_type=case.kind, size_bytes=2**30)
            point = aws.back_up(case.resource, vault="prod").wait().recovery_point
            if case.kind == "CloudFormation":
                point = next(each for each in aws.recovery_points() if not each.is_parent)
            request = attrs.evolve(case.request, extra_metadata=_missing(case, point))
            preview = point.preview_restore(request)
            assert errors_in(preview.problems) == ()
            job = preview.apply().wait()
            assert job.status == "COMPLETED"
            assert job.created_resource_arn


def _missing(case: Case, point: object) -> dict[str, str]:
    """What AWS would tell of the point, and this emulator's synthetic resource does not."""
    told = {key.casefold() for key in point.restore_metadata()}
    form = case.request.form(case.facts)
    return {
        key: value
        for key, value in case.held.items()
        if value is not None
        and key.casefold() not in told
        and (known := form.find(key)) is not None
        and known.send.value == "keep"
        and case.request.field_of(known.name) in {*attrs.fields_dict(type(case.request))}
        and not getattr(case.request, case.request.field_of(known.name))
    }


def test_every_class_is_tried():
    """A class without a case is one that nobody has seen work."""
    assert {type(case.request) for case in CASES} == set(CLASSES)


SUBNET_ID, CONFIGURED = "subnet-1", {"ThroughputCapacity": 32}
GATEWAY_WORDS = {"gateway_arn": GATEWAY, "target_name": "disk-2", "volume_size_in_bytes": 2**30}
HANA_WORDS = {"target_database_arn": HANA, "recovery_type": "FULL_DATA_BACKUP_RECOVERY", "overwrite": True}
NEW_CLUSTER = {
    "cluster_name": "apps-2",
    "new_cluster": True,
    "cluster_role": "arn:aws:iam::123456789012:role/eks",
    "cluster_vpc_config": {"subnetIds": ["subnet-1"]},
}
TABLE_WORDS = {"table_name": "cpu_2", "database_name": "metrics"}
BROKEN = [
    (restore.DocumentDBCluster, {"db_cluster_identifier": "Docs"}, "db_cluster_identifier"),
    (restore.DocumentDBCluster, {"db_cluster_identifier": "docs", "engine": "mongodb"}, "engine"),
    (restore.DocumentDBCluster, {"db_cluster_identifier": "docs", "vpc_security_group_ids": "default"}, "vpc_security_group_ids"),
    (restore.NeptuneCluster, {"db_cluster_identifier": "graph-"}, "db_cluster_identifier"),
    (restore.NeptuneCluster, {"db_cluster_identifier": "graph", "engine": "aurora"}, "engine"),
    (restore.NeptuneCluster, {"db_cluster_identifier": "graph", "port": 80}, "port"),
    (restore.DSQLCluster, {"use_multi_region_orchestration": True, "peer_region": "us-east-2"}, "witness_region"),
    (restore.DSQLCluster, {"witness_region": "us-west-2"}, "witness_region"),
    (restore.DSQLCluster, {"peer_region": "us-west-2"}, "peer_region"),
    (restore.DSQLCluster, {"regional_config": "us-east-1"}, "regional_config"),
    (restore.FSxWindows, {"subnet_ids": "vpc-1"}, "subnet_ids"),
    (restore.FSxWindows, {"subnet_ids": SUBNET_ID, "storage_type": "NVMe"}, "storage_type"),
    (restore.FSxWindows, {"subnet_ids": SUBNET_ID, "automatic_backup_retention_days": 91}, "automatic_backup_retention_days"),
    (restore.FSxLustre, {"subnet_ids": ("subnet-1", "subnet-2", "subnet-3")}, "subnet_ids"),
    (restore.FSxLustre, {"subnet_ids": SUBNET_ID, "storage_type": "INTELLIGENT_TIERING", "storage_capacity": 1200}, "storage_capacity"),
    (restore.FSxLustre, {"subnet_ids": SUBNET_ID, "lustre_configuration": "fast"}, "lustre_configuration"),
    (restore.FSxOpenZFS, {"subnet_ids": SUBNET_ID, "key": "my key"}, "key"),
    (restore.FSxOpenZFS, {"subnet_ids": SUBNET_ID, "security_group_ids": "default"}, "security_group_ids"),
    (restore.FSxOpenZFS, {"subnet_ids": SUBNET_ID, "copy_tags_to_backups": "yes"}, "copy_tags_to_backups"),
    (restore.FSxONTAPVolume, {"name": "a-b", "ontap_configuration": restore.OntapConfiguration("svm-1")}, "name"),
    (restore.FSxONTAPVolume, {"name": "data_2", "ontap_configuration": {"junctionPath": "/data"}}, "ontap_configuration"),
    (restore.FSxONTAPVolume, {"name": "data_2", "ontap_configuration": None}, "ontap_configuration"),
    (restore.RedshiftCluster, {"cluster_identifier": "Dwh"}, "cluster_identifier"),
    (restore.RedshiftCluster, {"cluster_identifier": "dwh", "automated_snapshot_retention_period": 36}, "automated_snapshot_retention_period"),
    (restore.RedshiftCluster, {"cluster_identifier": "dwh", "key": "alias/k", "encrypted": False}, "key"),
    (restore.RedshiftCluster, {"cluster_identifier": "dwh", "master_password_secret_kms_key_id": "alias/k"}, "master_password_secret_kms_key_id"),
    (restore.RedshiftServerlessNamespace, {"namespace_identifier": "lake"}, "overwrite"),
    (restore.RedshiftServerlessNamespace, {"namespace_identifier": "LAKE", "overwrite": True}, "namespace_identifier"),
    (restore.RedshiftServerlessNamespace, {"namespace_identifier": "lake", "overwrite": "yes"}, "overwrite"),
    (restore.RedshiftServerlessNamespace, {"namespace_identifier": "ab", "overwrite": True}, "namespace_identifier"),
    (restore.RedshiftServerlessNamespace, {"namespace_identifier": "my lake", "overwrite": True}, "namespace_identifier"),
    (restore.TimestreamTable, {"table_name": "c"}, "table_name"),
    (restore.TimestreamTable, {**TABLE_WORDS, "memory_store_retention_period_in_hours": 0}, "memory_store_retention_period_in_hours"),
    (restore.TimestreamTable, {**TABLE_WORDS, "magnetic_store_retention_period_in_days": 73_001}, "magnetic_store_retention_period_in_days"),
    (restore.TimestreamTable, {**TABLE_WORDS, "enable_magnetic_store_writes": True, "magnetic_store_write_properties": {"EnableMagneticStoreWrites": True}}, "enable_magnetic_store_writes"),
    (restore.CloudFormationStack, {"stack_name": "my stack"}, "stack_name"),
    (restore.CloudFormationStack, {"stack_name": "shop", "change_set_name": "1st"}, "change_set_name"),
    (restore.CloudFormationStack, {"stack_name": "shop", "stack_parameters": "a=b"}, "stack_parameters"),
    (restore.EKSCluster, {"cluster_name": "apps-2", "new_cluster": True}, "cluster_role"),
    (restore.EKSCluster, {**NEW_CLUSTER, "cluster_role": "eks"}, "cluster_role"),
    (restore.EKSCluster, {"cluster_name": "apps", "namespace_level_restore": True}, "namespaces"),
    (restore.EKSCluster, {"cluster_name": "apps", "namespace_level_restore": True, "namespaces": tuple("abcdef")}, "namespaces"),
    (restore.EKSCluster, {**NEW_CLUSTER, "cluster_vpc_config": {"vpcId": "vpc-1"}}, "cluster_vpc_config"),
    (restore.EKSCluster, {**NEW_CLUSTER, "node_groups": {"nodeGroupId": "ng"}}, "node_groups"),
    (restore.EKSCluster, {"cluster_name": "apps", "nested_restore_jobs": "all"}, "nested_restore_jobs"),
    (restore.StorageGatewayVolume, {**GATEWAY_WORDS, "gateway_arn": "sgw-1"}, "gateway_arn"),
    (restore.StorageGatewayVolume, {**GATEWAY_WORDS, "target_name": "Disk"}, "target_name"),
    (restore.StorageGatewayVolume, {**GATEWAY_WORDS, "volume_size_in_bytes": None}, "volume_size_in_bytes"),
    (restore.StorageGatewayVolume, {**GATEWAY_WORDS, "disk_id": "d-1"}, "volume_size_in_bytes"),
    (restore.VirtualMachine, {"restore_to": "VMware"}, "hypervisor_arn"),
    (restore.VirtualMachine, {"restore_to": "VMware", **VMWARE, "hypervisor_arn": "hype-1"}, "hypervisor_arn"),
    (restore.VirtualMachine, {"restore_to": "EC2Instance", "subnet_id": "vpc-1"}, "subnet_id"),
    (restore.VirtualMachine, {"restore_to": "?", "items": ("a", "b"), "availability_zone": "us-east-1a"}, "items"),
    (restore.HANADatabase, {**HANA_WORDS, "overwrite": False}, "overwrite"),
    (restore.HANADatabase, {**HANA_WORDS, "recovery_type": "ALL"}, "recovery_type"),
    (restore.HANADatabase, {**HANA_WORDS, "target_database_arn": "PRD"}, "target_database_arn"),
    (restore.HANADatabase, {**HANA_WORDS, "local_catalog_path": "/hana"}, "local_catalog_path"),
]  # fmt: skip


class TestBrokenRequests:
    @pytest.mark.parametrize(("cls", "words", "field"), BROKEN)
    def test_what_aws_would_refuse_is_refused_when_it_is_written(self, cls, words, field):
        """The mistake shows on the line that makes it, with the field's name, and not in a job minutes later."""
        with pytest.raises(InvalidValueError) as refused:
            cls(**words)
        assert field in {problem.address.removeprefix("restore/") for problem in refused.value.problems}
        assert all(problem.hint for problem in refused.value.problems)

    @pytest.mark.parametrize("cls", dict.fromkeys(each[0] for each in BROKEN), ids=lambda cls: cls.__name__)
    def test_each_class_has_three(self, cls):
        """No type is looked at less than the others."""
        assert sum(each[0] is cls for each in BROKEN) >= 3

    @pytest.mark.parametrize(
        ("kind", "metadata", "expected"),
        [
            ("DocumentDB", {"dbClusterIdentifier": "docs-2", "engine": "mongodb"}, {"engine"}),
            ("Neptune", {"engine": "neptune"}, {"dbClusterIdentifier"}),
            ("DSQL", {"cluster_id": "1a"}, {"cluster_id"}),
            ("FSx", {"WindowsConfiguration": "x"}, {"SubnetIds", "WindowsConfiguration"}),
            ("Redshift", {"ClusterIdentifier": "dwh", "RestoreType": "ALL"}, {"RestoreType"}),
            ("Redshift Serverless", {"RestoreType": "NAMESPACE_RESTORE"}, {"NamespaceIdentifier"}),
            ("Timestream", {"TableName": "cpu", "DatabaseName": "metrics"}, {"MemoryStoreRetentionPeriodInHours", "MagneticStoreRetentionPeriodInDays"}),
            ("CloudFormation", {}, {"StackName", "ChangeSetName"}),
            ("EKS", {"newCluster": "yes"}, {"clusterName", "newCluster"}),
            ("Storage Gateway", {"gatewayArn": "sgw"}, {"gatewayArn", "targetName", "volumeSizeInBytes"}),
            ("VirtualMachine", {"RestoreTo": "VMware", "VMName": "a"}, {"HypervisorArn", "VMPath", "ComputeResourceName", "VMDatastore"}),
            ("SAP HANA on Amazon EC2", {"RecoveryType": "ALL", "CatalogRestoreOption": "NO_CATALOG"}, {"RecoveryType", "aws:backup:TargetDatabaseArn"}),
        ],
    )  # fmt: skip
    def test_raw_metadata_is_judged_by_the_same_table(self, kind, metadata, expected):
        """The same mistakes, sent raw, are what the emulator fails the job for."""
        found = errors_in(check_metadata(catalog.TYPES[kind], PointFacts(resource_type=kind), metadata))
        assert {problem.address for problem in found} == expected


def made_for(case: Case):
    try:
        return (), usual_request(case.kind, case.facts, None)
    except InvalidValueError as error:
        return error.problems, None


class TestRestoreRequest:
    @pytest.mark.parametrize("case", [case for case in CASES if case.kind != "VirtualMachine"], ids=case_id)
    def test_what_a_point_needs_is_made_or_listed(self, case):
        """Whoever does not know the type gets the request, or the list of what must be chosen and the line to write."""
        problems, request = made_for(case)
        assert all(re.search(r"write bk\.restore\.\w+\(.*\w+=\.\.\.", problem.hint) for problem in problems)
        if request is not None:
            assert case.kind.startswith(request.KIND.name)
            assert errors_in(merged(request, case.facts).problems) == ()

    def test_the_name_is_that_of_the_source_with_the_moment_of_the_point(self):
        """Two restores of two points do not collide, and the name says what it is."""
        table = next(case for case in CASES if case.kind == "DynamoDB")
        assert usual_request("DynamoDB", table.facts, None).target_table_name == "orders-20260102-030405"
        database = next(case for case in CASES if case.kind == "RDS").facts
        long = attrs.evolve(database, resource_arn=f"{RDS}db:{'s' * 63}")
        name = usual_request("RDS", long, None).db_instance_identifier
        assert len(name) <= 63
        assert name.endswith("-20260102-030405")

    def test_a_name_where_aws_makes_an_id_is_refused(self):
        """The name would go nowhere."""
        instance = next(case for case in CASES if case.kind == "EC2")
        with pytest.raises(InvalidValueError, match="takes no name"):
            usual_request("EC2", instance.facts, "web-2")

    def test_a_flavour_that_the_point_does_not_tell_is_asked_for(self):
        """Four kinds of file systems share one type."""
        unknown = PointFacts(resource_type="FSx", resource_arn=f"arn:aws:fsx:{ACCOUNT}:file-system/fs-0a")
        with pytest.raises(
            InvalidValueError, match=r"bk.restore.FSxWindows, bk.restore.FSxLustre, bk.restore.FSxOpenZFS"
        ):
            usual_request("FSx", unknown, None)

    def test_a_request_of_another_flavour_is_refused(self):
        """A Lustre backup does not become a Windows file system, nor a cluster an instance."""
        lustre = next(case for case in CASES if isinstance(case.request, restore.FSxLustre))
        assert errors_in(merged(restore.FSxWindows(subnet_ids="subnet-1"), lustre.facts).problems)
        cluster = next(case for case in CASES if isinstance(case.request, restore.RDSCluster))
        assert errors_in(merged(restore.RDSInstance("shop-2"), cluster.facts).problems)


class TestStructures:
    def test_nested_restores_are_encoded_twice(self):
        """EKS takes a map of points to JSON texts, inside a JSON text."""
        request = restore.EKSCluster(
            "apps",
            nested_restore_jobs={"arn:1": restore.EBSVolume("us-east-1a"), "arn:2": {"DestinationBucketName": "b-2"}},
        )
        [text] = [entry.value for entry in merged(request, CASES[0].facts).sent if entry.key == "nestedRestoreJobs"]
        assert {arn: json.loads(job) for arn, job in json.loads(text).items()} == {
            "arn:1": {"availabilityZone": "us-east-1a"},
            "arn:2": {"DestinationBucketName": "b-2"},
        }

    def test_members_are_spelled_as_each_service_spells_them(self):
        """FSx and EC2 begin with capitals, EKS, DSQL and ONTAP's page with small letters; numbers stay numbers."""
        assert restore.WindowsConfiguration(32, active_directory_id="d-1").to_dict() == {
            "ThroughputCapacity": 32,
            "ActiveDirectoryId": "d-1",
        }
        assert restore.RegionalConfig("us-east-1", is_deletion_protection_enabled=False).to_dict() == {
            "region": "us-east-1",
            "isDeletionProtectionEnabled": False,
        }
        assert restore.NodeGroup("ng", ("subnet-1",), "arn:role", remote_access_ec2_ssh_key="ops").to_dict() == {
            "nodeGroupId": "ng",
            "subnetIds": ["subnet-1"],
            "nodeRole": "arn:role",
            "remoteAccessEc2SshKey": "ops",
        }

    @pytest.mark.parametrize(
        ("cls", "service", "operation", "member"),
        [
            (restore.WindowsConfiguration, "fsx", "CreateFileSystemFromBackup", "WindowsConfiguration"),
            (restore.LustreConfiguration, "fsx", "CreateFileSystemFromBackup", "LustreConfiguration"),
            (restore.OpenZFSConfiguration, "fsx", "CreateFileSystemFromBackup", "OpenZFSConfiguration"),
            (restore.OntapConfiguration, "fsx", "CreateVolumeFromBackup", "OntapConfiguration"),
            (restore.ScalingConfiguration, "rds", "RestoreDBClusterFromSnapshot", "ScalingConfiguration"),
            (restore.ServerlessV2ScalingConfiguration, "rds", "RestoreDBClusterFromSnapshot", "ServerlessV2ScalingConfiguration"),
            (restore.MagneticStoreWriteProperties, "timestream-write", "CreateTable", "MagneticStoreWriteProperties"),
        ],
    )  # fmt: skip
    def test_every_member_is_one_of_the_services_own(self, cls, service, operation, member):
        """A misspelt member is ignored, or fails the job."""
        known = {name.casefold() for name in _shape(service, operation).members[member].members}
        ours = {cls._member(cls, field.name).casefold() for field in attrs.fields(cls)}
        assert ours <= known

    def test_the_volumes_and_interfaces_of_instances_are_ec2s(self):
        """They are sent as RunInstances takes them."""
        run = _shape("ec2", "RunInstances").members
        for cls, shape in (
            (restore.BlockDeviceMapping, run["BlockDeviceMappings"].member),
            (restore.EbsBlockDevice, run["BlockDeviceMappings"].member.members["Ebs"]),
            (restore.NetworkInterface, run["NetworkInterfaces"].member),
        ):
            assert {cls._member(cls, field.name) for field in attrs.fields(cls)} <= set(shape.members)


def _shape(service: str, operation: str):
    return get_session().get_service_model(service).operation_model(operation).input_shape


class TestAgainstBotocore:
    """The tables beside botocore's models of the services that do the work."""

    @pytest.mark.parametrize(
        ("kind", "service", "operation", "also"),
        [
            ("RDS", "rds", "RestoreDBInstanceToPointInTime", {"dbinstanceidentifier"}),
            ("Aurora", "rds", "RestoreDBClusterFromSnapshot", {"restoretotime", "uselatestrestorabletime"}),
            ("DocumentDB", "docdb", "RestoreDBClusterFromSnapshot", set()),
            ("Neptune", "neptune", "RestoreDBClusterFromSnapshot", set()),
            ("Redshift", "redshift", "RestoreFromClusterSnapshot", {"restoretype"}),
        ],
    )
    def test_keys_are_parameters_of_the_service(self, kind, service, operation, also):
        """AWS Backup passes them on under their own names (developer guide, restoring RDS)."""
        known = {name.casefold() for name in _shape(service, operation).members} | also
        forms = [form for form in catalog.TYPES[kind].restore_forms if form.resource != "cluster:" and not form.when]
        ours = {key.name.casefold() for form in forms for key in form.keys if key.send.value != "strip"}
        assert ours - known == set()

    @pytest.mark.parametrize(
        ("kind", "key", "service", "operation", "member", "without"),
        [
            ("EBS", "volumeType", "ec2", "CreateVolume", "VolumeType", {"standard"}),
            ("FSx", "StorageType", "fsx", "CreateFileSystemFromBackup", "StorageType", set()),
            ("EC2", "InstanceInitiatedShutdownBehavior", "ec2", "RunInstances", "InstanceInitiatedShutdownBehavior", set()),
        ],
    )  # fmt: skip
    def test_values_are_those_of_the_service(self, kind, key, service, operation, member, without):
        """What the guide leaves out is named here, so that a new value turns up as a failing test."""
        found = next(each for each in catalog.TYPES[kind].restore_keys if each.name == key)
        assert set(found.values) == set(_shape(service, operation).members[member].enum) - without

    @pytest.mark.parametrize(
        ("kind", "key", "shape"),
        [
            ("Timestream", "MemoryStoreRetentionPeriodInHours", ("timestream-write", "CreateTable", "RetentionProperties")),
            ("Timestream", "MagneticStoreRetentionPeriodInDays", ("timestream-write", "CreateTable", "RetentionProperties")),
        ],
    )  # fmt: skip
    def test_ranges_are_those_of_the_service(self, kind, key, shape):
        """A range that is wider fails late, one that is narrower refuses what AWS takes."""
        found = next(each for each in catalog.TYPES[kind].restore_keys if each.name == key)
        service, operation, member = shape
        limits = _shape(service, operation).members[member].members[key].metadata
        assert (found.minimum, found.maximum) == (limits["min"], limits["max"])

    @pytest.mark.parametrize(
        ("kind", "key", "service", "operation", "member"),
        [
            ("EKS", "clusterName", "eks", "CreateCluster", "name"),
            ("EFS", "CreationToken", "efs", "CreateFileSystem", "CreationToken"),
            ("CloudFormation", "ChangeSetName", "cloudformation", "CreateChangeSet", "ChangeSetName"),
            ("Storage Gateway", "targetName", "storagegateway", "CreateCachediSCSIVolume", "TargetName"),
        ],
    )
    def test_names_are_no_longer_than_the_service_takes(self, kind, key, service, operation, member):
        """The longest name passes, one more letter does not."""
        found = next(each for each in catalog.TYPES[kind].restore_keys if each.name == key)
        longest = _shape(service, operation).members[member].metadata["max"]
        assert found.pattern.admits("a" * longest)
        assert not found.pattern.admits("a" * (longest + 1))


class TestDocstrings:
    @pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
    def test_what_nobody_was_seen_to_send_is_named(self, cls):
        """Whoever relies on a key knows whether anybody did before."""
        text = " ".join(cls.__doc__.split())
        unseen = {field for field, key in fields(cls) if not key_of(cls, key).seen}
        if unseen == {field for field, _ in fields(cls)}:
            assert (
                "Every key of it is documented, not seen in use" in text
                or f"in use: {', '.join(sorted(unseen))}." in text
            )
        else:
            named = re.search(r"Documented, not seen in use: ([\w, ]+)\.", text)
            assert set(named[1].split(", ") if named else ()) == unseen

    @pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
    def test_what_it_does_to_what_is_there_is_said(self, cls):
        """Nobody should learn from a job that it added to, or destroyed, what was there."""
        text = cls.__doc__
        if any(form.overwrites for form in cls.FORMS):
            assert "OVERWRITES" in text
        elif all(form.adds for form in cls.FORMS):
            assert "stays" in text or "adds" in text or "add" in text

    @pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
    def test_one_meaning_has_one_word(self, cls):
        """The key of KMS is key=, and nothing is called after a moment."""
        for field, key in fields(cls):
            if key.casefold() in {"kmskeyid", "kmskey", "kmsmasterkeyarn"}:
                assert field == "key"
        assert not {"restore_time", "restore_to_time"} & set(attrs.fields_dict(cls))
