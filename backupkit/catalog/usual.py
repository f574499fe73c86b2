"""The request that is usually meant for a point, for whoever does not know its type."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC

import attrs

from backupkit.catalog.aurora import AuroraCluster
from backupkit.catalog.aurora_dsql import DSQLCluster
from backupkit.catalog.cloudformation import CloudFormationStack
from backupkit.catalog.documentdb import DocumentDBCluster
from backupkit.catalog.dynamodb import DynamoDBTable
from backupkit.catalog.ebs import EBSVolume
from backupkit.catalog.ec2 import EC2Instance
from backupkit.catalog.efs import EFSFileSystem
from backupkit.catalog.eks import EKSCluster
from backupkit.catalog.fsx import FSxLustre, FSxONTAPVolume, FSxOpenZFS, FSxWindows
from backupkit.catalog.merge import merged
from backupkit.catalog.neptune import NeptuneCluster
from backupkit.catalog.point_facts import PointFacts
from backupkit.catalog.rds import RDSCluster, RDSInstance
from backupkit.catalog.redshift import RedshiftCluster
from backupkit.catalog.request import Request, fields, key_of
from backupkit.catalog.restore_form import ANY
from backupkit.catalog.s3 import S3Bucket
from backupkit.catalog.sap_hana import HANADatabase
from backupkit.catalog.storage_gateway import StorageGatewayVolume
from backupkit.catalog.timestream import TimestreamTable
from backupkit.catalog.virtual_machine import VirtualMachine
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, errors_in, located

__all__ = ["source_name", "usual_request"]


@attrs.frozen
class Usual:
    """A class of requests, the field that takes the new name, and what else makes it the usual one."""

    cls: type[Request]
    name: str = ""
    more: Mapping[str, object] = attrs.field(factory=dict)


_DATABASE = "db_cluster_identifier"
_BY_TYPE: dict[str, tuple[Usual, ...]] = {
    "Aurora": (Usual(AuroraCluster, _DATABASE),),
    "DSQL": (Usual(DSQLCluster),),
    "CloudFormation": (Usual(CloudFormationStack, "stack_name"),),
    "DocumentDB": (Usual(DocumentDBCluster, _DATABASE),),
    "DynamoDB": (Usual(DynamoDBTable, "target_table_name"),),
    "EBS": (Usual(EBSVolume),),
    "EC2": (Usual(EC2Instance),),
    "EFS": (Usual(EFSFileSystem),),
    "EKS": (Usual(EKSCluster, "cluster_name", {"new_cluster": True}),),
    "FSx": (Usual(FSxWindows), Usual(FSxLustre), Usual(FSxOpenZFS), Usual(FSxONTAPVolume, "name")),
    "Neptune": (Usual(NeptuneCluster, _DATABASE),),
    "RDS": (Usual(RDSInstance, "db_instance_identifier"), Usual(RDSCluster, _DATABASE)),
    "Redshift": (Usual(RedshiftCluster, "cluster_identifier"),),
    # Its own restore overwrites what is there.
    "Redshift Serverless": (Usual(RedshiftCluster, "cluster_identifier"),),
    "S3": (Usual(S3Bucket, "destination_bucket_name", {"new_bucket": True}),),
    "SAP HANA on Amazon EC2": (Usual(HANADatabase),),
    "Storage Gateway": (Usual(StorageGatewayVolume),),
    "Timestream": (Usual(TimestreamTable, "table_name"),),
    "VirtualMachine": (Usual(VirtualMachine),),
}


def usual_request(type_name: str, facts: PointFacts, name: str | None, *, nameless: bool = False) -> Request:
    """The request for a point of a type; what the point says itself is left out, for the merge takes it from there.

    Args:
        type_name: The catalog's name of the type.
        facts: The point.
        name: The name of the new resource. None: the source's, with the date and time of the point.
        nameless: Whether a name is left out where the type has none.

    Raises:
        InvalidValueError: The type has no names; something must be chosen; lists what.
    """
    known = _BY_TYPE.get(type_name, ())
    fitting = [each for each in known if any(form.suits(facts) for form in each.cls.FORMS)] or list(known)
    if len(fitting) != 1:
        classes = ", ".join(f"bk.restore.{each.cls.__name__}" for each in fitting) or "bk.restore.Raw"
        raise InvalidValueError(
            Problem("restore", f"the point does not say what kind of {type_name} it holds", f"use one of {classes}")
        )
    return _made(fitting[0], facts, None if nameless and not fitting[0].name else name)


def _made(usual: Usual, facts: PointFacts, name: str | None) -> Request:
    cls = usual.cls
    given = dict(usual.more)
    if usual.name:
        given[usual.name] = name if name is not None else _default_name(usual, facts)
    elif name is not None:
        raise InvalidValueError(
            Problem("restore/name", f"bk.restore.{cls.__name__} takes no name by itself", _nameless(cls))
        )
    if needed := _left_open(cls, given, facts):
        _check_name(usual, given)
        raise _choose(cls, needed, given.get(usual.name))
    try:
        request = cls(**given)  # type: ignore[arg-type]  # checked when it is made
    except InvalidValueError as error:
        if name is not None and f"restore/{usual.name}" in {problem.address for problem in error.problems}:
            # Nothing else is left to choose before the name is one.
            raise
        raise _choose(cls, _fields(error.problems), given.get(usual.name)) from error
    if found := errors_in(merged(request, facts).problems):
        missing = [field for field in _fields(found) if field != "as_of"]
        if missing:
            raise _choose(cls, missing, given.get(usual.name))
    return request


def _left_open(cls: type[Request], given: Mapping[str, object], facts: PointFacts) -> list[str]:
    """The fields that must be given and are not."""
    needed = [field.name for field in attrs.fields(cls) if field.default is attrs.NOTHING and field.name not in given]
    # Of several that stand for each other one is needed, and nothing says which; some points need more than others.
    others = (
        field
        for field, key in fields(cls)
        if needed and (key_of(cls, key).required_without or key_of(cls, key).required_for & facts.traits)
    )
    return [*needed, *others]


def _check_name(usual: Usual, given: Mapping[str, object]) -> None:
    """Refuse what cannot be a name, before anything is written with it."""
    if usual.name:
        key = key_of(usual.cls, dict(fields(usual.cls))[usual.name])
        if wrong := tuple(key.problems(given[usual.name])):
            raise InvalidValueError(located(f"restore/{usual.name}", wrong))


def _nameless(cls: type[Request]) -> str:
    """The way out where a name is given for what has none, or has it among others."""
    needed = [field.name for field in attrs.fields(cls) if field.default is attrs.NOTHING]
    if not needed:
        return "leave it out, for AWS makes an id"
    return f"write {_call(cls, needed, None)}"


def _call(cls: type[Request], needed: list[str], name: object) -> str:
    """The request to write, with what must be chosen left open."""
    names = {field.name for field in attrs.fields(cls)}
    words = [*([repr(name)] if name else []), *(f"{field}=..." for field in needed)]
    # Who restores such a point loses what is there, and must say so.
    words += ["overwrite=True"] if "overwrite" in names else []
    return f"bk.restore.{cls.__name__}({', '.join(words)})"


def _fields(problems: tuple[Problem, ...]) -> list[str]:
    return list(dict.fromkeys(problem.address.removeprefix("restore/") for problem in problems))


def _choose(cls: type[Request], needed: list[str], name: object) -> InvalidValueError:
    hint = f"write {_call(cls, needed, name)}"
    return InvalidValueError(
        Problem(f"restore/{field}", "it must be chosen, for the point does not say it", hint + _values(cls, field))
        for field in needed
    )


def _values(cls: type[Request], field: str) -> str:
    """What there is to choose from, where that is a list."""
    name = dict(fields(cls)).get(field)
    if name is None:
        return ""
    key = key_of(cls, name)
    meant = (form.when.get(key.name, "") for form in cls.FORMS)
    values = key.values or tuple(value for value in meant if value not in {"", ANY, "true", "false"})
    return f", with {field} one of {', '.join(values)}" if values else ""


def _default_name(usual: Usual, facts: PointFacts) -> str:
    """The source's name with the date and time of the point, as the type takes names."""
    source = source_name(facts.resource)
    stamp = f"{facts.created.astimezone(UTC):%Y%m%d-%H%M%S}" if facts.created is not None else "restored"
    key = key_of(usual.cls, dict(fields(usual.cls))[usual.name])
    fitting = (name for name in _spellings(source or "restored", stamp) if not tuple(key.problems(name)))
    return next(fitting, f"restored-{stamp}")


def source_name(resource: str) -> str:
    """Return the name in the resource part of an ARN: what people call it, not the id of its incarnation."""
    parts = resource.replace(":", "/").split("/")
    return parts[1] if parts[0] == "stack" and len(parts) > 1 else parts[-1]


def _spellings(source: str, stamp: str) -> Iterator[str]:
    yield f"{source}-{stamp}"
    plain = re.sub(r"[^a-z0-9]+", "-", source.lower()).strip("-")
    for length in (63, 40):
        yield f"{plain[: length - len(stamp) - 1].rstrip('-')}-{stamp}"
    yield re.sub(r"[^A-Za-z0-9]+", "_", f"{source}_{stamp}")
