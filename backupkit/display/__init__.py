"""One renderer for everything that people look at: blocks of facts, rows and notes, as text and as HTML.

- blocks     what a display is made of: facts, rows, notes
- displayed  the base of what is displayed: its blocks as text, in a terminal, and in a notebook
- html, text, terminal   the three ways in which blocks are drawn
- words      sizes, spans and moments as people write them
"""

from backupkit.display.blocks import SHOWN, Block, Facts, Notes, Rows
from backupkit.display.displayed import Displayed
from backupkit.display.html import html, progress_html
from backupkit.display.text import text
from backupkit.display.words import duration, duration_of_minutes, moment, progress_text, size, size_unit

__all__ = [
    "SHOWN",
    "Block",
    "Displayed",
    "Facts",
    "Notes",
    "Rows",
    "duration",
    "duration_of_minutes",
    "html",
    "moment",
    "progress_html",
    "progress_text",
    "size",
    "size_unit",
    "text",
]
