"""Amazon Resource Names: taking them apart, asking what they name, and how those of one kind are written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TypeAlias, TypeGuard, TypeVar

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
    "Arns",
    "arn_or_none",
    "arn_text",
    "is_account",
    "is_region",
    "partition_of",
    "spelled",
    "vault_arn",
]

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


T = TypeVar("T")

_PARTS = {
    "partition": re.compile(r"[^:\s]+"),
    "service": re.compile(r"[^:\s]+"),
    "region": re.compile(r"[^:\s]*"),
    "account": re.compile(r"[^:\s]*"),
    "resource": re.compile(r"\S(?:.*\S)?"),
}
_ARN = re.compile("arn:" + ":".join(f"(?P<{part}>{fits.pattern})" for part, fits in _PARTS.items()))


@attrs.frozen(init=False, order=True)
class Arn:
    """An ARN in its parts: a value that is compared, sorted and hashed by them, and whose ``str`` is the ARN.

    Wherever backupkit takes an ARN as text it takes an `Arn` as well, and keeps and sends the text: declared values and
    their verbs, points, lists of jobs, restore requests, coverage, pictures, the resources and faults of `bk.local`.
    What backupkit holds and reports is text, which `parse` takes apart.

    Args:
        partition: ``aws``, ``aws-cn``, ``aws-us-gov`` or another.
        service: For example ``dynamodb``.
        region: For example ``us-east-1``; empty where the service has no Regions.
        account: 12 digits; empty where the ARN names no account, as those of buckets.
        resource: What stands after the account, for example ``table/orders``.

    Raises:
        InvalidValueError: A part cannot stand in an ARN.

    Example:
        >>> Arn.parse("arn:aws:dynamodb:us-east-1:123456789012:table/orders").resource
        'table/orders'
    """

    partition: str
    service: str
    region: str
    account: str
    resource: str

    def __init__(self, partition: str, service: str, region: str, account: str, resource: str) -> None:
        given = {
            "partition": partition,
            "service": service,
            "region": region,
            "account": account,
            "resource": resource,
        }
        wrong = [
            Problem(f"arn/{part}", f"{quote(value)} is not the {part} of an ARN", _HINTS.get(part, _PLAIN))
            for part, value in given.items()
            if not isinstance(value, str) or _PARTS[part].fullmatch(value) is None
        ]
        if wrong:
            raise InvalidValueError(wrong)
        # attrs makes this method where init=False; pyright does not know it.
        self.__attrs_init__(**given)  # pyright: ignore[reportAttributeAccessIssue]

    @classmethod
    def parse(cls, text: Arn | str) -> Arn:
        """Return the ARN that ``text`` spells; an `Arn` is returned as it is.

        Raises:
            InvalidValueError: ``text`` is not an ARN.
        """
        if isinstance(text, Arn):
            return text
        match = _ARN.fullmatch(text) if isinstance(text, str) else None
        if match is None:
            raise InvalidValueError(
                Problem("", f"{quote(text)} is not an ARN", "write it as arn:partition:service:region:account:resource")
            )
        return _arn_of(match)

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


Arns: TypeAlias = Arn | str | Iterable[Arn | str]
"""One ARN or several, in either form."""
_PLAIN = "give text without colons and blanks"
_HINTS = {"resource": "give what stands after the account, for example table/orders"}


def _arn_of(match: re.Match[str]) -> Arn:
    """The ARN whose parts the expression has found, which are not looked at again."""
    arn = Arn.__new__(Arn)
    arn.__attrs_init__(**match.groupdict())  # pyright: ignore[reportAttributeAccessIssue] # as above
    return arn


def spelled(value: Arn | T) -> str | T:
    """Return an `Arn` as text, and everything else as it is: the one way in which ARNs are taken in either form."""
    return str(value) if isinstance(value, Arn) else value


def arn_text(arn: Arn | str) -> str:
    """Return the text of an ARN; what is neither is returned as it is, for a check to refuse."""
    return spelled(arn)


def arn_or_none(arn: Arn | str | None) -> str | None:
    """Return the same of an ARN that may be left out."""
    return spelled(arn)


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

    def made(self, text: str, where: str, hint: str) -> Arn:
        """Return the ARN that was put together for a declared thing.

        Raises:
            InvalidValueError: It is not such an ARN: the account or the Region is none.
        """
        fault = self.fault(text)
        if fault is not None:
            raise InvalidValueError(Problem(where, fault or f"{text} is not the ARN of {self.what}", hint))
        return Arn.parse(text)

    def fault(self, value: object) -> str | None:
        """Return what keeps ``value`` from being such an ARN, empty where it is anything else; None if it is one."""
        match = _ARN.fullmatch(value) if isinstance(value, str) else None
        arn = _arn_of(match) if match is not None else None
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
