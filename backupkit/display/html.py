"""Blocks as HTML: escaped, self-contained, readable in light and dark, without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from backupkit.display.blocks import Block, Facts, Notes, Rows

__all__ = ["html"]

_STYLE = """
.backupkit{font:13px/1.5 system-ui,sans-serif;color:#1f2328;background:#fff;padding:.6em .8em;border-radius:6px;
border:1px solid #d1d9e0;overflow-x:auto}
.backupkit h4{margin:.4em 0 .3em;font-size:14px}
.backupkit table{color:inherit;font:inherit;border-collapse:collapse;margin:.3em 0;font-variant-numeric:tabular-nums}
.backupkit td,.backupkit th{padding:.15em .8em .15em 0;text-align:left;vertical-align:top;border:0;background:none;
color:inherit}
.backupkit th{font-weight:600;border-bottom:1px solid #d1d9e0}
.backupkit td.right,.backupkit th.right{text-align:right}
.backupkit tr.good td:first-child{color:#1a7f37}.backupkit tr.bad td:first-child{color:#b42318;font-weight:600}
.backupkit tr.doubtful td:first-child{color:#8a5a00}
.backupkit .one{white-space:nowrap}.backupkit .more{color:#59636e}
@media (prefers-color-scheme:dark){.backupkit{color:#e6edf3;background:#15191f;border-color:#3d444d}
.backupkit th{border-color:#3d444d}.backupkit tr.good td:first-child{color:#4ac26b}
.backupkit tr.bad td:first-child{color:#ff8577}.backupkit tr.doubtful td:first-child{color:#e3b341}
.backupkit .more{color:#9198a1}}
"""

_UNBROKEN = 30
"""What is no longer, such as a moment or a size, stays on one line."""


def html(*blocks: Block) -> str:
    """Return the blocks as one piece of HTML."""
    return f'<div class="backupkit"><style>{_STYLE}</style>{"".join(map(_block, blocks))}</div>'


def _block(block: Block) -> str:
    match block:
        case Facts(title, facts):
            rows = "".join(f"<tr><td>{escape(name)}</td><td>{escape(value)}</td></tr>" for name, value in facts)
            return _title(title) + (f"<table>{rows}</table>" if rows else "")
        case Notes(title, lines):
            items = "".join(f"<li>{escape(line)}</li>" for line in lines)
            return f"{_title(title)}<ul>{items}</ul>" if items else ""
        case Rows():
            return "".join(_table(block))


def _title(title: str) -> str:
    return f"<h4>{escape(title)}</h4>" if title else ""


def _table(block: Rows) -> Iterator[str]:
    if not block.columns:
        return
    yield "<table><thead><tr>"
    yield from (f"<th{_right(block, at)}>{escape(column)}</th>" for at, column in enumerate(block.columns))
    yield "</tr></thead><tbody>"
    for number, row in enumerate(block.rows):
        kind = block.kinds[number] if number < len(block.kinds) else ""
        yield f'<tr class="{escape(kind)}">' if kind else "<tr>"
        yield from (f"<td{_right(block, at)}>{_cell(cell)}</td>" for at, cell in enumerate(row))
        yield "</tr>"
    yield "</tbody></table>"
    if block.left_out:
        yield f'<div class="more">... and {block.left_out:,} more</div>'


def _cell(cell: str) -> str:
    return f'<span class="one">{escape(cell)}</span>' if " " in cell and len(cell) <= _UNBROKEN else escape(cell)


def _right(block: Rows, at: int) -> str:
    return ' class="right"' if at in block.right else ""
