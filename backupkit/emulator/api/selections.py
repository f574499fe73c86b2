"""Selections of plans: made, read, listed, deleted; AWS has no way to change one.

Sources: the botocore model, the developer guide's pages on assigning resources and on quotas, and refusals that
others recorded.
"""

from __future__ import annotations

import itertools
import re

from backupkit.arn import ROLE
from backupkit.emulator.api.plans import plan_called
from backupkit.emulator.kernel.operations import made_with, operation, raise_api_error, raise_invalid_value
from backupkit.emulator.kernel.paging import listing
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, Plan, RegionScope, Selection
from backupkit.emulator.rules import lifecycle, tags

__all__ = ["MOST_SELECTIONS"]

_SOURCE = "botocore model; developer guide, assigning resources; recorded refusals"
MOST_SELECTIONS = 100
"""Selections of a plan (quota of the developer guide)."""

_MOST_TAGGED = 10
_MOST_ARNS = 500
_LONGEST_KEY, _LONGEST_VALUE = 128, 256
_MOST_WILDCARD_ARNS = 30
_MOST_TAGS = 30
_MOST_CONDITIONS = 30
_OPERATORS = ("StringEquals", "StringNotEquals", "StringLike", "StringNotLike")
_PREFIX = "aws:ResourceTag/"
_RESOURCE = re.compile(r"\*|arn:\S+")


@operation("CreateBackupSelection", source=_SOURCE, missing="asking IAM whether the role can be assumed")
def create(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    """Add a selection, or answer the one that this very request added before."""
    plan = _plan_of(scope, params, code="InvalidParameterValueException")
    selection = made_with(plan.selections.values(), params.get("CreatorRequestId"))
    if selection is None:
        selection = _made(simulation, scope, plan, params)
    return {"SelectionId": selection.id, "BackupPlanId": plan.id, "CreationDate": selection.created}


def _plan_of(scope: RegionScope, params: Document, *, code: str) -> Plan:
    plan = scope.plans.get(params["BackupPlanId"])
    if plan is None or plan.deleted is not None:
        raise_api_error(code, f"Cannot find Backup plan with Id {params['BackupPlanId']}")
    return plan


def _made(simulation: Simulation, scope: RegionScope, plan: Plan, params: Document) -> Selection:
    document = _echo(params["BackupSelection"])
    _check(document)
    if simulation.choices.selection_names_unique and any(
        there.selection["SelectionName"] == document["SelectionName"] for there in plan.selections.values()
    ):
        raise_api_error("AlreadyExistsException", "Backup selection with the same name already exists")
    if lifecycle.denied(simulation, scope, document["IamRoleArn"]):
        raise_invalid_value(lifecycle.ABSENT_ROLE.format(role=document["IamRoleArn"]))
    _check_room(plan, document)
    selection = Selection(
        id=simulation.new_id(),
        plan_id=plan.id,
        selection=document,
        created=simulation.clock.now(),
        creator_request_id=params.get("CreatorRequestId"),
    )
    plan.selections[selection.id] = selection
    return selection


def _echo(document: Document) -> Document:
    """The document as AWS gives it back: every list is there, empty where none was given."""
    conditions = document.get("Conditions", {})
    return {
        "SelectionName": document["SelectionName"],
        "IamRoleArn": document["IamRoleArn"],
        "Resources": document.get("Resources", []),
        "ListOfTags": document.get("ListOfTags", []),
        "NotResources": document.get("NotResources", []),
        "Conditions": {operator: conditions.get(operator, []) for operator in _OPERATORS},
    }


def _check(document: Document) -> None:
    if not ROLE.admits(document["IamRoleArn"]):
        raise_invalid_value(f"Invalid IamRoleArn {document['IamRoleArn']}")
    if not document["Resources"] and not document["ListOfTags"]:
        raise_invalid_value("Invalid backup selection. Either 'ListOfTags' or 'Resources' section must be non-empty.")
    _check_arns("Resources", document["Resources"])
    _check_arns("NotResources", document["NotResources"])
    if len(document["ListOfTags"]) > _MOST_TAGS:
        raise_invalid_value(f"Invalid backup selection. ListOfTags must not have more than {_MOST_TAGS} entries.")
    if sum(map(len, document["Conditions"].values())) > _MOST_CONDITIONS:
        raise_invalid_value(f"Invalid backup selection. Conditions must not have more than {_MOST_CONDITIONS} entries.")
    for condition in itertools.chain.from_iterable(document["Conditions"].values()):
        if "ConditionValue" not in condition or condition.get("ConditionKey", "") in {"", _PREFIX}:
            raise_invalid_value(
                "Invalid backup selection. Every condition must have a ConditionKey and a ConditionValue."
            )
        _check_tag(condition)
    for each in document["ListOfTags"]:
        _check_tag(each)


def _check_tag(condition: Document) -> None:
    key, value = condition["ConditionKey"].removeprefix(_PREFIX), condition["ConditionValue"]
    if not 1 <= len(key) <= _LONGEST_KEY or len(value) > _LONGEST_VALUE:
        raise_invalid_value("Invalid backup selection. Tag keys have 1 to 128 characters, and values at most 256.")
    if tags.CONTROL.search(key) or tags.CONTROL.search(value):
        raise_invalid_value("Invalid backup selection. Tag keys and values must not have control characters.")


def _check_arns(member: str, arns: list[str]) -> None:
    for arn in arns:
        if not _RESOURCE.fullmatch(arn):
            raise_invalid_value(f"Invalid backup selection. {arn} in {member} is not an ARN.")
    most = _MOST_WILDCARD_ARNS if any("*" in arn for arn in arns) else _MOST_ARNS
    if len(arns) > most:
        raise_invalid_value(f"Invalid backup selection. {member} must not have more than {most} entries.")


def _check_room(plan: Plan, document: Document) -> None:
    if len(plan.selections) >= MOST_SELECTIONS:
        raise_api_error(
            "LimitExceededException", f"The backup plan has reached its limit of {MOST_SELECTIONS} selections"
        )
    tagged = sum(1 for there in plan.selections.values() if there.selection["ListOfTags"])
    if document["ListOfTags"] and tagged >= _MOST_TAGGED:
        raise_api_error(
            "LimitExceededException", f"The backup plan has reached its limit of {_MOST_TAGGED} selections by tag"
        )


@operation("GetBackupSelection", source=_SOURCE)
def get(simulation: Simulation, scope: RegionScope, params: Document) -> Document:  # noqa: ARG001 - the shape of a handler
    """A selection with its whole document."""
    plan = _plan_of(scope, params, code="ResourceNotFoundException")
    selection = plan.selections.get(params["SelectionId"])
    if selection is None:
        raise_api_error("ResourceNotFoundException", f"Cannot find Backup selection with Id {params['SelectionId']}")
    return {
        "BackupSelection": selection.selection,
        "SelectionId": selection.id,
        "BackupPlanId": plan.id,
        "CreationDate": selection.created,
        "CreatorRequestId": selection.creator_request_id,
    }


@operation("DeleteBackupSelection", source=_SOURCE)
def delete(simulation: Simulation, scope: RegionScope, params: Document) -> Document:  # noqa: ARG001 - the shape of a handler
    """Take a selection out of its plan; one that is not there is refused."""
    plan = _plan_of(scope, params, code="InvalidParameterValueException")
    if plan.selections.pop(params["SelectionId"], None) is None:
        raise_invalid_value(f"Cannot find Backup selection with Id {params['SelectionId']}")
    return {}


@operation("ListBackupSelections", source=_SOURCE)
def list_selections(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    """The selections of a plan, the oldest first, without their documents."""
    plan = plan_called(scope, params["BackupPlanId"])
    return listing(
        simulation,
        scope,
        "ListBackupSelections",
        params,
        plan.selections.values(),
        lambda selection: (selection.created.timestamp(), selection.id),
        member="BackupSelectionsList",
        show=_listed,
    )


def _listed(selection: Selection) -> Document:
    return {
        "SelectionId": selection.id,
        "SelectionName": selection.selection["SelectionName"],
        "BackupPlanId": selection.plan_id,
        "CreationDate": selection.created,
        "CreatorRequestId": selection.creator_request_id,
        "IamRoleArn": selection.selection["IamRoleArn"],
    }
