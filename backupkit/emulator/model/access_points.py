"""A backup access point."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import attrs

__all__ = ["AccessPoint"]


@attrs.define(eq=False)
class AccessPoint:
    """A read-only door to a point of S3; it is recorded where its maker is, the point may be another account's."""

    name: str
    arn: str
    point_arn: str
    vault_name: str
    vault_arn: str
    resource_arn: str
    resource_type: str
    created: datetime
    status: str = "CREATING"
    status_message: str | None = None
    metadata: dict[str, str] = attrs.field(factory=dict)
    policy: str | None = None
    tags: Mapping[str, str] = attrs.field(factory=dict)
