"""Changes as people read them, in Terraform's manner: + create, ~ update, -/+ replace, - delete.

Plain text in 80 columns says everything; colour only helps.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import attrs

from backupkit.provider.change import Action, Call, Change, Difference, Leaf

if TYPE_CHECKING:
    from rich.text import Text

    from backupkit.provider.changes import Changes

__all__ = ["as_rich", "as_text"]

_WIDTH = 80
_WIDEST_LABEL = 34
_SIGNS = {Action.CREATE: "+", Action.UPDATE: "~", Action.REPLACE: "-/+", Action.DELETE: "-", Action.KEEP: " "}
_STYLES = {"+": "green", "~": "yellow", "-/+": "magenta", "-": "red", "!": "bold red"}
_GROUPED = ("rule.", "advanced_settings.", "scan_settings.")


@attrs.frozen
class _Line:
    text: str
    style: str = ""


def as_text(changes: Changes) -> str:
    """Plain text, 80 columns wide."""
    return "\n".join(line.text for line in _lines(changes))


def as_rich(changes: Changes) -> Text:
    """The same text in colour."""
    # rich costs 0.1 s to import, which only those who draw should pay.
    from rich.text import Text  # noqa: PLC0415

    return Text("\n").join(Text(line.text, style=line.style) for line in _lines(changes))


def _lines(changes: Changes) -> Iterator[_Line]:
    yield _Line(f"stack {changes.stack} in {changes.region_name}", "bold")
    yield _Line("")
    for change in changes:
        yield from _change_lines(change)
        yield _Line("")
    for warning in changes.warnings:
        yield from _wrapped(f"warning: {warning}", "", "  ", "yellow")
    for note in changes.notes:
        yield from _wrapped(f"note: {note}", "", "  ", "dim")
    if changes.warnings or changes.notes:
        yield _Line("")
    yield from _wrapped(_summary(changes), "", "  ", "bold")


def _summary(changes: Changes) -> str:
    kept = len(changes.kept)
    if not changes:
        things = "1 thing is" if kept == 1 else f"{kept} things are"
        return f"Nothing to change: {things} as declared."
    counts = [f"{number} to {action}" for action in Action if (number := changes.count(action)) and action != "keep"]
    blocked = len(changes.problems)
    parts = [*counts, *([f"{kept} to keep"] if kept else [])]
    tail = f" {blocked} problem{'s' if blocked > 1 else ''} in the way." if blocked else ""
    return f"{', '.join(parts)}.{tail}".lstrip(". ")


def _change_lines(change: Change) -> Iterator[_Line]:
    sign = "!" if change.problems else _SIGNS[change.action]
    style = _STYLES.get(sign, "")
    yield from _wrapped(f"{sign:>3} {change.address}{_marks(change)}", "", " " * 6, f"bold {style}".strip())
    for problem in change.problems:
        said = attrs.evolve(problem, address="") if problem.address == change.address else problem
        yield from _wrapped(f"! {said}", " " * 6, " " * 8, _STYLES["!"])
    if change.action is not Action.KEEP:
        yield from _wrapped(f"because {change.reason}", " " * 6, " " * 8, "dim")
        yield from _wrapped(f"calls {_operations(change.calls)}", " " * 6, " " * 8, "dim") if change.calls else ()
    for path in change.dropped_members:
        yield from _wrapped(f"! drops {path}, which backupkit does not know", " " * 6, " " * 8, _STYLES["!"])
    yield from _difference_lines(change.differences)


def _marks(change: Change) -> str:
    """What the caller's word is needed for."""
    marks = [*(["deletes"] if change.destroys else []), *(["irreversible"] if change.irreversible else [])]
    return f"  ({', '.join(marks)})" if marks else ""


def _operations(calls: Sequence[Call]) -> str:
    """The calls in their order; a run of the same is counted."""
    runs = [(name, len(list(run))) for name, run in groupby(call.operation for call in calls)]
    told = ", ".join(name if times == 1 else f"{name} x{times}" for name, times in runs)
    instead = next((call.otherwise for call in calls if call.otherwise), ())
    return f"{told} (if the name is taken: {_operations(instead)})" if instead else told


def _difference_lines(differences: Sequence[Difference]) -> Iterator[_Line]:
    for head, group in groupby(differences, key=_group):
        found = list(group)
        if head:
            sign = _group_sign(head, found)
            yield _Line(f"      {sign} {head}", _STYLES[sign])
        yield from _rows(found, head, " " * (8 if head else 6))


def _group(difference: Difference) -> str:
    head, separator, _ = difference.path.partition("/")
    return head if separator and head.startswith(_GROUPED) else ""


def _group_sign(head: str, differences: Sequence[Difference]) -> str:
    # A rule always has a schedule, so a whole rule comes or goes where that does.
    whole = not head.startswith("rule.") or any(each.path == f"{head}/schedule" for each in differences)
    if whole and all(each.old is None for each in differences):
        return "+"
    return "-" if whole and all(each.new is None for each in differences) else "~"


def _rows(differences: Sequence[Difference], head: str, indent: str) -> Iterator[_Line]:
    rows = [
        (sign, d.path[len(head) + 1 :] if head else d.path, value) for d in differences for sign, value in _values(d)
    ]
    width = min(max((len(label) for _, label, _ in rows), default=0), _WIDEST_LABEL)
    for sign, label, value in rows:
        start = f"{indent}{sign} {label:<{width}}"
        yield from _row(start, value, indent, _STYLES[sign])


def _row(start: str, value: str, indent: str, style: str) -> Iterator[_Line]:
    if len(start) + 2 + len(value) <= _WIDTH:
        yield _Line(f"{start}  {value}", style)
    else:
        yield from _wrapped(start.strip(), indent, indent + " " * 4, style)
        yield from _wrapped(value, indent + " " * 4, indent + " " * 4, style)


def _values(difference: Difference) -> Iterator[tuple[str, str]]:
    """The sign and the text of each line of a difference; sets show what comes and what goes."""
    old, new = difference.old, difference.new
    if isinstance(old, tuple) or isinstance(new, tuple):
        before, after = (set(each) if isinstance(each, tuple) else set[str]() for each in (old, new))
        yield from (("-", item) for item in sorted(before - after))
        yield from (("+", item) for item in sorted(after - before))
    elif old is None:
        yield "+", _shown(new)
    elif new is None:
        yield "-", _shown(old)
    else:
        yield "~", f"{_shown(old)} -> {_shown(new)}"


def _shown(leaf: Leaf | None) -> str:
    if isinstance(leaf, bool):
        return "yes" if leaf else "no"
    return str(leaf)


def _wrapped(text: str, first: str, rest: str, style: str = "") -> Iterator[_Line]:
    # Long words are broken: an ARN that runs over the edge of a terminal is broken anyway, at a worse place.
    lines = textwrap.wrap(text, _WIDTH, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)
    return (_Line(line, style) for line in lines)
