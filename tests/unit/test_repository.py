"""The repository as a newcomer finds it."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
OF_WEIGHT = {
    "backupkit",
    "benchmarks",
    "docs",
    "tests",
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "pyproject.toml",
}


def _commands() -> list[str]:
    section = README.split("\n## Two commands\n")[1].split("\n## ")[0]
    [block] = re.findall(r"^```\w*\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    return block.splitlines()


def test_two_commands_are_two_lines():
    """Under that heading there is one block with two lines: the tour, and the tests."""
    tour, tests = _commands()
    assert tour.endswith("-m backupkit tour")
    assert "-m pytest" in tests


def test_each_command_makes_all_it_needs():
    """Each line makes its own environment and installs into it, so either may come first, and again."""
    for command in _commands():
        made, installed, _ = command.split(" && ")
        assert made == "python3 -m venv .venv"
        assert re.fullmatch(r'\.venv/bin/pip install --quiet (-e )?"\.\[(local|test)\]"', installed)


def test_the_checks_run_the_line_that_readme_shows():
    """`.ci/run` takes its test line out of README, so the two cannot differ."""
    script = ROOT / ".ci" / "run"
    text = script.read_text(encoding="utf-8")
    assert os.access(script, os.X_OK)
    assert "pytest" not in text.replace("*pytest*", "")
    taken = re.search(r"^tests=\$\((.*)\)$", text, re.MULTILINE)[1]
    found = subprocess.run(["bash", "-c", taken], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.splitlines() == [_commands()[1]]


def test_the_extras_that_the_commands_name_are_there():
    """A line that installs an extra which does not exist would install without it, and only warn."""
    for extra in re.findall(r'"\.\[(\w+)\]"', README):
        assert extra in PROJECT["project"]["optional-dependencies"]


def test_the_command_is_installed():
    """``backupkit`` is a command, not only ``python -m backupkit``."""
    assert PROJECT["project"]["scripts"] == {"backupkit": "backupkit.__main__:main"}


def test_nothing_else_of_weight_lies_at_the_top():
    """Whoever opens the repository sees a handful of names, each of which says what it is."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    names = {line.split("/")[0] for line in listed.stdout.splitlines()}
    assert {name for name in names if not name.startswith(".")} <= OF_WEIGHT


def test_the_changelog_has_a_place_for_what_comes_next():
    """Every change is written down for its reader, under Unreleased or under its version."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## \[(Unreleased|{re.escape(PROJECT['project']['version'])})\]", text, re.MULTILINE)


def test_the_license_is_the_one_that_is_named():
    """The file holds the text of the license that the package declares."""
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert PROJECT["project"]["license"] == "Apache-2.0"
    assert "Apache License" in text
    assert "The backupkit authors" in text


def test_examples_name_the_default_role_by_its_real_arn():
    """AWS keeps its default role under a path; an example without it names a role that nobody has."""
    for page in (
        ROOT / "README.md",
        *ROOT.glob("docs/*.md"),
        *ROOT.glob("backupkit/**/*.py"),
        *ROOT.glob("tests/**/*.py"),
    ):
        named = re.findall(r":role/(\S*/)?AWSBackup" + "DefaultServiceRole", page.read_text())
        assert set(named) <= {"service-role/"}, page


def test_links_lead_somewhere():
    """A link from one page to a heading of another finds page and heading."""
    for page in (ROOT / "README.md", *ROOT.glob("docs/*.md")):
        for name, anchor in re.findall(r"\]\(([\w/.-]*\.md)?(?:#([\w-]+))?\)", page.read_text()):
            there = page.parent / name if name else page
            assert there.is_file(), (page, name)
            headings = re.findall(r"^#+ (.+)$", there.read_text(), re.MULTILINE)
            assert not anchor or anchor in {_anchor(heading) for heading in headings}, (page, name, anchor)


def _anchor(heading):
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
