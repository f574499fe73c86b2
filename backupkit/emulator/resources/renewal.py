"""How what a restore makes of a synthetic resource is called."""

from __future__ import annotations

from datetime import datetime

import attrs

from backupkit.arn import Arn
from backupkit.emulator.kernel.kinds import kind_named
from backupkit.emulator.kernel.metadata import Metadata
from backupkit.emulator.resources.resource import Resource, digest

__all__ = ["new_arn"]

_CHOSEN_ID = "restored-"


def new_arn(source: Resource, metadata: Metadata, account_id: str, region_name: str, now: datetime) -> str:
    """The ARN of what a restore makes of the source: with the name that the metadata gives, or an id of its own.

    Raises:
        WorldError: The metadata lacks the name.
    """
    parsed = Arn.parse(source.arn)
    # A bucket's ARN has no kind, and so nothing that parts it from the name.
    separator = parsed.resource[len(parsed.kind)] if parsed.kind else ""
    key = _name_key(source.resource_type, parsed)
    prefix = kind_named(source.resource_type).id_prefix
    digits = digest(source.contents, now.isoformat(), *metadata.values())[:17]
    name = metadata.need(key) if key is not None else (_CHOSEN_ID if prefix is None else prefix) + digits
    if source.resource_type == "CloudFormation":
        # The stack is made for a change set, which it waits for (developer guide, restoring application stacks).
        metadata.need("ChangeSetName")
        name = f"{name}/{digits}"
    return str(
        attrs.evolve(
            parsed,
            region=region_name if parsed.region else "",
            account=account_id if parsed.account else "",
            resource=f"{parsed.kind}{separator}{name}",
        )
    )


def _name_key(resource_type: str, arn: Arn) -> str | None:
    """The key that names what a restore makes; None where AWS picks an id."""
    if resource_type == "CloudFormation":
        return "StackName"
    # The clusters of RDS are restored as Aurora's are.
    target = kind_named("Aurora" if resource_type == "RDS" and arn.kind == "cluster" else resource_type).target
    return target.key if target is not None and not target.existing else None
