"""The tour: what a newcomer sees first."""

from __future__ import annotations

import io
import re

import pytest

import backupkit as bk
from backupkit.__main__ import main
from backupkit.tour import tell
from backupkit.tour.comparison import Comparison, compared
from backupkit.tour.month import Census, Register, total
from backupkit.tour.page import open_page
from backupkit.tour.shop import open_shop

# The tour is run once for all of them.
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def told() -> str:
    """The tour as plain text."""
    written = io.StringIO()
    assert tell(open_page(plain=True, file=written))
    return written.getvalue()


def test_the_chapters_are_numbered_and_complete(told):
    """From the declaration to the comparison, in the order in which they happen."""
    assert re.findall(r"^(\d+)\. (.*)$", told, re.MULTILINE) == [
        ("1", "Declare"),
        ("2", "What is checked for you"),
        ("3", "Preview"),
        ("4", "Apply"),
        ("5", "A month goes by"),
        ("6", "One more backup, by hand"),
        ("7", "The disaster"),
        ("8", "Restore"),
        ("9", "Compare"),
        ("10", "The morning after"),
    ]


def test_plain_text_is_plain(told):
    """Piped output has no colour, no control characters, no drawn lines, no bars and no spaces at line ends."""
    assert told.isascii()
    assert all(line.isprintable() and line == line.rstrip() for line in told.splitlines())


def test_it_fits_in_80_columns(told):
    """A narrow terminal, a log and a mail show it unbroken."""
    assert max(map(len, told.splitlines())) <= 80


def test_the_refused_example_comes_with_its_message_and_the_way_out(told):
    """The rule that AWS refuses is shown, and what backupkit says to it."""
    words = " ".join(told.split())
    assert 'bk.Rule("daily", "shop-vault").cold_after(days=30).keep(days=35)' in words
    assert "keep it 120 days or longer, or drop cold storage" in words


def test_the_month_shows_warm_cold_and_deleted_points(told):
    """The last day of the month has points in each of the three states, and no point is lost from the count."""
    made, warm, cold, deleted = map(int, re.search(r"^ +30 +(\d+) +(\d+) +(\d+) +(\d+)$", told, re.MULTILINE).groups())
    assert made == warm + cold + deleted
    assert min(warm, cold, deleted) > 0


def test_the_table_and_the_bucket_are_gone_and_come_back_whole(told):
    """The disaster takes both; the comparison finds every order and every version again, and nothing else."""
    assert told.count("    gone  ") == 2
    rows = re.findall(r"^ +(Orders|Versions of objects) +(\d+) +(\d+) +0 +0 +0$", told, re.MULTILINE)
    assert [(what, lost == equal) for what, lost, equal in rows] == [("Orders", True), ("Versions of objects", True)]
    assert int(rows[0][1]) >= 40


def test_after_the_restore_the_plan_protects_both_again(told):
    """A restore brings no tags; once tagged again, the next night's backup is there."""
    assert told.count("protected again") == 2


def test_the_command_repeats_it_word_for_word(told, capsys):
    """One seed, one story: the tour can be run again and again, leaves nothing behind, and ends in 0."""
    assert main(["tour"]) == 0
    written = capsys.readouterr()
    assert written.out == told
    assert written.err == ""


def test_another_seed_is_another_shop():
    """``--seed`` changes what is in the table."""
    with open_shop(1) as shop:
        first = shop.orders()
    with open_shop(2) as shop:
        assert shop.orders() != first


def test_nothing_of_the_shop_is_left():
    """The table and the bucket are gone once the block ends, also where it fails."""

    def fail() -> None:
        assert shop.is_there() == (True, True)
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"), open_shop(0) as shop:
        fail()
    assert shop.is_there() == (False, False)
    assert (shop.orders(), shop.objects()) == ({}, {})


def test_orders_hold_every_kind_of_value_that_a_table_can_hold():
    """Numbers, texts, bytes, sets of each, lists, maps, booleans and nulls: the comparison passes over none."""
    with open_shop(0) as shop:
        kinds = set(re.findall(r'"(N|S|B|NS|SS|BS|L|M|BOOL|NULL)": ', "".join(map(str, shop.orders().values()))))
    assert kinds == {"N", "S", "B", "NS", "SS", "BS", "L", "M", "BOOL", "NULL"}


def test_a_comparison_tells_the_four_cases_apart():
    """Equal, missing, different and new: each key is in one group, and only equal keys alone make a whole."""
    found = compared({"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 9, "d": 4})
    assert found == Comparison(equal=("a",), missing=("c",), different=("b",), added=("d",))
    assert not found.whole
    assert compared({"a": 1}, {"a": 1}).whole
    assert not compared({}, {"a": 1}).whole


def test_the_register_counts_points_that_are_gone():
    """A point that its lifecycle deleted is still counted as made."""
    files = "arn:aws:elasticfilesystem:us-east-1:123456789012:file-system/fs-0a1b2c3d4e5f60718"
    with bk.local() as aws:
        aws.resources.add(files)
        aws.call("CreateBackupVault", BackupVaultName="vault")
        register = Register(aws, "vault")
        for days in (1, 5):
            aws.back_up(files, vault="vault", keep_days=days).wait()
        assert register.count() == {"EFS": Census(warm=2)}
        aws.clock.advance(days=2)
        assert register.count() == {"EFS": Census(warm=1, expired=1)}
        assert total(register.count().values()).made == 2


class TestTerminal:
    """In a terminal the page is coloured and drawn; what the terminal cannot do is left out."""

    @pytest.fixture
    def terminal(self, monkeypatch):
        """An environment in which rich takes any file for a terminal of 256 colours."""
        for name in ("NO_COLOR", "COLUMNS", "TTY_COMPATIBLE"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("FORCE_COLOR", "1")
        monkeypatch.setenv("TERM", "xterm-256color")
        return monkeypatch

    def written(self) -> str:
        file = io.StringIO()
        page = open_page(file=file)
        page.chapter(1, "Declare", "A policy is a value.")
        page.table(("What", "Lost"), [("Orders", "46")])
        page.fact("Everything came back.", "good")
        return file.getvalue()

    def test_it_is_coloured(self, terminal):
        """Green is what went well."""
        assert "\x1b[32mEverything came back." in self.written()

    def test_no_color_is_respected(self, terminal):
        """With NO_COLOR set no colour is sent, whatever else is."""
        terminal.setenv("NO_COLOR", "1")
        assert not re.search(r"\x1b\[[\d;]*3\d", self.written())

    def test_a_dumb_terminal_gets_plain_text(self, terminal):
        """TERM=dumb: no control characters at all."""
        terminal.setenv("TERM", "dumb")
        assert "\x1b" not in self.written()

    def test_a_wide_terminal_is_not_filled(self, terminal):
        """Lines of 200 columns are hard to read: the page stays at 80."""
        terminal.setenv("COLUMNS", "200")
        plain = re.sub(r"\x1b\[[\d;]*m", "", self.written())
        assert max(len(line.rstrip()) for line in plain.splitlines()) <= 80
