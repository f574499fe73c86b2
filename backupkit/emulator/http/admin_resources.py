"""Synthetic resources, in the words of the control path; the words are those of `SyntheticWorld`."""

from __future__ import annotations

from typing import TypeAlias, TypeVar

import msgspec

from backupkit.emulator.resources.synthetic import Resource
from backupkit.emulator.service import LocalService
from backupkit.errors import InvalidValueError

__all__ = ["WorldWords", "stage", "staged"]

_Said = TypeVar("_Said")
_Told: TypeAlias = "dict[str, object]"


class _Strict(msgspec.Struct, forbid_unknown_fields=True):
    """A body that may say these words and no others."""


class _Resource(_Strict):
    """A synthetic resource, under the words of `SyntheticWorld.add`."""

    arn: str
    size_bytes: int = 1_000_000_000
    tags: dict[str, str] = {}
    daily_change: float = 0.0
    daily_growth: float | None = None
    resource_type: str | None = None
    members: dict[str, str] | list[str] = {}
    key_arn: str | None = None
    account_id: str = ""
    region_name: str = ""


class _Tagging(_Strict):
    """Tags to put on a resource."""

    arn: str
    tags: dict[str, str]


class WorldWords(_Strict):
    """Changes of the world, in this order."""

    add: _Resource | list[_Resource] = []
    tag: _Tagging | list[_Tagging] = []
    infect: str | list[str] = []
    seal: str | list[str] = []
    disinfect: str | list[str] = []
    remove: str | list[str] = []


def stage(door: LocalService, asked: WorldWords) -> None:
    """Change the world: all that is asked, or nothing where one thing cannot be.

    Raises:
        InvalidValueError: Something cannot be; nothing was changed.
    """
    before = door.resources.remember()
    try:
        _staged(door, asked)
    except InvalidValueError:
        door.resources.recall(before)
        raise


def staged(door: LocalService) -> _Told:
    """What synthetic resources there are."""
    return {"resources": [_shown(resource) for resource in door.resources]}


def _staged(door: LocalService, asked: WorldWords) -> None:
    for one in _each(asked.add):
        door.resources.add(
            one.arn,
            size_bytes=one.size_bytes,
            tags=one.tags,
            daily_change=one.daily_change,
            daily_growth=one.daily_growth,
            resource_type=one.resource_type,
            members=one.members,
            key_arn=one.key_arn,
            account_id=one.account_id,
            region_name=one.region_name,
        )
    for tagging in _each(asked.tag):
        door.resources.tag(tagging.arn, tagging.tags)
    for arn in _each(asked.infect):
        door.resources.infect(arn)
    for arn in _each(asked.seal):
        door.resources.seal(arn)
    for arn in _each(asked.disinfect):
        door.resources.disinfect(arn)
    for arn in _each(asked.remove):
        door.resources.remove(arn)


def _each(value: _Said | list[_Said]) -> list[_Said]:
    return value if isinstance(value, list) else [value]


def _shown(resource: Resource) -> _Told:
    told: _Told = {
        "arn": resource.arn,
        "resource_type": resource.resource_type,
        "size_bytes": resource.size_bytes,
        "tags": dict(resource.tags),
        "daily_change": resource.daily_change,
        "daily_growth": resource.daily_growth,
    }
    if resource.members:
        told["members"] = dict(resource.members)
    if resource.key_arn is not None:
        told["key_arn"] = resource.key_arn
    return told
