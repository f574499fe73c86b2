"""Access policies of vaults as values: who may not delete, who may copy in, and how such statements come together."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from itertools import count

import attrs

from backupkit.arn import ROLE, Arns, is_account
from backupkit.checks import arn_texts
from backupkit.declare.policies import policy_fault
from backupkit.declare.policy_meaning import OLD_VERSION, many, meaning
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, quote

__all__ = ["AccessPolicy"]

_VERSION = "2012-10-17"
_COPY = "backup:CopyIntoBackupVault"
_DELETIONS = ("DeleteRecoveryPoint", "DisassociateRecoveryPoint")
_POLICY_CHANGES = ("PutBackupVaultAccessPolicy", "DeleteBackupVaultAccessPolicy")
_DESTRUCTIVE = (
    *_DELETIONS,
    "UpdateRecoveryPointLifecycle",
    *_POLICY_CHANGES,
    "DeleteBackupVaultLockConfiguration",
    "DeleteBackupVault",
)
"""What takes points away, or makes it possible (service authorization reference of AWS Backup)."""
_ACTION = re.compile(r"(?:backup:)?([A-Za-z]{1,128})")
_PRINCIPAL = re.compile(r"arn:aws[a-z-]*:(?:iam|sts)::(?:[0-9]{12}|\*):\S+")
_ORGANIZATION = re.compile(r"o-[a-z0-9]{10,32}")


@attrs.frozen(eq=False, repr=False)
class AccessPolicy:
    """Who may do what with a vault, made of statements with a meaning; ``|`` brings policies together.

    Policies are equal where they mean the same, however they are written: order, case of actions, Sids, and whether an
    account is named by its number or its root make no difference. A Deny always wins over an Allow (IAM).

    Deletions by lifecycle are AWS Backup's own and go on under every policy. A policy is about the API of AWS Backup
    alone: snapshots of EBS or RDS can still be reached through their own service.

    Example:
        >>> policy = AccessPolicy.deny_deletion() | AccessPolicy.allow_copies_from_accounts("111122223333")
        >>> [statement["Sid"] for statement in policy.to_dict()["Statement"]]
        ['DenyDeletion', 'AllowCopiesFromAccounts']
    """

    _statements: tuple[str, ...]
    """Each as JSON text: immutable, and as it was written."""
    _version: str = _VERSION

    @classmethod
    def deny(cls, *operations: str, unless: Arns = (), sid: str = "") -> AccessPolicy:
        """Return the policy that forbids operations of AWS Backup to everybody.

        Args:
            operations: Names of the API, for example ``DeleteRecoveryPoint``.
            unless: ARNs of the roles, users or roots to whom they are not forbidden; ``*`` stands for anything.
            sid: The name of the statement.

        Raises:
            InvalidValueError: An operation or a principal is not one.
        """
        return _forbidding(operations, sid, unless=unless)

    @classmethod
    def deny_deletion(cls, *, unless: Arns = ()) -> AccessPolicy:
        """Return the policy that lets nobody delete points, or take continuous points out of AWS Backup.

        Args:
            unless: ARNs of the roles, users or roots to whom it is not forbidden; ``*`` stands for anything.
        """
        return _forbidding(_DELETIONS, "DenyDeletion", unless=unless)

    @classmethod
    def deny_lifecycle_changes(cls, *, unless: Arns = ()) -> AccessPolicy:
        """Return the policy that lets nobody change how long points are kept.

        Args:
            unless: ARNs of the roles, users or roots to whom it is not forbidden; ``*`` stands for anything.
        """
        return _forbidding(("UpdateRecoveryPointLifecycle",), "DenyLifecycleChanges", unless=unless)

    @classmethod
    def deny_policy_changes(cls, *, unless: Arns) -> AccessPolicy:
        """Return the policy that lets nobody else change or remove the access policy of the vault.

        Args:
            unless: ARNs of the roles, users or roots who still may, at least one: the root of an account is bound by
                the policy as well, so without one nobody could ever take it back.
        """
        return _forbidding(_POLICY_CHANGES, "DenyPolicyChanges", unless=_some(unless, "unless"))

    @classmethod
    def deny_manual_deletion(cls, *, unless: Arns) -> AccessPolicy:
        """Return the policy that denies deletion and changes of lifecycles and of the policy, in one statement.

        That is what Audit Manager's control BACKUP_RECOVERY_POINT_MANUAL_DELETION_DISABLED asks of a vault. Whom the
        policy spares has to be in the control's parameter ``principalArnList``.

        Args:
            unless: ARNs of the roles, users or roots who still may, at least one, as for `deny_policy_changes`.
        """
        everything = (*_DELETIONS, "UpdateRecoveryPointLifecycle", *_POLICY_CHANGES)
        return _forbidding(everything, "DenyManualDeletion", unless=_some(unless, "unless"))

    @classmethod
    def require_mfa(cls, *operations: str, unless: Arns = ()) -> AccessPolicy:
        """Return the policy that forbids operations to whoever has not signed in with a second factor.

        Args:
            operations: Names of the API; none: all that delete points or the vault, or loosen what protects them.
            unless: ARNs of the roles, users or roots from whom it is not asked, for example of automation.
        """
        without = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
        return _forbidding(operations or _DESTRUCTIVE, "RequireMFA", unless=unless, condition=without)

    @classmethod
    def allow_copies_from_organization(cls, organization_id: str) -> AccessPolicy:
        """Return the policy that lets accounts of one organization copy into the vault, and no other account.

        Args:
            organization_id: For example ``o-a1b2c3d4e5``.
        """
        if not isinstance(organization_id, str) or not _ORGANIZATION.fullmatch(organization_id):
            what = f"{quote(organization_id)} is not the id of an organization"
            raise InvalidValueError(Problem("policy/organization_id", what, "write it like o-a1b2c3d4e5"))
        condition = {"StringEquals": {"aws:PrincipalOrgID": organization_id}}
        return _statement("Allow", "AllowCopiesFromOrganization", "*", [_COPY], condition)

    @classmethod
    def allow_copies_from_accounts(cls, *account_ids: str, partition: str = "aws") -> AccessPolicy:
        """Return the policy that lets these accounts copy into the vault, and no other.

        They must be of the same organization, for AWS Backup copies between no others.

        Args:
            account_ids: 12 digits each.
            partition: ``aws``, ``aws-cn``, ``aws-us-gov`` or another.
        """
        for each in _some(account_ids, "account_ids"):
            if not is_account(each):
                what = f"{quote(each)} is not an account"
                raise InvalidValueError(Problem("policy/account_ids", what, "give its 12 digits, as text"))
        roots = [f"arn:{partition}:iam::{each}:root" for each in dict.fromkeys(account_ids)]
        return _statement("Allow", "AllowCopiesFromAccounts", {"AWS": roots}, [_COPY], {})

    @classmethod
    def from_json(cls, policy: str | bytes | Mapping[str, object]) -> AccessPolicy:
        """Return the policy of an IAM document: JSON text or a mapping.

        Raises:
            InvalidValueError: AWS Backup would refuse the document.
        """
        try:
            read: object = json.loads(policy) if isinstance(policy, str | bytes) else policy
            text = json.dumps(read)
        except (TypeError, ValueError, RecursionError):
            raise InvalidValueError(Problem("policy", "it is not JSON", "give an IAM policy document")) from None
        fault = policy_fault(text)
        if fault is not None or not isinstance(read, Mapping):
            raise InvalidValueError(Problem("policy", fault or "it is not an object", "give an IAM policy document"))
        return cls(tuple(map(json.dumps, many(read["Statement"]))), str(read.get("Version", OLD_VERSION)))

    def to_dict(self) -> dict[str, object]:
        """Return the IAM document. Statements that mean the same come once, and each Sid is of one statement."""
        first: dict[str, dict[str, object]] = {}
        for each in self._statements:
            first.setdefault(_meant(each), json.loads(each))
        return {"Version": self._version, "Statement": _unique_sids(list(first.values()))}

    def to_json(self) -> str:
        """Return the IAM document as JSON text."""
        return json.dumps(self.to_dict(), indent=2)

    def __or__(self, other: AccessPolicy) -> AccessPolicy:
        """Return the policy with the statements of both."""
        if not isinstance(other, AccessPolicy):
            return NotImplemented
        return AccessPolicy((*self._statements, *other._statements), max(self._version, other._version))

    def __eq__(self, other: object) -> bool:
        return self._meaning == other._meaning if isinstance(other, AccessPolicy) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._meaning)

    def __repr__(self) -> str:
        return f"AccessPolicy.from_json({json.dumps(self.to_dict())!r})"

    @property
    def _meaning(self) -> frozenset[str]:
        # The version decides about variables alone.
        variables = any("${" in each for each in self._statements)
        return frozenset((*map(_meant, self._statements), *([self._version] if variables else [])))


def _meant(statement: str) -> str:
    read = json.loads(statement)
    return json.dumps(meaning({**read, "Sid": ""} if isinstance(read, dict) else read), sort_keys=True)


def _unique_sids(statements: list[dict[str, object]]) -> list[dict[str, object]]:
    """The statements, with a number behind a Sid that an earlier one has."""
    taken: set[object] = set()
    for statement in statements:
        sid = statement.get("Sid")
        if sid and sid in taken:
            statement["Sid"] = next(f"{sid}{number}" for number in count(2) if f"{sid}{number}" not in taken)
        taken.add(statement.get("Sid"))
    return statements


def _forbidding(
    operations: Iterable[str],
    sid: str,
    *,
    unless: Arns = (),
    condition: Mapping[str, Mapping[str, object]] | None = None,
) -> AccessPolicy:
    conditions = dict(condition or {})
    if spared := _principals(unless):
        conditions["ArnNotLike"] = {"aws:PrincipalArn": spared}
    return _statement("Deny", sid, "*", _actions(operations), conditions)


def _statement(
    effect: str, sid: str, principal: object, actions: list[str], conditions: Mapping[str, object]
) -> AccessPolicy:
    members = {"Effect": effect, "Principal": principal, "Action": actions, "Resource": "*", "Condition": conditions}
    named = {"Sid": sid, **members} if sid else members
    return AccessPolicy((json.dumps({name: value for name, value in named.items() if value != {}}),))


def _actions(operations: Iterable[str]) -> list[str]:
    found = [_ACTION.fullmatch(each) if isinstance(each, str) else None for each in _some(operations, "operations")]
    wrong = [quote(each) for each, match in zip(operations, found, strict=True) if match is None]
    if wrong:
        what = f"{', '.join(wrong)} is not an operation of AWS Backup"
        raise InvalidValueError(Problem("policy/operations", what, "write it like DeleteRecoveryPoint, without *"))
    return list(dict.fromkeys(f"backup:{match[1]}" for match in found if match is not None))


def _principals(unless: Arns) -> list[str]:
    spared = arn_texts(unless)
    wrong = [quote(each) for each in spared if not isinstance(each, str) or not _PRINCIPAL.fullmatch(each)]
    if wrong:
        what = f"{', '.join(wrong)} is not the ARN of a role, user or root"
        raise InvalidValueError(Problem("policy/unless", what, f"write it like {ROLE.example}"))
    return list(dict.fromkeys(spared))


def _some(given: Arns, what: str) -> tuple[str, ...]:
    found = arn_texts(given)
    if not found:
        raise InvalidValueError(Problem(f"policy/{what}", "none is given", "give at least one"))
    return found
