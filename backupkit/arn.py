"""Amazon Resource Names: taking them apart, asking what they name, and how those of one kind are written."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeGuard

import attrs

from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, quote

__all__ = [
    "APPROVAL_TEAM",
    "FILE_SYSTEM",
    "FRAMEWORK",
    "FUNCTION",
    "KEPT_POINT",
    "KEY",
    "REGION",
    "ROLE",
    "TABLE",
    "TOPIC",
    "VAULT",
    "Arn",
    "ArnForm",
    "is_account",
    "is_region",
    "partition_of",
    "vault_arn",
]

_ARN = re.compile(
    r"arn:(?P<partition>[^:\s]+):(?P<service>[^:\s]+):(?P<region>[^:\s]*):(?P<account>[^:\s]*):(?P<resource>\S(?:.*\S)?)"
)
REGION = re.compile(r"[a-z]{2,4}(?:-[a-z]+)+-[0-9]+")
"""How AWS spells its Regions, also those to come."""
_ACCOUNT = re.compile(r"[0-9]{12}")
_PARTITIONS = {
    "cn": "aws-cn",
    "us-gov": "aws-us-gov",
    "us-iso": "aws-iso",
    "us-isob": "aws-iso-b",
    "eu-isoe": "aws-iso-e",
    "us-isof": "aws-iso-f",
    "eusc": "aws-eusc",
}
"""Partitions by how their Regions begin (botocore, endpoints)."""


def is_account(value: object) -> TypeGuard[str]:
    """Whether a value is an account id: 12 digits, as text."""
    return isinstance(value, str) and _ACCOUNT.fullmatch(value) is not None


def is_region(value: object) -> TypeGuard[str]:
    """Whether a value is formed like a Region's name; it may be one that AWS adds tomorrow."""
    return isinstance(value, str) and REGION.fullmatch(value) is not None


def partition_of(region_name: str) -> str:
    """The partition that a Region is in: the second part of the ARNs there."""
    return next((found for start, found in _PARTITIONS.items() if region_name.startswith(f"{start}-")), "aws")


@attrs.frozen
class Arn:
    """An ARN in its six parts.

    Example:
        >>> Arn.parse("arn:aws:dynamodb:us-east-1:123456789012:table/orders").resource
        'table/orders'
    """

    partition: str
    service: str
    region: str
    account: str
    resource: str

    @classmethod
    def parse(cls, text: str) -> Arn:
        """The ARN that ``text`` spells.

        Raises:
            InvalidValueError: ``text`` is not an ARN.
        """
        match = _ARN.fullmatch(text) if isinstance(text, str) else None
        if match is None:
            raise InvalidValueError(
                Problem("", f"{quote(text)} is not an ARN", "write it as arn:partition:service:region:account:resource")
            )
        return cls(**match.groupdict())

    @property
    def kind(self) -> str:
        """The resource part before its first ``/`` or ``:``, for example ``table``; empty if there is none."""
        head, separator, _ = self.resource.partition("/") if "/" in self.resource else self.resource.partition(":")
        return head.partition(":")[0] if separator else ""

    @property
    def name(self) -> str:
        """The resource part after its kind, for example ``orders``."""
        return self.resource[len(self.kind) + 1 :] if self.kind else self.resource

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"


def vault_arn(name: str, *, region: str, account: str, partition: str = "aws") -> Arn:
    """The ARN of the vault ``name``."""
    return Arn(partition, "backup", region, account, f"backup-vault:{name}")


def _compiled(expression: str) -> Callable[[str], object]:
    return re.compile(expression).fullmatch


@attrs.frozen(eq=False)
class ArnForm:
    """How the ARNs of one kind of thing are written, in every partition."""

    what: str
    """The kind of thing, for messages: ``a backup vault``."""
    example: str
    service: str
    kind: str
    """How the resource part begins."""
    _fits: Callable[[str], object] = attrs.field(converter=_compiled)
    """The expression of what follows there."""
    words: str = ""
    """The same in words."""
    regional: bool = True

    def admits(self, value: object) -> bool:
        """Whether ``value`` is such an ARN."""
        return self.fault(value) is None

    def fault(self, value: object) -> str | None:
        """Return what keeps ``value`` from being such an ARN, empty where it is anything else; None if it is one."""
        match = _ARN.fullmatch(value) if isinstance(value, str) else None
        arn = Arn(**match.groupdict()) if match is not None else None
        if arn is None or arn.service != self.service or not arn.resource.startswith(self.kind):
            return ""
        return self._fault_of_place(arn) or self._fault_of_name(arn)

    def _fault_of_place(self, arn: Arn) -> str | None:
        if self.regional and not is_region(arn.region):
            return f"{quote(arn.region)} is not a Region" if arn.region else "it has no Region"
        if arn.region and not self.regional:
            return f"{self.service} has no Regions"
        if self.regional and arn.partition != partition_of(arn.region):
            return f"{arn.region} is in the partition {partition_of(arn.region)}"
        if arn.partition != "aws" and arn.partition not in _PARTITIONS.values():
            return f"{quote(arn.partition)} is not a partition of AWS"
        if arn.account.startswith("$"):
            return f"only policies of AWS Organizations know {quote(arn.account)}"
        return None if is_account(arn.account) else "its account is not 12 digits"

    def _fault_of_name(self, arn: Arn) -> str | None:
        return None if self._fits(arn.resource[len(self.kind) :]) else f"its name is not {self.words}"


VAULT = ArnForm(
    "a backup vault",
    "arn:aws:backup:us-east-1:123456789012:backup-vault:prod",
    "backup",
    "backup-vault:",
    r"[a-zA-Z0-9_-]{2,50}",
    "2 to 50 letters, digits, - and _",
)
"""Vaults of either type (botocore model, BackupVaultName; developer guide, access control)."""
ROLE = ArnForm(
    "an IAM role",
    "arn:aws:iam::123456789012:role/service-role/AWSBackupDefaultServiceRole",
    "iam",
    "role/",
    r"(?:[!-.0-~]+/)*[a-zA-Z0-9_+=,.@-]{1,64}",
    "1 to 64 letters, digits, and _+=,.@-, perhaps after a path",
    regional=False,
)
"""Roles, with and without a path (IAM user guide, names and quotas)."""
KEY = ArnForm(
    "a KMS key (an alias will not do)",
    "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "kms",
    "key/",
    r"[a-zA-Z0-9_-]+",
    "a key id",
)
"""KMS keys, those of several Regions among them (botocore model, CreateBackupVault)."""
TOPIC = ArnForm(
    "an SNS topic",
    "arn:aws:sns:us-east-1:123456789012:backups",
    "sns",
    "",
    r"[a-zA-Z0-9_-]{1,256}(?:\.fifo)?",
    "1 to 256 letters, digits, - and _",
)
"""SNS topics; a FIFO one ends with ``.fifo`` (SNS API, CreateTopic)."""
APPROVAL_TEAM = ArnForm(
    "a multi-party approval team",
    "arn:aws:mpa:us-east-1:123456789012:approval-team/restores",
    "mpa",
    "approval-team/",
    r"[a-zA-Z0-9._-]+",
    "letters, digits, ., _ and -",
)
"""Approval teams (botocore model of mpa, ApprovalTeamArn)."""
KEPT_POINT = ArnForm(
    "a recovery point that AWS Backup keeps itself, as those of S3",
    "arn:aws:backup:us-east-1:123456789012:recovery-point:photos-20260101050000-1a2b3c4d",
    "backup",
    "recovery-point:",
    r"\S+",
    "a recovery point's id",
)
"""Points of fully managed types (developer guide, access control)."""
FUNCTION = ArnForm(
    "a Lambda function",
    "arn:aws:lambda:us-east-1:123456789012:function:check-restores",
    "lambda",
    "function:",
    r"[a-zA-Z0-9_-]{1,140}(?::(?:\$LATEST|[a-zA-Z0-9_-]{1,128}))?",
    "a function's name, perhaps with a version or alias",
)
"""Lambda functions, their versions and aliases (botocore model of Lambda, NamespacedFunctionArn)."""
FILE_SYSTEM = ArnForm(
    "an EFS file system",
    "arn:aws:elasticfilesystem:us-east-1:123456789012:file-system/fs-0123456789abcdef0",
    "elasticfilesystem",
    "file-system/",
    r"fs-[0-9a-f]{8,40}",
    "the id of a file system",
)
"""EFS file systems (botocore model of EFS, FileSystemId)."""
TABLE = ArnForm(
    "a DynamoDB table",
    "arn:aws:dynamodb:us-east-1:123456789012:table/orders",
    "dynamodb",
    "table/",
    r"[a-zA-Z0-9_.-]{3,255}",
    "3 to 255 letters, digits, _, . and -",
)
"""DynamoDB tables (botocore model of DynamoDB, TableName)."""
FRAMEWORK = ArnForm(
    "an Audit Manager framework",
    "arn:aws:backup:us-east-1:123456789012:framework:prod-01234567-89ab-cdef-0123-456789abcdef",
    "backup",
    "framework:",
    r"[a-zA-Z][a-zA-Z0-9_]{0,255}-\S+",
    "its name, a hyphen and an id",
)
"""Frameworks of Audit Manager (recorded answers; the developer guide's own samples write a slash)."""
