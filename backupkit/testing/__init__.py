"""Hypothesis strategies for backupkit's values, for tests of programs that use it; needs hypothesis.

Each yields only values that AWS takes, reaches every field, and shrinks to small values. Those that begin with
``invalid_`` yield keyword arguments that are refused.

`stacks` yields vaults and plans that fit each other, and `resources` what they may protect: together they are what a
fresh local service takes. Where others have ``account_id`` and ``region_name``, they yield values for that place.
"""

from backupkit.testing.arns import key_arns, resource_arns, role_arns, topic_arns, vault_arns
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
from backupkit.testing.rules import index_actions, rules, scan_actions
from backupkit.testing.schedules import cron_expressions, schedules
from backupkit.testing.selections import selections, tag_conditions
from backupkit.testing.stacks import stacks
from backupkit.testing.vaults import compliance_locks, governance_locks, notifications, vaults

__all__ = [
    "NewResource",
    "advanced_settings",
    "compliance_locks",
    "controls",
    "copy_actions",
    "cron_expressions",
    "frameworks",
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
    "vault_arns",
    "vault_names",
    "vaults",
]
