"""A tiering configuration."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import attrs

from backupkit.emulator.model.document import Document

__all__ = ["TieringConfiguration"]


@attrs.define(eq=False)
class TieringConfiguration:
    """Which S3 data of a vault, or of every vault (``*``), moves to low-cost warm storage, and when."""

    name: str
    arn: str
    vault_name: str
    selections: list[Document]
    created: datetime
    updated: datetime | None = None
    creator_request_id: str | None = None
    tags: Mapping[str, str] = attrs.field(factory=dict)
