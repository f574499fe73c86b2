"""When points move to cold storage and when they are deleted, and where copies go."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import attrs

from backupkit.arn import VAULT, arn_text
from backupkit.checks import arn_of, instance, optional, whole
from backupkit.declare.declared import Declared
from backupkit.declare.fields import flags
from backupkit.declare.names import MAX_DAYS
from backupkit.problems import Problem, counted, label, warning

__all__ = ["COLD_MINIMUM_DAYS", "FOREVER", "CopyAction", "Lifecycle", "or_none"]

COLD_MINIMUM_DAYS = 90
"""A point stays in cold storage for at least so many days (botocore model, Lifecycle)."""
_COLD_MINIMUM = counted(COLD_MINIMUM_DAYS, "day")
FOREVER = -1
"""The API's day number for "never" (botocore model, Lifecycle); given for both members."""


@attrs.frozen(kw_only=True)
class Lifecycle(Declared):
    """When points go cold and when they go.

    Args:
        delete_after_days: Days from the start of the backup to its deletion, 1 to 36,500; -1 or None keeps it forever.
        move_to_cold_storage_after_days: Days in warm storage, 1 to 36,500; ignored for types without cold storage.
        opt_in_to_archive_for_supported_resources: Lets EBS snapshots move to the EBS Snapshot Archive.

    Raises:
        InvalidValueError: A number is out of range, or deletion comes sooner than 90 days after the cold move.
    """

    _KIND: ClassVar[str] = "lifecycle"
    _OMITTED: ClassVar[dict[str, str]] = {
        "DeleteAfterEvent": "AWS sets it on temporary points and does not take it as input"
    }
    _COMPUTED: ClassVar[frozenset[str]] = frozenset({"DeleteAfterEvent"})
    _EXAMPLE: ClassVar[str] = "bk.Lifecycle(delete_after_days=35)"

    delete_after_days: int | None = attrs.field(
        default=None, metadata=flags(optional(whole(1, MAX_DAYS, "days", also=FOREVER)))
    )
    move_to_cold_storage_after_days: int | None = attrs.field(
        default=None, metadata=flags(optional(whole(1, MAX_DAYS, "days", also=FOREVER)))
    )
    opt_in_to_archive_for_supported_resources: bool = attrs.field(default=False, metadata=flags(instance(bool)))

    @property
    def keeps_for_ever(self) -> bool:
        """Whether nothing ever deletes the point."""
        return self.delete_after_days in {None, FOREVER}

    @property
    def cold_after_days(self) -> int | None:
        """Days in warm storage, or None where the point never goes cold."""
        days = self.move_to_cold_storage_after_days
        return None if days == FOREVER else days

    def _cross_field(self) -> Iterator[Problem]:
        cold, delete = self.cold_after_days, self.delete_after_days
        if cold is not None and delete is not None and delete != FOREVER and delete < cold + COLD_MINIMUM_DAYS:
            yield Problem(
                "",
                f"deletion after {counted(delete, 'day')} is sooner than cold storage after {cold:,} + {_COLD_MINIMUM}",
                f"keep it {counted(cold + COLD_MINIMUM_DAYS, 'day')} or longer, or drop cold storage",
            )

    def _warnings(self) -> Iterator[Problem]:
        given = {self.delete_after_days, self.move_to_cold_storage_after_days}
        if FOREVER in given and given != {FOREVER} and self.cold_after_days is None:
            yield warning("", "-1 is given for one day number only", "give it for both to keep points forever")


def or_none(lifecycle: Lifecycle | None) -> Lifecycle | None:
    """None for a lifecycle that says nothing: both are sent as nothing, so they are one value."""
    return None if lifecycle == Lifecycle() else lifecycle


@attrs.frozen
class CopyAction(Declared):
    """A copy of every point of a rule in another vault.

    Args:
        vault: The ARN of the destination vault, in any Region or account.
        lifecycle: The copy's own lifecycle. It counts from the creation of the source point.
    """

    _KIND: ClassVar[str] = "copy"
    _KEY: ClassVar[str] = "vault"
    _EXAMPLE: ClassVar[str] = f'bk.CopyAction("{VAULT.example}")'

    vault: str = attrs.field(converter=arn_text, metadata=flags(arn_of(VAULT), wire="DestinationBackupVaultArn"))
    lifecycle: Lifecycle | None = attrs.field(
        default=None, kw_only=True, converter=or_none, metadata=flags(optional(instance(Lifecycle)))
    )

    @property
    def address(self) -> str:
        """Where this copy is inside its rule."""
        return f"copy.{label(self.vault.rpartition(':')[2])}" if isinstance(self.vault, str) else "copy"

    def _warnings(self) -> Iterator[Problem]:
        if self.lifecycle is None:
            yield warning(
                "",
                "the copy has no lifecycle: it follows the rule's or is kept forever, AWS's own texts differ",
                "give keep_days=",
            )
        elif self.lifecycle.delete_after_days is None:
            yield warning("", "the copy has no retention and may be kept forever", "give keep_days=")
        elif self.lifecycle.delete_after_days == FOREVER:
            yield warning(
                "", "-1 does not keep a copy forever: it keeps the source's expiry", f"use {MAX_DAYS:,} days instead"
            )
