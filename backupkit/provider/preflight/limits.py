"""What a Region is opted in to, and AWS's quotas.

Sources: the developer guide's pages on quotas, and on assigning resources.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from backupkit.catalog import TYPES, types_of
from backupkit.declare.framework import Framework
from backupkit.declare.restore_testing import RestoreTestingPlan
from backupkit.declare.selection import Selection
from backupkit.declare.settings import RegionSettings
from backupkit.problems import counted
from backupkit.provider.answers import Document, inner
from backupkit.provider.preflight.looking import Checks, Looking
from backupkit.recover.preflight import PreflightCheck, Verdict

__all__ = ["look_at_opt_in", "look_at_quotas", "opted"]

_QUOTAS = {
    "vault": 300,
    "plan": 300,
    "framework": 15,
    "report_plan": 20,
    "restore_testing_plan": 100,
    "legal_hold": 50,
}
"""How many of a kind an account has by default, most of them in each Region."""
_COUNTED_AS = {"air_gapped_vault": "vault"}
"""What shares the quota of another kind."""
_CONTROLS, _TESTS = 50, 30
"""Controls of an account in a Region, and selections of a restore testing plan."""


def look_at_opt_in(looking: Looking, uses: Mapping[str, frozenset[str]]) -> Checks:
    """What is selected of types that a Region must be opted in to.

    Args:
        looking: What is looked with.
        uses: The types that selections take in only where the Region is opted in to them, by address.
    """
    declared = {name: on for each in looking.world.declared(RegionSettings) for name, on in each.opt_in.items()}
    answer: Document = looking.reader.ask("backup", "DescribeRegionSettings", {})
    on = {**inner(answer, "ResourceTypeOptInPreference"), **declared}
    off = [name for name in TYPES if on.get(name) is False]
    for address, names in uses.items():
        left_out = [name for name in off if name in names]
        if left_out:
            found = f"the Region is not opted in to {', '.join(left_out)}; this backs up none of it"
            opted_in = ", ".join(f'"{name}": True' for name in left_out)
            hint = f"declare bk.RegionSettings(opt_in={{{opted_in}}}) if it should"
            yield PreflightCheck("opt-in", Verdict.NOTE, found, hint, address)
        else:
            yield PreflightCheck("opt-in", Verdict.FINE, "the Region is opted in to its types", address=address)


def opted(selection: Selection) -> frozenset[str]:
    """The types that a selection takes in only where the Region is opted in to them.

    An ARN that names a type of its own is backed up whatever the Region says.
    """
    if selection.tags or any(arn == "*" or arn.endswith(":*") for arn in selection.sent_resources):
        return frozenset(TYPES)
    shared = [types for types in map(types_of, selection.sent_resources) if len(types) > 1]
    return frozenset(kind.name for types in shared for kind in types)


def look_at_quotas(looking: Looking) -> Checks:
    """How many there would be of what has a quota; from what the preview has listed, without a call."""
    made: dict[str, list[str]] = {}
    for address in sorted(looking.creating):
        word = address.partition(".")[0]
        made.setdefault(_COUNTED_AS.get(word, word), []).append(address)
    for word, addresses in made.items():
        if word in _QUOTAS:
            shared = (word, *(each for each, other in _COUNTED_AS.items() if other == word))
            there = sum(not seen.other for each in shared for seen in looking.world.found(each))
            yield _quota(there + len(addresses), word.replace("_", " "), _QUOTAS[word], addresses[0])
    yield from _controls(looking)
    for plan in looking.world.declared(RestoreTestingPlan):
        if any(f"{plan.address}/{test.address}" in looking.changing for test in plan.selections):
            yield _quota(len(plan.selections), "selection", _TESTS, plan.address)


def _controls(looking: Looking) -> Iterator[PreflightCheck]:
    declared = looking.world.declared(Framework)
    changing = [each.address for each in declared if each.address in looking.changing]
    if changing:
        names = {each.name for each in declared}
        others = [seen.listed for seen in looking.world.found("framework") if seen.name not in names]
        there = sum(number for each in others if isinstance(number := each.get("NumberOfControls"), int))
        yield _quota(there + sum(len(each.controls) for each in declared), "control", _CONTROLS, changing[0])


def _quota(number: int, word: str, limit: int, address: str) -> PreflightCheck:
    found = f"there would be {counted(number, word)}; AWS's quota is {limit}"
    if number <= limit:
        return PreflightCheck("quota", Verdict.FINE, found, address=address)
    return PreflightCheck("quota", Verdict.NOTE, f"{found}, unless it was raised", "ask AWS for more first", address)
