"""A connection: looking things up, finding points and jobs, starting backups."""

from __future__ import annotations

import contextlib
import copy
import inspect
import pickle
from datetime import UTC, datetime, timedelta

import boto3
import botocore.loaders
import pytest
from botocore.model import ServiceModel

import backupkit as bk
from backupkit.connection import Connection
from backupkit.errors import (
    AmbiguousNameError,
    BackupKitError,
    ConfigurationError,
    InvalidValueError,
    JobFailedError,
    NotFoundError,
    PreflightError,
    WaitTimeoutError,
)
from backupkit.transport.recording import Recording

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
BUCKET = "arn:aws:s3:::invoices"
ROLE = "arn:aws:iam::123456789012:role/service-role/AWSBackupDefaultServiceRole"


@pytest.fixture(scope="module")
def model() -> ServiceModel:
    return ServiceModel(botocore.loaders.Loader().load_service_model("backup", "service-2"))


@pytest.fixture
def aws():
    with bk.local() as connection:
        connection.resources.add(TABLE, size_bytes=5_000_000, tags={"Backup": "daily"})
        connection.resources.add(BUCKET, size_bytes=7_000_000)
        connection.call("CreateBackupVault", BackupVaultName="prod")
        connection.call("CreateBackupVault", BackupVaultName="other")
        yield connection


@pytest.mark.parametrize(
    ("operation", "method", "words"),
    [
        (
            "ListBackupJobs",
            Connection.backup_jobs,
            {"ByCompleteBefore": "completed_before", "ByCompleteAfter": "completed_after"},
        ),
        (
            "ListCopyJobs",
            Connection.copy_jobs,
            {
                "ByCompleteBefore": "completed_before",
                "ByCompleteAfter": "completed_after",
                "BySourceRecoveryPointArn": "source_point",
            },
        ),
        (
            "ListRestoreJobs",
            Connection.restore_jobs,
            {"ByCompleteBefore": "completed_before", "ByCompleteAfter": "completed_after", "ByStatus": "state"},
        ),
        (
            "ListReportJobs",
            Connection.report_jobs,
            {
                "ByReportPlanName": "plan",
                "ByCreationBefore": "created_before",
                "ByCreationAfter": "created_after",
                "ByStatus": "state",
            },
        ),
        (
            "ListScanJobs",
            Connection.scan_jobs,
            {
                "ByCompleteBefore": "completed_before",
                "ByCompleteAfter": "completed_after",
                "ByMalwareScanner": "scanner",
                "ByRecoveryPointArn": "recovery_point",
                "ByScanResultStatus": "result",
            },
        ),
        (
            "ListRecoveryPointsByBackupVault",
            Connection.recovery_points,
            {
                "BackupVaultName": "vault",
                "BackupVaultAccountId": "vault_account_id",
                "ByBackupPlanId": "plan_id",
            },
        ),
    ],
)
def test_every_filter_of_the_api_can_be_asked_for(model, operation, method, words):
    """botocore's model lists the filters; each has a keyword, so nobody needs to fall back to raw calls."""
    members = set(model.operation_model(operation).input_shape.members) - {"NextToken", "MaxResults"}
    keywords = set(inspect.signature(method).parameters)
    snake = {m: words.get(m) or _snake(m.removeprefix("By")) for m in members}
    short = {"resource_arn": "resource", "backup_vault_name": "vault", "parent_job_id": "parent"}
    short |= {"parent_recovery_point_arn": "parent"}
    assert {short.get(name, name) for name in snake.values()} <= keywords


@pytest.mark.parametrize(
    ("method", "operation", "given", "sent"),
    [
        (
            "backup_jobs",
            "ListBackupJobs",
            {"resource": TABLE, "vault": "prod"},
            {"ByResourceArn": TABLE, "ByBackupVaultName": "prod"},
        ),
        ("copy_jobs", "ListCopyJobs", {"state": "FAILED", "parent": "p"}, {"ByState": "FAILED", "ByParentJobId": "p"}),
        ("restore_jobs", "ListRestoreJobs", {"state": "FAILED"}, {"ByStatus": "FAILED"}),
        (
            "report_jobs",
            "ListReportJobs",
            {"plan": "daily", "state": ["RUNNING"]},
            {"ByReportPlanName": "daily", "ByStatus": "RUNNING"},
        ),
        (
            "scan_jobs",
            "ListScanJobs",
            {"resource": TABLE, "result": "THREATS_FOUND"},
            {"ByResourceArn": TABLE, "ByScanResultStatus": "THREATS_FOUND"},
        ),
        (
            "restore_jobs",
            "ListRestoreJobsByProtectedResource",
            {"resource": TABLE, "state": "FAILED", "parent": "p"},
            {"ResourceArn": TABLE, "ByStatus": "FAILED"},
        ),
        (
            "recovery_points",
            "ListRecoveryPointsByBackupVault",
            {"vault": "prod", "parent": TABLE, "plan_id": "i"},
            {"BackupVaultName": "prod", "ByParentRecoveryPointArn": TABLE, "ByBackupPlanId": "i"},
        ),
    ],
)
def test_a_filter_is_sent_as_the_apis_own(aws, method, operation, given, sent):
    """A filter that is sent under a wrong name would silently list everything."""
    recording = Recording(aws.transport)
    with contextlib.suppress(NotFoundError):  # there is no such report plan
        list(getattr(Connection(recording), method)(**given))
    asked_for = dict(recording.calls[-1].params)
    asked_for.pop("MaxResults", None)
    assert (recording.calls[-1].operation, asked_for) == (operation, sent)


def test_a_filter_by_a_moment_without_a_zone_is_refused(aws):
    """05:00 somewhere would be taken as 05:00 UTC by one client and as local time by the next."""
    with pytest.raises(InvalidValueError, match=r"created_after: .* is not a moment with a time zone"):
        aws.backup_jobs(created_after=datetime(2026, 1, 1))


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


class TestLookingUp:
    def test_a_vault_is_found_by_name(self, aws):
        """The record has the API's members in snake_case."""
        vault = aws.vaults.get("prod")
        assert vault.backup_vault_arn == "arn:aws:backup:us-east-1:123456789012:backup-vault:prod"
        assert vault.number_of_recovery_points == 0
        assert "prod" in aws.vaults

    def test_a_missing_vault_is_not_found_although_aws_says_access_denied(self, aws):
        """AWS answers AccessDenied for a vault that is not there; the list decides, and the message says what there is."""
        with pytest.raises(NotFoundError, match="no vault 'prood' here; there are: other, prod"):
            aws.vaults.get("prood")

    def test_a_declared_vault_stands_for_its_name(self, aws):
        """What takes a vault takes it as it is declared; of one that is missing, the message shows only the name."""
        assert aws.vaults.get(bk.Vault("prod")).backup_vault_name == "prod"
        assert bk.Vault("prod") in aws.vaults
        with pytest.raises(NotFoundError, match="no vault 'prood' here"):
            aws.vaults.get(bk.Vault("prood", tags={"Token": "not-to-be-shown"}))

    @pytest.mark.parametrize(
        "ask",
        [
            lambda aws, wrong: aws.vaults.get(wrong),
            lambda aws, wrong: aws.plans.get(wrong),
            lambda aws, wrong: aws.backup_jobs(created_after=wrong),
            lambda aws, wrong: aws.recovery_points().latest(before=wrong),
            lambda aws, wrong: aws.back_up(wrong, vault="prod"),
            lambda aws, wrong: aws.back_up(TABLE, vault="prod", tags=wrong),
            lambda aws, wrong: aws.back_up(TABLE, vault="prod", backup_options=wrong),
            lambda aws, wrong: bk.local(retry=wrong),
            lambda aws, wrong: aws.back_up(TABLE, vault="prod").wait(timeout=wrong),
            lambda aws, wrong: aws.call(wrong),
            lambda aws, wrong: bk.Stack("s").preview(wrong),
            lambda aws, wrong: aws.load_state(wrong),
            lambda aws, wrong: bk.local(region_name=wrong),
            lambda aws, wrong: bk.local(start=wrong),
            lambda aws, wrong: bk.local(seed=wrong),
        ],
    )
    @pytest.mark.parametrize("wrong", [b"x", ["x"], bk.Plan("p", tags={"Token": "not-to-be-shown"})])
    def test_a_value_of_the_wrong_kind_is_an_error_of_ours_without_tags(self, aws, ask, wrong):
        """A plan in the place of a name is a slip that everybody makes: the error is ours, and shows no tag's value."""
        with pytest.raises(BackupKitError) as caught:
            ask(aws, wrong)
        assert "not-to-be-shown" not in str(caught.value)

    def test_a_missing_plan_is_not_found(self, aws):
        """A plan is looked up by name or id among those that are there."""
        with pytest.raises(NotFoundError, match="no plan 'nightly'"):
            aws.plans.get("nightly")

    def test_a_plan_is_found_by_name_and_by_id_with_its_rules(self, aws):
        """The list has no rules; looking one plan up brings them."""
        plan_id = aws.call("CreateBackupPlan", BackupPlan=_plan("nightly", 35))["BackupPlanId"]
        assert aws.plans.get("nightly").backup_plan_id == plan_id
        assert aws.plans.get(plan_id).backup_plan.rules[0].rule_name == "daily"

    def test_what_aws_nests_of_a_plan_and_a_selection_is_read(self, aws):
        """GetBackupPlan and GetBackupSelection tell name and role inside a document; nobody has to know."""
        setting = {"ResourceType": "EC2", "BackupOptions": {"WindowsVSS": "enabled"}}
        document = {**_plan("nightly", 35), "AdvancedBackupSettings": [setting]}
        plan_id = aws.call("CreateBackupPlan", BackupPlan=document)["BackupPlanId"]
        plan = aws.plans.get("nightly")
        assert plan.backup_plan_name == plan.backup_plan.backup_plan_name == "nightly"
        assert plan.advanced_backup_settings[0].backup_options == {"WindowsVSS": "enabled"}
        assert plan.backup_plan.rules[0].lifecycle.delete_after_days == 35
        equals = [{"ConditionKey": "aws:ResourceTag/Backup", "ConditionValue": "daily"}]
        chosen = {"SelectionName": "s", "IamRoleArn": ROLE, "Resources": ["*"], "Conditions": {"StringEquals": equals}}
        made = aws.call("CreateBackupSelection", BackupPlanId=plan_id, BackupSelection=chosen)
        selection = aws.plans.selection(plan_id, made["SelectionId"])
        assert (selection.selection_name, selection.iam_role_arn) == ("s", ROLE)
        assert selection.backup_selection.resources == ["*"]
        assert selection.backup_selection.conditions.string_equals[0].condition_value == "daily"

    def test_a_name_that_two_plans_carry_is_never_guessed(self, aws):
        """AWS lets plans share a name; the error gives the ids to choose from."""
        ids = {aws.call("CreateBackupPlan", BackupPlan=_plan("nightly", days))["BackupPlanId"] for days in (35, 36)}
        with pytest.raises(AmbiguousNameError) as caught:
            aws.plans.get("nightly")
        assert set(caught.value.candidates) == ids
        [problem] = caught.value.problems
        assert all(each in problem.hint for each in ids)

    def test_a_connection_in_a_log_says_where_it_is(self):
        """The account and Region, and nothing of how it got there."""
        local = bk.local(account_id="210987654321", region_name="eu-west-1")
        assert repr(local) == "LocalConnection('eu-west-1', account_id='210987654321')"
        assert repr(Connection(local.transport)) == "Connection('eu-west-1')"

    def test_any_operation_can_be_called_by_its_own_name(self, aws):
        """What backupkit has no words for stays within reach, with its errors and retries."""
        assert aws.call("DescribeBackupVault", BackupVaultName="prod")["BackupVaultName"] == "prod"


def _plan(name: str, days: int) -> dict[str, object]:
    rule = {"RuleName": "daily", "TargetBackupVaultName": "prod", "Lifecycle": {"DeleteAfterDays": days}}
    return {"BackupPlanName": name, "Rules": [rule]}


class TestBackingUp:
    def test_a_backup_ends_in_a_point(self, aws):
        """The way from a resource to its point takes two lines."""
        point = aws.back_up(TABLE, vault="prod", keep_days=35, tags={"Why": "before the release"}).wait().recovery_point
        whole = point.refresh()
        assert whole.status == "COMPLETED"
        assert whole.lifecycle.delete_after_days == 35
        assert whole.resource_arn == TABLE
        assert whole.backup_size_in_bytes == 5_000_000
        assert whole.tags()["Why"] == "before the release"

    def test_one_token_starts_one_job(self, aws):
        """A script that is run twice with its own token does not back up twice."""
        first, second = (aws.back_up(TABLE, vault="prod", token="release-7") for _ in range(2))
        assert first.backup_job_id == second.backup_job_id
        assert len(list(aws.backup_jobs())) == 1

    def test_the_default_role_is_the_accounts_own_also_for_a_bucket(self, aws):
        """An S3 ARN names no account, so the vault's is taken."""
        job = aws.back_up(BUCKET, vault="prod").wait()
        assert job.refresh().iam_role_arn == ROLE

    @pytest.mark.parametrize(
        ("words", "where"),
        [
            ({"vault": "no spaces"}, "back_up/vault"),
            ({"vault": "prod", "keep_days": 0}, "lifecycle/delete_after_days"),
            ({"vault": "prod", "start_window_minutes": 59}, "back_up/start_window_minutes"),
            ({"vault": "prod", "complete_window_minutes": 0}, "back_up/complete_window_minutes"),
            ({"vault": "prod", "tags": {"aws:x": "y"}}, "back_up/tags"),
            ({"vault": "prod", "keep_days": 100, "cold_after_days": 30}, "lifecycle"),
        ],
    )
    def test_impossible_backups_are_refused_before_any_call(self, aws, words, where):
        """No job is started by a call that AWS would refuse, or whose lifecycle it would refuse."""
        with pytest.raises(InvalidValueError, match=where):
            aws.back_up(TABLE, **words)
        assert list(aws.backup_jobs()) == []

    def test_a_resource_that_is_no_arn_is_refused(self, aws):
        """The message says how an ARN is written."""
        with pytest.raises(InvalidValueError, match="'orders' is not an ARN"):
            aws.back_up("orders", vault="prod")


class TestWaiting:
    def test_a_job_that_fails_raises_with_its_own_message(self, aws):
        """Nobody has to read states: a wait ends in a result or in an error that carries the job."""
        aws.call("PutBackupVaultLockConfiguration", BackupVaultName="prod", MinRetentionDays=30)
        with pytest.raises(JobFailedError, match="lifecycle is outside the valid range for backup vault") as caught:
            aws.back_up(TABLE, vault="prod", keep_days=7).wait()
        assert caught.value.job.state == "FAILED"
        assert caught.value.children == ()

    def test_the_error_can_go_to_another_process(self, aws):
        """A pickled error keeps its job; only the connection stays behind."""
        aws.call("PutBackupVaultLockConfiguration", BackupVaultName="prod", MinRetentionDays=30)
        with pytest.raises(JobFailedError) as caught:
            aws.back_up(TABLE, vault="prod", keep_days=7).wait()
        held = pickle.loads(pickle.dumps(caught.value))
        assert held.job == caught.value.job
        with pytest.raises(ConfigurationError, match="no connection"):
            held.job.refresh()

    @pytest.mark.slow
    def test_a_wait_that_runs_out_leaves_the_job_going(self, aws):
        """A timeout is about the wait; the job can be waited for again."""
        aws.resources.add(f"{TABLE}-huge", size_bytes=50_000_000_000_000)
        job = aws.back_up(f"{TABLE}-huge", vault="prod")
        with pytest.raises(WaitTimeoutError, match="not done after 5 seconds") as caught:
            job.wait(timeout=5)
        assert not caught.value.job.ended
        assert job.wait().state == "COMPLETED"


class TestFindingPoints:
    @pytest.fixture
    def three(self, aws):
        for _ in range(3):
            aws.back_up(TABLE, vault="prod", keep_days=35).wait()
            aws.clock.advance(days=1)
        return aws

    def test_the_latest_is_the_newest_whole_point(self, three):
        """The order of AWS's lists is not documented, so the dates decide."""
        points = list(three.recovery_points(resource=TABLE))
        newest = max(points, key=lambda point: point.creation_date)
        assert three.recovery_points(resource=TABLE).latest().recovery_point_arn == newest.recovery_point_arn

    def test_the_latest_before_a_moment_is_older_than_it(self, three):
        """The question at night is: what was there before it broke."""
        broke = three.clock.now() - timedelta(days=1, hours=12)
        found = three.recovery_points(resource=TABLE).latest(before=broke)
        assert found.creation_date < broke
        assert found.creation_date > broke - timedelta(days=1)

    def test_no_point_is_an_error_that_says_what_was_seen(self, three):
        """An empty answer at night must say why it is empty."""
        with pytest.raises(NotFoundError, match=r"before 2020-01-01T00:00:00.*seen: 3 too new"):
            three.recovery_points(resource=TABLE).latest(before=datetime(2020, 1, 1, tzinfo=UTC))

    def test_a_moment_without_a_zone_is_refused(self, three):
        """05:00 somewhere is not a moment."""
        with pytest.raises(InvalidValueError, match="is not a moment with a time zone"):
            three.recovery_points(resource=TABLE).latest(before=datetime(2026, 1, 1))

    def test_points_can_be_asked_for_in_one_vault_or_in_all(self, three):
        """Without a vault, every vault is gone through."""
        three.back_up(BUCKET, vault="other").wait()
        assert len(list(three.recovery_points(vault="prod"))) == 3
        assert len(list(three.recovery_points())) == 4
        assert {point.resource_type for point in three.recovery_points(resource_type="S3")} == {"S3"}

    def test_a_single_point_can_be_described(self, three):
        """With vault and ARN at hand, one call is enough."""
        arn = next(iter(three.recovery_points(vault="prod"))).recovery_point_arn
        assert three.recovery_point(arn, vault="prod").recovery_point_arn == arn


class TestFindingContinuousPoints:
    """A bucket with continuous backup for 10 days since 2026-01-01 05:00, and a snapshot of 2026-01-11 05:00."""

    @pytest.fixture
    def points(self, aws):
        rule = bk.Rule("always", "prod").continuously(keep_days=10)
        plan = bk.Plan("pitr", rule).protecting(bk.Selection("bucket", ROLE).including(BUCKET))
        bk.Stack("invoices", plan).preview(aws).apply()
        aws.clock.until(datetime(2026, 1, 11, 5, tzinfo=UTC))
        aws.back_up(BUCKET, vault="other").wait()
        aws.clock.until(datetime(2026, 1, 21, 12, tzinfo=UTC))
        return aws.recovery_points(resource=BUCKET)

    @pytest.mark.parametrize("before", [None, datetime(2026, 1, 20, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)])
    def test_a_continuous_point_is_newer_than_any_snapshot(self, points, before):
        """It began first and holds yesterday; the snapshot would lose ten days."""
        assert ":continuous:" in points.latest(before=before).recovery_point_arn

    def test_a_moment_that_it_no_longer_holds_is_left_to_a_snapshot(self, points):
        """Ten days are kept: of earlier moments only the snapshot tells."""
        assert ":continuous:" not in points.latest(before=datetime(2026, 1, 11, 6, tzinfo=UTC)).recovery_point_arn

    def test_nothing_says_that_it_does_not_reach_back(self, points):
        """Whoever asks for a moment that is out of reach is told so, and not given a point that cannot bring it back."""
        with pytest.raises(NotFoundError, match="1 continuous that does not reach back so far"):
            points.latest(before=datetime(2026, 1, 5, tzinfo=UTC))

    def test_it_brings_back_the_moment_that_was_asked_for(self, points):
        """From the question to the bucket of yesterday."""
        yesterday = datetime(2026, 1, 20, tzinfo=UTC)
        request = bk.restore.S3Bucket("invoices-restored", new_bucket=True)
        job = points.latest(as_of=yesterday).restore(request, as_of=yesterday).wait()
        assert job.created_resource_arn == "arn:aws:s3:::invoices-restored"


class TestRestoring:
    def test_a_point_comes_back_as_a_new_resource(self, aws):
        """From the point to the ARN of what was made of it."""
        point = aws.back_up(TABLE, vault="prod").wait().recovery_point
        job = point.restore(bk.restore.DynamoDBTable("orders-restored")).wait()
        assert job.created_resource_arn == f"{TABLE}-restored"

    def test_a_request_of_another_type_is_refused_before_any_call(self, aws):
        """A table's point cannot become a bucket."""
        point = aws.back_up(TABLE, vault="prod").wait().recovery_point
        with pytest.raises(InvalidValueError, match="holds a resource of type DynamoDB, not S3"):
            point.restore(bk.restore.S3Bucket("orders-restored"))
        assert list(aws.restore_jobs()) == []

    def test_what_is_no_restore_request_is_refused_before_any_call(self, aws):
        """A table's name alone does not say what to make of the point."""
        point = aws.back_up(TABLE, vault="prod").wait().recovery_point
        with pytest.raises(InvalidValueError, match="a str does not say what to restore the point to"):
            point.restore("orders-restored")
        assert list(aws.restore_jobs()) == []

    def test_a_restore_to_a_name_that_is_taken_fails_with_the_jobs_message(self, aws):
        """AWS accepts the call and fails the job; waiting says so. Looking beforehand would have told."""
        point = aws.back_up(TABLE, vault="prod").wait().recovery_point
        with pytest.raises(JobFailedError, match="FAILED"):
            point.restore(bk.restore.DynamoDBTable("orders"), preflight=False).wait()
        with pytest.raises(PreflightError, match="is there already"):
            point.restore(bk.restore.DynamoDBTable("orders"))

    def test_a_point_listed_by_resource_can_be_restored_without_naming_its_vault(self, aws):
        """AWS leaves the vault out of that list for most types; it is looked for."""
        aws.back_up(TABLE, vault="other").wait()
        job = aws.recovery_points(resource=TABLE).latest().restore(bk.restore.DynamoDBTable("orders-2")).wait()
        assert job.status == "COMPLETED"

    def test_a_point_can_be_copied(self, aws):
        """The copy is a point of its own in the other vault."""
        point = aws.back_up(TABLE, vault="prod").wait().recovery_point
        other = aws.vaults.get("other").backup_vault_arn
        copy = point.copy_to(other, keep_days=7).wait()
        found = aws.recovery_point(copy.destination_recovery_point_arn, vault="other")
        assert found.lifecycle.delete_after_days == 7


@pytest.mark.parametrize(
    "held",
    [
        lambda aws: aws,
        lambda aws: aws.vaults,
        lambda aws: aws.plans,
        lambda aws: aws.protected_resources,
        lambda aws: aws.recovery_points(vault="prod"),
        lambda aws: bk.Stack("s").preview(aws),
    ],
    ids=["connection", "vaults", "plans", "resources", "points", "changes"],
)
def test_what_holds_a_connection_is_not_pickled_and_says_why(held):
    """Another process needs a connection of its own; a copy in this one asks the same."""
    thing = held(bk.local())
    with pytest.raises(TypeError, match="holds its connection and cannot be pickled: connect again"):
        pickle.dumps(thing)
    assert copy.copy(thing) is copy.deepcopy(thing) is thing


class TestClosing:
    @pytest.mark.parametrize(
        "ask",
        [
            lambda aws, *_: aws.call("ListBackupVaults"),
            lambda aws, *_: list(aws.vaults),
            lambda aws, *_: aws.back_up(TABLE, vault="prod"),
            lambda aws, *_: bk.Stack("s").preview(aws),
            lambda aws, *_: aws.__enter__(),
            lambda _, job, *__: job.refresh(),
            lambda _, __, vaults: list(vaults),
        ],
        ids=["call", "list", "act", "preview", "with", "handle", "walk"],
    )
    def test_a_closed_connection_raises(self, aws, ask):
        """What was let go is not opened again by itself: neither by the connection nor by what came from it."""
        job, vaults = aws.back_up(TABLE, vault="prod"), iter(aws.vaults)
        aws.close()
        aws.close()
        with pytest.raises(ConfigurationError, match="this connection is closed; connect again"):
            ask(aws, job, vaults)

    def test_a_connection_is_closed_by_its_block(self, aws):
        """After the block, nothing is asked any more; another connection to the same service goes on."""
        with aws.in_region("us-east-1") as other:
            list(other.vaults)
        with pytest.raises(ConfigurationError, match="closed"):
            list(other.vaults)
        assert len(list(aws.vaults)) == 2

    def test_a_closed_connection_gives_no_other_one(self, aws):
        """A slip after the block is told, and is not a new connection that nobody closes."""
        aws.close()
        for ask in (aws.in_region, aws.as_account, aws.as_caller):
            with pytest.raises(ConfigurationError, match="this connection is closed"):
                ask("eu-west-1")

    def test_a_closed_connection_to_aws_gives_no_client(self):
        """boto3's client would open new sockets without a word."""
        session = boto3.Session(aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="not-a-secret")
        with bk.connect(session, region_name="us-east-1", endpoint_url="http://127.0.0.1:9") as aws:
            assert aws.client.meta.region_name == "us-east-1"
        for ask in (lambda: aws.client, lambda: aws.in_region("eu-west-1"), lambda: list(aws.vaults)):
            with pytest.raises(ConfigurationError, match="this connection is closed"):
                ask()
