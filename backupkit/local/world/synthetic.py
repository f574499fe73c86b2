"""Resources that are only numbers: an ARN, a size, tags and a rate of change. They need no further package."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

import attrs

from backupkit.arn import Arn
from backupkit.errors import InvalidValueError
from backupkit.local.kinds import name_in, type_of
from backupkit.local.world.metadata import Metadata
from backupkit.local.world.seam import Captured, Restored, Seen, WorldError, check_tested
from backupkit.problems import Problem

__all__ = ["Resource", "SyntheticWorld"]

_DAY_SECONDS = 86_400.0


@attrs.frozen
class Resource:
    """One synthetic resource.

    Args:
        arn: Its ARN.
        resource_type: AWS Backup's type string.
        size_bytes: Its size when it was first backed up.
        tags: Its tags.
        daily_change: By what part of its size it grows in a day: 0.02 is two in a hundred.
        contents: Stands for what is in it; a restored resource has that of the moment of its backup.
        since: When it was first backed up; it changes from then on.
    """

    arn: str
    resource_type: str
    size_bytes: int
    tags: Mapping[str, str] = attrs.field(factory=dict)
    daily_change: float = 0.0
    contents: str = ""
    since: datetime | None = None

    def at(self, now: datetime) -> Resource:
        """The resource as it is at ``now``, changed by all the days since its first backup."""
        if self.since is None or not self.daily_change:
            return self
        days = (now - self.since).total_seconds() / _DAY_SECONDS
        grown = int(self.size_bytes * (1.0 + self.daily_change * days))
        contents = _digest(self.contents, str(int(days)))
        return Resource(self.arn, self.resource_type, grown, self.tags, self.daily_change, contents, now)


@attrs.frozen
class _Held:
    """What a point holds of a synthetic resource."""

    resource: Resource


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


class SyntheticWorld:
    """Synthetic resources, over all accounts and Regions."""

    def __init__(self) -> None:
        self._places: dict[tuple[str, str], dict[str, Resource]] = {}
        self._seen: dict[tuple[str, str], dict[str, Seen]] = {}

    def add(
        self,
        arn: str,
        *,
        size_bytes: int = 1_000_000_000,
        tags: Mapping[str, str] | None = None,
        daily_change: float = 0.0,
        resource_type: str | None = None,
        account_id: str = "",
        region_name: str = "",
    ) -> Resource:
        """Put a resource into the world.

        Args:
            arn: Its ARN, which decides its account and Region.
            size_bytes: Its size.
            tags: Its tags.
            daily_change: By what part of its size it grows in a day: 0.02 is two in a hundred.
            resource_type: AWS Backup's type string, where the ARN does not tell it (DocumentDB and Neptune share their
                ARNs with Aurora).
            account_id: Where the ARN has none (S3): the account; without it, every account sees the resource.
            region_name: Where the ARN has none (S3): the Region; without it, every Region sees the resource.

        Raises:
            InvalidValueError: The ARN is none, names no known type, or is there already; a number is negative.
        """
        parsed = Arn.parse(arn)
        found = resource_type or type_of(arn)
        if found is None:
            raise _problem(f"{arn} names no resource type", "say it with resource_type=")
        if size_bytes < 0 or daily_change < 0:
            raise _problem("a size or a rate of change is negative", "give 0 or more")
        made = Resource(arn, found, size_bytes, dict(tags or {}), daily_change, contents=_digest(arn))
        self._put((parsed.account or account_id, parsed.region or region_name), made)
        return made

    def remove(self, arn: str) -> None:
        """Take a resource out, as a disaster does.

        Raises:
            InvalidValueError: It is not there.
        """
        self._drop(self._where(arn), arn)

    def tag(self, arn: str, tags: Mapping[str, str] | None = None, /, **more: str) -> None:
        """Add tags to a resource, or change them.

        Raises:
            InvalidValueError: It is not there.
        """
        where = self._where(arn)
        resource = self._places[where][arn]
        self._drop(where, arn)
        self._put(where, attrs.evolve(resource, tags={**resource.tags, **(tags or {}), **more}))

    def __getitem__(self, arn: str) -> Resource:
        """The resource as it was last added, tagged or backed up.

        Raises:
            InvalidValueError: It is not there.
        """
        return self._places[self._where(arn)][arn]

    def __contains__(self, arn: object) -> bool:
        return any(arn in place for place in self._places.values())

    def __iter__(self) -> Iterator[Resource]:
        return (resource for place in self._places.values() for resource in place.values())

    def resources(self, account_id: str, region_name: str) -> Iterable[Seen]:
        """Every resource of the account in the Region."""
        for where in _places(account_id, region_name):
            yield from list(self._seen.get(where, {}).values())

    def find(self, arn: str, account_id: str, region_name: str) -> Seen | None:
        """The resource, or None where it is not there."""
        for where in _places(account_id, region_name):
            found = self._seen.get(where, {}).get(arn)
            if found is not None:
                return found
        return None

    def capture(self, arn: str, account_id: str, region_name: str, now: datetime) -> Captured:
        """Take the resource as it is.

        Raises:
            WorldError: It is not there.
        """
        for where in _places(account_id, region_name):
            resource = self._places.get(where, {}).get(arn)
            if resource is not None:
                return self._captured(where, resource, now)
        raise WorldError(f"Resource {arn} does not exist")

    def _captured(self, where: tuple[str, str], resource: Resource, now: datetime) -> Captured:
        if resource.since is None and resource.daily_change:
            resource = attrs.evolve(resource, since=now)
            self._places[where][resource.arn] = resource
        current = resource.at(now)
        return Captured(_Held(current), current.size_bytes, _restore_metadata(current), current.tags)

    def restore(
        self,
        content: object,
        resource_type: str,
        metadata: Mapping[str, str],
        *,
        account_id: str,
        region_name: str,
        now: datetime,
        tags: Mapping[str, str],
    ) -> Restored:
        """Make a new resource with the size and contents of the backup.

        Raises:
            WorldError: The point holds no synthetic resource, a required key is missing, or the name is taken.
        """
        if not isinstance(content, _Held):
            raise WorldError(f"This recovery point holds no synthetic {resource_type}")
        arn = _new_arn(content.resource, Metadata(metadata), account_id, region_name, now)
        if self.find(arn, account_id, region_name) is not None:
            if resource_type != "S3":
                raise WorldError(f"Resource {arn} already exists")
            return Restored(arn)
        made = attrs.evolve(content.resource, arn=arn, tags=dict(tags), since=None)
        self._put((account_id, region_name), made)
        return Restored(arn)

    def discard(self, arn: str, account_id: str, region_name: str) -> None:
        """Take out what a restore test made.

        Raises:
            WorldError: Neither its name nor its tags tell that a restore test made it.
        """
        for where in _places(account_id, region_name):
            seen = self._seen.get(where, {}).get(arn)
            if seen is not None:
                if not seen.under_test:
                    check_tested(name_in(arn))
                self._drop(where, arn)

    def remember(self) -> object:
        """Every synthetic resource, for a snapshot."""
        return {where: dict(held) for where, held in self._places.items()}

    def recall(self, memory: object) -> None:
        """Have the resources that `remember` told, and no others."""
        self._places, self._seen = {}, {}
        if isinstance(memory, dict):
            for where, held in memory.items():
                for resource in held.values():
                    self._put(where, resource)

    def _put(self, where: tuple[str, str], resource: Resource) -> None:
        if resource.arn in self._places.setdefault(where, {}):
            raise _problem(f"{resource.arn} is there already", "remove it first, or tag it")
        self._places[where][resource.arn] = resource
        name = name_in(resource.arn)
        seen = Seen(resource.arn, resource.resource_type, resource.tags, resource.tags.get("Name", name))
        self._seen.setdefault(where, {})[resource.arn] = seen

    def _drop(self, where: tuple[str, str], arn: str) -> None:
        del self._places[where][arn]
        del self._seen[where][arn]

    def _where(self, arn: str) -> tuple[str, str]:
        found = next((where for where, place in self._places.items() if arn in place), None)
        if found is None:
            raise _problem(f"there is no resource {arn}", "add it first")
        return found


def _problem(what: str, way_out: str) -> InvalidValueError:
    return InvalidValueError(Problem("world", what, way_out))


def _places(account_id: str, region_name: str) -> tuple[tuple[str, str], ...]:
    """Where what this account sees in this Region may have been put."""
    return (account_id, region_name), (account_id, ""), ("", region_name), ("", "")


_NAME_KEYS = {
    "Aurora": "dbClusterIdentifier",
    "DocumentDB": "dbClusterIdentifier",
    "DynamoDB": "targetTableName",
    "EKS": "clusterName",
    "Neptune": "dbClusterIdentifier",
    "RDS": "DBInstanceIdentifier",
    "Redshift": "ClusterIdentifier",
    "S3": "DestinationBucketName",
}
_ID_PREFIXES = {
    "Aurora DSQL": "",
    "EBS": "vol-",
    "EC2": "i-",
    "EFS": "fs-",
    "FSx": "fs-",
    "VirtualMachine": "vm-",
}


def _new_arn(source: Resource, metadata: Metadata, account_id: str, region_name: str, now: datetime) -> str:
    parsed = Arn.parse(source.arn)
    # A bucket's ARN has no kind, and so nothing that parts it from the name.
    separator = parsed.resource[len(parsed.kind)] if parsed.kind else ""
    key = _NAME_KEYS.get(source.resource_type)
    digits = _digest(source.contents, now.isoformat(), *metadata.values())[:17]
    name = metadata.need(key) if key is not None else _ID_PREFIXES.get(source.resource_type, "restored-") + digits
    return str(
        attrs.evolve(
            parsed,
            region=region_name if parsed.region else "",
            account=account_id if parsed.account else "",
            resource=f"{parsed.kind}{separator}{name}",
        )
    )


def _restore_metadata(resource: Resource) -> dict[str, str]:
    """What GetRecoveryPointRestoreMetadata tells of the original (documented examples; the rest tell nothing)."""
    name = name_in(resource.arn)
    match resource.resource_type:
        case "DynamoDB":
            return {"originalTableName": name}
        case "EBS":
            return {"encrypted": "false", "volumeId": name}
        case "EFS":
            return {"file-system-id": name}
        case "RDS":
            return {"DBInstanceIdentifier": name}
        case "Aurora":
            return {"Engine": "aurora-postgresql", "EngineMode": "provisioned", "DatabaseName": ""}
        case _:
            return {}
