"""The services beside the local AWS Backup: its synthetic resources, and the session that others are behind."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from backupkit.arn import Arn, partition_of
from backupkit.emulator.kernel.clock import LocalClock
from backupkit.emulator.kernel.resource_protocol import WorldError
from backupkit.emulator.resources.synthetic import SyntheticWorld
from backupkit.emulator.resources.worlds import Worlds
from backupkit.emulator.rules.copy_constraints import managed_key_of
from backupkit.emulator.service import LocalService
from backupkit.errors import NeighbourError
from backupkit.neighbours import Inventory, Neighbours, Presence, Resource, Session, SessionNeighbours, Sighting
from backupkit.neighbours.roles import role_name

__all__ = ["LocalNeighbours", "session_of"]


_ITS_OWN = frozenset({"iam", "kms"})


class LocalNeighbours:
    """Looks at the resources of a local service, synthetic ones first.

    Args:
        service: Whose resources are looked at, from its account and Region.
    """

    def __init__(self, service: LocalService) -> None:
        self._service = service
        session = session_of(service.resources)
        self._behind: Neighbours | None = (
            SessionNeighbours(session, service.region_name, _sleep(service.clock)) if session is not None else None
        )

    @property
    def has_session(self) -> bool:
        """Whether some resources are behind a session."""
        return self._behind is not None

    def look(self, arn: str) -> Sighting:
        """Look for the resource where it would be."""
        service = self._service
        try:
            found = service.resources.find(arn, service.account_id, service.region_name)
        except WorldError as error:
            return Sighting(Presence.UNKNOWN, reason=str(error))
        if found is not None:
            return Sighting(Presence.THERE, usable=True)
        if self._behind is not None:
            return self._behind.look(arn)
        return _absent(Arn.parse(arn), service)

    def resources(self, types: Collection[str] | None = None) -> Inventory:
        """List what the service's own plans select from."""
        service = self._service
        try:
            found = [*service.resources.resources(service.account_id, service.region_name)]
        except WorldError as error:
            raise NeighbourError(f"resources cannot be listed: {error}") from None
        return Inventory(
            tuple(
                Resource(seen.arn, seen.resource_type, seen.tags, seen.name)
                for seen in found
                if types is None or seen.resource_type in types
            )
        )

    def remove(self, arn: str) -> None:
        """Take a synthetic resource out, or delete one behind the session.

        Raises:
            NeighbourError: It could not be deleted.
        """
        if arn in self._service.resources:
            self._service.resources.remove(arn)
        elif self._behind is not None:
            self._behind.remove(arn)
        else:
            raise NeighbourError(f"{arn} is not there")

    def ask(self, service: str, method: str, arguments: Mapping[str, object]) -> dict[str, Any] | None:
        """Call an operation of a service behind the session; None where there is no session.

        Of roles and keys the session knows nothing: the local service takes them all, whoever made them, except for
        roles that ``faults.deny`` named: they are not there. The local service itself tells its own keys and
        organizations.

        Raises:
            NeighbourError: The service refused.
        """
        denied = {role_name(role) for role in self._service.faults.denied_roles}
        if (service, method) == ("iam", "get_role") and arguments.get("RoleName") in denied:
            raise NeighbourError("iam get_role: NoSuchEntity", code="NoSuchEntity")
        if (service, method) == ("kms", "describe_key") and self._is_managed(str(arguments.get("KeyId"))):
            return {"KeyMetadata": {"KeyManager": "AWS", "KeyState": "Enabled"}}
        if (service, method) == ("organizations", "describe_organization"):
            return {"Organization": {"Id": self._organization()}}
        if self._behind is None or service in _ITS_OWN:
            return None
        return self._behind.ask(service, method, arguments)

    def send(self, service: str, method: str, arguments: Mapping[str, object]) -> dict[str, Any] | None:
        """Call an operation of a service behind the session, also of IAM and KMS; None where there is no session.

        STS is asked of nobody: the account is that of the local service.

        Raises:
            NeighbourError: The service refused.
        """
        if (service, method) == ("sts", "get_caller_identity"):
            return {"Account": self._service.account_id}
        return None if self._behind is None else self._behind.send(service, method, arguments)

    def _is_managed(self, key_arn: str) -> bool:
        """Whether it is a key that AWS manages in the service's account."""
        service = self._service
        own = managed_key_of(partition_of(service.region_name), service.region_name, service.account_id)
        return key_arn == own or ":alias/aws/" in key_arn

    def _organization(self) -> str:
        found = self._service.accounts.organization_of(self._service.account_id)
        if found is None:
            code = "AWSOrganizationsNotInUseException"
            raise NeighbourError(f"organizations describe_organization: {code}", code=code)
        return found


def session_of(resources: SyntheticWorld) -> Session | None:
    """Return the session that resources are behind, where there is one."""
    others = resources.others if isinstance(resources, Worlds) else ()
    return next((found for each in others if (found := getattr(each, "session", None)) is not None), None)


def _absent(arn: Arn, service: LocalService) -> Sighting:
    # Of another account or Region nothing can be seen from here.
    if arn.account not in {"", service.account_id}:
        return Sighting(Presence.UNKNOWN, reason=f"it is in account {arn.account}")
    if arn.region not in {"", service.region_name}:
        return Sighting(Presence.UNKNOWN, reason=f"it is in {arn.region}, not in {service.region_name}")
    return Sighting(Presence.GONE)


def _sleep(clock: LocalClock) -> Any:
    return clock.sleep
