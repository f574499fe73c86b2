"""The table of kinds: what a stack can hold, in the order in which it is made.

A kind is a class in `backupkit.declare`, a row in a module here, its line in `KINDS`, and an export.
"""

from __future__ import annotations

from backupkit.provider.kinds.access_point import ACCESS_POINT
from backupkit.provider.kinds.air_gapped import AIR_GAPPED_VAULT, RESTORE_ACCESS_VAULT
from backupkit.provider.kinds.alarm import ALARM
from backupkit.provider.kinds.automatic_backups import DYNAMODB_CONTINUOUS_BACKUPS, EFS_BACKUP_POLICY
from backupkit.provider.kinds.framework import FRAMEWORK
from backupkit.provider.kinds.kind import AnyKind, Kind, Part, Settling
from backupkit.provider.kinds.legal_hold import LEGAL_HOLD
from backupkit.provider.kinds.observed import Observed, World
from backupkit.provider.kinds.plan import PLAN
from backupkit.provider.kinds.reader import Reader
from backupkit.provider.kinds.report_plan import REPORT_PLAN
from backupkit.provider.kinds.restore_testing import RESTORE_TESTING_PLAN
from backupkit.provider.kinds.restore_validation import RESTORE_VALIDATION
from backupkit.provider.kinds.role import ROLE
from backupkit.provider.kinds.settings import GLOBAL_SETTINGS, REGION_SETTINGS
from backupkit.provider.kinds.tiering import TIERING_CONFIGURATION
from backupkit.provider.kinds.topic_policy import TOPIC_POLICY
from backupkit.provider.kinds.vault import VAULT

__all__ = ["KINDS", "Kind", "Observed", "Part", "Reader", "Settling", "World"]

KINDS: tuple[AnyKind, ...] = (
    GLOBAL_SETTINGS,
    REGION_SETTINGS,
    ROLE,
    TOPIC_POLICY,
    VAULT,
    AIR_GAPPED_VAULT,
    RESTORE_ACCESS_VAULT,
    TIERING_CONFIGURATION,
    PLAN,
    RESTORE_TESTING_PLAN,
    RESTORE_VALIDATION,
    ACCESS_POINT,
    FRAMEWORK,
    REPORT_PLAN,
    LEGAL_HOLD,
    ALARM,
    EFS_BACKUP_POLICY,
    DYNAMODB_CONTINUOUS_BACKUPS,
)
"""Every row. What others need comes first; deletions go the other way round."""
