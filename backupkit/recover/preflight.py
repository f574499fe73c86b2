"""What is looked at before a restore: target, network, key, role, tags of the source, scans, cold storage.

Each check says what it looked at. What may not be looked at is unknown, never fine.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from backupkit.catalog import TYPES
from backupkit.catalog.role_policies import BACKUP, RESTORES, S3_BACKUP, S3_RESTORE
from backupkit.errors import NeighbourError
from backupkit.neighbours import Neighbours, Presence
from backupkit.neighbours.roles import is_role, role_name
from backupkit.problems import Problem
from backupkit.serialization import Serializable

__all__ = ["COLOURS", "PreflightCheck", "RestorePlan", "Verdict", "key_check", "preflight", "role_check"]

_OF_AWS_BACKUP = frozenset({BACKUP, S3_BACKUP, RESTORES, S3_RESTORE})
_KEYS = ("kmskeyid", "kmskey", "kmsmasterkeyarn", "masterusersecretkmskeyid", "encryptionconfigproviderkeyarn")
_SUBNETS = ("subnetid", "subnetids")
_GROUPS = ("securitygroupids", "vpcsecuritygroupids")
_ZONES = ("availabilityzone", "availabilityzonename")


class Verdict(enum.StrEnum):
    """What a check came to."""

    FINE = "fine"
    PROBLEM = "problem"
    UNKNOWN = "unknown"
    """It may not be looked at, or there is nobody to ask."""
    NOTE = "note"
    """It stands in nobody's way, and is worth knowing."""


COLOURS = {Verdict.PROBLEM: "bad", Verdict.UNKNOWN: "doubtful", Verdict.FINE: "good", Verdict.NOTE: ""}
"""How a row with the verdict is coloured."""


@attrs.frozen
class PreflightCheck(Serializable):
    """One thing that was looked at.

    Args:
        name: What it is about, for example ``target`` or ``role``.
        verdict: What it came to.
        message: What was looked at and found.
        hint: The way out of a problem.
        address: What it is about inside a stack, for example ``plan.prod/selection.all/role``; empty for restores.
    """

    name: str
    verdict: Verdict
    message: str
    hint: str = ""
    address: str = ""

    @property
    def found(self) -> str:
        """What was found, with the way out."""
        return f"{self.message}; {self.hint}" if self.hint else self.message

    def __str__(self) -> str:
        return f"{self.address or self.name}: {self.verdict}: {self.found}"

    @property
    def problem(self) -> Problem:
        """The check as a problem of the restore, or of the thing in a stack."""
        return Problem(self.address or f"restore/{self.name}", self.message, self.hint)


@attrs.frozen(kw_only=True)
class RestorePlan:
    """A restore that is about to start, as far as it must be known to be checked.

    Args:
        resource_type: AWS Backup's type string of what is restored.
        metadata: What will be sent.
        target_arn: The ARN of the resource that will be made or written into; None where AWS picks it.
        new: What a request says that makes a new target; empty: there is nothing to say.
        creates: Whether the target is made, and so must not be there; False: it must be.
        role_arn: The role that AWS Backup takes on.
        copy_source_tags: Whether the source's tags are asked for.
        account_id: The account that restores; empty: not known.
        region_name: Where the point is; empty: not known.
        storage_class: ``WARM`` or ``COLD``, where known.
        threats: Findings of malware scans of the point, such as ``MALWARE``.
        allow_threats: Whether a point with malware is restored all the same.
    """

    resource_type: str
    metadata: Mapping[str, str] = attrs.field(repr=False)
    target_arn: str | None = None
    new: str = ""
    creates: bool = True
    role_arn: str | None = None
    copy_source_tags: bool = False
    account_id: str = ""
    region_name: str = ""
    storage_class: str | None = None
    threats: Sequence[str] = ()
    allow_threats: bool = False

    @property
    def or_new(self) -> str:
        """The way to a new target, as a hint goes on with it."""
        return f", or let the restore make a new one: say {self.new}" if self.new else ""

    def texts(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return the values of some keys, lists taken apart; keys compare without case."""
        found = (value for key, value in self.metadata.items() if key.casefold() in names and value)
        return tuple(each for value in found for each in _listed(value))


def preflight(neighbours: Neighbours, plan: RestorePlan) -> tuple[PreflightCheck, ...]:
    """Look at everything that can make a restore fail, and say what was found."""
    return tuple(check for look in _CHECKS for check in look(neighbours, plan))


def _target(neighbours: Neighbours, plan: RestorePlan) -> Iterator[PreflightCheck]:
    if plan.target_arn is None:
        return
    seen = neighbours.look(plan.target_arn)
    wanted = Presence.GONE if plan.creates else Presence.THERE
    if seen.presence is Presence.UNKNOWN:
        yield PreflightCheck("target", Verdict.UNKNOWN, f"{plan.target_arn} could not be looked at: {seen.reason}")
    elif seen.presence is not wanted:
        yield PreflightCheck(
            "target",
            Verdict.PROBLEM,
            f"{plan.target_arn} is there already" if plan.creates else f"{plan.target_arn} is not there",
            "choose another name" if plan.creates else f"name one that exists{plan.or_new}",
        )
    else:
        found = "is free" if plan.creates else "is there; the restore adds to it"
        yield PreflightCheck("target", Verdict.FINE, f"{plan.target_arn} {found}")


def _network(neighbours: Neighbours, plan: RestorePlan) -> Iterator[PreflightCheck]:
    subnets, groups = plan.texts(_SUBNETS), plan.texts(_GROUPS)
    named = plan.texts(("dbsubnetgroupname",))
    if not subnets and not groups and not named:
        return
    placed: dict[str, str] = {}
    zones: dict[str, str] = {}
    failed = []
    for look, ids in (
        (_subnets_in(placed, zones, subnets), subnets),
        (_groups_in(placed, groups), groups),
        (_subnet_groups_in(placed, named), named),
    ):
        try:
            look(neighbours)
        except _NobodyError as nobody:
            yield PreflightCheck("network", Verdict.UNKNOWN, str(nobody))
            return
        except NeighbourError as error:
            check = _of_error("network", error, "NotFound", "name subnets and security groups that exist here")
            failed.append(attrs.evolve(check, message=f"{check.message} (of {', '.join(ids)})"))
    if failed:
        yield from failed
        return
    if len(set(placed.values())) > 1:
        text = ", ".join(f"{what} is in {vpc}" for what, vpc in placed.items())
        yield PreflightCheck("network", Verdict.PROBLEM, text, "name them all from one VPC")
        return
    wrong = [zone for zone in plan.texts(_ZONES) if zones and zone not in zones.values()]
    if wrong:
        text = ", ".join(f"subnet {name} is in {zone}" for name, zone in zones.items())
        yield PreflightCheck("network", Verdict.PROBLEM, f"the zone is {wrong[0]}, but {text}", "name the same zone")
        return
    yield PreflightCheck("network", Verdict.FINE, f"{', '.join(placed)} are of one VPC")


def _subnets_in(placed: dict[str, str], zones: dict[str, str], subnets: Sequence[str]) -> Callable[[Neighbours], None]:
    def look(neighbours: Neighbours) -> None:
        for subnet in _described(neighbours, "ec2", "describe_subnets", "SubnetIds", subnets, "Subnets"):
            placed[f"subnet {subnet['SubnetId']}"] = subnet["VpcId"]
            zones[subnet["SubnetId"]] = subnet["AvailabilityZone"]

    return look


def _groups_in(placed: dict[str, str], groups: Sequence[str]) -> Callable[[Neighbours], None]:
    def look(neighbours: Neighbours) -> None:
        for group in _described(neighbours, "ec2", "describe_security_groups", "GroupIds", groups, "SecurityGroups"):
            placed[f"security group {group['GroupId']}"] = group["VpcId"]

    return look


def _subnet_groups_in(placed: dict[str, str], named: Sequence[str]) -> Callable[[Neighbours], None]:
    def look(neighbours: Neighbours) -> None:
        for name in named:
            answer = _answer(neighbours, "rds", "describe_db_subnet_groups", {"DBSubnetGroupName": name})
            placed[f"subnet group {name}"] = answer["DBSubnetGroups"][0]["VpcId"]

    return look


def _zone(_: Neighbours, plan: RestorePlan) -> Iterator[PreflightCheck]:
    for zone in plan.texts((*_ZONES, "availabilityzones")):
        # Zones of Wavelength and Local Zones begin with their Region, too.
        if plan.region_name and not zone.startswith(plan.region_name):
            what = f"{zone} is not a zone of {plan.region_name}, where the point is"
            yield PreflightCheck("zone", Verdict.PROBLEM, what, f"name one such as {plan.region_name}a")


def _key(neighbours: Neighbours, plan: RestorePlan) -> Iterator[PreflightCheck]:
    return (key_check(neighbours, key) for key in plan.texts(_KEYS))


def key_check(neighbours: Neighbours, key: str) -> PreflightCheck:
    """Tell whether a KMS key can be used."""
    try:
        found = _answer(neighbours, "kms", "describe_key", {"KeyId": key})["KeyMetadata"]
    except _NobodyError as nobody:
        return PreflightCheck("key", Verdict.UNKNOWN, str(nobody))
    except NeighbourError as error:
        return _of_error("key", error, "NotFoundException", "name a key that exists in this Region")
    uses = found.get("KeyUsage", "ENCRYPT_DECRYPT"), found.get("KeySpec", "SYMMETRIC_DEFAULT")
    if uses != ("ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT"):
        text = f"{key} is a key for {uses[0]} of the kind {uses[1]}, which services do not encrypt with"
        return PreflightCheck("key", Verdict.PROBLEM, text, "name a symmetric key")
    state = found.get("KeyState", "Enabled")
    if state == "Enabled":
        return PreflightCheck("key", Verdict.FINE, f"{key} is enabled")
    return PreflightCheck("key", Verdict.PROBLEM, f"{key} is {state}", "enable it, or name another key")


def _role(neighbours: Neighbours, plan: RestorePlan) -> Iterator[PreflightCheck]:
    if plan.role_arn is None:
        what, hint = "which role AWS Backup takes on is not known", "give one of the account that restores with role="
        yield PreflightCheck("role", Verdict.PROBLEM, what, hint)
        return
    account = plan.role_arn.split(":")[4]
    if plan.account_id and account != plan.account_id:
        # A role is passed within its own account alone (IAM user guide, passing a role to a service).
        what = f"the role is of account {account}, and account {plan.account_id} restores"
        yield PreflightCheck("role", Verdict.PROBLEM, what, f"give a role of account {plan.account_id} with role=")
        return
    yield role_check(neighbours, plan.role_arn, _policies(plan), "attach it, or give another role with role=")
    if plan.resource_type == "EC2" and plan.texts(("iaminstanceprofilename",)):
        name = role_name(plan.role_arn)
        yield PreflightCheck(
            "role", Verdict.UNKNOWN, f"whether {name} may pass the instance's role (iam:PassRole) was not looked at"
        )


def role_check(neighbours: Neighbours, role_arn: str, policies: Sequence[str], hint: str) -> PreflightCheck:
    """Tell whether a role has managed policies.

    Args:
        neighbours: Who is asked.
        role_arn: The role.
        policies: The names of AWS's managed policies that it needs.
        hint: The way out where one is missing.
    """
    name = role_name(role_arn)
    try:
        # The emulator has no policies of roles, and whom it denies fails in the job.
        answer = _answer(neighbours, "iam", "list_attached_role_policies", {"RoleName": name})
        own = _answer(neighbours, "iam", "list_role_policies", {"RoleName": name})["PolicyNames"]
        role = _answer(neighbours, "iam", "get_role", {"RoleName": name})["Role"]
        if not is_role(role, role_arn):
            found = f"IAM has no role {role_arn} here; the role {name} of this account is {role['Arn']}"
            return PreflightCheck("role", Verdict.PROBLEM, found, "name a role of this account with its whole ARN")
    except _NobodyError as nobody:
        return PreflightCheck("role", Verdict.UNKNOWN, str(nobody))
    except NeighbourError as error:
        return _of_error("role", error, "NoSuchEntity", "name a role that exists")
    attached = {each["PolicyName"] for each in answer["AttachedPolicies"]}
    missing = ", ".join(policy for policy in policies if policy not in attached)
    if not missing:
        return PreflightCheck("role", Verdict.FINE, f"{name} has {', '.join(policies)}")
    if own or attached - _OF_AWS_BACKUP:
        found = f"{name} lacks {missing}; whether its other policies do is not known"
        return PreflightCheck("role", Verdict.UNKNOWN, found)
    return PreflightCheck("role", Verdict.PROBLEM, f"{name} lacks {missing}", hint)


def _policies(plan: RestorePlan) -> tuple[str, ...]:
    kind = TYPES.get(plan.resource_type)
    return (kind.restore_policy if kind is not None else RESTORES,)


def _source_tags(_: Neighbours, plan: RestorePlan) -> Iterator[PreflightCheck]:
    kind = TYPES.get(plan.resource_type)
    if plan.copy_source_tags and kind is not None and not kind.copies_source_tags:
        yield PreflightCheck(
            "copy_source_tags",
            Verdict.PROBLEM,
            f"a restore of {plan.resource_type} that asks for the source's tags fails",
            "leave copy_source_tags out, and tag what came back",
        )


def _threats(_: Neighbours, plan: RestorePlan) -> Iterator[PreflightCheck]:
    if "MALWARE" not in plan.threats:
        return
    verdict = Verdict.NOTE if plan.allow_threats else Verdict.PROBLEM
    hint = "" if plan.allow_threats else "take an older point, or say allow_threats=True"
    yield PreflightCheck("malware", verdict, "a scan found malware in the point", hint)


def _cold(_: Neighbours, plan: RestorePlan) -> Iterator[PreflightCheck]:
    if plan.storage_class != "COLD":
        return
    kind = TYPES.get(plan.resource_type)
    wait = "up to 72 hours" if kind is not None and kind.archive else "about 4 hours"
    yield PreflightCheck("storage", Verdict.NOTE, f"the point is in cold storage: retrieving it takes {wait} more")


_CHECKS: tuple[Callable[[Neighbours, RestorePlan], Iterator[PreflightCheck]], ...] = (
    _target,
    _network,
    _zone,
    _key,
    _role,
    _source_tags,
    _threats,
    _cold,
)


class _NobodyError(Exception):
    """There is no session to ask."""


def _answer(neighbours: Neighbours, service: str, method: str, arguments: Mapping[str, object]) -> dict[str, Any]:
    answer = neighbours.ask(service, method, arguments)
    if answer is None:
        raise _NobodyError(f"not looked at: this connection cannot ask {service}")
    return answer


def _described(
    neighbours: Neighbours, service: str, method: str, argument: str, ids: Sequence[str], member: str
) -> list[dict[str, Any]]:
    if not ids:
        return []
    found: list[dict[str, Any]] = _answer(neighbours, service, method, {argument: list(ids)})[member]
    return found


def _of_error(name: str, error: NeighbourError, gone: str, hint: str) -> PreflightCheck:
    if gone in error.code:
        return PreflightCheck(name, Verdict.PROBLEM, f"{error}", hint)
    return PreflightCheck(name, Verdict.UNKNOWN, f"not looked at: {error}")


def _listed(value: str) -> list[str]:
    if not value.startswith("["):
        return [value]
    try:
        found = json.loads(value)
    except ValueError:
        return [value]
    return [str(each) for each in found]
