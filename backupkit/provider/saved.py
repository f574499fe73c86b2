"""Changes as JSON, so that they are reviewed in one process and applied in another.

The text holds the changes, and the things, tags and token seed that they were computed from: whoever applies looks at
each thing again, as after a preview in the same process, and compares what must change with what is written.
"""

from __future__ import annotations

import attrs

from backupkit.declare.codec.written import written
from backupkit.errors import ConfigurationError
from backupkit.provider.change import Change
from backupkit.provider.source import Source
from backupkit.serialization import plain
from backupkit.transport.protocol import Clock, Params

__all__ = ["FORMAT", "NO_CONNECTION", "NoTransport", "kept_dict", "source_dict"]

FORMAT = "backupkit.Changes/1"
NO_CONNECTION = "these changes have no connection: load them with bk.Changes.from_json(text, aws)"


def source_dict(source: Source) -> dict[str, object]:
    """Return what changes were computed from, as plain values."""
    owner = source.owner
    return {
        "things": [written(thing) for thing in source.things],
        "tags": dict(owner.tags),
        "adopt": owner.adopt if isinstance(owner.adopt, bool) else sorted(owner.adopt),
        "moved_from": sorted(owner.moved_from),
        "renamed": dict(owner.renamed),
        "destroying": owner.destroying,
        "releasing": source.releasing,
        "seed": owner.seed,
    }


def kept_dict(change: Change, *, json: bool) -> dict[str, object]:
    """Return a thing that is as declared, as plain values."""
    return {
        "address": change.address,
        "reason": change.reason,
        "needs": list(change.needs),
        "warnings": plain(change.warnings, json=json),
        "subject": attrs.asdict(change.subject),
    }


@attrs.frozen
class NoTransport:
    """Where changes call that were loaded without a connection: nowhere."""

    region_name: str

    @property
    def clock(self) -> Clock:
        """None.

        Raises:
            ConfigurationError: Always.
        """
        raise ConfigurationError(NO_CONNECTION)

    def call(self, operation: str, params: Params, /) -> bytes:  # noqa: ARG002
        """Call nothing.

        Raises:
            ConfigurationError: Always.
        """
        raise ConfigurationError(NO_CONNECTION)
