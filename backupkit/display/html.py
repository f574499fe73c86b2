"""Blocks as HTML: escaped, self-contained, readable in light and dark, without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from backupkit.display.blocks import Block, Facts, Notes, Rows
from backupkit.display.words import percent, progress_text

__all__ = ["html", "progress_html"]

_LIGHT = (
    "--bk-text:#1f2328;--bk-back:#fff;--bk-line:#d1d9e0;--bk-faint:#59636e;"
    "--bk-good:#1a7f37;--bk-bad:#b42318;--bk-doubtful:#8a5a00"
)
_DARK = (
    "--bk-text:#e6edf3;--bk-back:#15191f;--bk-line:#3d444d;--bk-faint:#9198a1;"
    "--bk-good:#4ac26b;--bk-bad:#ff8577;--bk-doubtful:#e3b341"
)
# What the page itself says (JupyterLab, VS Code, sites made by Sphinx) wins over what the system says.
_WHERE = {
    _LIGHT: ('[data-jp-theme-light="true"]', ".vscode-light", 'body[data-theme="light"]'),
    _DARK: ('[data-jp-theme-light="false"]', ".vscode-dark", 'body[data-theme="dark"]'),
}
_THEMES = "".join(f"{','.join(f'{said} .backupkit' for said in where)}{{{theme}}}" for theme, where in _WHERE.items())
_STYLE = f"""
.backupkit{{{_LIGHT}}}
@media(prefers-color-scheme:dark){{.backupkit{{{_DARK}}}}}
{_THEMES}
.backupkit{{font:13px/1.5 system-ui,sans-serif;color:var(--jp-content-font-color1,var(--bk-text));
background:var(--jp-layout-color0,var(--bk-back));padding:.6em .8em;border-radius:6px;
border:1px solid var(--jp-border-color2,var(--bk-line));overflow-x:auto}}
.backupkit h4{{margin:.4em 0 .3em;padding:0;font-family:inherit;font-size:14px;font-weight:600;color:inherit}}
.backupkit table{{color:inherit;font:inherit;border-collapse:collapse;margin:.3em 0;font-variant-numeric:tabular-nums}}
.backupkit tr,.backupkit td,.backupkit th{{text-align:left;vertical-align:top;border:0;background:none;color:inherit}}
.backupkit td,.backupkit th{{padding:.15em .8em .15em 0}}
.backupkit th{{font-weight:600;border-bottom:1px solid var(--jp-border-color2,var(--bk-line))}}
.backupkit td.right,.backupkit th.right{{text-align:right}}
.backupkit tr.good td:first-child{{color:var(--bk-good)}}
.backupkit tr.bad td:first-child{{color:var(--bk-bad);font-weight:600}}
.backupkit tr.doubtful td:first-child{{color:var(--bk-doubtful)}}
.backupkit .one{{white-space:nowrap}}.backupkit .long{{display:inline-block;min-width:16em}}
.backupkit .more{{color:var(--bk-faint)}}
.backupkit .bar{{height:.5em;margin:.3em 0;border-radius:.25em;background:var(--bk-line);overflow:hidden}}
.backupkit .bar div{{height:100%;background:var(--bk-good)}}
"""

_UNBROKEN = 30
"""What is no longer, such as a moment or a size, stays on one line; what is longer gets some width."""


def html(*blocks: Block) -> str:
    """Return the blocks as one piece of HTML."""
    return _framed("".join(map(_block, blocks)))


def progress_html(label: str, share: float, note: str = "") -> str:
    """Return a bar; its arguments are those of `progress_text`."""
    text = escape(progress_text(label, share, note))
    return _framed(f'<div>{text}</div><div class="bar"><div style="width:{percent(share)}%"></div></div>')


def _framed(content: str) -> str:
    return f'<div class="backupkit"><style>{_STYLE}</style>{content}</div>'


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
    if len(cell) > _UNBROKEN:
        return f'<span class="long">{escape(cell)}</span>'
    return f'<span class="one">{escape(cell)}</span>' if " " in cell else escape(cell)


def _right(block: Rows, at: int) -> str:
    return ' class="right"' if at in block.right else ""
