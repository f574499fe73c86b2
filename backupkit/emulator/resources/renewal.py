"""How what a restore makes of a synthetic resource is called."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import attrs

from backupkit.arn import Arn
from backupkit.catalog.restore_form import chosen
from backupkit.emulator.kernel.kinds import kind_named
from backupkit.emulator.kernel.resource_protocol import Metadata
from backupkit.emulator.resources.resource import Resource, digest

__all__ = ["made_type", "new_arn"]

_CHOSEN_ID = "restored-"


def made_type(resource_type: str, metadata: Mapping[str, str]) -> str:
    """Return the type of what a restore makes: a virtual machine becomes an instance or a volume, for example."""
    forms = kind_named(resource_type).restore_forms
    return (chosen(forms, None, metadata).makes if forms else "") or resource_type


def new_arn(
    source: Resource, resource_type: str, metadata: Metadata, account_id: str, region_name: str, now: datetime
) -> str:
    """The ARN of what a restore makes of the source: with the name that the metadata gives, or an id of its own.

    Args:
        source: What the point holds.
        resource_type: The type of what is made.
        metadata: The metadata of the restore.
        account_id: Where to.
        region_name: Where to.
        now: The service's time.

    Raises:
        WorldError: The metadata lacks the name.
    """
    parsed = Arn.parse(source.arn)
    here = attrs.evolve(
        parsed, region=region_name if parsed.region else "", account=account_id if parsed.account else ""
    )
    digits = digest(source.contents, now.isoformat(), *metadata.values())[:17]
    if resource_type == "Storage Gateway":
        return f"{metadata.need('gatewayArn')}/volume/vol-{digits}"
    if resource_type != source.resource_type:
        return _as_another(resource_type, metadata, attrs.evolve(here, region=region_name, account=account_id), digits)
    return str(attrs.evolve(here, resource=_resource(source.resource_type, metadata, parsed, digits)))


def _resource(resource_type: str, metadata: Metadata, arn: Arn, digits: str) -> str:
    """The resource part of the ARN of one more of the same type."""
    if resource_type == "Timestream":
        return f"database/{metadata.need('DatabaseName')}/table/{metadata.need('TableName')}"
    if resource_type == "FSx" and arn.kind == "volume":
        return f"{arn.resource.rpartition('/')[0]}/fsvol-{digits}"
    # A bucket's ARN has no kind, and so nothing that parts it from the name.
    separator = arn.resource[len(arn.kind)] if arn.kind else ""
    key, prefix = _name_key(resource_type, arn), kind_named(resource_type).id_prefix
    name = metadata.need(key) if key is not None else (_CHOSEN_ID if prefix is None else prefix) + digits
    if resource_type == "CloudFormation":
        # The stack is made for a change set, which it waits for (developer guide, restoring application stacks).
        metadata.need("ChangeSetName")
        name = f"{name}/{digits}"
    return f"{arn.kind}{separator}{name}"


def _as_another(resource_type: str, metadata: Metadata, here: Arn, digits: str) -> str:
    """The ARN of what is of another type than its source."""
    kind = kind_named(resource_type)
    name = metadata.need(kind.target.key) if kind.target is not None else f"{kind.id_prefix or _CHOSEN_ID}{digits}"
    shape = kind.shapes[0]
    return str(attrs.evolve(here, service=shape.service, resource=f"{shape.resource}{name}"))


def _name_key(resource_type: str, arn: Arn) -> str | None:
    """The key that names what a restore makes; None where AWS picks an id."""
    if resource_type == "CloudFormation":
        return "StackName"
    # The clusters of RDS are restored as Aurora's are.
    target = kind_named("Aurora" if resource_type == "RDS" and arn.kind == "cluster" else resource_type).target
    return target.key if target is not None and not target.existing else None
