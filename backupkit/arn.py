"""Amazon Resource Names: taking them apart and asking what they name."""

from __future__ import annotations

import re

import attrs

from backupkit.errors import InvalidValueError
from backupkit.problems import Problem

__all__ = ["Arn", "vault_arn"]

_ARN = re.compile(
    r"arn:(?P<partition>[^:\s]+):(?P<service>[^:\s]+):(?P<region>[^:\s]*):(?P<account>[^:\s]*):(?P<resource>\S(?:.*\S)?)"
)


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
            InvalidValueError: ``text`` is no ARN.
        """
        match = _ARN.fullmatch(text) if isinstance(text, str) else None
        if match is None:
            # Other values may hold tags, which messages do not show.
            got = repr(text) if isinstance(text, str) else f"a {type(text).__name__}"
            raise InvalidValueError(
                Problem("", f"{got} is not an ARN", "write it as arn:partition:service:region:account:resource")
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
