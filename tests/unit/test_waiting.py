"""Waiting for jobs of all kinds: how they end, what a wait lives through, and how many calls it takes."""

from __future__ import annotations

import json
import pickle
from collections import Counter

import pytest
from msgspec import structs

import backupkit as bk
from backupkit.connection import Connection
from backupkit.errors import (
    AccessDeniedError,
    ConfigurationError,
    CredentialsError,
    InvalidValueError,
    JobFailedError,
    NotFoundError,
    WaitTimeoutError,
)
from backupkit.observe import FINAL_STATES, JOB_STATES
from backupkit.recover.caller import Caller
from backupkit.transport.recording import Recording
from backupkit.transport.retry import Retrying, RetryPolicy

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
BUCKET = "arn:aws:s3:::photos"
DATABASE = "arn:aws:rds:us-east-1:123456789012:db:shop"
ROLE = "arn:aws:iam::123456789012:role/backup"
KINDS = {
    "backup": bk.BackupJob,
    "copy": bk.CopyJob,
    "restore": bk.RestoreJob,
    "report": bk.ReportJob,
    "scan": bk.ScanJob,
}


@pytest.fixture
def aws():
    with bk.local() as connection:
        for arn in (TABLE, BUCKET, DATABASE):
            connection.resources.add(arn)
        for name in ("prod", "copies"):
            connection.call("CreateBackupVault", BackupVaultName=name)
        yield connection


def tables(aws, count):
    """That many tables, which can be backed up side by side."""
    arns = [f"{TABLE}-{number}" for number in range(count)]
    for arn in arns:
        aws.resources.add(arn, size_bytes=1_000_000)
    return arns


def counted(aws):
    """The same service, and the calls that are made to it."""
    recording = Recording(aws.transport)
    return Connection(recording), recording


def described(cls, state):
    """A job in a state, as its kind's record has it."""
    return cls(**({"status": state} if "status" in cls.__struct_fields__ else {"state": state}))


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_job_has_its_own_final_states(kind):
    """A scan also ends in CANCELED or COMPLETED_WITH_ISSUES; a set for all kinds would wait for it without end."""
    for state in JOB_STATES[kind]:
        job = described(KINDS[kind], state)
        assert (job.kind, job.state, job.ended) == (kind, state, state in FINAL_STATES[kind]), state
    assert not described(KINDS[kind], "SOMETHING_NEW").ended


def test_every_job_answers_to_the_same_words(aws):
    """A report over all jobs asks each for its id, kind, state, resource, point and reason."""
    backup = aws.back_up(TABLE, vault="prod").wait()
    point = backup.recovery_point
    copy = point.copy_to("arn:aws:backup:us-east-1:123456789012:backup-vault:copies")
    restore = point.restore(bk.restore.DynamoDBTable("orders-2"))
    scan = aws.back_up(BUCKET, vault="prod").wait().recovery_point.scan(scanner_role=ROLE)
    for job in (backup, copy.refresh(), restore.refresh()):
        assert (job.resource_arn, job.recovery_point_arn) == (TABLE, point.recovery_point_arn), job.kind
    assert (scan.kind, scan.resource_arn) == ("scan", BUCKET)
    assert copy.id == copy.copy_job_id
    assert all(job.reason is None and job.status_message is None for job in (backup, copy, restore, scan))
    assert pickle.loads(pickle.dumps(scan)) == scan


def test_jobs_of_all_kinds_and_regions_are_waited_for_together(aws):
    """One call for a night's work: what completed, what failed, and nothing raised."""
    there = aws.in_region("eu-west-1")
    far = TABLE.replace("us-east-1", "eu-west-1")
    there.resources.add(far)
    there.call("CreateBackupVault", BackupVaultName="prod")
    point = aws.back_up(TABLE, vault="prod").wait().recovery_point
    jobs = [
        aws.back_up(BUCKET, vault="prod"),
        there.back_up(far, vault="prod"),
        point.copy_to("arn:aws:backup:eu-west-1:123456789012:backup-vault:prod"),
        point.restore(bk.restore.DynamoDBTable("orders-2")),
        aws.back_up(f"{TABLE}-gone", vault="prod"),
    ]
    ended = bk.wait_all(jobs)
    assert [job.id for job in ended.completed] == [job.id for job in jobs[:4]]
    assert [job.id for job in ended.failed] == [jobs[4].id]
    assert (ended.unfinished, ended.errors) == ((), {})
    assert ended.failed[0].reason == "not_found"
    assert ended.completed[3].created_resource_arn == f"{TABLE}-2"
    assert ended.summary == "4 completed, 1 failed, 0 unfinished (1 not_found)"


def test_a_result_shows_what_needs_somebody(aws):
    """At night the one line that failed has to be seen among a thousand that did not, also in a notebook and in a log."""
    jobs = [aws.back_up(TABLE, vault="prod"), aws.back_up(f"{TABLE}-gone<", vault="prod")]
    aws.faults.block_backups(BUCKET)
    jobs.append(aws.back_up(BUCKET, vault="prod"))
    ended = bk.wait_all(jobs, timeout=900)
    head, _, failed, unfinished = str(ended).splitlines()
    assert head == ended.summary == "1 completed, 1 failed, 1 unfinished (1 not_found)"
    assert failed.split()[:5] == ["FAILED", "backup", jobs[1].id, "not_found", f"{TABLE}-gone<"]
    assert unfinished.split() == ["CREATED", "backup", jobs[2].id, BUCKET]
    assert f"{TABLE}-gone&lt;" in ended._repr_html_()
    assert jobs[0].id not in str(ended)
    told = json.loads(ended.to_json())
    assert told == ended.to_dict()
    assert [(name, [job["id"] for job in told[name]]) for name in told] == [
        ("completed", [jobs[0].id]), ("failed", [jobs[1].id]), ("unfinished", [jobs[2].id])
    ]  # fmt: skip
    assert str(bk.WaitResult()) == "0 completed, 0 failed, 0 unfinished"


def test_a_job_that_is_given_twice_counts_once(aws):
    """Lists that overlap do not make two results of one job."""
    job = aws.back_up(TABLE, vault="prod")
    again = aws.backup_job(job.id)
    assert len(bk.wait_all([job, again, job]).completed) == 1
    assert len(list(bk.as_completed([job, again]))) == 1
    done = job.refresh()
    assert list(bk.as_completed([done, done])) == [done]


def test_a_job_that_is_over_costs_no_call(aws):
    """No job comes back from a final state, so nobody needs to look."""
    done = aws.back_up(TABLE, vault="prod").wait()
    connection, recording = counted(aws)
    held = connection.backup_job(done.id)
    recording.calls.clear()
    assert bk.wait_all([held]).completed == (held,)
    assert recording.calls == []


@pytest.mark.parametrize(
    ("cls", "members", "good", "lenient"),
    [
        (bk.BackupJob, {"state": "COMPLETED", "message_category": "SUCCESS"}, True, True),
        (bk.BackupJob, {"state": "COMPLETED", "message_category": "AccessDenied", "status_message": "m"}, False, True),
        (bk.CopyJob, {"state": "COMPLETED", "message_category": "X"}, False, True),
        (bk.RestoreJob, {"status": "COMPLETED", "status_message": "Nothing was restored."}, False, True),
        (bk.ScanJob, {"state": "COMPLETED_WITH_ISSUES"}, False, True),
        (bk.ScanJob, {"state": "COMPLETED"}, True, True),
        (bk.ScanJob, {"state": "CANCELED"}, False, False),
        (bk.ReportJob, {"status": "FAILED"}, False, False),
        (bk.CopyJob, {"state": "PARTIAL"}, False, False),
    ],
)
def test_a_job_that_completed_with_issues_is_good_enough_only_by_word(aws, cls, members, good, lenient):
    """AWS calls a job COMPLETED that left things out: one wait and many agree on whether that is a success."""
    own_id = {cls.__struct_fields__[0]: "1"}
    job = Caller(aws.transport).attached(cls(**own_id, **members))
    for accept, fine in ((False, good), (True, lenient)):
        ended = bk.wait_all([job], accept_issues=accept)
        assert (ended.completed, ended.failed) == (((job,), ()) if fine else ((), (job,)))
        if fine:
            assert job.wait(accept_issues=accept) == job
        else:
            with pytest.raises(JobFailedError):
                job.wait(accept_issues=accept)


CLUSTER = "arn:aws:eks:us-east-1:123456789012:cluster/shop"
VOLUME = "arn:aws:ec2:us-east-1:123456789012:volume/vol-0123456789abcdef0"


def started(aws, kind):
    """A job of a composite whose volume fails."""
    aws.resources.add(VOLUME)
    aws.resources.add(CLUSTER, members=[VOLUME])
    if kind != "backup":
        point = aws.back_up(CLUSTER, vault="prod").wait().recovery_point
    aws.faults.outage("EBS", jobs=(kind,))
    match kind:
        case "backup":
            return aws.back_up(CLUSTER, vault="prod")
        case "copy":
            return point.copy_to(aws.call("CreateBackupVault", BackupVaultName="second")["BackupVaultArn"])
    [volume] = aws.recovery_points(resource=VOLUME)
    jobs = {volume.recovery_point_arn: bk.restore.EBSVolume("us-east-1a")}
    return point.restore(bk.restore.EKSCluster("shop", nested_restore_jobs=jobs), preflight=False)


@pytest.mark.parametrize("kind", ["backup", "copy", "restore"])
def test_a_job_whose_parts_failed_has_them(aws, kind):
    """The error of a composite carries the jobs below it; where they may not be listed, it is the same error."""
    job = started(aws, kind)
    with pytest.raises(JobFailedError, match=r"1 of its [0-9] child jobs did not complete cleanly") as caught:
        job.wait()
    [failed] = [each for each in caught.value.children if each.state == "FAILED"]
    assert (failed.status_message, failed.parent_job_id) == ("EBS is unavailable", job.id)
    aws.faults.fail(f"List{kind.title()}Jobs", "AccessDeniedException", rate=1)
    with pytest.raises(JobFailedError, match=r"its child jobs could not be read \(AccessDeniedException\)") as caught:
        job.refresh().wait()
    assert caught.value.children == ()


def test_nothing_to_wait_for_is_done_at_once():
    """An empty night has an empty result."""
    assert bk.wait_all([]) == bk.WaitResult()
    assert list(bk.as_completed([], timeout=5)) == []


@pytest.mark.slow
def test_few_jobs_among_many_are_described(aws):
    """Three jobs among thousands take three calls a look, and no walk through the list of all."""
    connection, recording = counted(aws)
    everything = [aws.back_up(arn, vault="prod", role=ROLE) for arn in tables(aws, 3000)]
    mine = [connection.backup_job(job.id) for job in (everything[0], everything[1500], everything[2999])]
    recording.calls.clear()
    assert len(bk.wait_all(mine).completed) == 3
    assert set(recording.operations) == {"DescribeBackupJob"}


@pytest.mark.slow
def test_many_jobs_of_one_hour_are_found_in_lists(aws):
    """A thousand jobs that were started together take at most a fiftieth of the calls of one description each."""
    connection, recording = counted(aws)
    jobs = [connection.back_up(arn, vault="prod", role=ROLE) for arn in tables(aws, 1000)]
    state = aws.save_state()
    recording.calls.clear()
    polling = bk.Polling(first=60, most=60, per_call=0)
    assert len(bk.wait_all(jobs, polling=polling).completed) == 1000
    by_lists = len(recording.calls)
    aws.load_state(state)
    aws.faults.fail("ListBackupJobs", "AccessDeniedException", rate=1.0)
    recording.calls.clear()
    assert len(bk.wait_all(jobs, polling=polling).completed) == 1000
    assert by_lists <= len(recording.calls) / 50


def test_a_list_is_narrowed_to_what_the_jobs_have_in_common(aws):
    """The jobs of one vault and time are looked for among those, and not in the list of a whole account."""
    connection, recording = counted(aws)
    jobs = [connection.back_up(arn, vault="prod", role=ROLE) for arn in tables(aws, 5)]
    recording.calls.clear()
    assert len(bk.wait_all(jobs).completed) == 5
    asked = [call.params for call in recording.calls if call.operation == "ListBackupJobs"]
    assert asked
    assert all(each["ByBackupVaultName"] == "prod" for each in asked)
    assert all(each["ByCreatedAfter"] < jobs[0].creation_date < each["ByCreatedBefore"] for each in asked)


@pytest.mark.slow
def test_jobs_far_apart_among_many_are_described(aws):
    """Where the list of their time is longer than they are many, a look costs no more than one call for each."""
    connection, recording = counted(aws)
    arns = tables(aws, 5000)
    for arn in arns:
        aws.faults.block_backups(arn)
    every = [aws.back_up(arn, vault="prod", role=ROLE) for arn in arns]
    mine = [connection.backup_job(job.id) for job in every[::1250]]
    recording.calls.clear()
    assert len(bk.wait_all(mine, timeout=100).unfinished) == len(mine) == 4
    looks = Counter(recording.operations)
    assert looks["ListBackupJobs"] <= 1
    assert looks["DescribeBackupJob"] == len(mine) * (looks["DescribeBackupJob"] // len(mine))


class _Silent:
    """Answers as the service does, and leaves out what a new restore is of, as AWS's events of one do."""

    def __init__(self, transport):
        self._transport, self.region_name, self.clock = transport, transport.region_name, transport.clock

    def call(self, operation, params):
        answer = json.loads(self._transport.call(operation, params))
        for job in (answer, *answer.get("RestoreJobs", [])):
            for name in ("SourceResourceArn", "ResourceType"):
                job.pop(name, None)
        return json.dumps(answer).encode()


@pytest.mark.parametrize("many", [1, 5])
def test_what_is_known_of_a_job_stays_known(aws, many):
    """An answer that leaves out what never changes does not make a handle forget it: who waits can still tell of what."""
    point = aws.back_up(TABLE, vault="prod").wait().recovery_point
    started = [point.restore(bk.restore.DynamoDBTable(f"orders-{number}")) for number in range(many)]
    silent = Caller(_Silent(aws.transport))
    jobs = [silent.attached(structs.replace(job)) for job in started]
    assert silent.fetch("DescribeRestoreJob", bk.RestoreJob, {"RestoreJobId": jobs[0].id}).resource_arn is None
    ended = bk.wait_all(jobs)
    assert [(job.resource_arn, job.resource_type) for job in ended.completed] == [(TABLE, "DynamoDB")] * many


def test_who_may_not_list_still_waits(aws):
    """A role that may only describe jobs costs more calls, and gets its answer."""
    aws.faults.fail("ListBackupJobs", "AccessDeniedException", rate=1.0)
    jobs = [aws.back_up(arn, vault="prod") for arn in tables(aws, 10)]
    assert len(bk.wait_all(jobs).completed) == 10


def test_time_runs_out_for_all_together(aws):
    """A timeout is about the wait: the jobs go on, and can be waited for again."""
    jobs = [aws.back_up(arn, vault="prod") for arn in tables(aws, 5)]
    began = aws.clock.now()
    ended = bk.wait_all(jobs, timeout=5)
    assert [job.id for job in ended.unfinished] == [job.id for job in jobs]
    assert 5 <= (aws.clock.now() - began).total_seconds() < 6
    assert len(bk.wait_all(ended.unfinished).completed) == 5


def test_jobs_come_as_they_end(aws):
    """Work on the first restore can begin while others are under way; failures come as well."""
    aws.resources.add(DATABASE + "-big", size_bytes=500_000_000_000)
    slow = aws.back_up(DATABASE + "-big", vault="prod")
    fast = aws.back_up(TABLE, vault="prod")
    aws.faults.deny(ROLE)
    bad = aws.back_up(BUCKET, vault="prod", role=ROLE)
    order = list(bk.as_completed([slow, fast, bad]))
    assert order[-1].id == slow.id
    assert {job.state for job in order} == {"COMPLETED", "FAILED"}


def test_those_that_ended_come_before_the_time_is_up(aws):
    """The error names a job that goes on; what had ended was handed over."""
    aws.faults.block_backups(BUCKET)
    jobs = [aws.back_up(TABLE, vault="prod"), aws.back_up(BUCKET, vault="prod")]
    seen = []
    with pytest.raises(WaitTimeoutError, match=r"1 job not done after 900 seconds, and still under way") as caught:
        seen.extend(bk.as_completed(jobs, timeout=900))
    assert [job.id for job in seen] == [jobs[0].id]
    assert caught.value.job.id == jobs[1].id


class TestLivingThrough:
    @pytest.mark.parametrize("many", [1, 12])
    @pytest.mark.parametrize(
        "trouble",
        [
            lambda faults, name: faults.fail(name, "ExpiredTokenException", times=4),
            lambda faults, name: faults.throttle(name, times=40),
            lambda faults, name: faults.drop(name, times=15),
            lambda faults, name: faults.cut(name, times=15),
        ],
        ids=["expired", "throttled", "dropped", "cut"],
    )
    def test_a_wait_goes_on_when_the_trouble_is_over(self, aws, trouble, many):
        """Throttling, lost connections and expired credentials beyond all retries end a look, and not the wait."""
        jobs = [aws.back_up(arn, vault="prod") for arn in tables(aws, many)]
        trouble(aws.faults, "DescribeBackupJob")
        trouble(aws.faults, "ListBackupJobs")
        if many == 1:
            assert jobs[0].wait().state == "COMPLETED"
        else:
            assert len(bk.wait_all(jobs).completed) == many

    def test_a_wait_without_any_answer_ends_after_an_hour(self, aws, caplog):
        """Credentials that nobody renews do not keep a program forever; the log says early what it waits for."""
        jobs = [aws.back_up(TABLE, vault="prod"), aws.back_up(BUCKET, vault="prod")]
        began = aws.clock.now()
        aws.faults.fail("*", "ExpiredTokenException", rate=1.0)
        ended = bk.wait_all(jobs)
        assert [job.id for job in ended.unfinished] == [job.id for job in jobs]
        assert {type(error) for error in ended.errors.values()} == {CredentialsError}
        assert 3600 <= (aws.clock.now() - began).total_seconds() < 3700
        [warned] = caplog.messages
        assert warned.startswith("waiting for 2 backup jobs goes on without an answer: ")
        with pytest.raises(CredentialsError):
            jobs[0].wait()

    def test_a_timeout_counts_while_nothing_answers(self, aws):
        """Trouble does not make a wait longer than it was to be."""
        job = aws.back_up(TABLE, vault="prod")
        aws.faults.throttle("*", rate=1.0)
        quick = Connection(Retrying(aws.service, RetryPolicy(attempts=1)))
        held = bk.BackupJob(backup_job_id=job.id, _aws=Caller(quick.transport))
        assert bk.wait_all([held], timeout=60).errors == {}
        with pytest.raises(WaitTimeoutError):
            held.wait(timeout=60)

    def test_a_service_that_refuses_everything_is_asked_once_a_look(self, aws):
        """Asking for each of a hundred jobs while AWS throttles would keep it throttling."""
        started = [aws.back_up(arn, vault="prod") for arn in tables(aws, 12)]
        recording = Recording(aws.service)
        once = Caller(Retrying(recording, RetryPolicy(attempts=1)))
        jobs = [once.attached(structs.replace(job)) for job in started]
        aws.faults.throttle("*", rate=1.0)
        assert len(bk.wait_all(jobs, timeout=60, polling=bk.Polling(first=10, growth=1)).unfinished) == 12
        assert len(recording.calls) == 7

    def test_a_job_that_is_not_there_does_not_keep_the_others(self, aws):
        """AWS forgets jobs after 30 days: such a one is unfinished, with the reason."""
        gone = bk.BackupJob(backup_job_id="gone", _aws=aws.backup_job(aws.back_up(TABLE, vault="prod").id)._aws)
        job = aws.back_up(BUCKET, vault="prod")
        ended = bk.wait_all([gone, job])
        assert ([each.id for each in ended.completed], ended.unfinished) == ([job.id], (gone,))
        assert type(ended.errors["gone"]) is NotFoundError
        with pytest.raises(NotFoundError):
            gone.wait()
        with pytest.raises(NotFoundError):
            list(bk.as_completed([gone]))

    def test_a_job_that_shows_up_late_is_waited_for(self, aws):
        """AWS may show a new job a moment after it was started; that is no reason to give it up."""
        job = aws.back_up(TABLE, vault="prod")
        aws.faults.fail("DescribeBackupJob", "ResourceNotFoundException", times=3)
        assert job.wait().state == "COMPLETED"

    def test_who_may_not_look_is_told_at_once(self, aws):
        """Waiting does not give anybody rights."""
        job = aws.back_up(TABLE, vault="prod")
        aws.faults.fail("DescribeBackupJob", "AccessDeniedException", rate=1.0)
        began = aws.clock.now()
        assert type(bk.wait_all([job]).errors[job.id]) is AccessDeniedError
        assert aws.clock.now() == began


class TestStopping:
    def test_a_backup_job_is_stopped(self, aws):
        """The handle that comes back is the job as AWS shows it then; waiting says how it ended."""
        stopped = aws.back_up(TABLE, vault="prod").stop()
        assert stopped.state == "ABORTING"
        with pytest.raises(JobFailedError) as caught:
            stopped.wait()
        assert (caught.value.job.state, caught.value.job.reason) == ("ABORTED", "stopped")

    def test_aws_says_which_types_cannot_be_stopped(self, aws):
        """A backup of RDS cannot be stopped: the answer is AWS's, and nothing is pretended."""
        with pytest.raises(bk.errors.RejectedError, match="not supported"):
            aws.back_up(DATABASE, vault="prod").stop()

    @pytest.mark.parametrize("kind", ["copy", "restore", "report", "scan"])
    def test_other_jobs_cannot_be_stopped_and_say_so(self, kind):
        """AWS has no call for it: the refusal says so before anything is sent."""
        with pytest.raises(InvalidValueError, match=f"cannot stop a {kind} job, only backup jobs"):
            described(KINDS[kind], "RUNNING").stop()


class TestTakingUp:
    def test_a_wait_is_taken_up_by_id(self, aws):
        """A process that died leaves ids behind: another one looks the jobs up by them and waits on."""
        backup = aws.back_up(TABLE, vault="prod")
        point = aws.backup_job(backup.id).wait().recovery_point
        copy = point.copy_to("arn:aws:backup:us-east-1:123456789012:backup-vault:copies")
        restore = point.restore(bk.restore.DynamoDBTable("orders-2"))
        scan = aws.back_up(BUCKET, vault="prod").wait().recovery_point.scan(scanner_role=ROLE)
        held = [aws.copy_job(copy.id), aws.restore_job(restore.id), aws.scan_job(scan.id)]
        assert {job.kind for job in bk.wait_all(held).completed} == {"copy", "restore", "scan"}

    @pytest.mark.parametrize("kind", KINDS)
    def test_an_id_that_is_not_there_is_not_found(self, aws, kind):
        """Each kind looks its jobs up, and says where there is none."""
        with pytest.raises(NotFoundError):
            getattr(aws, f"{kind}_job")("12345678-1234-1234-1234-123456789012")
        for wrong in ("", None, 5):
            with pytest.raises(InvalidValueError, match=f"{kind}_job: .* is not the id of a job"):
                getattr(aws, f"{kind}_job")(wrong)

    def test_a_handle_without_a_connection_cannot_wait(self, aws):
        """A job that was pickled is a record: it says how to get its handle again."""
        job = pickle.loads(pickle.dumps(aws.back_up(TABLE, vault="prod")))
        with pytest.raises(ConfigurationError, match="get it again"):
            bk.wait_all([job])


def test_a_scan_says_what_it_found(aws):
    """A scan that finds malware has COMPLETED all the same; the finding is a word of its own."""
    aws.resources.infect(BUCKET)
    point = aws.back_up(BUCKET, vault="prod").wait().recovery_point
    scan = point.scan(scanner_role=ROLE, token="once")
    assert scan.found_threats is None
    assert point.scan(scanner_role=ROLE, token="once").id == scan.id
    assert scan.wait().found_threats is True
    assert [job.id for job in aws.scan_jobs(resource=BUCKET, result="THREATS_FOUND")] == [scan.id]


def test_a_report_is_run_and_waited_for(aws):
    """An auditor's report on demand: started by the name of its plan, and its files named when it is done."""
    aws.call(
        "CreateReportPlan",
        ReportPlanName="daily",
        ReportDeliveryChannel={"S3BucketName": "reports"},
        ReportSetting={"ReportTemplate": "BACKUP_JOB_REPORT"},
    )
    aws.clock.advance(minutes=5)
    job = aws.run_report("daily").wait()
    assert job.report_destination.s3_keys
    assert (job.kind, job.state, job.recovery_point_arn, job.issues) == ("report", "COMPLETED", None, None)
    assert [each.id for each in aws.report_jobs(resource=job.resource_arn)] == [job.id]
    assert [each.id for each in aws.report_jobs(plan="daily", state="COMPLETED")] == [job.id]
    assert bk.wait_all([aws.run_report("daily")]).completed[0].id != job.id
    with pytest.raises(NotFoundError):
        aws.run_report("nightly")


@pytest.mark.parametrize("wrong", [5, "job", None, bk.BackupJob(), {"id": "1"}])
def test_what_is_not_a_job_is_refused(wrong):
    """A list of ids, or of points, is told from a list of jobs before anything is waited for."""
    with pytest.raises(InvalidValueError, match=r"jobs: .* (is not a job|without an id)"):
        bk.wait_all([wrong])
    with pytest.raises(InvalidValueError, match="jobs: "):
        bk.as_completed([wrong])


def test_one_job_is_not_a_list(aws):
    """The slip of a tired hand is told with the way out, before anything is waited for."""
    for wrong in (aws.back_up(TABLE, vault="prod"), None, 5):
        with pytest.raises(InvalidValueError, match=r"jobs: .* is not a list of jobs; give a list: \[job\]"):
            bk.wait_all(wrong)


@pytest.mark.parametrize("wrong", [-1, True, "5", float("nan")])
def test_a_timeout_is_a_number_of_seconds(aws, wrong):
    """A wrong timeout is refused at once by every wait."""
    job = aws.back_up(TABLE, vault="prod")
    for wait in (lambda: bk.wait_all([job], timeout=wrong), lambda: bk.as_completed([job], timeout=wrong),
                 lambda: job.wait(timeout=wrong)):  # fmt: skip
        with pytest.raises(InvalidValueError, match="is not a number of seconds"):
            wait()
