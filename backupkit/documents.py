"""What requests and answers are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

__all__ = ["Document", "Value"]

Value: TypeAlias = "str | int | float | bool | datetime | Sequence[Value] | Mapping[str, Value] | None"
"""A piece of a request or answer. Requests may hold aware datetimes; answers hold epoch seconds (UTC)."""

Document: TypeAlias = "dict[str, Value]"
"""A structure of the API under the API's own names."""
