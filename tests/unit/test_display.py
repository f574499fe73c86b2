"""Blocks as text and HTML."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
import rich
import rich.console
from hypothesis import given
from hypothesis import strategies as st

import backupkit as bk
from backupkit.display import Facts, Notes, Rows, duration, html, moment, progress_html, progress_text, size, text

ARN = "arn:aws:iam::123456789012:role/service-role/AWSBackupDefaultServiceRole"


def test_text_keeps_every_cell_whole():
    """Nothing is wrapped or cut, however long it is."""
    shown = text(
        Facts("Plan", [("role", ARN * 3)]), Rows(("name", "size"), [("a", "1"), (ARN, "22")], right=frozenset({1}))
    )
    assert ARN * 3 in shown
    assert f"  {ARN}    22" in shown


def test_what_is_left_out_is_counted():
    """A bounded table says how many rows there are besides."""
    rows = Rows(("n",), [("1",)], total=1_001)
    assert "... and 1,000 more" in text(rows)
    assert "... and 1,000 more" in html(rows)


@given(st.text())
def test_html_escapes_whatever_it_is_given(word):
    """No text, in any place, becomes markup."""
    hostile = f"<script>{word}</script>"
    shown = html(
        Facts(hostile, [(hostile, hostile)]),
        Notes(hostile, [hostile]),
        Rows((hostile,), [(hostile,)], kinds=(hostile,)),
    )
    assert "<script" not in shown


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 bytes"), (1, "1 byte"), (1023, "1,023 bytes"), (1024, "1.0 KiB"), (5 * 1024**4, "5.0 TiB")],
)
def test_sizes(count, words):
    """Bytes come with a unit of 1024."""
    assert size(count) == words


def test_spans_and_moments():
    """Two units of a span, and moments in UTC whatever their zone."""
    assert duration(timedelta(days=3, hours=4, minutes=5)) == "3 d 4 h"
    assert duration(timedelta(seconds=-61)) == "-1 min 1 s"
    assert duration(timedelta(0)) == "0 s"
    berlin = timezone(timedelta(hours=2))
    assert moment(datetime(2026, 7, 1, 2, tzinfo=berlin)) == "2026-07-01 00:00:00 UTC"
    assert moment(None) == size(None) == duration(None) == ""
    assert moment(datetime(2026, 7, 1, tzinfo=UTC)).endswith("UTC")


def test_a_bar_is_as_long_as_the_work_is_done():
    """Half of the work is half of the bar, the whole is no more than all of it, and the words say the same."""
    for share, percent in ((0.0, 0), (0.5, 50), (1.0, 100), (1.7, 100)):
        assert f"width:{percent}%" in progress_html("restore", share, "<RUNNING>")
        assert progress_text("restore", share, "<RUNNING>") == f"restore: {percent} %, <RUNNING>"
    assert "<RUNNING>" not in progress_html("restore", 0.5, "<RUNNING>")


TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
ROLE = "arn:aws:iam::123456789012:role/backup"


@pytest.fixture(scope="module")
def shown():
    """One of everything that people look at, most of it with a tag whose value must stay out of logs."""
    with bk.local() as aws:
        aws.resources.add(TABLE, size_bytes=10**9, tags={"team": "hunter2"})
        vault = bk.Vault("prod").tagged(team="hunter2")
        daily = bk.Rule("daily", vault).keep(days=35).tagging(team="hunter2")
        chosen = bk.Selection("tagged", ROLE).any_tag(team="hunter2").where(bk.tag("team").equals("hunter2"))
        plan = bk.Plan("shop", daily).protecting(chosen).tagged(team="hunter2")
        gap = bk.AirGappedVault("gap", min_days=7, max_days=30, tags={"team": "hunter2"})
        stack = bk.Stack("shop", vault, plan, gap, tags={"owner": "hunter2"})
        changes = stack.preview(aws)
        applied = changes.apply()
        aws.clock.advance(days=2)
        points = aws.recovery_points(vault="prod")
        deletion = points.preview_deletion(keep_last=0)
        yield {
            "stack": stack,
            "plan": plan,
            "rule": daily,
            "vault": vault,
            "air-gapped vault": gap,
            "selection": chosen,
            "lifecycle": daily.lifecycle,
            "schedule": daily.effective_schedule,
            "changes": changes,
            "a change": next(iter(changes)),
            "a difference": next(iter(changes)).differences[0],
            "a call": next(iter(changes)).calls[0],
            "applied": applied,
            "points": points,
            "points that were read": points.collect(),
            "a point": points.latest(),
            "jobs": aws.backup_jobs(),
            "what was waited for": bk.wait_all(list(aws.backup_jobs())),
            "a restore preview": points.latest().preview_restore(points.latest().restore_request()),
            "a recovery preview": aws.preview_recovery(TABLE),
            "a recovery": aws.recover(TABLE),
            "coverage": bk.coverage(aws, plans=plan),
            "orphans": bk.find_orphans(aws),
            "what tags would be set": points.preview_tags({"team": "hunter2"}),
            "what deletion would do": deletion,
            "what deletion did": deletion.apply(allow_delete=True),
        }


def test_what_stands_in_a_log_is_one_line_without_values_of_tags(shown):
    """A repr of whatever a program holds is read at a glance, and is not the place where a secret gets out."""
    for name, value in shown.items():
        line = repr(value)
        assert "\n" not in line, name
        assert "hunter2" not in line, name
        assert len(line) < (2_000 if name == "a point" else 400), name


def test_everything_that_people_look_at_has_a_display(shown):
    """In a terminal and in a notebook: with its style, without scripts, and without anything from outside."""
    for name, value in shown.items():
        if name in {"a change", "a difference", "a call"}:
            continue
        rich.print(value, file=io.StringIO())
        page = value._repr_html_()
        assert page.startswith('<div class="backupkit"><style>'), name
        assert not re.search(r"<script|<link|<img|url\(|@import|https?:", page), name


def test_a_stack_shows_all_of_its_things(shown):
    """What is neither a vault nor a plan has a line as well."""
    assert repr(shown["stack"]) == "<Stack shop: 1 vault, 1 plan, 1 other thing>"
    for words in ("prod", "daily", "every day at 05:00 (UTC)", "tagged", "air_gapped_vault.gap", "7 to 30 days"):
        assert words in str(shown["stack"])
        assert words in shown["stack"]._repr_html_()


@pytest.mark.parametrize("width", [40, 60, 80, 100, 140, 200])
def test_words_stay_whole_in_a_terminal_of_any_width(shown, width):
    """A table that would break its words is drawn as records, one below the other; ARNs alone are folded."""
    for name in ("coverage", "jobs", "points that were read", "what deletion would do", "stack"):
        value = shown[name]
        drawn = io.StringIO()
        rich.console.Console(file=drawn, width=width).print(value)
        told = drawn.getvalue()
        words = {word for word in re.findall(r"[\w-]+", str(value)) if len(word) <= 12}
        arns = set(re.findall(r"[\w-]+", " ".join(re.findall(r"arn:\S+", str(value)))))
        # Records have the first column as their heads.
        words -= {"status", "state", "created", "left", "point", "rule", "selection", "thing", "type"}
        missing = {word for word in words - arns if not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", told)}
        assert not missing, (name, missing, told)
        assert max(map(len, told.splitlines())) <= width
