"""Whether AWS Backup can take on the roles of selections."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from backupkit.arn import Arn
from backupkit.errors import NeighbourError
from backupkit.neighbours.protocol import Neighbours
from backupkit.neighbours.trust import trusts

__all__ = ["is_role", "role_name", "usable_roles"]


def usable_roles(neighbours: Neighbours, roles: Iterable[str]) -> dict[str, bool | None]:
    """Whether each role is there and trusts AWS Backup; None where IAM refuses to tell, or the policy leaves it open.

    Where there is no IAM to ask, the roles are left out.
    """
    found = {role: _usable(neighbours, role) for role in sorted(set(roles))}
    return {role: usable for role, (answered, usable) in found.items() if answered}


def role_name(role_arn: str) -> str:
    """Return the name by which IAM finds a role: what stands after the path in its ARN."""
    return role_arn.rpartition("/")[2]


def is_role(found: Mapping[str, object], role_arn: str) -> bool:
    """Whether the role that IAM's GetRole answers with is the one with this ARN.

    IAM finds roles by name; an ARN with another path or account is of no role, or of one that it cannot see.
    """
    return found.get("Arn", role_arn) == role_arn


def _usable(neighbours: Neighbours, role: str) -> tuple[bool, bool | None]:
    try:
        answer = neighbours.ask("iam", "get_role", {"RoleName": role_name(role)})
    except NeighbourError as error:
        return True, False if error.code == "NoSuchEntity" else None
    if answer is None:
        return False, None
    if not is_role(answer["Role"], role):
        return True, False
    policy = answer["Role"].get("AssumeRolePolicyDocument")
    return True, trusts(policy, Arn.parse(role).account) if isinstance(policy, Mapping) else None
