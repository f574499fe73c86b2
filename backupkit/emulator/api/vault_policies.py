"""Access policies of vaults: checked, kept, and given back in AWS's own spelling.

Source: the developer guide's page on vault access policies. What they decide, `backupkit.emulator.access` says.
"""

from __future__ import annotations

from typing import Any, NoReturn

import msgspec

from backupkit.declare.policies import policy_fault
from backupkit.emulator.iam.policies import statements
from backupkit.emulator.kernel.operations import operation, raise_api_error
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, RegionScope
from backupkit.emulator.rules import lifecycle
from backupkit.emulator.rules.point_store import vault_called

__all__: list[str] = []

_SOURCE = "botocore model; developer guide, vault access policies"


@operation(
    "PutBackupVaultAccessPolicy",
    source=_SOURCE,
    missing="policy variables, conditions on the caller's address, tags or device; whether a principal exists",
)
def put(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    """Replace a vault's policy."""
    vault = vault_called(scope, params["BackupVaultName"])
    text = params.get("Policy")
    if not text:
        raise_api_error("MissingParameterValueException", "Policy must not be null")
    parsed = _parsed(text)
    if simulation.choices.foreign_grants_refused:
        _check_grants(scope, parsed)
    _check_roles(simulation, scope, parsed)
    spelled = _spelled(parsed, collapse=simulation.choices.policy_lists_collapse)
    # Here, not at the first call that it decides: a policy that cannot be evaluated must not stand.
    statements(spelled)
    vault.policy = spelled
    return {}


@operation("GetBackupVaultAccessPolicy", source=_SOURCE)
def get(simulation: Simulation, scope: RegionScope, params: Document) -> Document:  # noqa: ARG001 - the shape of a handler
    """A vault's policy; a vault without one is refused."""
    vault = vault_called(scope, params["BackupVaultName"])
    if vault.policy is None:
        raise_api_error("ResourceNotFoundException", f"Backup vault {vault.arn} has no associated policy")
    return {"BackupVaultName": vault.name, "BackupVaultArn": vault.arn, "Policy": vault.policy}


@operation("DeleteBackupVaultAccessPolicy", source=_SOURCE)
def delete(simulation: Simulation, scope: RegionScope, params: Document) -> Document:  # noqa: ARG001 - the shape of a handler
    """Take a vault's policy away; where there is none, that is so already."""
    vault_called(scope, params["BackupVaultName"]).policy = None
    return {}


def _parsed(text: str) -> dict[str, Any]:
    fault = policy_fault(text)
    if fault is not None:
        _refuse(fault)
    try:
        policy: dict[str, Any] = msgspec.json.decode(text)
    except msgspec.DecodeError:
        _refuse("Policy is not valid JSON")
    return policy


def _check_grants(scope: RegionScope, policy: dict[str, Any]) -> None:
    """Refuse to allow another account anything but copies into the vault, as AWS does whatever the conditions are."""
    for said in _listed(policy["Statement"]):
        if said["Effect"] == "Allow" and _reaches_beyond(scope, said) and not _copies_alone(said):
            raise_api_error(
                "AccessDeniedException",
                "The specified policy cannot be added to the vault due to cross-account sharing restrictions. "
                "Amend the policy or the vault's settings, then retry request",
                403,
            )


def _check_roles(simulation: Simulation, scope: RegionScope, policy: dict[str, Any]) -> None:
    """Refuse a role that is not there, or so new that AWS does not know it yet."""
    for said in _listed(policy["Statement"]):
        principal = said.get("Principal")
        named = _listed(principal.get("AWS", [])) if isinstance(principal, dict) else ()
        if any(lifecycle.denied(simulation, scope, name) for name in named):
            _refuse("Provided principal is not valid")


def _reaches_beyond(scope: RegionScope, said: dict[str, Any]) -> bool:
    principal = said.get("Principal")
    if principal is None or principal == "*":
        return True
    return any(_foreign(scope, name) for name in _listed(principal.get("AWS", [])))


def _foreign(scope: RegionScope, name: str) -> bool:
    """Whether a principal is of another account; of a unique id nobody can tell, and it is taken for one's own."""
    if name.startswith("A"):
        return False
    return scope.account_id != (name.split(":")[4] if name.startswith("arn:") else name)


def _copies_alone(said: dict[str, Any]) -> bool:
    actions = _listed(said.get("Action", []))
    return bool(actions) and all(str(action).casefold() == "backup:copyintobackupvault" for action in actions)


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
    raise_api_error("InvalidParameterValueException", text)
