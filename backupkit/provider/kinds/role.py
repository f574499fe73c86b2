"""The role that AWS Backup takes on: what it lacks is added; of what it has, only our inline policy is changed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import cast

from backupkit.arn import Arn, partition_of
from backupkit.catalog.role_policies import policy_paths
from backupkit.declare.backup_role import BackupRole
from backupkit.declare.policy_meaning import many
from backupkit.documents import Value
from backupkit.neighbours.trust import SERVICE, names_backup, trusts
from backupkit.problems import Problem
from backupkit.provider.answers import Document, entries, flag, inner, text, texts
from backupkit.provider.change import Call
from backupkit.provider.forms import Form
from backupkit.provider.kinds.kind import Kind
from backupkit.provider.kinds.observed import Observed, World
from backupkit.provider.kinds.reader import Reader
from backupkit.provider.policy import policy_form

__all__ = ["ROLE"]

_INLINE = "backupkit"
_TRUST = {"Effect": "Allow", "Principal": {"Service": SERVICE}, "Action": "sts:AssumeRole"}
_GONE = "NoSuchEntity"


def _reading(reader: Reader, name: str) -> Document | None:
    role = reader.find("iam", "get_role", {"RoleName": name}, _GONE)
    if role is None:
        return None
    found = inner(role, "Role")
    inline = reader.find("iam", "get_role_policy", {"RoleName": name, "PolicyName": _INLINE}, _GONE)
    trust = _parsed(found.get("AssumeRolePolicyDocument"))
    return {
        "RoleName": text(found, "RoleName"),
        "Arn": text(found, "Arn"),
        "Path": text(found, "Path"),
        "Trust": trust,
        "Trusted": names_backup(trust),
        "ManagedPolicies": sorted(_attached(reader, name)),
        "InlinePolicy": _parsed(inline.get("PolicyDocument")) if inline is not None else {},
    }


def _attached(reader: Reader, name: str) -> Iterator[str]:
    query = {"RoleName": name}
    while True:
        page: Document = reader.ask("iam", "list_attached_role_policies", query)
        yield from (text(each, "PolicyName") for each in entries(page, "AttachedPolicies"))
        if not flag(page, "IsTruncated"):
            return
        query["Marker"] = text(page, "Marker")


def _parsed(policy: object) -> Document:
    """A policy as a document; boto3 has read it already."""
    found = json.loads(policy) if isinstance(policy, str) else policy
    return found if isinstance(found, Mapping) else {}


def _document(role: BackupRole) -> dict[str, Value]:
    return {
        "RoleName": role.name,
        "Trusted": True,
        "ManagedPolicies": list(role.managed_policies),
        "InlinePolicy": cast("Value", role.inline_policy or {}),
    }


def _form(found: Document, beside: Document | None) -> Form:
    """What the role may; of what AWS has, only the managed policies that are declared."""
    policies = texts(found, "ManagedPolicies")
    if beside is not None:
        policies = tuple(each for each in policies if each in texts(beside, "ManagedPolicies"))
    partition = _partition(text(found, "Arn"))
    written = json.dumps(inner(found, "InlinePolicy")).replace(f"arn:{partition}:", "arn:aws:")
    inline = policy_form(written) if inner(found, "InlinePolicy") else {}
    statements = {path: leaf for path, leaf in inline.items() if path != "version"}
    return Form(
        {
            **({"trusts": SERVICE} if flag(found, "Trusted") else {}),
            **({"managed_policies": policies} if policies else {}),
            **statements,
        }
    )


def _partition(arn: str) -> str:
    return Arn.parse(arn).partition if arn else "aws"


def _creating(world: World, role: BackupRole) -> Iterator[Call]:
    partition = partition_of(world.region_name)
    trust = {"Version": "2012-10-17", "Statement": [_TRUST]}
    yield _call(role, "create_role", Path=role.path, AssumeRolePolicyDocument=json.dumps(trust))
    yield from _policies(role, role.managed_policies, partition)
    yield from _inline(role, {}, partition)


def _updating(_: World, role: BackupRole, seen: Observed) -> Iterator[Call]:
    partition = _partition(text(seen.document, "Arn"))
    if not flag(seen.document, "Trusted"):
        whole = _trusting(inner(seen.document, "Trust"))
        yield _call(role, "update_assume_role_policy", PolicyDocument=json.dumps(whole))
    there = texts(seen.document, "ManagedPolicies")
    yield from _policies(role, [each for each in role.managed_policies if each not in there], partition)
    yield from _inline(role, inner(seen.document, "InlinePolicy"), partition)


def _trusting(trust: Document) -> Document:
    """Return a trust policy with AWS Backup in it."""
    return {**trust, "Statement": [*many(trust.get("Statement")), _TRUST]}


def _policies(role: BackupRole, names: tuple[str, ...] | list[str], partition: str) -> Iterator[Call]:
    for name, path in policy_paths(names).items():
        yield _call(role, "attach_role_policy", PolicyArn=f"arn:{partition}:iam::aws:policy{path}{name}")


def _inline(role: BackupRole, there: Document, partition: str) -> Iterator[Call]:
    wanted = role.inline_policy
    if wanted is not None:
        written = json.dumps(wanted).replace("arn:aws:", f"arn:{partition}:")
        yield _call(role, "put_role_policy", PolicyName=_INLINE, PolicyDocument=written)
    elif there:
        yield _call(role, "delete_role_policy", PolicyName=_INLINE)


def _call(role: BackupRole, method: str, **params: str) -> Call:
    return Call(method, {"RoleName": role.name, **params}, service="iam")


def _checks(world: World, role: BackupRole) -> Iterator[Problem]:
    for seen in world.found("backup_role", role.name):
        path = text(seen.document, "Path")
        if path and path != role.path:
            yield Problem("path", f"the role is at {path!r}, and IAM moves no role", f"declare path={path!r}")
        if trusts(_trusting(inner(seen.document, "Trust"))) is False:
            yield Problem("", f"the role's trust policy denies {SERVICE}", "take the Deny out of its trust policy")


ROLE = Kind(
    cls=BackupRole,
    service="iam",
    id="RoleName",
    arn="Arn",
    document=_document,
    form=_form,
    reading=_reading,
    creating=_creating,
    updating=_updating,
    checks=_checks,
)
