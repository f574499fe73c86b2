"""Access policies by meaning: AWS writes them down in its own way, so texts differ where nothing else does."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from backupkit.declare.policy_meaning import OLD_VERSION, many, meaning
from backupkit.provider.change import Leaf

__all__ = ["policy_form", "policy_forms"]


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
    flat: dict[str, Leaf] = {"version": str(document.get("Version", OLD_VERSION))}
    for statement in many(document.get("Statement")):
        flat.update(_statement_form(statement, flat))
    return flat


def policy_forms(seen: str | None, declared: str | None) -> tuple[dict[str, Leaf], dict[str, Leaf]]:
    """Both policies, flat. A declared one without a Version leaves it to the service, which may write one in."""
    old, new = policy_form(seen), policy_form(declared)
    if declared is not None and "version" in new and "Version" not in json.loads(declared):
        new.pop("version")
        old.pop("version", None)
    return _named_alike(old, new), new


def _named_alike(old: Mapping[str, Leaf], new: Mapping[str, Leaf]) -> dict[str, Leaf]:
    """The old statements, each that says the same as a new one under its name, for a Sid has no meaning."""
    same = {label: text for label, text in old.items() if new.get(label) == text}
    free = {_nameless(text): label for label, text in new.items() if label not in same}
    renamed: dict[str, Leaf] = {}
    left: dict[str, Leaf] = {}
    for label, text in old.items():
        name = free.pop(_nameless(text), None) if label not in same else None
        if name is not None:
            renamed[name] = new[name]
        elif label not in same:
            left[label] = text
    taken = {*same, *renamed}
    return {**same, **renamed, **{f"{label}#old" if label in taken else label: text for label, text in left.items()}}


def _nameless(statement: Leaf) -> str:
    try:
        read: object = json.loads(statement) if isinstance(statement, str) else statement
    except ValueError:
        return str(statement)
    return json.dumps({**read, "Sid": None} if isinstance(read, Mapping) else read, sort_keys=True)


def _statement_form(statement: object, others: Mapping[str, Leaf]) -> dict[str, Leaf]:
    plain = meaning(statement)
    written = json.dumps(plain, sort_keys=True)
    name = plain.get("Sid") if isinstance(plain, Mapping) else None
    digest = hashlib.sha256(written.encode()).hexdigest()[:6]
    label = f"statement.{name}" if isinstance(name, str) and name else f"statement#{digest}"
    return {label if label not in others else f"{label}#{digest}": written}
