"""Who calls and where: what the signature of a request says, of which nothing is proved."""

from __future__ import annotations

import re
from collections.abc import Callable

import attrs

from backupkit.emulator.http.messages import Request
from backupkit.emulator.iam import identities
from backupkit.emulator.model import Identity

__all__ = ["Caller", "Misscoped", "caller"]

_SCOPE = re.compile(r"Credential=([^/,\s]+)/[^/,\s]*/([^/,\s]*)/([^/,\s]*)/aws4_request")
_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-[0-9]+")
_ACCOUNT = re.compile(r"[0-9]{12}")
_SERVICE = "backup"


@attrs.frozen
class Caller:
    """An account and a Region, and who of the account calls."""

    account_id: str
    region_name: str
    identity: Identity | None = None
    """Who of the account calls; None: its root."""
    key: str = ""
    """The access key id that tells so; empty where the account does."""


class Misscoped(Exception):  # noqa: N818 - on its way to the answer, never seen by a caller
    """A signature that is none, or is for something else."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(message)


def caller(request: Request, otherwise: Caller, known: Callable[[str], Identity | None]) -> Caller:
    """The account and Region of a request; no secret is known, so no signature is checked.

    Args:
        request: Where its access key id has 12 digits, it is the account, as other local services have it.
        otherwise: Who calls where nobody says it: the account of any other key, and both where nothing is signed.
        known: Who calls with an access key that stands for a role or user.

    Raises:
        Misscoped: The header is not a signature of version 4, or its scope is not this service in a Region.
    """
    signed = request.headers.get("authorization")
    if signed is None:
        return otherwise
    found = _SCOPE.search(signed)
    if found is None:
        raise Misscoped("IncompleteSignature", "Authorization header requires 'Credential' parameter.")
    key, region_name, service = found.groups()
    if not _REGION.fullmatch(region_name):
        raise Misscoped("InvalidSignatureException", "Credential should be scoped to a valid region.")
    if service != _SERVICE:
        raise Misscoped("InvalidSignatureException", f"Credential should be scoped to correct service: '{_SERVICE}'.")
    if _ACCOUNT.fullmatch(key):
        return Caller(key, region_name)
    identity = known(key)
    if identity is None:
        return Caller(otherwise.account_id, region_name)
    return Caller(identities.account_of(identity), region_name, identity, key)
