"""One renderer for everything that people look at: blocks of facts, rows and notes, as text and as HTML."""

from backupkit.display.blocks import Block, Facts, Notes, Rows
from backupkit.display.html import html
from backupkit.display.text import text
from backupkit.display.words import duration, moment, size

__all__ = ["Block", "Facts", "Notes", "Rows", "duration", "html", "moment", "size", "text"]
