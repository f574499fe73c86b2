"""Runs docs/notebooks/tour.ipynb and writes it with what it shows: ``python docs/notebook.py``; a test holds it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

TOUR = Path(__file__).parent / "notebooks" / "tour.ipynb"
_KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}


def run(path: Path = TOUR) -> Any:
    """The notebook as a fresh kernel runs it, without what differs from run to run and from machine to machine."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}
    ).execute()
    notebook.metadata = nbformat.from_dict({**_KERNEL, "language_info": {"name": "python"}})
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({})
        for output in cell.get("outputs", ()):
            output.get("metadata", {}).clear()
    return notebook


if __name__ == "__main__":
    nbformat.write(run(), TOUR)
