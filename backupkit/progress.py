"""A bar for work that takes a while: drawn in terminals and notebooks, plain lines elsewhere."""

from __future__ import annotations

import contextlib
import importlib
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from backupkit.display import progress_html, progress_text

__all__ = ["Report", "bar"]

_REFRESH_SECONDS = 0.1
"""A notebook's bar is drawn no more often: each time is a message to the browser."""


class Report(Protocol):
    """Tells the bar how far the work is."""

    def __call__(self, done: float, note: str = "", /) -> None:
        """Say that ``done`` of the total is done, and what is happening."""
        ...


def _silent(_done: float, _note: str = "", /) -> None:
    """Draw nothing."""


def _lines(label: str, total: float, write: Callable[[str], None]) -> Report:
    """A report that writes a line when there is something new."""
    last: tuple[int, str] | None = None

    def report(done: float, note: str = "", /) -> None:
        nonlocal last
        tenth = int(10 * min(done / total, 1.0))
        if last != (tenth, note):
            last = tenth, note
            write(progress_text(label, done / total, note))

    return report


class _NotebookBar:
    """One bar in a notebook, which is updated in its place."""

    def __init__(self, label: str, total: float) -> None:
        show: Any = importlib.import_module("IPython.display").display  # there in every notebook
        self._label, self._total = label, total
        self._done, self._note = 0.0, ""
        self._handle = show(self._data(), raw=True, display_id=True)
        self._drawn = time.monotonic()

    def __call__(self, done: float, note: str = "", /) -> None:
        self._done, self._note = done, note
        if time.monotonic() - self._drawn >= _REFRESH_SECONDS:
            self.draw()

    def draw(self) -> None:
        """Bring the bar to where the work is."""
        self._handle.update(self._data(), raw=True)
        self._drawn = time.monotonic()

    def _data(self) -> dict[str, str]:
        state = self._label, self._done / self._total, self._note
        return {"text/html": progress_html(*state), "text/plain": progress_text(*state)}


def _in_notebook() -> bool:
    """Whether this is the kernel of a notebook, and not a shell of IPython."""
    ipython = sys.modules.get("IPython")
    return ipython is not None and hasattr(ipython.get_ipython(), "kernel")


@contextlib.contextmanager
def bar(label: str, *, total: float = 100.0, visible: bool = True) -> Iterator[Report]:
    """A bar while the block runs.

    Args:
        label: What the work is.
        total: What ``done`` counts up to.
        visible: Whether to show anything. Where standard error is neither a terminal nor a notebook, lines are written
            to it: one at each tenth of the way and whenever the note changes.
    """
    if not visible:
        yield _silent
    elif _in_notebook():
        drawn = _NotebookBar(label, total)
        try:
            yield drawn
        finally:
            drawn.draw()
    else:
        with _terminal_bar(label, total) as report:
            yield report


@contextlib.contextmanager
def _terminal_bar(label: str, total: float) -> Iterator[Report]:
    # rich costs 0.1 s to import, which only those who look at a bar should pay.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    console = Console(stderr=True)
    if not console.is_terminal:
        yield _lines(label, total, lambda line: console.print(line, markup=False, emoji=False, soft_wrap=True))
        return
    words, note = (TextColumn(each, markup=False) for each in ("{task.description}", "{task.fields[note]}"))
    columns = words, BarColumn(), note, TimeElapsedColumn()
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(label, total=total, note="")

        def report(done: float, note: str = "", /) -> None:
            progress.update(task, completed=done, note=note)

        yield report
