"""What decides how a recovery point can be restored, whoever knows it: the library or the emulator."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

import attrs

from backupkit.arn import Arn
from backupkit.catalog.metadata_key import Trait
from backupkit.errors import InvalidValueError

__all__ = ["PointFacts", "is_continuous"]

_SNAPSHOT = re.compile(r"-\d{14}-[0-9a-f]{8}$")
_CONTINUOUS = re.compile(r":continuous:|:recovery-point:.*-[0-9a-f]{8}$")


def is_continuous(point_arn: str) -> bool | None:
    """Whether the ARN is that of a continuous point, or None where it does not show.

    AWS names S3's snapshots ``BUCKET-yyyymmddhhmmss-xxxxxxxx`` and its continuous points ``BUCKET-xxxxxxxx`` (developer
    guide, access control); ``continuous:BUCKET-xxxxxxxx`` is seen as well, and the one form of databases.
    """
    if _SNAPSHOT.search(point_arn):
        return False
    return True if _CONTINUOUS.search(point_arn) else None


@attrs.frozen(kw_only=True)
class PointFacts:
    """A point, as far as it decides about metadata.

    Args:
        resource_type: AWS Backup's type string of what it holds.
        point_arn: Its own ARN.
        resource_arn: The ARN of its source.
        vault_arn: The ARN of its vault, which tells where the point is.
        continuous: Whether it can be restored to any moment of a window.
        archived: Whether it is an EBS snapshot in the archive tier.
        created: When its data was taken.
        earliest: The first moment of a continuous point's window; None where it is not known.
        latest: The last one.
        held: What GetRecoveryPointRestoreMetadata answered, nulls included; never shown.
    """

    resource_type: str
    point_arn: str = ""
    resource_arn: str = ""
    vault_arn: str = ""
    continuous: bool = False
    archived: bool = False
    created: datetime | None = None
    earliest: datetime | None = None
    latest: datetime | None = None
    held: Mapping[str, str | None] = attrs.field(factory=dict, repr=False, hash=False)

    @property
    def traits(self) -> frozenset[Trait]:
        """Which of the kinds of points it is."""
        found = {Trait.CONTINUOUS if self.continuous else Trait.SNAPSHOT}
        if self.archived:
            found.add(Trait.ARCHIVED)
        if _part(self.point_arn, "service") not in {"backup", ""}:
            found.add(Trait.BASIC)
        region, account = self._came_from("region"), self._came_from("account")
        if region:
            found.add(Trait.OTHER_REGION)
        if region or account:
            found.add(Trait.COPIED)
        return frozenset(found)

    @property
    def resource(self) -> str:
        """The resource part of the source's ARN, for example ``cluster:shop``."""
        return _part(self.resource_arn, "resource")

    def _came_from(self, part: str) -> bool:
        """Whether the source is in another Region or account than the point."""
        here = _part(self.vault_arn, part) or _part(self.point_arn, part)
        source = _part(self.resource_arn, part)
        return bool(here and source and here != source)


def _part(arn: str, name: str) -> str:
    try:
        parsed = Arn.parse(arn)
    except InvalidValueError:
        return ""
    return str(getattr(parsed, name))
