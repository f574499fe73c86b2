"""Getting data back: recovery points and jobs as handles that know whom to ask."""

from backupkit.recover.backup_job import BackupJob
from backupkit.recover.caller import Caller
from backupkit.recover.copy_job import CopyJob
from backupkit.recover.copy_preview import CopyPreview
from backupkit.recover.deletion import Deletion
from backupkit.recover.orphans import FoundPoints, Orphans, PointSource, find_orphans
from backupkit.recover.point_changes import PointChange, PointChanges
from backupkit.recover.point_report import PointOutcome, PointReport, PointsInterrupted
from backupkit.recover.point_return import PointReturn, ReturnPreview, ReturnStep
from backupkit.recover.points import RecoveryPoints
from backupkit.recover.polling import Polling
from backupkit.recover.preflight import PreflightCheck, Verdict
from backupkit.recover.quiesce import SSMQuiesce
from backupkit.recover.quiesced_backup import QuiescedBackup
from backupkit.recover.recovery import Recovery
from backupkit.recover.recovery_point import RecoveryPoint
from backupkit.recover.recovery_preview import RecoveryPreview
from backupkit.recover.report_job import ReportJob
from backupkit.recover.restore_job import RestoreJob
from backupkit.recover.scan_job import ScanJob
from backupkit.recover.ssm_script import ScriptRun
from backupkit.recover.together import WaitResult, as_completed, wait_all

__all__ = [
    "BackupJob",
    "Caller",
    "CopyJob",
    "CopyPreview",
    "Deletion",
    "FoundPoints",
    "Orphans",
    "PointChange",
    "PointChanges",
    "PointOutcome",
    "PointReport",
    "PointReturn",
    "PointSource",
    "PointsInterrupted",
    "Polling",
    "PreflightCheck",
    "QuiescedBackup",
    "Recovery",
    "RecoveryPoint",
    "RecoveryPoints",
    "RecoveryPreview",
    "ReportJob",
    "RestoreJob",
    "ReturnPreview",
    "ReturnStep",
    "SSMQuiesce",
    "ScanJob",
    "ScriptRun",
    "Verdict",
    "WaitResult",
    "as_completed",
    "find_orphans",
    "wait_all",
]
