"""Recovery points as handles: what is known of one, and what can be done with it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

import msgspec

from backupkit import observe
from backupkit.arn import Arn
from backupkit.catalog import type_named
from backupkit.errors import AccessDeniedError, NotFoundError, RejectedError
from backupkit.observe import RestoreMetadata
from backupkit.recover.arguments import check_arn, check_role
from backupkit.recover.caller import Caller
from backupkit.recover.home import home_of, own_role
from backupkit.recover.point_copies import PointCopies
from backupkit.recover.point_facts import aware, continuous
from backupkit.recover.point_restores import PointRestores
from backupkit.recover.point_verbs import PointVerbs
from backupkit.recover.scan_job import ScanJob
from backupkit.transport.protocol import Params

__all__ = ["RecoveryPoint"]


class RecoveryPoint(PointVerbs, PointRestores, PointCopies, observe.RecoveryPoint, frozen=True, kw_only=True, gc=False):
    """A recovery point. Sizes are bytes, times aware datetimes in UTC; a member that AWS did not send is None."""

    _aws: object = msgspec.field(default=None, name="-aws")

    def refresh(self) -> Self:
        """The point as it is now, with everything AWS says of it."""
        return self._caller.fetch("DescribeRecoveryPoint", type(self), self._where())

    @property
    def is_continuous(self) -> bool:
        """Whether the point can be restored to any moment of its window, as far as its ARN and status tell."""
        return continuous(self)

    @property
    def age(self) -> timedelta | None:
        """How long ago the point was made; a continuous point holds newer data. None where AWS did not say when."""
        return self.clock.now() - self.creation_date if self.creation_date is not None else None

    def restore_metadata(self) -> dict[str, str]:
        """What AWS Backup knows of the resource as it was; never a ready restore request by itself.

        Nulls, which AWS answers for some keys, are left out; `preview_restore` shows what becomes of each key.
        """
        return {key: value for key, value in self.raw_restore_metadata().items() if value is not None}

    def raw_restore_metadata(self) -> dict[str, str | None]:
        """The same, with the nulls."""
        answer = self._caller.fetch("GetRecoveryPointRestoreMetadata", RestoreMetadata, self._where())
        return answer.restore_metadata or {}

    def scan(
        self,
        *,
        scanner_role: Arn | str,
        role: Arn | str | None = None,
        base: Self | Arn | str | None = None,
        until: datetime | None = None,
        scanner: str = "GUARDDUTY",
        token: str | None = None,
    ) -> ScanJob:
        """Start a malware scan of the point. AWS scans points of EBS, EC2 and S3.

        Args:
            scanner_role: The ARN of the role that the scanner takes on.
            role: The ARN of the role that AWS Backup takes on. None: the one that made the point, or the account's
                default one where that is another account's.
            base: An earlier point of the same resource, or its ARN: only what changed since is scanned. None: all.
            until: Of a continuous point, scan up to this aware moment. None: to its end.
            scanner: The scanner; AWS knows ``GUARDDUTY``.
            token: Calls with one token start one job. None: a new one for this call, kept over its retries.

        Returns:
            The job; its ``wait()`` tells how it ends, and then ``found_threats`` what it found.

        Raises:
            InvalidValueError: ``until`` has no time zone; nothing was sent.
        """
        until = aware(until, "scan/until")
        role = check_role(role, "scan/role")
        scanner_arn = check_role(scanner_role, "scan/scanner_role")
        earlier = base.recovery_point_arn if isinstance(base, RecoveryPoint) else base
        base_arn = None if earlier is None else check_arn(earlier, "scan/base")
        caller = self._caller
        point = self if self.says_enough else self.refresh()
        home = home_of(caller, point)
        params: Params = {
            "BackupVaultName": self._vault_name(),
            "RecoveryPointArn": self.recovery_point_arn,
            "IamRoleArn": role or own_role(home.account, home.partition, point.iam_role_arn),
            "ScannerRoleArn": scanner_arn,
            "MalwareScanner": scanner,
            "ScanMode": "FULL_SCAN" if base_arn is None else "INCREMENTAL_SCAN",
            "ScanBaseRecoveryPointArn": base_arn,
            "ContinuousScanEndTime": until,
            "IdempotencyToken": token,
        }
        known = {"recovery_point_arn": self.recovery_point_arn, "resource_arn": point.resource_arn}
        started = caller.started("StartScanJob", ScanJob, params)
        return caller.attached(msgspec.structs.replace(started, state=started.state or "CREATED", **known))

    def tags(self) -> dict[str, str]:
        """The point's tags; AWS Backup has them only for points whose ARNs are its own."""
        return self._caller.tags(self.recovery_point_arn or "")

    @property
    def says_enough(self) -> bool:
        """Whether the record has all that a restore or copy needs."""
        # ListRecoveryPointsByResource leaves out the role, and for most types the vault.
        known = {self.resource_type, self.iam_role_arn, self.backup_vault_name, self.resource_arn}
        kind = type_named(self.resource_type)
        return None not in known and (self.is_parent is not None or kind is None or not kind.composite)

    def _where(self) -> dict[str, str | None]:
        return {
            "BackupVaultName": self._vault_name(),
            "RecoveryPointArn": self.recovery_point_arn,
            "BackupVaultAccountId": self._caller.vault_account_id,
        }

    def _vault_name(self) -> str:
        if self.backup_vault_name is not None:
            return self.backup_vault_name
        return _holding_vault(self._caller, self.recovery_point_arn)


def _holding_vault(caller: Caller, point_arn: str | None) -> str:
    """The vault that holds a point whose record does not say; a point's ARN does not tell either."""
    for vault in caller.listed("ListBackupVaults", observe.Vault, {}):
        where = {"BackupVaultName": vault.backup_vault_name, "RecoveryPointArn": point_arn}
        try:
            caller.fetch("DescribeRecoveryPoint", observe.RecoveryPoint, where)
        except (NotFoundError, AccessDeniedError, RejectedError):
            # This vault does not hold it, or may not be read; the next one may.
            continue
        if vault.backup_vault_name is not None:
            return vault.backup_vault_name
    raise NotFoundError(
        "DescribeRecoveryPoint", "ResourceNotFoundException", f"No vault here that can be read holds {point_arn}."
    )
