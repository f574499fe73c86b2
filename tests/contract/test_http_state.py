"""What a served local service keeps in its state file, however its process ends."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import attrs
import pytest
from http_programs import ACCOUNT, REGION, client, control, program

from backupkit.__main__ import main
from backupkit.emulator import snapshot
from backupkit.emulator.http import Request, statefile, statetables
from backupkit.emulator.http.statefile import StartOptions, StateFile
from backupkit.emulator.http.statetables import DamagedError, NotOursError, Row, Tables
from backupkit.errors import ConfigurationError, UnreachableError

TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/backup"
PLAN = {
    "BackupPlanName": "nightly",
    "Rules": [
        {
            "RuleName": "daily",
            "TargetBackupVaultName": "prod",
            "ScheduleExpression": "cron(0 5 ? * * *)",
            "Lifecycle": {"DeleteAfterDays": 7},
        }
    ],
}


def _seen(url):
    """Everything that can be asked for here, in two Regions."""
    found = [control(url, "/clock"), control(url, "/resources"), control(url, "/faults")]
    for region in (REGION, "eu-west-1"):
        aws = client(url, region=region)
        for operation in ("list_backup_vaults", "list_backup_plans", "list_backup_jobs", "list_protected_resources"):
            answer = getattr(aws, operation)()
            del answer["ResponseMetadata"]
            found.append(answer)
        for vault in aws.list_backup_vaults()["BackupVaultList"]:
            name = vault["BackupVaultName"]
            found.append(aws.list_recovery_points_by_backup_vault(BackupVaultName=name)["RecoveryPoints"])
    return found


def _lived(url):
    """Some days of a small account."""
    aws = client(url)
    control(url, "/resources", {"add": {"arn": TABLE, "daily_change": 0.1, "tags": {"Backup": "daily"}}})
    # Tokens of its own: botocore makes up others in each run.
    aws.create_backup_vault(BackupVaultName="prod", CreatorRequestId="1")
    client(url, region="eu-west-1").create_backup_vault(BackupVaultName="copies", CreatorRequestId="2")
    plan = aws.create_backup_plan(BackupPlan=PLAN, CreatorRequestId="3")["BackupPlanId"]
    selection = {"SelectionName": "all", "IamRoleArn": ROLE, "Resources": [TABLE]}
    aws.create_backup_selection(BackupPlanId=plan, BackupSelection=selection, CreatorRequestId="4")
    with pytest.raises(aws.exceptions.AlreadyExistsException):
        aws.create_backup_vault(BackupVaultName="prod", CreatorRequestId="6")
    control(url, "/clock", {"advance": {"days": 9, "hours": 3}})
    control(url, "/resources", {"add": {"arn": f"{TABLE}2"}})
    control(url, "/faults", {"deny": f"arn:aws:iam::{ACCOUNT}:role/other", "block_backups": [f"{TABLE}2"]})
    aws.start_backup_job(BackupVaultName="prod", ResourceArn=TABLE, IamRoleArn=ROLE, IdempotencyToken="5")


def test_a_killed_server_comes_back_as_it_was(tmp_path):
    """After SIGKILL and a new start, every id, time, job and point is the same; so are those that come later."""
    file = str(tmp_path / "state.db")
    with program("--state", file, seed=1) as first:
        _lived(first.url)
        before = _seen(first.url)
        first.kill()
    with program("--state", file, seed=2) as second:
        assert _seen(second.url) == before
        control(second.url, "/clock", {"advance": {"days": 3}})
        later = _seen(second.url)
        second.kill()
    with program("--state", file, seed=3) as third:
        assert _seen(third.url) == later
        assert "stopped" in third.stop()
    with program(seed=4) as fresh:
        # The same life in one go, in memory alone.
        _lived(fresh.url)
        control(fresh.url, "/clock", {"advance": {"days": 3}})
        assert _seen(fresh.url) == later


def test_nothing_acknowledged_is_lost_when_it_is_killed_in_the_middle(tmp_path):
    """Whatever a client got an answer for is there after SIGKILL, at whatever moment it came."""
    file, moments = str(tmp_path / "state.db"), random.Random(7)
    acknowledged = set()
    for life in range(3):
        with program("--state", file, seed=life) as running:
            aws = client(running.url, retries={"total_max_attempts": 1})
            aws.list_backup_vaults()
            killer = threading.Timer(moments.uniform(0.05, 0.4), running.process.kill)
            killer.start()
            for number in range(10_000):
                name = f"vault-{life}-{number}"
                try:
                    aws.create_backup_vault(BackupVaultName=name)
                except Exception:  # noqa: BLE001 - the connection broke, in whatever way
                    break
                acknowledged.add(name)
            killer.join()
            running.kill()
    with program("--state", file) as last:
        pages = client(last.url).get_paginator("list_backup_vaults").paginate()
        there = {vault["BackupVaultName"] for page in pages for vault in page["BackupVaultList"]}
    assert acknowledged
    assert acknowledged <= there
    assert len(there - acknowledged - {"Default"}) <= 3


def test_a_reset_outlives_the_process(tmp_path):
    """After a reset the service is as it began, also when it is started again, and no longer as the file was."""
    file = tmp_path / "state.db"
    kept = StateFile(file, StartOptions(seed=5))
    new = kept.app.answer(Request("GET", "/backup-vaults/")).body
    for said in (Request("PUT", "/backup-vaults/prod"), Request("POST", "/_backupkit/reset")):
        assert kept.app.answer(said).status == 200
    kept.close()
    again = StateFile(file, StartOptions())
    assert again.app.answer(Request("GET", "/backup-vaults/")).body == new
    assert again.app.answer(Request("PUT", "/backup-vaults/prod")).status == 200
    assert again.app.answer(Request("POST", "/_backupkit/reset")).status == 200
    assert again.app.answer(Request("GET", "/backup-vaults/")).body == new
    again.close()


def test_questions_are_not_written_down(tmp_path):
    """The file grows with what is done, not with what is asked."""
    kept = StateFile(tmp_path / "state.db", StartOptions())
    kept.app.answer(Request("PUT", "/backup-vaults/prod"))
    for _ in range(5):
        kept.app.answer(Request("GET", "/backup-vaults/"))
        kept.app.answer(Request("GET", "/_backupkit/clock"))
        kept.app.answer(Request("PUT", "/backup-vaults/%zz"))
    kept.close()
    database = sqlite3.connect(tmp_path / "state.db")
    assert database.execute("SELECT method, target FROM request").fetchall() == [("PUT", "/backup-vaults/prod")]
    database.close()


@pytest.mark.parametrize(
    ("other", "word"),
    [
        (StartOptions(seed=2), "seed 1, not 2"),
        (StartOptions(region_name="eu-west-1"), "region us-east-1"),
        (StartOptions(account_id="210987654321"), "account 123456789012"),
    ],
)
def test_a_state_file_keeps_its_beginning(tmp_path, other, word):
    """A start with another seed, Region or account is refused: it would not lead to the same ids."""
    StateFile(tmp_path / "state.db", StartOptions(seed=1)).close()
    with pytest.raises(ConfigurationError, match=word):
        StateFile(tmp_path / "state.db", other)
    StateFile(tmp_path / "state.db", StartOptions(seed=1)).close()


def test_two_servers_never_share_a_state_file(tmp_path):
    """The second is refused, whole, before it serves anything."""
    file = tmp_path / "state.db"
    kept = StateFile(file, StartOptions())
    line = [sys.executable, "-m", "backupkit", "local", "--port", "0", "--state", str(file)]
    ended = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
    kept.close()
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert "another process has it; end that one, or name another file" in ended.stderr


def test_a_file_of_something_else_is_refused_and_left_alone(tmp_path):
    """Text, another program's database and a folder that is not there are no state files."""
    text, foreign = tmp_path / "notes.txt", tmp_path / "foreign.db"
    text.write_text("dear diary, " * 200)
    database = sqlite3.connect(foreign)
    database.execute("CREATE TABLE mine (x)")
    database.close()
    before = text.read_bytes()
    for file in (text, foreign, tmp_path / "nowhere" / "state.db"):
        with pytest.raises(ConfigurationError, match="name another file"):
            StateFile(file, StartOptions())
    assert text.read_bytes() == before


def test_what_cannot_be_kept_is_not_done(tmp_path):
    """Where the file cannot be written the caller is told so, and nothing has happened."""
    kept = StateFile(tmp_path / "state.db", StartOptions())
    kept.close()
    said = kept.app.answer(Request("PUT", "/backup-vaults/prod"))
    assert (said.status, said.error) == (503, "ServiceUnavailableException")
    assert b"prod" not in kept.app.answer(Request("GET", "/backup-vaults/")).body
    assert kept.app.answer(Request("POST", "/_backupkit/clock", {}, b'{"advance": {"days": 1}}')).status == 503


def test_requests_of_another_version_are_not_done_again(tmp_path, monkeypatch):
    """Another version may make other ids of them: its file is refused as long as it holds any, with the way out."""
    file = tmp_path / "state.db"
    with monkeypatch.context() as older:
        older.setattr(statefile, "_version", lambda: "0.0.1")
        StateFile(file, StartOptions()).close()
    kept = StateFile(file, StartOptions())
    kept.app.answer(Request("PUT", "/backup-vaults/prod"))
    kept.close()
    StateFile(file, StartOptions()).close()
    kept = StateFile(file, StartOptions())
    assert kept.app.answer(Request("GET", "/backup-vaults/prod")).status == 200
    kept.close()
    with monkeypatch.context() as older:
        older.setattr(statefile, "_version", lambda: "0.0.1")
        kept = StateFile(file, StartOptions())
        kept.app.answer(Request("DELETE", "/backup-vaults/prod"))
        kept.close()
    with pytest.raises(ConfigurationError, match=r"written by backupkit 0\.0\.1.*start that version once"):
        StateFile(file, StartOptions())


def test_a_state_of_another_form_is_not_brought_back(tmp_path, monkeypatch):
    """A snapshot whose form has changed since is told in one line, and the file stays as it is."""
    file = tmp_path / "state.db"
    kept = StateFile(file, StartOptions())
    kept.app.answer(Request("PUT", "/backup-vaults/prod"))
    kept.close()
    StateFile(file, StartOptions()).close()
    with monkeypatch.context() as newer:
        newer.setattr(snapshot, "VERSION", snapshot.VERSION + 1)
        with pytest.raises(ConfigurationError, match=r"state\.db cannot be brought back: .*version"):
            StateFile(file, StartOptions())
    kept = StateFile(file, StartOptions())
    assert kept.app.answer(Request("GET", "/backup-vaults/prod")).status == 200
    kept.close()


def test_a_request_that_was_left_without_an_answer_is_done_again(tmp_path):
    """What a lost answer left behind is there after the next start, too, and the fault strikes no other call."""
    file = tmp_path / "state.db"
    kept = StateFile(file, StartOptions())
    fault = {"drop": {"operation": "CreateBackupVault", "after": True, "times": 1}}
    assert kept.app.answer(Request("POST", "/_backupkit/faults", {}, json.dumps(fault).encode())).status == 200
    with pytest.raises(UnreachableError):
        kept.app.answer(Request("PUT", "/backup-vaults/lost"))
    assert kept.app.answer(Request("PUT", "/backup-vaults/told")).status == 200
    kept.close()
    again = StateFile(file, StartOptions())
    for name in ("lost", "told"):
        assert again.app.answer(Request("GET", f"/backup-vaults/{name}")).status == 200
    again.close()


@pytest.mark.parametrize(
    ("nowhere", "word"),
    [
        ("", "--state is empty: give the path of a file"),
        (".", "is not a file that keeps anything"),
        (":memory:", "is not a file that keeps anything"),
    ],
)
def test_a_state_that_would_be_kept_nowhere_is_refused(nowhere, word, capsys):
    """SQLite's names for no file, and a variable of the shell that is not set, end the command with one line."""
    assert main(["local", "--port", "0", "--state", nowhere]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert word in told.err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file modes")
def test_nobody_else_can_read_a_state_file(tmp_path):
    """The file and its journal are the owner's alone, whatever the umask says and whoever made the file."""
    file, made = tmp_path / "state.db", tmp_path / "made.db"
    before = os.umask(0)
    try:
        made.touch(0o666)
        for each in (file, made):
            kept = StateFile(each, StartOptions())
            kept.app.answer(Request("PUT", "/backup-vaults/prod"))
            found = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob(f"{each.name}*")}
            kept.close()
            assert set(found.values()) == {0o600}, found
    finally:
        os.umask(before)


def _short_life(file):
    """A file with a snapshot and some requests after it; what it says when it is opened again."""
    first = StateFile(file, StartOptions(seed=3))
    first.app.answer(Request("PUT", "/backup-vaults/prod"))
    first.app.answer(Request("POST", "/_backupkit/clock", {}, b'{"advance": {"days": 2}}'))
    first.close()
    second = StateFile(file, StartOptions())
    for name in ("a", "b", "c"):
        second.app.answer(Request("PUT", f"/backup-vaults/{name}"))
        second.app.answer(Request("POST", "/_backupkit/clock", {}, b'{"advance": {"hours": 1}}'))
    second.close()


def _story(file):
    """Everything that the service of the file tells, or None where the file is refused."""
    try:
        kept = StateFile(file, StartOptions())
    except ConfigurationError:
        return None
    told = [kept.app.answer(Request("GET", path)).body for path in ("/backup-vaults/", "/_backupkit/clock")]
    # Ids that are made later hang on the seed and on every call before.
    told.append(kept.app.answer(Request("PUT", "/backup-vaults/later")).body)
    told.append(kept.app.answer(Request("PUT", "/backup/plans/", {}, json.dumps({"BackupPlan": PLAN}).encode())).body)
    kept.close()
    return told


def _flipped(whole, seed, times):
    """The content with one bit flipped, each time another."""
    bits = random.Random(seed)
    for _ in range(times):
        position = bits.randrange(len(whole) * 8)
        content = bytearray(whole)
        content[position // 8] ^= 1 << position % 8
        yield content


def _held(path):
    """All that the tables of a file hold, or None where the file is refused."""
    try:
        tables = Tables(path)
    except (sqlite3.Error, NotOursError, DamagedError, UnicodeDecodeError):
        return None
    try:
        tables.check()
        return tables.new, tables.about(), tables.snapshot(), list(tables.requests()), tables.moment
    except (sqlite3.Error, DamagedError, UnicodeDecodeError):
        return None
    finally:
        tables.close()


@pytest.mark.slow
def test_no_flipped_bit_changes_what_a_state_file_holds(tmp_path):
    """Of 1,500 files with one bit flipped each, every one is refused, or holds what was written."""
    file, damaged = tmp_path / "state.db", tmp_path / "damaged.db"
    _short_life(file)
    outcomes = Counter()
    wanted = _held(file)
    for content in _flipped(file.read_bytes(), 14, 1500):
        damaged.write_bytes(content)
        found = _held(damaged)
        assert found in (None, wanted)
        outcomes[found is None] += 1
    assert min(outcomes.values()) > 100, outcomes


@pytest.fixture
def killed(tmp_path):
    """A state file and its write-ahead log, as a process leaves them that is killed."""
    file = tmp_path / "live.db"
    _short_life(file)
    kept = StateFile(file, StartOptions())
    for name in ("x", "y", "z"):
        kept.app.answer(Request("PUT", f"/backup-vaults/{name}"))
    for suffix in ("", "-wal"):
        shutil.copy(f"{file}{suffix}", tmp_path / f"killed.db{suffix}")
    kept.close()
    return tmp_path / "killed.db"


def _copied(killed, log):
    """The same file under another name, with this log."""
    damaged = killed.with_name("damaged.db")
    shutil.copy(killed, damaged)
    damaged.with_name("damaged.db-wal").write_bytes(log)
    return damaged


@pytest.mark.parametrize("suffix", ["", "-wal"])
def test_no_flipped_bit_of_a_killed_process_drops_what_it_had_acknowledged(killed, suffix):
    """Also in the write-ahead log, where SQLite itself would drop all that follows, damage is refused or harmless."""
    log, target = Path(f"{killed}-wal").read_bytes(), Path(f"{killed}{suffix}")
    whole = _held(_copied(killed, log))
    assert [row.target for row in whole[3]] == [f"/backup-vaults/{name}" for name in "xyz"]
    outcomes = Counter()
    for content in _flipped(target.read_bytes(), 16, 150):
        damaged = _copied(killed, log)
        damaged.with_name(f"damaged.db{suffix}").write_bytes(content)
        found = _held(damaged)
        assert found in (None, whole)
        outcomes[found is None] += 1
    assert outcomes[True] > 20, outcomes


def test_a_log_that_ends_in_the_middle_of_a_write_is_no_damage(killed):
    """A kill can leave part of a write behind: what was acknowledged before it is there, the rest had not happened."""
    log = Path(f"{killed}-wal").read_bytes()
    whole = _held(_copied(killed, log))
    bits, counts = random.Random(3), set()
    for length in [0, 1, 31, 32, len(log) - 1, *(bits.randrange(len(log)) for _ in range(40))]:
        found = _held(_copied(killed, log[:length]))
        assert found[:3] == whole[:3]
        assert found[3] == whole[3][: len(found[3])]
        counts.add(len(found[3]))
    assert counts == {0, 1, 2}
    assert _held(_copied(killed, log + b"\0" * 5000)) == whole


@pytest.mark.parametrize(("position", "word"), [(0, "has no header"), (16, "header .* checksum"), (60, "checksums")])
def test_a_damaged_log_is_told_with_the_file(killed, position, word):
    """A write-ahead log that does not hold together is refused as often as it is tried, and left as it is."""
    log = bytearray(Path(f"{killed}-wal").read_bytes())
    log[position] ^= 1
    damaged = _copied(killed, log)
    for _ in range(2):
        with pytest.raises(ConfigurationError, match=rf"damaged\.db is damaged: .*{word}.*; go back to a copy of it"):
            StateFile(damaged, StartOptions())
    assert damaged.with_name("damaged.db-wal").read_bytes() == log


def test_a_log_that_is_being_written_is_not_said_to_be_damaged(killed):
    """Who reads it in the middle of a write is told that another process has the file, and leaves all as it is."""
    kept = StateFile(killed, StartOptions())
    kept.app.answer(Request("PUT", "/backup-vaults/here"))
    log = killed.with_name("killed.db-wal")
    log.write_bytes(log.read_bytes() + b"half a frame" * 1000)
    with pytest.raises(ConfigurationError, match="another process has it"):
        StateFile(killed, StartOptions())
    assert kept.app.answer(Request("PUT", "/backup-vaults/there")).status == 200
    kept.close()


def test_a_file_that_sqlite_cannot_read_is_told(tmp_path):
    """Pages of a database that are overwritten end the start with SQLite's words, and the way out."""
    file = tmp_path / "state.db"
    _short_life(file)
    whole = file.read_bytes()
    file.write_bytes(whole[:4096] + b"?" * (len(whole) - 4096))
    with pytest.raises(ConfigurationError, match=r"cannot be used as a state file: .*; name another file"):
        StateFile(file, StartOptions())


def test_a_write_that_fails_leaves_nothing_of_itself(tmp_path):
    """What SQLite refuses in the middle of a write is taken back whole, and the next write is as good as before."""
    file = tmp_path / "state.db"
    tables = Tables(file)
    tables.lay_out({"seed": "1"}, "2026-01-01T00:00:00+00:00")
    row = Row("2026-01-01T00:00:00+00:00", "PUT", "/first", ACCOUNT, REGION, b"")
    tables.append(row)
    with pytest.raises(sqlite3.IntegrityError):
        tables.append(attrs.evolve(row, target="/second", region=None))
    tables.append(attrs.evolve(row, target="/third"))
    tables.close()
    assert [each.target for each in _held(file)[3]] == ["/first", "/third"]


def test_the_log_is_emptied_now_and_then(tmp_path, monkeypatch):
    """A long life does not make the write-ahead log grow without end, and nothing is lost over it."""
    monkeypatch.setattr(statetables, "_LOGGED", 5)
    file, sizes = tmp_path / "state.db", []
    kept = StateFile(file, StartOptions())
    for number in range(12):
        assert kept.app.answer(Request("PUT", f"/backup-vaults/v{number}")).status == 200
        sizes.append(file.with_name("state.db-wal").stat().st_size)
    assert (sizes[4], sizes[9]) == (0, 0)
    for suffix in ("", "-wal"):
        shutil.copy(f"{file}{suffix}", tmp_path / f"killed.db{suffix}")
    kept.close()
    assert len(_held(tmp_path / "killed.db")[3]) == 12


def test_a_flipped_bit_is_one_sentence_or_the_same_story(tmp_path):
    """A damaged file ends in an error that names it, or the service tells what it told before, ids included."""
    file, damaged = tmp_path / "state.db", tmp_path / "damaged.db"
    _short_life(file)
    whole = file.read_bytes()
    story = _story(file)
    assert story is not None
    for content in _flipped(whole, 15, 40):
        damaged.write_bytes(content)
        assert _story(damaged) in (None, story)


def test_rows_of_a_state_file_that_are_changed_are_noticed(tmp_path):
    """A lost, moved or edited row of any table is refused as damage: none is done as if it had been asked for."""
    file, damaged = tmp_path / "state.db", tmp_path / "damaged.db"
    _short_life(file)
    for edit in (
        "DELETE FROM request WHERE number = (SELECT max(number) FROM request)",
        "DELETE FROM request WHERE number = 1",
        "DELETE FROM request",
        "UPDATE request SET target = '/backup-vaults/x' WHERE number = 3",
        "UPDATE request SET moment = '2026-01-04T00:00:00+00:00' WHERE number = 3",
        "UPDATE request SET number = number + 5 WHERE number = 2",
        "UPDATE about SET value = '4' WHERE name = 'seed'",
        "DELETE FROM about WHERE name = 'seed'",
        "UPDATE about SET value = 'x' WHERE name = 'start'",
        "DELETE FROM snapshot",
        "UPDATE checked SET requests = 2",
        "UPDATE checked SET moment = '2027-01-04T00:00:00+00:00'",
        "DELETE FROM checked",
    ):
        shutil.copy(file, damaged)
        database = sqlite3.connect(damaged)
        database.execute(edit)
        database.commit()
        database.close()
        with pytest.raises(ConfigurationError, match="is damaged"):
            StateFile(damaged, StartOptions())


def test_requests_are_done_again_at_their_moments(tmp_path):
    """What the clock showed at each request is on record, and time while nobody serves does not count."""
    file = tmp_path / "state.db"
    kept = StateFile(file, StartOptions())
    clock = kept.service.clock
    kept.app.answer(Request("PUT", "/backup-vaults/first"))
    # Moved past the control path, as a clock that runs by itself moves.
    clock.advance(minutes=7)
    kept.app.answer(Request("PUT", "/backup-vaults/second"))
    clock.advance(minutes=5)
    before = kept.app.answer(Request("GET", "/backup-vaults/")).body
    kept.close()
    again = StateFile(file, StartOptions())
    assert again.app.answer(Request("GET", "/backup-vaults/")).body == before
    assert again.service.clock.now() == clock.now() == datetime(2026, 1, 1, 0, 12, tzinfo=UTC)
    again.close()


def test_how_far_the_clock_came_is_kept_when_the_process_is_killed(tmp_path):
    """`reached` writes the time down at once; a file that nobody closed comes back at it."""
    file, copy = tmp_path / "state.db", tmp_path / "copy.db"
    kept = StateFile(file, StartOptions())
    kept.service.clock.advance(days=3)
    kept.reached()
    for suffix in ("", "-wal"):
        shutil.copy(f"{file}{suffix}", f"{copy}{suffix}")
    kept.close()
    again = StateFile(copy, StartOptions())
    assert again.service.clock.now() == datetime(2026, 1, 4, tzinfo=UTC)
    again.close()


def test_a_served_account_can_have_its_default_vaults(tmp_path, capsys):
    """With ``--default-vaults`` the state file remembers that accounts have the vaults that AWS makes by itself."""
    file = tmp_path / "state.db"
    for beginning in (StartOptions(default_vaults=True), StartOptions()):
        kept = StateFile(file, beginning)
        assert kept.app.answer(Request("GET", "/backup-vaults/Default")).status == 200
        kept.close()
    plain = tmp_path / "plain.db"
    StateFile(plain, StartOptions()).close()
    assert main(["local", "--port", "0", "--state", str(plain), "--default-vaults"]) == 1
    assert "was begun with default vaults False" in capsys.readouterr().err


@pytest.mark.parametrize("path", ["x" * 5000, "y" * 300, "no/such/folder/" + "z" * 200])
def test_a_path_that_cannot_be_a_file_is_one_short_line(path, capsys, tmp_path, monkeypatch):
    """However long what was given is, one line of a readable length says what is wrong with it."""
    monkeypatch.chdir(tmp_path)
    assert main(["local", "--port", "0", "--state", path]) == 1
    told = capsys.readouterr().err
    assert "cannot be used as a state file" in told
    assert len(told) < 500
