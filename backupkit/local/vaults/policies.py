"""Access policies of vaults: checked, kept, and given back in AWS's own spelling.

Source: the developer guide's page on vault access policies. Nothing is allowed or denied by them here.
"""

from __future__ import annotations

import re
from typing import Any, NoReturn

import msgspec

from backupkit.local.cloud import Cloud
from backupkit.local.operations import answers, refuse
from backupkit.local.points.shelf import vault_called
from backupkit.local.state import Document, Place

__all__: list[str] = []

_SOURCE = "botocore model; developer guide, vault access policies"
_AWS_PRINCIPAL = re.compile(r"\*|\d{12}|arn:aws[a-z-]*:(iam|sts)::\d{12}:\S+|A[A-Z0-9]{15,}")
_OF_STATEMENT = frozenset(
    {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}
)


@answers("PutBackupVaultAccessPolicy", source=_SOURCE, lacks="enforcing the policy")
def put(cloud: Cloud, place: Place, params: Document) -> Document:
    """Replace a vault's policy."""
    vault = vault_called(place, params["BackupVaultName"])
    text = params.get("Policy")
    if not text:
        refuse("MissingParameterValueException", "Policy must not be null")
    vault.policy = _spelled(_parsed(text), collapse=cloud.choices.policy_lists_collapse)
    return {}


@answers("GetBackupVaultAccessPolicy", source=_SOURCE)
def get(cloud: Cloud, place: Place, params: Document) -> Document:  # noqa: ARG001 - the shape of a handler
    """A vault's policy; a vault without one is refused."""
    vault = vault_called(place, params["BackupVaultName"])
    if vault.policy is None:
        refuse("ResourceNotFoundException", f"Backup vault {vault.name} has no associated policy")
    return {"BackupVaultName": vault.name, "BackupVaultArn": vault.arn, "Policy": vault.policy}


@answers("DeleteBackupVaultAccessPolicy", source=_SOURCE)
def delete(cloud: Cloud, place: Place, params: Document) -> Document:  # noqa: ARG001 - the shape of a handler
    """Take a vault's policy away; where there is none, that is so already."""
    vault_called(place, params["BackupVaultName"]).policy = None
    return {}


def _parsed(text: str) -> dict[str, Any]:
    try:
        policy = msgspec.json.decode(text)
    except msgspec.DecodeError:
        _refuse("Policy is not valid JSON")
    if not isinstance(policy, dict) or not policy.get("Statement"):
        _refuse("Policy must be a JSON object with at least one Statement")
    for statement in _listed(policy["Statement"]):
        _check_statement(statement)
    return policy


def _check_statement(statement: object) -> None:
    if not isinstance(statement, dict):
        _refuse("Every Statement of the policy must be a JSON object")
    if unknown := sorted(set(statement) - _OF_STATEMENT):
        _refuse(f"Policy has invalid statement member {unknown[0]}")
    if statement.get("Effect") not in {"Allow", "Deny"}:
        _refuse("Policy statement must have the Effect Allow or Deny")
    if not ({"Action", "NotAction"} & set(statement)):
        _refuse("Policy statement must contain actions")
    if any("*" in str(action) for action in _listed(statement.get("Action", []))):
        _refuse("Wildcards are not supported in the Action of a backup vault policy")
    if not ({"Principal", "NotPrincipal"} & set(statement)):
        _refuse("Policy statement must contain a principal")
    _check_principal(statement.get("Principal", statement.get("NotPrincipal")))


def _check_principal(principal: object) -> None:
    if principal == "*":
        return
    if not isinstance(principal, dict) or not set(principal) <= {"AWS", "Service", "Federated", "CanonicalUser"}:
        _refuse("Provided principal is not valid")
    if not all(isinstance(name, str) and _AWS_PRINCIPAL.fullmatch(name) for name in _listed(principal.get("AWS", []))):
        _refuse("Provided principal is not valid")


def _spelled(policy: dict[str, Any], *, collapse: bool) -> str:
    spelled = {"Version": policy.get("Version", "2012-10-17")}
    spelled.update((name, value) for name, value in policy.items() if name not in {"Version", "Statement"})
    spelled["Statement"] = [_collapsed(item) if collapse else item for item in _listed(policy["Statement"])]
    return msgspec.json.encode(spelled).decode()


def _collapsed(value: object) -> object:
    if isinstance(value, dict):
        return {name: _collapsed(part) for name, part in value.items()}
    if isinstance(value, list) and len(value) == 1:
        return value[0]
    return value


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _refuse(text: str) -> NoReturn:
    refuse("InvalidParameterValueException", text)
