"""What a point can be restored to: ``point.restore(bk.restore.DynamoDBTable("orders-restored"))``.

Each class is one kind of target, its fields AWS's metadata keys in snake_case; small classes beside them are the nested
structures that some keys take. [The reference](docs/restore-keys.md) has every key.
"""

from backupkit.catalog.aurora import AuroraCluster, ScalingConfiguration, ServerlessV2ScalingConfiguration
from backupkit.catalog.aurora_dsql import DSQLCluster, RegionalConfig
from backupkit.catalog.cloudformation import CloudFormationStack
from backupkit.catalog.documentdb import DocumentDBCluster
from backupkit.catalog.dynamodb import DynamoDBTable
from backupkit.catalog.ebs import EBSFiles, EBSVolume
from backupkit.catalog.ec2 import BlockDeviceMapping, EbsBlockDevice, EC2Instance, NetworkInterface
from backupkit.catalog.efs import EFSFileSystem, EFSItems
from backupkit.catalog.eks import ClusterVpcConfig, EKSCluster, FargateProfile, NodeGroup, PodIdentityAssociation
from backupkit.catalog.fsx import (
    FSxLustre,
    FSxONTAPVolume,
    FSxOpenZFS,
    FSxWindows,
    LustreConfiguration,
    OntapConfiguration,
    OpenZFSConfiguration,
    WindowsConfiguration,
)
from backupkit.catalog.neptune import NeptuneCluster
from backupkit.catalog.rds import RDSCluster, RDSInstance
from backupkit.catalog.redshift import RedshiftCluster
from backupkit.catalog.redshift_serverless import RedshiftServerlessNamespace
from backupkit.catalog.request import Raw, RestoreRequest
from backupkit.catalog.s3 import S3Bucket
from backupkit.catalog.sap_hana import HANADatabase
from backupkit.catalog.storage_gateway import StorageGatewayVolume
from backupkit.catalog.timestream import MagneticStoreWriteProperties, TimestreamTable
from backupkit.catalog.virtual_machine import DiskToRestore, VirtualMachine
from backupkit.recover.restore_preview import RestorePreview

__all__ = [
    "AuroraCluster",
    "BlockDeviceMapping",
    "CloudFormationStack",
    "ClusterVpcConfig",
    "DSQLCluster",
    "DiskToRestore",
    "DocumentDBCluster",
    "DynamoDBTable",
    "EBSFiles",
    "EBSVolume",
    "EC2Instance",
    "EFSFileSystem",
    "EFSItems",
    "EKSCluster",
    "EbsBlockDevice",
    "FSxLustre",
    "FSxONTAPVolume",
    "FSxOpenZFS",
    "FSxWindows",
    "FargateProfile",
    "HANADatabase",
    "LustreConfiguration",
    "MagneticStoreWriteProperties",
    "NeptuneCluster",
    "NetworkInterface",
    "NodeGroup",
    "OntapConfiguration",
    "OpenZFSConfiguration",
    "PodIdentityAssociation",
    "RDSCluster",
    "RDSInstance",
    "Raw",
    "RedshiftCluster",
    "RedshiftServerlessNamespace",
    "RegionalConfig",
    "RestorePreview",
    "RestoreRequest",
    "S3Bucket",
    "ScalingConfiguration",
    "ServerlessV2ScalingConfiguration",
    "StorageGatewayVolume",
    "TimestreamTable",
    "VirtualMachine",
    "WindowsConfiguration",
]
