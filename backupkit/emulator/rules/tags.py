"""Tags of whatever has any: vaults, plans, points, legal holds and others.

Sources: the botocore model, and the developer guide's quotas and tagging page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Protocol

from backupkit.emulator.kernel.operations import operation, raise_api_error, raise_invalid_value
from backupkit.emulator.kernel.paging import listing
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, RegionScope
from backupkit.emulator.rules import vault_access
from backupkit.emulator.rules.point_store import point_called

__all__ = ["CONTROL", "MOST_TAGS", "check"]

_SOURCE = "botocore model; developer guide, tagging"
MOST_TAGS = 50
"""Tags of one thing, without AWS's own."""
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
"""What the pattern of AWS's tags leaves out (botocore model, KeyValue)."""


class Tagged(Protocol):
    """What can have tags; they are replaced, never changed, as many points share them."""

    tags: Mapping[str, str]


class TaggedByArn(Tagged, Protocol):
    """What can have tags and knows its own ARN."""

    arn: str


def check(tags: Mapping[str, str]) -> None:
    """Refuse tags that AWS does: too many, too long, or with a reserved key.

    Raises:
        ApiError: At least one tag is wrong.
    """
    for key, value in tags.items():
        if CONTROL.search(key) or CONTROL.search(value):
            raise_invalid_value("Tag keys and values must not have control characters")
        if key.lower().startswith("aws:"):
            raise_invalid_value("Tag keys starting with aws: are reserved for internal use")
        if not 1 <= len(key) <= 128:
            raise_invalid_value("Tag keys must have 1 to 128 characters")
        if len(value) > 256:
            raise_invalid_value("Tag values must have at most 256 characters")
    if len(tags) > MOST_TAGS:
        raise_invalid_value(f"The resultant tag set must not have more than {MOST_TAGS} user tags.")


@operation("TagResource", source=_SOURCE)
def tag(simulation: Simulation, scope: RegionScope, params: Document) -> Document:  # noqa: ARG001 - the shape of a handler
    """Add tags, or change their values."""
    owner = _tagged(scope, params["ResourceArn"])
    given, held = params["Tags"], owner.tags
    check(given)
    if len({*held, *given}) > MOST_TAGS:
        raise_api_error(
            "LimitExceededException", f"The resultant tag set must not have more than {MOST_TAGS} user tags."
        )
    owner.tags = {**held, **given}
    return {}


@operation("UntagResource", source=_SOURCE)
def untag(simulation: Simulation, scope: RegionScope, params: Document) -> Document:  # noqa: ARG001 - the shape of a handler
    """Take tags away; keys that are not there are passed over."""
    owner, gone = _tagged(scope, params["ResourceArn"]), frozenset(params["TagKeyList"])
    owner.tags = {key: value for key, value in owner.tags.items() if key not in gone}
    return {}


@operation("ListTags", source=_SOURCE)
def list_tags(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    """The tags, by key; they come in pages, but as a mapping."""
    arn: str = params["ResourceArn"]
    held = (vault_access.shared_called(simulation, scope, arn) or _tagged(scope, arn)).tags
    page = listing(
        simulation,
        scope,
        "ListTags",
        params,
        held.items(),
        lambda tag: (tag[0],),
        member="Tags",
        show=lambda tag: {tag[0]: tag[1]},
    )
    return {"Tags": {key: value for tag in page["Tags"] for key, value in tag.items()}, "NextToken": page["NextToken"]}


def _tagged(scope: RegionScope, arn: str) -> Tagged:
    """What has that ARN and can have tags."""
    if not arn.startswith(scope.arn("")):
        _refuse_arn(scope, arn)
    kind, _, name = arn.removeprefix(scope.arn("")).partition(":")
    found = _of_kind(scope, arn, kind, name)
    if found is None:
        raise_api_error("ResourceNotFoundException", f"Resource {arn} cannot be found")
    return found


def _of_kind(scope: RegionScope, arn: str, kind: str, name: str) -> Tagged | None:
    match kind:
        case "backup-vault":
            return scope.vaults.get(name)
        case "backup-plan":
            plan = scope.plans.get(name)
            return plan if plan is not None and plan.deleted is None else None
        case "legal-hold":
            return scope.legal_holds.get(name)
        case "framework" | "report-plan" | "restore-testing-plan" | "tiering-configuration":
            return _with_arn(scope, kind, arn)
        case "recovery-point":
            return point_called(scope, arn)
        case _:
            return scope.access_points.get(kind.removeprefix("accesspoint/"))


def _with_arn(scope: RegionScope, kind: str, arn: str) -> Tagged | None:
    """What has an id beside its name in its ARN."""
    there: dict[str, Mapping[str, TaggedByArn]] = {
        "framework": scope.frameworks,
        "report-plan": scope.report_plans,
        "restore-testing-plan": scope.restore_testing_plans,
        "tiering-configuration": scope.tierings,
    }
    return next((each for each in there[kind].values() if each.arn == arn), None)


def _refuse_arn(scope: RegionScope, arn: str) -> None:
    if arn.startswith(f"arn:{scope.partition}:backup:"):
        raise_api_error("ResourceNotFoundException", f"Resource {arn} cannot be found")
    raise_invalid_value(f"Invalid ResourceArn {arn}: it must be an ARN of AWS Backup")
