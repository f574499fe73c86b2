"""`back_up`, as every connection has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import overload

import msgspec

from backupkit import observe
from backupkit.arn import Arn, spelled
from backupkit.checks import RESOURCE_TAGS, optional, tags_within, whole
from backupkit.declare.codec.documents import document
from backupkit.declare.lifecycle import Lifecycle
from backupkit.declare.names import MAX_WINDOW_MINUTES, MIN_START_MINUTES
from backupkit.declare.tags import Tags
from backupkit.declare.vault_name import VaultOrName, is_vault_name, vault_name
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, located, quote
from backupkit.recover.arguments import check_arn, problems_of, role_problems
from backupkit.recover.backup_job import BackupJob
from backupkit.recover.caller import Caller
from backupkit.recover.home import default_role
from backupkit.recover.quiesce import SSMQuiesce
from backupkit.recover.quiesced_backup import QuiescedBackup
from backupkit.recover.quiescing import back_up_quiesced
from backupkit.transport.protocol import Params

__all__ = ["Backups"]

_START = optional(whole(MIN_START_MINUTES, MAX_WINDOW_MINUTES, "minutes"))
_COMPLETE = optional(whole(1, MAX_WINDOW_MINUTES, "minutes"))


def _must_fit(
    resource: Arn | str,
    vault: str,
    keeping: tuple[int | None, int | None],
    windows: tuple[int | None, int | None],
    tags: Mapping[str, str],
    role: Arn | str | None,
) -> None:
    """Refuse what AWS would refuse of a backup, before any call, all at once."""
    start, complete = windows
    found = [
        *problems_of(lambda: check_arn(resource, "back_up/resource")),
        *problems_of(
            lambda: Lifecycle(delete_after_days=keeping[0], move_to_cold_storage_after_days=keeping[1]), "back_up"
        ),
        *role_problems(role, "back_up/role"),
        *located("back_up/vault", is_vault_name(vault)),
        *located("back_up/tags", tags_within(RESOURCE_TAGS)(tags)),
        *located("back_up/start_window_minutes", _START(start)),
        *located("back_up/complete_window_minutes", _COMPLETE(complete)),
    ]
    if not found and role is not None:
        account, owner = Arn.parse(role).account, Arn.parse(resource).account
        if owner and account != owner:
            # A role is passed within its own account alone (IAM user guide, passing a role to a service).
            what = f"the role is of account {account}, and the resource of account {owner}"
            found.append(Problem("back_up/role", what, f"give a role of account {owner}"))
    if found:
        raise InvalidValueError(found)


class Backups:
    """What a connection has for backing up now."""

    _caller: Caller

    @overload
    def back_up(
        self,
        resource: Arn | str,
        *,
        vault: VaultOrName,
        keep_days: int | None = None,
        cold_after_days: int | None = None,
        role: Arn | str | None = None,
        tags: Mapping[str, str] | None = None,
        start_window_minutes: int | None = None,
        complete_window_minutes: int | None = None,
        backup_options: Mapping[str, str] | None = None,
        token: str | None = None,
        quiesce: None = None,
    ) -> BackupJob: ...

    @overload
    def back_up(
        self,
        resource: Arn | str,
        *,
        vault: VaultOrName,
        keep_days: int | None = None,
        cold_after_days: int | None = None,
        role: Arn | str | None = None,
        tags: Mapping[str, str] | None = None,
        start_window_minutes: int | None = None,
        complete_window_minutes: int | None = None,
        backup_options: Mapping[str, str] | None = None,
        token: str | None = None,
        quiesce: SSMQuiesce,
    ) -> QuiescedBackup: ...

    def back_up(
        self,
        resource: Arn | str,
        *,
        vault: VaultOrName,
        keep_days: int | None = None,
        cold_after_days: int | None = None,
        role: Arn | str | None = None,
        tags: Mapping[str, str] | None = None,
        start_window_minutes: int | None = None,
        complete_window_minutes: int | None = None,
        backup_options: Mapping[str, str] | None = None,
        token: str | None = None,
        quiesce: SSMQuiesce | None = None,
    ) -> BackupJob | QuiescedBackup:
        """Start backing up a resource now.

        Args:
            resource: Its ARN.
            vault: The vault that takes the point, or its name.
            keep_days: Days until the point is deleted, 1 to 36,500. None: kept forever.
            cold_after_days: Days in warm storage; the point then stays cold for at least 90.
            role: The ARN of the role AWS Backup takes on. None: the account's AWSBackupDefaultServiceRole.
            tags: Tags for the point.
            start_window_minutes: Minutes in which the backup must start, 60 or more. None: 480.
            complete_window_minutes: Minutes in which it must be done. None: 10,080.
            backup_options: For example ``{"WindowsVSS": "enabled"}`` for EC2.
            token: Calls with one token start one job. None: a new one for this call, kept over its retries.
            quiesce: Documents of Systems Manager that bring the application on the instance to rest around the moment
                of the snapshot; the call then returns when the application goes on.

        Returns:
            The job; its ``wait()`` tells how it ends. With ``quiesce``, the job in a `QuiescedBackup`, which says what
            is guaranteed.

        Raises:
            InvalidValueError: Something AWS would refuse; nothing was sent.
            PreflightError: A document is not there or lacks a parameter; nothing was sent.
            NeighbourError: The application could not be brought to rest, and is required to; nothing was backed up.
        """
        name = vault_name(vault)
        tags = Tags(tags)
        windows = (start_window_minutes, complete_window_minutes)
        _must_fit(resource, name, (keep_days, cold_after_days), windows, tags, role)
        arn = Arn.parse(resource)
        lifecycle = Lifecycle(delete_after_days=keep_days, move_to_cold_storage_after_days=cold_after_days)
        params: Params = {
            "BackupVaultName": name,
            "ResourceArn": str(arn),
            "IamRoleArn": spelled(role) or self._default_role(arn, name),
            "Lifecycle": document(lifecycle) or None,
            "RecoveryPointTags": dict(tags) if tags else None,
            "StartWindowMinutes": start_window_minutes,
            "CompleteWindowMinutes": complete_window_minutes,
            "BackupOptions": dict(Tags(backup_options)) or None,
            "IdempotencyToken": token,
        }
        if quiesce is None:
            return _started(self._caller, params)
        if not isinstance(quiesce, SSMQuiesce):
            what = f"{quote(quiesce)} does not say how to bring an application to rest"
            raise InvalidValueError(Problem("back_up/quiesce", what, "give bk.SSMQuiesce(before=..., after=...)"))
        return back_up_quiesced(
            self._caller,
            str(arn),
            quiesce,
            lambda: _started(self._caller, params),
            is_repeated=token is not None,
        )

    def _default_role(self, arn: Arn, vault: str) -> str:
        account = arn.account
        if not account:  # an S3 bucket's ARN names no account
            described = self._caller.fetch("DescribeBackupVault", observe.Vault, {"BackupVaultName": vault})
            account = Arn.parse(described.backup_vault_arn or "").account
        return default_role(account, arn.partition)


def _started(caller: Caller, params: Params) -> BackupJob:
    started = caller.started("StartBackupJob", BackupJob, params)
    job_facts = {
        "resource_arn": params["ResourceArn"],
        "backup_vault_name": params["BackupVaultName"],
        "state": started.state or "CREATED",
    }
    return caller.attached(msgspec.structs.replace(started, **job_facts))
