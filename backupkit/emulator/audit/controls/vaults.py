"""The control on vaults: whether their policies deny what would delete recovery points by hand.

Source: the AWS Config rule behind it, backup-recovery-point-manual-deletion-disabled.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from backupkit.emulator.audit.controls.control import Control, Terms
from backupkit.emulator.audit.parameters import Parameter, entries, listing
from backupkit.emulator.audit.scopes import VAULT
from backupkit.emulator.audit.view import View
from backupkit.emulator.model import Document, Finding

__all__ = ["CONTROLS"]

_PRINCIPALS = "principalArnList"
_MOST_PRINCIPALS = 5
_DENIED = frozenset(
    {"backup:deleterecoverypoint", "backup:updaterecoverypointlifecycle", "backup:putbackupvaultaccesspolicy"}
)
_EXCEPTIONS = frozenset({"arnnotequals", "arnnotlike", "stringnotequals", "stringnotlike"})


def _find(view: View, terms: Terms) -> Iterator[Finding]:
    allowed = frozenset(entries(terms.parameters.get(_PRINCIPALS)))
    several = view.choices.deletion_denied_by_several_statements
    for vault in view.vaults_in(terms.scope):
        good = vault.policy is not None and _denies(vault.policy, allowed, several=several)
        reason = f"The access policy of vault {vault.name} {'denies' if good else 'does not deny'} manual deletion"
        yield view.finding(vault.arn, VAULT, good, reason)


def _denies(policy: str, allowed: frozenset[str], *, several: bool) -> bool:
    statements = _listed(msgspec.json.decode(policy, type=dict[str, Any]).get("Statement"))
    denied = [_actions(each) for each in statements if _holds_for_all(each, allowed)]
    if several:
        denied = [frozenset[str]().union(*denied)]
    return any(actions >= _DENIED for actions in denied)


def _holds_for_all(statement: Document, allowed: frozenset[str]) -> bool:
    """Whether a statement denies to everyone, on everything, but for the allowed principals."""
    principal = statement.get("Principal")
    principals = principal.get("AWS") if isinstance(principal, dict) else principal
    return (
        statement.get("Effect") == "Deny"
        and "*" in _listed(principals)
        and "*" in _listed(statement.get("Resource"))
        and _excepts_only(statement.get("Condition") or {}, allowed)
    )


def _excepts_only(condition: Document, allowed: frozenset[str]) -> bool:
    return all(
        operator.casefold() in _EXCEPTIONS
        and key.casefold() == "aws:principalarn"
        and allowed.issuperset(_listed(arns))
        for operator, keys in condition.items()
        for key, arns in keys.items()
    )


def _actions(statement: Document) -> frozenset[str]:
    return frozenset(str(action).casefold() for action in _listed(statement.get("Action")))


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


CONTROLS = (
    Control(
        name="BACKUP_RECOVERY_POINT_MANUAL_DELETION_DISABLED",
        find=_find,
        daily=False,
        scopes=frozenset({"tag", "single"}),
        types=(VAULT,),
        parameters=(Parameter(_PRINCIPALS, listing(r"arn:aws[a-z-]*:iam::\d{12}:\S+", "IAM ARNs", _MOST_PRINCIPALS)),),
    ),
)
