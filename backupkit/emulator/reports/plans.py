"""Report plans: created, described, listed, updated and deleted, each change deployed some time later.

Sources: the botocore model, and the developer guide's pages on report plans and quotas.
"""

from __future__ import annotations

from datetime import timedelta

import attrs

from backupkit.emulator.kernel.job_records import present
from backupkit.emulator.kernel.operations import answers, refuse
from backupkit.emulator.kernel.paging import listing
from backupkit.emulator.kernel.simulation import Cloud
from backupkit.emulator.model import Document, Place, ReportPlan
from backupkit.emulator.reports import documents, runs
from backupkit.emulator.rules import tags

__all__ = ["MOST_PLANS", "plan_named"]

_SOURCE = "botocore model; developer guide, Audit Manager report plans; recorded reports"
MOST_PLANS = 20
"""Report plans of an account, over all its Regions (quota of the developer guide)."""

_CREATE, _UPDATE = "CreateReportPlan", "UpdateReportPlan"


@answers(_CREATE, source=_SOURCE, lacks="AWS's own sentences where it refuses; bucket policies and KMS keys of buckets")
def _create(cloud: Cloud, place: Place, params: Document) -> Document:
    token: str | None = params.get("IdempotencyToken")
    known = place.tokens.get((_CREATE, token)) if token is not None else None
    return _told(place.report_plans[known] if known is not None else _made(cloud, place, params))


def _told(plan: ReportPlan) -> Document:
    return {"ReportPlanName": plan.name, "ReportPlanArn": plan.arn, "CreationTime": plan.created}


def _made(cloud: Cloud, place: Place, params: Document) -> ReportPlan:
    name: str = params["ReportPlanName"]
    documents.check(cloud, place, params["ReportDeliveryChannel"], params["ReportSetting"])
    tags.check(params.get("ReportPlanTags", {}))
    if name in place.report_plans:
        refuse("AlreadyExistsException", f"Report plan {name} from account {place.account_id} already exists.")
    if _count(cloud, place) >= MOST_PLANS:
        refuse("LimitExceededException", f"The account has reached its limit of {MOST_PLANS} report plans")
    plan = ReportPlan(
        name=name,
        arn=place.arn(f"report-plan:{name}-{cloud.new_id()}"),
        description=params.get("ReportPlanDescription", ""),
        delivery=params["ReportDeliveryChannel"],
        setting=documents.echoed(params["ReportSetting"]),
        created=cloud.clock.now(),
        tags=dict(params.get("ReportPlanTags", {})),
    )
    place.report_plans[name] = plan
    _remember(place, _CREATE, plan, params)
    _deploy(cloud, place, plan, "CREATE_IN_PROGRESS")
    return plan


def _count(cloud: Cloud, place: Place) -> int:
    return sum(len(there.report_plans) for there in cloud.places.values() if there.account_id == place.account_id)


def _remember(place: Place, operation: str, plan: ReportPlan, params: Document) -> None:
    token: str | None = params.get("IdempotencyToken")
    if token is not None:
        place.tokens[operation, token] = plan.name


def _deploy(cloud: Cloud, place: Place, plan: ReportPlan, status: str) -> None:
    plan.status = status
    takes = timedelta(seconds=cloud.choices.report_plan_deployment_seconds)
    cloud.agenda.note(cloud.clock.now() + takes, _Deployed(place, plan))


@attrs.frozen(eq=False)
class _Deployed:
    place: Place
    plan: ReportPlan

    def happen(self, cloud: Cloud) -> None:
        if self.plan.status == "DELETE_IN_PROGRESS":
            _forget(self.place, self.plan)
            return
        self.plan.status = "COMPLETED"
        runs.every_day(cloud, self.place, self.plan)


def _forget(place: Place, plan: ReportPlan) -> None:
    del place.report_plans[plan.name]
    for key in [key for key, name in place.tokens.items() if name == plan.name and key[0] in {_CREATE, _UPDATE}]:
        del place.tokens[key]


def plan_named(place: Place, name: str) -> ReportPlan:
    """The report plan of that name.

    Raises:
        Refused: It is not there.
    """
    found = place.report_plans.get(name)
    if found is None:
        refuse("ResourceNotFoundException", f"Report plan {name} cannot be found.")
    return found


@answers("DescribeReportPlan", source=_SOURCE)
def _describe(cloud: Cloud, place: Place, params: Document) -> Document:  # noqa: ARG001 - the shape of a handler
    return {"ReportPlan": _shown(plan_named(place, params["ReportPlanName"]))}


def _shown(plan: ReportPlan) -> Document:
    return present(
        ReportPlanArn=plan.arn,
        ReportPlanName=plan.name,
        ReportPlanDescription=plan.description,
        ReportSetting=plan.setting,
        ReportDeliveryChannel=plan.delivery,
        DeploymentStatus=plan.status,
        CreationTime=plan.created,
        LastAttemptedExecutionTime=plan.attempted,
        LastSuccessfulExecutionTime=plan.succeeded,
    )


@answers("ListReportPlans", source=_SOURCE)
def _list(cloud: Cloud, place: Place, params: Document) -> Document:
    return listing(
        cloud,
        place,
        "ListReportPlans",
        params,
        place.report_plans.values(),
        lambda plan: (plan.name,),
        member="ReportPlans",
        show=_shown,
    )


@answers(_UPDATE, source=_SOURCE)
def _update(cloud: Cloud, place: Place, params: Document) -> Document:
    plan = plan_named(place, params["ReportPlanName"])
    token: str | None = params.get("IdempotencyToken")
    if token is None or place.tokens.get((_UPDATE, token)) != plan.name:
        _change(cloud, place, plan, params)
    return _told(plan)


def _change(cloud: Cloud, place: Place, plan: ReportPlan, params: Document) -> None:
    """Replace the description, the delivery channel or the setting, each whole."""
    delivery: Document = params.get("ReportDeliveryChannel", plan.delivery)
    setting: Document = params.get("ReportSetting", plan.setting)
    documents.check(cloud, place, delivery, setting)
    before, after = plan.setting["ReportTemplate"], setting["ReportTemplate"]
    if before != after and not cloud.choices.report_plan_changes_template:
        refuse("InvalidParameterValueException", f"The template of report plan {plan.name} cannot be changed")
    _check_settled(plan)
    plan.description = params.get("ReportPlanDescription", plan.description)
    plan.delivery, plan.setting = delivery, documents.echoed(setting)
    _remember(place, _UPDATE, plan, params)
    _deploy(cloud, place, plan, "UPDATE_IN_PROGRESS")


def _check_settled(plan: ReportPlan) -> None:
    if plan.status != "COMPLETED":
        refuse("ConflictException", f"Report plan {plan.name} cannot be changed while it is {plan.status}.")


@answers("DeleteReportPlan", source=_SOURCE)
def _delete(cloud: Cloud, place: Place, params: Document) -> Document:
    plan = plan_named(place, params["ReportPlanName"])
    _check_settled(plan)
    _deploy(cloud, place, plan, "DELETE_IN_PROGRESS")
    return {}
