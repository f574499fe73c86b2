"""The role that AWS Backup takes on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import ClassVar

import attrs

from backupkit.arn import ROLE, Arn, ArnForm
from backupkit.checks import LONGEST_WORD, arn_of, arn_texts, every, instance, matches, text_of, texts
from backupkit.declare.declared import Declared
from backupkit.declare.fields import flags
from backupkit.declare.names import ROLE_NAME
from backupkit.problems import Problem, nearest, quote, warning

__all__ = ["BackupRole"]

_LONGEST_INLINE = 10_240
"""Characters, without blanks, of all inline policies of a role together (IAM user guide, quotas)."""


def _path(value: object) -> Iterator[Problem]:
    if not isinstance(value, str) or not value.isascii() or not (value.startswith("/") and value.endswith("/")):
        yield Problem("", f"{quote(value)} is not a path", "begin and end it with /")


@attrs.frozen(repr=False)
class BackupRole(Declared):
    """The IAM role that AWS Backup takes on, with what the types that it backs up and restores need.

    What it lacks is added: AWS Backup in its trust policy, managed policies of AWS Backup, and one inline policy named
    ``backupkit``. What else the role has stays. Dropping it, or its stack, leaves the role as it is. A new role may not
    be assumable for two minutes; whatever names it is tried again until it is.

    Args:
        name: 1 to 64 letters, digits, and _+=,.@-.
        types: AWS Backup's words for the types, for example ``("EC2", "S3")``. Empty: all but S3 and SAP HANA, which
            have their own managed policies.
        backups: Whether it takes backups.
        restores: Whether it restores.
        pass_roles: ARNs of the roles of instance profiles that restored EC2 instances get; the role may pass these.
        least_privilege: Only the statements of the managed policies that the types need, as an inline policy, instead
            of the managed policies. They are those that backupkit knows, and AWS's later changes do not reach them.
        path: Where the role is; it is in its ARN.

    Raises:
        InvalidValueError: Something IAM would refuse.
    """

    _KIND: ClassVar[str] = "backup_role"
    _ARN: ClassVar[ArnForm | None] = ROLE
    _EXAMPLE: ClassVar[str] = 'bk.BackupRole("backups", types=("EC2", "S3"))'

    name: str = attrs.field(metadata=flags(matches(ROLE_NAME), wire="RoleName", replaces=True))
    types: tuple[str, ...] = attrs.field(
        default=(), kw_only=True, converter=texts, metadata=flags(every(text_of(LONGEST_WORD)))
    )
    backups: bool = attrs.field(default=True, kw_only=True, metadata=flags(instance(bool)))
    restores: bool = attrs.field(default=True, kw_only=True, metadata=flags(instance(bool)))
    pass_roles: tuple[str, ...] = attrs.field(
        default=(), kw_only=True, converter=arn_texts, metadata=flags(every(arn_of(ROLE)))
    )
    least_privilege: bool = attrs.field(default=False, kw_only=True, metadata=flags(instance(bool)))
    path: str = attrs.field(default="/", kw_only=True, metadata=flags(_path, replaces=True))

    def arn(self, *, account_id: str, partition: str = "aws") -> Arn:
        """Return the ARN that the role has in an account, for `Selection` and whatever else names a role.

        Raises:
            InvalidValueError: There is no such account or partition.
        """
        arn = f"arn:{partition}:iam::{account_id}:role{self.path}{self.name}"
        return ROLE.made(arn, f"{self.address}/arn", 'write .arn(account_id="123456789012")')

    @property
    def _arn_call(self) -> str:
        path = "" if self.path == "/" else f', path="{self.path}"'
        return f'bk.BackupRole("{self.name}"{path}).arn(account_id="123456789012")'

    @property
    def managed_policies(self) -> tuple[str, ...]:
        """The names of the managed policies that it needs; none where it has the least privilege."""
        from backupkit.catalog.role_policies import managed_policies  # noqa: PLC0415 - who declares no role does not pay

        if self.least_privilege:
            return ()
        return managed_policies(self.types, backups=self.backups, restores=self.restores)

    @property
    def inline_policy(self) -> dict[str, object] | None:
        """The inline policy that it needs, in the partition aws; None where it needs none."""
        from backupkit.catalog.role_policies import statements  # noqa: PLC0415 - as above

        found: dict[str, object] = {}
        if self.least_privilege:
            found |= statements(self.types, backups=self.backups, restores=self.restores)
        if self.pass_roles and self.restores:
            found["PassInstanceRoles"] = {
                "Effect": "Allow",
                "Action": "iam:PassRole",
                "Resource": sorted(self.pass_roles),
                "Condition": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
            }
        if not found:
            return None
        listed = [{"Sid": name, **statement} for name, statement in found.items() if isinstance(statement, dict)]
        return {"Version": "2012-10-17", "Statement": listed}

    def _cross_field(self) -> Iterator[Problem]:
        if not (self.backups or self.restores):
            yield Problem("", "the role neither backs up nor restores", "leave backups or restores on")
        if self.least_privilege and not self.types:
            yield Problem("types", "the least privilege of no types is none", "name the types")
        length = len(json.dumps(self.inline_policy, separators=(",", ":"))) if self.inline_policy else 0
        if length > _LONGEST_INLINE:
            yield Problem(
                "least_privilege",
                f"the statements have {length:,} characters, and IAM takes {_LONGEST_INLINE:,} in inline policies",
                "use the managed policies, or a role for some of the types each",
            )

    def _warnings(self) -> Iterator[Problem]:
        from backupkit.catalog import TYPES  # noqa: PLC0415 - as above

        for each in self.types:
            if each not in TYPES:
                yield warning("types", f"{quote(each)} is not a type that backupkit knows", nearest(each, TYPES))
        if self.restores and self.least_privilege and "EC2" in self.types and not self.pass_roles:
            yield warning("pass_roles", "instances with a profile cannot be restored", "name the profiles' roles")
