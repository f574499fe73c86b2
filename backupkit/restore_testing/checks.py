"""Ready checks of what a restore brought back, one a resource type: each a value with a name.

Each looks first whether the resource is there and can be used, as its own service says, and then at what was asked for.
They ask through the boto3 session of the job's connection. A check of one type leaves jobs of other types alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import attrs

from backupkit.arn import Arn
from backupkit.catalog.arn_shape import ArnShape
from backupkit.checks import is_text, must_be_bools, must_be_bools_or_none, texts
from backupkit.errors import InvalidValueError, NeighbourError
from backupkit.neighbours import Neighbours, Presence
from backupkit.neighbours.session import look_for
from backupkit.problems import Problem, quote
from backupkit.recover.caller import caller_of
from backupkit.recover.restore_job import RestoreJob
from backupkit.restore_testing.facts import Compare, Count, Expected, Fact, Probe, Source, Want, wanted
from backupkit.restore_testing.results import CheckResult, Outcome, outcome_of, sentence

__all__ = ["ReadyCheck", "aurora", "dynamodb", "ec2", "efs", "exists", "rds", "s3"]

_DATABASES = {"DBInstanceIdentifier": "{name}"}
_INSTANCE = Source(ArnShape("rds", "db:"), "rds", "describe_db_instances", _DATABASES, "DBInstances[0]")
_CLUSTER = Source(
    ArnShape("rds", "cluster:"), "rds", "describe_db_clusters", {"DBClusterIdentifier": "{name}"}, "DBClusters[0]"
)
_TABLE = Source(ArnShape("dynamodb", "table/"), "dynamodb", "describe_table", {"TableName": "{first}"}, "Table")
_FILES = Source(
    ArnShape("elasticfilesystem", "file-system/"),
    "efs",
    "describe_file_systems",
    {"FileSystemId": "{name}"},
    "FileSystems[0]",
)
_MACHINE = Source(
    ArnShape("ec2", "instance/"),
    "ec2",
    "describe_instances",
    {"InstanceIds": ("{name}",)},
    "Reservations[0].Instances[0]",
)
_STATUS = Source(
    ArnShape("ec2", "instance/"),
    "ec2",
    "describe_instance_status",
    {"InstanceIds": ("{name}",)},
    "InstanceStatuses[0]",
)
_STARTING: frozenset[object] = frozenset({None, "initializing", "insufficient-data"})
"""Status checks of an instance that has just started take minutes, and are not listed before it runs."""

_USABLE_TOO = frozenset({"backing-up", "storage-optimization"})
"""States of databases that take connections, beside ``available`` (RDS user guide, instance status)."""
_FINAL = ("failed", "error", "stopped", "storage-full", "incompatible-", "inaccessible", "restore-error", "archived")
"""How states begin that no waiting mends."""


@attrs.frozen
class ReadyCheck:
    """A check of resources of some types.

    It can be called with a job, also as ``aws.recover(arn, verify=check)``: it returns what it saw, and raises
    `AssertionError` where that is not as it should be, and `NeighbourError` where it could not look.

    Args:
        name: What it is called.
        types: AWS Backup's words for the types that it is for; empty: for all.
        wants: What it looks at once the resource can be used.
    """

    name: str
    types: frozenset[str] = frozenset()
    wants: tuple[Expected, ...] = attrs.field(default=(), repr=False)

    @property
    def about(self) -> str:
        """What it wants, for people."""
        return "; ".join(["there and usable", *(each.words for each in self.wants)])

    def fits(self, job: RestoreJob) -> bool:
        """Whether it is for what the job restored."""
        return not self.types or job.resource_type in self.types

    def results(self, job: RestoreJob) -> tuple[CheckResult, ...]:
        """Look once, and return what each thing came to; what cannot be used yet is looked at no closer."""
        made = job.created_resource_arn
        if made is None:
            return (CheckResult(f"{self.name} status", Outcome.FAILED, f"the job made nothing ({job.status})"),)
        neighbours = caller_of(job._aws).neighbours  # noqa: SLF001 - the connection that the job came by
        status = _status(neighbours, made, f"{self.name} status")
        if not status.passed:
            return (status,)
        probe = Probe(neighbours, Arn.parse(made))
        return (status, *(each.result(probe, self.name) for each in self.wants))

    def __call__(self, job: RestoreJob) -> str:
        """Look once, and return what was seen.

        Raises:
            AssertionError: It is not as it should be.
            NeighbourError: It could not be looked at.
        """
        found = self.results(job)
        summary = sentence(found)
        if outcome_of(found) is Outcome.UNKNOWN:
            raise NeighbourError(summary)
        if not all(each.passed for each in found):
            raise AssertionError(summary)
        return summary


def exists() -> ReadyCheck:
    """Return a check for every type: what was restored is there and can be used, as its own service says."""
    return ReadyCheck("resource")


def rds(
    *,
    engine: str | None = None,
    encrypted: bool | None = None,
    storage_gib: int | None = None,
    multi_az: bool | None = None,
) -> ReadyCheck:
    """Return a check of an RDS instance or Multi-AZ cluster: it is available.

    Args:
        engine: RDS's word for its engine, for example ``postgres``.
        encrypted: Whether its storage must, or must not, be encrypted.
        storage_gib: It is allotted at least so many GiB.
        multi_az: Whether it must, or must not, have a standby in another zone.
    """
    _must_be_texts("checks.rds", engine=engine)
    must_be_bools_or_none("checks.rds", encrypted=encrypted, multi_az=multi_az)
    _must_count("checks.rds", storage_gib=storage_gib)
    return ReadyCheck(
        "rds",
        frozenset({"RDS"}),
        (
            *_database(engine, encrypted),
            *wanted(_least("storage_gib", storage_gib), "AllocatedStorage", _INSTANCE, _CLUSTER),
            *wanted(Want(name="multi_az", value=multi_az), "MultiAZ", _INSTANCE, _CLUSTER),
        ),
    )


def aurora(*, engine: str | None = None, encrypted: bool | None = None, instances: int = 0) -> ReadyCheck:
    """Return a check of an Aurora cluster: it is available.

    Args:
        engine: RDS's word for its engine, for example ``aurora-postgresql``.
        encrypted: Whether its storage must, or must not, be encrypted.
        instances: How many instances it has at least. AWS Backup restores a cluster without any: add one with
            ``job.add_instances(...)`` to look at its tables, and delete it again, or AWS cannot delete the cluster.
    """
    _must_be_texts("checks.aurora", engine=engine)
    must_be_bools_or_none("checks.aurora", encrypted=encrypted)
    _must_count("checks.aurora", instances=instances)
    members = wanted(_least("instances", instances), "length(DBClusterMembers)", _CLUSTER)
    return ReadyCheck("aurora", frozenset({"Aurora"}), (*_database(engine, encrypted), *members))


def dynamodb(*, items: int = 0, indexes: Iterable[str] = ()) -> ReadyCheck:
    """Return a check of a DynamoDB table: it is active.

    Args:
        items: It has at least so many items. They are counted by a scan that stops there, and costs what reading them
            costs, because the table's own count is up to six hours old.
        indexes: The names of global secondary indexes that it has.
    """
    _must_count("checks.dynamodb", items=items)
    given = texts(indexes, "checks.dynamodb/indexes")
    _must_be_texts("checks.dynamodb", indexes=given)
    names = wanted(
        Want(name="indexes", value=given, compare=Compare.HAS),
        "GlobalSecondaryIndexes[].IndexName",
        _TABLE,
    )
    scan = Count(
        name="items",
        least=items,
        service="dynamodb",
        method="scan",
        arguments={"TableName": "{first}", "Select": "COUNT"},
        limit="Limit",
        size="Count",
        token=("LastEvaluatedKey", "ExclusiveStartKey"),
    )
    return ReadyCheck("dynamodb", frozenset({"DynamoDB"}), (*names, *((scan,) if items else ())))


def s3(*, objects: int = 1, prefix: str = "", keys: Iterable[str] = ()) -> ReadyCheck:
    """Return a check of an S3 bucket: it is there.

    Args:
        objects: It has at least so many objects; a restore that completed may have restored none.
        prefix: Only objects whose keys begin so are counted.
        keys: Keys of objects that it has, whatever the prefix.
    """
    _must_count("checks.s3", objects=objects)
    if not is_text(prefix):
        raise InvalidValueError(Problem("checks.s3/prefix", f"{quote(prefix)} is not text", 'give "" for every key'))
    given = texts(keys, "checks.s3/keys")
    _must_be_texts("checks.s3", keys=given)
    listed = Count(
        name="objects",
        least=objects,
        service="s3",
        method="list_objects_v2",
        arguments={"Bucket": "{name}", "Prefix": _literal(prefix)},
        limit="MaxKeys",
        size="KeyCount",
        token=("NextContinuationToken", "ContinuationToken"),
    )
    heads = tuple(map(_Object, given))
    return ReadyCheck("s3", frozenset({"S3"}), (*((listed,) if objects else ()), *heads))


def efs(*, mount_targets: int = 0, size_bytes: int = 0, encrypted: bool | None = None) -> ReadyCheck:
    """Return a check of an EFS file system: it is available.

    Args:
        mount_targets: How many mount targets it has at least. AWS Backup restores a file system without any.
        size_bytes: It holds at least so many bytes, as EFS meters them.
        encrypted: Whether it must, or must not, be encrypted.
    """
    must_be_bools_or_none("checks.efs", encrypted=encrypted)
    _must_count("checks.efs", mount_targets=mount_targets, size_bytes=size_bytes)
    return ReadyCheck(
        "efs",
        frozenset({"EFS"}),
        (
            *wanted(_least("mount_targets", mount_targets), "NumberOfMountTargets", _FILES),
            *wanted(_least("size_bytes", size_bytes), "SizeInBytes.Value", _FILES),
            *wanted(Want(name="encrypted", value=encrypted), "Encrypted", _FILES),
        ),
    )


def ec2(*, status_checks: bool = True, instance_type: str | None = None) -> ReadyCheck:
    """Return a check of an EC2 instance: it is running.

    Args:
        status_checks: Whether both of EC2's status checks must have passed, which takes some minutes from its start.
        instance_type: Its type, for example ``t3.small``.
    """
    _must_be_texts("checks.ec2", instance_type=instance_type)
    must_be_bools("checks.ec2", status_checks=status_checks)
    state = Want(name="state", value="running", pending=frozenset({"pending"}))
    both = (
        Fact(Want(name=f"{which} status check", value="ok", pending=_STARTING), path, (_STATUS,))
        for which, path in (("instance", "InstanceStatus.Status"), ("system", "SystemStatus.Status"))
    )
    return ReadyCheck(
        "ec2",
        frozenset({"EC2"}),
        (
            Fact(state, "State.Name", (_MACHINE,)),
            *(both if status_checks else ()),
            *wanted(Want(name="instance_type", value=instance_type), "InstanceType", _MACHINE),
        ),
    )


@attrs.frozen
class _Object:
    """An object of a bucket."""

    key: str

    @property
    def words(self) -> str:
        return f"object {self.key}"

    def result(self, probe: Probe, prefix: str) -> CheckResult:
        name, looked_at = f"{prefix} {self.words}", "s3 head_object"
        try:
            head = probe.ask("s3", "head_object", {"Bucket": probe.arn.name, "Key": self.key})
        except NeighbourError as error:
            gone = error.code in {"404", "NoSuchKey"}
            return CheckResult(
                name, Outcome.FAILED if gone else Outcome.UNKNOWN, "not there" if gone else str(error), looked_at
            )
        return CheckResult(name, Outcome.PASSED, f"{head.get('ContentLength', 0):,} bytes", looked_at)


def _status(neighbours: Neighbours, arn: str, name: str) -> CheckResult:
    """What the resource's own service says of it."""
    found = neighbours.look(arn)
    look = look_for(Arn.parse(arn))
    looked_at = f"{look.service} {look.method}" if look is not None and neighbours.has_session else ""
    if found.presence is Presence.UNKNOWN:
        return CheckResult(name, Outcome.UNKNOWN, found.reason, looked_at)
    state = found.state or found.presence.value
    if found.presence is Presence.GONE:
        return CheckResult(name, Outcome.FAILED, f"{arn} is {state if found.state else 'not there'}", looked_at)
    if found.usable is not False or state in _USABLE_TOO:
        return CheckResult(name, Outcome.PASSED, state, looked_at)
    final = state.casefold().startswith(_FINAL)
    return CheckResult(name, Outcome.FAILED if final else Outcome.PENDING, state, looked_at)


def _database(engine: str | None, encrypted: bool | None) -> Iterator[Fact]:
    yield from wanted(Want(name="engine", value=engine), "Engine", _INSTANCE, _CLUSTER)
    yield from wanted(Want(name="encrypted", value=encrypted), "StorageEncrypted", _INSTANCE, _CLUSTER)


def _least(name: str, number: int | None) -> Want:
    return Want(name=name, value=number, compare=Compare.AT_LEAST)


def _literal(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _must_be_texts(where: str, **given: str | tuple[str, ...] | None) -> None:
    problems = [
        Problem(f"{where}/{name}", f"{quote(each)} is not text that says something", "write it in quotes")
        for name, value in given.items()
        for each in (value if isinstance(value, tuple) else (value,))
        if each is not None and not (is_text(each) and each.strip())
    ]
    if problems:
        raise InvalidValueError(problems)


def _must_count(where: str, **numbers: int | None) -> None:
    problems: Sequence[Problem] = [
        Problem(f"{where}/{name}", f"{quote(number)} is not a number of 0 or more", "give 1, or 0 to not look at it")
        for name, number in numbers.items()
        if number is not None and (type(number) is not int or number < 0)
    ]
    if problems:
        raise InvalidValueError(problems)
