"""An AWS Backup that lives in this process: its operations, a clock that moves, and resources to protect.

- `LocalService` answers the API's operations, and takes and restores snapshots of its whole state.
- `patch_boto3` lets plain boto3 talk to it; `http` serves it to any client.
- `Choices` says how it behaves where AWS's own behaviour is not known.
- `Identity` says who calls, where access policies of vaults shall tell callers apart.

The module itself can be called: ``bk.local()`` opens a connection to a new local service.
"""

from __future__ import annotations

import sys
import types
from typing import TYPE_CHECKING, Any

from backupkit.local.choices import Choices
from backupkit.local.patching import patch_boto3
from backupkit.local.service import START, LocalService
from backupkit.local.state import Identity

if TYPE_CHECKING:
    from backupkit.doors import LocalConnection

__all__ = ["START", "Choices", "Identity", "LocalService", "patch_boto3"]


class _Door(types.ModuleType):
    """Lets ``bk.local`` be both this package and the function that opens it; `backupkit.doors.local` has the types."""

    def __call__(self, **settings: Any) -> LocalConnection:
        from backupkit.doors import local  # noqa: PLC0415 - the door stands on a higher floor

        return local(**settings)


sys.modules[__name__].__class__ = _Door
