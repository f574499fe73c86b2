"""The command line: what it prints, how it ends, and that nobody ever sees a traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from backupkit.__main__ import main

FULL = Path("/dev/full")
TOUR = [sys.executable, "-m", "backupkit", "tour", "--plain"]


def test_help_tells_what_the_commands_do(capsys):
    """``--help`` names the command and says in a sentence what comes of it."""
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    assert "tour" in capsys.readouterr().out


def test_the_tour_explains_its_own_options(capsys):
    """``tour --help`` says that nothing leaves the machine, and how to get plain text."""
    with pytest.raises(SystemExit):
        main(["tour", "--help"])
    shown = " ".join(capsys.readouterr().out.split())
    assert "Nothing leaves this machine" in shown
    assert "--plain" in shown


def test_the_version_is_that_of_the_package(capsys):
    """``--version`` prints one line, also in a checkout that nobody installed."""
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("backupkit ")


@pytest.mark.parametrize(
    "line",
    [
        [],
        ["tuor"],
        ["tour", "--sed"],
        ["tour", "--seed", "x"],
        ["tour", "--seed", "9" * 5000],
        ["local", "--port", "http"],
        ["local", "--port"],
    ],
)
def test_a_wrong_command_line_ends_in_1_and_shows_the_usage(line, capsys):
    """A script sees a failure like every other one; a person reads a few lines on what is wrong."""
    with pytest.raises(SystemExit) as ended:
        main(line)
    assert ended.value.code == 1
    told = capsys.readouterr().err
    assert "usage: backupkit" in told
    assert len(told) < 1500


@pytest.mark.parametrize("command", ["tour", "local", "preview", "apply", "drift"])
def test_an_argument_that_a_command_does_not_have_shows_those_that_it_has(command, capsys):
    """The usage is that of the command, and not of the whole."""
    with pytest.raises(SystemExit) as ended:
        main([command, *(["x"] if command not in {"tour", "local"} else []), "--host", "0.0.0.0"])
    assert ended.value.code == 1
    told = capsys.readouterr().err
    assert f"usage: backupkit {command} [-h]" in told
    assert f"backupkit {command}: error: unrecognized arguments: --host 0.0.0.0" in told


def _ended(*line, **streams):
    command = [sys.executable, "-m", "backupkit", *line]
    return subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False, timeout=60, **streams)


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full")
@pytest.mark.slow
def test_a_full_disk_is_told_in_a_sentence():
    """Where the output cannot be written, the command ends in 1 and says why, without a traceback."""
    with FULL.open("w") as full:
        ended = _ended("local", "--port", "0", stdout=full)
    assert (ended.returncode, ended.stderr) == (1, "backupkit: the output cannot be written: No space left on device\n")


@pytest.mark.slow
def test_closed_streams_change_nothing():
    """A command that is started without standard output or error, as by a supervisor, does its work all the same."""
    code = (
        "import os, signal, sys, threading, time; sys.stdout = None; from backupkit.__main__ import main\n"
        "def stop():\n"
        "    while signal.getsignal(signal.SIGTERM) is signal.SIG_DFL: time.sleep(0.01)\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n"
        "threading.Thread(target=stop, daemon=True).start()\n"
        "sys.exit(main(['local', '--port', '0']))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    code = "import sys; sys.stderr = None; from backupkit.__main__ import main; sys.exit(main(['apply', 'nowhere']))"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", "")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (["--start", "2026-01-01"], "start '2026-01-01' is not a moment with its zone"),
        (["--state", "no/folder/x.db"], "make its folder first, or name another file"),
        (["--state", ""], "--state is empty: give the path of a file, or leave it out"),
    ],
)
def test_a_wrong_option_of_the_server_is_told_by_its_name(line, told, capsys):
    """One line on standard error says which option, and what to give."""
    assert main(["local", "--port", "0", *line]) == 1
    assert told in capsys.readouterr().err


@pytest.mark.slow
def test_without_moto_the_tour_says_what_to_install():
    """An error of backupkit is one line on standard error, with the way out, and the command ends in 1."""
    code = "import sys; sys.modules['moto'] = None; from backupkit.__main__ import main; sys.exit(main(['tour']))"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.splitlines() == [ended.stderr.rstrip("\n")]
    assert "backupkit[local]" in ended.stderr


@pytest.mark.slow
def test_without_h11_serving_says_what_to_install():
    """Only those who serve over HTTP need h11; where it is missing, the command ends in 1 with the way out."""
    code = "import sys; sys.modules['h11'] = None; from backupkit.__main__ import main; sys.exit(main(['local', '--port', '0']))"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.splitlines() == [ended.stderr.rstrip("\n")]
    assert "h11 is not installed" in ended.stderr
    assert "backupkit[local]" in ended.stderr


@pytest.mark.slow
def test_a_reader_that_goes_away_leaves_no_traceback():
    """``backupkit tour | head`` ends in peace."""
    with subprocess.Popen(TOUR, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as tour:
        assert tour.stdout.readline() == "backupkit\n"
        tour.stdout.close()
        assert tour.stderr.read() == ""
        assert tour.wait() == 1


# A signal from outside may come after the tour has ended, however early it is sent: this one comes at a line of it.
PRESSED = """
import signal, sys
from backupkit.__main__ import main

class Pressed:
    def __init__(self, stream):
        self._stream = stream

    def write(self, text):
        written = self._stream.write(text)
        if "5. " in text:
            signal.raise_signal(signal.SIGINT)
        return written

    def __getattr__(self, name):
        return getattr(self._stream, name)

sys.stdout = Pressed(sys.stdout)
sys.exit(main(["tour", "--plain"]))
"""


@pytest.mark.slow
def test_ctrl_c_ends_in_130_with_one_line():
    """Whoever stops the tour in its midst sees that it stopped, and no traceback."""
    ended = subprocess.run([sys.executable, "-c", PRESSED], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (130, "backupkit: stopped\n")
    assert "5. " in ended.stdout
    assert "6. " not in ended.stdout


def test_asking_for_help_loads_neither_boto3_nor_rich():
    """The command line answers at once: what is slow is loaded by the commands that need it."""
    code = (
        "import sys\nfrom backupkit.__main__ import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "print(sorted({'boto3', 'botocore', 'moto', 'rich'} & set(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines()[-1] == "[]"
