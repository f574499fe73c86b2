"""What every way to the neighbour services promises."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Protocol

from backupkit.neighbours.inventory import Inventory
from backupkit.neighbours.presence import Presence, Sighting

__all__ = ["NO_NEIGHBOURS", "Neighbours", "Session"]


class Session(Protocol):
    """The part of a boto3 session that is used: ``client(service_name, region_name=...)``."""

    @property
    def client(self) -> Callable[..., Any]:
        """What makes clients of services."""
        ...


class Neighbours(Protocol):
    """A way to the services whose resources AWS Backup protects."""

    @property
    def has_session(self) -> bool:
        """Whether there is a session whose services can be asked."""
        ...

    def look(self, arn: str) -> Sighting:
        """Ask the resource's own service whether it is there."""
        ...

    def resources(self, types: Collection[str] | None = None) -> Inventory:
        """List every resource that AWS Backup can protect here; ``types`` are AWS Backup's strings, None all.

        Raises:
            NeighbourError: There is nobody to ask.
        """
        ...

    def remove(self, arn: str) -> None:
        """Delete a resource, and what must go before it.

        Raises:
            NeighbourError: It could not be deleted.
        """
        ...

    def ask(self, service: str, method: str, arguments: Mapping[str, object]) -> dict[str, Any] | None:
        """Call any operation of a service under boto3's names; None where there is nobody to ask.

        Raises:
            NeighbourError: The service refused, or could not be reached.
        """
        ...

    def send(self, service: str, method: str, arguments: Mapping[str, object]) -> dict[str, Any] | None:
        """Call an operation of a service for something that is declared there; None where there is nobody to ask.

        Unlike `ask`, it goes to the session also where the local AWS Backup answers for a service by itself.

        Raises:
            NeighbourError: The service refused, or could not be reached.
        """
        ...


class _Nobody:
    """Where a connection has no session."""

    @property
    def has_session(self) -> bool:
        """False."""
        return False

    def look(self, arn: str) -> Sighting:  # noqa: ARG002
        """Nothing can be looked at."""
        return Sighting(Presence.UNKNOWN, reason="this connection was given no boto3 session for it")

    def resources(self, types: Collection[str] | None = None) -> Inventory:  # noqa: ARG002
        """Nothing can be listed."""
        from backupkit.errors import NeighbourError  # noqa: PLC0415

        raise NeighbourError(
            "resources cannot be listed: this connection was given no boto3 session for them; give resources="
        )

    def remove(self, arn: str) -> None:
        """Nothing can be deleted."""
        from backupkit.errors import NeighbourError  # noqa: PLC0415

        raise NeighbourError(f"{arn} cannot be deleted: this connection was given no boto3 session for it")

    def ask(self, service: str, method: str, arguments: Mapping[str, object]) -> None:  # noqa: ARG002
        """Nobody is there to ask."""
        return

    def send(self, service: str, method: str, arguments: Mapping[str, object]) -> None:  # noqa: ARG002
        """Nobody is there to ask."""
        return


NO_NEIGHBOURS: Neighbours = _Nobody()
