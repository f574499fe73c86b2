"""What the access policy of a vault decides: about everybody, and about one role. What it leaves open AWS decides."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

import attrs

from backupkit.arn import Arn
from backupkit.declare.policy_meaning import many
from backupkit.matching import wildcards

__all__ = ["PolicyCaller", "allows", "denies"]

_ORGANIZATION = "aws:principalorgid"


@attrs.frozen(kw_only=True)
class PolicyCaller:
    """Who asks, as far as it is known.

    Args:
        role_arn: The role that AWS Backup takes on.
        account_id: Its account.
        organization_id: The organization of the account; None: not known.
    """

    role_arn: str
    account_id: str
    organization_id: str | None = None


def denies(policy: str, action: str, resources: Sequence[str]) -> bool | None:
    """Whether an access policy forbids an action: to everybody, to nobody, or None where it depends on who asks.

    Args:
        policy: Its JSON text.
        action: For example ``backup:DeleteRecoveryPoint``.
        resources: The ARNs that the action is about.
    """
    statements = _statements(policy)
    if statements is None:
        return None
    about = [each for each in statements if each.get("Effect") == "Deny" and _about(each, action, resources)]
    return _any(True if _is_everybody(each) and not each.get("Condition") else None for each in about)


def allows(policy: str, action: str, resources: Sequence[str], caller: PolicyCaller) -> bool | None:
    """Whether an access policy lets a role of another account do something; None where it cannot be told from here.

    Args:
        policy: Its JSON text.
        action: For example ``backup:CopyIntoBackupVault``.
        resources: The ARNs that the action is about.
        caller: Who asks.
    """
    statements = _statements(policy)
    if statements is None:
        return None
    about = [each for each in statements if _about(each, action, resources)]
    denied = _any(_concerns(each, caller) for each in about if each.get("Effect") == "Deny")
    allowed = _any(_concerns(each, caller) for each in about if each.get("Effect") == "Allow")
    if denied or allowed is False:
        return False
    return True if allowed and denied is False else None


def _any(verdicts: Iterable[bool | None]) -> bool | None:
    found = set(verdicts)
    return True if True in found else None if None in found else False


def _statements(policy: str) -> list[Mapping[object, object]] | None:
    try:
        document: object = json.loads(policy)
    except ValueError:
        return None
    listed = many(document.get("Statement") if isinstance(document, Mapping) else None)
    return [each for each in listed if isinstance(each, Mapping)]


def _about(statement: Mapping[object, object], action: str, resources: Sequence[str]) -> bool:
    named = _fits(statement.get("Action"), (action,), fold=True)
    if "NotAction" in statement:
        named = not _fits(statement["NotAction"], (action,), fold=True)
    if "NotResource" in statement:
        return named and not _fits(statement["NotResource"], resources)
    return named and _fits(statement.get("Resource"), resources)


def _fits(patterns: object, texts: Iterable[str], *, fold: bool = False) -> bool:
    wanted = [str(each).lower() if fold else str(each) for each in many(patterns)]
    return any(wildcards(pattern)(text.lower() if fold else text) for text in texts for pattern in wanted)


def _is_everybody(statement: Mapping[object, object]) -> bool:
    return "*" in _principals(statement)


def _principals(statement: Mapping[object, object]) -> Sequence[object]:
    who = statement.get("Principal")
    return many(who.get("AWS")) if isinstance(who, Mapping) else many(who)


def _concerns(statement: Mapping[object, object], caller: PolicyCaller) -> bool | None:
    """Whether a statement is about the caller."""
    if "NotPrincipal" in statement:
        return None
    names = {str(each) for each in _principals(statement)}
    partition = Arn.parse(caller.role_arn).partition
    own = {"*", caller.account_id, f"arn:{partition}:iam::{caller.account_id}:root", caller.role_arn}
    if not names & own:
        # What is neither an ARN nor an account is a unique id, which may be the role's.
        return None if any(not each.startswith("arn:") and not each.isdigit() for each in names) else False
    return _any_false(_holds(statement.get("Condition"), caller))


def _any_false(verdicts: Iterable[bool | None]) -> bool | None:
    found = set(verdicts)
    return False if False in found else None if None in found else True


def _holds(condition: object, caller: PolicyCaller) -> Iterator[bool | None]:
    """Whether each part of a condition holds; only the organization's id and the account are compared here."""
    for operator, compared in condition.items() if isinstance(condition, Mapping) else ():
        for key, values in compared.items() if isinstance(compared, Mapping) else ():
            known = {_ORGANIZATION: caller.organization_id, "aws:principalaccount": caller.account_id}
            value = known.get(str(key).lower())
            if str(operator) not in {"StringEquals", "StringLike"} or value is None:
                yield None
            else:
                yield any(wildcards(str(each))(value) for each in many(values))
