"""What names look like in the services whose resources are restored."""

from __future__ import annotations

from backupkit.checks import Pattern

__all__ = [
    "ABSOLUTE_PATH",
    "BUCKET_NAME",
    "DATABASE_NAME",
    "EKS_CLUSTER_NAME",
    "FILE_SYSTEM_ID",
    "INSTANCE_CLASS",
    "INSTANCE_PROFILE",
    "INSTANCE_TYPE",
    "KMS_KEY",
    "REDSHIFT_CLUSTER_NAME",
    "SECURITY_GROUP",
    "STACK_NAME",
    "SUBNET",
    "TABLE_NAME",
    "TIMESTREAM_NAME",
    "TOKEN",
    "VERSIONS",
    "ZONE",
]

ABSOLUTE_PATH = Pattern("path from the root", r"/.*", "a path that begins with /, without wildcards")
BUCKET_NAME = Pattern(
    "bucket name",
    r"(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
    "3 to 63 lower-case letters, digits, . and -",
)
DATABASE_NAME = Pattern(
    "database identifier",
    r"(?!.*--)[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?",
    "1 to 63 lower-case letters, digits and single hyphens, a letter first and no hyphen last (RDS stores no capitals)",
)
EKS_CLUSTER_NAME = Pattern(
    "cluster name", r"[0-9A-Za-z][A-Za-z0-9_-]{0,99}", "1 to 100 letters, digits, - and _, a letter or digit first"
)
FILE_SYSTEM_ID = Pattern("file system id", r"fs-[0-9a-zA-Z-]+", "an id such as fs-0123456789abcdef0")
INSTANCE_CLASS = Pattern(
    "class of database instances", r"db\.[a-z0-9-]+(?:\.[a-z0-9-]+)*", "a class such as db.t4g.medium"
)
INSTANCE_PROFILE = Pattern("name of an instance profile", r"[\w+=,.@-]{1,128}", "its name, or UseBackedUpValue")
INSTANCE_TYPE = Pattern("instance type", r"[a-z0-9-]+(?:\.[a-z0-9-]+)+", "a type such as m7g.large")
KMS_KEY = Pattern(
    "KMS key",
    r"(?:arn:aws[a-z-]*:kms:.+:(?:key|alias)/.+|alias/.+|mrk-[0-9a-f]{32}|[0-9a-f-]{36})",
    "the ARN of a key, its id, or alias/name",
)
REDSHIFT_CLUSTER_NAME = Pattern(
    "cluster identifier",
    r"(?!.*--)[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?",
    "1 to 63 lower-case letters, digits and single hyphens, a letter first and no hyphen last",
)
SECURITY_GROUP = Pattern("security group", r"sg-[0-9a-zA-Z-]+", "ids such as sg-0123456789abcdef0")
STACK_NAME = Pattern(
    "stack or change set name", r"[a-zA-Z][-a-zA-Z0-9]{0,127}", "up to 128 letters, digits and -, a letter first"
)
SUBNET = Pattern("subnet", r"subnet-[0-9a-zA-Z-]+", "ids such as subnet-0123456789abcdef0")
TABLE_NAME = Pattern("table name", r"[a-zA-Z0-9_.-]{3,255}", "3 to 255 letters, digits, _, - and .")
TIMESTREAM_NAME = Pattern("Timestream name", r"[a-zA-Z0-9_.-]{2,256}", "2 to 256 letters, digits, _, - and .")
TOKEN = Pattern("token", r".{1,64}", "1 to 64 characters")
VERSIONS = Pattern("number of versions", r"all|[1-9][0-9]*", '1 or more, or "all"')
ZONE = Pattern(
    "availability zone",
    r"[a-z]{2}(?:-[a-z]+)+-\d+(?:(?:-[a-z]+-\d+)?[a-z]|-wl\d+-[a-z]+-wlz-\d+)",
    "a zone such as us-east-1a",
)
