"""Blocks as text and HTML."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
