"""Blocks for terminals, by rich."""

from __future__ import annotations

from collections.abc import Iterator

from rich import box
from rich.console import Group, JustifyMethod, RenderableType
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
                yield _table(block)
            if block.left_out:
                yield Text(f"... and {block.left_out:,} more", style="dim")


def _table(block: Rows) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for at, column in enumerate(block.columns):
        short = all(len(row[at]) <= _UNBROKEN for row in block.rows)
        justify: JustifyMethod = "right" if at in block.right else "left"
        table.add_column(Text(column), justify=justify, overflow="fold", no_wrap=short)
    for number, row in enumerate(block.rows):
        kind = block.kinds[number] if number < len(block.kinds) else ""
        first, *rest = row
        table.add_row(Text(first, style=_STYLES.get(kind, "")), *map(Text, rest))
    return table
