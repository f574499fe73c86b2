"""Spans of time that each backup needs, kept: making one takes three times as long as finding it."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache

__all__ = ["days", "seconds"]


@lru_cache(maxsize=65_536)
def seconds(number: int) -> timedelta:
    """So many whole seconds."""
    return timedelta(0, number)


@lru_cache(maxsize=4_096)
def days(number: int) -> timedelta:
    """So many days."""
    return timedelta(number)
