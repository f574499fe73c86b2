"""What a vault has of its own: its lock, its notifications and its access policy.

Sources: the developer guide's pages on Vault Lock, on notifications and on vault access policies, and the botocore
model of PutBackupVaultLockConfiguration.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec

from backupkit.arn import TOPIC, Arn
from backupkit.declare.policies import policy_fault
from backupkit.emulator.events.sns_messages import DEPRECATED
from backupkit.emulator.iam.policies import statements
from backupkit.emulator.kernel import api_errors
from backupkit.emulator.kernel.operations import operation, raise_api_error, raise_invalid_request, raise_invalid_value
from backupkit.emulator.kernel.plain_values import many
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, Lock, Notifications, RegionScope, Vault
from backupkit.emulator.rules import lifecycle
from backupkit.emulator.rules.point_store import vault_called

# ---- Locks: governance, which may go; and compliance, which after its grace time may not ----


_LOCK_SOURCE = "botocore model; developer guide, Vault Lock"
_MOST_DAYS = 36_500
_LEAST_GRACE_DAYS = 3


@operation("PutBackupVaultLockConfiguration", source=_LOCK_SOURCE)
def put_lock(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    """Lock a vault; with ChangeableForDays for good, once those days are over."""
    vault = vault_called(scope, params["BackupVaultName"])
    _check_open(simulation, vault)
    old = vault.lock or Lock()
    kept = Lock() if simulation.choices.lock_put_replaces else old
    least = params.get("MinRetentionDays", kept.min_retention_days)
    most = params.get("MaxRetentionDays", kept.max_retention_days)
    grace = params.get("ChangeableForDays")
    _check_days(least, most, grace)
    vault.lock = Lock(least, most, _locks_at(simulation, old, grace))
    simulation.bus.vault_changed(scope, vault, "MODIFIED")
    return {}


def _locks_at(simulation: Simulation, old: Lock, grace: int | None) -> datetime | None:
    if grace is None:
        return None
    if old.locks_at is not None and not simulation.choices.lock_put_restarts_grace:
        return old.locks_at
    return simulation.clock.now() + timedelta(days=grace)


@operation("DeleteBackupVaultLockConfiguration", source=_LOCK_SOURCE)
def delete_lock(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    """Take a lock off that may still be taken off."""
    vault = vault_called(scope, params["BackupVaultName"])
    _check_open(simulation, vault)
    if vault.lock is None and not simulation.choices.absent_lock_deletes:
        raise_api_error("ResourceNotFoundException", f"Backup vault {vault.name} has no lock configuration.")
    was, vault.lock = vault.lock, None
    if was is not None:
        simulation.bus.vault_changed(scope, vault, "MODIFIED")
    return {}


def _check_open(simulation: Simulation, vault: Vault) -> None:
    if vault.lock is not None and vault.lock.locks_at is not None and vault.lock.locks_at <= simulation.clock.now():
        raise_invalid_request(
            f"The lock configuration of backup vault {vault.name} cannot be changed after its lock date.",
        )


def _check_days(least: int | None, most: int | None, grace: int | None) -> None:
    for name, days in (("MinRetentionDays", least), ("MaxRetentionDays", most)):
        if days is not None and not 1 <= days <= _MOST_DAYS:
            raise_invalid_value(f"{name} cannot be less than 1 or more than {_MOST_DAYS}")
    if least is not None and most is not None and least > most:
        raise_invalid_value("MinRetentionDays cannot be greater than MaxRetentionDays")
    if grace is not None and not _LEAST_GRACE_DAYS <= grace <= _MOST_DAYS:
        raise_invalid_value(f"ChangeableForDays cannot be less than {_LEAST_GRACE_DAYS} or more than {_MOST_DAYS}")


# ---- Notifications: which events go to which topic; `backupkit.emulator.events` tells them ----


_NOTIFICATIONS_SOURCE = "botocore model; developer guide, notifications; recorded refusals"
_NOT_CONFIGURED = "Failed reading notifications from database for Backup vault {name}"


@operation(
    "PutBackupVaultNotifications",
    source=_NOTIFICATIONS_SOURCE,
    missing="asking the topic's policy; events of single objects and of access points",
)
def put_notifications(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    """Replace a vault's topic and all its events."""
    vault = vault_called(scope, params["BackupVaultName"])
    topic, events = params["SNSTopicArn"], params["BackupVaultEvents"]
    _check_topic(scope, topic)
    if not events:
        raise_invalid_value("BackupVaultEvents must not be empty")
    if not simulation.choices.deprecated_events_accepted and DEPRECATED & set(events):
        raise_invalid_value(
            f"Please select from the following list of notifications {api_errors.EVENTS}",
        )
    # AWS keeps a set: neither order nor repetition survives.
    vault.notifications = Notifications(topic, sorted(set(events)))
    return {}


def _check_topic(scope: RegionScope, topic: str) -> None:
    if not TOPIC.admits(topic) or Arn.parse(topic).account != scope.account_id:
        raise_invalid_value(f"Invalid SNSTopicArn {topic}: it must be a topic of the same account")
    if topic.endswith(".fifo"):
        raise_invalid_value(f"Invalid SNSTopicArn {topic}: FIFO topics are not supported")


@operation("GetBackupVaultNotifications", source=_NOTIFICATIONS_SOURCE)
def get_notifications(simulation: Simulation, scope: RegionScope, params: Document) -> Document:  # noqa: ARG001 - the shape of a handler
    """A vault's topic and events; a vault without them is refused."""
    vault = vault_called(scope, params["BackupVaultName"])
    if vault.notifications is None:
        raise_api_error("ResourceNotFoundException", _NOT_CONFIGURED.format(name=vault.name))
    return {
        "BackupVaultName": vault.name,
        "BackupVaultArn": vault.arn,
        "SNSTopicArn": vault.notifications.topic_arn,
        "BackupVaultEvents": list(vault.notifications.events),
    }


@operation("DeleteBackupVaultNotifications", source=_NOTIFICATIONS_SOURCE)
def delete_notifications(simulation: Simulation, scope: RegionScope, params: Document) -> Document:  # noqa: ARG001 - the shape of a handler
    """Take a vault's notifications away; where there are none, that is so already."""
    vault_called(scope, params["BackupVaultName"]).notifications = None
    return {}


# ---- Access policies: checked, kept, and given back in AWS's own spelling; `emulator.iam` decides by them ----


_POLICY_SOURCE = "botocore model; developer guide, vault access policies"


@operation(
    "PutBackupVaultAccessPolicy",
    source=_POLICY_SOURCE,
    missing="policy variables, conditions on the caller's address, tags or device; whether a principal exists",
)
def put_policy(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
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


@operation("GetBackupVaultAccessPolicy", source=_POLICY_SOURCE)
def get_policy(simulation: Simulation, scope: RegionScope, params: Document) -> Document:  # noqa: ARG001 - the shape of a handler
    """A vault's policy; a vault without one is refused."""
    vault = vault_called(scope, params["BackupVaultName"])
    if vault.policy is None:
        raise_api_error("ResourceNotFoundException", f"Backup vault {vault.arn} has no associated policy")
    return {"BackupVaultName": vault.name, "BackupVaultArn": vault.arn, "Policy": vault.policy}


@operation("DeleteBackupVaultAccessPolicy", source=_POLICY_SOURCE)
def delete_policy(simulation: Simulation, scope: RegionScope, params: Document) -> Document:  # noqa: ARG001 - the shape of a handler
    """Take a vault's policy away; where there is none, that is so already."""
    vault_called(scope, params["BackupVaultName"]).policy = None
    return {}


def _parsed(text: str) -> dict[str, Any]:
    fault = policy_fault(text)
    if fault is not None:
        raise_invalid_value(fault)
    policy: dict[str, Any] = msgspec.json.decode(text)
    return policy


def _check_grants(scope: RegionScope, policy: dict[str, Any]) -> None:
    """Refuse to allow another account anything but copies into the vault, as AWS does whatever the conditions are."""
    for statement in many(policy["Statement"]):
        if statement["Effect"] == "Allow" and _reaches_beyond(scope, statement) and not _copies_alone(statement):
            raise_api_error(
                "AccessDeniedException",
                "The specified policy cannot be added to the vault due to cross-account sharing restrictions. "
                "Amend the policy or the vault's settings, then retry request",
                403,
            )


def _check_roles(simulation: Simulation, scope: RegionScope, policy: dict[str, Any]) -> None:
    """Refuse a role that is not there, or so new that AWS does not know it yet."""
    for statement in many(policy["Statement"]):
        principal = statement.get("Principal")
        named = many(principal.get("AWS", [])) if isinstance(principal, dict) else ()
        if any(lifecycle.denied(simulation, scope, name) for name in named):
            raise_invalid_value("Provided principal is not valid")


def _reaches_beyond(scope: RegionScope, statement: dict[str, Any]) -> bool:
    principal = statement.get("Principal")
    if principal is None or principal == "*":
        return True
    return any(_foreign(scope, name) for name in many(principal.get("AWS", [])))


def _foreign(scope: RegionScope, name: str) -> bool:
    """Whether a principal is of another account; of a unique id nobody can tell, and it is taken for one's own."""
    if name.startswith("A"):
        return False
    return scope.account_id != (name.split(":")[4] if name.startswith("arn:") else name)


def _copies_alone(statement: dict[str, Any]) -> bool:
    actions = many(statement.get("Action", []))
    return bool(actions) and all(str(action).casefold() == "backup:copyintobackupvault" for action in actions)


def _spelled(policy: dict[str, Any], *, collapse: bool) -> str:
    spelled = {"Version": policy.get("Version", "2012-10-17")}
    spelled.update((name, value) for name, value in policy.items() if name not in {"Version", "Statement"})
    spelled["Statement"] = [_collapsed(item) if collapse else item for item in many(policy["Statement"])]
    return msgspec.json.encode(spelled).decode()


def _collapsed(value: object) -> object:
    if isinstance(value, dict):
        return {name: _collapsed(part) for name, part in value.items()}
    if isinstance(value, list) and len(value) == 1:
        return value[0]
    return value
