"""The names that users rely on: a change here is a change for everybody."""

from __future__ import annotations

import importlib
import os
import pkgutil
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import backupkit
import backupkit as bk

PUBLIC = [
    "AWSConnection",
    "AccessPoint",
    "AccessPolicy",
    "Action",
    "AdvancedBackupSetting",
    "AirGappedVault",
    "Alarm",
    "Applied",
    "ApplyInterrupted",
    "Arn",
    "BackupJob",
    "BackupRole",
    "Change",
    "Changes",
    "ComplianceLock",
    "Connection",
    "Control",
    "ControlParameter",
    "ControlScope",
    "CopyAction",
    "CopyJob",
    "CopyPreview",
    "Coverage",
    "CoverageReason",
    "CoverageRow",
    "CoverageStatus",
    "Deletion",
    "Difference",
    "Drift",
    "DriftedField",
    "DynamoDBContinuousBackups",
    "EFSBackupPolicy",
    "FOREVER",
    "FoundPoints",
    "Framework",
    "GlobalSettings",
    "GovernanceLock",
    "IndexAction",
    "LegalHold",
    "Lifecycle",
    "LocalConnection",
    "NotRestored",
    "Notifications",
    "Orphans",
    "Plan",
    "PointChange",
    "PointChanges",
    "PointOutcome",
    "PointReport",
    "PointReturn",
    "PointSource",
    "PointsInterrupted",
    "Polling",
    "PreflightCheck",
    "Problem",
    "QuiescedBackup",
    "Recovery",
    "RecoveryPoint",
    "RecoveryPoints",
    "RecoveryPreview",
    "RegionSettings",
    "ReportJob",
    "ReportPlan",
    "RestoreAccessVault",
    "RestoreJob",
    "RestorePreview",
    "RestoreRequest",
    "RestoreTestingPlan",
    "RestoreTestingSelection",
    "RestoreValidation",
    "RetryPolicy",
    "ReturnPreview",
    "ReturnStep",
    "Rule",
    "SSMQuiesce",
    "ScanAction",
    "ScanJob",
    "ScanSetting",
    "Schedule",
    "ScriptRun",
    "Selection",
    "Severity",
    "Stack",
    "Switches",
    "TagCondition",
    "Tags",
    "TieringConfiguration",
    "TieringSelection",
    "TopicPolicy",
    "Vault",
    "Verdict",
    "WaitResult",
    "as_completed",
    "connect",
    "coverage",
    "emulator",
    "errors",
    "events",
    "find_orphans",
    "jsonable",
    "local",
    "observe",
    "plots",
    "restore",
    "restore_testing",
    "tag",
    "wait_all",
]
ROOM = re.compile(r"`([a-z_]+)`")


def test_these_are_the_names():
    """A name that goes, or comes, does so on purpose: here and in the changelog."""
    assert sorted(backupkit.__all__) == PUBLIC


@pytest.mark.parametrize("name", PUBLIC)
def test_each_name_can_be_had(name):
    """Names are loaded when first used; none of them leads nowhere."""
    assert getattr(backupkit, name) is not None


@pytest.mark.parametrize("name", PUBLIC)
def test_each_name_says_what_it_is(name):
    """``help(backupkit.Vault)`` helps: everything public has a docstring."""
    assert (getattr(backupkit, name).__doc__ or "").strip()


LOCAL = [
    "START",
    "Accounts",
    "Approval",
    "CallFault",
    "Choices",
    "ControlResult",
    "Delivered",
    "EmittedEvent",
    "EventLog",
    "Faults",
    "Finding",
    "Identity",
    "LocalClock",
    "LocalService",
    "Notification",
    "Outage",
    "Resource",
    "SessionWorld",
    "SyntheticWorld",
    "World",
    "patch_boto3",
    "private_moto_session",
    "serving",
]


def test_these_are_the_names_of_the_local_service():
    """All that a test needs comes from one place, and says what it is."""
    assert bk.emulator.__all__ == LOCAL
    for name in LOCAL:
        assert (getattr(bk.emulator, name).__doc__ or "").strip(), name
    assert set(LOCAL) < set(dir(bk.emulator))


def test_the_connection_and_the_service_use_the_same_words():
    """What is at hand on the connection has its name on the service, and means the same."""
    from backupkit._local import LocalConnection
    from backupkit.emulator import LocalService

    own = {name for name in vars(LocalConnection) if not name.startswith("_")} - {"service", "session"}
    assert own == {
        "account_id",
        "accounts",
        "as_account",
        "as_caller",
        "clock",
        "events",
        "faults",
        "findings",
        "in_region",
        "load_state",
        "reports",
        "resources",
        "save_state",
    }
    assert own <= set(dir(LocalService))


def test_no_public_name_of_the_local_service_is_any():
    """Type checkers know what every verb takes and gives."""
    for name in LOCAL:
        found = getattr(bk.emulator, name)
        verbs = (
            [found, *(verb for word, verb in vars(found).items() if not word.startswith("_"))]
            if isinstance(found, type)
            else [found]
        )
        for verb in verbs:
            said = getattr(getattr(verb, "fget", verb), "__annotations__", {})
            assert not [word for word, kind in said.items() if re.search(r"\bAny\b", str(kind))], (name, verb)


@pytest.mark.slow
def test_opening_a_local_service_loads_neither_boto3_nor_a_server():
    """Each test opens one: what only a session or a server needs is loaded by those who ask for it."""
    code = (
        "import sys, backupkit as bk; bk.local(); "
        "print(sorted({'boto3', 'botocore', 'moto', 'http.server', 'sqlite3'} & set(sys.modules)))"
    )
    # What measures coverage loads modules of its own.
    without = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=without)
    assert ended.stdout == "[]\n"


def test_the_version_is_that_of_the_installed_package():
    """What a bug report names is what pip says."""
    assert backupkit.__version__ == version("backupkit")


def test_dir_shows_the_names():
    """Completion in a notebook finds names that are not loaded yet."""
    assert set(PUBLIC) < set(dir(backupkit))


def test_a_name_that_is_not_there_is_an_attribute_error():
    """A typing error is told as Python tells it."""
    with pytest.raises(AttributeError, match="'Vualt'"):
        _ = backupkit.Vualt


def test_the_map_of_the_package_names_rooms_that_are_there():
    """The ten lines at the head of the package are where a new engineer begins: each room in them can be imported."""
    lines = [line for line in backupkit.__doc__.splitlines() if line.startswith("- ")]
    rooms = [room for line in lines for room in ROOM.findall(line.partition(": ")[0])]
    assert len(rooms) > 10
    for room in rooms:
        assert importlib.import_module(f"backupkit.{room}").__doc__


def test_every_module_says_what_it_is_for():
    """The first line of a file tells what is in it."""
    package = Path(backupkit.__file__).parent
    assert [str(path) for path in package.rglob("*.py") if not path.read_text(encoding="utf-8").startswith('"""')] == []


@pytest.mark.slow
def test_declaring_and_validating_loads_nothing_that_is_slow():
    """Declaring a policy in a small script or a test costs no import of boto3 (0.45 s), and none of rich or moto."""
    code = (
        "import sys, backupkit as bk\n"
        "rule = bk.Rule('daily', 'vault').scheduled(bk.Schedule.daily(at='05:00')).keep(days=35)\n"
        "bk.Stack('shop', bk.Vault('vault'), bk.Plan('plan', rule)).check()\n"
        "print(sorted({'boto3', 'botocore', 'moto', 'rich'} & set(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout == "[]\n"


def test_the_package_is_typed():
    """Type checkers read the annotations of a package that carries this file."""
    assert (Path(backupkit.__file__).parent / "py.typed").exists()


def test_a_public_function_stays_what_it_is_once_its_rooms_are_loaded():
    """Loading a room named like a public function would put the room in its place, from the second call on."""
    for name in bk.__all__:
        before = getattr(bk, name)
        for room in pkgutil.iter_modules(bk.__path__):
            if room.name != "__main__":
                importlib.import_module(f"backupkit.{room.name}")
        assert getattr(bk, name) is before, name
    assert callable(bk.connect)
    assert callable(bk.local)
