"""Lists the resources of a Region: from each type's own service, because the tagging API leaves out what has no tag."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

import attrs

from backupkit.arn import partition_of
from backupkit.catalog import TYPES, ResourceType
from backupkit.catalog.neighbour import Listing
from backupkit.neighbours.inventory import Inventory, Resource

__all__ = ["listed"]


def listed(
    client: Callable[[str], Any],
    region_name: str,
    code_of: Callable[[Exception], str],
    types: Collection[str] | None = None,
) -> Inventory:
    """List the resources of every type, or of some.

    A type that cannot be listed says why. Where neither the list nor the tagging API tells tags, they are not known.

    Args:
        client: The client of a service, by boto3's name.
        region_name: The Region.
        code_of: The code of a service's error; its message may quote what was sent.
        types: AWS Backup's strings; None: all.
    """
    lister = _Lister(client, region_name, code_of)
    found: list[Resource] = []
    unread: dict[str, str] = {}
    for kind in (kind for kind in TYPES.values() if types is None or kind.name in types):
        try:
            found += lister.of_type(kind)
        except Exception as error:  # noqa: BLE001 - botocore raises what it likes; only its codes are known
            unread[kind.name] = code_of(error) or type(error).__name__
    return Inventory(tuple(found), unread)


@attrs.define
class _Lister:
    _client: Callable[[str], Any]
    _region: str
    _code_of: Callable[[Exception], str]
    _account: str = ""
    _tags: dict[str, dict[str, str]] | None = None
    _requested: bool = False

    def of_type(self, kind: ResourceType) -> list[Resource]:
        """The resources of one type."""
        return [self._resource(kind, listing, entry) for listing in kind.listings for entry in self._entries(listing)]

    def _entries(self, listing: Listing) -> Iterator[Mapping[str, Any]]:
        import jmespath  # noqa: PLC0415 - botocore brings it, and only a session needs it

        expression = jmespath.compile(listing.found)
        params = {name: value.format(region=self._region) for name, value in listing.arguments.items()}
        for page in _pages(self._client(listing.service), listing.method, params):
            yield from expression.search(page) or ()

    def _resource(self, kind: ResourceType, listing: Listing, entry: Mapping[str, Any]) -> Resource:
        known = {"partition": partition_of(self._region), "region": self._region}
        if "{account}" in listing.arn:
            known["account"] = self._account_id()
        arn = listing.arn.format(**known, **{name: entry[name] for name in ("arn", "id") if name in entry})
        if "tags" in entry:
            return Resource(arn, kind.name, {tag["Key"]: tag["Value"] for tag in entry["tags"] or ()})
        tags = self._all_tags()
        return Resource(arn, kind.name, tags.get(arn, {}) if tags is not None else None)

    def _account_id(self) -> str:
        if not self._account:
            self._account = self._client("sts").get_caller_identity()["Account"]
        return self._account

    def _all_tags(self) -> dict[str, dict[str, str]] | None:
        """The tags of everything in the Region that has some; None where they cannot be read."""
        if not self._requested:
            self._requested = True
            try:
                self._tags = {
                    each["ResourceARN"]: {tag["Key"]: tag["Value"] for tag in each["Tags"]}
                    for page in _pages(self._client("resourcegroupstaggingapi"), "get_resources", {})
                    for each in page["ResourceTagMappingList"]
                }
            except Exception:  # noqa: BLE001 - as above
                self._tags = None
        return self._tags


def _pages(client: Any, method: str, params: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    if client.can_paginate(method):
        yield from client.get_paginator(method).paginate(**params)
        return
    more: dict[str, str] = {}
    while True:
        page = getattr(client, method)(**params, **more)
        yield page
        if not page.get("NextToken"):
            return
        more = {"NextToken": page["NextToken"]}
