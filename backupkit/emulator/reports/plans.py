"""Report plans: created, described, listed, updated and deleted, each change deployed some time later.

Sources: the botocore model, and the developer guide's pages on report plans and quotas.
"""

from __future__ import annotations

from datetime import timedelta

import attrs

from backupkit.emulator.kernel.operations import forget_thing, made_by, operation, raise_api_error, remember
from backupkit.emulator.kernel.paging import listing
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, RegionScope, ReportPlan
from backupkit.emulator.reports import documents, runs
from backupkit.emulator.rules import tags

__all__ = ["MOST_PLANS", "plan_named"]

_SOURCE = "botocore model; developer guide, Audit Manager report plans; recorded reports"
MOST_PLANS = 20
"""Report plans of an account, over all its Regions (quota of the developer guide)."""

_CREATE, _UPDATE = "CreateReportPlan", "UpdateReportPlan"
_DEPLOYMENT = timedelta(seconds=60)  # AWS tells no time: docs/choices.md


@operation(
    _CREATE, source=_SOURCE, missing="AWS's own sentences where it refuses; bucket policies and KMS keys of buckets"
)
def _create(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    made = made_by(scope, _CREATE, scope.report_plans, params.get("IdempotencyToken"))
    return _told(made if made is not None else _made(simulation, scope, params))


def _told(plan: ReportPlan) -> Document:
    return {"ReportPlanName": plan.name, "ReportPlanArn": plan.arn, "CreationTime": plan.created}


def _made(simulation: Simulation, scope: RegionScope, params: Document) -> ReportPlan:
    name: str = params["ReportPlanName"]
    documents.check(simulation, scope, params["ReportDeliveryChannel"], params["ReportSetting"])
    tags.check(params.get("ReportPlanTags", {}))
    if name in scope.report_plans:
        raise_api_error("AlreadyExistsException", f"Report plan {name} from account {scope.account_id} already exists.")
    if _count(simulation, scope) >= MOST_PLANS:
        raise_api_error("LimitExceededException", f"The account has reached its limit of {MOST_PLANS} report plans")
    plan = ReportPlan(
        name=name,
        arn=scope.arn(f"report-plan:{name}-{simulation.new_id()}"),
        description=params.get("ReportPlanDescription", ""),
        delivery=params["ReportDeliveryChannel"],
        setting=documents.echoed(params["ReportSetting"]),
        created=simulation.clock.now(),
        tags=dict(params.get("ReportPlanTags", {})),
    )
    scope.report_plans[name] = plan
    _remember(scope, _CREATE, plan, params)
    _deploy(simulation, scope, plan, "CREATE_IN_PROGRESS")
    return plan


def _count(simulation: Simulation, scope: RegionScope) -> int:
    return sum(len(there.report_plans) for there in simulation.scopes.values() if there.account_id == scope.account_id)


def _remember(scope: RegionScope, operation: str, plan: ReportPlan, params: Document) -> None:
    remember(scope, operation, params.get("IdempotencyToken"), plan.name)


def _deploy(simulation: Simulation, scope: RegionScope, plan: ReportPlan, status: str) -> None:
    plan.status = status
    simulation.agenda.schedule(simulation.clock.now() + _DEPLOYMENT, _ReportPlanDeployed(scope, plan))


@attrs.frozen(eq=False)
class _ReportPlanDeployed:
    scope: RegionScope
    plan: ReportPlan

    def happen(self, simulation: Simulation) -> None:
        if self.plan.status == "DELETE_IN_PROGRESS":
            _forget(self.scope, self.plan)
            return
        self.plan.status = "COMPLETED"
        runs.every_day(simulation, self.scope, self.plan)


def _forget(scope: RegionScope, plan: ReportPlan) -> None:
    del scope.report_plans[plan.name]
    forget_thing(scope, plan.name, _CREATE, _UPDATE)


def plan_named(scope: RegionScope, name: str) -> ReportPlan:
    """The report plan of that name.

    Raises:
        ApiError: It is not there.
    """
    found = scope.report_plans.get(name)
    if found is None:
        raise_api_error("ResourceNotFoundException", f"Report plan {name} cannot be found.")
    return found


@operation("DescribeReportPlan", source=_SOURCE)
def _describe(simulation: Simulation, scope: RegionScope, params: Document) -> Document:  # noqa: ARG001 - the shape of a handler
    return {"ReportPlan": _shown(plan_named(scope, params["ReportPlanName"]))}


def _shown(plan: ReportPlan) -> Document:
    return {
        "ReportPlanArn": plan.arn,
        "ReportPlanName": plan.name,
        "ReportPlanDescription": plan.description,
        "ReportSetting": plan.setting,
        "ReportDeliveryChannel": plan.delivery,
        "DeploymentStatus": plan.status,
        "CreationTime": plan.created,
        "LastAttemptedExecutionTime": plan.attempted,
        "LastSuccessfulExecutionTime": plan.succeeded,
    }


@operation("ListReportPlans", source=_SOURCE)
def _list(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    return listing(
        simulation,
        scope,
        "ListReportPlans",
        params,
        scope.report_plans.values(),
        lambda plan: (plan.name,),
        member="ReportPlans",
        show=_shown,
    )


@operation(_UPDATE, source=_SOURCE)
def _update(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    plan = plan_named(scope, params["ReportPlanName"])
    if made_by(scope, _UPDATE, scope.report_plans, params.get("IdempotencyToken")) is not plan:
        _change(simulation, scope, plan, params)
    return _told(plan)


def _change(simulation: Simulation, scope: RegionScope, plan: ReportPlan, params: Document) -> None:
    """Replace the description, the delivery channel or the setting, each whole."""
    delivery: Document = params.get("ReportDeliveryChannel", plan.delivery)
    setting: Document = params.get("ReportSetting", plan.setting)
    documents.check(simulation, scope, delivery, setting)
    before, after = plan.setting["ReportTemplate"], setting["ReportTemplate"]
    if before != after and not simulation.choices.report_plan_changes_template:
        raise_api_error("InvalidParameterValueException", f"The template of report plan {plan.name} cannot be changed")
    _check_settled(plan)
    plan.description = params.get("ReportPlanDescription", plan.description)
    plan.delivery, plan.setting = delivery, documents.echoed(setting)
    _remember(scope, _UPDATE, plan, params)
    _deploy(simulation, scope, plan, "UPDATE_IN_PROGRESS")


def _check_settled(plan: ReportPlan) -> None:
    if plan.status != "COMPLETED":
        raise_api_error("ConflictException", f"Report plan {plan.name} cannot be changed while it is {plan.status}.")


@operation("DeleteReportPlan", source=_SOURCE)
def _delete(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    plan = plan_named(scope, params["ReportPlanName"])
    _check_settled(plan)
    _deploy(simulation, scope, plan, "DELETE_IN_PROGRESS")
    return {}
