"""The naming rules of the API, each once. A test holds them against the patterns in botocore's model of AWS Backup."""

from __future__ import annotations

from collections.abc import Iterator

from backupkit.checks import Pattern, text_of
from backupkit.problems import Problem

__all__ = [
    "ACCESS_POINT_NAME",
    "ALARM_NAME",
    "AUDIT_NAME",
    "EVENT_RULE_NAME",
    "MAX_DAYS",
    "MAX_WINDOW_MINUTES",
    "MIN_START_MINUTES",
    "OPTION",
    "PLAN_NAME",
    "RESTORE_TESTING_NAME",
    "ROLE_NAME",
    "RULE_NAME",
    "SELECTION_NAME",
    "TIERED_VAULT",
    "TIERING_NAME",
    "VAULT_NAME",
    "is_description",
]

VAULT_NAME = Pattern("vault name", r"[a-zA-Z0-9\-\_]{2,50}", "2 to 50 letters, digits, - and _")
RULE_NAME = Pattern("rule name", r"[a-zA-Z0-9\-\_\.]{1,50}", "1 to 50 letters, digits, -, _ and .")
SELECTION_NAME = Pattern("selection name", r"[a-zA-Z0-9\-\_\.]{1,50}", "1 to 50 letters, digits, -, _ and .")
OPTION = Pattern("resource type or option", r"[a-zA-Z0-9\-\_\.]{1,50}", "1 to 50 letters, digits, -, _ and .")
# The model has no pattern for plan names. Its texts give 1 to 50 characters for the console and 1 to 200 for the API.
PLAN_NAME = Pattern("plan name", r"[a-zA-Z0-9\-\_\.]{1,200}", "1 to 200 letters, digits, -, _ and .")
# The model has no pattern for these. One paragraph of the guide allows hyphens in names of selections, others do not.
RESTORE_TESTING_NAME = Pattern("name of restore testing", r"[a-zA-Z0-9_]{1,50}", "1 to 50 letters, digits and _")
ACCESS_POINT_NAME = Pattern(
    "backup access point name",
    r"[\da-z]{1}[\da-z-]{1,48}[\da-z]{1}(?<!-s3alias)(?<!-ext-s3alias)",
    "3 to 50 lower-case letters, digits and -, with no - at either end and not ending with -s3alias",
)
ROLE_NAME = Pattern("role name", r"[a-zA-Z0-9_+=,.@-]{1,64}", "1 to 64 letters, digits, and _+=,.@-")
EVENT_RULE_NAME = Pattern("rule name", r"[a-zA-Z0-9._-]{1,64}", "1 to 64 letters, digits, ., _ and -")
ALARM_NAME = Pattern(
    "alarm name", r"[\x20-\x7e\xa0-\U0010ffff]{1,255}", "1 to 255 characters, none of them a control character"
)
AUDIT_NAME = Pattern(
    "name of a framework or report plan",
    r"[a-zA-Z][_a-zA-Z0-9]{0,255}",
    "1 to 256 letters, digits and _, beginning with a letter; no hyphens",
)
TIERING_NAME = Pattern("tiering configuration name", r"[a-zA-Z0-9_]{1,200}", "1 to 200 letters, digits and _")
TIERED_VAULT = Pattern("vault name or *", r"(\*|[a-zA-Z0-9\-\_]{2,50})", "2 to 50 letters, digits, - and _, or *")

MAX_DAYS = 36_500
"""The longest retention: about 100 years (developer guide, plan options)."""
MAX_WINDOW_MINUTES = 52_560_000
"""The longest window: about 100 years (botocore model, BackupRuleInput)."""
MIN_START_MINUTES = 60
"""The shortest start window (botocore model, BackupRuleInput and StartBackupJob)."""
_LONGEST_DESCRIPTION = 1_024


def is_description(value: object) -> Iterator[Problem]:
    """The description of a framework or report plan (botocore model, FrameworkDescription)."""
    yield from text_of(_LONGEST_DESCRIPTION, lines=True)(value)
