"""How the tour looks: calm in a terminal, plain text everywhere else, never wider than 80 columns."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TextIO

import attrs
from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text
from rich.theme import Theme

__all__ = ["Page", "open_page"]

_WIDTH = 80
_INDENT = 4
_THEME = Theme(
    {
        "title": "bold cyan",
        "number": "cyan",
        "good": "green",
        "bad": "red",
        "quiet": "dim",
        "head": "bold",
    }
)


@attrs.frozen
class Page:
    """A page that is written from top to bottom.

    Args:
        console: Where it goes.
        plain: Whether it is text alone: no colour, no lines drawn, no bars.
    """

    console: Console
    plain: bool

    def title(self, text: str, below: str) -> None:
        """The head of the page."""
        self._line(Text(text, style="title"))
        self._line(Text(below, style="quiet"))

    def chapter(self, number: int, title: str, *sentences: str) -> None:
        """Begin a chapter, and say what it is about."""
        self.gap()
        if self.plain:
            self._line(Text(f"{number}. {title}"))
            self._line(Text("-" * (len(title) + 3)))
        else:
            self.console.rule(Text.assemble((f"{number} ", "number"), (title, "title")), align="left", style="quiet")
        self.say(*sentences)

    def say(self, *sentences: str) -> None:
        """A paragraph."""
        self._line(Text(" ".join(sentences)))

    def code(self, source: str) -> None:
        """Python, as it was written."""
        self.gap()
        stripped = source.rstrip()
        self._indented(Text(stripped) if self.plain else _coloured(stripped))

    def show(self, what: RenderableType) -> None:
        """Something that knows how it is drawn."""
        self.gap()
        self._indented(what, by=0)

    def fact(self, text: str, style: str = "quiet") -> None:
        """One indented line or paragraph."""
        self._indented(Text(text, style=style))

    def terms(self, rows: Sequence[tuple[str, str]]) -> None:
        """Names, each with what is said about it."""
        drawn = Table.grid(padding=(0, 2))
        drawn.add_column(style="head", no_wrap=True)
        drawn.add_column(overflow="fold")
        for row in rows:
            drawn.add_row(*row)
        self.gap()
        self._indented(drawn)

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A small table; columns of numbers are set to the right."""
        drawn = Table(box=None if self.plain else SIMPLE_HEAD, header_style="head", pad_edge=False, show_edge=False)
        for place, column in enumerate(columns):
            numbers = all(row[place].replace(",", "").isdigit() for row in rows)
            drawn.add_column(column, justify="right" if numbers else "left", overflow="fold")
        for row in rows:
            drawn.add_row(*row)
        self.gap()
        self._indented(drawn)

    def gap(self) -> None:
        """An empty line."""
        self.console.print()

    def _line(self, text: Text) -> None:
        self._indented(text, by=0)

    def _indented(self, what: RenderableType, *, by: int = _INDENT) -> None:
        block = Padding(what, (0, 0, 0, by), expand=False)
        if not self.plain:
            self.console.print(block)
            return
        with self.console.capture() as written:
            self.console.print(block)
        # Text that is piped is searched and compared: no spaces at the ends of its lines.
        for line in written.get().splitlines():
            self.console.print(line.rstrip(), soft_wrap=True)


def _coloured(source: str) -> Syntax:
    return Syntax(source, "python", theme="ansi_dark", background_color="default", word_wrap=True)


def open_page(*, plain: bool = False, file: TextIO | None = None) -> Page:
    """A page on standard output, or in ``file``.

    Args:
        plain: Text alone, also in a terminal.
        file: Where to write instead.
    """
    console = Console(file=file or sys.stdout, theme=_THEME, highlight=False, emoji=False, markup=False)
    plain = plain or not console.is_terminal or console.is_dumb_terminal
    if plain:
        console = Console(
            file=file or sys.stdout,
            theme=_THEME,
            highlight=False,
            emoji=False,
            markup=False,
            width=_WIDTH,
            color_system=None,
            force_terminal=False,
        )
    console.width = min(console.width, _WIDTH)
    return Page(console, plain)
