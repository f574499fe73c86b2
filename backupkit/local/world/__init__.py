"""The resources that a local AWS Backup protects: synthetic ones, or real ones behind any boto3 session."""

from backupkit.local.world.seam import Captured, Restored, Seen, World, WorldError

__all__ = ["Captured", "Restored", "Seen", "World", "WorldError"]
