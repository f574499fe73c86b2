"""Which lifecycles AWS takes for jobs, copies and points, and its sentences where it does not.

Sources: the botocore model of Lifecycle, and the developer guide's page on plan options.
"""

from __future__ import annotations

from backupkit.emulator.kernel.operations import raise_api_error
from backupkit.emulator.model import Document
from backupkit.emulator.rules.lifecycle import kept, retention_days

__all__ = ["checked"]

_IN_COLD_DAYS = 90
_MAX_DAYS = 36_500


def checked(lifecycle: Document | None) -> Document:
    """The lifecycle as it is kept.

    Raises:
        ApiError: Days out of 1 to 36,500, or less than 90 days in cold storage.
    """
    if lifecycle is not None and "DeleteAfterEvent" in lifecycle:
        _refuse("DeleteAfterEvent is not valid as an input")
    found = kept(lifecycle)
    cold, days = found.get("MoveToColdStorageAfterDays"), retention_days(found)
    if days is not None and not 1 <= days <= _MAX_DAYS:
        _refuse("DeleteAfterDays cannot be less than 1 or more than 36500 days")
    if cold is not None and not 1 <= cold <= _MAX_DAYS:
        _refuse("MoveToColdStorageAfterDays cannot be less than 1 or more than 36500 days")
    if cold is not None and days is not None and days < cold + _IN_COLD_DAYS:
        _refuse("DeleteAfterDays cannot be less than 90 days apart from MoveToColdStorageAfterDays")
    return found


def _refuse(what: str) -> None:
    raise_api_error("InvalidParameterValueException", f"Invalid lifecycle. {what}")
