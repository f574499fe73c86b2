"""Changes as Markdown for a pull request: a table of what changes, and every field folded away.

Names and values come from AWS and from others: none of them is taken for Markdown, HTML, a link or a mention.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import islice
from typing import TYPE_CHECKING

from backupkit.provider.change import Action, Change
from backupkit.provider.printing import marks, plain_lines, sign

if TYPE_CHECKING:
    from backupkit.provider.changes import Changes

__all__ = ["LONGEST", "as_markdown"]

LONGEST = 60_000
"""Characters of the whole: GitHub takes 65,536 in a comment, GitLab a million."""
_TABLE, _LISTED, _LINE = 24_000, 20, 400
"""Characters of the table; problems, warnings and notes that are told of each; characters of one of them."""
_MARKS = frozenset("\\`*_[]<>&|~!$")
"""Letters that Markdown reads, wherever they stand in a line."""
_REFERRING = frozenset("@#:")
"""Letters by which GitHub makes mentions, references and links of plain text."""


def as_markdown(changes: Changes) -> str:
    """Return at most `LONGEST` characters of Markdown."""
    counts = ", ".join(f"{found} to {action}" for action in Action if (found := changes.count(action)))
    head = [f"### {_code(changes.stack)} in {changes.region_name}: {counts or 'nothing to change'}", ""]
    head += _list("Cannot be applied", changes.problems)
    head += _table(tuple(changes))
    head += _list("Warnings", changes.warnings)
    head += _list("Notes", [*changes.doubts, *changes.notes])
    head += [f"{len(changes.kept):,} as declared.", ""] if changes.kept else []
    result = "\n".join(head)
    return result + (_details(changes, LONGEST - len(result)) if changes else "")


def _list(title: str, lines: Iterable[object]) -> list[str]:
    found = [str(line) for line in lines]
    if not found:
        return []
    more = [f"- ... and {len(found) - _LISTED:,} more"] if len(found) > _LISTED else []
    return [f"**{title}**", "", *(f"- {_text(line)}" for line in islice(found, _LISTED)), *more, ""]


def _table(changes: Sequence[Change]) -> list[str]:
    if not changes:
        return []
    rows = ["| | what changes | because |", "|---|---|---|"]
    room = _TABLE
    for number, change in enumerate(changes):
        mark = f" **{marks(change).strip()}**" if marks(change) else ""
        row = f"| {_code(sign(change))} | {_code(change.address)}{mark} | {_text(change.reason)} |"
        room -= len(row)
        if room < 0:
            rows.append(f"| | ... and {len(changes) - number:,} more | |")
            break
        rows.append(row)
    return [*rows, ""]


def _details(changes: Changes, room: int) -> str:
    head, tail = "<details><summary>Every field</summary>\n\n<pre>", "</pre>\n\n</details>\n"
    return head + "".join(_fitting(plain_lines(changes), room - len(head) - len(tail))) + tail


def _fitting(lines: Sequence[str], room: int) -> Iterator[str]:
    end = "... {:,} more lines\n"
    room -= len(end) + 12
    for number, line in enumerate(lines):
        result = escape(_printable(line), quote=False) + "\n"
        room -= len(result)
        if room < 0:
            yield end.format(len(lines) - number)
            return
        yield result


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _code(text: str) -> str:
    """Text in a fixed width; GitHub looks for no mentions in it."""
    return f"<code>{_bounded(map(_escaped, _printable(text)))}</code>"


def _text(text: str) -> str:
    # An empty comment keeps GitHub from reading on.
    return _bounded(f"{each}<!-- -->" if each in _REFERRING else _escaped(each) for each in _printable(text))


def _escaped(letter: str) -> str:
    return f"&#{ord(letter)};" if letter in _MARKS else letter


def _bounded(letters: Iterable[str]) -> str:
    found: list[str] = []
    room = _LINE
    for letter in letters:
        room -= len(letter)
        if room < 0:
            return "".join([*found, "..."])
        found.append(letter)
    return "".join(found)
