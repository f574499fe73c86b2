"""Calls are repeated when that may help, and nothing is done twice."""

from __future__ import annotations

import json
import logging
import re
from datetime import timedelta

import botocore.session
import pytest

import backupkit as bk
from backupkit import errors
from backupkit.emulator import LocalService
from backupkit.transport.error_mapping import refusal
from backupkit.transport.fault_injection import FaultInjection
from backupkit.transport.idempotency import NOT_REPEATABLE, TOKENS, is_read
from backupkit.transport.lost import LISTED
from backupkit.transport.paging import LISTS
from backupkit.transport.readonly import ReadOnly
from backupkit.transport.recording import Recording
from backupkit.transport.retry import Retrying, RetryPolicy

OPERATIONS = (
    botocore.session.get_session().get_component("data_loader").load_service_model("backup", "service-2")["operations"]
)
MODEL = botocore.session.get_session().get_service_model("backup")
VAULT = {"BackupVaultName": "prod"}
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
JOB = {
    "BackupVaultName": "prod",
    "ResourceArn": TABLE,
    "IamRoleArn": "arn:aws:iam::123456789012:role/service-role/AWSBackupDefaultServiceRole",
}


def throttled():
    """AWS asks to slow down."""
    return refusal("CreateBackupVault", "ThrottlingException", "Rate exceeded", status=400)


@pytest.fixture
def service():
    return LocalService()


def test_what_may_help_is_repeated_until_it_does(service):
    """A throttled call is made again, and its answer is that of the last attempt."""
    recording = Recording(FaultInjection(service, times=3, error=throttled()))
    answer = json.loads(Retrying(recording).call("CreateBackupVault", VAULT))
    assert answer["BackupVaultName"] == "prod"
    assert recording.operations == ["CreateBackupVault"] * 4


def test_what_cannot_help_is_not_repeated(service):
    """A refusal that stays a refusal is raised at once."""
    recording = Recording(service)
    with pytest.raises(errors.AccessDeniedError):
        Retrying(recording).call("DescribeBackupVault", VAULT)
    assert len(recording.calls) == 1


def test_repeating_ends_after_the_attempts_of_the_policy(service):
    """After the last attempt the error itself is raised, not one of the retry layer."""
    recording = Recording(FaultInjection(service, times=99, error=throttled()))
    with pytest.raises(errors.UnavailableError, match="Rate exceeded"):
        Retrying(recording, RetryPolicy(attempts=3)).call("CreateBackupVault", VAULT)
    assert len(recording.calls) == 3


@pytest.mark.parametrize(("attempts", "unreachable", "calls"), [(9, 2, 2), (2, 9, 2), (1, 4, 1)])
def test_an_endpoint_that_nobody_answers_at_is_given_up_sooner(service, attempts, unreachable, calls):
    """While no answer comes at all, the smaller number of attempts holds; ``attempts=1`` repeats nothing."""
    recording = Recording(FaultInjection(service, times=99))
    policy = RetryPolicy(attempts=attempts, unreachable_attempts=unreachable)
    with pytest.raises(errors.UnreachableError):
        Retrying(recording, policy).call("ListBackupVaults", {})
    assert len(recording.calls) == calls


def test_pauses_move_the_clock_of_the_service_and_end_with_the_policy(service):
    """Pauses go by the transport's clock; no attempt starts when the policy's seconds are over."""
    before = service.clock.now()
    policy = RetryPolicy(attempts=999, stop_after_seconds=60.0, longest_pause_seconds=10.0)
    with pytest.raises(errors.UnavailableError):
        Retrying(FaultInjection(service, times=999, error=throttled()), policy).call("CreateBackupVault", VAULT)
    assert timedelta(seconds=60) <= service.clock.now() - before <= timedelta(seconds=70)


def test_a_repeated_call_keeps_its_token(service):
    """All attempts of one call carry one token; two calls carry two."""
    recording = Recording(FaultInjection(service, times=2, error=throttled()))
    retrying = Retrying(recording)
    retrying.call("CreateBackupVault", VAULT)
    retrying.call("CreateBackupVault", {"BackupVaultName": "other"})
    tokens = [call.params["CreatorRequestId"] for call in recording.calls]
    assert len(set(tokens[:3])) == 1
    assert tokens[3] != tokens[0]


def test_a_token_of_the_caller_is_kept(service):
    """A token that the caller gives is sent as it is."""
    recording = Recording(service)
    Retrying(recording).call("CreateBackupVault", {**VAULT, "CreatorRequestId": "mine"})
    assert recording.calls[0].params["CreatorRequestId"] == "mine"


def test_a_start_whose_answer_is_lost_starts_one_job(service):
    """A backup whose first answer got lost is one job, not two."""
    service.call("CreateBackupVault", VAULT)
    service.resources.add(TABLE, size_bytes=1000)
    answer = Retrying(FaultInjection(service, after=True, times=2)).call("StartBackupJob", JOB)
    jobs = json.loads(service.call("ListBackupJobs", {}))["BackupJobs"]
    assert [job["BackupJobId"] for job in jobs] == [json.loads(answer)["BackupJobId"]]


def test_a_start_that_stays_unanswered_says_how_to_repeat_it(service):
    """A second call would make a token of its own, and start a second job: the error names the token that does not."""
    service.call("CreateBackupVault", VAULT)
    service.resources.add(TABLE, size_bytes=1000)
    with pytest.raises(errors.UnreachableError, match="may have been carried out") as caught:
        Retrying(FaultInjection(service, after=True, times=99)).call("StartBackupJob", JOB)
    token = re.search("IdempotencyToken='(.*)'", str(caught.value))[1]
    Retrying(service).call("StartBackupJob", {**JOB, "IdempotencyToken": token})
    assert len(json.loads(service.call("ListBackupJobs", {}))["BackupJobs"]) == 1


def test_a_deletion_whose_answer_is_lost_is_done():
    """A repeated deletion that finds nothing any more was carried out by the attempt before."""

    class Gone:
        """Deletes once; afterwards the thing is not found."""

        region_name = "us-east-1"
        clock = LocalService().clock
        there = True

        def call(self, operation, params, /):
            if not self.there:
                raise refusal(operation, "ResourceNotFoundException", "Not there.", status=400)
            self.there = False
            return b"{}"

    assert Retrying(FaultInjection(Gone(), after=True)).call("DeleteReportPlan", {"ReportPlanName": "r"}) == b"{}"
    gone = Gone()
    gone.call("DeleteReportPlan", {})
    with pytest.raises(errors.NotFoundError):
        Retrying(gone).call("DeleteReportPlan", {"ReportPlanName": "r"})
    with pytest.raises(errors.NotFoundError):
        Retrying(FaultInjection(gone, error=throttled())).call("DeleteReportPlan", {"ReportPlanName": "r"})


@pytest.mark.parametrize("operation", sorted(NOT_REPEATABLE))
def test_what_must_not_be_done_twice_is_not_sent_twice(service, operation):
    """Where no answer came to a call that is not idempotent, the error says to look before calling again."""
    recording = Recording(FaultInjection(service))
    with pytest.raises(errors.UnreachableError, match="look before you call again"):
        Retrying(recording).call(operation, {})
    assert len(recording.calls) == 1


def test_a_refusal_after_a_lost_answer_tells_of_it(service):
    """An error that follows an unanswered attempt carries a note that the attempt may have been carried out."""
    service.call("CreateBackupVault", VAULT)
    faulty = FaultInjection(service)
    with pytest.raises(errors.AlreadyExistsError) as caught:
        Retrying(faulty).call("CreateBackupVault", VAULT)
    assert "may have been carried out" in caught.value.__notes__[0]


def test_what_kills_the_program_is_passed_on(service):
    """An interrupt is never swallowed or repeated."""
    faulty = FaultInjection(service, error=KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        Retrying(faulty).call("ListBackupVaults", {})
    assert faulty.counted == 1


def test_the_table_of_tokens_is_that_of_the_model():
    """Every operation whose input has a token is in the table, also those that botocore makes none for."""
    members = {"CreatorRequestId", "IdempotencyToken"}
    inputs = {name: MODEL.operation_model(name).input_shape for name in MODEL.operation_names}
    found = {
        name: members & set(shape.members) for name, shape in inputs.items() if shape and members & set(shape.members)
    }
    assert {name: {token} for name, token in TOKENS.items()} == found


def test_what_is_not_idempotent_is_on_one_list():
    """Every write that the model does not call idempotent has a token, is sent once, or says what is to be."""
    unsafe = {
        name
        for name, operation in OPERATIONS.items()
        if not is_read(name) and not operation.get("idempotent") and name not in TOKENS
    }
    declarative = {
        "DeleteBackupPlan",
        "DeleteBackupSelection",
        "DeleteFramework",
        "UpdateGlobalSettings",
        "UpdateRegionSettings",
    }
    assert unsafe - NOT_REPEATABLE <= declarative
    assert set(OPERATIONS) >= NOT_REPEATABLE


def test_reads_are_what_the_model_calls_reads():
    """What is sent with GET is a read; of the others only those that are known to change nothing."""
    by_method = {name for name, operation in OPERATIONS.items() if operation["http"]["method"] == "GET"}
    reads = {name for name in OPERATIONS if is_read(name)}
    assert by_method <= reads
    posted = {"GetBackupPlanFromJSON", "ListBackupAccessPointsByRecoveryPoint", "ListBackupAccessPointsByResource"}
    assert reads - by_method <= posted


@pytest.mark.parametrize("operation", [name for name in OPERATIONS if not is_read(name)])
def test_read_only_sends_nothing_that_could_change_something(service, operation):
    """ReadOnly refuses every write by name, before it is sent."""
    recording = Recording(service)
    with pytest.raises(errors.ConsentError, match=operation):
        ReadOnly(recording).call(operation, {})
    assert recording.calls == []


def test_recording_keeps_calls_as_they_were_made(service):
    """A recorded call does not change when its params do, and is kept also if it fails."""
    recording = Recording(service)
    params = {"BackupVaultName": "prod", "BackupVaultTags": {"a": "1"}}
    recording.call("CreateBackupVault", params)
    params["BackupVaultTags"]["a"] = "2"
    with pytest.raises(errors.AlreadyExistsError):
        recording.call("CreateBackupVault", params)
    assert [call.params["BackupVaultTags"]["a"] for call in recording.calls] == ["1", "2"]
    assert "BackupVaultTags" not in repr(recording.calls)


@pytest.mark.parametrize("after", [False, True])
def test_a_fault_comes_when_it_is_asked_for(service, after):
    """Faulty fails the call that was named, before or after it is carried out, and no other."""
    faulty = FaultInjection(service, at=2, operation="CreateBackupVault", after=after)
    for name in ("one", "two", "three"):
        faulty.call("ListBackupVaults", {})
        try:
            faulty.call("CreateBackupVault", {"BackupVaultName": f"vault-{name}"})
        except errors.UnreachableError:
            assert name == "two"
    made = [vault["BackupVaultName"] for vault in json.loads(service.call("ListBackupVaults", {}))["BackupVaultList"]]
    assert ("vault-two" in made) == after
    assert {"vault-one", "vault-three"} <= set(made)


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({"attempts": 0}, "retry/attempts"),
        ({"unreachable_attempts": "3"}, "retry/unreachable_attempts"),
        ({"stop_after_seconds": -1}, "retry/stop_after_seconds"),
        ({"first_pause_seconds": None}, "retry/first_pause_seconds"),
        ({"first_pause_seconds": float("inf")}, "retry/first_pause_seconds: inf is longer than a day"),
        ({"longest_pause_seconds": 10**5000}, "retry/longest_pause_seconds: a number of some 5,000 digits is longer"),
        ({"attempts": float("inf")}, "retry/attempts: inf is not a whole number"),
        ({"stop_after_seconds": float("nan")}, "retry/stop_after_seconds"),
    ],
)
def test_an_impossible_policy_is_refused_with_its_address(given, where):
    """A policy that never tries would answer nothing, and say nothing."""
    with pytest.raises(errors.InvalidValueError, match=where):
        RetryPolicy(**given)


ROLE = "arn:aws:iam::123456789012:role/made-just-now"


def selecting(aws):
    """Chooses resources with a role that was made just now; the seconds that it took, on the local clock."""
    rules = [{"RuleName": "daily", "TargetBackupVaultName": "prod"}]
    plan = aws.call("CreateBackupPlan", BackupPlan={"BackupPlanName": "p", "Rules": rules})["BackupPlanId"]
    began = aws.clock.now()
    chosen = {"SelectionName": "s", "IamRoleArn": ROLE, "Resources": ["*"]}
    try:
        aws.call("CreateBackupSelection", BackupPlanId=plan, BackupSelection=chosen)
    except errors.RejectedError:
        return None, (aws.clock.now() - began).total_seconds()
    return aws.clock.now(), (aws.clock.now() - began).total_seconds()


@pytest.mark.parametrize("seconds", [5, 40, 90, 119])
def test_the_default_outlasts_a_new_role(seconds):
    """A role that AWS takes up to two minutes to know is waited for, and not much longer than it takes."""
    aws = bk.local()
    aws.service.faults.deny(ROLE, seconds=seconds)
    made, took = selecting(aws)
    assert made is not None
    assert seconds <= took <= seconds + RetryPolicy().longest_pause_seconds


def test_a_role_that_never_comes_is_given_up_after_two_minutes():
    """A misspelt role ends in AWS's own sentence, two minutes and at most one pause later."""
    aws = bk.local()
    aws.service.faults.deny(ROLE)
    made, took = selecting(aws)
    assert made is None
    assert 120 <= took <= 140


def test_other_errors_are_not_repeated_for_as_long_as_a_new_role():
    """Throttling that does not end is told after the attempts of the policy, and one attempt repeats nothing at all."""
    aws = bk.local()
    throttling = aws.service.faults.throttle("ListBackupVaults", times=99)
    with pytest.raises(errors.UnavailableError):
        aws.call("ListBackupVaults")
    assert throttling.fired == RetryPolicy().attempts
    once = bk.local(retry=RetryPolicy(attempts=1))
    once.service.faults.deny(ROLE, seconds=1)
    assert selecting(once) == (None, 0.0)


ROLE = "arn:aws:iam::123456789012:role/Backup"
FRAMEWORK = {"FrameworkName": "f", "FrameworkControls": [{"ControlName": "BACKUP_RECOVERY_POINT_ENCRYPTED"}]}
REPORT = {
    "ReportPlanName": "r",
    "ReportDeliveryChannel": {"S3BucketName": "reports"},
    "ReportSetting": {"ReportTemplate": "BACKUP_JOB_REPORT"},
}
TESTING = {
    "RestoreTestingPlanName": "t",
    "ScheduleExpression": "cron(0 5 ? * * *)",
    "RecoveryPointSelection": {
        "Algorithm": "LATEST_WITHIN_WINDOW",
        "RecoveryPointTypes": ["SNAPSHOT"],
        "IncludeVaults": ["*"],
    },
}
TIERING = {
    "TieringConfigurationName": "c",
    "BackupVaultName": "*",
    "ResourceSelection": [{"Resources": ["*"], "TieringDownSettingsInDays": 60, "ResourceType": "S3"}],
}
PLAN = {"BackupPlanName": "p", "Rules": [{"RuleName": "r", "TargetBackupVaultName": "prod"}]}
SELECTION = {"SelectionName": "s", "IamRoleArn": ROLE, "Resources": ["*"]}


RESTORED = {"RestoreTestingSelectionName": "s", "IamRoleArn": ROLE, "ProtectedResourceType": "S3"}
SETS_UP = {
    "DeleteBackupVault": [],
    "DeleteBackupPlan": [("CreateBackupPlan", {"BackupPlan": PLAN})],
    "DeleteBackupSelection": [("CreateBackupPlan", {"BackupPlan": PLAN})],
    "DeleteFramework": [("CreateFramework", FRAMEWORK)],
    "DeleteRecoveryPoint": [("StartBackupJob", JOB)],
    "DeleteReportPlan": [("CreateReportPlan", REPORT)],
    "DeleteRestoreTestingPlan": [("CreateRestoreTestingPlan", {"RestoreTestingPlan": TESTING})],
    "DeleteRestoreTestingSelection": [
        ("CreateRestoreTestingPlan", {"RestoreTestingPlan": TESTING}),
        (
            "CreateRestoreTestingSelection",
            {
                "RestoreTestingPlanName": "t",
                "RestoreTestingSelection": {**RESTORED, "ProtectedResourceArns": ["*"]},
            },
        ),
    ],
    "DeleteTieringConfiguration": [("CreateTieringConfiguration", {"TieringConfiguration": TIERING})],
}
NAMES = {
    **VAULT,
    "FrameworkName": "f",
    "ReportPlanName": "r",
    "RestoreTestingPlanName": "t",
    "RestoreTestingSelectionName": "s",
    "TieringConfigurationName": "c",
}


def made(service, operation):
    """Something that ``operation`` deletes; the input that deletes it."""
    service.resources.add(TABLE, size_bytes=1000)
    known = dict(NAMES)
    for name, params in [("CreateBackupVault", VAULT), *SETS_UP[operation]]:
        known.update(json.loads(service.call(name, params)))
    if operation == "DeleteBackupSelection":
        params = {"BackupPlanId": known["BackupPlanId"], "BackupSelection": SELECTION}
        known.update(json.loads(service.call("CreateBackupSelection", params)))
    service.clock.advance(days=1)
    for point in json.loads(service.call("ListRecoveryPointsByBackupVault", VAULT))["RecoveryPoints"]:
        known.update(point)
    return {member: known[member] for member in MODEL.operation_model(operation).input_shape.members}


@pytest.mark.parametrize("operation", sorted(LISTED))
def test_a_deletion_is_done_although_its_answer_was_lost(service, operation):
    """However AWS refuses to delete what is gone already, a deletion whose first answer was lost succeeds, once."""
    params = made(service, operation)
    recording = Recording(FaultInjection(service, operation=operation, after=True))
    assert Retrying(recording).call(operation, params) == b"{}"
    assert recording.operations.count(operation) == 2
    assert set(recording.operations) <= {operation, LISTED[operation].operation}


@pytest.mark.parametrize("operation", ["DeleteBackupVault", "DeleteBackupPlan"])
def test_a_deletion_that_is_refused_stays_refused_after_a_lost_answer(service, operation):
    """What is still listed was not deleted: the refusal is told, and that an attempt before it got no answer."""
    params = made(service, operation)
    if operation == "DeleteBackupPlan":
        service.call("CreateBackupSelection", {**params, "BackupSelection": SELECTION})
    else:
        service.call("StartBackupJob", JOB)
        service.clock.advance(days=1)
    with pytest.raises(errors.RejectedError) as caught:
        Retrying(FaultInjection(service, operation=operation)).call(operation, params)
    assert "may have been carried out" in caught.value.__notes__[0]
    assert json.loads(service.call(LISTED[operation].operation, {})) != {}


def test_a_deletion_of_which_nobody_can_tell_is_not_called_done():
    """Where the list may not be read either, the refusal is told, and that the deletion may have been carried out."""
    with bk.local() as aws:
        aws.call("CreateBackupVault", **VAULT)
        aws.faults.drop("DeleteBackupVault", after=True)
        aws.faults.fail("ListBackupVaults", "AccessDeniedException", rate=1)
        with pytest.raises(errors.AccessDeniedError) as caught:
            aws.call("DeleteBackupVault", **VAULT)
        assert "may have been carried out" in caught.value.__notes__[0]


def test_a_deletion_that_is_refused_at_once_is_not_looked_for(service):
    """Where every attempt was answered, a refusal is a refusal: nothing is taken for done."""
    recording = Recording(service)
    with pytest.raises(errors.AccessDeniedError):
        Retrying(recording).call("DeleteBackupVault", {"BackupVaultName": "absent"})
    assert recording.operations == ["DeleteBackupVault"]


def test_every_list_that_deletions_are_looked_up_in_is_one_of_the_model():
    """The members by which a deletion finds its thing are those of botocore's model, in input and list alike."""
    for operation, where in LISTED.items():
        asked = MODEL.operation_model(operation).input_shape.members
        listing = MODEL.operation_model(where.operation)
        entry = listing.output_shape.members[LISTS[where.operation]].member.members
        assert {where.key, *where.within} <= set(asked)
        assert set(where.within) <= set(listing.input_shape.members)
        assert {where.key, *(where.leaving or ())[:1]} <= set(entry)


@pytest.mark.parametrize("code", ["", "429", "BandwidthLimit", "SomethingNew"])
def test_too_many_requests_are_repeated_whatever_the_code(code):
    """HTTP 429 says to come back later, also under a code that nobody knows."""
    error = refusal("ListBackupVaults", code, "Slow down.", status=429)
    assert type(error) is errors.UnavailableError
    assert error.retryable
    recording = Recording(FaultInjection(LocalService(), times=2, error=error))
    Retrying(recording).call("ListBackupVaults", {})
    assert len(recording.calls) == 3


def test_retries_are_logged(service, caplog):
    """Each repetition is a line of the logger ``backupkit``: what is called again, why, and when; no values."""
    caplog.set_level(logging.INFO, logger="backupkit")
    params = {**VAULT, "BackupVaultTags": {"Token": "s3cr3t-0f-mine"}}
    Retrying(FaultInjection(service, times=2, error=throttled())).call("CreateBackupVault", params)
    assert [record.levelname for record in caplog.records] == ["INFO"] * 2
    lines = [re.sub(r"[\d.]+ s$", "n s", message) for message in caplog.messages]
    assert lines == [f"CreateBackupVault: ThrottlingException, attempt {number} in n s" for number in (2, 3)]
    assert "s3cr3t-0f-mine" not in caplog.text


def test_without_a_handler_nothing_is_printed(service, capsys):
    """Who has not set up logging sees no lines of it: retries are news, not warnings."""
    Retrying(FaultInjection(service, times=2, error=throttled())).call("CreateBackupVault", VAULT)
    assert capsys.readouterr() == ("", "")
