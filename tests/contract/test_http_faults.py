"""Faults by choice over HTTP: what boto3 makes of them, and the words that set them."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import boto3
import botocore.exceptions
import pytest
from botocore.config import Config
from http_programs import ACCOUNT, REGION, client, control, program

import backupkit as bk
from backupkit.emulator import LocalService
from backupkit.emulator.http import serving

TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/backup"
DRILLS = {
    "RestoreTestingPlanName": "drills",
    "ScheduleExpression": "cron(0 5 ? * * *)",
    "RecoveryPointSelection": {
        "Algorithm": "LATEST_WITHIN_WINDOW",
        "IncludeVaults": ["*"],
        "RecoveryPointTypes": ["SNAPSHOT"],
    },
}
NOTHING = {"denied": [], "blocked_backups": [], "calls": [], "outages": [], "lag": None}


@pytest.fixture
def service():
    return LocalService()


@pytest.fixture
def url(service):
    with serving(service) as found:
        yield found


def once(url):
    """A client of boto3 that repeats nothing."""
    keys = {"aws_access_key_id": ACCOUNT, "aws_secret_access_key": "any", "region_name": REGION}
    config = Config(retries={"total_max_attempts": 1})
    return boto3.client("backup", endpoint_url=url, config=config, **keys)


def twice(url):
    """A client of boto3 that repeats a call once."""
    keys = {"aws_access_key_id": ACCOUNT, "aws_secret_access_key": "any", "region_name": REGION}
    config = Config(retries={"total_max_attempts": 2, "mode": "standard"})
    return boto3.client("backup", endpoint_url=url, config=config, **keys)


def refused(url, body):
    """The status and message of a control request that is refused."""
    request = urllib.request.Request(f"{url}/_backupkit/faults", json.dumps(body).encode(), method="POST")
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=10)
    with caught.value as answer:
        return answer.code, json.load(answer)["Message"]


def test_boto3_repeats_a_throttled_call(url, service):
    """It knows the error for what it is, and the second attempt is answered."""
    fault = service.faults.throttle("ListBackupVaults")
    answer = twice(url).list_backup_vaults()
    assert (answer["BackupVaultList"], answer["ResponseMetadata"]["RetryAttempts"]) == ([], 1)
    assert fault.fired == 1


def test_boto3_raises_what_it_does_not_repeat(url, service):
    """With AWS's code, status and sentence."""
    service.faults.fail("ListBackupVaults", "ServiceUnavailableException", "Try later.")
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        once(url).list_backup_vaults()
    error = caught.value.response
    assert error["Error"] == {"Code": "ServiceUnavailableException", "Message": "Try later."}
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 500


def test_refused_credentials_are_refused_with_their_code(url, service):
    """The status is 403, and nobody repeats it."""
    service.faults.fail("ListBackupVaults", "ExpiredTokenException")
    with pytest.raises(botocore.exceptions.ClientError, match="ExpiredTokenException") as caught:
        twice(url).list_backup_vaults()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_a_dropped_call_is_a_closed_connection(url, service):
    """boto3 raises, or repeats it where it may; the work is done or not, as chosen."""
    service.faults.drop("CreateBackupVault", after=True)
    with pytest.raises(botocore.exceptions.ConnectionClosedError):
        once(url).create_backup_vault(BackupVaultName="made")
    service.faults.drop("ListBackupVaults")
    [vault] = twice(url).list_backup_vaults()["BackupVaultList"]
    assert vault["BackupVaultName"] == "made"


def test_half_an_answer_is_an_error_and_never_data(url, service):
    """The connection is reset in the middle of the body."""
    aws = once(url)
    aws.create_backup_vault(BackupVaultName="prod")
    service.faults.cut("DescribeBackupVault")
    with pytest.raises(botocore.exceptions.ConnectionClosedError):
        aws.describe_backup_vault(BackupVaultName="prod")
    service.faults.cut("DescribeBackupVault")
    assert twice(url).describe_backup_vault(BackupVaultName="prod")["BackupVaultName"] == "prod"


def test_half_an_answer_in_good_order_is_an_error_to_backupkit(url, service):
    """The headers promise the whole. botocore alone takes the rest for an empty answer; backupkit does not."""
    aws = once(url)
    aws.create_backup_vault(BackupVaultName="prod")
    service.faults.cut("DescribeBackupVault", orderly=True, times=3)
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
    connection.request("GET", "/backup-vaults/prod")
    answer = connection.getresponse()
    with pytest.raises(http.client.IncompleteRead) as caught:
        answer.read()
    connection.close()
    assert len(caught.value.partial) == int(answer.headers["content-length"]) // 2
    assert "BackupVaultName" not in aws.describe_backup_vault(BackupVaultName="prod")
    session = boto3.Session(aws_access_key_id=ACCOUNT, aws_secret_access_key="any", region_name=REGION)
    impatient = bk.RetryPolicy(attempts=1, unreachable_attempts=1)
    with bk.connect(session, endpoint_url=url, retry=impatient) as ours, pytest.raises(bk.errors.UnreachableError):
        ours.call("DescribeBackupVault", BackupVaultName="prod")


def test_an_answer_without_a_body_cannot_be_cut_and_is_dropped(url, service):
    """The work is done all the same."""
    aws = once(url)
    aws.create_restore_testing_plan(RestoreTestingPlan=DRILLS)
    service.faults.cut("DeleteRestoreTestingPlan")
    with pytest.raises(botocore.exceptions.ConnectionClosedError):
        aws.delete_restore_testing_plan(RestoreTestingPlanName="drills")
    assert aws.list_restore_testing_plans()["RestoreTestingPlans"] == []


def test_other_clients_go_on_while_one_is_cut_off(url, service):
    """The server stands."""
    service.faults.drop(times=3)
    for _ in range(3):
        with pytest.raises(botocore.exceptions.ConnectionClosedError):
            once(url).list_backup_vaults()
    assert once(url).list_backup_vaults()["BackupVaultList"] == []


def test_each_call_is_counted_once_however_many_clients_there_are(url, service):
    """Ten are meant, so ten are struck, and no more."""
    fault = service.faults.fail("ListBackupVaults", at=11, times=10)

    def outcomes(_):
        aws, found = once(url), []
        for _ in range(10):
            try:
                aws.list_backup_vaults()
                found.append(True)
            except botocore.exceptions.ClientError:
                found.append(False)
        return found

    with ThreadPoolExecutor(4) as pool:
        answered = [each for found in pool.map(outcomes, range(4)) for each in found]
    assert (answered.count(False), len(answered), fault.fired) == (10, 40, 10)


def test_faults_strike_patched_boto3_as_they_strike_the_wire():
    """Dropped and cut calls raise, and a throttled one with AWS's code."""
    with bk.local() as aws, bk.emulator.patch_boto3(aws.service):
        faults = aws.service.faults
        config = Config(retries={"total_max_attempts": 1})
        backup = boto3.client("backup", region_name=REGION, config=config)
        for set_one in (faults.drop, faults.cut):
            set_one("ListBackupVaults")
            with pytest.raises(botocore.exceptions.ConnectionClosedError):
                backup.list_backup_vaults()
        faults.cut("ListBackupVaults", orderly=True)
        assert "BackupVaultList" not in backup.list_backup_vaults()
        faults.throttle("ListBackupVaults")
        with pytest.raises(botocore.exceptions.ClientError, match="ThrottlingException"):
            backup.list_backup_vaults()
        assert backup.list_backup_vaults()["BackupVaultList"] == []


def test_every_verb_has_its_word(url):
    """What is set over HTTP is told there, and ends there."""
    control(url, "/resources", {"add": {"arn": TABLE}})
    told = control(
        url,
        "/faults",
        {
            "throttle": {"operation": "StartBackupJob", "at": 2, "times": 3},
            "fail": [{"code": "InternalFailure", "message": "no", "rate": 0.5, "seed": 4}],
            "delay": {"operation": "ListBackupVaults", "seconds": 3, "after": True},
            "drop": {"region_name": "eu-west-1", "account_id": ACCOUNT},
            "cut": {"operation": "ListBackupPlans"},
            "limit": {"operation": "DeleteRecoveryPoint", "per_second": 20, "burst": 40},
            "outage": {"resource_type": "EBS", "jobs": ["copy"], "waits": True, "ends": "2026-02-01T00:00:00Z"},
            "lag": {"seconds": 5, "kinds": ["plans"]},
            "deny": {"role": ROLE, "seconds": 60},
            "block_backups": TABLE,
        },
    )
    assert [each["does"] for each in told["calls"]] == ["fail", "limit", "fail", "delay", "drop", "cut"]
    assert told["calls"][0] | {"first": 2, "last": 4, "code": "ThrottlingException"} == told["calls"][0]
    assert told["calls"][1] | {"per_second": 20, "burst": 40, "last": None} == told["calls"][1]
    assert told["calls"][2] | {"operation": "*", "last": None, "rate": 0.5} == told["calls"][2]
    assert told["calls"][4] | {"account_id": ACCOUNT, "region_name": "eu-west-1"} == told["calls"][4]
    [outage] = told["outages"]
    assert (outage["resource_type"], outage["jobs"], outage["waits"]) == ("EBS", ["copy"], True)
    assert (outage["starts"], outage["ends"]) == ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z")
    assert told["lag"] == {"seconds": 5, "kinds": ["plans"]}
    assert (told["denied"], len(told["blocked_backups"])) == ([ROLE], 1)
    control(url, "/clock", {"advance": {"seconds": 60}})
    assert control(url, "/faults")["denied"] == []
    assert control(url, "/faults", {"clear": True}) == NOTHING


def test_a_body_of_faults_is_done_whole_or_not_at_all(url):
    """One word that cannot be keeps all the others from being."""
    good = {"throttle": {"operation": "ListBackupVaults", "rate": 1}, "deny": ROLE}
    for bad in (
        {"outage": {"resource_type": "Floppy"}},
        {"drop": {"operation": "ListVaults"}},
        {"fail": {"code": "NoSuchException"}},
        {"lag": {"seconds": -1}},
        {"limit": {"operation": "ListBackupVaults"}},
        {"limit": {"per_second": 0}},
        {"release": "no arn"},
        {"block_backups": TABLE},
        {"deny": [ROLE, {"role": ROLE, "seconds": -5}]},
        {"explode": True},
    ):
        status, _ = refused(url, good | bad)
        assert status == 400
        assert control(url, "/faults") == NOTHING
    assert once(url).list_backup_vaults()["BackupVaultList"] == []


def test_counts_survive_a_killed_server(tmp_path):
    """With a state file, a fault goes on counting where it was, reads included."""
    file = str(tmp_path / "state.db")

    def outcomes(url, calls):
        aws = once(url)
        found = ""
        for _ in range(calls):
            try:
                aws.list_backup_vaults()
                found += "."
            except botocore.exceptions.ClientError:
                found += "x"
        return found

    with program("--state", file, seed=1) as first:
        control(first.url, "/faults", {"throttle": {"operation": "ListBackupVaults", "at": 4, "times": 2}})
        control(first.url, "/faults", {"delay": {"operation": "ListBackupPlans", "seconds": 60}})
        client(first.url).list_backup_plans()
        assert outcomes(first.url, 3) == "..."
        before = control(first.url, "/faults"), control(first.url, "/clock")
        first.kill()
    with program("--state", file, seed=2) as second:
        assert (control(second.url, "/faults"), control(second.url, "/clock")) == before
        assert outcomes(second.url, 3) == "xx."
