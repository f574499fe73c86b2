"""Blocks as plain text. Nothing is wrapped or cut: what stands in a cell can be copied out of it."""

from __future__ import annotations

from collections.abc import Iterator

from backupkit.display.blocks import Block, Facts, Notes, Rows

__all__ = ["text"]


def text(*blocks: Block) -> str:
    """Return the blocks as lines of text, without a newline at the end."""
    return "\n".join(line.rstrip() for block in blocks for line in _lines(block))


def _lines(block: Block) -> Iterator[str]:
    match block:
        case Facts(title, facts):
            if title:
                yield title
            width = max((len(name) for name, _ in facts), default=0)
            yield from (f"  {name:<{width}}  {value}" for name, value in facts)
        case Notes(title, lines):
            if lines:
                yield title
            yield from (f"  - {line}" for line in lines)
        case Rows():
            yield from _table(block)


def _table(block: Rows) -> Iterator[str]:
    if not block.columns:
        return
    table = [list(block.columns), *map(list, block.rows)]
    widths = [max(len(row[at]) for row in table) for at in range(len(block.columns))]
    for row in table:
        cells = (
            cell.rjust(width) if at in block.right else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  " + "  ".join(cells)
    if block.left_out:
        yield f"  ... and {block.left_out:,} more"
