"""How the ARNs of a type of resource begin."""

from __future__ import annotations

import attrs

from backupkit.arn import Arn

__all__ = ["ArnShape"]


@attrs.frozen
class ArnShape:
    """How a resource's ARN begins: its service, and the start of its resource part."""

    service: str
    resource: str = ""

    def fits(self, arn: Arn) -> bool:
        """Whether the ARN has this shape; the resource part may be a wildcard that covers it."""
        return arn.service == self.service and arn.resource.startswith(self.resource)
