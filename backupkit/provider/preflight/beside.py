"""The keys, roles and topics that a stack relies on, each looked at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import attrs

from backupkit.arn import Arn
from backupkit.catalog import type_of
from backupkit.catalog.role_policies import managed_policies
from backupkit.declare.air_gapped import AirGappedVault
from backupkit.declare.backup_role import BackupRole
from backupkit.declare.beside import TopicPolicy
from backupkit.declare.restore_testing import RestoreTestingPlan
from backupkit.declare.selection import Selection
from backupkit.declare.vault import Vault
from backupkit.errors import NeighbourError
from backupkit.neighbours.roles import role_name, usable_roles
from backupkit.provider.answers import inner
from backupkit.provider.kinds.topic_policy import publishers
from backupkit.provider.preflight.looking import BACKUP, Checks, Looking, attempted
from backupkit.recover.preflight import PreflightCheck, Verdict, key_check, role_check

__all__ = ["looks_beside"]


def looks_beside(looking: Looking) -> Iterator[Callable[[], tuple[PreflightCheck, ...]]]:
    """A look at each key, role and topic."""
    for key, addresses in _keys(looking).items():
        yield partial(attempted, "key", addresses, partial(_key, looking, key, addresses))
    for role, uses in _roles(looking).items():
        yield partial(attempted, "role", [use.address for use in uses], partial(_role, looking, role, uses))
    for topic, addresses in _topics(looking).items():
        yield partial(attempted, "topic", addresses, partial(_topic, looking, topic, addresses))


# ---- keys ----


def _keys(looking: Looking) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for vault in _vaults(looking):
        if vault.key is not None and vault.address in looking.changing:
            found.setdefault(vault.key, []).append(f"{vault.address}/key")
    return found


def _vaults(looking: Looking) -> tuple[Vault | AirGappedVault, ...]:
    return (*looking.world.declared(Vault), *looking.world.declared(AirGappedVault))


def _key(looking: Looking, key: str, addresses: list[str]) -> Checks:
    here = looking.reader.transport.region_name
    if (region := Arn.parse(key).region) != here:
        found = PreflightCheck("key", Verdict.PROBLEM, f"{key} is of {region}, the vault of {here}", "name a key of it")
    else:
        found = key_check(looking.reader.neighbours, key)
    return (attrs.evolve(found, address=address) for address in addresses)


# ---- roles ----


@attrs.frozen
class _Use:
    """What relies on a role: where it stands, and what it must be allowed."""

    address: str
    types: tuple[str, ...]
    backups: bool = True

    @property
    def policies(self) -> tuple[str, ...]:
        return managed_policies(self.types, backups=self.backups, restores=not self.backups)


def _roles(looking: Looking) -> Mapping[str, list[_Use]]:
    found: dict[str, list[_Use]] = {}
    for role, use in _uses(looking):
        found.setdefault(role, []).append(use)
    return found


def _uses(looking: Looking) -> Iterator[tuple[str, _Use]]:
    for address, selection in looking.selections():
        yield selection.role, _Use(f"{address}/role", _types(selection))
    for plan in looking.world.declared(RestoreTestingPlan):
        for test in plan.selections:
            address = f"{plan.address}/{test.address}"
            if address in looking.changing:
                yield test.role, _Use(f"{address}/role", (test.resource_type,), backups=False)


def _types(selection: Selection) -> tuple[str, ...]:
    """The types of the ARNs of a selection, where each tells one; none where that is open."""
    kinds = [type_of(arn) for arn in selection.sent_resources]
    if None in kinds or selection.tags:
        return ()
    return tuple(dict.fromkeys(kind.name for kind in kinds if kind is not None))


def _role(looking: Looking, role: str, uses: list[_Use]) -> Checks:
    own = next((each for each in looking.world.declared(BackupRole) if each.name == role_name(role)), None)
    if own is not None:
        yield from (attrs.evolve(_own_role(looking, own, role, use), address=use.address) for use in uses)
        return
    neighbours = looking.reader.neighbours
    usable = usable_roles(neighbours, (role,)).get(role, True)
    if usable is False:
        found = f"IAM has no role {role}, or it does not trust {BACKUP}, so AWS Backup cannot take it on"
        hint = "declare it as bk.BackupRole(...), or name another role with its whole ARN"
        yield from (PreflightCheck("role", Verdict.PROBLEM, found, hint, use.address) for use in uses)
        return
    if usable is None:
        found = (
            f"whether AWS Backup can take on {role} is not known: IAM did not tell, or its trust policy leaves it open"
        )
        yield from (PreflightCheck("role", Verdict.UNKNOWN, found, address=use.address) for use in uses)
        return
    for policies in dict.fromkeys(use.policies for use in uses):
        checked = role_check(neighbours, role, policies, "attach it, or declare the role as bk.BackupRole(...)")
        yield from (attrs.evolve(checked, address=use.address) for use in uses if use.policies == policies)


def _own_role(looking: Looking, own: BackupRole, role: str, use: _Use) -> PreflightCheck:
    """What the stack gives a role that it declares itself."""
    arn = str(own.arn(account_id=Arn.parse(role).account, partition=Arn.parse(role).partition))
    if arn != role:
        return PreflightCheck(
            "role", Verdict.PROBLEM, f"{role} is not the role that the stack has, {arn}", f"name {arn}"
        )
    given = managed_policies(own.types, backups=own.backups, restores=own.restores)
    lacking = [policy for policy in use.policies if policy not in given]
    if own.least_privilege:
        lacking += [f"the statements of {name}" for name in use.types if name not in own.types]
    if not lacking:
        return PreflightCheck("role", Verdict.FINE, f"{own.address} of the stack has {', '.join(use.policies)}")
    found = f"{own.address} of the stack lacks {', '.join(lacking)}"
    hint = "declare its types=, backups= and restores= so that they fit"
    if looking.world.found("backup_role", own.name):
        return PreflightCheck("role", Verdict.UNKNOWN, f"{found}; whether what it has beside does is not known", hint)
    return PreflightCheck("role", Verdict.PROBLEM, found, hint)


# ---- topics ----


def _topics(looking: Looking) -> Mapping[str, list[str]]:
    """The topics of vaults, but for those whose policies the stack has itself."""
    own = {policy.topic for policy in looking.world.declared(TopicPolicy) if BACKUP in policy.services}
    found: dict[str, list[str]] = {}
    for vault in _vaults(looking):
        address, held = f"{vault.address}/notifications", vault.notifications
        if held is not None and held.topic not in own and address in looking.changing:
            found.setdefault(held.topic, []).append(address)
    return found


def _topic(looking: Looking, topic: str, addresses: list[str]) -> Checks:
    for found in _topic_checks(looking, topic):
        yield from (attrs.evolve(found, address=address) for address in addresses)


def _topic_checks(looking: Looking, topic: str) -> Checks:
    try:
        answer = looking.reader.neighbours.ask("sns", "get_topic_attributes", {"TopicArn": topic})
    except NeighbourError as error:
        if "NotFound" in error.code:
            yield PreflightCheck("topic", Verdict.PROBLEM, f"there is no topic {topic}", "create it first")
        else:
            yield PreflightCheck("topic", Verdict.UNKNOWN, f"not looked at: {error}")
        return
    if answer is None:
        yield PreflightCheck("topic", Verdict.UNKNOWN, "not looked at: this connection cannot ask sns")
        return
    attributes = inner(answer, "Attributes")
    policy, key = str(attributes.get("Policy") or ""), str(attributes.get("KmsMasterKeyId") or "")
    if BACKUP in publishers(policy, topic):
        yield PreflightCheck("topic", Verdict.FINE, f"the policy of {topic} lets AWS Backup publish")
        if key:
            found = f"whether the policy of its key {key} lets AWS Backup use it was not looked at"
            yield PreflightCheck("topic", Verdict.UNKNOWN, found)
    elif BACKUP in policy:
        found = f"the policy of {topic} names {BACKUP} in a way that only AWS can decide"
        yield PreflightCheck("topic", Verdict.UNKNOWN, found)
    else:
        hint = f'declare bk.TopicPolicy("{topic}") in the stack'
        yield PreflightCheck("topic", Verdict.PROBLEM, f"the policy of {topic} does not let {BACKUP} publish", hint)
