"""Report plans of Audit Manager."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from backupkit.arn import FRAMEWORK as FRAMEWORK_ARN
from backupkit.declare import ReportPlan
from backupkit.problems import Problem
from backupkit.provider.answers import Document, inner, text, texts
from backupkit.provider.change import Call, Made, Subject
from backupkit.provider.flatten import flatten
from backupkit.provider.forms import Form
from backupkit.provider.kinds.calls import creation, updates
from backupkit.provider.kinds.framework import DEPLOYED
from backupkit.provider.kinds.kind import Kind, Place, Settling
from backupkit.provider.kinds.observed import Observed, World
from backupkit.wire.documents import document

__all__ = ["REPORT_PLAN"]

_SETTING, _ARNS = "ReportSetting", "FrameworkArns"


def _form(document: Document, beside: Document | None) -> Form:
    """AWS answers the ARNs of frameworks, whose ends only AWS knows; a declaration may name them."""
    setting = inner(document, _SETTING)
    names = set(texts(inner(beside or {}, _SETTING), _ARNS))
    place = text(document, "ReportPlanArn").partition(":report-plan:")[0]
    found = [_named(arn, place, names) for arn in texts(setting, _ARNS)]
    body = {**document, _SETTING: {**setting, _ARNS: found}}
    return flatten(ReportPlan, body, beside, frozenset({"name", "tags"}))


def _named(arn: str, place: str, names: set[str]) -> str:
    """The declared name of a framework of the same account and Region; otherwise its ARN."""
    head, found, rest = arn.partition(":framework:")
    name = rest.partition("-")[0]
    return name if found and head == place and name in names and arn not in names else arn


def _creating(world: World, plan: ReportPlan) -> Iterator[Call]:
    yield _with_arns(world, creation(world, REPORT_PLAN, plan, _place(plan)))


def _updating(world: World, plan: ReportPlan, seen: Observed) -> Iterator[Call]:
    for call in updates(world, attrs.evolve(REPORT_PLAN, updating=None), plan, seen, _place(plan)):
        yield _with_arns(world, call)


def _changed(plan: ReportPlan, seen: Observed) -> Document:
    """Every structure whole, as AWS takes them; a description that goes is sent empty."""
    body = document(plan)
    del body["ReportPlanName"]
    gone = {"ReportPlanDescription": ""} if text(seen.document, "ReportPlanDescription") else {}
    return {**gone, **body}


def _place(plan: ReportPlan) -> Place:
    return Place(plan.address, Subject(REPORT_PLAN.word, plan.name))


def _with_arns(world: World, call: Call) -> Call:
    """The call with the ARNs of frameworks that are named; of one that is made first, its ARN is known only then."""
    setting = call.params.get(_SETTING)
    named = setting.get(_ARNS) if isinstance(setting, Mapping) else None
    if not isinstance(setting, Mapping) or not isinstance(named, list):
        return call
    arns = [each if FRAMEWORK_ARN.admits(each) else _arn(world, each) for each in named]
    return attrs.evolve(call, params={**call.params, _SETTING: {**setting, _ARNS: arns}})


def _arn(world: World, name: str) -> str | Made:
    seen = next((each for each in world.found("framework", name) if each.arn), None)
    return seen.arn if seen is not None else Made(f"framework.{name}", "FrameworkArn")


def _checks(world: World, plan: ReportPlan) -> Iterator[Problem]:
    going = {each.arn: each.name for each in world.going("framework")}
    declared = {each.address for each in world.things}
    for each in plan.frameworks:
        there = FRAMEWORK_ARN.admits(each) or f"framework.{each}" in declared or world.found("framework", each)
        if not there:
            yield Problem(
                "frameworks", f"there is no framework {each!r} here", "declare it in the stack, or name its ARN"
            )
        elif each in going or each in going.values():
            what = f"the stack no longer declares the framework {going.get(each, each)!r}, so it would be deleted"
            yield Problem("frameworks", what, "declare it again, or change the report plan as well")


REPORT_PLAN = Kind(
    cls=ReportPlan,
    list="ListReportPlans",
    get="DescribeReportPlan",
    got="ReportPlan",
    id="ReportPlanName",
    arn="ReportPlanArn",
    create="CreateReportPlan",
    update="UpdateReportPlan",
    delete="DeleteReportPlan",
    tags="ReportPlanTags",
    settled=Settling(
        state="ReportPlan/DeploymentStatus",
        done=DEPLOYED,
        failed=frozenset({"FAILED"}),
        pause_seconds=10,
        timeout_seconds=600,
    ),
    form=_form,
    changed=_changed,
    creating=_creating,
    updating=_updating,
    needs=lambda plan: [f"framework.{each}" for each in plan.frameworks],
    checks=_checks,
)
