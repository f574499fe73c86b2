"""What calls a validator of test restores: a rule of EventBridge, its target, and the function's permission."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import attrs

from backupkit.declare.beside import RestoreValidation
from backupkit.documents import Value
from backupkit.provider.answers import Document, entries, flag, text, texts
from backupkit.provider.change import Call
from backupkit.provider.forms import Form
from backupkit.provider.kinds.kind import Kind
from backupkit.provider.kinds.observed import Observed, World
from backupkit.provider.kinds.reader import Reader

__all__ = ["RESTORE_VALIDATION"]

_TARGET = "backupkit"
_EVENTS = "events.amazonaws.com"
_GONE = "ResourceNotFoundException"


def _reading(reader: Reader, name: str) -> Document | None:
    rule = reader.find("events", "describe_rule", {"Name": name}, _GONE)
    if rule is None:
        return None
    targets = sorted(_targets(reader, name))
    return {
        "Name": name,
        "Arn": text(rule, "Arn"),
        "EventPattern": _canonical(text(rule, "EventPattern")),
        "Enabled": text(rule, "State") == "ENABLED",
        "Targets": targets,
        "Permitted": [arn for arn in targets if _may_call(reader, text(rule, "Arn"), arn)],
    }


def _targets(reader: Reader, name: str) -> Iterator[str]:
    params = {"Rule": name}
    while True:
        page: Document = reader.ask("events", "list_targets_by_rule", params)
        yield from (text(each, "Arn") for each in entries(page, "Targets"))
        token = text(page, "NextToken")
        if not token:
            return
        params["NextToken"] = token


def _may_call(reader: Reader, rule_arn: str, function_arn: str) -> bool:
    if ":lambda:" not in function_arn:
        return False
    answer = reader.find("lambda", "get_policy", _function(function_arn), _GONE)
    policy = json.loads(text(answer, "Policy") or "{}") if answer is not None else {}
    return any(_permits(each, rule_arn) for each in policy.get("Statement", ()))


def _permits(statement: Mapping[str, object], rule_arn: str) -> bool:
    return (
        statement.get("Effect") == "Allow"
        and _EVENTS in json.dumps(statement.get("Principal"))
        and statement.get("Action") == "lambda:InvokeFunction"
        and (not statement.get("Condition") or rule_arn in json.dumps(statement.get("Condition")))
    )


def _function(arn: str) -> dict[str, str]:
    """The members that name a function: a version or alias has its own member."""
    head, _, qualifier = arn.partition(":function:")[2].partition(":")
    base = f"{arn.partition(':function:')[0]}:function:{head}"
    return {"FunctionName": base, **({"Qualifier": qualifier} if qualifier else {})}


def _canonical(pattern: str) -> str:
    try:
        return json.dumps(json.loads(pattern), sort_keys=True)
    except ValueError:
        return pattern


def _document(validation: RestoreValidation) -> dict[str, Value]:
    return {
        "Name": validation.name,
        "EventPattern": _canonical(json.dumps(validation.event_pattern)),
        "Enabled": True,
        "Targets": [validation.function_arn],
        "Permitted": [validation.function_arn],
    }


def _form(found: Document, beside: Document | None) -> Form:
    """The rule; of its targets only the one that is declared."""
    wanted = texts(found if beside is None else beside, "Targets")
    targets = tuple(each for each in texts(found, "Targets") if each in wanted)
    permitted = tuple(each for each in texts(found, "Permitted") if each in wanted)
    return Form(
        {
            "event_pattern": text(found, "EventPattern"),
            "enabled": flag(found, "Enabled"),
            **({"function_arn": targets} if targets else {}),
            **({"permitted": permitted} if permitted else {}),
        }
    )


def _creating(_: World, validation: RestoreValidation) -> Iterator[Call]:
    return _calls(validation, permitted=False)


def _updating(_: World, validation: RestoreValidation, seen: Observed) -> Iterator[Call]:
    return _calls(validation, permitted=validation.function_arn in texts(seen.document, "Permitted"))


def _calls(validation: RestoreValidation, *, permitted: bool) -> Iterator[Call]:
    rule = {"Name": validation.name, "EventPattern": json.dumps(validation.event_pattern), "State": "ENABLED"}
    yield Call("put_rule", rule, service="events")
    target = {"Id": _TARGET, "Arn": validation.function_arn}
    yield Call("put_targets", {"Rule": validation.name, "Targets": [target]}, service="events")
    if not permitted:
        yield _permission(validation)


def _permission(validation: RestoreValidation) -> Call:
    """The call that lets the rule call the function; a statement of the name that does not let it is taken away."""
    statement = {
        **_function(validation.function_arn),
        "StatementId": f"backupkit-{validation.name.replace('.', '_')}",
    }
    more = {"Action": "lambda:InvokeFunction", "Principal": _EVENTS, "SourceArn": validation.rule_arn}
    add = Call("add_permission", {**statement, **more}, service="lambda")
    return attrs.evolve(add, fallback=(Call("remove_permission", statement, service="lambda"), add))


RESTORE_VALIDATION = Kind(
    cls=RestoreValidation,
    service="events",
    id="Name",
    arn="Arn",
    document=_document,
    form=_form,
    reading=_reading,
    creating=_creating,
    updating=_updating,
    needs=lambda validation: (f"restore_testing_plan.{validation.plan}",),
)
