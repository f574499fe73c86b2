"""Report plans: made, read, listed, changed, deleted, with what AWS refuses in their documents; and started by hand."""

from __future__ import annotations

import re
from datetime import timedelta

import attrs

from backupkit.arn import is_account
from backupkit.emulator.kernel.behavior import Choices
from backupkit.emulator.kernel.job_records import REPORT_JOBS
from backupkit.emulator.kernel.operations import (
    forget_thing,
    made_by,
    operation,
    raise_api_error,
    raise_invalid_value,
    remember,
)
from backupkit.emulator.kernel.paging import listing
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Delivered, Document, RegionScope, ReportPlan
from backupkit.emulator.reports import runs, writing
from backupkit.emulator.reports.rows import COMPLIANCE
from backupkit.emulator.reports.writing import FORMATS, TEMPLATES
from backupkit.emulator.rules import organizations, tags

__all__ = ["MOST_FRAMEWORKS", "MOST_PLANS", "delivered", "plan_named"]

# ---- Documents of report plans ----
# Sources: the botocore model, the developer guide's pages on report plans, and refusals that others recorded.


MOST_FRAMEWORKS = 1000
"""Frameworks of one report plan (quota of the developer guide)."""
_FRAMEWORK = re.compile(r"arn:aws[\w-]*:backup:[a-z0-9-]+:[0-9]{12}:framework:.+")


def check_documents(simulation: Simulation, scope: RegionScope, delivery: Document, setting: Document) -> None:
    """Refuse a plan that asks for what no report can be.

    Raises:
        ApiError: Something in it is wrong.
    """
    if setting["ReportTemplate"] not in TEMPLATES:
        raise_invalid_value(
            f"Invalid ReportTemplate {setting['ReportTemplate']}: it must be one of {', '.join(TEMPLATES)}"
        )
    _check_delivery(scope, delivery, setting)
    _check_reach(simulation, scope, setting)
    _check_frameworks(simulation.choices, setting)


def _check_delivery(scope: RegionScope, delivery: Document, setting: Document) -> None:
    if not delivery["S3BucketName"]:
        raise_invalid_value("Invalid S3BucketName: it must not be empty")
    formats: list[str] = delivery.get("Formats") or []
    for kind in formats:
        if kind not in FORMATS:
            raise_invalid_value(f"Invalid report format {kind}: it must be CSV or JSON")
    if len(set(formats)) < len(formats):
        raise_invalid_value("Invalid Formats: a format is named twice")
    if "JSON" in formats and writing.goes_beyond(scope, setting):
        raise_invalid_value("Invalid Formats: a report across accounts or Regions is available in CSV only")


def _check_reach(simulation: Simulation, scope: RegionScope, setting: Document) -> None:
    if writing.across_accounts(setting) and not organizations.administers(simulation, scope.account_id):
        raise_invalid_value(
            "Only the management account or a delegated administrator account of an organization can report on "
            "other accounts"
        )
    for account in setting.get("Accounts") or []:
        if account != "ROOT" and not is_account(account):
            raise_invalid_value(f"Invalid account {account}: it must have 12 digits, or be ROOT")


def _check_frameworks(choices: Choices, setting: Document) -> None:
    template, named = setting["ReportTemplate"], setting.get("FrameworkArns") or []
    if not named:
        return
    if template not in COMPLIANCE and not choices.job_reports_take_frameworks:
        raise_invalid_value(f"FrameworkArns cannot be given for {template}")
    if writing.across_accounts(setting):
        raise_invalid_value("FrameworkArns cannot be given for a compliance report across accounts")
    if len(named) > MOST_FRAMEWORKS:
        raise_invalid_value(f"A report plan can cover at most {MOST_FRAMEWORKS} frameworks")
    for arn in named:
        if not _FRAMEWORK.fullmatch(arn):
            raise_invalid_value(f"Invalid framework ARN {arn}")


def echoed_setting(setting: Document) -> Document:
    """The setting as AWS answers it: with the number of frameworks that it names."""
    return {**setting, "NumberOfFrameworks": len(setting.get("FrameworkArns") or [])}


# ---- Report plans ----
# Sources: the botocore model, and the developer guide's pages on report plans and quotas.


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
    return _creation(made if made is not None else _made(simulation, scope, params))


def _creation(plan: ReportPlan) -> Document:
    return {"ReportPlanName": plan.name, "ReportPlanArn": plan.arn, "CreationTime": plan.created}


def _made(simulation: Simulation, scope: RegionScope, params: Document) -> ReportPlan:
    name: str = params["ReportPlanName"]
    check_documents(simulation, scope, params["ReportDeliveryChannel"], params["ReportSetting"])
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
        setting=echoed_setting(params["ReportSetting"]),
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
        runs.run_every_day(simulation, self.scope, self.plan)


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
    return {"ReportPlan": _view(plan_named(scope, params["ReportPlanName"]))}


def _view(plan: ReportPlan) -> Document:
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
        show=_view,
    )


@operation(_UPDATE, source=_SOURCE)
def _update(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    plan = plan_named(scope, params["ReportPlanName"])
    if made_by(scope, _UPDATE, scope.report_plans, params.get("IdempotencyToken")) is not plan:
        _change(simulation, scope, plan, params)
    return _creation(plan)


def _change(simulation: Simulation, scope: RegionScope, plan: ReportPlan, params: Document) -> None:
    """Replace the description, the delivery channel or the setting, each whole."""
    delivery: Document = params.get("ReportDeliveryChannel", plan.delivery)
    setting: Document = params.get("ReportSetting", plan.setting)
    check_documents(simulation, scope, delivery, setting)
    before, after = plan.setting["ReportTemplate"], setting["ReportTemplate"]
    if before != after and not simulation.choices.report_plan_changes_template:
        raise_invalid_value(f"The template of report plan {plan.name} cannot be changed")
    _check_settled(plan)
    plan.description = params.get("ReportPlanDescription", plan.description)
    plan.delivery, plan.setting = delivery, echoed_setting(setting)
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


# ---- Report jobs that are asked for, and what they delivered ----
# Source: the botocore model.


_JOB_SOURCE = "botocore model; developer guide, Audit Manager reports; recorded reports"


@operation(
    "StartReportJob",
    source=_JOB_SOURCE,
    missing="columns of CSV that no source shows are named like those that one does",
)
def _start(simulation: Simulation, scope: RegionScope, params: Document) -> Document:
    plan = plan_named(scope, params["ReportPlanName"])
    token: str | None = params.get("IdempotencyToken")
    made = REPORT_JOBS.repeated(scope, token, simulation.clock.now())
    if made is None:
        made = runs.start_job(simulation, scope, plan, token)
        REPORT_JOBS.remember(scope, token, made)
    return {"ReportJobId": made.id}


def delivered(simulation: Simulation, scope: RegionScope) -> list[Delivered]:
    """The reports that plans of that place delivered, the oldest first; as long as AWS keeps their jobs."""
    return [each for job in REPORT_JOBS.known(scope, simulation.clock.now()) for each in job.delivered]
