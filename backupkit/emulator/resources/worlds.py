"""Several worlds as one: synthetic resources beside those behind a session."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

import attrs
from msgspec.structs import replace

from backupkit.emulator.kernel.resource_protocol import (
    Captured,
    Inspected,
    ResourceInfo,
    Restored,
    World,
    WorldError,
    inspected,
)
from backupkit.emulator.resources.synthetic import SyntheticWorld

__all__ = ["Worlds"]


@attrs.frozen
class _From:
    """Content, with the number of the world that it was captured from."""

    world: int
    content: object

    def inspected(self) -> Inspected | None:
        """What is in it, if it can be looked into."""
        return inspected(self.content)


class Worlds(SyntheticWorld):
    """A synthetic world that other worlds are part of; a resource belongs to the first that finds it.

    Args:
        others: The worlds beside the synthetic resources, for example a `SessionWorld`.
    """

    def __init__(self, *others: World) -> None:
        super().__init__()
        self._others = others

    @property
    def others(self) -> tuple[World, ...]:
        """The worlds beside the synthetic resources."""
        return self._others

    @property
    def revision(self) -> int | None:
        """None: the other worlds change without telling."""
        return super().revision if not self._others else None

    def resources(self, account_id: str, region_name: str) -> Iterator[ResourceInfo]:
        """Every resource of every world."""
        yield from super().resources(account_id, region_name)
        for world in self._others:
            yield from world.resources(account_id, region_name)

    def find(self, arn: str, account_id: str, region_name: str) -> ResourceInfo | None:
        """The resource in the first world that has it, or None."""
        found = super().find(arn, account_id, region_name)
        return found or next(filter(None, (one.find(arn, account_id, region_name) for one in self._others)), None)

    def capture(self, arn: str, account_id: str, region_name: str, now: datetime) -> Captured:
        """Take the resource from the first world that has it.

        Raises:
            WorldError: No world has it, or it cannot be read.
        """
        synthetic = self._synthetic(arn, account_id, region_name, now)
        if synthetic is not None:
            return synthetic
        for number, world in enumerate(self._others):
            if world.find(arn, account_id, region_name) is not None:
                taken = world.capture(arn, account_id, region_name, now)
                return replace(taken, content=_From(number, taken.content))
        for world in self._others:
            # Where it has none of it, it says why in its own words.
            world.capture(arn, account_id, region_name, now)
        raise WorldError(f"Resource {arn} does not exist")

    def restore(
        self,
        content: object,
        resource_type: str,
        metadata: Mapping[str, str],
        *,
        account_id: str,
        region_name: str,
        now: datetime,
        tags: Mapping[str, str],
    ) -> Restored:
        """Make the resource again in the world that it came from.

        Raises:
            WorldError: The metadata is wrong, the target exists, or it cannot be written.
        """
        restore = super().restore
        if isinstance(content, _From):
            restore, content = self._others[content.world].restore, content.content
        return restore(
            content,
            resource_type,
            metadata,
            account_id=account_id,
            region_name=region_name,
            now=now,
            tags=tags,
        )

    def discard(self, arn: str, account_id: str, region_name: str) -> None:
        """Delete what a restore test made, in the first world that has it.

        Raises:
            WorldError: No restore test made it, or it cannot be deleted.
        """
        if super().find(arn, account_id, region_name) is not None:
            super().discard(arn, account_id, region_name)
            return
        for world in self._others:
            if world.find(arn, account_id, region_name) is not None:
                world.discard(arn, account_id, region_name)
                return
