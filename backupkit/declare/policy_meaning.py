"""What a policy means, however it is written: AWS writes policies down in its own way.

Sources: the IAM user guide's reference of policy elements, and what other clients had to learn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

__all__ = ["OLD_VERSION", "many", "meaning"]

OLD_VERSION = "2008-10-17"
"""What a policy without a Version means (IAM user guide, policy elements)."""
_ACCOUNT_DIGITS = 12


def meaning(statement: object) -> object:
    """Return a statement as it is written here: lists sorted, single values as lists, accounts by their number."""
    if not isinstance(statement, Mapping):
        return statement
    return {key: _element(key, value) for key, value in statement.items() if value not in ("", [], {})}


def many(value: object) -> Sequence[object]:
    """Return the entries of a list, or the one thing in its place."""
    if value is None:
        return ()
    return value if isinstance(value, Sequence) and not isinstance(value, str) else (value,)


def _element(key: str, value: object) -> object:
    if key in {"Action", "NotAction"}:
        return sorted({str(each).lower() for each in many(value)})
    if key in {"Resource", "NotResource"}:
        return sorted({str(each) for each in many(value)})
    if key in {"Principal", "NotPrincipal"}:
        return _principal(value)
    if key == "Condition" and isinstance(value, Mapping):
        return {test: _condition(operand) for test, operand in value.items()}
    return value


def _principal(value: object) -> object:
    if not isinstance(value, Mapping):
        return {"AWS": [str(value)]}
    return {kind: sorted({_root(str(each)) for each in many(who)}) for kind, who in value.items()}


def _root(principal: str) -> str:
    """An account's number means its root, which is how AWS writes it down."""
    if len(principal) == _ACCOUNT_DIGITS and principal.isdigit():
        return principal
    parts = principal.split(":")
    is_root = len(parts) == 6 and parts[2] == "iam" and parts[5] == "root"
    return parts[4] if is_root else principal


def _condition(operand: object) -> object:
    if not isinstance(operand, Mapping):
        return operand
    # The names of condition keys have no case.
    return {str(key).lower(): sorted({_word(each) for each in many(values)}) for key, values in operand.items()}


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
