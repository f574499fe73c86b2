"""Every block of Python in README.md and docs/ is run, in the order of its page."""

from __future__ import annotations

import re
import runpy
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE
from pathlib import Path

import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser

from backupkit import errors

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)")

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


def test_every_error_has_its_row():
    """Whoever meets an error finds on the page what happened and what to do."""
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    leaves = set(errors.__all__) - {"BackupKitError", "ServiceError"}
    assert leaves == set(re.findall(r"^\| `(\w+)` \| .+ \| .+ \|$", page, re.MULTILINE))
    assert re.findall(r"─ (\w+)", page) == re.findall(r"─ (\w+)", errors.__doc__)
