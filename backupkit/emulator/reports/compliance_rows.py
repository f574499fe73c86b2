"""The rows of control and resource compliance reports: what the controls of frameworks found.

Source: the sample reports of the developer guide's page on report templates. Types and ids of resources are those of
AWS Config; where Config's id is not part of the ARN (of databases, for example), the name in the ARN stands for it.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from backupkit.arn import Arn
from backupkit.emulator.audit.evaluation import ControlResult, evaluate
from backupkit.emulator.kernel.kinds import kind_named
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, Finding, Framework, RegionScope
from backupkit.emulator.reports.writing import moment

__all__ = ["controls", "resources"]

_WHOLE_ARN = "AWS::Backup::RecoveryPoint"


def controls(simulation: Simulation, scope: RegionScope, frameworks: list[Framework]) -> Iterator[Document]:
    """The rows of a CONTROL_COMPLIANCE_REPORT: one for each control of each framework."""
    for framework in frameworks:
        for result in evaluate(simulation, scope, framework):
            yield {**_framework(scope, framework, result), **_control(result)}


def _control(result: ControlResult) -> Document:
    """What was never judged has AWS Config's word for it (unconfirmed here); a frequency has what is not by change."""
    return {
        "controlComplianceStatus": _status(result.compliant, unknown="INSUFFICIENT_DATA"),
        "lastEvaluationTime": moment(result.evaluated),
        "numResourcesCompliant": sum(finding.compliant is True for finding in result.findings),
        "numResourcesNonCompliant": sum(finding.compliant is False for finding in result.findings),
        "controlFrequency": "TwentyFour_Hours" if result.daily else None,
        "controlScope": _scope(result.scope),
        "controlParameters": msgspec.json.encode(result.parameters).decode() if result.parameters else "",
    }


def resources(simulation: Simulation, scope: RegionScope, frameworks: list[Framework]) -> Iterator[Document]:
    """The rows of a RESOURCE_COMPLIANCE_REPORT: one for each resource that a control judged."""
    for framework in frameworks:
        for result in evaluate(simulation, scope, framework):
            for finding in result.findings:
                if finding.compliant is not None:
                    yield {**_framework(scope, framework, result), **_resource(finding)}


def _resource(finding: Finding) -> Document:
    kind = kind_named(finding.resource_type).config_type or finding.resource_type
    name = finding.resource_arn if kind == _WHOLE_ARN else Arn.parse(finding.resource_arn).name
    return {
        "resourceId": f"{kind}/{name}",
        "resourceType": kind,
        "resourceComplianceStatus": _status(finding.compliant),
        "lastEvaluationTime": moment(finding.evaluated),
    }


def _framework(scope: RegionScope, framework: Framework, result: ControlResult) -> Document:
    return {
        "accountId": scope.account_id,
        "region": scope.region_name,
        "frameworkName": framework.name,
        "frameworkDescription": framework.description,
        "controlName": result.name,
    }


def _status(compliant: bool | None, unknown: str = "") -> str:
    if compliant is None:
        return unknown
    return "COMPLIANT" if compliant else "NON_COMPLIANT"


def _scope(scope: Document) -> str:
    """A scope in the spelling of the guide's sample, ``{ComplianceResourceTypes: [EBS],}``; empty takes all."""
    lists = [name for name in ("ComplianceResourceIds", "ComplianceResourceTypes") if scope.get(name)]
    text = "".join(f"{name}: [{', '.join(scope[name])}]," for name in lists)
    if scope.get("Tags"):
        text += f"Tags: {{{', '.join(f'{name}={value}' for name, value in scope['Tags'].items())}}}"
    return f"{{{text}}}" if text else ""
