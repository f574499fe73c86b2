"""What the controls of a framework find in an account and Region.

Controls with a 24-hour trigger are evaluated on the clock: once their framework is deployed, and every 24 hours from
then on; what they found is kept until the next time, so that what happens in between does not show. Controls with a
change trigger are evaluated when they are asked: AWS evaluates a change at once, and their verdicts depend on nothing
but what they evaluate, never on the time; so what stands now is what its last change made of it. Their findings bear
the moment of the asking.

Source: the developer guide, controls and remediation of Backup Audit Manager.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs

from backupkit.emulator.audit.control import Terms
from backupkit.emulator.audit.controls import CONTROLS
from backupkit.emulator.audit.view import Scope, View
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import Document, Finding, Framework, RegionScope

__all__ = ["ControlResult", "Finding", "evaluate", "watch"]

_PERIOD = timedelta(hours=24)
_RECORDING = frozenset({"ACTIVE", "PARTIALLY_ACTIVE"})


@attrs.frozen
class ControlResult:
    """What one control of a framework found.

    Attributes:
        name: The control's name, for example ``BACKUP_RECOVERY_POINT_ENCRYPTED``.
        parameters: Its parameters by name, defaults filled in; values are text, as everywhere in the API.
        scope: Its ControlScope as AWS echoes it; empty where it takes in everything.
        findings: One for each resource in its scope, by ARN; none where nothing is in scope.
        daily: Whether it is evaluated every 24 hours; otherwise on each change of what it evaluates.
        evaluated: When it was last evaluated, in UTC; None where it was not yet.
    """

    name: str
    parameters: dict[str, str]
    scope: Document
    findings: tuple[Finding, ...]
    daily: bool = False
    evaluated: datetime | None = None

    @property
    def compliant(self) -> bool | None:
        """Whether every judged finding is compliant; None where nothing was judged."""
        judged = [finding.compliant for finding in self.findings if finding.compliant is not None]
        return all(judged) if judged else None


def evaluate(simulation: Simulation, scope: RegionScope, framework: Framework) -> list[ControlResult]:
    """What the framework's controls found, in the framework's order.

    While a framework is being deployed, and where nothing records configurations, no control finds anything.
    """
    view = View(simulation, scope)
    return [_result(view, framework, position) for position in range(len(framework.controls))]


def _result(view: View, framework: Framework, position: int) -> ControlResult:
    document = framework.controls[position]
    name, scope = document["ControlName"], document.get("ControlScope", {})
    control = CONTROLS.get(name)
    if control is None:
        return ControlResult(name, {}, scope, ())
    parameters = control.filled(document["ControlInputParameters"])
    if not _works(view.simulation, framework):
        return ControlResult(name, parameters, scope, (), control.daily)
    if control.daily:
        found = framework.daily.get(position, ())
        return ControlResult(name, parameters, scope, found, control.daily, framework.evaluated)
    return ControlResult(name, parameters, scope, _found(view, document), control.daily, view.now)


def _works(simulation: Simulation, framework: Framework) -> bool:
    return framework.status == "COMPLETED" and simulation.choices.framework_status in _RECORDING


def _found(view: View, document: Document) -> tuple[Finding, ...]:
    control = CONTROLS[document["ControlName"]]
    parameters = control.filled(document["ControlInputParameters"])
    terms = Terms(parameters, Scope.of(document.get("ControlScope", {}), view.choices))
    return tuple(sorted(control.find(view, terms), key=_arn))


def _arn(finding: Finding) -> str:
    return finding.resource_arn


def watch(simulation: Simulation, scope: RegionScope, framework: Framework) -> None:
    """Evaluate the daily controls of a framework that is deployed, now and every 24 hours."""
    framework.arming += 1
    _Evaluation(scope, framework, framework.arming).happen(simulation)


@attrs.frozen(eq=False)
class _Evaluation:
    scope: RegionScope
    framework: Framework
    arming: int

    def happen(self, simulation: Simulation) -> None:
        if self.arming != self.framework.arming:
            return
        simulation.agenda.schedule(simulation.clock.now() + _PERIOD, self)
        if _works(simulation, self.framework):
            _evaluate_daily(simulation, self.scope, self.framework)


def _evaluate_daily(simulation: Simulation, scope: RegionScope, framework: Framework) -> None:
    view = View(simulation, scope)
    framework.daily = {
        position: _found(view, document)
        for position, document in enumerate(framework.controls)
        if (control := CONTROLS.get(document["ControlName"])) is not None and control.daily
    }
    framework.evaluated = view.now
