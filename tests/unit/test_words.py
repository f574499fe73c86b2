"""The code speaks the field's language: words that were ours alone have given way to AWS's, Terraform's or plain ones."""

import io
import re
import tokenize
from pathlib import Path

import pytest

import backupkit

PACKAGE = Path(backupkit.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))

# The name that was, and the one that is.
RENAMED = {
    "Cloud": "Simulation",
    "Courier": "Forwarder",
    "Desk": "Publisher",
    "DrillPlan": "RestoreTestingPlan",
    "Faulty": "FaultInjection",
    "Flowing": "PointInTime",
    "Happening": "ScheduledEvent",
    "Hearers": "Subscribers",
    "Keeper": "Journal",
    "Newsstand": "EventLog",
    "Refused": "ApiError",
    "SILENT": "IMPLICIT_DENY",
    "Sequel": "FollowUp",
    "Trail": "StreamCursor",
    "Walk": "SortedCursor",
    "_Chill": "_MoveToCold",
    "_Vanish": "_FinishDeletion",
    "_lacking": "_missing",
    "_relations": "_cross_field",
    "_unwise": "_warnings",
    "barrier": "obstacle",
    "couriers": "forwarders",
    "desk": "publisher",
    "doors": "_connect",
    "drill": "restore_test",
    "drills": "restore_testing",
    "go_back": "load_state",
    "grasp": "apply_hold",
    "hearers": "subscribers",
    "hold_back": "block_backups",
    "holdings": "collections",
    "kinship": "nesting",
    "lacks": "missing",
    "landings": "targets",
    "likens": "pattern_matches",
    "objections": "conflicts",
    "asked_for": "matcher",
    "seam": "protocol",
    "sendable": "documents.Value",
    "shaped": "format_arn",
    "way_out": "hint",
    "sequels": "follow_up",
    "shelf": "point_store",
}
# Words that say nothing of what a value is.
PARTICIPLES = {
    "told": "what it is: body, text, attributes",
    "said": "what it is: values, status, statement",
    "asked": "params, args, or what the function returns",
    "_told": "what it returns",
    "_said": "what it returns",
    "_asked": "what it returns",
    "_shown": "_cells, or what it returns",
    "shown": "quote, cells, view",
}
PHRASES = {
    "for ever": "forever",
    "your word": "the name of the argument",
    "the seam": "the protocol",
    "hearers": "subscribers",
}
ROOT = PACKAGE.parent
# The emulator is not looked at for these yet.
TEXTS = sorted(
    [path for path in FILES if "emulator" not in path.parts]
    + list((ROOT / "docs").rglob("*.md"))
    + [path for path in (ROOT / "README.md", ROOT / "CHANGELOG.md") if path.exists()]
)
WORDINGS = {
    # What English says shorter, and how: "a page of its own" is "its own page".
    r"of (its|their) own(?=[.,:;)\"`]|\s*$)": "put the noun after own: its own page",
    r"\banew\b": "again",
    r"(?<![Tt]here )(?<![Tt]here\n)\b[Ii]s no\s(?!\s*(longer|more)\b)": "is not a",
}


def names(path: Path) -> set[str]:
    """Every identifier of a file."""
    tokens = tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline)
    return {token.string for token in tokens if token.type == tokenize.NAME}


@pytest.mark.slow
def test_names_are_the_field_s():
    """Whoever greps for the field's word finds the code, and finds no second word for the same thing."""
    found = {
        str(path.relative_to(PACKAGE)): {name: RENAMED[name] for name in wrong}
        for path in FILES
        if (wrong := (names(path) | {path.stem}) & RENAMED.keys())
    }
    assert not found


def test_names_say_what_a_value_is():
    """Whoever reads a line by itself knows what stands in its variables: a text, the body of an answer, parameters."""
    found = {
        str(path.relative_to(PACKAGE)): {name: PARTICIPLES[name] for name in wrong}
        for path in FILES
        if (wrong := names(path) & PARTICIPLES.keys())
    }
    assert not found


def test_sentences_are_plain():
    """Docstrings and messages are English that one engineer would say to another."""
    found = [
        f"{path.relative_to(PACKAGE)}: {phrase!r}; write {instead}"
        for path in FILES
        for phrase, instead in PHRASES.items()
        if re.search(rf"\b{phrase}\b", path.read_text(encoding="utf-8"), re.IGNORECASE)
    ]
    assert not found


def test_wordings_are_plain_on_pages_and_in_docstrings():
    """Pages, messages and docstrings use the wording that most engineers would."""
    found = [
        f"{path.relative_to(ROOT)}: {match[0]!r}; write {instead}"
        for path in TEXTS
        for wording, instead in WORDINGS.items()
        for match in re.finditer(wording, path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert not found


@pytest.mark.parametrize("text", ["a page of its own.", "it starts anew", "this is no vault"])
def test_an_old_wording_would_be_found(text):
    """Each wording is found where it stands, and its plain form is not."""
    assert any(re.search(wording, text, re.MULTILINE) for wording in WORDINGS)
    plain = ["its own account", "there is no vault", "it is no longer there", "vaults of its own account"]
    assert not [each for each in plain for wording in WORDINGS if re.search(wording, each, re.MULTILINE)]


def test_an_old_word_would_be_found(tmp_path):
    """The test itself reads names as Python does: a word in a sentence is no name, and a name is found wherever it is."""
    code = tmp_path / "code.py"
    code.write_text('"""The desk of a clerk."""\nhearers = [1]\n', encoding="utf-8")
    assert names(code) & RENAMED.keys() == {"hearers"}
