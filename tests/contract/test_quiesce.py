"""Backups while an application rests: what is done around the snapshot, whatever goes wrong, and what is then said."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from http_programs import ROOT, control, program
from ssm_answerer import CONTRACT, INSTANCE, Application, SystemsManager, endpoint

import backupkit as bk
from backupkit import errors
from backupkit.connection import Connection
from backupkit.emulator import SessionWorld
from backupkit.recover.quiesce import EXIT_CODES
from backupkit.transport.fault_injection import FaultInjection

ACCOUNT, REGION = "123456789012", "us-east-1"
ARN = f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{INSTANCE}"
QUIESCE = bk.SSMQuiesce("app-consistency", auto_thaw_seconds=120, auto_thaw_parameter="autoThawSeconds")


class Stage:
    """An instance with an application, AWS Backup, and Systems Manager."""

    def __init__(self, session, application, manager):
        self.aws = bk.local(world=SessionWorld(session, account_id=ACCOUNT, types=("S3",)))
        self.aws.resources.add(ARN)
        self.aws.call("CreateBackupVault", BackupVaultName="prod")
        self.application, self.manager = application, manager
        application.now = self.aws.clock.now

    def back_up(self, quiesce=QUIESCE, *, aws=None, vault="prod"):
        return (aws or self.aws).back_up(ARN, vault=vault, quiesce=quiesce)

    def jobs(self):
        return list(self.aws.backup_jobs())


@pytest.fixture(scope="module")
def ssm():
    with endpoint() as found:
        yield found


@pytest.fixture
def stage(ssm):
    application = Application()
    ssm.manager = SystemsManager(application)
    return Stage(ssm.session, application, ssm.manager)


def test_the_application_rests_from_before_the_start_until_the_snapshot_is_there(stage):
    """Both scripts are told one id, the first one its timer, and the outcome is guaranteed as far as it can be."""
    made = stage.back_up()
    (before, told, rested), (after, told_after, still) = stage.application.runs
    assert (before, after, rested, still) == ("pre-script", "post-script", False, True)
    assert told["executionId"] == told_after["executionId"] == [made.execution_id]
    assert (told["autoThawSeconds"], "autoThawSeconds" in told_after) == (["120"], False)
    assert made.consistent
    assert made.runs[0].ended <= made.job.creation_date <= made.snapshot_seen <= made.runs[1].started
    assert made.not_guaranteed == ("that the documents do what they say: only their exit codes are seen",)
    assert made.wait().recovery_point.refresh().status == "COMPLETED"


def test_the_outcome_is_text_json_and_html(stage):
    """What was and was not guaranteed, and each script with its end."""
    made = stage.back_up()
    told = json.loads(made.to_json())
    assert (told["consistent"], told["runs"][1]["exit_code"]) == (True, 0)
    for shown in (str(made), made._repr_html_()):
        assert "application-consistent" in shown
        assert "only their exit codes are seen" in shown


@pytest.mark.parametrize("code", [201, 204, 206, 1])
def test_where_it_cannot_rest_the_backup_is_crash_consistent_and_says_so(stage, code):
    """As Data Lifecycle Manager does it by default; the script after the snapshot is run all the same."""
    stage.application.codes["pre-script"] = [code]
    made = stage.back_up()
    assert stage.application.commands() == ["pre-script", "post-script"]
    assert (made.consistent, made.runs[0].exit_code) == (False, code)
    assert "crash-consistent" in made.not_guaranteed[0]
    assert len(stage.jobs()) == 1


def test_where_rest_is_required_nothing_is_backed_up_without_it(stage):
    """The error tells why in words, and the script after the snapshot was run."""
    stage.application.codes["pre-script"] = [206]
    required = bk.SSMQuiesce("app-consistency", required=True)
    with pytest.raises(errors.NeighbourError, match="the application was not ready; nothing was backed up") as caught:
        stage.back_up(required)
    assert caught.value.code == "206"
    assert stage.jobs() == []
    assert stage.application.commands() == ["pre-script", "post-script"]


def test_the_first_script_is_tried_again_after_what_it_left_is_undone(stage):
    """No try finds the application half at rest."""
    stage.application.codes["pre-script"] = [201, 201]
    made = stage.back_up(bk.SSMQuiesce("app-consistency", auto_thaw_seconds=120, retries=2))
    assert stage.application.commands() == ["pre-script", "post-script"] * 3
    assert made.consistent


def test_a_snapshot_that_does_not_come_in_time_is_not_waited_for(stage):
    """The application goes on before its own timer, and nothing is claimed."""
    stage.aws.faults.outage("EC2", jobs=("backup",), waits=True)
    made = stage.back_up()
    assert stage.application.commands() == ["pre-script", "post-script"]
    assert (made.runs[1].started - made.runs[0].started).total_seconds() <= 125
    assert (made.consistent, made.snapshot_seen) == (False, None)
    assert "was not seen within 120 seconds" in made.not_guaranteed[0]


@pytest.mark.parametrize("code", [202, 203, 205])
def test_what_the_second_script_says_counts(stage, code):
    """It knows whether the application had gone on by itself."""
    stage.application.codes["post-script"] = [code]
    made = stage.back_up()
    assert not made.consistent
    assert f"exit code {code}: {EXIT_CODES[code]}" in made.not_guaranteed[0]


def test_the_second_script_is_sent_until_it_is_taken(stage):
    """A throttled Systems Manager leaves no application at rest."""
    stage.manager.refused = ["InvalidInstanceId"] * 3
    made = stage.back_up().wait()
    assert (stage.application.commands(), made.consistent) == (["pre-script", "post-script"], True)
    stage.manager.refused = ["InvalidInstanceId"] * 9
    made = stage.back_up()
    assert made.runs[-1].status == "NotSent"
    assert not made.consistent
    assert "goes on by its own timer" in made.not_guaranteed[0]


@pytest.mark.parametrize("operation", ["StartBackupJob", "DescribeBackupJob"])
def test_calls_that_are_throttled_keep_nothing_at_rest(stage, operation):
    """Retries end when the application goes on by itself, however patient the connection is."""
    stage.aws.faults.throttle(operation, rate=1)
    begun = stage.aws.clock.now()
    short = bk.SSMQuiesce("app-consistency", auto_thaw_seconds=30, auto_thaw_parameter="autoThawSeconds")
    if operation == "StartBackupJob":
        with pytest.raises(errors.UnavailableError):
            stage.back_up(short)
    else:
        assert not stage.back_up(short).consistent
    assert stage.application.commands() == ["pre-script", "post-script"]
    assert stage.aws.clock.now() - begun <= timedelta(seconds=31)


def test_a_job_of_an_earlier_rest_is_not_taken_for_one_of_this(stage):
    """The same token gives the same job, whose snapshot is older than the rest."""
    first = stage.aws.back_up(ARN, vault="prod", quiesce=QUIESCE, token="tonight")
    stage.aws.clock.advance(minutes=5)
    again = stage.aws.back_up(ARN, vault="prod", quiesce=QUIESCE, token="tonight")
    assert (first.job.id, first.consistent) == (again.job.id, True)
    assert (again.consistent, again.snapshot_seen) == (False, None)
    assert "had been started before the application rested" in again.not_guaranteed[0]


def test_a_script_that_does_not_end_is_cancelled(stage):
    """It is given its seconds, and the other one is run."""
    stage.application.codes["pre-script"] = [None]
    made = stage.back_up()
    assert len(stage.manager.cancelled) == 1
    assert "no end was seen within 10 seconds; it was cancelled" in made.runs[0].meaning
    assert stage.application.commands() == ["pre-script", "post-script"]


def test_a_script_that_cannot_be_cancelled_is_not_called_cancelled(stage):
    """It may still bring the application to rest, and ends by the timeout that it was given."""
    stage.application.codes["pre-script"] = [None]
    stage.manager.keeps_running = True
    made = stage.back_up()
    assert "it could not be cancelled (ssm cancel_command: AccessDeniedException)" in made.runs[0].meaning
    assert (stage.manager.cancelled, made.consistent) == ([], False)


def test_documents_of_several_steps_are_understood(stage):
    """Their exit code is the first that is not 0."""
    stage.manager.steps = True
    assert stage.back_up().consistent
    stage.application.codes["pre-script"] = [201]
    assert stage.back_up().runs[0].exit_code == 201


def test_two_documents_that_know_no_contract_are_run_as_they_are(stage):
    """They are told what they declare; only the time then tells whether the application still rested."""
    stage.manager.documents = {"freeze": ("database",), "thaw": ()}
    pair = bk.SSMQuiesce("freeze", after="thaw", parameters={"database": "shop"}, auto_thaw_seconds=120)
    made = stage.back_up(pair)
    assert [run["database"] for _, run, _ in stage.application.runs if "database" in run] == [["shop"]]
    assert made.consistent
    assert made.not_guaranteed[-1] == "that freeze has its own timer: it was told none"


def test_a_backup_that_cannot_be_started_leaves_nothing_at_rest(stage):
    """AWS's error comes after the second script."""
    with pytest.raises(errors.ServiceError):
        stage.back_up(vault="missing")
    assert stage.application.commands() == ["pre-script", "post-script"]
    assert not stage.application.rests


class Interrupted:
    """Neighbours that are asked until Ctrl-C is hit."""

    def __init__(self, inner, method):
        self._inner, self._method = inner, method

    def __getattr__(self, name):
        return getattr(self._inner, name)

    def ask(self, service, method, arguments):
        answer = self._inner.ask(service, method, arguments)
        if method == self._method:
            self._method = None
            raise KeyboardInterrupt
        return answer


@pytest.mark.parametrize("where", ["send_command", "get_command_invocation", "StartBackupJob", "DescribeBackupJob"])
def test_ctrl_c_leaves_nothing_at_rest(stage, where):
    """Wherever it is hit: while the first script is sent or runs, at the start, and while the snapshot is waited for."""
    neighbours = Interrupted(stage.aws.neighbours, where)
    faulty = FaultInjection(stage.aws.service, operation=where, error=KeyboardInterrupt(), after=True)
    transport = faulty if where[0].isupper() else stage.aws.service
    with pytest.raises(KeyboardInterrupt):
        stage.back_up(aws=Connection(transport, neighbours))
    assert stage.application.commands() == ["pre-script", "post-script"]
    assert not stage.application.rests


class TestBeforeAnythingIsDone:
    @pytest.mark.parametrize(
        ("quiesce", "address"),
        [
            (bk.SSMQuiesce("missing"), "before"),
            (bk.SSMQuiesce("freeze", after="missing"), "after"),
            (bk.SSMQuiesce("freeze"), "after"),
            (bk.SSMQuiesce("creating"), "before"),
            (bk.SSMQuiesce("app-consistency", auto_thaw_parameter="seconds"), "auto_thaw_parameter"),
            (bk.SSMQuiesce("app-consistency", parameters={"databse": "shop"}), "parameters/databse"),
        ],
    )
    def test_documents_that_will_not_do_are_refused(self, stage, quiesce, address):
        """Nothing is sent and nothing started where a document is missing or lacks a parameter."""
        stage.manager.documents = {"app-consistency": CONTRACT, "freeze": (), "creating": CONTRACT}
        stage.manager.statuses = {"creating": "Creating"}
        with pytest.raises(errors.PreflightError) as caught:
            stage.back_up(quiesce)
        assert f"back_up/quiesce/{address}" in {problem.address for problem in caught.value.problems}
        assert (stage.application.runs, stage.jobs()) == ([], [])

    def test_what_is_not_on_an_instance_is_refused(self, stage):
        """Documents run on instances alone."""
        files = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/fs-0123456789abcdef0"
        with pytest.raises(errors.InvalidValueError, match="is not an EC2 instance or a volume of one"):
            stage.aws.back_up(files, vault="prod", quiesce=QUIESCE)
        with pytest.raises(errors.InvalidValueError, match="does not say how to bring"):
            stage.aws.back_up(ARN, vault="prod", quiesce="app-consistency")

    def test_a_volume_whose_instance_cannot_be_looked_up_is_not_taken_for_one_without(self, stage):
        """What EC2 does not tell is not known."""
        volume = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-0123456789abcdef0"
        with pytest.raises(errors.PreflightError, match="could not be asked which instance"):
            stage.aws.back_up(volume, vault="prod", quiesce=QUIESCE)

    def test_without_a_session_there_is_nobody_to_ask(self):
        """The error says so."""
        aws = bk.local()
        aws.resources.add(ARN)
        aws.call("CreateBackupVault", BackupVaultName="prod")
        with pytest.raises(errors.PreflightError, match="has no session"):
            aws.back_up(ARN, vault="prod", quiesce=QUIESCE)

    def test_values_that_do_not_fit_are_refused_at_once(self):
        """All of them in one error; parameters are never shown, for they may be secret."""
        with pytest.raises(errors.InvalidValueError) as caught:
            bk.SSMQuiesce("a b", timeout_seconds=5, retries=9, auto_thaw_seconds=0, parameters={"command": "x"})
        assert len(caught.value.problems) == 5
        with pytest.raises(errors.InvalidValueError, match=r"auto_thaw_parameter: seconds is given twice; give the"):
            bk.SSMQuiesce("app-consistency", parameters={"seconds": "60"}, auto_thaw_parameter="seconds")
        assert "hunter22" not in repr(bk.SSMQuiesce("app-consistency", parameters={"password": "hunter22"}))


PROGRAM = """
import os, signal, sys
import boto3
import backupkit as bk

url, operation = sys.argv[1:]
session = boto3.Session(aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="no", region_name="us-east-1")
aws = bk.connect(session, endpoint_url=url)
inner = aws.transport._transport
call = inner.call

def killed(name, params, /):
    body = call(name, params)
    if name == operation:
        os.kill(os.getpid(), signal.SIGKILL)
    return body

inner.call = killed
quiesce = bk.SSMQuiesce("app-consistency", auto_thaw_seconds=600, auto_thaw_parameter="autoThawSeconds")
made = aws.back_up("{arn}", vault="prod", quiesce=quiesce)
print(made.consistent)
""".replace("{arn}", ARN)


@pytest.mark.slow
@pytest.mark.parametrize("operation", ["StartBackupJob", "DescribeBackupJob"])
def test_a_program_that_is_killed_leaves_the_application_to_the_timer_that_it_was_told(ssm, operation):
    """SIGKILL while it rests: no second script comes, the timer lets it go on, and the next run is guaranteed."""
    moment = [datetime(2026, 1, 1, tzinfo=UTC)]
    application = Application(now=lambda: moment[0])
    ssm.manager = SystemsManager(application)
    with program("--clock-rate", "600") as service:
        control(service.url, "/resources", {"add": {"arn": ARN}})
        with bk.connect(ssm.session, endpoint_url=service.url) as aws:
            aws.call("CreateBackupVault", BackupVaultName="prod")
        line = [sys.executable, "-c", PROGRAM, service.url]
        done = subprocess.run([*line, operation], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == -signal.SIGKILL, done.stderr
        assert (application.commands(), application.rests) == (["pre-script"], True)
        assert application.runs[0][1]["autoThawSeconds"] == ["600"]
        moment[0] += timedelta(seconds=600)
        assert not application.rests
        again = subprocess.run([*line, "none"], cwd=ROOT, capture_output=True, text=True, check=False)
        assert again.stdout == "True\n", again.stderr
