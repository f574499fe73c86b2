"""Who calls, as IAM sees it: the root, a user or a role of an account, a session of a role, or the owner of a key.

Source: the IAM user guide's pages on principals and on the keys of the request's principal.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from backupkit.arn import Arn, spelled
from backupkit.emulator.kernel.plain_values import BROKEN, is_whole
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Identity
from backupkit.errors import ConfigurationError
from backupkit.problems import quote

__all__ = [
    "account_of",
    "caller",
    "identity_of_key",
    "kind",
    "known_as",
    "lent_by_moto",
    "partition_of",
    "principal_arn",
    "root",
    "user_id",
    "user_name",
]

_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):(?:iam|sts)::(?P<account>[0-9]{12}):"
    r"(?:root|user/(?P<user>\S+)|(?:role|federated-user)/\S+|assumed-role/(?P<role>[^/\s]+)/(?P<session>[^/\s]+))"
)


@lru_cache(maxsize=4096)
def _parts(arn: str) -> dict[str, str | None]:
    match = _ARN.fullmatch(arn)
    if match is None:
        raise ConfigurationError(f"{quote(arn)} is not a caller: give the ARN of a root, user, role or session")
    return match.groupdict()


def account_of(identity: Identity) -> str:
    """The caller's account.

    Raises:
        ConfigurationError: Its ARN is of no caller.
    """
    return str(_parts(identity.arn)["account"])


def partition_of(identity: Identity) -> str:
    """The partition of the caller's ARN."""
    return str(_parts(identity.arn)["partition"])


@lru_cache(maxsize=4096)
def root(partition: str, account_id: str) -> Identity:
    """The account itself; its unique id is the account's number."""
    return Identity(f"arn:{partition}:iam::{account_id}:root", account_id)


def caller(who: Arn | str | Identity, account_id: str | None) -> Identity:
    """Who calls from an account; None: from whichever the ARN says.

    Raises:
        ConfigurationError: The ARN is of no caller, or of another account's.
    """
    named = spelled(who)
    if not isinstance(named, (str, Identity)):
        raise ConfigurationError(f"{quote(named)} is not a caller: give the ARN of a root, user, role or session")
    found = Identity(named) if isinstance(named, str) else named
    given = (found.arn, found.user_id, found.role_arn)
    if not all(isinstance(part, str) for part in given) or not isinstance(found.mfa, bool):
        raise ConfigurationError("an Identity is not a caller: give texts, and True or False for mfa")
    parts = [str.__str__(part) for part in given]
    if not all(map(is_whole, parts)):
        raise ConfigurationError(f"{quote(found.arn)} is not a caller: {BROKEN}")
    found = Identity(parts[0], parts[1], parts[2], mfa=found.mfa)
    if account_of(found) != (account_id or account_of(found)):
        raise ConfigurationError(f"{found.arn} is not a caller of account {account_id}: leave the account out")
    return found


def principal_arn(identity: Identity) -> str:
    """The value of aws:PrincipalArn: of a session, its role's ARN; without a path where only the session is known."""
    parts = _parts(identity.arn)
    if parts["role"] is None or identity.role_arn:
        return identity.role_arn or identity.arn
    return f"arn:{parts['partition']}:iam::{parts['account']}:role/{parts['role']}"


def known_as(identity: Identity) -> Iterator[str]:
    """Everything that the Principal of a policy may call the caller."""
    account, partition = account_of(identity), partition_of(identity)
    yield from ("*", account, f"arn:{partition}:iam::{account}:root", identity.arn, principal_arn(identity))
    if identity.user_id:
        yield from (identity.user_id, identity.user_id.partition(":")[0])


def kind(identity: Identity) -> str:
    """The value of aws:PrincipalType."""
    parts = _parts(identity.arn)
    if identity.arn.endswith(":root"):
        return "Account"
    return "User" if parts["user"] is not None else "AssumedRole"


def user_id(identity: Identity) -> str | None:
    """The value of aws:userid; None where it is not known."""
    return identity.user_id or None


def user_name(identity: Identity) -> str | None:
    """The value of aws:username; only users have one."""
    user = _parts(identity.arn)["user"]
    return user.rpartition("/")[2] if user is not None else None


# ---- Access keys ----


_SHORTEST = 16


def identity_of_key(simulation: Simulation, access_key_id: str) -> Identity | None:
    """Who was told to call with that access key; None where nobody was."""
    for account in simulation.accounts.values():
        if access_key_id in account.credentials:
            return account.credentials[access_key_id]
    return None


def lent_by_moto(access_key_id: str) -> Identity | None:
    """Whose role moto's STS lent that access key for, in this process; None where moto did not, or is not there."""
    models: Any = sys.modules.get("moto.sts.models")
    if models is None or len(access_key_id) < _SHORTEST:
        return None
    for partitions in list(models.sts_backends.values()):
        for backend in list(partitions.values()):
            role = backend.get_assumed_role_from_access_key(access_key_id)
            if role is not None:
                return Identity(str(role.arn), str(role.user_id), str(role.role_arn))
    return None
