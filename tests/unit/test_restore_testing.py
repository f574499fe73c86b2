"""Validators of restore tests: what a function says, what AWS Backup is told, once, and when nothing is told."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from datetime import timedelta

import attrs
import pytest

import backupkit as bk
from backupkit.emulator.resources.session import SessionWorld, private_moto_session
from backupkit.errors import (
    AccessDeniedError,
    InvalidValueError,
    NotFoundError,
    NotValidatedError,
    UnavailableError,
    UnreachableError,
)
from backupkit.restore_testing import CheckResult, Outcome, checks, validator
from backupkit.restore_testing.results import MAX_MESSAGE_BYTES, clipped

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
BUCKET = "arn:aws:s3:::photos"
ROLE = "arn:aws:iam::123456789012:role/restore-tests"


def plan_tests(aws, resource=TABLE, resource_type="DynamoDB", hours=4):
    """Back a resource up, and let a restore testing plan test it once a day at noon."""
    aws.call("CreateBackupVault", BackupVaultName="prod")
    aws.back_up(resource, vault="prod").wait()
    points = {
        "Algorithm": "LATEST_WITHIN_WINDOW",
        "IncludeVaults": ["*"],
        "RecoveryPointTypes": ["SNAPSHOT", "CONTINUOUS"],
    }
    document = {
        "RestoreTestingPlanName": "daily",
        "ScheduleExpression": "cron(0 12 ? * * *)",
        "StartWindowHours": 1,
        "RecoveryPointSelection": points,
    }
    plan = aws.call("CreateRestoreTestingPlan", RestoreTestingPlan=document)
    selection = {
        "RestoreTestingSelectionName": "all",
        "ProtectedResourceType": resource_type,
        "ProtectedResourceArns": ["*"],
        "IamRoleArn": ROLE,
        "ValidationWindowHours": hours,
    }
    aws.call("CreateRestoreTestingSelection", RestoreTestingPlanName="daily", RestoreTestingSelection=selection)
    return plan["RestoreTestingPlanArn"]


@pytest.fixture
def aws():
    """A test has restored a table, and waits for its result; the events that told of it are kept."""
    aws = bk.local()
    aws.resources.add(TABLE)
    heard = []
    aws.events.listen(heard.append)
    plan_tests(aws)
    aws.clock.advance(hours=13, minutes=10)
    aws.heard = [told.event() for told in heard]
    return aws


@pytest.fixture
def event(aws):
    """The event that a test's restore is done, as EventBridge hands it to Lambda."""
    [found] = [
        told
        for told in aws.heard
        if "restoreTestingPlanArn" in told["detail"] and told["detail"].get("status") == "COMPLETED"
    ]
    return found


def only_job(aws):
    [job] = aws.restore_jobs()
    return job


def result(aws):
    job = only_job(aws)
    return job.validation_status, job.validation_status_message


def fine(job):
    return True


# What a function says


SAID = [
    (lambda job: None, "SUCCESSFUL", "1 check: it: passed"),
    (lambda job: True, "SUCCESSFUL", "1 check: it: passed"),
    (lambda job: "12 rows", "SUCCESSFUL", "1 check: it: 12 rows"),
    (lambda job: False, "FAILED", "1 of 1 check failed: it: failed"),
    (lambda job: ("rows", False), "FAILED", "1 of 1 check failed: rows: failed"),
    (
        lambda job: {"available": True, "encrypted": False},
        "FAILED",
        "1 of 2 checks failed: encrypted: failed; passed: available: passed",
    ),
    (lambda job: [("a", True), ("b", "3 rows")], "SUCCESSFUL", "2 checks: a: passed; b: 3 rows"),
    (lambda job: checks.exists(), "SUCCESSFUL", "1 check: resource status: there"),
    (lambda job: iter([True, False]), "FAILED", "1 of 2 checks failed: it 2: failed; passed: it 1: passed"),
    (lambda job: CheckResult("mine", Outcome.FAILED, "no rows"), "FAILED", "1 of 1 check failed: mine: no rows"),
    (lambda job, aws: aws.region_name, "SUCCESSFUL", "1 check: it: us-east-1"),
    (lambda job, limit=3: str(limit), "SUCCESSFUL", "1 check: it: 3"),
]


@pytest.mark.parametrize(("function", "status", "message"), SAID)
def test_what_a_function_says_is_reported(aws, event, function, status, message):
    """A function says what it found in the form that suits it, and AWS is told in one line with the failures first."""
    function.__name__ = "it"
    done = validator(function).using(aws)(event, None)
    assert result(aws) == (status, message)
    [told] = done["validations"]
    assert (told["status"], told["reported"]) == (status, True)
    json.dumps(done)


def test_what_a_function_raises_fails_the_test_and_what_passed_before_is_kept(aws, event):
    """An assert in the middle of a generator is a failure with its words; the checks before it are told, too."""

    @validator
    def rows(job):
        yield checks.exists()
        raise AssertionError("no rows")

    rows.using(aws)(event, None)
    assert result(aws) == (
        "FAILED",
        "1 of 2 checks failed: rows: no rows; passed: resource status: there",
    )


def test_what_an_exception_says_is_told_without_secrets(aws, event):
    """A driver's error may quote how it connected; what AWS keeps of it holds no password."""

    @validator
    def rows(job):
        raise OSError("cannot open postgres://admin:hunter2@db/orders?sslpassword=hunter2 password=hunter2")

    rows.using(aws)(event, None)
    status, message = result(aws)
    assert status == "FAILED"
    assert "OSError: cannot open postgres://" in message
    assert "hunter2" not in message


@pytest.mark.parametrize("answer", [0, 1.5, {"statusCode": 200}, [[True]], object()])
def test_what_is_not_an_answer_is_refused_and_nothing_is_reported(aws, event, answer):
    """A function that returns what a web handler would is a mistake of the program, and decides nothing."""
    handler = validator(lambda job: answer).using(aws)
    with pytest.raises(InvalidValueError, match="is not what a check says"):
        handler(event, None)
    assert result(aws) == (None, None)


@pytest.mark.parametrize("function", [lambda: None, lambda a, b, c: None, 3, dict])
def test_what_cannot_be_called_with_a_job_is_refused_when_it_is_decorated(function):
    """The mistake shows where the function is written, not when the first test ends."""
    with pytest.raises(InvalidValueError, match="job"):
        validator(function)


def test_a_span_that_is_none_is_refused():
    """A number of seconds would be a guess."""
    with pytest.raises(InvalidValueError, match="300 is not a span of time"):
        validator(wait=300)


# Not known


def botocores(code, status=400):
    from botocore.exceptions import ClientError

    told = {"Error": {"Code": code, "Message": "hunter2"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(told, "GetItem")


UNKNOWN = [
    AccessDeniedError("DescribeRestoreJob", "AccessDeniedException", "no"),
    UnreachableError("no answer"),
    botocores("ThrottlingException"),
    botocores("ProvisionedThroughputExceededException"),
    botocores("AccessDeniedException"),
    botocores("403", 403),
    botocores("InternalServerError", 500),
]


@pytest.mark.parametrize("error", UNKNOWN, ids=lambda error: getattr(error, "code", "") or str(error)[:40])
def test_what_could_not_be_asked_is_not_a_failure(aws, event, error):
    """Throttling or a missing permission says nothing of the restore: nothing is reported, and Lambda calls again."""

    def rows(job):
        raise error

    with pytest.raises(NotValidatedError, match="nothing was reported") as caught:
        validator(rows).using(aws)(event, None)
    assert result(aws) == (None, None)
    assert caught.value.validations[0].undecided
    assert "hunter2" not in str(caught.value)
    validator(fine).using(aws)(event, None)
    assert result(aws)[0] == "SUCCESSFUL"


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "NoSuchKey"])
def test_what_a_service_does_not_find_is_a_failure(aws, event, code):
    """That an item or a bucket is not there is an answer."""

    def rows(job):
        raise botocores(code)

    validator(rows).using(aws)(event, None)
    assert result(aws) == ("FAILED", f"1 of 1 check failed: rows: ClientError: {code}")


def test_a_failure_counts_although_something_else_is_not_known(aws, event):
    """No later answer could make the test a success, so it is reported."""
    unknown = CheckResult("other", Outcome.UNKNOWN, "not allowed")
    validator(lambda job: [("rows", False), unknown]).using(aws)(event, None)
    assert result(aws)[0] == "FAILED"


# Once


@pytest.mark.parametrize("fault", ["throttle", "drop", "drop after", "cut"])
def test_a_result_is_reported_once_whatever_becomes_of_the_call(aws, event, fault):
    """Throttled, lost before or after the work, or half an answer: exactly one result stands, and it is the first."""
    name, _, after = fault.partition(" ")
    more = {"after": True} if after else {}
    struck = getattr(aws.faults, name)("PutRestoreValidationResult", times=3, **more)
    done = validator(lambda job: "mine").using(aws)(event, None)
    assert struck.fired
    assert done["validations"][0]["reported"]
    assert result(aws) == ("SUCCESSFUL", "1 check: <lambda>: mine")
    again = validator(lambda job: False).using(aws)(event, None)
    assert again["validations"][0]["note"] == "it has its result: SUCCESSFUL"
    assert result(aws) == ("SUCCESSFUL", "1 check: <lambda>: mine")


def test_a_call_that_never_gets_through_is_raised_and_the_second_delivery_reports(aws, event):
    """Lambda must see that nothing was reported; when it calls again, the result is put."""
    fault = aws.faults.drop("PutRestoreValidationResult", rate=1.0)
    with pytest.raises(UnreachableError):
        validator(fine).using(aws)(event, None)
    assert result(aws) == (None, None)
    aws.faults.clear(fault)
    validator(fine).using(aws)(event, None)
    assert result(aws)[0] == "SUCCESSFUL"


def test_a_result_whose_answers_were_all_lost_stands_and_is_not_an_error(aws, event):
    """The work was done at the first call, and looking at the job tells it."""
    aws.faults.drop("PutRestoreValidationResult", after=True, rate=1.0)
    done = validator(fine).using(aws)(event, None)
    assert done["validations"][0]["reported"]
    assert result(aws)[0] == "SUCCESSFUL"


def test_two_deliveries_at_once_leave_one_result(aws, event):
    """Both look, neither sees a result, and both report: one stands, and the other knows that it is not its own."""
    together, done = threading.Barrier(2, timeout=10), {}

    def deliver(word):
        def rows(job):
            together.wait()
            return word

        done[word] = validator(rows).using(aws)(event, None)["validations"][0]

    threads = [threading.Thread(target=deliver, args=(word,)) for word in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stands = result(aws)[1].rpartition(" ")[2]
    other = {"one": "two", "two": "one"}[stands]
    assert done[stands]["reported"]
    assert (done[other]["reported"], done[other]["note"]) == (False, "it has its result: SUCCESSFUL")


@pytest.mark.parametrize("seed", range(6))
def test_in_a_storm_one_result_stands_and_deliveries_end(aws, event, seed):
    """Half of all calls are throttled, answers are lost before and after the work: the first result stands for good."""
    aws.faults.throttle(rate=0.5, seed=seed)
    aws.faults.drop(rate=0.2, seed=seed + 1)
    aws.faults.drop(rate=0.2, seed=seed + 2, after=True)
    stood = []
    for delivery in range(5):
        with contextlib.suppress(UnavailableError, UnreachableError):
            validator(lambda job, word=f"delivery {delivery}": word).using(aws)(event, None)
        stood.append(seen_quietly(aws))
    first = next(each for each in stood if each[0] is not None)
    assert first[0] == "SUCCESSFUL"
    assert stood[stood.index(first) :] == [first] * (len(stood) - stood.index(first))


def seen_quietly(aws):
    """What stands, without the faults; they go on as they were."""
    quiet = bk.local()
    quiet.load_state(aws.save_state())
    quiet.faults.clear()
    return result(quiet)


@pytest.mark.parametrize("text", ["x" * 5_000, "ü" * 5_000, "\U0001f600" * 5_000, "\ud800" * 3_000])
def test_a_message_is_cut_to_fit_between_two_characters(text):
    """What is too long for AWS is cut, and says so; what no encoding can carry does not stop the call."""
    cut = clipped(text)
    assert MAX_MESSAGE_BYTES - 8 < len(cut.encode()) <= MAX_MESSAGE_BYTES
    assert cut.endswith("…")
    assert clipped("short") == "short"


def test_failures_come_before_the_cut(aws, event):
    """Of many checks the reader needs the failure; it is first, so the cut takes what passed."""
    validator(lambda job: {**{f"check {n}": "x" * 100 for n in range(50)}, "rows": False}).using(aws)(event, None)
    assert result(aws)[1].startswith("1 of 51 checks failed: rows: failed; passed: check 0")


# Which events


def test_other_events_are_left_alone(aws, event):
    """A rule that is too wide, or a bus with other events, does no harm: each is skipped with its reason."""
    never = validator(lambda job: pytest.fail("called")).using(aws)
    reasons = {each["reason"] for told in aws.heard if told != event for each in never(told, None)["skipped"]}
    assert reasons == {
        "an event of the kind backup is not about a restore job",
        "an event of the kind recovery_point is not about a restore job",
        "the restore job is CREATED",
        "the restore job is PENDING",
        "the restore job is RUNNING",
        "an event of the kind vault is not about a restore job",
    }
    [point] = aws.recovery_points()
    heard = []
    aws.events.listen(heard.append)
    point.restore(bk.restore.DynamoDBTable("orders-2")).wait()
    done = [each["reason"] for told in heard for each in never(told.event(), None)["skipped"]]
    assert "no restore testing plan started the restore" in done


@pytest.mark.slow
def test_a_batch_of_a_queue_is_taken_and_the_rule_lets_only_restore_tests_through():
    """EventBridge to SQS to Lambda is a usual way; the pattern of the rule takes nothing but ends of tests."""
    session = private_moto_session("us-east-1")
    queues, rules = session.client("sqs"), session.client("events")
    url = queues.create_queue(QueueName="tests")["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = bk.restore_testing.pattern(resource_type=["DynamoDB", "RDS"])
    rules.put_rule(Name="tests", EventPattern=json.dumps(pattern))
    rules.put_targets(Rule="tests", Targets=[{"Id": "queue", "Arn": arn}])
    aws = bk.local()
    aws.resources.add(TABLE)
    plan_tests(aws)
    aws.events.deliver_to(session)
    [point] = aws.recovery_points()
    point.restore(bk.restore.DynamoDBTable("orders-2")).wait()
    aws.clock.advance(hours=14)
    batch = queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
    done = validator(fine).using(aws)(batch, None)
    assert [each["passed"] for each in done["validations"]] == [True]
    assert done["skipped"] == []


def test_one_job_that_cannot_be_validated_does_not_keep_the_others(aws, event):
    """In a batch of a queue one message may be broken; the rest is done, and the error still shows."""
    unknown = {**event, "detail": {**event["detail"], "restoreJobId": "no-such-job"}}
    batch = {"Records": [{"body": json.dumps(told)} for told in (unknown, event)]}
    with pytest.raises(NotFoundError) as caught:
        validator(fine).using(aws)(batch, None)
    assert caught.value.__notes__ == ["This was restore job no-such-job, one of 2."]
    assert result(aws)[0] == "SUCCESSFUL"


def test_a_notification_of_a_vault_does_as_well():
    """SNS does not say what started a restore, so the job is asked; restores of people are left alone."""
    aws = bk.local()
    aws.resources.add(TABLE)
    plan_tests(aws)
    topic = "arn:aws:sns:us-east-1:123456789012:restores"
    asked = {"BackupVaultName": "prod", "SNSTopicArn": topic, "BackupVaultEvents": ["RESTORE_JOB_COMPLETED"]}
    aws.call("PutBackupVaultNotifications", **asked)
    done = []

    def hear(told):
        named = {name: {"Type": "String", "Value": value} for name, value in told.attributes.items()}
        message = {"Type": "Notification", "TopicArn": topic, "Message": told.message, "MessageAttributes": named}
        done.extend(validator(fine).using(aws)({"Records": [{"Sns": message}]}, None)["validations"])

    aws.events.listen(notifications=hear)
    [point] = aws.recovery_points()
    point.restore(bk.restore.DynamoDBTable("orders-2")).wait()
    aws.clock.advance(hours=14)
    assert [each["note"] or each["status"] for each in done] == [
        "no restore testing plan started it",
        "SUCCESSFUL",
    ]


def test_a_pattern_of_one_plan_takes_its_arn():
    """A name alone is the beginning of no ARN, and such a rule would never fire."""
    arn = "arn:aws:backup:us-east-1:123456789012:restore-testing-plan:weekly"
    assert bk.restore_testing.pattern(plan=arn)["detail"]["restoreTestingPlanArn"] == [{"prefix": arn}]
    with pytest.raises(InvalidValueError, match="is not the ARN of a restore testing plan"):
        bk.restore_testing.pattern(plan="weekly")


def test_a_test_that_no_check_fits_gets_no_result(aws, event):
    """A success that nobody looked for would be a lie."""
    done = validator(lambda job: [checks.rds(), checks.s3()]).using(aws)(event, None)
    assert done["validations"][0]["note"] == "it made no check that is for DynamoDB"
    assert result(aws) == (None, None)


def test_a_test_whose_window_is_over_is_left_alone(aws, event):
    """What was restored is gone; the result says TIMED_OUT, and stays."""
    aws.clock.advance(hours=6)
    done = validator(fine).using(aws)(event, None)
    assert done["validations"][0]["note"] == "it has its result: TIMED_OUT"


def test_by_itself_it_connects_to_the_region_of_the_event(aws, event):
    """A handler needs no configuration; where the default will not do, ``connect=`` makes the connection."""
    asked = []
    handler = validator(connect=lambda region: asked.append(region) or aws)(fine)
    handler(event, None)
    handler(event, None)
    assert asked == ["us-east-1"]
    assert result(aws)[0] == "SUCCESSFUL"


def test_boto3_of_the_program_is_used_where_nothing_else_is_said(aws, event, monkeypatch):
    """On AWS the decorated function is all there is: over HTTP the same result stands."""
    from backupkit.emulator import serving

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    with serving(aws.service) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BACKUP", url)
        aws.faults.drop("PutRestoreValidationResult", after=True, times=1)
        done = validator(fine)(event, None)
    assert done["validations"][0]["reported"]
    assert result(aws)[0] == "SUCCESSFUL"


# Not yet


@attrs.define
class Ready:
    """A check of a caller's own, that is ready after some looks."""

    after: int
    name: str = "mine"
    looks: int = 0

    def fits(self, job):
        return True

    def results(self, job):
        self.looks += 1
        return [CheckResult("mine", Outcome.PASSED if self.looks > self.after else Outcome.PENDING, "state")]


def test_what_is_on_its_way_is_looked_at_again(aws, event):
    """A database that is still being made is not a failure; a generator goes on when it is ready."""
    check, went_on = Ready(3), []

    @validator
    def rows(job):
        yield check
        went_on.append(check.looks)

    rows.using(aws)(event, None)
    assert went_on == [4]
    assert result(aws)[0] == "SUCCESSFUL"


def test_what_never_becomes_ready_fails_when_the_time_is_over(aws, event):
    """Timeouts ends, with what was seen last."""
    before = aws.clock.now()
    validator(wait=timedelta(minutes=2))(lambda job: Ready(1_000)).using(aws)(event, None)
    assert result(aws) == ("FAILED", "1 of 1 check failed: mine: pending: state")
    assert timedelta(minutes=1) < aws.clock.now() - before <= timedelta(minutes=2)


def test_waiting_ends_before_the_lambda_function_does(aws, event):
    """The result must be put before Lambda ends the function."""

    class Context:
        def get_remaining_time_in_millis(self):
            return 31_000

    before = aws.clock.now()
    validator(lambda job: Ready(1_000)).using(aws)(event, Context())
    assert aws.clock.now() == before
    assert result(aws)[0] == "FAILED"


def test_a_restore_that_is_not_over_gets_no_result(aws):
    """Who validates a job too early waits for it; one that goes on beyond the wait is for the next call."""
    aws.clock.advance(hours=22)
    running = []
    while not running:
        aws.clock.advance(seconds=20)
        running = list(aws.restore_jobs(state=["PENDING", "RUNNING"]))
    [job] = running
    hasty = validator(wait=timedelta(0))(fine).using(aws).validate(job)
    assert (hasty.status, hasty.undecided, hasty.note) == (None, True, "the restore is not over")
    assert validator(fine).using(aws).validate(job).reported


# As a script


def test_as_a_script_it_validates_a_job_and_its_exit_code_tells(aws, capsys):
    """A shell and a CI job read the exit code; ``--check-only`` reports nothing."""
    job, good, bad = only_job(aws), validator(fine).using(aws), validator(lambda job: False).using(aws)
    assert bad.main(["--check-only", job.id]) == 1
    assert result(aws) == (None, None)
    assert good.main([job.id]) == 0
    assert "SUCCESSFUL" in capsys.readouterr().out
    assert result(aws)[0] == "SUCCESSFUL"
    assert bad.main([job.id]) == 0  # it has its result already

    def missed(job):
        raise UnreachableError("no answer")

    assert validator(missed).using(aws).main(["--check-only", job.id]) == 3
    assert good.main(["no-such-job"]) == 3
    assert "no-such-job" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["--open", "1b2c"], ["--open", "--check-only"]])
def test_a_script_that_does_not_know_what_to_do_says_so(aws, arguments, capsys):
    """Nothing is validated by accident."""
    with pytest.raises(SystemExit) as ended:
        validator(fine).using(aws).main(arguments)
    assert ended.value.code == 2
    assert "--open" in capsys.readouterr().err


def test_all_open_tests_can_be_validated_without_any_event(aws, capsys):
    """Events may not come; what has ended and has no result is found by listing, and restores of people are not."""
    [point] = aws.recovery_points()
    point.restore(bk.restore.DynamoDBTable("orders-2")).wait()
    handler = validator(fine).using(aws)
    assert handler.main(["--open"]) == 0
    assert capsys.readouterr().out.count("Validation of restore job") == 1
    assert handler.validate_open() == ()


def test_open_tests_that_cannot_be_checked_are_raised_after_the_others(aws, capsys):
    """A function on a schedule must fail where something was not looked at, or nobody would hear of it."""
    aws.clock.advance(hours=1)
    aws.resources.add(f"{TABLE}-2")
    aws.back_up(f"{TABLE}-2", vault="prod").wait()
    aws.call(
        "UpdateRestoreTestingPlan",
        RestoreTestingPlanName="daily",
        RestoreTestingPlan={"ScheduleExpression": "cron(30 14 ? * * *)"},
    )
    aws.clock.advance(hours=1, minutes=30)

    def rows(job):
        if job.resource_arn == TABLE:
            raise UnreachableError("no answer")

    handler = validator(rows).using(aws)
    assert handler.main(["--open"]) == 3
    shown = capsys.readouterr().out
    assert shown.count("SUCCESSFUL") == 1
    assert shown.count("checks could not be made") == 2
    with pytest.raises(NotValidatedError, match="could not be checked"):
        handler.validate_open()


def test_a_validation_can_be_looked_at_and_kept(aws):
    """In a program or notebook a validation is a value with each check."""
    found = validator(lambda job: {"rows": False}).using(aws).validate(only_job(aws))
    assert (found.status, found.passed, found.reported) == ("FAILED", False, True)
    assert [str(each) for each in found.results] == ["rows: failed"]
    assert "rows" in found._repr_html_()
    assert repr(found) == f"<Validation of restore job {found.job_id}: FAILED>"
    assert found.to_dict()["results"][0]["outcome"] == "failed"


@pytest.mark.slow
def test_a_real_table_is_restored_validated_and_deleted():
    """The whole cycle: select, restore, validate through the session, delete, with the clock alone moving."""
    session = private_moto_session("us-east-1")
    tables = session.client("dynamodb")
    tables.create_table(
        TableName="orders",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    tables.put_item(TableName="orders", Item={"id": {"S": "1"}})
    aws = bk.local(world=SessionWorld(session, account_id="123456789012", types=("DynamoDB",)))
    plan_tests(aws)
    handler = validator(lambda job: checks.dynamodb(items=1)).using(aws)
    aws.events.listen(lambda told: handler(told.event(), None))
    aws.faults.throttle("PutRestoreValidationResult", rate=0.5, seed=3)
    aws.clock.advance(days=3)
    jobs = list(aws.restore_jobs())
    assert [(job.validation_status, job.deletion_status) for job in jobs] == [("SUCCESSFUL", "SUCCESSFUL")] * 3
    assert tables.list_tables()["TableNames"] == ["orders"]


@pytest.mark.slow
def test_declaring_a_validator_loads_no_boto3():
    """A Lambda function starts as fast as it can: what only a connection needs is loaded by the first event."""
    code = (
        "import sys, backupkit as bk; bk.restore_testing.validator(lambda job: bk.restore_testing.checks.rds()); "
        "print(sorted({'boto3', 'botocore', 'moto', 'pyarrow', 'rich', 'backupkit.emulator'} & set(sys.modules)))"
    )
    # What measures coverage loads modules of its own.
    without = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=without)
    assert ended.stdout == "[]\n"
