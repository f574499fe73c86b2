"""An AWS Backup that lives in this process: its operations, a clock that moves, and resources to protect.

``bk.local()`` opens a connection to a new one, which has the clock, the resources, the faults, the accounts, the events
and the reports at hand. What else there is to import from here:

- To begin with: `Choices` (how it behaves where AWS's own behaviour is not known), `START`, `SessionWorld` and
  `private_moto_session` (real resources to protect), `Identity` (a caller whom access policies tell apart).
- For programs that know only boto3: `patch_boto3`; for any other client: `serving`. `LocalService` is what answers.
- Types of what a connection has at hand: `LocalClock`; `World`, `SyntheticWorld`, `Resource`; `Faults`, `CallFault`,
  `Outage`; `Accounts`, `Approval`; `EventLog`, `EmittedEvent`, `Notification`; `Delivered`; `ControlResult`, `Finding`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from backupkit.emulator.accounts import Accounts, Approval
from backupkit.emulator.audit.evaluation import ControlResult
from backupkit.emulator.events import EmittedEvent, Notification
from backupkit.emulator.events.log import EventLog
from backupkit.emulator.faults.faults import Faults
from backupkit.emulator.kernel.behavior import Choices
from backupkit.emulator.kernel.clock import LocalClock
from backupkit.emulator.kernel.resource_protocol import World
from backupkit.emulator.model import CallFault, Delivered, Finding, Identity, Outage
from backupkit.emulator.patching import patch_boto3
from backupkit.emulator.resources.synthetic import Resource, SyntheticWorld
from backupkit.emulator.service import START, LocalService

if TYPE_CHECKING:
    from backupkit.emulator.http import serving
    from backupkit.emulator.resources.session import SessionWorld, private_moto_session

__all__ = [
    "START",
    "Accounts",
    "Approval",
    "CallFault",
    "Choices",
    "ControlResult",
    "Delivered",
    "EmittedEvent",
    "EventLog",
    "Faults",
    "Finding",
    "Identity",
    "LocalClock",
    "LocalService",
    "Notification",
    "Outage",
    "Resource",
    "SessionWorld",
    "SyntheticWorld",
    "World",
    "patch_boto3",
    "private_moto_session",
    "serving",
]

# Loaded when first used: `bk.local()` needs neither a server nor the resources of a session.
_HOMES = {"SessionWorld": "resources.session", "private_moto_session": "resources.session", "serving": "http"}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
