"""Backup access points: reading a recovery point of S3 without restoring it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import ClassVar

import attrs

from backupkit.arn import KEPT_POINT, arn_text
from backupkit.checks import RESOURCE_TAGS, arn_of, matches, tags_within
from backupkit.declare.declared import TAGS_BESIDE
from backupkit.declare.fields import flags
from backupkit.declare.names import ACCESS_POINT_NAME
from backupkit.declare.tags import Tags
from backupkit.declare.thing import Thing
from backupkit.declare.vault import policy_text
from backupkit.problems import Problem, quote

__all__ = ["AccessPoint"]

_LONGEST_POLICY = 200_000


def _moment(moment: object) -> Iterator[Problem]:
    if moment is None:
        return
    if not isinstance(moment, datetime) or moment.utcoffset() is None:
        yield Problem(
            "", f"{quote(moment)} is not a moment with a time zone", "write datetime(2026, 1, 31, 5, 0, tzinfo=UTC)"
        )
    elif moment.microsecond:
        yield Problem(
            "", f"{quote(moment)} has a part of a second", "AWS takes whole seconds: use replace(microsecond=0)"
        )


def _policy(policy: object) -> Iterator[Problem]:
    if policy is None:
        return
    hint = 'give an IAM policy document like {"Statement": [...]}'
    try:
        document = json.loads(policy) if isinstance(policy, str) else None
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, Mapping) or not document.get("Statement"):
        yield Problem("", "the access point policy is not a JSON object with a Statement", hint)
    elif len(str(policy)) > _LONGEST_POLICY:
        yield Problem(
            "", f"the access point policy has {len(str(policy)):,} characters", f"AWS takes {_LONGEST_POLICY:,}"
        )


def _metadata(moment: datetime | None) -> dict[str, str] | None:
    if moment is None or moment.utcoffset() is None:
        return None
    return {"AccessPointInTime": f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"}


def _normal_metadata(metadata: Mapping[str, str]) -> str | None:
    """The moment alone: AWS adds what S3 calls the access point."""
    return metadata.get("AccessPointInTime")


def _unread(_: object) -> None:
    """AWS Backup does not tell the policy, which is S3's, so that nothing can be compared."""


@attrs.frozen(repr=False)
class AccessPoint(Thing):
    """A backup access point: through it, S3 reads what a recovery point holds.

    AWS changes nothing of an access point but its tags, so another point, moment or name makes a new one. While it is
    there, its recovery point is neither deleted nor moved to cold storage.

    Args:
        name: 3 to 50 lower-case letters, digits and -; the names are shared with S3's own access points.
        point: The ARN of a recovery point of S3.
        at: The moment that is shown of a continuous point, in whole seconds and with a time zone. AWS wants it for a
            continuous point, and refuses it for a snapshot.
        policy: Who may read: the policy of an S3 access point, as JSON text or as a mapping. AWS Backup does not tell
            it, so it is sent when the access point is made, and never compared.
        tags: Up to 50.

    Raises:
        InvalidValueError: Something AWS would refuse.
    """

    _KIND: ClassVar[str] = "access_point"
    _OMITTED: ClassVar[dict[str, str]] = {"Tags": TAGS_BESIDE}
    _EXAMPLE: ClassVar[str] = f'bk.AccessPoint("photos-in-january", point="{KEPT_POINT.example}")'

    name: str = attrs.field(metadata=flags(matches(ACCESS_POINT_NAME), wire="Name", replaces=True))
    point: str = attrs.field(
        kw_only=True,
        converter=arn_text,
        metadata=flags(arn_of(KEPT_POINT), wire="RecoveryPointArn", replaces=True),
    )
    at: datetime | None = attrs.field(
        default=None,
        kw_only=True,
        metadata=flags(_moment, wire="AccessPointMetadata", replaces=True, encode=_metadata, normal=_normal_metadata),
    )
    policy: str | None = attrs.field(
        default=None,
        kw_only=True,
        converter=policy_text,
        metadata=flags(_policy, wire="AccessPointPolicy", normal=_unread),
    )
    tags: Tags = attrs.field(
        factory=Tags, converter=Tags, kw_only=True, metadata=flags(tags_within(RESOURCE_TAGS), document=False)
    )

    def _summary(self) -> str:
        return f"of {self.point}"
