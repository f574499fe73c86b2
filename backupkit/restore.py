"""What a point can be restored to: ``point.restore(bk.restore.DynamoDBTable("orders-restored"))``."""

from backupkit.catalog import DynamoDBTable, Raw, RestoreRequest, S3Bucket

__all__ = ["DynamoDBTable", "Raw", "RestoreRequest", "S3Bucket"]
