"""What a point can be restored to: ``point.restore(bk.restore.DynamoDBTable("orders-restored"))``."""

from backupkit.catalog.aurora import AuroraCluster, ScalingConfiguration, ServerlessV2ScalingConfiguration
from backupkit.catalog.dynamodb import DynamoDBTable
from backupkit.catalog.ebs import EBSFiles, EBSVolume
from backupkit.catalog.ec2 import BlockDeviceMapping, EbsBlockDevice, EC2Instance, NetworkInterface
from backupkit.catalog.efs import EFSFileSystem, EFSItems
from backupkit.catalog.rds import RDSCluster, RDSInstance
from backupkit.catalog.request import Raw, RestoreRequest
from backupkit.catalog.s3 import S3Bucket
from backupkit.recover.restore_preview import RestorePreview

__all__ = [
    "AuroraCluster",
    "BlockDeviceMapping",
    "DynamoDBTable",
    "EBSFiles",
    "EBSVolume",
    "EC2Instance",
    "EFSFileSystem",
    "EFSItems",
    "EbsBlockDevice",
    "NetworkInterface",
    "RDSCluster",
    "RDSInstance",
    "Raw",
    "RestorePreview",
    "RestoreRequest",
    "S3Bucket",
    "ScalingConfiguration",
    "ServerlessV2ScalingConfiguration",
]
