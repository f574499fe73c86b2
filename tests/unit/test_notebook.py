"""What a notebook shows, run by a real kernel."""

from __future__ import annotations

import pytest

nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed")
nbclient = pytest.importorskip("nbclient", reason="nbclient is not installed")
pytest.importorskip("ipykernel", reason="ipykernel is not installed")

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
