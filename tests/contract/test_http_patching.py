"""Plain boto3 of a program under test, answered by the local service in the same process."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

import backupkit as bk
from backupkit.emulator import LocalService, patch_boto3, serving
from backupkit.errors import ConfigurationError

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def bare(monkeypatch):
    """An environment as on a machine where nobody ever signed in."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)


def _names(client):
    return [vault["BackupVaultName"] for vault in client.list_backup_vaults()["BackupVaultList"]]


def test_a_plain_client_talks_to_the_local_service():
    """A program that knows only boto3 needs no change, no credentials and no Region."""
    with patch_boto3() as service:
        aws = boto3.client("backup")
        arn = aws.create_backup_vault(BackupVaultName="prod")["BackupVaultArn"]
        assert arn == "arn:aws:backup:us-east-1:123456789012:backup-vault:prod"
        assert aws.list_tags(ResourceArn=arn)["Tags"] == {}
        with pytest.raises(aws.exceptions.AlreadyExistsException):
            aws.create_backup_vault(BackupVaultName="prod")
        service.clock.advance(days=1)
        assert aws.describe_backup_vault(BackupVaultName="prod")["CreationDate"] < service.clock.now()


def test_it_stands_beside_a_connection():
    """The program calls boto3, the test looks with handles: it is one service. Regions are told apart."""
    with bk.local() as aws, patch_boto3(aws):
        boto3.client("backup").create_backup_vault(BackupVaultName="prod")
        boto3.Session().client("backup", region_name="eu-west-1").create_backup_vault(BackupVaultName="copies")
        assert [vault.backup_vault_name for vault in aws.vaults] == ["prod"]
        ireland = aws.in_region("eu-west-1")
        assert [vault.backup_vault_name for vault in ireland.vaults] == ["copies"]


@pytest.mark.parametrize("moto_first", [True, False])
def test_it_stands_beside_moto(moto_first):
    """With ``mock_aws`` outside or inside, backups are answered here, tables by moto, and nothing twice."""
    first, second = (mock_aws(), patch_boto3()) if moto_first else (patch_boto3(), mock_aws())
    with first, second:
        aws, tables = boto3.client("backup"), boto3.client("dynamodb")
        aws.create_backup_vault(BackupVaultName="prod")
        plan = aws.create_backup_plan(
            BackupPlan={"BackupPlanName": "p", "Rules": [{"RuleName": "r", "TargetBackupVaultName": "prod"}]}
        )
        # moto has no such operation, and would raise.
        assert aws.list_backup_selections(BackupPlanId=plan["BackupPlanId"])["BackupSelectionsList"] == []
        assert tables.list_tables()["TableNames"] == []
        from moto.backends import get_backend

        assert not any(region.vaults for account in get_backend("backup").values() for region in account.values())


def test_after_the_block_all_is_as_before(monkeypatch):
    """The environment, half a pair of keys included, and the default session come back; a client never calls AWS."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "without its key id")
    before = dict(os.environ)
    with patch_boto3():
        inside = boto3.client("backup")
        assert _names(inside) == []
    assert dict(os.environ) == before
    assert boto3.DEFAULT_SESSION is None
    with pytest.raises(ConfigurationError, match="patch_boto3"):
        inside.list_backup_vaults()


def test_credentials_that_are_there_are_left_alone(monkeypatch):
    """Whoever has keys in the environment keeps them for the other services; 12 digits are an account."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "210987654321")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-south-1")
    with patch_boto3():
        arn = boto3.client("backup").create_backup_vault(BackupVaultName="prod")["BackupVaultArn"]
    assert arn == "arn:aws:backup:ap-south-1:210987654321:backup-vault:prod"


def test_one_block_inside_another_answers_alone():
    """The inner service gets every call, the outer one none of them; after the inner block it is its turn again."""
    outer, inner = LocalService(), LocalService()
    with patch_boto3(outer):
        with patch_boto3(inner):
            boto3.client("backup").create_backup_vault(BackupVaultName="inner")
        assert _names(boto3.client("backup")) == []
        boto3.client("backup").create_backup_vault(BackupVaultName="outer")
    assert b"outer" not in inner.call("ListBackupVaults", {})
    assert b"inner" not in outer.call("ListBackupVaults", {})


def test_variables_that_are_empty_are_as_if_they_were_not_there(monkeypatch):
    """CI often sets a variable to nothing; the made-up Region and credentials then stand there, and go again."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.setenv(name, "")
    with patch_boto3():
        assert _names(boto3.client("backup")) == []
    assert os.environ["AWS_DEFAULT_REGION"] == ""


def test_a_client_that_awaits_its_answers_gets_them():
    """aiobotocore awaits the body of a response, where botocore reads it."""
    seen = []
    with patch_boto3():
        client = boto3.client("backup")
        client.meta.events.register("after-call.backup", lambda http_response, **_: seen.append(http_response))
        client.list_backup_vaults()

    async def read():
        return await seen[0].content

    assert json.loads(asyncio.run(read())) == {"BackupVaultList": []}


def test_asynchronous_clients_are_answered():
    """A program that uses aiobotocore needs no address either, and may be given one."""
    session = pytest.importorskip("aiobotocore.session", reason="aiobotocore is not installed")

    async def names(**more):
        async with session.get_session().create_client("backup", region_name="us-east-1", **more) as client:
            await client.create_backup_vault(BackupVaultName=f"vault-{len(more)}")
            with pytest.raises(client.exceptions.AlreadyExistsException):
                await client.create_backup_vault(BackupVaultName=f"vault-{len(more)}")
            return [vault["BackupVaultName"] for vault in (await client.list_backup_vaults())["BackupVaultList"]]

    with bk.local() as aws, patch_boto3(aws):
        assert asyncio.run(names()) == ["vault-0"]
        with serving(aws) as url:
            assert asyncio.run(names(endpoint_url=url)) == ["vault-0", "vault-1"]


def test_failures_close_the_connection(monkeypatch):
    """Where the service gives no answer, boto3 sees a connection that was closed, and tries again as it does."""
    from botocore.config import Config
    from botocore.exceptions import ConnectionClosedError

    from backupkit.errors import UnreachableError

    def silent(*_):
        raise UnreachableError("nothing came")

    with patch_boto3() as service:
        monkeypatch.setattr(type(service), "call", silent)
        aws = boto3.client("backup", config=Config(retries={"total_max_attempts": 1}))
        with pytest.raises(ConnectionClosedError):
            aws.list_backup_vaults()


PLUGIN_TEST = """
import boto3, pytest, urllib.request

def test_boto3(backupkit_local):
    boto3.client("backup").create_backup_vault(BackupVaultName="prod")
    assert [vault.backup_vault_name for vault in backupkit_local.vaults] == ["prod"]
    assert backupkit_local.region_name == "eu-west-1"
    assert backupkit_local.clock.now().isoformat() == "2026-03-01T00:00:00+00:00"

def test_each_test_has_its_own(backupkit_local):
    assert list(backupkit_local.vaults) == []

@pytest.mark.backupkit_local(region_name="us-west-2")
class TestClass:
    @pytest.mark.backupkit_local(account_id="210987654321")
    def test_markers_add_up(self, backupkit_local):
        assert (backupkit_local.region_name, backupkit_local.account_id) == ("us-west-2", "210987654321")

    @pytest.mark.backupkit_local(region_name="us-west-1")
    def test_the_nearest_wins(self, backupkit_local):
        assert backupkit_local.region_name == "us-west-1"

@pytest.mark.backupkit_local(region_name="us-west-2", account_id="210987654321")
def test_marker(backupkit_local, backupkit_local_url):
    client = boto3.client("backup", endpoint_url=backupkit_local_url)
    arn = client.create_backup_vault(BackupVaultName="prod")["BackupVaultArn"]
    assert arn == "arn:aws:backup:us-west-2:210987654321:backup-vault:prod"
    assert b"2026-03-01" in urllib.request.urlopen(backupkit_local_url + "/_backupkit/clock").read()
"""


def test_the_plugin_gives_each_test_its_own_aws_backup(tmp_path):
    """The fixture works in a project that knows only boto3; ini options and the marker say how it begins."""
    ended = _pytest(tmp_path, PLUGIN_TEST, "backupkit_region = eu-west-1\nbackupkit_start = 2026-03-01T00:00:00Z\n")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "5 passed" in ended.stdout


WORLD_TEST = """
import boto3, pytest
from moto import mock_aws
from backupkit.emulator import SessionWorld

ROLE = "arn:aws:iam::123456789012:role/backup"

@pytest.fixture
def backupkit_world():
    with mock_aws():
        yield SessionWorld(boto3.Session(region_name="us-east-1"), account_id="123456789012")

def test_table(backupkit_local):
    tables, aws = boto3.client("dynamodb"), boto3.client("backup")
    keys = {"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}
    arn = tables.create_table(TableName="orders", BillingMode="PAY_PER_REQUEST", **keys)["TableDescription"]["TableArn"]
    tables.put_item(TableName="orders", Item={"id": {"S": "first"}})
    aws.create_backup_vault(BackupVaultName="prod")
    aws.start_backup_job(BackupVaultName="prod", ResourceArn=arn, IamRoleArn=ROLE)
    backupkit_local.clock.advance(hours=1)
    [point] = backupkit_local.recovery_points(vault="prod")
    told = {"targetTableName": "again"}
    aws.start_restore_job(RecoveryPointArn=point.recovery_point_arn, Metadata=told, IamRoleArn=ROLE)
    backupkit_local.clock.advance(hours=1)
    assert tables.scan(TableName="again")["Items"] == [{"id": {"S": "first"}}]
"""


def _pytest(directory, program, ini=""):
    (directory / "test_program.py").write_text(program)
    (directory / "pytest.ini").write_text(f"[pytest]\naddopts = --strict-markers\n{ini}")
    line = [sys.executable, "-m", "pytest", "-q", "-p", "backupkit.pytest_plugin", "-p", "no:cacheprovider"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(line, cwd=directory, env=environment, capture_output=True, text=True, check=False)


def test_the_plugin_protects_the_resources_of_mock_aws(tmp_path):
    """A project that overrides `backupkit_world` backs up and restores the tables that moto holds for its test."""
    ended = _pytest(tmp_path, WORLD_TEST)
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.parametrize(
    ("ini", "mark", "says"),
    [
        ("backupkit_seed = x", "", "backupkit_seed = x: give a whole number"),
        ("backupkit_start = 2026-01-01", "", "write it with its zone, like 2026-01-01T00:00:00Z"),
        ("backupkit_start = soon", "", "write it with its zone, like 2026-01-01T00:00:00Z"),
        ("backupkit_region = here", "", "'here' is not a Region"),
        ("", "@pytest.mark.backupkit_local(regoin_name='eu-west-1')", "there is no such argument; write region_name"),
        ("", "@pytest.mark.backupkit_local('eu-west-1')", "name each argument, as in region_name='eu-west-1'"),
    ],
)
def test_the_plugin_says_which_setting_is_wrong(tmp_path, ini, mark, says):
    """A wrong ini option or marker is told by its name, with the way out."""
    ended = _pytest(tmp_path, f"import pytest\n\n{mark}\ndef test_it(backupkit_local): pass\n", ini)
    assert ended.returncode == 1
    assert says in ended.stdout


def test_a_connection_to_aws_is_not_patched_over():
    """Only what `bk.local()` opened can answer in AWS's place."""
    with pytest.raises(ConfigurationError, match="is not a local AWS Backup"), patch_boto3(object()):
        pass


def test_the_plugin_costs_nothing_until_it_is_asked_for():
    """Every run of pytest imports it where backupkit is installed: it imports neither boto3 nor the local service."""
    code = (
        "import sys, backupkit.pytest_plugin; print([m for m in ('boto3', 'backupkit.emulator') if m in sys.modules])"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert ended.stdout == "[]\n"
