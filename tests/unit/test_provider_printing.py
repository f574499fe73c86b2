"""How changes read, word for word."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pickle
import pty
import struct
import subprocess
import sys
import termios
import textwrap

import attrs
import pytest

from backupkit import GovernanceLock, Plan, Rule, Selection, Vault
from backupkit.emulator.service import LocalService
from backupkit.provider import Stack
from backupkit.schedule import Schedule
from backupkit.transport.protocol import Transport

ROLE = "arn:aws:iam::123456789012:role/Backup"


@attrs.frozen
class Here:
    transport: Transport


def stack(days: int, tag: str) -> Stack:
    vault = Vault("main").locked(GovernanceLock(min_days=7))
    rules = (
        Rule("daily", vault).scheduled(Schedule.daily()).keep(days=days),
        Rule("weekly", vault, start_window_minutes=60).scheduled(Schedule.weekly("SUN", at="12:00")).keep(days=90),
    )
    selection = Selection("tagged", ROLE).any_tag(Backup=tag)
    return Stack("prod", vault, Plan("nightly", *(rules if days == 35 else rules[:1])).protecting(selection))


def test_a_new_stack_reads_from_top_to_bottom():
    """Each thing has its sign, its address, the reason, the calls, and its fields; sums come last."""
    text = str(Stack("prod", *stack(40, "yes").vaults).preview(Here(LocalService())))
    assert text == textwrap.dedent("""\
        stack prod in us-east-1

          + vault.main
              because it does not exist yet
              calls CreateBackupVault
              + tags.backupkit:stack  prod

          + vault.main/lock
              because it does not exist yet
              calls PutBackupVaultLockConfiguration
              + mode      governance
              + min_days  7

        2 to create.""")


def test_changes_show_both_values_and_replacements_both_sides():
    """An update shows old -> new, a rule that goes shows whole, and a set shows what leaves and what joins it."""
    service = Here(LocalService())
    stack(35, "yes").preview(service).apply()
    text = str(stack(40, "no").preview(service))
    assert text == textwrap.dedent("""\
        stack prod in us-east-1

          ~ plan.nightly  (takes protection away)
              because it differs from what is declared
              calls UpdateBackupPlan
              ! takes away rule.weekly
              ~ rule.daily
                ~ lifecycle/delete_after_days  35 -> 40
              - rule.weekly
                - schedule                     cron(0 12 ? * SUN *)
                - timezone                     Etc/UTC
                - vault                        main
                - start_window_minutes         60
                - completion_window_minutes    10080
                - lifecycle/delete_after_days  90

        -/+ plan.nightly/selection.tagged  (takes protection away)
              because AWS cannot change a selection: the new one is made before the old one goes
              calls CreateBackupSelection, DeleteBackupSelection (if the name is taken: \
CreateBackupSelection, DeleteBackupSelection, CreateBackupSelection, DeleteBackupSelection)
              ! takes away tags
              - tags  Backup = yes
              + tags  Backup = no

        preflight: plan.nightly/selection.tagged: note: the Region is not opted in to Aurora, FSx; this backs up none of it; \
declare bk.RegionSettings(opt_in={"Aurora": True, "FSx": True}) if it should

        1 to update, 1 to replace, 2 to keep.""")


LONG_ROLE = f"arn:aws:iam::123456789012:role/{'backup/' * 20}Backup"
SHOW = f"""
import attrs, backupkit as bk
from backupkit.emulator.service import LocalService
aws = attrs.make_class("Here", ["transport"])(LocalService())
rule = bk.Rule("daily", "main").keep(days=35)
chosen = bk.Selection("all", {LONG_ROLE!r}, resources="*").any_tag(Team="a team with quite some words in its name")
print(bk.Stack("prod", bk.Vault("main"), bk.Plan("nightly", rule).protecting(chosen)).preview(aws))
"""


def shown(*, columns: int | None) -> list[str]:
    """The lines that a program prints into a pipe, or into a terminal of so many columns."""
    line = [sys.executable, "-c", SHOW]
    if columns is None:
        return subprocess.run(line, capture_output=True, text=True, check=True).stdout.splitlines()
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES"}}
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with subprocess.Popen(line, stdout=theirs, env=environment) as process:
        os.close(theirs)
        parts: list[bytes] = []
        # The terminal ends with an error where its last writer is gone.
        with contextlib.suppress(OSError):
            while part := os.read(ours, 65_536):
                parts.append(part)
        assert process.wait() == 0
    os.close(ours)
    return b"".join(parts).decode().splitlines()


@pytest.mark.slow
def test_nothing_is_wrapped_in_a_pipe():
    """What goes into a file or a pipe has one line for each thing that is said, so that it can be searched."""
    lines = shown(columns=None)
    assert any(line.endswith(LONG_ROLE) for line in lines)
    assert any(line.endswith("Team = a team with quite some words in its name") for line in lines)


@pytest.mark.slow
def test_a_terminal_gets_its_own_width_and_whole_arns():
    """Lines fit the terminal; an ARN that does not fit stands whole in a line of its own."""
    for columns in (40, 70):
        lines = shown(columns=columns)
        assert [line.strip() for line in lines if len(line) > columns] == [LONG_ROLE]
        assert max(len(line) for line in lines if LONG_ROLE not in line) > columns // 2


def test_changes_hash_and_pickle():
    """Changes stand in sets, and as keys, and are the same after every protocol of pickle."""
    changes = stack(35, "yes").preview(Here(LocalService()))
    assert len({*changes, *changes}) == len(changes)
    assert {call for change in changes for call in change.calls} == set(changes.calls)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        again = pickle.loads(pickle.dumps(tuple(changes), protocol))
        assert again == tuple(changes)
        assert set(again) == set(changes)
    report = changes.apply()
    assert hash(report) == hash(pickle.loads(pickle.dumps(report)))


def test_each_change_gives_its_own_json():
    """A change by itself gives the JSON that it has among all changes, with what it takes away and warns of."""
    service = Here(LocalService())
    stack(35, "yes").preview(service).apply()
    changes = stack(7, "no").preview(service)
    together = json.loads(changes.to_json())["changes"]
    assert [json.loads(change.to_json()) for change in changes] == together
    assert together[0]["takes_away"] == ["rule.weekly"]
    assert "7 days instead of 35 days" in together[0]["warnings"][0]["message"]
