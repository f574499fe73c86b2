"""Neighbour services through a boto3 session: what the types' catalog files say of them, carried out.

Nothing here imports boto3: the session brings it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from threading import Lock
from typing import Any

from backupkit.arn import Arn
from backupkit.catalog import TYPES
from backupkit.catalog.neighbour import Look, Removal, arguments
from backupkit.errors import NeighbourError
from backupkit.neighbours.inventory import Inventory
from backupkit.neighbours.listing import listed
from backupkit.neighbours.presence import Presence, Sighting
from backupkit.neighbours.protocol import Session
from backupkit.transport.lags import lag_of

__all__ = ["SessionNeighbours", "look_for"]

_PAUSE_SECONDS = 5.0
_ROUNDS = 120
"""How long what must go before a resource is waited for: ten minutes."""


class SessionNeighbours:
    """Asks the services of one Region. Several threads may share it.

    Args:
        session: A boto3 session.
        region_name: The Region that is asked.
        sleep: Waits so many seconds.
    """

    def __init__(self, session: Session, region_name: str, sleep: Callable[[float], None]) -> None:
        self._session = session
        self._region = region_name
        self._sleep = sleep
        self._clients: dict[tuple[int, str], Any] = {}
        self._lock = Lock()

    @property
    def has_session(self) -> bool:
        """True."""
        return True

    def look(self, arn: str) -> Sighting:
        """Ask the resource's own service whether it is there."""
        parsed = Arn.parse(arn)
        look = look_for(parsed)
        if look is None:
            return Sighting(Presence.UNKNOWN, reason=f"no service is known that tells of {arn}")
        if parsed.region not in {"", self._region}:
            return Sighting(Presence.UNKNOWN, reason=f"it is in {parsed.region}, not in {self._region}")
        try:
            answer = self._call(look.service, look.method, arguments(look.arguments, parsed))
        except Exception as error:  # noqa: BLE001 - botocore raises what it likes; only its codes are known
            return _refused(look, error)
        return _seen(look, _state(look, answer, arn), _created(look, answer))

    def resources(self, types: Collection[str] | None = None) -> Inventory:
        """List every resource, by the lists of the types' own services; a type that cannot be listed says why."""
        return listed(self._client, self._region, _code, types)

    def remove(self, arn: str) -> None:
        """Delete a resource, and what must go before it.

        Raises:
            NeighbourError: It could not be deleted.
        """
        parsed = Arn.parse(arn)
        removals = (kind.removal for kind in TYPES.values() if kind.removal is not None)
        removal = next((each for each in removals if each.shape.fits(parsed)), None)
        if removal is None:
            raise NeighbourError(f"{arn} is left as it is: resources of its type are deleted by hand")
        try:
            self._clear(removal, parsed)
            self._call(removal.service, removal.method, arguments(removal.arguments, parsed))
        except NeighbourError:
            raise
        except Exception as error:  # noqa: BLE001 - as above
            failed = NeighbourError(f"{arn} could not be deleted: {_code(error) or type(error).__name__}")
        else:
            return
        # Raised out here, botocore's error, which may hold what was sent, is neither its cause nor its context.
        raise failed

    def ask(self, service: str, method: str, arguments: Mapping[str, object]) -> dict[str, Any]:
        """Call any operation of a service under boto3's names.

        Raises:
            NeighbourError: The service refused, or could not be reached; ``code`` tells which.
        """
        try:
            return self._call(service, method, arguments)
        except Exception as error:  # noqa: BLE001 - as above
            code = _code(error)
            sentence = _lag_sentence(service, method, error)
            failed = NeighbourError(f"{service} {method}: {code or type(error).__name__}{sentence}", code=code)
        raise failed

    def send(self, service: str, method: str, arguments: Mapping[str, object]) -> dict[str, Any]:
        """Call an operation of a service for something that is declared there; the same as `ask`.

        Raises:
            NeighbourError: The service refused, or could not be reached; ``code`` tells which.
        """
        return self.ask(service, method, arguments)

    def _call(self, service: str, method: str, arguments: Mapping[str, object]) -> dict[str, Any]:
        answer: dict[str, Any] = getattr(self._client(service), method)(**arguments)
        return answer

    def _client(self, service: str) -> Any:
        # A session may not be used by two threads at once, clients may. A forked process needs its own sockets.
        key = os.getpid(), service
        with self._lock:
            if key not in self._clients:
                from botocore.config import Config  # noqa: PLC0415 - the session has brought it

                patience = Config(
                    connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 3}
                )
                self._clients[key] = self._session.client(service, region_name=self._region, config=patience)
            return self._clients[key]

    def _clear(self, removal: Removal, arn: Arn) -> None:
        if removal.first == "objects":
            self._empty(arn.name)
        elif removal.first == "attachments":
            for instance in self._attached_to(arn.name):
                self._call("ec2", "detach_volume", {"VolumeId": arn.name, "InstanceId": instance})
            self._until(lambda: not any(self._attached_to(arn.name)), f"attachments of {arn}")
        elif removal.first == "protection":
            self._unprotect("instance", arn.name)
        elif removal.first == "instances":
            self._unprotect("cluster", arn.name)
            for name in list(self._instances(arn.name)):
                self._call("rds", "delete_db_instance", {"DBInstanceIdentifier": name, "SkipFinalSnapshot": True})
            self._until(lambda: not any(self._instances(arn.name)), f"instances of {arn}")
        elif removal.first == "mount targets":
            for target in self._mount_targets(arn.name):
                self._call("efs", "delete_mount_target", {"MountTargetId": target})
            self._until(lambda: not any(self._mount_targets(arn.name)), f"mount targets of {arn}")

    def _unprotect(self, what: str, name: str) -> None:
        """Take the protection against deletion off, which a restore takes along from the source."""
        params = {f"DB{what.title()}Identifier": name}
        found = self._call("rds", f"describe_db_{what}s", params)[f"DB{what.title()}s"]
        if any(each.get("DeletionProtection") for each in found):
            self._call("rds", f"modify_db_{what}", {**params, "DeletionProtection": False, "ApplyImmediately": True})

    def _empty(self, bucket: str) -> None:
        pages = self._client("s3").get_paginator("list_object_versions").paginate(Bucket=bucket)
        for page in pages:
            versions = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
            objects = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in versions]
            if objects:
                self._call("s3", "delete_objects", {"Bucket": bucket, "Delete": {"Objects": objects, "Quiet": True}})

    def _attached_to(self, volume: str) -> Iterator[str]:
        found = self._call("ec2", "describe_volumes", {"VolumeIds": [volume]})["Volumes"]
        return (held["InstanceId"] for each in found for held in each.get("Attachments", ()))

    def _instances(self, cluster: str) -> Iterator[str]:
        found = self._call("rds", "describe_db_clusters", {"DBClusterIdentifier": cluster})
        for member in found["DBClusters"][0].get("DBClusterMembers", ()):
            yield member["DBInstanceIdentifier"]

    def _mount_targets(self, file_system: str) -> Iterator[str]:
        found = self._call("efs", "describe_mount_targets", {"FileSystemId": file_system})
        return (each["MountTargetId"] for each in found["MountTargets"])

    def _until(self, gone: Callable[[], bool], what: str) -> None:
        for _ in range(_ROUNDS):
            if gone():
                return
            self._sleep(_PAUSE_SECONDS)
        raise NeighbourError(f"{what} are still there after {_ROUNDS * _PAUSE_SECONDS:g} seconds")


def look_for(arn: Arn) -> Look | None:
    """Return how the service of a resource is asked whether it is there; None where no service is known."""
    return next((each for kind in TYPES.values() for each in kind.looks if each.shape.fits(arn)), None)


def _state(look: Look, answer: Mapping[str, Any], arn: str) -> object:
    import jmespath  # noqa: PLC0415 - botocore brings it, and only a session needs it

    return jmespath.search(look.state.replace("{arn}", arn), answer)


def _created(look: Look, answer: Mapping[str, Any]) -> datetime | None:
    import jmespath  # noqa: PLC0415 - as above

    found = jmespath.search(look.created, answer) if look.created else None
    return found if isinstance(found, datetime) and found.tzinfo is not None else None


def _seen(look: Look, state: object, created: datetime | None) -> Sighting:
    if state is None or state in look.gone_states:
        return Sighting(Presence.GONE, state="" if state is None else str(state))
    usable = str(state) in look.usable if look.usable else None
    return Sighting(Presence.THERE, "" if state == "there" else str(state), usable, created=created)


def _refused(look: Look, error: Exception) -> Sighting:
    code = _code(error)
    if code in look.gone and look.gone_message in str(error):
        return Sighting(Presence.GONE)
    return Sighting(Presence.UNKNOWN, reason=f"{look.service} answered {code or type(error).__name__}")


def _code(error: Exception) -> str:
    # Messages of neighbour services may quote what they were sent; codes never do.
    return _error_member(error, "Code")


def _lag_sentence(service: str, method: str, error: Exception) -> str:
    """The service's sentence where it is one of `transport.lags`, which quote no more than names; else nothing."""
    sentence = _error_member(error, "Message")
    return f": {sentence}" if sentence and lag_of(service, method, _code(error), sentence) is not None else ""


def _error_member(error: Exception, member: str) -> str:
    response = getattr(error, "response", None)
    details = response.get("Error", {}) if isinstance(response, Mapping) else {}
    return str(details.get(member, "")) if isinstance(details, Mapping) else ""
