"""What a notebook shows, run by a real kernel."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed")
nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed")
pytest.importorskip("ipykernel", reason="ipykernel is not installed")

ROOT = Path(__file__).parents[2]
STAGE = """
import backupkit as bk
aws = bk.local()
arn = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
aws.resources.add(arn, size_bytes=5_000_000_000_000)
aws.call("CreateBackupVault", BackupVaultName="prod")
"""


@pytest.mark.slow
def test_progress_in_a_notebook_is_one_bar():
    """A wait in a notebook is one bar that is updated, at the end whole; never a wall of lines."""
    cells = [STAGE, 'aws.back_up(arn, vault="prod").wait(progress=True); None', "aws.recovery_points()"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbclient.NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    [bar] = notebook.cells[1].outputs
    assert bar.output_type == "display_data"
    assert bar.data["text/plain"].startswith("backup of arn:aws:dynamodb:us-east-1:123456789012:table/orders")
    assert bar.data["text/plain"].endswith(": 100 %, COMPLETED")
    assert "width:100%" in bar.data["text/html"]
    [shown] = notebook.cells[2].outputs
    assert "<table>" in shown.data["text/html"]


@pytest.mark.slow
def test_the_tour_shows_what_it_shows_in_the_docs():
    """A reader who runs the notebook gets what he saw; ``poe notebook`` brings it up to date."""
    for module in ("altair", "pandas", "pyarrow", "vl_convert"):
        pytest.importorskip(module, reason=f"{module} is not installed")
    held = runpy.run_path(str(ROOT / "docs" / "notebook.py"))
    kept, fresh = nbformat.read(held["TOUR"], as_version=4), held["run"]()
    for cell, again in zip(kept.cells, fresh.cells, strict=True):
        assert _shown(cell) == _shown(again), cell.source


def _shown(cell):
    """What a cell shows: our displays as they are; what others draw by its kind, for their versions differ."""
    found = []
    for output in cell.get("outputs", ()):
        data = output.get("data", {})
        ours = 'class="backupkit"' in data.get("text/html", "")
        found.append((output.output_type, dict(data) if ours else sorted(data), output.get("text")))
    return found


def test_the_tour_tells_nothing_of_the_machine_that_ran_it():
    """The notebook in the docs has no paths, no times of its own, and no errors, and its cells are short."""
    notebook = nbformat.read(ROOT / "docs" / "notebooks" / "tour.ipynb", as_version=4)
    whole = nbformat.writes(notebook)
    assert not re.search(r"/(home|root|tmp|usr|opt|Users)/", whole)
    assert not any(output.output_type == "error" for cell in notebook.cells for output in cell.get("outputs", ()))
    assert all(cell.cell_type != "code" or cell.execution_count for cell in notebook.cells)
    assert len(whole) < 600_000
