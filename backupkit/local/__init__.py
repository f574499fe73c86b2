"""An AWS Backup that lives in this process: its operations, a clock that moves, and resources to protect.

The module itself can be called: ``bk.local()`` opens a connection to a new local service, and that has the clock, the
world, the faults, the accounts, the news and the reports at hand. What else there is to import from here:

- To begin with: `Choices` (how it behaves where AWS's own behaviour is not known), `START`, `SessionWorld` and
  `private_moto_session` (real resources to protect), `Identity` (a caller whom access policies tell apart).
- For programs that know only boto3: `patch_boto3`; for any other client: `serving`. `LocalService` is what answers.
- Types of what a connection has at hand: `LocalClock`; `World`, `SyntheticWorld`, `Resource`; `Faults`, `CallFault`,
  `Outage`; `Accounts`, `Approval`; `Newsstand`, `News`, `Notification`; `Delivered`; `ControlResult`, `Finding`.
"""

from __future__ import annotations

import importlib
import sys
import types
from typing import TYPE_CHECKING, Any

from backupkit.local.accounts import Accounts, Approval
from backupkit.local.audit.evaluation import ControlResult
from backupkit.local.choices import Choices
from backupkit.local.clock import LocalClock
from backupkit.local.faults.switches import Faults
from backupkit.local.news import News, Notification
from backupkit.local.news.stand import Newsstand
from backupkit.local.patching import patch_boto3
from backupkit.local.service import START, LocalService
from backupkit.local.state import CallFault, Delivered, Finding, Identity, Outage
from backupkit.local.world import World
from backupkit.local.world.synthetic import Resource, SyntheticWorld

if TYPE_CHECKING:
    from backupkit.doors import LocalConnection
    from backupkit.local.http import serving
    from backupkit.local.world.session import SessionWorld, private_moto_session

__all__ = [
    "START",
    "Accounts",
    "Approval",
    "CallFault",
    "Choices",
    "ControlResult",
    "Delivered",
    "Faults",
    "Finding",
    "Identity",
    "LocalClock",
    "LocalService",
    "News",
    "Newsstand",
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
_HOMES = {"SessionWorld": "world.session", "private_moto_session": "world.session", "serving": "http"}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Door(types.ModuleType):
    """Lets ``bk.local`` be both this package and the function that opens it; `backupkit.doors.local` has the types."""

    def __call__(self, **settings: Any) -> LocalConnection:
        from backupkit.doors import local  # noqa: PLC0415 - the door stands on a higher floor

        return local(**settings)


sys.modules[__name__].__class__ = _Door
