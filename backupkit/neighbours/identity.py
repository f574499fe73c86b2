"""Whose credentials a connection has, and whether what was saved is of its account and Region."""

from __future__ import annotations

from backupkit.arn import Arn
from backupkit.errors import AccessDeniedError, InvalidValueError, NeighbourError
from backupkit.neighbours.protocol import Neighbours
from backupkit.observe.vaults import Vault
from backupkit.problems import Problem
from backupkit.transport.paging import listed
from backupkit.transport.protocol import Transport

__all__ = ["account_of_caller", "must_be_of", "other_place"]


def must_be_of(transport: Transport, neighbours: Neighbours, region_name: str, account_id: str) -> None:
    """Refuse to load what was previewed in another Region or account. Where nothing tells the account, it is let pass.

    Args:
        transport: The connection that it is to be applied with.
        neighbours: The services beside it.
        region_name: Where it was previewed.
        account_id: The account; empty: it was not known, and AWS is not asked.

    Raises:
        InvalidValueError: The connection is to another Region or account.
    """
    here = transport.region_name, ""
    if account_id and transport.region_name == region_name:
        here = transport.region_name, _account(transport, neighbours)
    if problem := other_place(("changes", "they are", "they were previewed in"), (region_name, account_id), here):
        raise InvalidValueError(problem)


def other_place(words: tuple[str, str, str], saved: tuple[str, str], here: tuple[str, str]) -> Problem | None:
    """Return the problem of what is of another Region or account; an account that is not known is any.

    Args:
        words: Where the problem is, and what is of another place, in the words of the sentence and of the way out.
        saved: Its Region and account.
        here: Those of the connection.
    """
    where, subject, made = words
    if saved[0] != here[0]:
        what = f"{subject} of {saved[0]}, the connection is to {here[0]}"
        return Problem(where, what, f"connect to the Region that {made}")
    if "" not in {saved[1], here[1]} and saved[1] != here[1]:
        what = f"{subject} of the account {saved[1]}, the connection is to {here[1]}"
        return Problem(where, what, f"connect to the account that {made}")
    return None


def _account(transport: Transport, neighbours: Neighbours) -> str:
    """The account of a connection; empty where nothing tells it."""
    try:
        found = next((vault.backup_vault_arn for vault in listed(transport, "ListBackupVaults", Vault, {})), None)
    except AccessDeniedError:
        found = None
    return Arn.parse(found).account if found else account_of_caller(neighbours)


def account_of_caller(neighbours: Neighbours) -> str:
    """The account whose credentials a connection has, as STS tells it; empty where STS cannot be asked."""
    try:
        identity = neighbours.send("sts", "get_caller_identity", {})
    except NeighbourError:
        return ""
    return str((identity or {}).get("Account", ""))
