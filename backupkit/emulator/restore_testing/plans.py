"""Restore testing plans: made, changed, read, listed, deleted; and the result of a test's validation.

The result is told once, and then what was restored is deleted. Sources: the botocore model, and the developer guide's
pages on restore testing, on its validation and on quotas.
"""

from __future__ import annotations

import re

from backupkit.emulator.engine import restore_run
from backupkit.emulator.kernel.behavior import Choices
from backupkit.emulator.kernel.job_records import RESTORE_JOBS
from backupkit.emulator.kernel.operations import (
    made_with,
    operation,
    raise_api_error,
    raise_invalid_request,
    raise_invalid_value,
)
from backupkit.emulator.kernel.paging import listing
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, RegionScope, RestoreJob, RestoreTest, RestoreTestingPlan
from backupkit.emulator.restore_testing import runs
from backupkit.emulator.rules import plan_documents, tags
from backupkit.errors import InvalidValueError

__all__ = ["MOST_PLANS", "check_name", "plan_called"]

_SOURCE = "botocore model; developer guide, restore testing"
MOST_PLANS = 100
"""Restore testing plans of an account in a Region (quota of the developer guide)."""

_MOST_VAULTS = 30
_MOST_START_HOURS = 168
_MOST_WINDOW_DAYS = 365
_NAME = re.compile(r"[a-zA-Z0-9_]{1,50}")
_VAULT = re.compile(r"\*|arn:[^:\s]+:backup:[^:\s]*:[^:\s]*:backup-vault:\S+")
_DEFAULTS: Document = {"ScheduleExpressionTimezone": "Etc/UTC", "StartWindowHours": 24}
_POINT_DEFAULTS: Document = {"ExcludeVaults": [], "SelectionWindowDays": 30}
_NEEDED = ("Algorithm", "IncludeVaults", "RecoveryPointTypes")
_WHEN = ("ScheduleExpression", "ScheduleExpressionTimezone", "StartWindowHours")


def plan_called(scope: RegionScope, name: str) -> RestoreTestingPlan:
    """The restore testing plan of that name.

    Raises:
        ApiError: There is none.
    """
    if name not in scope.restore_testing_plans:
        raise_api_error("ResourceNotFoundException", f"Restore testing plan {name} cannot be found.")
    return scope.restore_testing_plans[name]


def check_name(member: str, name: str) -> None:
    """Refuse a name of a restore testing plan or selection that AWS refuses.

    Raises:
        ApiError: It has other characters than letters, digits and underscores, or more than 50.
    """
    if not _NAME.fullmatch(name):
        raise_invalid_value(f"{member} {name!r} must have 1 to 50 alphanumeric characters or underscores")


@operation("CreateRestoreTestingPlan", source=_SOURCE, missing="the quotas of tests that run at once")
def _create(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    plan = made_with(scope.restore_testing_plans.values(), params.get("CreatorRequestId"))
    if plan is None:
        plan = _made(simulation, scope, params)
    return {
        "CreationTime": plan.created,
        "RestoreTestingPlanArn": plan.arn,
        "RestoreTestingPlanName": plan.name,
    }


def _made(simulation: Simulation, scope: RegionScope, params: Document) -> RestoreTestingPlan:
    given, marks = params["RestoreTestingPlan"], params.get("Tags", {})
    name: str = given["RestoreTestingPlanName"]
    check_name("RestoreTestingPlanName", name)
    document = _echo(given)
    _check(simulation.choices, document)
    tags.check(marks)
    if name in scope.restore_testing_plans:
        raise_api_error("AlreadyExistsException", f"Restore testing plan {name} already exists")
    if len(scope.restore_testing_plans) >= MOST_PLANS:
        raise_api_error(
            "LimitExceededException", f"The account has reached its limit of {MOST_PLANS} restore testing plans"
        )
    plan = RestoreTestingPlan(
        name=name,
        arn=scope.arn(f"restore-testing-plan:{name}-{simulation.new_id()}"),
        document=document,
        created=simulation.clock.now(),
        creator_request_id=params.get("CreatorRequestId"),
        tags=marks,
    )
    scope.restore_testing_plans[name] = plan
    runs.arm(simulation, scope, plan)
    return plan


def _echo(given: Document) -> Document:
    """The document as AWS gives it back, with its defaults."""
    document = {**_DEFAULTS, **{member: given[member] for member in _WHEN if member in given}}
    return {**document, "RecoveryPointSelection": {**_POINT_DEFAULTS, **given["RecoveryPointSelection"]}}


def _check(choices: Choices, document: Document) -> None:
    _check_points(document["RecoveryPointSelection"])
    _check_schedule(choices, document)
    _check_number("StartWindowHours", document["StartWindowHours"], _MOST_START_HOURS)


def _check_points(points: Document) -> None:
    for member in _NEEDED:
        if not points.get(member):
            raise_api_error("MissingParameterValueException", f"RecoveryPointSelection.{member} is required")
    for member in ("IncludeVaults", "ExcludeVaults"):
        _check_vaults(member, points[member])
    _check_number("SelectionWindowDays", points["SelectionWindowDays"], _MOST_WINDOW_DAYS)


def _check_vaults(member: str, vaults: list[str]) -> None:
    if len(vaults) > _MOST_VAULTS:
        raise_invalid_value(f"{member} must not have more than {_MOST_VAULTS} entries")
    for vault in vaults:
        if not _VAULT.fullmatch(vault):
            raise_invalid_value(f"{member}: {vault!r} is neither * nor the ARN of a backup vault")


def _check_number(member: str, number: int, most: int) -> None:
    if not 1 <= number <= most:
        raise_invalid_value(f"{member} cannot be less than 1 or more than {most}")


def _check_schedule(choices: Choices, document: Document) -> None:
    expression: str = document["ScheduleExpression"]
    if not expression.startswith("cron(") and not choices.bare_cron_accepted:
        raise_invalid_value(f"Invalid schedule expression {expression}: only cron expressions are supported")
    try:
        plan_documents.schedule_of(document)
    except InvalidValueError as error:
        raise_invalid_value(f"Invalid schedule expression: {error}")


@operation("UpdateRestoreTestingPlan", source=_SOURCE)
def _update(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    plan = plan_called(scope, params["RestoreTestingPlanName"])
    given: Document = params["RestoreTestingPlan"]
    document = {**plan.document, **given}
    if "RecoveryPointSelection" in given:
        before = (
            plan.document["RecoveryPointSelection"] if simulation.choices.restore_testing_update_merges_points else {}
        )
        document["RecoveryPointSelection"] = {**_POINT_DEFAULTS, **before, **given["RecoveryPointSelection"]}
    _check(simulation.choices, document)
    plan.document, plan.updated = document, simulation.clock.now()
    runs.arm(simulation, scope, plan)
    return {
        "CreationTime": plan.created,
        "RestoreTestingPlanArn": plan.arn,
        "RestoreTestingPlanName": plan.name,
        "UpdateTime": plan.updated,
    }


@operation("GetRestoreTestingPlan", source=_SOURCE)
def _get(simulation: Simulation, scope: RegionScope, params: Document) -> Document:  # noqa: ARG001 - the shape of a handler
    plan = plan_called(scope, params["RestoreTestingPlanName"])
    points = plan.document["RecoveryPointSelection"]
    view = {**_listed(plan), "CreatorRequestId": plan.creator_request_id, "RecoveryPointSelection": points}
    return {"RestoreTestingPlan": view}


@operation("ListRestoreTestingPlans", source=_SOURCE)
def _list(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    return listing(
        simulation,
        scope,
        "ListRestoreTestingPlans",
        params,
        scope.restore_testing_plans.values(),
        lambda plan: (plan.created.timestamp(), plan.name),
        member="RestoreTestingPlans",
        show=_listed,
    )


def _listed(plan: RestoreTestingPlan) -> Document:
    return {
        "CreationTime": plan.created,
        "LastExecutionTime": plan.last_run,
        "LastUpdateTime": plan.updated,
        "RestoreTestingPlanArn": plan.arn,
        "RestoreTestingPlanName": plan.name,
        **{member: plan.document[member] for member in _WHEN},
    }


@operation("DeleteRestoreTestingPlan", source=_SOURCE)
def _delete(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    name: str = params["RestoreTestingPlanName"]
    if name not in scope.restore_testing_plans and simulation.choices.absent_restore_testing_plan_deletes:
        return {}
    plan = plan_called(scope, name)
    if plan.selections:
        raise_invalid_request(
            "Related restore testing selections must be deleted prior to restore testing plan deletion",
        )
    del scope.restore_testing_plans[name]
    runs.disarm(plan)
    return {}


# ---- Results of validation ----


_VALIDATION_SOURCE = "botocore model; developer guide, restore testing validation"


@operation("PutRestoreValidationResult", source=_VALIDATION_SOURCE)
def _put(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    job = RESTORE_JOBS.called(scope, params["RestoreJobId"], simulation.clock.now())
    restore_test = _tested(job)
    if restore_test.validation_status is not None and (
        restore_test.validation_status != "VALIDATING" or simulation.choices.validating_is_final
    ):
        raise_invalid_request(f"The validation status of restore job {job.id} is set and cannot be changed")
    if restore_test.deletion_status is not None:
        raise_invalid_request(f"The validation window of restore job {job.id} is over")
    restore_test.validation_status = params["ValidationStatus"]
    restore_test.validation_message = params.get("ValidationStatusMessage")
    if restore_test.validation_status != "VALIDATING":
        restore_run.clean_up_test(simulation, scope, job, restore_test)
    return {}


def _tested(job: RestoreJob) -> RestoreTest:
    if job.restore_test is None:
        raise_invalid_request(f"Restore job {job.id} was not started by restore testing")
    if job.status != "COMPLETED":
        raise_invalid_request(f"Restore job {job.id} is {job.status}; only a completed one can be validated")
    return job.restore_test
