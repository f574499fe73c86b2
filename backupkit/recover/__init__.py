"""Getting data back: recovery points and jobs as handles that know whom to ask."""

from backupkit.recover.backup_job import BackupJob
from backupkit.recover.caller import Caller
from backupkit.recover.copy_job import CopyJob
from backupkit.recover.points import RecoveryPoint, RecoveryPoints
from backupkit.recover.restore_job import RestoreJob

__all__ = ["BackupJob", "Caller", "CopyJob", "RecoveryPoint", "RecoveryPoints", "RestoreJob"]
