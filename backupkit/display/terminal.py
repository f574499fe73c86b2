"""Blocks for terminals, by rich."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Console, ConsoleOptions, Group, JustifyMethod, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from backupkit.display.blocks import Block, Facts, Notes, Rows

__all__ = ["renderable"]

_UNBROKEN = 12
"""What is no longer stays on one line, so that words and dates can be read where the terminal is narrow."""
_STYLES = {"good": "green", "bad": "bold red", "doubtful": "yellow"}


def renderable(*blocks: Block) -> RenderableType:
    """Return the blocks as rich draws them; text in them is never taken for markup."""
    return Group(*(part for block in blocks for part in _parts(block)))


def _parts(block: Block) -> Iterator[RenderableType]:
    match block:
        case Facts(title, facts):
            if title:
                yield Text(title, style="bold")
            if facts:
                grid = Table.grid(padding=(0, 2))
                for name, value in facts:
                    grid.add_row(Text(name, style="dim"), Text(value, overflow="fold"))
                yield grid
        case Notes(title, lines):
            if lines and title:
                yield Text(title, style="bold")
            yield from (Text(f"- {line}") for line in lines)
        case Rows():
            if block.rows:
                yield _Fitting(block)
            if block.left_out:
                yield Text(f"... and {block.left_out:,} more", style="dim")


class _Fitting:
    """A table, or its rows one below the other where the terminal is too narrow for their words."""

    def __init__(self, block: Rows) -> None:
        self._block = block

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        widths = _widths(self._block, options.max_width)
        if widths is not None:
            yield _table(self._block, widths)
        else:
            yield from _records(self._block)


_BETWEEN = 3
"""Columns between two cells."""
_FOLDED = 24
"""What is longer and has no spaces, such as an ARN, may be folded."""


def _texts(block: Rows, at: int) -> list[str]:
    return [block.columns[at], *(row[at] for row in block.rows)]


def _stays_whole(block: Rows, at: int) -> bool:
    """Whether all of a column is so short that each cell is one line."""
    return all(len(text) <= _UNBROKEN for text in _texts(block, at))


def _widths(block: Rows, room: int) -> list[int] | None:
    """How wide each column is, so that no word in it is broken; None where there is no room for that."""
    widths = [_least_width(block, at) for at in range(len(block.columns))]
    left = room - sum(widths) - _BETWEEN * len(widths)
    if left < 0:
        return None
    wants = [max(map(len, _texts(block, at))) - width for at, width in enumerate(widths)]
    # Those that want least get it first, so that no room is left over.
    order = sorted(range(len(widths)), key=wants.__getitem__)
    for place, at in enumerate(order):
        given = min(wants[at], left // (len(order) - place))
        widths[at] += given
        left -= given
    return widths


def _least_width(block: Rows, at: int) -> int:
    if _stays_whole(block, at):
        return max(map(len, _texts(block, at)))
    words = [word for text in _texts(block, at) for word in text.split()]
    return min(max(map(len, words), default=0), _FOLDED)


def _records(block: Rows) -> Iterator[RenderableType]:
    for number, row in enumerate(block.rows):
        first, *rest = row
        yield Text(first, style=f"bold {_STYLES.get(_kind(block, number), '')}".strip())
        grid = Table.grid(padding=(0, 2))
        for head, cell in zip(block.columns[1:], rest, strict=True):
            if cell:
                grid.add_row(Text(f"  {head}", style="dim"), Text(cell, overflow="fold"))
        yield grid


def _kind(block: Rows, number: int) -> str:
    return block.kinds[number] if number < len(block.kinds) else ""


def _table(block: Rows, widths: Sequence[int]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for at, column in enumerate(block.columns):
        justify: JustifyMethod = "right" if at in block.right else "left"
        table.add_column(Text(column), justify=justify, overflow="fold", width=widths[at])
    for number, row in enumerate(block.rows):
        first, *rest = row
        table.add_row(Text(first, style=_STYLES.get(_kind(block, number), "")), *map(Text, rest))
    return table
