"""Backups that EFS and DynamoDB take by themselves: on or off, for what is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from backupkit.arn import Arn
from backupkit.declare.beside import DynamoDBContinuousBackups, EFSBackupPolicy
from backupkit.declare.declared import Declared
from backupkit.errors import NeighbourError
from backupkit.problems import Problem
from backupkit.provider.answers import Document, flag, inner, number, text
from backupkit.provider.change import Call, Output
from backupkit.provider.forms import Form
from backupkit.provider.kinds.kind import Kind
from backupkit.provider.kinds.observed import Observed, World
from backupkit.provider.kinds.reader import Reader
from backupkit.transport.protocol import Value

__all__ = ["DYNAMODB_CONTINUOUS_BACKUPS", "EFS_BACKUP_POLICY"]

_LONGEST_DAYS = 35
_MISSING: Document = {"Missing": True}


def _described(
    reader: Reader, service: str, method: str, arguments: Mapping[str, str], answers: Mapping[str, Document]
) -> Document:
    """The answer to a call; where its error says what is so, that."""
    try:
        found: Document = reader.ask(service, method, arguments)
    except NeighbourError as error:
        if error.code in answers:
            return answers[error.code]
        raise
    return found


def _read_efs(reader: Reader, arn: str) -> Document:
    answer = _described(
        reader,
        "efs",
        "describe_backup_policy",
        {"FileSystemId": Arn.parse(arn).name},
        {"PolicyNotFound": {}, "FileSystemNotFound": _MISSING},
    )
    status = text(inner(answer, "BackupPolicy"), "Status")
    return {"Arn": arn, "Missing": flag(answer, "Missing"), "Enabled": status in {"ENABLED", "ENABLING"}}


def _read_dynamodb(reader: Reader, arn: str) -> Document:
    answer = _described(
        reader,
        "dynamodb",
        "describe_continuous_backups",
        {"TableName": Arn.parse(arn).name},
        {"TableNotFoundException": _MISSING, "ResourceNotFoundException": _MISSING},
    )
    description = inner(inner(answer, "ContinuousBackupsDescription"), "PointInTimeRecoveryDescription")
    enabled = text(description, "PointInTimeRecoveryStatus") == "ENABLED"
    days = number(description, "RecoveryPeriodInDays") or _LONGEST_DAYS
    return {
        "Arn": arn,
        "Missing": flag(answer, "Missing"),
        "Enabled": enabled,
        **({"Days": days} if enabled else {}),
    }


def _form(found: Document, _: Document | None) -> Form:
    days = number(found, "Days")
    return Form({"enabled": flag(found, "Enabled"), **({} if days is None else {"recovery_period_days": days})})


def _efs_document(policy: EFSBackupPolicy) -> dict[str, Value]:
    return {"Arn": policy.file_system, "Enabled": policy.enabled}


def _dynamodb_document(backups: DynamoDBContinuousBackups) -> dict[str, Value]:
    days = {"Days": backups.recovery_period_days or _LONGEST_DAYS} if backups.enabled else {}
    return {"Arn": backups.table, "Enabled": backups.enabled, **days}


def _set_efs(_: World, policy: EFSBackupPolicy, __: Observed) -> Iterator[Call]:
    status = "ENABLED" if policy.enabled else "DISABLED"
    name = Arn.parse(policy.file_system).name
    yield Call("put_backup_policy", {"FileSystemId": name, "BackupPolicy": {"Status": status}}, service="efs")


def _set_dynamodb(_: World, backups: DynamoDBContinuousBackups, __: Observed) -> Iterator[Call]:
    arguments: dict[str, bool | int] = {"PointInTimeRecoveryEnabled": backups.enabled}
    if backups.enabled:
        arguments["RecoveryPeriodInDays"] = backups.recovery_period_days or _LONGEST_DAYS
    name = Arn.parse(backups.table).name
    params: dict[str, Value | Output] = {"TableName": name, "PointInTimeRecoverySpecification": arguments}
    yield Call("update_continuous_backups", params, service="dynamodb")


def _there(field: str, what: str) -> Callable[[World, Declared], Iterator[Problem]]:
    def checks(world: World, thing: Declared) -> Iterator[Problem]:
        arn: str = getattr(thing, field)
        if any(flag(seen.document, "Missing") for seen in world.found(thing._KIND, arn)):  # noqa: SLF001 - it says it
            yield Problem(field, f"there is no such {what} here", "create it first")

    return checks


EFS_BACKUP_POLICY = Kind(
    cls=EFSBackupPolicy,
    service="efs",
    id="Arn",
    document=_efs_document,
    form=_form,
    reading=_read_efs,
    updating=_set_efs,
    checks=_there("file_system", "file system"),
)
DYNAMODB_CONTINUOUS_BACKUPS = Kind(
    cls=DynamoDBContinuousBackups,
    service="dynamodb",
    id="Arn",
    document=_dynamodb_document,
    form=_form,
    reading=_read_dynamodb,
    updating=_set_dynamodb,
    checks=_there("table", "table"),
)
