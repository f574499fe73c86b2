"""Tags of vaults, plans, restore testing plans, points and legal holds.

Sources: the botocore model, and the developer guide's quotas and tagging page.
"""

from __future__ import annotations

from collections.abc import Mapping

from backupkit.local.cloud import Cloud
from backupkit.local.operations import answers, refuse
from backupkit.local.paging import listing
from backupkit.local.points.shelf import point_called
from backupkit.local.state import Document, Place

__all__ = ["MOST_TAGS", "check"]

_SOURCE = "botocore model; developer guide, tagging"
MOST_TAGS = 50
"""Tags of one thing, without AWS's own."""


def check(tags: Mapping[str, str]) -> None:
    """Refuse tags that AWS does: too many, too long, or with a reserved key.

    Raises:
        Refused: At least one tag is wrong.
    """
    for key, value in tags.items():
        if key.lower().startswith("aws:"):
            _refuse("Tag keys starting with aws: are reserved for internal use")
        if not 1 <= len(key) <= 128:
            _refuse("Tag keys must have 1 to 128 characters")
        if len(value) > 256:
            _refuse("Tag values must have at most 256 characters")
    if len(tags) > MOST_TAGS:
        _refuse(f"The resultant tag set must not have more than {MOST_TAGS} user tags.")


def _refuse(text: str) -> None:
    refuse("InvalidParameterValueException", text)


@answers("TagResource", source=_SOURCE)
def tag(cloud: Cloud, place: Place, params: Document) -> Document:  # noqa: ARG001 - the shape of a handler
    """Add tags, or change their values."""
    held = _tags_of(place, params["ResourceArn"])
    given = params["Tags"]
    check(given)
    if len({*held, *given}) > MOST_TAGS:
        refuse("LimitExceededException", f"The resultant tag set must not have more than {MOST_TAGS} user tags.")
    held.update(given)
    return {}


@answers("UntagResource", source=_SOURCE)
def untag(cloud: Cloud, place: Place, params: Document) -> Document:  # noqa: ARG001 - the shape of a handler
    """Take tags away; keys that are not there are passed over."""
    held = _tags_of(place, params["ResourceArn"])
    for key in params["TagKeyList"]:
        held.pop(key, None)
    return {}


@answers("ListTags", source=_SOURCE)
def list_tags(cloud: Cloud, place: Place, params: Document) -> Document:
    """The tags, by key; they come in pages, but as a mapping."""
    held = _tags_of(place, params["ResourceArn"])
    page = listing(
        cloud,
        place,
        "ListTags",
        params,
        held.items(),
        lambda tag: (tag[0],),
        member="Tags",
        show=lambda tag: {tag[0]: tag[1]},
    )
    return {"Tags": {key: value for tag in page["Tags"] for key, value in tag.items()}, "NextToken": page["NextToken"]}


def _tags_of(place: Place, arn: str) -> dict[str, str]:
    if not arn.startswith(place.arn("")):
        _refuse_arn(place, arn)
    kind, _, name = arn.removeprefix(place.arn("")).partition(":")
    if kind == "backup-vault" and name in place.vaults:
        return place.vaults[name].tags
    if kind == "backup-plan" and name in place.plans and place.plans[name].deleted is None:
        return place.plans[name].tags
    if kind == "legal-hold" and name in place.legal_holds:
        return place.legal_holds[name].tags
    tested = next((plan for plan in place.drill_plans.values() if plan.arn == arn), None)
    if tested is not None:
        return tested.tags
    point = point_called(place, arn) if kind == "recovery-point" else None
    if point is None:
        refuse("ResourceNotFoundException", f"Resource {arn} cannot be found")
    return point.tags


def _refuse_arn(place: Place, arn: str) -> None:
    if arn.startswith(f"arn:{place.partition}:backup:"):
        refuse("ResourceNotFoundException", f"Resource {arn} cannot be found")
    refuse("InvalidParameterValueException", f"Invalid ResourceArn {arn}: it must be an ARN of AWS Backup")
