"""Synthetic resources, in the words of the control path; the words are those of `SyntheticWorld`."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from backupkit.emulator.kernel.plain_values import many
from backupkit.emulator.resources.synthetic import Resource
from backupkit.emulator.service import LocalService
from backupkit.errors import InvalidValueError

__all__ = ["ResourcesChange", "apply_resources", "describe_resources"]

_Body: TypeAlias = "dict[str, object]"


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
    allow_unknown_type: bool = False


class _Tagging(_Strict):
    """Tags to put on a resource."""

    arn: str
    tags: dict[str, str]


class ResourcesChange(_Strict):
    """Changes of the world, in this order."""

    add: _Resource | list[_Resource] = []
    tag: _Tagging | list[_Tagging] = []
    infect: str | list[str] = []
    seal: str | list[str] = []
    disinfect: str | list[str] = []
    remove: str | list[str] = []


def apply_resources(service: LocalService, change: ResourcesChange) -> None:
    """Change the world: all that is asked, or nothing where one thing cannot be.

    Raises:
        InvalidValueError: Something cannot be; nothing was changed.
    """
    before = service.resources.remember()
    try:
        _staged(service, change)
    except InvalidValueError:
        service.resources.recall(before)
        raise


def describe_resources(service: LocalService) -> _Body:
    """What synthetic resources there are."""
    return {"resources": [_view(resource) for resource in service.resources]}


def _staged(service: LocalService, change: ResourcesChange) -> None:
    for one in many(change.add):
        service.resources.add(
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
            allow_unknown_type=one.allow_unknown_type,
        )
    for tagging in many(change.tag):
        service.resources.tag(tagging.arn, tagging.tags)
    for arn in many(change.infect):
        service.resources.infect(arn)
    for arn in many(change.seal):
        service.resources.seal(arn)
    for arn in many(change.disinfect):
        service.resources.disinfect(arn)
    for arn in many(change.remove):
        service.resources.remove(arn)


def _view(resource: Resource) -> _Body:
    body: _Body = {
        "arn": resource.arn,
        "resource_type": resource.resource_type,
        "size_bytes": resource.size_bytes,
        "tags": dict(resource.tags),
        "daily_change": resource.daily_change,
        "daily_growth": resource.daily_growth,
    }
    if resource.members:
        body["members"] = dict(resource.members)
    if resource.key_arn is not None:
        body["key_arn"] = resource.key_arn
    return body
