"""What a served local service keeps in its state file, however its process ends."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import threading

import pytest
from http_programs import ACCOUNT, REGION, client, control, program

from backupkit.errors import ConfigurationError
from backupkit.local.http import Request
from backupkit.local.http.statefile import Beginning, StateFile

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
    control(url, "/faults", {"deny": f"arn:aws:iam::{ACCOUNT}:role/other", "hold_back": [f"{TABLE}2"]})
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
    kept = StateFile(file, Beginning(seed=5))
    new = kept.face.answer(Request("GET", "/backup-vaults/")).body
    for said in (Request("PUT", "/backup-vaults/prod"), Request("POST", "/_backupkit/reset")):
        assert kept.face.answer(said).status == 200
    kept.close()
    again = StateFile(file, Beginning())
    assert again.face.answer(Request("GET", "/backup-vaults/")).body == new
    assert again.face.answer(Request("PUT", "/backup-vaults/prod")).status == 200
    assert again.face.answer(Request("POST", "/_backupkit/reset")).status == 200
    assert again.face.answer(Request("GET", "/backup-vaults/")).body == new
    again.close()


def test_questions_are_not_written_down(tmp_path):
    """The file grows with what is done, not with what is asked."""
    kept = StateFile(tmp_path / "state.db", Beginning())
    kept.face.answer(Request("PUT", "/backup-vaults/prod"))
    for _ in range(5):
        kept.face.answer(Request("GET", "/backup-vaults/"))
        kept.face.answer(Request("GET", "/_backupkit/clock"))
        kept.face.answer(Request("PUT", "/backup-vaults/%zz"))
    kept.close()
    database = sqlite3.connect(tmp_path / "state.db")
    assert database.execute("SELECT method, target FROM request").fetchall() == [("PUT", "/backup-vaults/prod")]
    database.close()


@pytest.mark.parametrize(
    ("other", "word"),
    [
        (Beginning(seed=2), "seed 1, not 2"),
        (Beginning(region_name="eu-west-1"), "region us-east-1"),
        (Beginning(account_id="210987654321"), "account 123456789012"),
    ],
)
def test_a_state_file_keeps_its_beginning(tmp_path, other, word):
    """A start with another seed, Region or account is refused: it would not lead to the same ids."""
    StateFile(tmp_path / "state.db", Beginning(seed=1)).close()
    with pytest.raises(ConfigurationError, match=word):
        StateFile(tmp_path / "state.db", other)
    StateFile(tmp_path / "state.db", Beginning(seed=1)).close()


def test_two_servers_never_share_a_state_file(tmp_path):
    """The second is refused, whole, before it serves anything."""
    file = tmp_path / "state.db"
    kept = StateFile(file, Beginning())
    line = [sys.executable, "-m", "backupkit", "local", "--port", "0", "--state", str(file)]
    ended = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
    kept.close()
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert "another process has it" in ended.stderr


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
            StateFile(file, Beginning())
    assert text.read_bytes() == before


def test_what_cannot_be_kept_is_not_done(tmp_path):
    """Where the file cannot be written the caller is told so, and nothing has happened."""
    kept = StateFile(tmp_path / "state.db", Beginning())
    kept.close()
    said = kept.face.answer(Request("PUT", "/backup-vaults/prod"))
    assert (said.status, said.error) == (503, "ServiceUnavailableException")
    assert b"prod" not in kept.face.answer(Request("GET", "/backup-vaults/")).body
    assert kept.face.answer(Request("POST", "/_backupkit/clock", {}, b'{"advance": {"days": 1}}')).status == 503


def test_requests_of_another_version_are_not_done_again(tmp_path):
    """Another version may make other ids of them: its file is refused as long as it holds any, with the way out."""
    file = tmp_path / "state.db"
    StateFile(file, Beginning()).close()
    _sign(file, "0.0.1")
    kept = StateFile(file, Beginning())
    kept.face.answer(Request("PUT", "/backup-vaults/prod"))
    kept.close()
    StateFile(file, Beginning()).close()
    kept = StateFile(file, Beginning())
    assert kept.face.answer(Request("GET", "/backup-vaults/prod")).status == 200
    kept.face.answer(Request("DELETE", "/backup-vaults/prod"))
    kept.close()
    _sign(file, "0.0.1")
    with pytest.raises(ConfigurationError, match=r"written by backupkit 0\.0\.1.*start that version once"):
        StateFile(file, Beginning())


def _sign(file, version):
    database = sqlite3.connect(file)
    database.execute("UPDATE about SET value = ? WHERE name = 'version'", (version,))
    database.commit()
    database.close()
