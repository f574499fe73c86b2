"""Access policies by meaning: AWS writes them down in its own way, so texts differ where nothing else does."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

from backupkit.provider.change import Leaf

__all__ = ["policy_form", "policy_forms"]

_OLD_VERSION = "2008-10-17"
"""What a policy without a Version means (IAM user guide, policy elements)."""
_ACCOUNT_DIGITS = 12


def policy_form(policy: str | None) -> dict[str, Leaf]:
    """A policy, flat: one entry for each statement, so that a preview shows the statements that differ."""
    if policy is None:
        return {}
    try:
        document: object = json.loads(policy)
    except ValueError:
        return {"text": policy}
    if not isinstance(document, Mapping):
        return {"text": policy}
    flat: dict[str, Leaf] = {"version": str(document.get("Version", _OLD_VERSION))}
    for statement in _many(document.get("Statement")):
        flat.update(_statement_form(statement, flat))
    return flat


def policy_forms(seen: str | None, declared: str | None) -> tuple[dict[str, Leaf], dict[str, Leaf]]:
    """Both policies, flat. A declared one without a Version leaves it to the service, which may write one in."""
    old, new = policy_form(seen), policy_form(declared)
    if declared is not None and "version" in new and "Version" not in json.loads(declared):
        new.pop("version")
        old.pop("version", None)
    return old, new


def _statement_form(statement: object, others: Mapping[str, Leaf]) -> dict[str, Leaf]:
    plain = _normal(statement)
    written = json.dumps(plain, sort_keys=True)
    name = plain.get("Sid") if isinstance(plain, Mapping) else None
    digest = hashlib.sha256(written.encode()).hexdigest()[:6]
    label = f"statement.{name}" if isinstance(name, str) and name else f"statement#{digest}"
    return {label if label not in others else f"{label}#{digest}": written}


def _normal(statement: object) -> object:
    if not isinstance(statement, Mapping):
        return statement
    return {key: _element(key, value) for key, value in statement.items() if value not in ("", [], {})}


def _element(key: str, value: object) -> object:
    if key in {"Action", "NotAction"}:
        return sorted({str(each).lower() for each in _many(value)})
    if key in {"Resource", "NotResource"}:
        return sorted({str(each) for each in _many(value)})
    if key in {"Principal", "NotPrincipal"}:
        return _principal(value)
    if key == "Condition" and isinstance(value, Mapping):
        return {test: _condition(asked) for test, asked in value.items()}
    return value


def _principal(value: object) -> object:
    if not isinstance(value, Mapping):
        return {"AWS": [str(value)]}
    return {kind: sorted({_root(str(each)) for each in _many(who)}) for kind, who in value.items()}


def _root(principal: str) -> str:
    """An account's number means its root, which is how AWS writes it down."""
    if len(principal) == _ACCOUNT_DIGITS and principal.isdigit():
        return principal
    parts = principal.split(":")
    is_root = len(parts) == 6 and parts[2] == "iam" and parts[5] == "root"
    return parts[4] if is_root else principal


def _condition(asked: object) -> object:
    if not isinstance(asked, Mapping):
        return asked
    return {key: sorted({_word(each) for each in _many(values)}) for key, values in asked.items()}


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _many(value: object) -> Sequence[object]:
    if value is None:
        return ()
    return value if isinstance(value, Sequence) and not isinstance(value, str) else (value,)
