"""Restore testing selections: made, changed, read, listed, deleted.

Sources: the botocore model, and the developer guide's pages on restore testing and on quotas.
"""

from __future__ import annotations

import re

from backupkit.arn import ROLE, Arn
from backupkit.emulator.kernel.operations import made_with, operation, raise_api_error, raise_invalid_value
from backupkit.emulator.kernel.paging import listing
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, RegionScope, RestoreTestingPlan, RestoreTestingSelection
from backupkit.emulator.restore_testing.plans import check_name, plan_called
from backupkit.emulator.restore_testing.runs import testable
from backupkit.emulator.rules import lifecycle
from backupkit.errors import InvalidValueError

__all__ = ["MOST_SELECTIONS"]

_SOURCE = "botocore model; developer guide, restore testing"
MOST_SELECTIONS = 30
"""Selections of a restore testing plan (quota of the developer guide)."""

_MOST_ARNS = 30
_MOST_CONDITIONS = 30
_MOST_VALIDATION_HOURS = 168
_OPERATORS = ("StringEquals", "StringNotEquals")
_TAG_KEY = "aws:ResourceTag/"
_TAG_TEXT = re.compile(r"[\w\s.:/=+@-]*")
_MEMBERS = (
    "IamRoleArn",
    "ProtectedResourceArns",
    "ProtectedResourceConditions",
    "ProtectedResourceType",
    "RestoreMetadataOverrides",
    "ValidationWindowHours",
)


@operation(
    "CreateRestoreTestingSelection",
    source=_SOURCE,
    missing="asking IAM whether the role can be assumed, FSx's required overrides",
)
def _create(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    plan = plan_called(scope, params["RestoreTestingPlanName"])
    selection = made_with(plan.selections.values(), params.get("CreatorRequestId"))
    if selection is None:
        _check_role(simulation, scope, params["RestoreTestingSelection"]["IamRoleArn"])
        selection = _made(simulation, plan, params)
    return _written(plan, selection)


def _made(simulation: Simulation, plan: RestoreTestingPlan, params: Document) -> RestoreTestingSelection:
    given = params["RestoreTestingSelection"]
    name: str = given["RestoreTestingSelectionName"]
    check_name("RestoreTestingSelectionName", name)
    document = _echo(given)
    _check(document)
    if name in plan.selections:
        raise_api_error("AlreadyExistsException", f"Restore testing selection {name} already exists")
    if len(plan.selections) >= MOST_SELECTIONS:
        raise_api_error(
            "LimitExceededException", f"The restore testing plan has reached its limit of {MOST_SELECTIONS} selections"
        )
    selection = RestoreTestingSelection(
        name=name,
        document=document,
        created=simulation.clock.now(),
        creator_request_id=params.get("CreatorRequestId"),
    )
    plan.selections[name] = selection
    return selection


def _echo(given: Document) -> Document:
    """The document as AWS gives it back: both lists of conditions are there, empty where none was given."""
    document = {member: given[member] for member in _MEMBERS if member in given}
    conditions = document.get("ProtectedResourceConditions", {})
    document["ProtectedResourceConditions"] = {operator: conditions.get(operator, []) for operator in _OPERATORS}
    return document


def _written(plan: RestoreTestingPlan, selection: RestoreTestingSelection) -> Document:
    return {
        "CreationTime": selection.created,
        "RestoreTestingPlanArn": plan.arn,
        "RestoreTestingPlanName": plan.name,
        "RestoreTestingSelectionName": selection.name,
    }


def _check_role(simulation: Simulation, scope: RegionScope, role: str) -> None:
    if lifecycle.denied(simulation, scope, role):
        raise_invalid_value(lifecycle.ABSENT_ROLE.format(role=role))


def _check(document: Document) -> None:
    if not ROLE.admits(document["IamRoleArn"]):
        raise_invalid_value(f"Invalid IamRoleArn {document['IamRoleArn']}")
    if document["ProtectedResourceType"] not in testable():
        raise_invalid_value(
            f"ProtectedResourceType {document['ProtectedResourceType']} is none of {', '.join(sorted(testable()))}"
        )
    if not 0 <= document.get("ValidationWindowHours", 0) <= _MOST_VALIDATION_HOURS:
        raise_invalid_value(f"ValidationWindowHours cannot be less than 0 or more than {_MOST_VALIDATION_HOURS}")
    _check_scope(document.get("ProtectedResourceArns", []), document["ProtectedResourceConditions"])


def _check_scope(arns: list[str], conditions: Document) -> None:
    """Either single resources are named, or all of them, with or without conditions."""
    listed = [condition for operator in _OPERATORS for condition in conditions[operator]]
    if not arns and not listed:
        raise_api_error(
            "MissingParameterValueException", "Either ProtectedResourceArns or ProtectedResourceConditions is required"
        )
    _check_arns(arns)
    if listed and arns not in ([], ["*"]):
        raise_invalid_value("ProtectedResourceConditions cannot be combined with specific ProtectedResourceArns")
    if len(listed) > _MOST_CONDITIONS:
        raise_invalid_value(f"ProtectedResourceConditions must not have more than {_MOST_CONDITIONS} entries")
    for condition in listed:
        _check_condition(condition["Key"], condition["Value"])


def _check_arns(arns: list[str]) -> None:
    if len(arns) > _MOST_ARNS:
        raise_invalid_value(f"ProtectedResourceArns must not have more than {_MOST_ARNS} entries")
    for arn in arns if arns != ["*"] else ():
        if "*" in arn or not _is_arn(arn):
            raise_invalid_value(f"ProtectedResourceArns: {arn!r} is not a specific ARN, and a wildcard stands alone")


def _is_arn(text: str) -> bool:
    try:
        Arn.parse(text)
    except InvalidValueError:
        return False
    return True


def _check_condition(key: str, value: str) -> None:
    bare = key.removeprefix(_TAG_KEY)
    if not 1 <= len(bare) <= 128 or bare.lower().startswith("aws:"):
        raise_invalid_value(
            f"Invalid condition key {key!r}: tag keys have 1 to 128 characters and do not start with aws:"
        )
    if len(value) > 256:
        raise_invalid_value("Condition values must have at most 256 characters")
    if not (_TAG_TEXT.fullmatch(bare) and _TAG_TEXT.fullmatch(value)):
        raise_invalid_value(
            f"The condition on {key!r} has characters that are neither letters, spaces, digits nor _.:/=+-@"
        )


@operation("UpdateRestoreTestingSelection", source=_SOURCE)
def _update(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    plan, selection = _found(scope, params)
    document = _echo({**selection.document, **params["RestoreTestingSelection"]})
    _check(document)
    _check_role(simulation, scope, document["IamRoleArn"])
    selection.document, selection.updated = document, simulation.clock.now()
    return {**_written(plan, selection), "UpdateTime": selection.updated}


def _found(scope: RegionScope, params: Document) -> tuple[RestoreTestingPlan, RestoreTestingSelection]:
    plan = plan_called(scope, params["RestoreTestingPlanName"])
    found = plan.selections.get(params["RestoreTestingSelectionName"])
    if found is None:
        name = params["RestoreTestingSelectionName"]
        raise_api_error("ResourceNotFoundException", f"Restore testing selection {name} cannot be found.")
    return plan, found


@operation("GetRestoreTestingSelection", source=_SOURCE)
def _get(simulation: Simulation, scope: RegionScope, params: Document) -> Document:  # noqa: ARG001 - the shape of a handler
    plan, selection = _found(scope, params)
    return {
        "RestoreTestingSelection": {
            "CreationTime": selection.created,
            "CreatorRequestId": selection.creator_request_id,
            "RestoreTestingPlanName": plan.name,
            "RestoreTestingSelectionName": selection.name,
            **selection.document,
        }
    }


@operation("DeleteRestoreTestingSelection", source=_SOURCE)
def _delete(simulation: Simulation, scope: RegionScope, params: Document) -> Document:  # noqa: ARG001 - the shape of a handler
    plan, selection = _found(scope, params)
    del plan.selections[selection.name]
    return {}


@operation("ListRestoreTestingSelections", source=_SOURCE)
def _list(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    plan = plan_called(scope, params["RestoreTestingPlanName"])
    return listing(
        simulation,
        scope,
        "ListRestoreTestingSelections",
        params,
        plan.selections.values(),
        lambda selection: (selection.created.timestamp(), selection.name),
        member="RestoreTestingSelections",
        show=lambda selection: _listed(plan, selection),
    )


def _listed(plan: RestoreTestingPlan, selection: RestoreTestingSelection) -> Document:
    return {
        "CreationTime": selection.created,
        "IamRoleArn": selection.document["IamRoleArn"],
        "ProtectedResourceType": selection.document["ProtectedResourceType"],
        "RestoreTestingPlanName": plan.name,
        "RestoreTestingSelectionName": selection.name,
        "ValidationWindowHours": selection.document.get("ValidationWindowHours"),
    }
