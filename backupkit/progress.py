"""A bar for work that takes a while: drawn in terminals and notebooks, plain lines elsewhere."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Protocol

__all__ = ["Report", "bar"]


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
        percent = int(100 * min(done / total, 1.0))
        if last != (percent // 10, note):
            last = percent // 10, note
            write(f"{label}: {percent} %{f', {note}' if note else ''}")

    return report


@contextlib.contextmanager
def bar(label: str, *, total: float = 100.0, shown: bool = True) -> Iterator[Report]:
    """A bar while the block runs.

    Args:
        label: What the work is.
        total: What ``done`` counts up to.
        shown: Whether to show anything. Where standard error is neither a terminal nor a notebook, lines are written
            to it: one at each tenth of the way and whenever the note changes.
    """
    if not shown:
        yield _silent
        return
    # rich costs 0.1 s to import, which only those who look at a bar should pay.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    console = Console(stderr=True)
    if not (console.is_terminal or console.is_jupyter):
        yield _lines(label, total, lambda line: console.print(line, markup=False, emoji=False, soft_wrap=True))
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[note]}"), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(label, total=total, note="")

        def report(done: float, note: str = "", /) -> None:
            progress.update(task, completed=done, note=note)

        yield report
