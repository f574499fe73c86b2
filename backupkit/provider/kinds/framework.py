"""Frameworks of Audit Manager."""

from __future__ import annotations

from backupkit.declare.control_facts import CONTROLS, ControlFacts
from backupkit.declare.framework import Framework
from backupkit.provider.answers import Document, entries, inner, text, texts
from backupkit.provider.flatten import flatten
from backupkit.provider.forms import Form
from backupkit.provider.kinds.kind import Kind, Settling

__all__ = ["DEPLOYED", "FRAMEWORK", "deployment"]

DEPLOYED = frozenset({"COMPLETED"})
_UNKNOWN = ControlFacts()


def deployment(answer: Document) -> str:
    """Say why a deployment failed, as far as AWS tells: it has no words for it, but says whether AWS Config records."""
    status = text(answer, "FrameworkStatus")
    recording = f"FrameworkStatus is {status}, so " if status and status != "ACTIVE" else ""
    return f"{recording}see that AWS Config records what the controls evaluate, and apply again, which replaces it"


def _form(document: Document, beside: Document | None) -> Form:
    controls = [_meant(control) for control in entries(document, "FrameworkControls")]
    body = {**document, "FrameworkControls": controls}
    return flatten(Framework, body, beside, frozenset({"name", "tags"}))


def _meant(control: Document) -> Document:
    """A control as it is meant: defaults filled in, lists in one order, and no scope that narrows nothing."""
    facts = CONTROLS.get(text(control, "ControlName"), _UNKNOWN)
    given = {
        text(each, "ParameterName"): text(each, "ParameterValue") for each in entries(control, "ControlInputParameters")
    }
    parameters = [{"ParameterName": name, "ParameterValue": value} for name, value in facts.meaning(given).items()]
    scope = inner(control, "ControlScope")
    whole = facts.type and texts(scope, "ComplianceResourceTypes") == (facts.type,) and len(scope) == 1
    return {**control, "ControlInputParameters": parameters, "ControlScope": {} if whole else scope}


FRAMEWORK = Kind(
    cls=Framework,
    list="ListFrameworks",
    get="DescribeFramework",
    id="FrameworkName",
    arn="FrameworkArn",
    create="CreateFramework",
    update="UpdateFramework",
    delete="DeleteFramework",
    tags="FrameworkTags",
    settled=Settling(
        state="DeploymentStatus",
        done=DEPLOYED,
        failed=frozenset({"FAILED"}),
        reason=deployment,
        pause_seconds=10,
        timeout_seconds=600,
    ),
    form=_form,
)
