"""Which events of a vault go to which topic; `backupkit.emulator.events` tells them.

Source: the developer guide's page on notifications.
"""

from __future__ import annotations

from backupkit.arn import TOPIC, Arn
from backupkit.emulator.events.sns_messages import DEPRECATED
from backupkit.emulator.kernel import api_errors
from backupkit.emulator.kernel.operations import operation, raise_api_error
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, Notifications, RegionScope
from backupkit.emulator.rules.point_store import vault_called

__all__: list[str] = []

_SOURCE = "botocore model; developer guide, notifications; recorded refusals"
_NOT_CONFIGURED = "Failed reading notifications from database for Backup vault {name}"


@operation(
    "PutBackupVaultNotifications",
    source=_SOURCE,
    missing="asking the topic's policy; events of single objects and of access points",
)
def put(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    """Replace a vault's topic and all its events."""
    vault = vault_called(scope, params["BackupVaultName"])
    topic, events = params["SNSTopicArn"], params["BackupVaultEvents"]
    _check_topic(scope, topic)
    if not events:
        raise_api_error("InvalidParameterValueException", "BackupVaultEvents must not be empty")
    if not simulation.choices.deprecated_events_accepted and DEPRECATED & set(events):
        raise_api_error(
            "InvalidParameterValueException",
            f"Please select from the following list of notifications {api_errors.EVENTS}",
        )
    # AWS keeps a set: neither order nor repetition survives.
    vault.notifications = Notifications(topic, sorted(set(events)))
    return {}


def _check_topic(scope: RegionScope, topic: str) -> None:
    if not TOPIC.admits(topic) or Arn.parse(topic).account != scope.account_id:
        raise_api_error(
            "InvalidParameterValueException", f"Invalid SNSTopicArn {topic}: it must be a topic of the same account"
        )
    if topic.endswith(".fifo"):
        raise_api_error("InvalidParameterValueException", f"Invalid SNSTopicArn {topic}: FIFO topics are not supported")


@operation("GetBackupVaultNotifications", source=_SOURCE)
def get(simulation: Simulation, scope: RegionScope, params: Document) -> Document:  # noqa: ARG001 - the shape of a handler
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


@operation("DeleteBackupVaultNotifications", source=_SOURCE)
def delete(simulation: Simulation, scope: RegionScope, params: Document) -> Document:  # noqa: ARG001 - the shape of a handler
    """Take a vault's notifications away; where there are none, that is so already."""
    vault_called(scope, params["BackupVaultName"]).notifications = None
    return {}
