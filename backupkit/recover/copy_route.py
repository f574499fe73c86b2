"""One copy from vault to vault, as far as it must be known to tell what stands against it."""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs

from backupkit import observe
from backupkit.arn import Arn
from backupkit.catalog import type_named
from backupkit.catalog.resource_type import OWN_POINTS
from backupkit.declare.lifecycle import FOREVER
from backupkit.problems import counted
from backupkit.recover.region_vaults import AIR_GAPPED, RegionVaults

__all__ = ["CopyItem", "CopyRoute", "copy_kept"]


def copy_kept(keep_days: int | None) -> str:
    """Return how long a copy is kept that was asked for with so many days, in words."""
    return "as long as the point" if keep_days is None or keep_days == FOREVER else counted(keep_days, "day")


@attrs.frozen(kw_only=True)
class CopyItem:
    """What is copied.

    Args:
        resource_type: AWS Backup's type string.
        vault_arn: The vault that it is in.
        created: When the backup was made; copies keep that moment.
        keep_days: Days that it is kept from then on; None: forever.
        vault_key: Whether the key of its vault encrypts it, and AWS Backup itself keeps it.
        key_arn: The key that encrypts it; None where there is none, or AWS does not say.
        key_type: What AWS Backup says of the key.
        encrypted: Whether it is encrypted at all; None: not told.
        point_arn: The point; empty for a copy that is still to be made.
        air_gapped: Whether its vault is logically air-gapped.
        resource_arn: What it is of; empty where that is not told.
    """

    resource_type: str
    vault_arn: str
    created: datetime | None = None
    keep_days: int | None = None
    vault_key: bool = False
    key_arn: str | None = None
    key_type: str | None = None
    encrypted: bool | None = None
    point_arn: str = ""
    air_gapped: bool = False
    resource_arn: str = ""

    @classmethod
    def of(cls, point: observe.RecoveryPoint) -> CopyItem:
        """Return what is known of a point."""
        days = point.lifecycle.delete_after_days if point.lifecycle is not None else None
        arn = point.recovery_point_arn or ""
        return cls(
            resource_type=point.resource_type or "",
            vault_arn=point.backup_vault_arn or "",
            created=point.creation_date,
            keep_days=None if days == FOREVER else days,
            vault_key=arn.split(":")[2:3] == ["backup"],
            key_arn=point.encryption_key_arn,
            key_type=point.encryption_key_type,
            encrypted=point.is_encrypted,
            point_arn=arn,
            air_gapped=point.vault_type == AIR_GAPPED,
            resource_arn=point.resource_arn or "",
        )


@attrs.frozen(kw_only=True)
class CopyRoute:
    """One copy.

    Args:
        item: What is copied.
        here: The account and Region that the copy job runs in, which has the vault of the item.
        there: The account and Region of the destination; None where there is no connection to look at it.
        vault_arn: The destination.
        role_arn: The role that AWS Backup takes on.
        keep_days: Days from the creation of the backup to the deletion of the copy; None: as AWS decides.
        cold_after_days: Days in warm storage.
        argument: The name of the argument that takes a connection to the destination, for messages.
    """

    item: CopyItem
    here: RegionVaults
    there: RegionVaults | None
    vault_arn: str
    role_arn: str
    keep_days: int | None = None
    cold_after_days: int | None = None
    argument: str = "destination"

    @property
    def source(self) -> Arn:
        """The vault that is copied from."""
        return Arn.parse(self.item.vault_arn)

    @property
    def destination(self) -> Arn:
        """The vault that is copied into."""
        return Arn.parse(self.vault_arn)

    @property
    def vault(self) -> observe.Vault | None:
        """What is seen of the destination."""
        return self.there.vaults.get(self.vault_arn) if self.there is not None else None

    @property
    def crosses_accounts(self) -> bool:
        """Whether the destination is another account's."""
        return self.source.account != self.destination.account

    @property
    def crosses_regions(self) -> bool:
        """Whether the destination is in another Region."""
        return self.source.region != self.destination.region

    @property
    def kept_days(self) -> int | None:
        """Days that the copy is kept from the creation of the backup; None: forever."""
        given = {self.keep_days, self.cold_after_days} - {FOREVER}
        # A copy without a lifecycle, or whose own says -1, is kept as long as its source (developer guide, plan options
        # and creating a copy).
        return self.item.keep_days if self.keep_days == FOREVER or given == {None} else self.keep_days

    @property
    def deleted_at(self) -> datetime | None:
        """When the copy would be deleted; None: never, or not known."""
        if self.item.created is None or self.kept_days is None:
            return None
        return self.item.created + timedelta(days=self.kept_days)

    def copied(self) -> CopyItem:
        """Return what is there once the copy is made, to be copied on."""
        vault = self.vault
        kind = type_named(self.item.resource_type)
        air_gapped = vault is not None and vault.vault_type == AIR_GAPPED
        vault_key = air_gapped or (kind is not None and kind.points.startswith(OWN_POINTS))
        stays = not vault_key and not self.crosses_accounts and not self.crosses_regions
        return attrs.evolve(
            self.item,
            vault_arn=self.vault_arn,
            keep_days=self.kept_days,
            vault_key=vault_key,
            key_arn=self.item.key_arn if stays else vault.encryption_key_arn if vault is not None else None,
            key_type=self.item.key_type if stays else vault.encryption_key_type if vault is not None else None,
            point_arn="",
            air_gapped=air_gapped,
        )
