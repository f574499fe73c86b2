"""Resources that AWS Backup can protect, as the services that own them list them."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

__all__ = ["Inventory", "Resource"]


@attrs.frozen
class Resource:
    """A resource.

    Args:
        arn: Its ARN.
        resource_type: AWS Backup's string for its type; None where it is to be told from the ARN.
        tags: Its tags; None where they are not known.
        name: Its name, where the ARN does not end with it.
    """

    arn: str
    resource_type: str | None = None
    tags: Mapping[str, str] | None = attrs.field(default=None, repr=False)
    name: str | None = None


@attrs.frozen
class Inventory:
    """What was found, and what could not be listed.

    Args:
        resources: What was found.
        unread: Why a type could not be listed, by AWS Backup's strings.
    """

    resources: tuple[Resource, ...] = ()
    unread: Mapping[str, str] = attrs.field(factory=dict)
