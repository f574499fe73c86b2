"""Every type: its typed requests restore it in the emulator, from metadata of the shape that AWS answers."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime

import attrs
import pytest

import backupkit as bk
from backupkit import restore
from backupkit.catalog import PointFacts, Request, check_metadata
from backupkit.catalog.merge import merged
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
