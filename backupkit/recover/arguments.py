"""What is asked of arguments before any call: roles, ARNs and types by which AWS would find nothing."""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from typing import overload

from backupkit.arn import ROLE, Arn, spelled
from backupkit.catalog import TYPES
from backupkit.checks import arn_of, is_text, optional
from backupkit.declare.air_gapped import AirGappedVault
from backupkit.declare.names import OPTION
from backupkit.declare.vault import Vault
from backupkit.declare.vault_name import VaultOrName, arn_for_name, vault_name_or_none
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, located, nearest, quote

__all__ = [
    "check_arn",
    "check_name",
    "check_resource_type",
    "check_role",
    "check_vault",
    "problems_of",
    "role_problems",
    "vault_problems",
    "warn_caller",
]

_ROLE = optional(arn_of(ROLE))
_LONGEST_MEANT = 100
_NEARLY = 0.88
"""How alike two spellings of a resource type are at least; less, and it may be a new type."""


def problems_of(check: Callable[[], object], where: str = "") -> tuple[Problem, ...]:
    """What ``check`` refuses, below ``where``; so that all that is wrong with several arguments comes in one error."""
    try:
        check()
    except InvalidValueError as error:
        return tuple(located(where, error.problems))
    return ()


def role_problems(role: object, where: str) -> Iterator[Problem]:
    """What keeps a role from being one; None is left to backupkit."""
    return located(where, _ROLE(spelled(role)))


@overload
def check_role(role: Arn | str, where: str) -> str: ...


@overload
def check_role(role: Arn | str | None, where: str) -> str | None: ...


def check_role(role: Arn | str | None, where: str) -> str | None:
    """Return the ARN of a role as text; None is left to backupkit.

    Raises:
        InvalidValueError: It is something else.
    """
    found = tuple(role_problems(role, where))
    if found:
        raise InvalidValueError(found)
    return spelled(role)


def check_arn(arn: Arn | str, where: str) -> str:
    """Return an ARN as text, and refuse what is not one, by which AWS would find nothing.

    Raises:
        InvalidValueError: It is something else.
    """
    found = problems_of(lambda: Arn.parse(arn), where)
    if found:
        raise InvalidValueError(found)
    return spelled(arn)


def vault_problems(vault: object, where: str) -> Iterator[Problem]:
    """What keeps a value from naming a vault here; names that AWS alone gives, with slashes in them, do."""
    name = vault.name if isinstance(vault, (Vault, AirGappedVault)) else vault
    found = tuple(arn_for_name(name))
    if not found and not (is_text(name) and name):
        seen = getattr(name, "backup_vault_name", None)
        hint = f"give its name, {seen!r}" if isinstance(seen, str) else 'give a bk.Vault, or its name, like "prod"'
        found = (Problem("", f"{quote(name)} is not the name of a vault", hint),)
    return located(where, found)


@overload
def check_vault(vault: VaultOrName, where: str) -> str: ...


@overload
def check_vault(vault: VaultOrName | None, where: str) -> str | None: ...


def check_vault(vault: VaultOrName | None, where: str) -> str | None:
    """Return the name of a vault of this account and Region; None is any.

    Raises:
        InvalidValueError: It is something else, such as an ARN.
    """
    found = () if vault is None else tuple(vault_problems(vault, where))
    if found:
        raise InvalidValueError(found)
    return vault_name_or_none(vault)


def check_name(name: object, where: str, what: str) -> str:
    """Return a name of AWS Backup; ``what`` says of what, with its article.

    Raises:
        InvalidValueError: It is something else, such as an ARN.
    """
    text = spelled(name)
    if is_text(text) and text and not text.startswith("arn:"):
        return text
    raise InvalidValueError(Problem(where, f"{quote(text)} is not the name of {what}", f"give the name of {what}"))


def check_resource_type(name: object, where: str) -> None:
    """Refuse a resource type that is misspelt, by which AWS would find nothing.

    One that is not known may be new: it is asked for, and a UserWarning at the caller's line tells the nearest known.

    Raises:
        InvalidValueError: It is spelled nearly like a type of AWS Backup, or cannot be a type.
    """
    if isinstance(name, str) and name in TYPES:
        return
    plain = {_plain(known): known for known in TYPES}
    written = _plain(name[:_LONGEST_MEANT]) if isinstance(name, str) else ""
    close = get_close_matches(written, plain, n=1)
    what = f"{quote(name)} is not a resource type of AWS Backup"
    if get_close_matches(written, close, cutoff=_NEARLY):
        raise InvalidValueError(Problem(where, what, f"write {plain[close[0]]!r}; case counts"))
    if not OPTION.admits(name) and not (isinstance(name, str) and OPTION.admits(name.replace(" ", ""))):
        raise InvalidValueError(Problem(where, what, nearest(name, TYPES)))
    hint = f"did you mean {plain[close[0]]}?" if close else f"backupkit knows {', '.join(TYPES)}"
    warn_caller(f"{where}: {what} that backupkit knows, so it may be new, or find nothing; {hint}")


def warn_caller(message: str) -> None:
    """Warn at the line outside of backupkit that led here, which is where Python shows a warning."""
    level, frame = 1, sys._getframe()  # noqa: SLF001 - the only way to the caller before Python 3.12
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "backupkit":
        level, frame = level + 1, frame.f_back
    warnings.warn(message, UserWarning, stacklevel=level)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold())
