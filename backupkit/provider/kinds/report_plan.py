"""Report plans of Audit Manager."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from backupkit.arn import FRAMEWORK as FRAMEWORK_ARN
from backupkit.declare.codec.documents import document
from backupkit.declare.report_plan import ReportPlan
from backupkit.documents import Value
from backupkit.errors import NotFoundError
from backupkit.problems import Problem
from backupkit.provider.answers import Document, inner, text, text_map, texts
from backupkit.provider.change import Call, Output
from backupkit.provider.flatten import flatten
from backupkit.provider.forms import Form
from backupkit.provider.kinds.framework import DEPLOYED, FRAMEWORK
from backupkit.provider.kinds.kind import Kind, Settling
from backupkit.provider.kinds.observed import Observed, World
from backupkit.provider.kinds.reader import Reader

__all__ = ["REPORT_PLAN"]

_SETTING, _ARNS = "ReportSetting", "FrameworkArns"
_NAMES = "(names of frameworks)"
"""What `_reading` adds to the answer."""


def _reading(reader: Reader, name: str) -> Document | None:
    """The answer, with the names of the frameworks that are there: of one that was made again, the old ARN is left."""
    try:
        answer: Document = reader.ask("backup", "DescribeReportPlan", {"ReportPlanName": name})
    except NotFoundError:
        return None
    plan = inner(answer, "ReportPlan")
    if not texts(inner(plan, _SETTING), _ARNS):
        return answer
    names = dict(reader.list(FRAMEWORK, {}, lambda each: (text(each, FRAMEWORK.arn), text(each, FRAMEWORK.id))))
    return {**answer, "ReportPlan": {**plan, _NAMES: names}}


def _form(document: Document, beside: Document | None) -> Form:
    """AWS answers the ARNs of frameworks, whose ends only AWS knows; a declaration may name them instead."""
    setting, there = inner(document, _SETTING), text_map(document, _NAMES)
    declared = set(texts(inner(beside or {}, _SETTING), _ARNS))
    held = texts(setting, _ARNS)
    found = [there[arn] if there.get(arn) in declared and arn not in declared else arn for arn in held]
    body = {**document, _SETTING: {**setting, _ARNS: found}}
    return flatten(ReportPlan, body, beside, frozenset({"name", "tags"}))


def _changed(plan: ReportPlan, seen: Observed) -> dict[str, Value]:
    """Every structure whole, as AWS takes them; a description that goes is sent empty."""
    body = document(plan)
    del body["ReportPlanName"]
    gone = {"ReportPlanDescription": ""} if text(seen.document, "ReportPlanDescription") else {}
    return {**gone, **body}


def _with_arns(call: Call) -> Call:
    """The call with the ARNs of frameworks that are named, as they are when it is made: some are made before it."""
    setting = call.params.get(_SETTING)
    named = setting.get(_ARNS) if isinstance(setting, Mapping) else None
    if not isinstance(setting, Mapping) or not isinstance(named, list):
        return call
    arns = [each if FRAMEWORK_ARN.admits(each) else Output(f"{FRAMEWORK.word}.{each}", FRAMEWORK.arn) for each in named]
    return attrs.evolve(call, params={**call.params, _SETTING: {**setting, _ARNS: arns}})


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
    reading=_reading,
    form=_form,
    changed=_changed,
    sent=_with_arns,
    needs=lambda plan: [f"framework.{each}" for each in plan.frameworks],
    checks=_checks,
)
