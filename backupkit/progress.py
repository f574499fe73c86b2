"""A bar for work that takes a while: drawn in terminals and notebooks, silent elsewhere."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Protocol

__all__ = ["Report", "bar"]


class Report(Protocol):
    """Tells the bar how far the work is."""

    def __call__(self, done: float, note: str = "", /) -> None:
        """Say that ``done`` of the total is done, and what is happening."""
        ...


def _silent(_done: float, _note: str = "", /) -> None:
    """Draw nothing."""


@contextlib.contextmanager
def bar(label: str, *, total: float = 100.0, shown: bool = True) -> Iterator[Report]:
    """A bar while the block runs.

    Args:
        label: What the work is.
        total: What ``done`` counts up to.
        shown: Whether to draw at all; nothing is drawn where the output is neither a terminal nor a notebook.
    """
    if not shown:
        yield _silent
        return
    # rich costs 0.1 s to import, which only those who look at a bar should pay.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    console = Console(stderr=True)
    if not (console.is_terminal or console.is_jupyter):
        yield _silent
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[note]}"), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(label, total=total, note="")

        def report(done: float, note: str = "", /) -> None:
            progress.update(task, completed=done, note=note)

        yield report
