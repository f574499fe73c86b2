"""Sizes, spans and moments as people write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

__all__ = ["duration", "duration_of_minutes", "moment", "percent", "progress_text", "size", "size_unit"]

_STEP = 1024
_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB")


def size(count: int | None) -> str:
    """Return a number of bytes with its unit, a power of 1024."""
    if count is None:
        return ""
    unit, step = size_unit(count)
    return f"{count:,} {'byte' if count == 1 else 'bytes'}" if step == 1 else f"{count / step:,.1f} {unit}"


def size_unit(count: float) -> tuple[str, int]:
    """Return the unit in which people write so many bytes, and how many bytes it is."""
    unit, step = 0, 1
    while count >= step * _STEP and unit < len(_UNITS) - 1:
        unit, step = unit + 1, step * _STEP
    return _UNITS[unit], step


def duration(span: timedelta | None) -> str:
    """Return a span of time in its two greatest units, such as ``3 d 4 h``."""
    if span is None:
        return ""
    seconds = round(abs(span.total_seconds()))
    parts = []
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        count, seconds = divmod(seconds, length)
        if count:
            parts.append(f"{count} {unit}")
    return ("-" if span < timedelta(0) else "") + (" ".join(parts[:2]) or "0 s")


def duration_of_minutes(minutes: int) -> str:
    """Return so many minutes as a span, such as ``8 h``."""
    return duration(timedelta(minutes=minutes))


def moment(when: datetime | None) -> str:
    """Return a moment in UTC, to the second."""
    return "" if when is None else when.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def percent(share: float) -> int:
    """Return a share as whole percents, 0 to 100."""
    return int(100 * min(max(share, 0.0), 1.0))


def progress_text(label: str, share: float, note: str = "") -> str:
    """Return how far some work is.

    Args:
        label: What the work is.
        share: How much of it is done, 0 to 1.
        note: What is happening.
    """
    return f"{label}: {percent(share)} %{f', {note}' if note else ''}"
