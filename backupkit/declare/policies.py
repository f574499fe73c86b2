"""Access policies of vaults: what AWS Backup refuses in them.

Sources: the IAM user guide's reference of policy elements, the developer guide's page on vault access policies, and
refusals that others recorded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from backupkit.declare.vault_actions import DECIDED
from backupkit.problems import nearest, quote

__all__ = ["policy_fault", "policy_risks"]

_VERSIONS = ("2012-10-17", "2008-10-17")
_MEMBERS = frozenset(
    {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}
)
_ANYTHING, _NOBODY = re.compile(r".+", re.DOTALL), re.compile(r"(?!)")
_PRINCIPALS = {
    "AWS": re.compile(r"\*|[0-9]{12}|arn:aws[a-z-]*:(iam|sts)::[0-9]{12}:[^\s*?]+|A[A-Z0-9]{15,}"),
    "Service": _ANYTHING,
    "Federated": _ANYTHING,
    "CanonicalUser": _ANYTHING,
}
_OPERATOR = re.compile(
    r"(?:For(?:AllValues|AnyValue):)?(?:"
    r"String(?:Not)?(?:Equals(?:IgnoreCase)?|Like)|"
    r"(?:Numeric|Date)(?:(?:Not)?Equals|(?:Less|Greater)Than(?:Equals)?)|"
    r"Arn(?:Not)?(?:Equals|Like)|Bool|BinaryEquals|(?:Not)?IpAddress)(?:IfExists)?|Null"
)


def policy_fault(text: object) -> str | None:
    """Return the first thing for which AWS refuses the text as a vault's access policy, or None."""
    try:
        policy = json.loads(text) if isinstance(text, str) else None
        # Python reads and spells what is not JSON: NaN, infinity, half of a surrogate pair.
        json.dumps(policy, allow_nan=False, ensure_ascii=False).encode()
    except RecursionError:
        return "Policy is nested too deeply"
    except ValueError:
        return "Policy is not valid JSON"
    if not isinstance(policy, dict) or not policy.get("Statement"):
        return "Policy must be a JSON object with at least one Statement"
    if policy.get("Version", _VERSIONS[0]) not in _VERSIONS:
        return f"The Version of the policy must be {' or '.join(_VERSIONS)}"
    return next((fault for each in _listed(policy["Statement"]) for fault in _statement_faults(each)), None)


def policy_risks(text: str) -> Iterator[tuple[str, str]]:
    """Return what AWS takes and is rarely meant in a policy that was checked, each with the way out."""
    statements = [each for each in _listed(json.loads(text)["Statement"]) if isinstance(each, dict)]
    yield from _unheeded(statements)
    everybody = [each for each in statements if _is_for_everybody(each)]
    denied = [each for each in everybody if each["Effect"] == "Deny"]
    forbidden = {str(action).casefold() for each in denied for action in _listed(each.get("Action"))}
    if forbidden >= {"backup:putbackupvaultaccesspolicy", "backup:deletebackupvaultaccesspolicy"}:
        yield (
            "nobody, the root of the account included, can ever change or remove this policy again",
            "spare a role: bk.AccessPolicy.deny_policy_changes(unless=[role])",
        )
    if any(each["Effect"] == "Allow" for each in everybody):
        yield (
            "it lets every account of the organization do what it names",
            "name accounts or an organization: bk.AccessPolicy.allow_copies_from_accounts(...)",
        )


def _unheeded(statements: list[dict[str, object]]) -> Iterator[tuple[str, str]]:
    """The actions that no vault is asked about: a misspelt one forbids and allows nothing."""
    known = {action.casefold() for action in DECIDED}
    named = (
        str(action) for each in statements for key in ("Action", "NotAction") for action in _listed(each.get(key, []))
    )
    for action in dict.fromkeys(named):
        if "*" not in action and action.casefold() not in known:
            yield (
                f"{quote(action)} is not an action that the policy of a vault decides about",
                nearest(action, DECIDED),
            )


def _is_for_everybody(statement: dict[str, object]) -> bool:
    principal = statement.get("Principal")
    named = _listed(principal.get("AWS")) if isinstance(principal, dict) else [principal]
    return "*" in named and not statement.get("Condition")


def _statement_faults(statement: object) -> Iterator[str]:
    if not isinstance(statement, dict):
        yield "Every Statement of the policy must be a JSON object"
        return
    if unknown := sorted(set(statement) - _MEMBERS):
        yield f"Policy has invalid statement member {unknown[0]}"
    if statement.get("Effect") not in ("Allow", "Deny"):
        yield "Policy statement must have the Effect Allow or Deny"
    for name in ("Action", "Principal", "Resource"):
        if name in statement and f"Not{name}" in statement:
            yield f"Policy statement must not have both {name} and Not{name}"
    actions = _listed(statement.get("Action", statement.get("NotAction", [])))
    if not actions or not all(isinstance(each, str) and each for each in actions):
        yield "Policy statement must contain actions"
    if any("*" in str(action) for action in _listed(statement.get("Action", []))):
        yield "Wildcards are not supported in the Action of a backup vault policy"
    resources = _listed(statement.get("Resource", statement.get("NotResource", "*")))
    if not resources or not all(isinstance(each, str) and each for each in resources):
        yield "Every Resource of the policy must be text"
    yield from _principal_faults(statement.get("Principal", statement.get("NotPrincipal")))
    yield from _condition_faults(statement.get("Condition", {}))


def _principal_faults(principal: object) -> Iterator[str]:
    if not principal:
        yield "Policy statement must contain a principal"
    elif principal != "*" and not (
        isinstance(principal, dict) and all(_is_principal(*each) for each in principal.items())
    ):
        yield "Provided principal is not valid"


def _is_principal(kind: object, names: object) -> bool:
    pattern = _PRINCIPALS.get(str(kind), _NOBODY)
    listed = _listed(names)
    return bool(listed) and all(isinstance(name, str) and pattern.fullmatch(name) for name in listed)


def _condition_faults(conditions: object) -> Iterator[str]:
    if not isinstance(conditions, dict) or not all(isinstance(tests, dict) for tests in conditions.values()):
        yield "Every Condition of the policy must be a JSON object"
        return
    for operator, tests in conditions.items():
        if not _OPERATOR.fullmatch(operator):
            yield f"Policy has invalid condition operator {operator}"
        if not all(isinstance(value, (str, int, float)) for values in tests.values() for value in _listed(values)):
            yield "Every value of a Condition of the policy must be text, a number or a boolean"


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
