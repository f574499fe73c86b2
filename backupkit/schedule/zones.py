"""IANA time zones by name."""

from __future__ import annotations

from datetime import UTC, tzinfo
from functools import lru_cache
from pkgutil import get_data
from zoneinfo import ZoneInfo, available_timezones

from backupkit.errors import InvalidValueError
from backupkit.problems import Problem
from backupkit.schedule.fields import got

__all__ = ["zone_named"]

# Names that lead to a file, and to no place.
_NO_ZONES = frozenset({"Factory", "localtime", "posixrules"})
_EXAMPLE = "use an IANA name, for example Etc/UTC or Europe/Berlin"


def zone_named(name: str) -> tzinfo:
    """The zone of an IANA name; case counts.

    Raises:
        InvalidValueError: There is no such zone.
    """
    if not isinstance(name, str):
        raise _refused(name, _EXAMPLE)
    return _known(name)


@lru_cache(maxsize=1024)
def _known(name: str) -> tzinfo:
    if name in {"Etc/UTC", "UTC"}:
        return UTC
    # Loading alone would take files that are no IANA names, and any case where the file system does.
    if name not in _packaged() and name not in _installed():
        raise _refused(name, _way_out(name))
    return ZoneInfo(name)


@lru_cache(maxsize=1)
def _packaged() -> frozenset[str]:
    """The names that the tzdata package lists; quick to read."""
    return frozenset((get_data("tzdata", "zones") or b"").decode().split()) - _NO_ZONES


@lru_cache(maxsize=1)
def _installed() -> frozenset[str]:
    """The names that this system knows; slow to find, and newer than the package perhaps."""
    return frozenset(available_timezones()) - _NO_ZONES


def _refused(name: object, hint: str) -> InvalidValueError:
    return InvalidValueError(Problem("schedule/timezone", f"{got(name)} is not a time zone", hint))


def _way_out(name: str) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only a mistake needs it

    by_small = {known.lower(): known for known in _packaged() | _installed()}
    found = get_close_matches(name[:50].lower(), by_small, n=1, cutoff=0.75)
    return f"did you mean {by_small[found[0]]}?" if found else _EXAMPLE
