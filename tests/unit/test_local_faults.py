"""Faults by choice in the local AWS Backup: which calls they strike, what is left after them, and what ends them."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from local_stage import ACCOUNT, REGION, ROLE, START, Stage, table_arn

import backupkit as bk
from backupkit import errors
from backupkit.emulator.kernel.api_errors import CODES
from backupkit.transport.retry import RetryPolicy

VOLUME = f"arn:aws:ec2:{REGION}:{ACCOUNT}:volume/vol-0f1e2d3c4b5a69788"
THERE = VOLUME.replace(REGION, "eu-west-1")
RULE = {"RuleName": "daily", "TargetBackupVaultName": "prod", "ScheduleExpression": "cron(0 5 ? * * *)"}


# As often as it takes, for two minutes.
PATIENT = RetryPolicy(attempts=1000)


@pytest.fixture
def stage():
    return Stage()


@pytest.fixture
def faults(stage):
    return stage.service.faults


def outcomes(stage: Stage, calls: int, operation: str = "ListBackupVaults") -> str:
    """A letter for each call: ``.`` answered, ``x`` not."""
    found = ""
    for _ in range(calls):
        try:
            stage.call(operation)
            found += "."
        except errors.BackupKitError:
            found += "x"
    return found


def names(stage: Stage) -> list[str]:
    return [vault["BackupVaultName"] for vault in stage.every("ListBackupVaults", "BackupVaultList")]


def planned(stage: Stage, name: str = "p") -> str:
    document = {"BackupPlanName": name, "Rules": [RULE]}
    plan: str = stage.call("CreateBackupPlan", BackupPlan=document)["BackupPlanId"]
    return plan


def select(stage: Stage, plan: str, role: str = ROLE) -> str:
    selection = {"SelectionName": "s", "IamRoleArn": role, "Resources": ["*"]}
    made: str = stage.call("CreateBackupSelection", BackupPlanId=plan, BackupSelection=selection)["SelectionId"]
    return made


class TestRates:
    def test_a_full_bucket_is_emptied_and_fills_with_time(self, stage, faults):
        """As many at once as the bucket holds, then one for each token that has come since."""
        fault = faults.limit("ListBackupVaults", per_second=2, burst=3)
        assert outcomes(stage, 5) == "...xx"
        stage.service.clock.advance(seconds=0.5)
        assert outcomes(stage, 2) == ".x"
        stage.service.clock.advance(days=1)
        assert outcomes(stage, 4) == "...x"
        assert (fault.counted, fault.fired) == (11, 4)

    def test_a_call_that_is_refused_takes_no_token(self, stage, faults):
        """Who knocks all the time is let in as often as who waits."""
        faults.limit("ListBackupVaults", per_second=1, burst=1)
        told = ""
        for _ in range(9):
            told += outcomes(stage, 1)
            stage.service.clock.advance(seconds=0.25)
        assert told == ".xxx.xxx."

    def test_each_operation_account_and_region_has_its_own_bucket(self, stage, faults):
        """A burst here takes nothing there."""
        faults.limit(per_second=1, burst=1)
        assert outcomes(stage, 2) + outcomes(stage, 2, "ListBackupPlans") == ".x.x"
        for other in (stage.service.in_region("eu-west-1"), stage.service.as_account("210987654321")):
            other.call("ListBackupVaults", {})
        assert outcomes(stage, 1) == "x"

    def test_it_can_be_meant_for_one_place(self, stage, faults):
        """Other Regions are not limited."""
        faults.limit("ListBackupVaults", per_second=1, burst=1, region_name="eu-west-1")
        assert outcomes(stage, 5) == "....."

    def test_what_is_over_the_rate_is_throttled_as_by_aws(self, stage, faults):
        """ThrottlingException, Rate exceeded, status 400, and calling again may work."""
        faults.limit("ListBackupVaults", per_second=1)
        outcomes(stage, 1)
        with pytest.raises(errors.UnavailableError) as caught:
            stage.service.call("ListBackupVaults", {})
        error = caught.value
        assert (error.code, error.message, error.status) == ("ThrottlingException", "Rate exceeded", 400)
        assert error.retryable

    def test_a_snapshot_keeps_what_is_in_the_buckets(self, stage, faults):
        """A bucket that was empty is empty again, and fills from there."""
        faults.limit("ListBackupVaults", per_second=1, burst=2)
        outcomes(stage, 3)
        kept = stage.service.save_state()
        stage.service.clock.advance(seconds=10)
        stage.service.load_state(kept)
        assert outcomes(stage, 1) == "x"
        stage.service.clock.advance(seconds=1)
        assert outcomes(stage, 2) == ".x"

    @pytest.mark.parametrize(
        ("words", "where"),
        [
            ({"per_second": 0}, "faults/per_second"),
            ({"per_second": -1}, "faults/per_second"),
            ({"per_second": float("inf")}, "faults/per_second"),
            ({"per_second": True}, "faults/per_second"),
            ({"per_second": 1, "burst": 0.5}, "faults/burst"),
            ({"per_second": 1, "burst": "2"}, "faults/burst"),
            ({"per_second": 1, "account_id": "me"}, "faults/account_id"),
        ],
    )
    def test_an_impossible_rate_is_refused_with_its_address(self, faults, words, where):
        """A bucket without tokens would admit nothing forever."""
        with pytest.raises(errors.InvalidValueError, match=where):
            faults.limit("ListBackupVaults", **words)


class TestWhichCalls:
    def test_the_next_call_alone_is_struck(self, stage, faults):
        """Without a word about which, it is one call, and then all is well."""
        fault = faults.throttle("ListBackupVaults")
        assert outcomes(stage, 3) == "x.."
        assert (fault.counted, fault.fired) == (1, 1)

    def test_calls_can_be_counted_out(self, stage, faults):
        """From the second one, three in a row."""
        faults.throttle("ListBackupVaults", at=2, times=3)
        assert outcomes(stage, 6) == ".xxx.."

    def test_calls_of_other_operations_do_not_count(self, stage, faults):
        """Unless the fault is for all of them."""
        faults.throttle("ListBackupVaults", at=2)
        assert outcomes(stage, 3, "ListBackupPlans") == "..."
        assert outcomes(stage, 2) == ".x"
        faults.throttle(at=2)
        assert outcomes(stage, 1, "ListBackupPlans") + outcomes(stage, 1) == ".x"

    def test_a_rate_hits_the_same_calls_for_the_same_seed(self):
        """About as many as it says; another seed hits others."""

        def hit(seed):
            stage = Stage()
            stage.service.faults.drop(rate=0.3, seed=seed)
            return outcomes(stage, 200)

        assert hit(1) == hit(1) != hit(2)
        assert 30 < hit(1).count("x") < 90

    def test_a_rate_can_be_for_some_calls_only(self, stage, faults):
        """Those that are meant, of which the rate hits all when it is 1."""
        faults.fail("ListBackupVaults", at=3, times=2, rate=1.0)
        assert outcomes(stage, 6) == "..xx.."

    def test_one_account_or_region_can_be_struck_alone(self, stage, faults):
        """Calls elsewhere neither fail nor count."""
        there = Stage()
        there.service = stage.service.in_region("eu-west-1")
        faults.fail(times=2, region_name="eu-west-1")
        assert (outcomes(stage, 2), outcomes(there, 3)) == ("..", "xx.")
        faults.fail(account_id="210987654321")
        assert outcomes(stage, 2) == ".."

    def test_several_faults_count_each_for_itself(self, stage, faults):
        """The one that was set first decides; the other has seen the call all the same."""
        faults.fail("ListBackupVaults", "ServiceUnavailableException", at=1)
        second = faults.throttle("ListBackupVaults", at=1, times=2)
        with pytest.raises(errors.UnavailableError, match="ServiceUnavailableException"):
            stage.call("ListBackupVaults")
        with pytest.raises(errors.UnavailableError, match="ThrottlingException"):
            stage.call("ListBackupVaults")
        assert second.fired == 2

    def test_what_botocore_would_not_send_does_not_count(self, stage, faults):
        """It never reaches the service."""
        faults.throttle("DescribeBackupVault")
        with pytest.raises(errors.InvalidValueError):
            stage.call("DescribeBackupVault")
        assert next(iter(faults)).counted == 0

    @pytest.mark.parametrize(
        ("verb", "args", "words"),
        [
            ("throttle", ["ListVaults"], {}),
            ("throttle", ["ListBackupVaults"], {"at": 0}),
            ("throttle", ["ListBackupVaults"], {"times": 0}),
            ("throttle", ["ListBackupVaults"], {"rate": 0}),
            ("throttle", ["ListBackupVaults"], {"rate": 1.5}),
            ("fail", ["ListBackupVaults", "NoSuchException"], {}),
            ("delay", ["ListBackupVaults"], {"seconds": -1}),
            ("delay", ["ListBackupVaults"], {"seconds": float("nan")}),
            ("drop", [], {"account_id": "me"}),
            ("drop", [], {"region_name": "here"}),
            ("outage", ["Floppy"], {}),
            ("outage", ["EBS"], {"jobs": ("tape",)}),
            ("outage", ["EBS"], {"ends": START - timedelta(days=1)}),
            ("outage", ["EBS"], {"ends": datetime(2030, 1, 1)}),
            ("lag", [5, "clouds"], {}),
            ("deny", [ROLE], {"seconds": 5, "until": START}),
            ("deny", [ROLE], {"until": datetime(2030, 1, 1)}),
        ],
    )
    def test_what_makes_no_sense_is_refused_and_sets_nothing(self, stage, faults, verb, args, words):
        """Unknown operations, errors and types, and numbers out of their range."""
        with pytest.raises(errors.InvalidValueError):
            getattr(faults, verb)(*args, **words)
        assert list(faults) == []
        assert stage.service.simulation.faults is None
        assert not stage.service.simulation.account(ACCOUNT).denied_roles

    def test_a_misspelt_word_is_an_error(self, stage, faults):
        """It is never passed over: a fault that never strikes would prove nothing."""
        with pytest.raises(TypeError, match="tiems"):
            faults.throttle("ListBackupVaults", tiems=3)
        assert stage.service.simulation.faults is None


class TestWhatTheyDo:
    def test_throttling_is_aws_own(self, stage, faults):
        """Its code, its status, and that calling again may work."""
        faults.throttle("ListBackupVaults")
        with pytest.raises(errors.UnavailableError) as caught:
            stage.call("ListBackupVaults")
        assert (caught.value.code, caught.value.status, caught.value.retryable) == ("ThrottlingException", 400, True)

    @pytest.mark.parametrize("code", sorted(CODES))
    def test_every_documented_error_can_be_given(self, stage, faults, code):
        """With its own status, and the sentence that is asked for."""
        faults.fail("CreateBackupVault", code, "because")
        with pytest.raises((errors.ServiceError, errors.CredentialsError), match="because") as caught:
            stage.call("CreateBackupVault", BackupVaultName="second")
        if isinstance(caught.value, errors.ServiceError):
            assert (caught.value.code, caught.value.status) == (code, CODES[code].status)
        assert names(stage) == ["prod"]

    def test_a_delay_moves_the_clock_and_what_is_due_happens(self, stage, faults):
        """The answer is of the time after it; with ``after`` it is of the time before."""
        faults.delay("DescribeBackupJob", seconds=3600)
        stage.world.add(VOLUME)
        job = stage.start(VOLUME)
        assert stage.job(job)["State"] == "COMPLETED"
        assert stage.clock.now() == START + timedelta(hours=1)
        faults.delay("DescribeBackupJob", seconds=3600, after=True)
        job = stage.start(VOLUME)
        assert stage.job(job)["State"] == "CREATED"
        assert stage.clock.now() == START + timedelta(hours=2)

    def test_a_dropped_call_did_nothing_or_all(self, stage, faults):
        """Before the work nothing is left of it, after the work everything is."""
        faults.drop("CreateBackupVault")
        faults.drop("CreateBackupVault", at=2, after=True)
        for name in ("lost", "made"):
            with pytest.raises(errors.UnreachableError, match="by choice"):
                stage.call("CreateBackupVault", BackupVaultName=name)
        assert names(stage) == ["made", "prod"]

    def test_an_error_can_come_after_the_work(self, stage, faults):
        """As when the service fails on its way back."""
        faults.fail("CreateBackupVault", "InternalFailure", after=True)
        with pytest.raises(errors.UnavailableError):
            stage.call("CreateBackupVault", BackupVaultName="made")
        assert "made" in names(stage)

    def test_half_an_answer_is_no_answer(self, stage, faults):
        """The work is done, and in the process nothing of the answer is seen."""
        faults.cut("CreateBackupVault")
        with pytest.raises(errors.UnreachableError, match="middle"):
            stage.call("CreateBackupVault", BackupVaultName="made")
        assert "made" in names(stage)

    def test_a_refusal_can_be_lost_as_well(self, stage, faults):
        """Nobody sees that the vault was there already."""
        faults.drop("CreateBackupVault", after=True)
        faults.cut("CreateBackupVault", at=2)
        for _ in range(2):
            with pytest.raises(errors.UnreachableError):
                stage.call("CreateBackupVault", BackupVaultName="prod")

    def test_a_fault_before_the_work_shifts_no_id(self):
        """The story with faults has the ids and moments of the story without them."""

        def story(*, faulty):
            stage = Stage()
            if faulty:
                stage.service.faults.throttle(rate=0.5, seed=7)
                stage.service.faults.drop(rate=0.2, seed=8)
            stage.world.add(VOLUME)
            found = []
            for _ in range(20):
                while True:
                    try:
                        found.append(stage.start(VOLUME))
                        break
                    except errors.BackupKitError:
                        continue
            stage.clock.advance(days=1)
            stage.service.faults.clear()
            return found, stage.points()

        assert story(faulty=True) == story(faulty=False)


class TestRetryLayer:
    """Through ``bk.local()``, whose calls go through backupkit's own retries."""

    def test_throttled_calls_are_repeated_until_they_are_answered(self):
        """Nobody notices but the clock."""
        aws = bk.local()
        fault = aws.service.faults.throttle("ListBackupVaults", times=5)
        assert list(aws.vaults) == []
        assert fault.fired == 5
        assert aws.clock.now() > START

    def test_a_job_whose_answer_is_lost_is_started_once(self):
        """The repeated call has the token of the first, so that there is one job."""
        aws = bk.local()
        aws.resources.add(VOLUME)
        aws.call("CreateBackupVault", BackupVaultName="prod")
        aws.service.faults.drop("StartBackupJob", times=2, after=True)
        aws.back_up(VOLUME, vault="prod", keep_days=35).wait()
        jobs = json.loads(aws.service.call("ListBackupJobs", {}))["BackupJobs"]
        assert [job["State"] for job in jobs] == ["COMPLETED"]

    def test_half_answers_are_asked_for_again(self):
        """They are never read as data."""
        aws = bk.local()
        aws.call("CreateBackupVault", BackupVaultName="prod")
        aws.service.faults.cut("ListBackupVaults", times=2)
        assert [vault.backup_vault_name for vault in aws.vaults] == ["prod"]

    def test_what_never_answers_raises_in_the_end(self):
        """After some attempts the caller hears of it."""
        aws = bk.local()
        aws.service.faults.drop("ListBackupVaults", rate=1.0)
        with pytest.raises(errors.UnreachableError):
            list(aws.vaults)


class TestRoles:
    def test_a_new_role_cannot_be_taken_on_for_a_while(self, stage, faults):
        """Selections with it are refused in AWS's own sentence, jobs fail, and then both work."""
        faults.deny(ROLE, seconds=90)
        plan = planned(stage)
        with pytest.raises(errors.RejectedError, match=f"IAM Role {ROLE} cannot be assumed by AWS Backup") as caught:
            select(stage, plan)
        assert caught.value.retryable
        stage.world.add(VOLUME)
        assert stage.back_up(VOLUME)["StatusMessage"] == f"IAM Role {ROLE} cannot be assumed by AWS Backup"
        stage.clock.advance(seconds=90)
        select(stage, plan)
        assert stage.back_up(VOLUME)["State"] == "COMPLETED"

    def test_the_retry_layer_waits_for_the_role(self):
        """As other clients of AWS Backup do, where its policy lets it."""
        aws = bk.local(retry=PATIENT)
        aws.service.faults.deny(ROLE, until=START + timedelta(seconds=40))
        plan = aws.call("CreateBackupPlan", BackupPlan={"BackupPlanName": "p", "Rules": [RULE]})["BackupPlanId"]
        chosen = {"SelectionName": "s", "IamRoleArn": ROLE, "Resources": ["*"]}
        aws.call("CreateBackupSelection", BackupPlanId=plan, BackupSelection=chosen)
        assert aws.clock.now() >= START + timedelta(seconds=40)

    def test_a_later_word_about_a_role_counts(self, stage, faults):
        """A role that is denied forever is not admitted by an earlier time, nor by one that was replaced."""
        faults.deny(ROLE, seconds=60)
        faults.deny(ROLE, seconds=600)
        stage.clock.advance(seconds=100)
        assert ROLE in stage.service.simulation.account(ACCOUNT).denied_roles
        stage.service.faults.deny(ROLE)
        stage.clock.advance(days=1)
        assert ROLE in stage.service.simulation.account(ACCOUNT).denied_roles
        stage.service.faults.admit(ROLE)
        assert ROLE not in stage.service.simulation.account(ACCOUNT).denied_roles


class TestOutages:
    def test_jobs_of_the_type_fail_while_it_lasts(self, stage, faults):
        """Others are done; what they say is the caller's to choose; afterwards all is well."""
        stage.world.add(VOLUME)
        stage.world.add(table_arn("orders"))
        faults.outage("EBS", ends=START + timedelta(days=1), message="EBS is down")
        failed = stage.back_up(VOLUME)
        assert (failed["State"], failed["StatusMessage"]) == ("FAILED", "EBS is down")
        assert stage.back_up(table_arn("orders"))["State"] == "COMPLETED"
        stage.clock.until(START + timedelta(days=1))
        assert stage.back_up(VOLUME)["State"] == "COMPLETED"
        assert list(faults) == []

    def test_it_can_begin_later(self, stage, faults):
        """Until then nothing is wrong."""
        stage.world.add(VOLUME)
        faults.outage("EBS", starts=START + timedelta(days=1))
        assert stage.back_up(VOLUME)["State"] == "COMPLETED"
        stage.clock.advance(days=1)
        assert stage.back_up(VOLUME)["State"] == "FAILED"

    def test_jobs_can_wait_for_the_end(self, stage, faults):
        """Backups as long as their start windows, copies and restores as long as it takes."""
        stage.world.add(VOLUME)
        point = stage.back_up(VOLUME)["RecoveryPointArn"]
        stage.call("CreateBackupVault", BackupVaultName="other")
        now = stage.clock.now()
        faults.outage("EBS", waits=True, ends=now + timedelta(hours=10))
        short, long = stage.start(VOLUME, StartWindowMinutes=60), stage.start(VOLUME, StartWindowMinutes=1200)
        copy = stage.call(
            "StartCopyJob",
            RecoveryPointArn=point,
            SourceBackupVaultName="prod",
            DestinationBackupVaultArn=f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:other",
            IamRoleArn=ROLE,
        )["CopyJobId"]
        restore = stage.call(
            "StartRestoreJob",
            RecoveryPointArn=point,
            Metadata={"availabilityZone": "us-east-1a", "volumeType": "gp3"},
            IamRoleArn=ROLE,
        )

        def states():
            return [
                stage.job(short)["State"],
                stage.job(long)["State"],
                stage.call("DescribeCopyJob", CopyJobId=copy)["CopyJob"]["State"],
                stage.call("DescribeRestoreJob", **restore)["Status"],
            ]

        stage.clock.advance(hours=9)
        assert states() == ["EXPIRED", "CREATED", "CREATED", "PENDING"]
        stage.clock.advance(hours=4)
        assert states() == ["EXPIRED", "COMPLETED", "COMPLETED", "COMPLETED"]

    def test_copies_or_restores_alone_can_be_struck(self, stage, faults):
        """Backups go on; the copy and the restore say why they fail."""
        stage.world.add(VOLUME)
        faults.outage("EBS", jobs=("restore",), message="no restores today")
        point = stage.back_up(VOLUME)["RecoveryPointArn"]
        failed = stage.restore(point, {"availabilityZone": "us-east-1a"})
        assert (failed["Status"], failed["StatusMessage"]) == ("FAILED", "no restores today")

    def test_it_ends_when_it_is_cleared(self, stage, faults):
        """Also one that has no end of its own."""
        stage.world.add(VOLUME)
        outage = faults.outage("EBS")
        assert stage.back_up(VOLUME)["State"] == "FAILED"
        faults.clear(outage)
        assert stage.back_up(VOLUME)["State"] == "COMPLETED"


class TestLag:
    def test_what_was_just_made_is_not_seen_yet(self, stage, faults):
        """Vaults, plans and jobs appear in lists and descriptions some seconds later."""
        faults.lag(10)
        stage.call("CreateBackupVault", BackupVaultName="new")
        plan = planned(stage)
        stage.world.add(VOLUME)
        job = stage.start(VOLUME)
        assert (names(stage), stage.jobs()) == ([], [])
        with pytest.raises(errors.AccessDeniedError):
            stage.call("DescribeBackupVault", BackupVaultName="new")
        with pytest.raises(errors.NotFoundError):
            stage.call("GetBackupPlan", BackupPlanId=plan)
        stage.clock.advance(seconds=10)
        assert names(stage) == ["new", "prod"]
        assert stage.call("GetBackupPlan", BackupPlanId=plan)["BackupPlanId"] == plan
        assert [each["BackupJobId"] for each in stage.jobs()] == [job]

    def test_what_was_just_deleted_still_shows(self, stage, faults):
        """A vault and a plan, until the time is over."""
        plan = planned(stage)
        stage.clock.advance(minutes=1)
        faults.lag(10)
        stage.call("DeleteBackupVault", BackupVaultName="prod")
        stage.call("DeleteBackupPlan", BackupPlanId=plan)
        assert names(stage) == ["prod"]
        assert [each["BackupPlanId"] for each in stage.call("ListBackupPlans")["BackupPlansList"]] == [plan]
        stage.clock.advance(seconds=10)
        assert names(stage) == []
        assert stage.call("ListBackupPlans")["BackupPlansList"] == []

    def test_a_plan_is_read_in_its_former_version(self, stage, faults):
        """An update shows later, whole."""
        plan = planned(stage)
        stage.clock.advance(minutes=1)
        faults.lag(10, "plans")
        stage.call("UpdateBackupPlan", BackupPlanId=plan, BackupPlan={"BackupPlanName": "q", "Rules": [RULE]})
        assert stage.call("GetBackupPlan", BackupPlanId=plan)["BackupPlan"]["BackupPlanName"] == "p"
        stage.clock.advance(seconds=10)
        assert stage.call("GetBackupPlan", BackupPlanId=plan)["BackupPlan"]["BackupPlanName"] == "q"

    def test_a_selection_of_a_new_plan_is_refused_at_first(self, stage, faults):
        """In AWS's own sentence, which the retry layer knows."""
        faults.lag(10)
        plan = planned(stage)
        with pytest.raises(errors.RejectedError, match="Cannot find Backup plan") as caught:
            select(stage, plan)
        assert caught.value.retryable
        stage.clock.advance(seconds=10)
        select(stage, plan)

    def test_a_plan_keeps_its_deleted_selections_for_a_while(self, stage, faults):
        """Deleting it is refused as with AWS until they are gone; then it is deleted."""
        plan = planned(stage)
        selection = select(stage, plan)
        stage.clock.advance(minutes=1)
        faults.lag(10, "selections")
        stage.call("DeleteBackupSelection", BackupPlanId=plan, SelectionId=selection)
        assert len(stage.call("ListBackupSelections", BackupPlanId=plan)["BackupSelectionsList"]) == 1
        with pytest.raises(errors.RejectedError, match="Related backup plan selections must be deleted") as caught:
            stage.call("DeleteBackupPlan", BackupPlanId=plan)
        assert caught.value.retryable
        stage.clock.advance(seconds=10)
        stage.call("DeleteBackupPlan", BackupPlanId=plan)
        assert stage.call("ListBackupPlans")["BackupPlansList"] == []

    def test_only_what_is_named_is_seen_late(self, stage, faults):
        """Selections lag, vaults do not; and without a lag nothing does."""
        plan = planned(stage)
        faults.lag(10, "selections")
        stage.call("CreateBackupVault", BackupVaultName="new")
        select(stage, plan)
        assert names(stage) == ["new", "prod"]
        assert stage.call("ListBackupSelections", BackupPlanId=plan)["BackupSelectionsList"] == []
        faults.lag(0)
        assert len(stage.call("ListBackupSelections", BackupPlanId=plan)["BackupSelectionsList"]) == 1
        assert stage.service.simulation.faults is None

    def test_a_stack_is_applied_all_the_same(self):
        """Creating a plan with its selection goes through the retry layer, which waits."""
        aws = bk.local(retry=PATIENT)
        aws.service.faults.lag(15)
        plan = aws.call("CreateBackupPlan", BackupPlan={"BackupPlanName": "p", "Rules": [RULE]})["BackupPlanId"]
        chosen = {"SelectionName": "s", "IamRoleArn": ROLE, "Resources": ["*"]}
        aws.call("CreateBackupSelection", BackupPlanId=plan, BackupSelection=chosen)
        assert aws.clock.now() >= START + timedelta(seconds=15)


class TestTheBook:
    def test_clear_ends_everything(self, stage, faults):
        """Calls, outages, lags, denied roles and held back resources, in every place."""
        faults.throttle(rate=1.0)
        faults.outage("EBS")
        faults.lag(5)
        faults.deny(ROLE)
        stage.world.add(THERE)
        stage.service.in_region("eu-west-1").faults.block_backups(THERE)
        faults.clear()
        assert stage.service.simulation.faults is None
        assert not stage.service.simulation.account(ACCOUNT).denied_roles
        assert not any(place.blocked_backups for place in stage.service.simulation.scopes.values())
        assert outcomes(stage, 3) == "..."

    def test_one_fault_can_be_ended_alone(self, stage, faults):
        """The others stay."""
        first, second = faults.throttle("ListBackupVaults", rate=1.0), faults.drop("ListBackupPlans", rate=1.0)
        faults.clear(first)
        assert list(faults) == [second]
        assert outcomes(stage, 1) + outcomes(stage, 1, "ListBackupPlans") == ".x"

    def test_a_snapshot_keeps_what_goes_wrong(self, stage, faults):
        """Counts, dice and outages go back with all the rest."""
        faults.throttle("ListBackupVaults", at=3, times=2)
        faults.drop("ListBackupPlans", rate=0.5, seed=3)
        faults.outage("EBS", ends=START + timedelta(days=9))
        faults.lag(5, "plans")
        kept = stage.service.save_state()
        first = outcomes(stage, 6), outcomes(stage, 20, "ListBackupPlans")
        stage.service.load_state(kept)
        assert (outcomes(stage, 6), outcomes(stage, 20, "ListBackupPlans")) == first
        assert first[0] == "..xx.."
        faults.clear()
        stage.service.load_state(kept)
        assert [type(each).__name__ for each in faults] == ["CallFault", "CallFault", "Outage"]

    def test_a_spent_fault_leaves_no_trace(self, stage, faults):
        """Once all that was set is over, calls are as cheap as before."""
        faults.throttle("ListBackupVaults")
        outcomes(stage, 1)
        assert stage.service.simulation.faults is None
