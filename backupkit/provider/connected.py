"""The connection of a preview, and whether saved changes are of its Region and account."""

from __future__ import annotations

from backupkit.arn import Arn
from backupkit.errors import AccessDeniedError, InvalidValueError, NeighbourError
from backupkit.neighbours import NO_NEIGHBOURS
from backupkit.problems import Problem
from backupkit.provider.answers import arn, listed
from backupkit.provider.kinds.reader import Reader
from backupkit.provider.saved import NoTransport
from backupkit.transport.connected import Connected, transport_of

__all__ = ["account_of_caller", "reader_for", "reader_of"]


def reader_of(aws: object, where: str) -> Reader:
    """Return where a stack reads.

    Raises:
        InvalidValueError: It is not a connection.
    """
    return Reader(transport_of(aws, where), getattr(aws, "neighbours", NO_NEIGHBOURS))


def reader_for(aws: Connected | None, region_name: str, account_id: str) -> Reader:
    """Return where saved changes of a Region and an account read; nowhere, where there is no connection.

    Raises:
        InvalidValueError: It is not a connection, or one to another Region or account.
    """
    if aws is None:
        return Reader(NoTransport(region_name))
    reader = reader_of(aws, "from_json")
    region = reader.transport.region_name
    if region != region_name:
        what = f"they are of {region_name}, the connection is to {region}"
        raise InvalidValueError(Problem("changes", what, "connect to the Region that they were previewed in"))
    account = _account(reader) if account_id else ""
    if account and account != account_id:
        what = f"they are of the account {account_id}, the connection is to {account}"
        raise InvalidValueError(Problem("changes", what, "connect to the account that they were previewed in"))
    return reader


def _account(reader: Reader) -> str:
    """The account of a connection; empty where nothing tells it."""
    try:
        arns = listed(reader.transport, "ListBackupVaults", lambda entry: arn(entry, "BackupVaultArn"), {})
        found = next(iter(arns), "")
    except AccessDeniedError:
        found = ""
    return Arn.parse(found).account if found else account_of_caller(reader)


def account_of_caller(reader: Reader) -> str:
    """The account whose credentials a connection has, as STS tells it; empty where STS cannot be asked."""
    try:
        identity = reader.neighbours.send("sts", "get_caller_identity", {})
    except NeighbourError:
        return ""
    return str((identity or {}).get("Account", ""))
