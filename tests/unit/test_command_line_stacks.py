"""The command line for stacks: preview, apply, drift, their exit codes, and what they say when something is wrong."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import backupkit as bk
from backupkit.__main__ import main
from backupkit.emulator import serving

ROOT = Path(__file__).parents[2]
MODULE = """
import backupkit as bk

VAULT = bk.Vault("prod", tags={"Team": "platform"})
PLAN = bk.Plan("nightly", bk.Rule("daily", "prod").keep(days=35))
stack = bk.Stack("shop", VAULT, PLAN)
without_plan = bk.Stack("shop", VAULT)
taken = bk.Stack("other", VAULT)

class Stacks:
    shorter = bk.Stack("shop", VAULT, bk.Plan("nightly", bk.Rule("daily", "prod").keep(days=7)))

def made():
    return stack

def broken():
    raise RuntimeError("the password is hunter2")

async def later():
    return stack

def told():
    print("told")
    return stack

def refused():
    return bk.Vault("!")

number = 1
"""


@pytest.fixture
def aws():
    with bk.local() as aws:
        yield aws


@pytest.fixture
def run(aws, tmp_path, monkeypatch, capsys):
    """Runs one command against the service, in a folder that holds ``infra.py``."""
    (tmp_path / "infra.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with serving(aws) as url:

        def run(*line):
            code = main([*line, "--endpoint-url", url, "--region", "us-east-1"])
            said = capsys.readouterr()
            return code, said.out, said.err

        yield run
    sys.modules.pop("infra", None)


@pytest.mark.slow
def test_a_change_is_previewed_in_one_run_and_applied_in_another(run, aws):
    """The way of a pipeline: preview into a file, apply the file, preview again finds nothing."""
    code, out, err = run("preview", "infra:stack", "--out", "changes.json", "--detailed-exitcode")
    assert (code, err) == (2, "")
    assert out == f"{bk.Changes.from_json(Path('changes.json').read_text())}\n"
    assert not aws.call("ListBackupPlans")["BackupPlansList"]
    code, out, err = run("apply", "changes.json")
    assert (code, err) == (0, "")
    assert "2 changes made" in out
    assert run("preview", "infra:stack", "--detailed-exitcode")[0] == 0
    assert "2 changes made" not in run("apply", "changes.json")[1]


@pytest.mark.slow
def test_without_detailed_exitcode_changes_are_no_failure(run):
    """A step of a pipeline goes on, whether or not something is to change."""
    assert run("preview", "infra:stack")[0] == 0
    assert run("drift", "infra:stack")[0] == 0


def test_the_file_is_for_its_owner_alone(run):
    """It holds what is declared, tags included."""
    Path("changes.json").write_text("older")
    run("preview", "infra:stack", "--out", "changes.json")
    assert stat.S_IMODE(Path("changes.json").stat().st_mode) == 0o600
    assert {path.name for path in Path().iterdir()} - {"__pycache__"} == {"infra.py", "changes.json"}


@pytest.mark.slow
def test_formats_are_text_json_and_markdown(run):
    """The same preview for people, programs and pull requests."""
    _, out, _ = run("preview", "infra:stack", "--format", "json")
    assert json.loads(out)["format"] == "backupkit.Changes/1"
    _, out, _ = run("preview", "infra:stack", "--format", "markdown")
    assert out.startswith("### <code>shop</code> in us-east-1: 2 to create\n")


@pytest.mark.slow
def test_drift_ends_in_2_and_names_the_field(run, aws):
    """A nightly job sees that somebody changed something by hand."""
    run("preview", "infra:stack", "--out", "changes.json")
    run("apply", "changes.json")
    assert run("drift", "infra:stack", "--detailed-exitcode")[0] == 0
    arn = "arn:aws:backup:us-east-1:123456789012:backup-vault:prod"
    aws.call("TagResource", ResourceArn=arn, Tags={"Team": "other"})
    code, out, _ = run("drift", "infra:stack", "--detailed-exitcode")
    assert code == 2
    assert "tags.Team  platform  other" in out
    _, out, _ = run("drift", "infra:stack", "--format", "json")
    assert json.loads(out)["rows"][0]["found"] == "other"


@pytest.mark.slow
def test_what_needs_a_word_names_the_argument(run):
    """A deletion without the word ends in 1, does nothing, and says what to add to the line."""
    run("preview", "infra:stack", "--out", "one.json")
    run("apply", "one.json")
    run("preview", "infra:without_plan", "--out", "two.json")
    code, out, err = run("apply", "two.json")
    assert (code, out) == (1, "")
    assert "to agree, give --allow-delete" in err
    assert "apply(" not in err
    assert run("apply", "two.json", "--allow-delete")[0] == 0


@pytest.mark.slow
def test_a_stack_is_destroyed_by_preview_and_apply(run, aws):
    """Everything goes that the stack owns; a vault that must be named is named on the line."""
    aws.call("CreateBackupVault", BackupVaultName="somebodys")
    Path("ends.py").write_text(
        'import backupkit as bk\nstack = bk.Stack("shop", bk.Vault("Default"), bk.Vault("old"))\n'
    )
    run("preview", "ends:stack", "--out", "made.json")
    run("apply", "made.json")
    code, out, _ = run("preview", "ends:stack", "--destroy", "--out", "gone.json", "--detailed-exitcode")
    assert (code, "2 to delete" in out) == (2, True)
    code, _, err = run("apply", "gone.json", "--allow-delete")
    assert (code, "give --allow-drain Default" in err) == (1, True)
    assert run("apply", "gone.json", "--allow-delete", "--without", "vault.Default")[0] == 0
    assert run("apply", "gone.json", "--allow-delete", "--allow-drain", "Default")[0] == 0
    assert [each["BackupVaultName"] for each in aws.call("ListBackupVaults")["BackupVaultList"]] == ["somebodys"]
    sys.modules.pop("ends")


@pytest.mark.slow
def test_what_cannot_be_applied_ends_in_1(run, aws):
    """Another stack's vault is in the way: the preview is shown, and the pipeline stops."""
    run("preview", "infra:stack", "--out", "changes.json")
    run("apply", "changes.json")
    code, out, err = run("preview", "infra:taken", "--detailed-exitcode")
    assert code == 1
    assert "belongs to the stack 'shop'" in out
    assert err == "backupkit: 1 problem in the way: these changes cannot be applied\n"


@pytest.mark.slow
def test_things_that_nobody_owns_are_taken_over_on_request(run, aws):
    """``--adopt`` is the word for that."""
    aws.call("CreateBackupVault", BackupVaultName="prod")
    assert run("preview", "infra:stack")[0] == 1
    assert run("preview", "infra:stack", "--adopt", "--detailed-exitcode")[0] == 2
    assert run("preview", "infra:stack", "--adopt-only", "vault.prod", "--detailed-exitcode")[0] == 2
    assert run("preview", "infra:stack", "--adopt-only", "plan.nightly")[0] == 1
    bk.Stack("older", bk.Vault("prod")).preview(aws, adopt=True).apply()
    assert run("preview", "infra:stack", "--adopt")[0] == 1
    assert run("preview", "infra:stack", "--moved-from", "older", "--detailed-exitcode")[0] == 2


@pytest.mark.slow
def test_changes_of_yesterday_are_refused(run):
    """What has moved since the review is an error, and not applied over."""
    run("preview", "infra:stack", "--out", "one.json")
    run("apply", "one.json")
    run("preview", "infra:Stacks.shorter", "--out", "two.json")
    run("preview", "infra:without_plan", "--out", "three.json")
    run("apply", "three.json", "--allow-delete")
    code, _, err = run("apply", "two.json")
    assert code == 1
    assert "preview again" in err


@pytest.mark.slow
@pytest.mark.parametrize("name", ["infra:stack", "infra:made", "infra:Stacks.shorter"])
def test_a_stack_is_a_value_or_what_a_function_returns(run, name):
    """A name in the module, a name in a class of it, or a function without arguments."""
    assert run("preview", name)[0] == 0


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("infra", "write module:stack"),
        ("infra:", "write module:stack"),
        ("nowhere:stack", "there is no module nowhere"),
        ("policies/shop.py:stack", "; write policies.shop:stack"),
        ("./shop.py:stack", "; write shop:stack"),
        ("infra:stak", "infra has no stak; write stack"),
        ("infra:number", "infra:number is an int, not a bk.Stack"),
        ("infra:Stacks", "infra:Stacks is a Stacks, not a bk.Stack"),
        ("infra:bk.Stack", "infra:bk.Stack takes arguments: name a bk.Stack, or a function that takes none"),
        ("infra:later", "is a coroutine function: name a bk.Stack, or a function that is not async"),
        ("infra:broken", "infra:broken fails with RuntimeError in "),
        ("infra:refused", "vault.!"),
    ],
)
def test_a_stack_that_is_not_there_is_told_in_a_sentence(run, name, told):
    """One sentence on standard error, no traceback, and nothing of what a foreign error says."""
    code, out, err = run("preview", name)
    assert (code, out) == (1, "")
    assert told in err
    assert "hunter2" not in err
    assert "Traceback" not in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (["apply", "nowhere.json"], "nowhere.json cannot be read: No such file or directory"),
        (["apply", "infra.py"], "not what `backupkit preview --out FILE` writes"),
        (["preview", "infra:stack", "--out", "no/such/folder.json"], "make the folder no/such first"),
        (["preview", "infra:stack", "--out", ""], "is a folder, not a file"),
        (["drift", "infra:stack", "--profile", "nobody"], "nobody"),
    ],
)
def test_files_and_profiles_that_are_wrong_are_told_in_a_sentence(run, line, told):
    """Every failure ends in 1 and one line."""
    code, out, err = run(*line)
    assert (code, out) == (1, "")
    assert told in err
    assert err.count("\n") == 1


@pytest.mark.slow
def test_another_process_does_the_same(run, aws, tmp_path):
    """As a pipeline runs it: a process for each step, standard output alone is the answer."""
    with serving(aws) as url:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}

        def step(*line):
            command = [sys.executable, "-m", "backupkit", *line, "--endpoint-url", url]
            return subprocess.run(
                command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
            )

        region = ("--region", "us-east-1")
        ended = step("preview", "infra:stack", "--out", "changes.json", "--detailed-exitcode", *region)
        assert (ended.returncode, ended.stderr) == (2, "")
        assert "2 to create." in ended.stdout
        # The file knows its Region.
        assert step("apply", "changes.json").returncode == 0
        assert step("drift", "infra:stack", "--detailed-exitcode", *region).returncode == 0


def test_help_imports_nothing_that_takes_long():
    """Who asks for help, or serves, pays for no stacks and no boto3."""
    code = "import sys; from backupkit.__main__ import main\ntry: main(['preview', '--help'])\nexcept SystemExit: pass\nassert not {'boto3', 'backupkit.provider', 'rich'} & set(sys.modules)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert "--detailed-exitcode" in ended.stdout


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("import backupkit as bk\n\nstack = bk.Vault('!')\n", "wrong_place.py, line 3: vault.!/name"),
        ("stack = (\n", "wrong_place.py, line 1"),
        (
            "import backupkit as bk\n\nstack = bk.Rule('d', 'prod').cold_after(days=30).keep(days=35)\n",
            "wrong_place.py, line 3: rule.d/lifecycle",
        ),
        ("import json\n\nstack = json.loads('{')\n", "wrong_place.py, line 3"),
        ("import not_installed_here\n", "wrong_place.py, line 1: there is no module not_installed_here"),
    ],
)
def test_a_module_that_fails_is_told_with_its_own_line(run, tmp_path, monkeypatch, text, told):
    """The file and the line are the user's, not those of backupkit or of Python's import."""
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "wrong_place.py").write_text(text)
    code, _, err = run("preview", "wrong_place:stack")
    assert code == 1
    assert told in err


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (["preview", "infra:stack", "--profile", "nobody"], "give another --profile"),
        (["preview", "infra:stack", "--adopt-only", "vault.no"], "--adopt-only: 'vault.no' is not an address"),
        (["preview", "infra:stack", "--destroy", "--adopt"], "leave --adopt, --adopt-only and --moved-from out"),
        (["preview", "infra:stack", "--destroy", "--moved-from", "x"], "--destroy is about what the stack owns"),
    ],
)
def test_a_message_names_the_arguments_of_the_command_line(run, line, told):
    """Nobody is told to write an argument of Python on a command line."""
    code, out, err = run(*line)
    assert (code, out) == (1, "")
    assert told in err


@pytest.mark.slow
def test_a_preview_names_the_arguments_of_the_command_line(run, aws):
    """What stands in the way of a preview is told with what to add to the line."""
    aws.call("CreateBackupVault", BackupVaultName="prod")
    assert "take it over with --adopt, or choose another name" in run("preview", "infra:stack")[1]
    bk.Stack("older", bk.Vault("prod")).preview(aws, adopt=True).apply()
    for name in "text", "markdown":
        out = run("preview", "infra:stack", "--format", name)[1]
        assert "--moved-from older" in out
        assert "preview(" not in out


def test_the_region_of_another_preview_is_told_with_the_argument(run, capsys):
    """A file of one Region that is applied to another is refused with the way out."""
    run("preview", "infra:stack", "--out", "changes.json")
    assert main(["apply", "changes.json", "--region", "eu-west-1", "--endpoint-url", "http://127.0.0.1:1"]) == 1
    assert "give the --region that they were previewed in, or leave it out" in capsys.readouterr().err


def test_what_a_module_prints_is_not_part_of_the_answer(run):
    """Standard output holds what was asked for alone, so that a program can read it."""
    code, out, err = run("preview", "infra:told", "--format", "json")
    assert (code, err) == (0, "told\n")
    assert json.loads(out)["stack"] == "shop"


def test_a_file_is_written_where_a_link_leads_and_never_over_a_device(run):
    """A link stays a link; a pipe, a device or a folder stays what it is, and the message says so."""
    Path("there.json").write_text("older")
    Path("link.json").symlink_to("there.json")
    assert run("preview", "infra:stack", "--out", "link.json")[0] == 0
    assert Path("link.json").is_symlink()
    assert json.loads(Path("there.json").read_text())["stack"] == "shop"
    os.mkfifo("pipe")
    code, out, err = run("preview", "infra:stack", "--out", "pipe")
    assert (code, out) == (1, "")
    assert "pipe is a device or a pipe, not a file; name another file" in err
    assert Path("pipe").is_fifo()
