"""Resources that are only numbers: an ARN, a size, tags and a rate of change. They need no further package."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache

import attrs

from backupkit.arn import KEY, Arn, Arns, arn_or_none, arn_text, is_account, is_region, spelled
from backupkit.catalog import TYPES
from backupkit.checks import arn_texts, must_be_bools, one_of
from backupkit.emulator.kernel.kinds import kind_named, name_in, type_of
from backupkit.emulator.kernel.plain_values import text, texts
from backupkit.emulator.kernel.resource_protocol import (
    Captured,
    Metadata,
    ResourceInfo,
    Restored,
    WorldError,
    check_tested,
)
from backupkit.emulator.resources.resource import (
    MOST_BYTES,
    Resource,
    SyntheticContent,
    digest,
    made_type,
    new_arn,
    source_metadata,
)
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, Severity, located, quote

__all__ = ["Resource", "SyntheticWorld"]

_NOTHING: dict[str, Resource] = {}
_OVERWRITTEN = "aws:backup:TargetDatabaseArn"


class SyntheticWorld:
    """Synthetic resources, over all accounts and Regions."""

    def __init__(self) -> None:
        self._places: dict[tuple[str, str], dict[str, Resource]] = {}
        self._seen: dict[tuple[str, str], dict[str, ResourceInfo]] = {}
        self._metadata: dict[str, Mapping[str, str]] = {}
        self._revision = 0
        # Of its own, and not the service's: while a clock moves far, resources can still be added and tagged.
        self._lock = threading.RLock()

    @property
    def revision(self) -> int | None:
        """Grows when a resource comes, goes or is tagged."""
        return self._revision

    def add(
        self,
        arn: Arn | str,
        *,
        size_bytes: int = 1_000_000_000,
        tags: Mapping[str, str] | None = None,
        daily_change: float = 0.0,
        daily_growth: float | None = None,
        resource_type: str | None = None,
        members: Mapping[str, Arn | str] | Arns = (),
        key_arn: Arn | str | None = None,
        account_id: str = "",
        region_name: str = "",
        allow_unknown_type: bool = False,
    ) -> Resource:
        """Put a resource into the world.

        Args:
            arn: Its ARN, which decides its account and Region.
            size_bytes: Its size.
            tags: Its tags.
            daily_change: What part of it is another each day: 0.02 is two in a hundred.
            daily_growth: By what part of its first size it grows each day; None: as much as it changes.
            resource_type: AWS Backup's type string, where the ARN does not tell it (DocumentDB and Neptune share their
                ARNs with Aurora).
            members: What a CloudFormation stack or an EKS cluster is made of: the ARNs of its resources by their
                logical ids, or the ARNs alone, which go by the names they end with. Add each of them on its own, too.
            key_arn: The KMS key that encrypts it, where that matters: the key of its points that its own service keeps.
                The ARN of an alias like ``aws/ebs`` stands for the key that AWS manages for that service.
            account_id: Where the ARN has none (S3): the account; without it, every account sees the resource.
            region_name: Where the ARN has none (S3): the Region; without it, every Region sees the resource.
            allow_unknown_type: Whether ``resource_type`` may be one that AWS has and backupkit does not know yet. Such
                a resource is backed up; it is neither copied nor restored.

        Raises:
            InvalidValueError: The ARN is none, names no known type, or is there already; the type is not one, or not
                the ARN's; the account or the Region is none, or not the ARN's; a number is negative.
        """
        must_be_bools("world", allow_unknown_type=allow_unknown_type)
        arn = text(arn_text(arn), "world/arn")
        parsed = _parsed(arn, "/arn")
        found = _type(arn, parsed, resource_type, unknown=allow_unknown_type)
        where = (
            _place("account_id", parsed.account, account_id),
            _place("region_name", parsed.region, region_name),
        )
        _check_numbers(size_bytes, daily_change, 0.0 if daily_growth is None else daily_growth)
        made = Resource(
            arn,
            found,
            size_bytes,
            texts(tags, "world"),
            daily_change,
            digest(arn),
            daily_growth=daily_growth,
            members=_named(members),
            key_arn=_key(arn_or_none(key_arn)),
        )
        self._put(where, made)
        return made

    def remove(self, arn: Arn | str) -> None:
        """Take a resource out, as a disaster does.

        Raises:
            InvalidValueError: It is not there.
        """
        with self._lock:
            self._drop(self._where(arn), arn_text(arn))

    def tag(self, arn: Arn | str, tags: Mapping[str, str] | None = None, /, **more: str) -> None:
        """Add tags to a resource, or change them.

        Raises:
            InvalidValueError: It is not there.
        """
        new = {**texts(tags, "world"), **texts(more, "world")}
        arn = text(arn_text(arn), "world")
        with self._lock:
            where = self._where(arn)
            resource = self._places[where][arn]
            self._drop(where, arn)
            self._put(where, attrs.evolve(resource, tags={**resource.tags, **new}))

    def infect(self, arn: Arn | str, item: str = "malware") -> None:
        """Put malware into a resource: points taken from now on hold it, and scans of them find it.

        Args:
            arn: The resource's ARN.
            item: The name of the file or object; another name is another piece of malware.

        Raises:
            InvalidValueError: It is not there.
        """
        named = text(item, "world")
        self._change(arn, lambda resource: attrs.evolve(resource, malware=resource.malware | {named}))

    def seal(self, arn: Arn | str, item: str = "sealed") -> None:
        """Put something into a resource that no scanner can read, such as an archive with a password.

        Scans of points taken from now on skip it, and are completed with issues.

        Args:
            arn: The resource's ARN.
            item: The name of the file or object.

        Raises:
            InvalidValueError: It is not there.
        """
        named = text(item, "world")
        self._change(arn, lambda resource: attrs.evolve(resource, sealed=resource.sealed | {named}))

    def disinfect(self, arn: Arn | str) -> None:
        """Take out of a resource all malware and all that no scanner can read; points that hold it keep it.

        Raises:
            InvalidValueError: It is not there.
        """
        self._change(arn, lambda resource: attrs.evolve(resource, malware=frozenset(), sealed=frozenset()))

    def _change(self, given: Arn | str, change: Callable[[Resource], Resource]) -> None:
        """Change what is in a resource, and nothing that a selection sees."""
        with self._lock:
            where, arn = self._where(given), arn_text(given)
            self._places[where][arn] = change(self._places[where][arn])

    def __getitem__(self, arn: Arn | str) -> Resource:
        """The resource as it was last added, tagged or backed up.

        Raises:
            InvalidValueError: It is not there.
        """
        with self._lock:
            return self._places[self._where(arn)][arn_text(arn)]

    def __contains__(self, arn: object) -> bool:
        with self._lock:
            wanted = spelled(arn)
            return isinstance(wanted, str) and any(wanted in scope for scope in self._places.values())

    def __iter__(self) -> Iterator[Resource]:
        with self._lock:
            return iter([resource for scope in self._places.values() for resource in scope.values()])

    def resources(self, account_id: str, region_name: str) -> Iterable[ResourceInfo]:
        """Every resource of the account in the Region."""
        with self._lock:
            found = [seen for where in _places(account_id, region_name) for seen in self._seen.get(where, {}).values()]
        yield from found

    def find(self, arn: str, account_id: str, region_name: str) -> ResourceInfo | None:
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
        taken = self._synthetic(arn, account_id, region_name, now)
        if taken is None:
            raise WorldError(f"Resource {arn} does not exist")
        return taken

    def _synthetic(self, arn: str, account_id: str, region_name: str, now: datetime) -> Captured | None:
        """Take a synthetic resource as it is; None where it is not there."""
        with self._lock:
            for where in _places(account_id, region_name):
                resource = self._places.get(where, _NOTHING).get(arn)
                if resource is not None:
                    return self._captured(where, resource, now)
        return None

    def _captured(self, where: tuple[str, str], resource: Resource, now: datetime) -> Captured:
        if resource.since is None and resource.changes:
            resource = attrs.evolve(resource, since=now)
            self._places[where][resource.arn] = resource
        held = SyntheticContent(resource, now if resource.since is not None else None)
        return Captured(held, resource.size_at(now), self._metadata[resource.arn], resource.tags, resource.key_arn)

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
        if not isinstance(content, SyntheticContent):
            raise WorldError(f"This recovery point holds no synthetic {resource_type}")
        source, given = content.captured(), Metadata(metadata)
        if resource_type == "EFS" and not given.flag("newFileSystem"):
            return self._into_file_system(source, given, account_id, region_name)
        if resource_type == "EBS" and "restoreType" in given:
            # Files of a volume are put into a bucket; no volume is made.
            return Restored(f"arn:{Arn.parse(source.arn).partition}:s3:::{given.need('destinationBucketName')}")
        if _OVERWRITTEN in given:
            return self._over(source, given.need(_OVERWRITTEN), account_id, region_name)
        made_as = made_type(resource_type, metadata)
        arn = new_arn(source, made_as, given, account_id, region_name, now)
        new = resource_type != "S3" and (resource_type != "EKS" or given.flag("newCluster"))
        with self._lock:
            if self.find(arn, account_id, region_name) is not None:
                if new:
                    raise WorldError(f"Resource {arn} already exists")
                return Restored(arn, all_there=resource_type == "S3")
            if resource_type == "EKS" and not new:
                raise WorldError(f"Cluster {name_in(arn)} does not exist")
            made = attrs.evolve(source, arn=arn, resource_type=made_as, tags=dict(tags), since=None, members={})
            self._put((account_id, region_name), made)
        return Restored(arn)

    def _over(self, source: Resource, arn: str, account_id: str, region_name: str) -> Restored:
        """Put the contents of the backup in the place of those of a database, which it overwrites (SAP HANA)."""
        with self._lock:
            for where in _places(account_id, region_name):
                there = self._places.get(where, _NOTHING).get(arn)
                if there is not None:
                    again = attrs.evolve(there, contents=source.contents, size_bytes=source.size_bytes, since=None)
                    self._places[where][arn] = again
                    return Restored(arn)
        raise WorldError(f"Database {arn} does not exist")

    def _into_file_system(self, source: Resource, metadata: Metadata, account_id: str, region_name: str) -> Restored:
        """Restore into the file system that the metadata names, whose own files stay."""
        arn = str(
            attrs.evolve(
                Arn.parse(source.arn),
                account=account_id,
                region=region_name,
                resource=f"file-system/{metadata.need('file-system-id')}",
            )
        )
        if self.find(arn, account_id, region_name) is None:
            raise WorldError(f"File system {arn} does not exist")
        return Restored(arn)

    def discard(self, arn: str, account_id: str, region_name: str) -> None:
        """Take out what a restore test made.

        Raises:
            WorldError: Neither its name nor its tags tell that a restore test made it.
        """
        with self._lock:
            for where in _places(account_id, region_name):
                seen = self._seen.get(where, {}).get(arn)
                if seen is not None:
                    if not seen.under_test:
                        check_tested(name_in(arn))
                    self._drop(where, arn)

    def remember(self) -> object:
        """Every synthetic resource, for a snapshot."""
        with self._lock:
            return {where: dict(held) for where, held in self._places.items()}

    def recall(self, memory: object) -> None:
        """Have the resources that `remember` told, and no others."""
        with self._lock:
            self._places, self._seen, self._metadata = {}, {}, {}
            self._revision += 1
            if isinstance(memory, dict):
                for where, held in memory.items():
                    for resource in held.values():
                        self._put(where, resource)

    def _put(self, where: tuple[str, str], resource: Resource) -> None:
        name = name_in(resource.arn)
        known_as = resource.tags.get("Name", name)
        seen = ResourceInfo(resource.arn, resource.resource_type, resource.tags, known_as, resource.members)
        with self._lock:
            if resource.arn in self._places.setdefault(where, {}):
                raise _problem(f"{quote(resource.arn)} is there already", "remove it first, or tag it")
            self._places[where][resource.arn] = resource
            self._metadata[resource.arn] = source_metadata(resource)
            self._revision += 1
            self._seen.setdefault(where, {})[resource.arn] = seen

    def _drop(self, where: tuple[str, str], arn: str) -> None:
        del self._places[where][arn]
        del self._seen[where][arn]
        self._revision += 1

    def _where(self, given: Arn | str) -> tuple[str, str]:
        arn = text(arn_text(given), "world")
        found = next((where for where, scope in self._places.items() if arn in scope), None)
        if found is None:
            raise _problem(f"there is no resource {quote(arn)}", "add it first")
        return found


def _parsed(arn: str, below: str) -> Arn:
    try:
        return Arn.parse(arn)
    except InvalidValueError as error:
        raise InvalidValueError(located(f"world{below}", error.problems)) from None


def _type(arn: str, parsed: Arn, given: str | None, *, unknown: bool) -> str:
    """The type of a resource: what its ARN tells, or what the caller says of it."""
    if given is None:
        found = type_of(arn)
        if found is None:
            raise _problem(f"{quote(arn)} names no resource type", "say it with resource_type=")
        return found
    for problem in one_of(TYPES, "a resource type")(given):
        if problem.severity is Severity.ERROR:
            raise _problem(problem.message, problem.hint, "/resource_type")
        if not unknown:
            hint = f"{problem.hint}, or give allow_unknown_type=True where AWS has it"
            raise _problem(problem.message, hint, "/resource_type")
    services = {shape.service for shape in kind_named(given).shapes}
    if services and parsed.service not in services:
        what = f"{quote(arn)} is not the ARN of a resource of type {given}"
        raise _problem(what, "leave the type out, or give the ARN of one", "/resource_type")
    return str.__str__(given)


def _place(name: str, in_arn: str, given: str) -> str:
    """The account or the Region of a resource: its ARN's own, or the given one where the ARN has none."""
    for each, where in ((in_arn, "/arn"), (given, f"/{name}")):
        if name == "account_id" and each != "" and not is_account(each):
            raise _problem(f"{quote(each)} is not an account", "give 12 digits, as text", where)
        if name == "region_name" and each != "" and not is_region(each):
            raise _problem(f"{quote(each)} is not a Region", "give one like us-east-1", where)
    if in_arn and given and given != in_arn:
        raise _problem(f"{quote(given)} is not what the ARN says, {in_arn}", "leave it out", f"/{name}")
    return str.__str__(in_arn or given)


def _named(members: Mapping[str, Arn | str] | Arns) -> dict[str, str]:
    where = "world/members"
    if isinstance(members, Mapping):
        named = texts({name: spelled(arn) for name, arn in members.items()}, where)  # pyright: ignore[reportArgumentType]
        for arn in named.values():
            _parsed(arn, "/members")
        return named
    arns = [text(each, where) for each in arn_texts(members, where)]
    named = {_parsed(arn, "/members").name: arn for arn in arns}
    if len(named) < len(arns):
        raise _problem("two members end with one name", "give their ARNs by logical ids")
    return named


def _key(arn: str | None) -> str | None:
    if arn is None:
        return None
    plain = text(arn, "world/key_arn")
    if _parsed(plain, "/key_arn").service != "kms":
        raise _problem(f"{quote(plain)} is not the ARN of a KMS key", f"write it as {KEY.example}", "/key_arn")
    return plain


def _check_numbers(size_bytes: object, *rates: object) -> None:
    if isinstance(size_bytes, bool) or not isinstance(size_bytes, int):
        raise _problem(f"a size of type {type(size_bytes).__name__} is not a whole number", "give whole bytes")
    numbers = [rate for rate in rates if isinstance(rate, (int, float))]
    if len(numbers) < len(rates):
        raise _problem("a rate of change is not a number", "give a float, like 0.02")
    if size_bytes < 0 or any(rate < 0 for rate in numbers):
        raise _problem(f"{quote(min(size_bytes, *numbers))} is a negative size or rate of change", "give 0 or more")
    if size_bytes > MOST_BYTES or not all(rate <= sys.float_info.max for rate in numbers):
        raise _problem("a size or a rate of change has no end", f"give at most {MOST_BYTES} bytes and a finite rate")


def _problem(what: str, hint: str, below: str = "") -> InvalidValueError:
    return InvalidValueError(Problem(f"world{below}", what, hint))


@lru_cache(maxsize=256)
def _places(account_id: str, region_name: str) -> tuple[tuple[str, str], ...]:
    """Where what this account sees in this Region may have been put."""
    return (account_id, region_name), (account_id, ""), ("", region_name), ("", "")
