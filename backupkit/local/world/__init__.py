"""The resources that a local AWS Backup protects: synthetic ones, or real ones behind any boto3 session."""

from backupkit.local.world.seam import RESTORE_TEST, Captured, Restored, Seen, World, WorldError

__all__ = ["RESTORE_TEST", "Captured", "Restored", "Seen", "World", "WorldError"]
