"""Changes as people read them, in Terraform's manner: + create, ~ update, -/+ replace, - delete.

Plain text says everything; colour only helps. Lines are wrapped where a terminal is narrower, and only between words:
an ARN or a name is never broken, and what goes into a file or a pipe is not wrapped at all.
"""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import attrs

from backupkit.provider.change import Action, Call, Change, Difference, Leaf

if TYPE_CHECKING:
    from rich.text import Text

    from backupkit.provider.changes import Changes

__all__ = ["as_rich", "as_text", "leaf_text", "marks", "plain_lines", "sign"]

_WIDEST_LABEL = 34
_SIGNS = {Action.CREATE: "+", Action.UPDATE: "~", Action.REPLACE: "-/+", Action.DELETE: "-", Action.KEEP: " "}
_STYLES = {"+": "green", "~": "yellow", "-/+": "magenta", "-": "red", "!": "bold red"}
_MAPS = ("tags.", "point_tags.")
"""What has a dot before a slash and is not an item of a list: keys may hold any letters."""


@attrs.frozen
class _Line:
    """A line before it is wrapped.

    Args:
        text: With its indent.
        style: For terminals with colour.
        hang: The indent of what does not fit into the first line.
        value: What stands beside the text where both fit, and below it where they do not.
    """

    text: str
    style: str = ""
    hang: int = 2
    value: str = ""


def as_text(changes: Changes) -> str:
    """Plain text, as wide as the terminal that it goes to; not wrapped where there is none."""
    return "\n".join(line.text for line in _fitted(changes))


def as_rich(changes: Changes) -> Text:
    """The same text in colour."""
    # rich costs 0.1 s to import, which only those who draw should pay.
    from rich.text import Text  # noqa: PLC0415

    return Text("\n").join(Text(line.text, style=line.style) for line in _fitted(changes))


def plain_lines(changes: Changes) -> list[str]:
    """The lines of the text, none of which is wrapped."""
    return [line.text for each in _lines(changes) for line in _wrapped(each, None)]


def _fitted(changes: Changes) -> Iterator[_Line]:
    width = _terminal_width()
    return (each for line in _lines(changes) for each in _wrapped(line, width))


def _terminal_width() -> int | None:
    """The columns of the terminal that standard output is; None where it is a file, a pipe, or nothing."""
    if sys.stdout is None or not sys.stdout.isatty():
        return None
    return shutil.get_terminal_size().columns


def _wrapped(line: _Line, width: int | None) -> Iterator[_Line]:
    whole = f"{line.text}  {line.value}" if line.value else line.text
    if width is None or len(whole) <= width:
        yield attrs.evolve(line, text=whole, value="")
        return
    indent = " " * line.hang
    parts = [(line.text.rstrip(), line.text[: len(line.text) - len(line.text.lstrip())]), (line.value, indent)]
    for text, first in parts:
        lines = textwrap.wrap(
            text.strip(),
            width,
            initial_indent=first,
            subsequent_indent=indent,
            break_on_hyphens=False,
            break_long_words=False,
            expand_tabs=False,
            replace_whitespace=False,
        )
        yield from (attrs.evolve(line, text=each, value="") for each in lines)


def _lines(changes: Changes) -> Iterator[_Line]:
    yield _Line(f"stack {changes.stack} in {changes.region_name}", "bold")
    yield _Line("")
    for change in changes:
        yield from _change_lines(change)
        yield _Line("")
    yield from (_Line(f"warning: {warning}", "yellow") for warning in changes.warnings)
    yield from (_Line(f"preflight: {check}", "dim") for check in changes.doubts)
    yield from (_Line(f"note: {note}", "dim") for note in changes.notes)
    if changes.warnings or changes.doubts or changes.notes:
        yield _Line("")
    yield _Line(_summary(changes), "bold")


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


def sign(change: Change) -> str:
    """The sign before a change."""
    return "!" if change.problems else _SIGNS[change.action]


def _change_lines(change: Change) -> Iterator[_Line]:
    symbol = sign(change)
    style = _STYLES.get(symbol, "")
    yield _Line(f"{symbol:>3} {change.address}{marks(change)}", f"bold {style}".strip(), 6)
    for problem in change.problems:
        own = attrs.evolve(problem, address="") if problem.address == change.address else problem
        yield _below(f"! {own}", "!")
    if change.action is not Action.KEEP:
        yield _below(f"because {change.reason}")
    if change.action is not Action.KEEP and change.calls:
        yield _below(f"calls {_operations(change.calls)}")
    yield from (_below(f"! takes away {path}", "!") for path in change.takes_away)
    yield from (_below(f"! drops {path}, which backupkit does not know", "!") for path in change.dropped_members)
    yield from _difference_lines(change.differences)


def _below(text: str, sign: str = "") -> _Line:
    return _Line(f"      {text}", _STYLES.get(sign, "dim"), 8)


def marks(change: Change) -> str:
    """What the caller's word is needed for."""
    word = "takes protection away" if change.takes_away else "deletes"
    marks = [*([word] if change.destroys else []), *(["irreversible"] if change.irreversible else [])]
    marks += ["only where it is named"] if change.drains else []
    return f"  ({', '.join(marks)})" if marks else ""


def _operations(calls: Sequence[Call]) -> str:
    """The calls in their order; a run of the same is counted."""
    runs = [(name, len(list(run))) for name, run in groupby(call.operation for call in calls)]
    names = ", ".join(name if times == 1 else f"{name} x{times}" for name, times in runs)
    instead = next((call.fallback for call in calls if call.fallback), ())
    return f"{names} (if the name is taken: {_operations(instead)})" if instead else names


def _difference_lines(differences: Sequence[Difference]) -> Iterator[_Line]:
    for head, group in groupby(differences, key=_group):
        found = list(group)
        if head:
            sign = _group_sign(head, found)
            yield _Line(f"      {sign} {head}", _STYLES[sign])
        yield from _rows(found, head, " " * (8 if head else 6))


def _group(difference: Difference) -> str:
    head, separator, _ = difference.path.partition("/")
    return head if separator and "." in head and not head.startswith(_MAPS) else ""


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
        yield _Line(f"{indent}{sign} {label:<{width}}", _STYLES[sign], len(indent) + 4, value or '""')


def _values(difference: Difference) -> Iterator[tuple[str, str]]:
    """The sign and the text of each line of a difference; sets show what comes and what goes."""
    old, new = difference.old, difference.new
    if isinstance(old, tuple) or isinstance(new, tuple):
        before, after = (set(each) if isinstance(each, tuple) else set[str]() for each in (old, new))
        yield from (("-", leaf_text(item)) for item in sorted(before - after))
        yield from (("+", leaf_text(item)) for item in sorted(after - before))
    elif old is None:
        yield "+", leaf_text(new)
    elif new is None:
        yield "-", leaf_text(old)
    else:
        yield "~", f"{leaf_text(old)} -> {leaf_text(new)}"


def leaf_text(leaf: Leaf | None) -> str:
    """A value as people read it."""
    if isinstance(leaf, bool):
        return "yes" if leaf else "no"
    text = str(leaf)
    return text if text.isprintable() else json.dumps(text)
