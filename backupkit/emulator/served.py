"""What `patch_boto3` and `serving` take: a local service, or a connection to one."""

from __future__ import annotations

from typing import Protocol

from backupkit.emulator.service import LocalService
from backupkit.errors import ConfigurationError

__all__ = ["Served", "service_of"]


class Served(Protocol):
    """Whatever has a local service behind it, as the connection that ``bk.local()`` opens."""

    @property
    def service(self) -> LocalService:
        """That service."""
        ...


def service_of(given: LocalService | Served) -> LocalService:
    """The service itself.

    Raises:
        ConfigurationError: There is none, for example because it is a connection to AWS.
    """
    found = given if isinstance(given, LocalService) else getattr(given, "service", None)
    if not isinstance(found, LocalService):
        raise ConfigurationError(f"{given!r} is not a local AWS Backup: give what bk.local() opened")
    return found
