"""Whether a role's trust policy lets AWS Backup take the role on.

Source: the IAM user guide's reference of policy elements (Principal, Action, Condition) and its page on evaluation; the
AWS Backup guide's page on the confused deputy, which recommends aws:SourceAccount. What ``"*"`` as a principal is to
services is not written there, and what other keys of a request are is not known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from backupkit.declare.policy_meaning import many
from backupkit.matching import wildcards

__all__ = ["SERVICE", "names_backup", "trusts"]

SERVICE = "backup.amazonaws.com"
_ACTION = "sts:assumerole"
_ACCOUNT = "aws:sourceaccount"


def trusts(policy: Mapping[str, object], account_id: str | None = None) -> bool | None:
    """Return whether AWS Backup may take on a role with this trust policy; None where that is not known.

    Args:
        policy: The trust policy.
        account_id: The account whose backups are made, by which a condition on aws:SourceAccount is decided.
    """
    denied = _any(_applies(each, account_id) for each in _statements(policy, "Deny"))
    allowed = _any(_applies(each, account_id) for each in _statements(policy, "Allow"))
    if denied is True or allowed is False:
        return False
    return allowed if denied is False else None


def names_backup(policy: Mapping[str, object]) -> bool:
    """Return whether a statement lets AWS Backup by its name take on the role, whatever its conditions are."""
    return any(_principal(each) is True and _action(each) for each in _statements(policy, "Allow"))


def _statements(policy: Mapping[str, object], effect: str) -> list[Mapping[str, object]]:
    found = many(policy.get("Statement"))
    return [each for each in found if isinstance(each, Mapping) and each.get("Effect") == effect]


def _applies(statement: Mapping[str, object], account_id: str | None) -> bool | None:
    """Return whether a statement is about AWS Backup taking on the role."""
    if not _action(statement):
        return False
    return _all((_principal(statement), _condition(statement.get("Condition"), account_id)))


def _condition(condition: object, account_id: str | None) -> bool | None:
    """Return whether a condition holds when AWS Backup works for this account."""
    if not condition:
        return True
    if not isinstance(condition, Mapping):
        return None
    return _all(
        _holds(str(operator).lower(), str(key).lower(), many(values), account_id)
        for operator, tests in condition.items()
        for key, values in (tests.items() if isinstance(tests, Mapping) else [("", None)])
    )


def _holds(operator: str, key: str, values: Iterable[object], account_id: str | None) -> bool | None:
    if key != _ACCOUNT or account_id is None:
        return None
    match operator.removesuffix("ifexists"):
        case "stringequals":
            return account_id in values
        case "stringlike":
            return any(wildcards(str(each))(account_id) for each in values)
        case _:
            return None


def _principal(statement: Mapping[str, object]) -> bool | None:
    if "NotPrincipal" in statement:
        return False if _names_service(statement["NotPrincipal"]) else None
    principal = statement.get("Principal")
    if _names_service(principal):
        return True
    # Whether this is everybody, or every user and role, AWS's guides tell differently.
    return None if principal == "*" or (isinstance(principal, Mapping) and "*" in many(principal.get("AWS"))) else False


def _names_service(principal: object) -> bool:
    # IAM takes no "*" as a service.
    return isinstance(principal, Mapping) and SERVICE in many(principal.get("Service"))


def _action(statement: Mapping[str, object]) -> bool:
    if "NotAction" in statement:
        return not _any_fits(many(statement["NotAction"]))
    return _any_fits(many(statement.get("Action")))


def _any_fits(actions: Iterable[object]) -> bool:
    """Return whether one of these patterns is of sts:AssumeRole; actions have no case."""
    return any(wildcards(str(each).lower())(_ACTION) for each in actions)


def _any(answers: Iterable[bool | None]) -> bool | None:
    found = list(answers)
    return True if True in found else None if None in found else False


def _all(answers: Iterable[bool | None]) -> bool | None:
    found = list(answers)
    return False if False in found else None if None in found else True
