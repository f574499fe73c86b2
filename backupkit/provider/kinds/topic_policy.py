"""Policies of SNS topics: one statement that lets services publish, beside all that is there."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from backupkit.declare.beside import TopicPolicy
from backupkit.declare.policy_meaning import many
from backupkit.documents import Value
from backupkit.errors import NeighbourError
from backupkit.problems import Problem
from backupkit.provider.answers import Document, flag, inner, text, texts
from backupkit.provider.change import Call
from backupkit.provider.forms import Form
from backupkit.provider.kinds.kind import Kind
from backupkit.provider.kinds.observed import Observed, World
from backupkit.provider.kinds.reader import Reader

__all__ = ["TOPIC_POLICY", "publishers"]

_SID = "backupkit"
_PUBLISH = frozenset({"sns:publish", "sns:*", "*"})
_OLD_VERSION = "2008-10-17"


def _reading(reader: Reader, topic: str) -> Document:
    try:
        answer: Document = reader.ask("sns", "get_topic_attributes", {"TopicArn": topic})
    except NeighbourError as error:
        if error.code in {"NotFound", "NotFoundException"}:
            return {"TopicArn": topic, "Missing": True}
        raise
    policy = text(inner(answer, "Attributes"), "Policy")
    return {"TopicArn": topic, "Policy": policy, "Services": sorted(publishers(policy, topic))}


def _parsed(policy: str) -> Mapping[str, object]:
    try:
        found = json.loads(policy) if policy else {}
    except ValueError:
        found = {}
    return found if isinstance(found, Mapping) else {}


def publishers(policy: str, topic: str) -> set[str]:
    """The services that the policy of a topic lets publish without a condition."""
    found: set[str] = set()
    for each in many(_parsed(policy).get("Statement")):
        if not isinstance(each, Mapping) or each.get("Effect") != "Allow" or each.get("Condition"):
            continue
        principal = each.get("Principal")
        actions = {str(action).lower() for action in many(each.get("Action"))}
        if isinstance(principal, Mapping) and actions & _PUBLISH and {topic, "*"} & set(many(each.get("Resource"))):
            found |= {str(service) for service in many(principal.get("Service"))}
    return found


def _document(policy: TopicPolicy) -> dict[str, Value]:
    return {"TopicArn": policy.topic, "Services": sorted(policy.services)}


def _form(found: Document, beside: Document | None) -> Form:
    services = texts(found, "Services")
    if beside is not None:
        services = tuple(each for each in services if each in texts(beside, "Services"))
    return Form({"services": services} if services else {})


def _updating(_: World, declared: TopicPolicy, seen: Observed) -> Iterator[Call]:
    policy = _parsed(text(seen.document, "Policy"))
    others = [e for e in many(policy.get("Statement")) if not (isinstance(e, Mapping) and e.get("Sid") == _SID)]
    services = sorted(declared.services)
    ours = {
        "Sid": _SID,
        "Effect": "Allow",
        "Principal": {"Service": services[0] if len(services) == 1 else services},
        "Action": "sns:Publish",
        "Resource": declared.topic,
    }
    whole = {"Version": _OLD_VERSION, **policy, "Statement": [*others, ours]}
    params = {"TopicArn": declared.topic, "AttributeName": "Policy", "AttributeValue": json.dumps(whole)}
    yield Call("set_topic_attributes", params, service="sns")


def _checks(world: World, policy: TopicPolicy) -> Iterator[Problem]:
    if any(flag(seen.document, "Missing") for seen in world.found("topic_policy", policy.topic)):
        yield Problem("topic", "there is no such topic", "create it first")


TOPIC_POLICY = Kind(
    cls=TopicPolicy,
    service="sns",
    id="TopicArn",
    update="set_topic_attributes",
    document=_document,
    form=_form,
    reading=_reading,
    updating=_updating,
    checks=_checks,
)
