"""For tests of programs that use backupkit: hypothesis strategies for its values, and connections that watch or fail.

Each yields only values that AWS takes, reaches every field, and shrinks to small values, which hypothesis shows as the
calls that make them. Only what would name another thing, the rules of a selection and the frameworks of a report plan,
is left out. Those that begin with ``invalid_`` yield keyword arguments that are refused.

`stacks` yields vaults and plans that fit each other, and `resources` what they may protect: together they are what a
fresh local service takes. Where others have ``account_id`` and ``region_name``, they yield values for that place.

`Recording`, `ReadOnly` and `FaultInjection` stand between a connection and what answers it:
``bk.Connection(testing.ReadOnly(aws.transport))`` is a connection that changes nothing.

All of it needs hypothesis: ``pip install hypothesis``.
"""

try:
    import hypothesis as _hypothesis  # noqa: F401 - the first of all, so that the message comes where it is missing
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "backupkit.testing needs hypothesis, which is not installed: pip install hypothesis", name=error.name
    ) from error

from backupkit.testing.air_gapped import access_points, air_gapped_vaults, restore_access_vaults
from backupkit.testing.arns import key_arns, resource_arns, role_arns, topic_arns, vault_arns
from backupkit.testing.beside import (
    alarms,
    backup_roles,
    dynamodb_continuous_backups,
    efs_backup_policies,
    global_settings,
    restore_validations,
    topic_policies,
)
from backupkit.testing.compliance import (
    controls,
    frameworks,
    legal_holds,
    region_settings,
    report_plans,
    tiering_configurations,
)
from backupkit.testing.lifecycles import copy_actions, invalid_lifecycles, lifecycles
from backupkit.testing.names import names, tags, vault_names
from backupkit.testing.plans import advanced_settings, plans, scan_settings
from backupkit.testing.resources import NewResource, resources
from backupkit.testing.restore_testing import restore_testing_plans, restore_testing_selections
from backupkit.testing.rules import index_actions, rules, scan_actions
from backupkit.testing.schedules import cron_expressions, schedules
from backupkit.testing.selections import selections, tag_conditions
from backupkit.testing.stacks import stacks
from backupkit.testing.vaults import access_policies, compliance_locks, governance_locks, notifications, vaults
from backupkit.transport.fault_injection import FaultInjection
from backupkit.transport.readonly import ReadOnly
from backupkit.transport.recording import Call, Recording

__all__ = [
    "Call",
    "FaultInjection",
    "NewResource",
    "ReadOnly",
    "Recording",
    "access_points",
    "access_policies",
    "advanced_settings",
    "air_gapped_vaults",
    "alarms",
    "backup_roles",
    "compliance_locks",
    "controls",
    "copy_actions",
    "cron_expressions",
    "dynamodb_continuous_backups",
    "efs_backup_policies",
    "frameworks",
    "global_settings",
    "governance_locks",
    "index_actions",
    "invalid_lifecycles",
    "key_arns",
    "legal_holds",
    "lifecycles",
    "names",
    "notifications",
    "plans",
    "region_settings",
    "report_plans",
    "resource_arns",
    "resources",
    "restore_access_vaults",
    "restore_testing_plans",
    "restore_testing_selections",
    "restore_validations",
    "role_arns",
    "rules",
    "scan_actions",
    "scan_settings",
    "schedules",
    "selections",
    "stacks",
    "tag_conditions",
    "tags",
    "tiering_configurations",
    "topic_arns",
    "topic_policies",
    "vault_arns",
    "vault_names",
    "vaults",
]
