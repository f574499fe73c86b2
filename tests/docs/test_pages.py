"""Every block of Python in README.md and docs/ is run, in the order of its page."""

from __future__ import annotations

import importlib
import os
import pkgutil
import re
import runpy
import subprocess
import sys
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE
from pathlib import Path

import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser

import backupkit
from backupkit import errors
from backupkit.tables import RecordForm

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("**/*.md")])
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)")

# Blocks of ```py are whole test files; those of ```python are run by sybil.
BLOCK = re.compile(r"^```py\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FENCED = re.compile(r"^ *```[^\n]*\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
SHOWN = [
    pytest.param(block, id=f"{page.name}-{number}")
    for page in PAGES
    for number, block in enumerate(BLOCK.findall(page.read_text(encoding="utf-8")))
]

# A page is one test: its blocks share their names, so they must run in one process and in their order.
SYBIL = Sybil(
    parsers=[PythonCodeBlockParser(doctest_optionflags=ELLIPSIS | NORMALIZE_WHITESPACE), SkipParser()],
    pattern="*.md",
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_code_of_a_page_runs_and_prints_what_the_page_says(page):
    """A reader who copies the blocks of a page one after the other gets what the page shows."""
    for example in SYBIL.parse(page).examples():
        example.evaluate()


@pytest.mark.parametrize("code", SHOWN)
def test_the_tests_that_a_page_shows_pass(code, tmp_path):
    """A reader who saves such a block as a test file, in a project of his own, sees it pass."""
    (tmp_path / "test_shown.py").write_text(code, encoding="utf-8")
    line = [sys.executable, "-m", "pytest", "-q", "-p", "backupkit.pytest_plugin", "-p", "no:cacheprovider"]
    without = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment = {**without, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    ended = subprocess.run(line, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_code_fits_without_scrolling(page):
    """Code on a page has 80 columns at most, but for README's two commands, each of which is one line."""
    blocks = FENCED.findall(page.read_text(encoding="utf-8"))
    lines = [line for block in blocks if " -m venv " not in block for line in block.splitlines()]
    assert [line for line in lines if len(line) > 80] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_of_the_project_leads_somewhere(page):
    """A link that leads nowhere costs every reader a search."""
    assert [link for link in LINK.findall(page.read_text(encoding="utf-8")) if not (page.parent / link).exists()] == []


def test_the_tables_of_the_local_service_are_those_of_the_code():
    """What the pages say the local service has is what it has; ``python docs/tables.py`` brings it up to date."""
    tables = runpy.run_path(str(ROOT / "docs" / "tables.py"))
    for path in tables["PAGES"]:
        page = path.read_text(encoding="utf-8")
        assert tables["filled"](page) == page


def test_every_table_has_its_columns_on_the_page():
    """What a program does with a DataFrame can be written with the page beside it."""
    forms = runpy.run_path(str(ROOT / "docs" / "tables.py"))["FORMS"].values()
    for found in pkgutil.walk_packages(backupkit.__path__, "backupkit."):
        if not found.name.startswith("backupkit.emulator") and not found.name.endswith("__main__"):
            held = vars(importlib.import_module(found.name)).items()
            assert [name for name, value in held if isinstance(value, RecordForm) and value not in forms] == []
    assert [column for form in forms for column in form.columns if not column.about] == []


def test_every_error_has_its_row():
    """Whoever meets an error finds on the page what happened and what to do."""
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    leaves = set(errors.__all__) - {"BackupKitError", "ServiceError"}
    assert leaves == set(re.findall(r"^\| `(\w+)` \| .+ \| .+ \|$", page, re.MULTILINE))
    assert re.findall(r"─ (\w+)", page) == re.findall(r"─ (\w+)", errors.__doc__)
