"""A piece of the API's JSON."""

from __future__ import annotations

from typing import Any

__all__ = ["Document"]

Document = dict[str, Any]
"""A piece of the API's JSON under the API's own names."""
