"""Declared values as people look at them: one line, and tables of rules and selections.

A repr may end in a log, so it has no values of tags. A display has those by which a selection selects, as previews
have; of all other tags it has the keys.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

import attrs

from backupkit.declare.declared import Declared
from backupkit.declare.lifecycle import CopyAction, Lifecycle
from backupkit.declare.plan import Plan
from backupkit.declare.rule import DEFAULT_START_MINUTES, Rule
from backupkit.declare.selection import Selection, TagCondition
from backupkit.declare.tags import Switches, Tags
from backupkit.declare.vault import ComplianceLock, GovernanceLock, Vault
from backupkit.display import Block, Facts, Notes, Rows, duration_of_minutes
from backupkit.problems import Severity, counted, label, quote
from backupkit.schedule import Schedule

__all__ = ["blocks", "notes", "one_line", "plan_rows", "thing_rows", "vault_rows"]


_LONGEST_LINE = 200


def one_line(value: Declared) -> str:
    """Return a value in one line, without values of tags."""
    name = str(getattr(value, value._KEY, ""))  # noqa: SLF001 - the class says it
    line = _line(value)
    text = line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}…"
    return f"<{' '.join(filter(None, (type(value).__name__, label(name))))}: {text}>"


def _line(value: Declared) -> str:
    match value:
        case Rule():
            return f"{_when(value)} into {_plain(value.vault)}, kept {_kept(value.lifecycle)}"
        case Plan():
            return f"{counted(len(value.rules), 'rule')}, {counted(len(value.selections), 'selection')}"
        case Vault():
            return "only referred to" if value.is_existing else _lock(value.lock) or "no lock"
        case Selection():
            return _counts(value)
        case _:
            facts = _facts(value, without={value._KEY})  # noqa: SLF001 - the class says it
            return value._summary() or ", ".join(f"{name} {cell}" for name, cell in facts)  # noqa: SLF001


def _counts(selection: Selection) -> str:
    found = (
        (len(selection.sent_resources), "ARN"),
        (len(selection.tags), "tag"),
        (len(selection.conditions), "condition"),
        (len(selection.not_resources), "excluded ARN"),
    )
    return ", ".join(counted(number, what) for number, what in found if number) or "nothing"


def blocks(value: Declared) -> Iterator[Block]:
    """Return what a value is displayed as."""
    match value:
        case Plan():
            yield Facts(f"Plan {value.name}", _facts(value, without={"name", "rules", "selections"}))
            yield from plan_rows([value])
        case Rule():
            yield Facts(f"Rule {value.name}", _without_name(_rule_cells(value)))
        case Selection():
            yield Facts(f"Selection {value.name}", _without_name(_selection_cells(value)))
        case Vault():
            yield Facts(f"Vault {value.name}", _without_name(_vault_cells(value)))
        case _:
            yield Facts(value.address, _facts(value))
    yield from notes(value)


def _without_name(cells: Mapping[str, str]) -> list[tuple[str, str]]:
    """What is said besides the name, which comes first."""
    return [(name, text) for name, text in cells.items() if text][1:]


def notes(value: Declared) -> Iterator[Notes]:
    """Return what is wrong with a value, and what is rarely meant."""
    found = value.problems()
    yield Notes("Problems", [str(each) for each in found if each.severity is Severity.ERROR])
    yield Notes("Warnings", [str(each) for each in found if each.severity is Severity.WARNING])


def plan_rows(plans: Sequence[Plan]) -> Iterator[Rows]:
    """Return the rules and the selections of some plans; with the plan's name where there are several."""
    several = len(plans) != 1

    def cells(plan: Plan, rule: dict[str, str]) -> list[tuple[str, str]]:
        return [*([("plan", plan.name)] if several else []), *rule.items()]

    yield _table([cells(plan, _rule_cells(rule)) for plan in plans for rule in plan.rules])
    yield _table([cells(plan, _selection_cells(each)) for plan in plans for each in plan.selections])


def vault_rows(vaults: Sequence[Vault]) -> Rows:
    """Return some vaults."""
    return _table([[*_vault_cells(vault).items()] for vault in vaults])


def thing_rows(things: Sequence[Declared]) -> Rows:
    """Return things of any kind, a line each."""
    return Rows.first(("thing", "what"), things, lambda thing: (thing.address, _line(thing)))


def _table(rows: Sequence[Sequence[tuple[str, str]]]) -> Rows:
    """Rows of cells with their heads; a column in which nothing stands is left out."""
    used = [at for at in range(len(rows[0])) if any(row[at][1] for row in rows)] if rows else []
    heads = [rows[0][at][0] for at in used]
    return Rows.first(heads, rows, lambda row: [row[at][1] for at in used])


def _rule_cells(rule: Rule) -> dict[str, str]:
    start = DEFAULT_START_MINUTES if rule.start_window_minutes is None else rule.start_window_minutes
    return {
        "rule": rule.name,
        "when": _when(rule),
        "starts within": duration_of_minutes(start),
        "into": rule.vault,
        "kept": _kept(rule.lifecycle),
        "copies": "; ".join(map(_copy, rule.copies)),
        "also": ", ".join(_also(rule)),
        "tags of points": ", ".join(rule.point_tags),
    }


def _also(rule: Rule) -> Iterator[str]:
    if rule.continuous:
        yield "continuous"
    if rule.air_gapped_vault:
        yield f"air-gapped in {rule.air_gapped_vault}"
    if rule.index_actions:
        yield "indexed"
    if rule.scan_actions:
        yield "scanned"


def _when(rule: Rule) -> str:
    schedule = rule.schedule
    return rule.effective_schedule.describe() if schedule is None or isinstance(schedule, Schedule) else quote(schedule)


def _kept(lifecycle: Lifecycle | None) -> str:
    kept = "forever" if lifecycle is None or lifecycle.keeps_for_ever else _days(lifecycle.delete_after_days)
    cold = lifecycle.cold_after_days if lifecycle is not None else None
    return f"{kept}, cold after {_days(cold)}" if cold is not None else kept


def _days(days: object) -> str:
    return counted(days, "day") if isinstance(days, int) else quote(days)


def _copy(copy: CopyAction) -> str:
    return f"{copy.vault}, {'as the rule says' if copy.lifecycle is None else f'kept {_kept(copy.lifecycle)}'}"


def _selection_cells(selection: Selection) -> dict[str, str]:
    tags = (f"tag {key} = {value}" for key, value in selection.tags)
    return {
        "selection": selection.name,
        "rules": ", ".join(selection.rules),
        "any of": _listed([*selection.sent_resources, *tags]),
        "where": _listed(map(_condition, selection.conditions)),
        "never": _listed(selection.not_resources),
        "by": selection.role,
    }


def _condition(condition: TagCondition) -> str:
    return f"{condition.operator} {condition.key} {condition.value}"


_MOST = 5
"""The most ARNs that stand in one cell."""


def _listed(texts: Iterable[str]) -> str:
    found = list(texts)
    more = f" and {len(found) - _MOST:,} more" if len(found) > _MOST else ""
    return ", ".join(found[:_MOST]) + more


def _vault_cells(vault: Vault) -> dict[str, str]:
    heard = vault.notifications
    return {
        "vault": vault.name,
        "lock": _lock(vault.lock),
        "key": vault.key or "",
        "access policy": _statement_count(vault.policy),
        "notifications": f"{counted(len(heard.events), 'event')} to {heard.topic}" if heard is not None else "",
        "tags": ", ".join(vault.tags),
        "left to others": "everything" if vault.is_existing else ", ".join(vault.unmanaged_parts),
    }


def _statement_count(policy: object) -> str:
    """How many statements a policy has; the policy itself is long, and holds what is nobody's business in a log."""
    if not isinstance(policy, str):
        return ""
    try:
        found = json.loads(policy)["Statement"]
    except (ValueError, KeyError, TypeError):
        found = ()
    return counted(len(found) if isinstance(found, list | tuple) else 1, "statement")


def _lock(lock: GovernanceLock | None) -> str:
    if lock is None:
        return ""
    kind, final = "governance", ""
    if isinstance(lock, ComplianceLock):
        kind, final = "compliance", f", final after {_days(lock.changeable_for_days)}"
    bounds = _bounds(lock.min_days, lock.max_days)
    return f"{kind} lock{f' of {bounds}' if bounds else ''}{final}"


def _bounds(least: object, most: object) -> str:
    if least is None:
        return "" if most is None else f"at most {_days(most)}"
    return f"at least {_days(least)}" if most is None else f"{least} to {_days(most)}"


def _facts(value: Declared, without: Iterable[str] = ()) -> list[tuple[str, str]]:
    """The members that are set."""
    members = ((each, getattr(value, each.name)) for each in attrs.fields(type(value)) if each.name not in without)
    return [
        (each.name.replace("_", " "), _statement_count(member) if each.name == "policy" else _plain(member))
        for each, member in members
        # What no repr shows is not displayed either.
        if member != each.default and (member or member is False) and each.repr is not False
    ]


def _plain(value: object) -> str:  # noqa: PLR0911 - one for each kind of value
    match value:
        case Tags():
            return ", ".join(value)
        case Switches():
            return ", ".join(f"{name}: {_plain(on)}" for name, on in value.items())
        case tuple():
            return ", ".join(map(_plain, value))
        case Lifecycle():
            return _kept(value)
        case Schedule():
            return value.describe()
        case TagCondition():
            return _condition(value)
        case Declared():
            return value._summary() or repr(value)  # noqa: SLF001 - the class says it
        case bool():
            return "yes" if value else "no"
        case _:
            return str(value) if isinstance(value, str | int) else quote(value)
