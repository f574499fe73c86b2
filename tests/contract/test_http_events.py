"""What the served local service tells outside, read over HTTP."""

from __future__ import annotations

import urllib.error
from contextlib import closing

import pytest
from http_programs import ACCOUNT, REGION, client, control

from backupkit.emulator import LocalService
from backupkit.emulator.http import Request, serving
from backupkit.emulator.http.statefile import StartOptions, StateFile
from backupkit.emulator.kernel.resource_protocol import WorldError
from backupkit.emulator.resources.synthetic import SyntheticWorld

TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:backup-news"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/backup"


@pytest.fixture
def url():
    with serving(LocalService()) as found:
        yield found


def test_events_and_notifications_are_read_over_http(url):
    """Any program can assert on what AWS would have told EventBridge and SNS."""
    assert control(url, "/events") == {"listening": False}
    assert control(url, "/events", {"listen": True})["events"] == []
    control(url, "/resources", {"add": {"arn": TABLE}})
    with closing(client(url)) as aws:
        aws.create_backup_vault(BackupVaultName="prod")
        aws.put_backup_vault_notifications(
            BackupVaultName="prod", SNSTopicArn=TOPIC, BackupVaultEvents=["BACKUP_JOB_COMPLETED"]
        )
        job = aws.start_backup_job(BackupVaultName="prod", ResourceArn=TABLE, IamRoleArn=ROLE)["BackupJobId"]
    control(url, "/clock", {"advance": {"hours": 1}})
    told = control(url, "/events")
    kinds = [event["detail-type"] for event in told["events"]]
    assert kinds[0] == "Backup Vault State Change"
    completed = [event for event in told["events"] if event["detail"].get("state") == "COMPLETED"]
    assert [event["detail"]["backupJobId"] for event in completed] == [job]
    [notification] = told["notifications"]
    assert notification["attributes"]["Id"] == job
    assert notification["topic_arn"] == TOPIC
    assert told["failures"] == []


def test_a_caller_reads_the_events_of_its_own_place(url):
    """Another account or Region has a bus of its own."""
    control(url, "/events", {"listen": True})
    for caller in ({"region": "eu-west-1"}, {"key": "210987654321"}):
        with closing(client(url, **caller)) as aws:
            aws.create_backup_vault(BackupVaultName="elsewhere")
    assert control(url, "/events")["events"] == []


def test_telling_can_be_ended(url):
    """What was kept is gone then, and nothing is kept any more."""
    control(url, "/events", {"listen": True})
    with closing(client(url)) as aws:
        aws.create_backup_vault(BackupVaultName="prod")
    assert control(url, "/events", {"listen": False}) == control(url, "/events") == {"listening": False}


@pytest.mark.parametrize("said", [{}, {"listen": "yes"}, {"listen": True, "loud": True}])
def test_a_word_that_is_not_known_is_refused(url, said):
    """A spelling mistake does not leave a program deaf."""
    with pytest.raises(urllib.error.HTTPError) as caught:
        control(url, "/events", said)
    with caught.value as refused:
        assert refused.code == 400
    assert not control(url, "/events")["listening"]


def test_a_state_file_keeps_what_was_told(tmp_path):
    """A server that comes back goes on listening, with the same events under the same ids."""
    path = tmp_path / "state.db"

    def events(face):
        return face.answer(Request("GET", "/_backupkit/events")).body

    for _ in range(2):
        file = StateFile(path, StartOptions())
        file.app.answer(Request("POST", "/_backupkit/events", {}, b'{"listen": true}'))
        file.app.answer(Request("PUT", "/backup-vaults/prod", {}, b"{}"))
        before = events(file.app)
        file.close()
        again = StateFile(path, StartOptions())
        assert events(again.app) == before
        assert b'"backupVaultName":"prod"' in before
        again.close()


def test_reports_are_read_over_http(url):
    """A program without S3 reads what the report plans of its account delivered."""
    with closing(client(url)) as aws:
        aws.create_report_plan(
            ReportPlanName="jobs",
            ReportDeliveryChannel={"S3BucketName": "audit"},
            ReportSetting={"ReportTemplate": "BACKUP_JOB_REPORT"},
        )
    control(url, "/clock", {"advance": {"days": 2}})
    told = control(url, "/reports")["reports"]
    assert {report["bucket"] for report in told} == {"audit"}
    text = control(url, "/reports", {"key": told[0]["key"]})["text"]
    assert len(text.encode()) == told[0]["bytes"]
    assert text.startswith("Report Time Period Start,")
    with pytest.raises(urllib.error.HTTPError, match="400"):
        control(url, "/reports", {"key": "nothing"})


class Dark(SyntheticWorld):
    """A world that cannot be looked at."""

    @property
    def revision(self):
        return None

    def resources(self, account_id, region_name):
        raise WorldError("DynamoDB answered AccessDenied to ListTables")


def test_a_clock_that_comes_upon_a_world_that_cannot_be_listed_says_so():
    """The program that moves the clock gets the reason, and not a failure of the local service."""
    service = LocalService(world=Dark())
    with serving(service) as url, closing(client(url)) as aws:
        rule = {"RuleName": "r", "TargetBackupVaultName": "prod", "ScheduleExpression": "cron(0 5 ? * * *)"}
        plan = aws.create_backup_plan(BackupPlan={"BackupPlanName": "p", "Rules": [rule]})["BackupPlanId"]
        chosen = {"SelectionName": "s", "IamRoleArn": ROLE, "Resources": ["*"]}
        aws.create_backup_selection(BackupPlanId=plan, BackupSelection=chosen)
        with pytest.raises(urllib.error.HTTPError) as caught:
            control(url, "/clock", {"advance": {"days": 1}})
    assert caught.value.code == 503
    assert "AccessDenied to ListTables" in caught.value.read().decode()
