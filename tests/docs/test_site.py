"""The site as a whole: every page has its place, and what the pages for contributors say is so."""

from __future__ import annotations

import importlib
import re
import tomllib
from pathlib import Path

import pytest

import backupkit as bk
from backupkit import errors, observe, restore, testing

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
REFERENCE = "\n".join(page.read_text(encoding="utf-8") for page in (DOCS / "reference").glob("*.md"))
ERRANDS = re.findall(
    r"^### ([^\n]+): (\d+) files?\n(.*?)(?=^##)",
    (DOCS / "contributing.md").read_text(encoding="utf-8"),
    re.MULTILINE | re.DOTALL,
)


def _listed(page: Path) -> list[Path]:
    trees = re.findall(r"```\{toctree\}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    names = [line for tree in trees for line in tree.splitlines() if line and not line.startswith(":")]
    return [page.parent / (f"{name}.ipynb" if name.startswith("notebooks/") else f"{name}.md") for name in names]


def test_every_page_has_its_place_in_the_navigation():
    """From the home page one gets everywhere, and to each page by one way."""
    home, emulator = DOCS / "index.md", DOCS / "emulator.md"
    placed = [home, *_listed(home), *_listed(emulator)]
    pages = [page for page in DOCS.rglob("*") if page.suffix in {".md", ".ipynb"} and "_build" not in page.parts]
    assert sorted(placed) == sorted(pages)
    assert re.findall(r":caption: (.+)", home.read_text(encoding="utf-8")) == [
        "Tutorial",
        "How-to guides",
        "Reference",
        "Explanation",
    ]


@pytest.mark.parametrize(
    "name", sorted(set(bk.__all__) - {"emulator", "errors", "events", "observe", "plots", "restore", "restore_testing"})
)
def test_every_public_name_is_in_the_reference(name):
    """Whoever holds something finds what it can do."""
    directive = rf"^\.\. auto(class|function|data):: backupkit\.{name}$"
    in_a_room = name in {*restore.__all__, *errors.__all__, *observe.__all__, *testing.__all__}
    assert re.search(directive, REFERENCE, re.MULTILINE) or in_a_room


@pytest.mark.parametrize(
    "room", ["errors", "events", "observe", "plots", "restore", "restore_testing", "emulator", "testing"]
)
def test_every_public_room_is_in_the_reference(room):
    """The rooms are listed whole, so what comes to them comes to the reference."""
    assert re.search(rf"^\.\. automodule:: backupkit\.{room}$", REFERENCE, re.MULTILINE)


@pytest.mark.parametrize("path", re.findall(r"^\.\. auto(?!module)\w+:: (.+)$", REFERENCE, re.MULTILINE))
def test_what_the_reference_names_is_there(path):
    """Whoever moves or renames a class sees at once, without building the site, that its page still names the old one."""
    room, _, name = path.rpartition(".")
    assert hasattr(importlib.import_module(room), name)


@pytest.mark.parametrize(("errand", "count", "text"), ERRANDS, ids=[errand for errand, _, _ in ERRANDS])
def test_an_errand_names_its_files_and_counts_them(errand, count, text):
    """A newcomer finds each file that a page sends him to, and there are no more of them than it says."""
    steps = re.findall(r"^\d\. (.*?)(?=^\d\. |^$|\Z)", text, re.MULTILINE | re.DOTALL)
    assert len(steps) == int(count)
    for path in re.findall(r"`((?:backupkit|tests)/[\w/.]+)`", text):
        assert (ROOT / path).exists(), path


def test_six_errands_are_told():
    """A type, a kind, a check, an operation, a job and a lint failure."""
    assert len(ERRANDS) == 6


def test_every_task_is_on_the_page_for_contributors():
    """Each command of the task runner is one that the page tells, and the other way round."""
    page = (DOCS / "contributing.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^\| `poe (\w+)` \|", page, re.MULTILINE)) == sorted(PROJECT["tool"]["poe"]["tasks"])


def test_developers_get_the_versions_that_the_checks_get():
    """A tool that both an extra and a group of developers name is asked for alike."""
    extras = [line for lines in PROJECT["project"]["optional-dependencies"].values() for line in lines]
    groups = [line for lines in PROJECT["dependency-groups"].values() for line in lines if isinstance(line, str)]
    named = {re.split(r"[\[>=<]", line)[0]: line for line in extras}
    assert [line for line in groups if line != named.get(re.split(r"[\[>=<]", line)[0], line)] == []


def test_the_site_is_built_so_that_a_reference_that_leads_nowhere_fails():
    """Who works on a page and who checks it build the site by one line, and every type in a signature has its place."""
    line = PROJECT["tool"]["poe"]["tasks"]["docs"]["cmd"]
    assert {"-n", "-W"} <= set(line.split())
    assert line in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["contributing", "security"])
def test_hosting_sites_find_the_way(name):
    """Sites that look for these files find them, README links to them, and each stands once."""
    pointer = (ROOT / ".github" / f"{name.upper()}.md").read_text(encoding="utf-8")
    assert len(pointer.splitlines()) == 1
    assert f"(../docs/{name}.md)" in pointer
    assert f"(docs/{name}.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
