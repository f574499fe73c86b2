"""The private moto session: nothing that is done with it ever leaves the process."""

from __future__ import annotations

import pytest

import backupkit as bk
from backupkit.emulator import SessionWorld, private_moto_session
from backupkit.errors import ConfigurationError

NOWHERE = "http://127.0.0.1:9"


@pytest.mark.slow
@pytest.mark.parametrize(
    "settings",
    [
        {"AWS_ENDPOINT_URL": NOWHERE},
        {"AWS_ENDPOINT_URL_S3": NOWHERE},
        {"AWS_USE_FIPS_ENDPOINT": "true", "AWS_USE_DUALSTACK_ENDPOINT": "true"},
        {"AWS_DEFAULT_REGION": "cn-north-1"},
        {"AWS_ACCOUNT_ID_ENDPOINT_MODE": "required"},
    ],
    ids="+".join,
)
def test_no_variable_leads_it_elsewhere(settings, monkeypatch):
    """Whoever works against another endpoint in the same shell still rehearses on this machine alone."""
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    buckets = private_moto_session().client("s3")
    assert buckets.meta.endpoint_url == "https://s3.amazonaws.com"
    assert "Buckets" in buckets.list_buckets()


def test_no_file_leads_it_elsewhere(tmp_path, monkeypatch):
    """An endpoint in the shared configuration is for other sessions."""
    file = tmp_path / "config"
    file.write_text(f"[default]\nendpoint_url = {NOWHERE}\nuse_fips_endpoint = true\n", encoding="utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(file))
    assert "TableNames" in private_moto_session().client("dynamodb").list_tables()


def test_what_moto_does_not_answer_is_refused_and_never_sent():
    """An endpoint that is given by hand would leave the process: the error names it instead."""
    client = private_moto_session().client("dynamodb", endpoint_url=NOWHERE)
    with pytest.raises(ConfigurationError, match=r"does not answer POST http://127\.0\.0\.1:9/, and nothing leaves"):
        client.list_tables()


def test_a_profile_that_is_not_there_is_one_clear_error(monkeypatch):
    """moto reads AWS_PROFILE and would fail in its midst; the error says what to unset."""
    monkeypatch.setenv("AWS_PROFILE", "missing")
    with pytest.raises(ConfigurationError, match="unset AWS_PROFILE"):
        private_moto_session()


def test_the_role_of_aws_backup_gets_the_policies_of_aws_itself():
    """A `BackupRole` is rehearsed on this machine as it is on AWS: with the managed policies, which moto leaves out."""
    role = bk.BackupRole("rehearsed", types=("EC2", "S3"))
    with bk.local(world=SessionWorld(private_moto_session(), account_id="123456789012")) as aws:
        bk.Stack("roles", role).preview(aws).apply()
        assert not bk.Stack("roles", role).preview(aws)
    iam = private_moto_session().client("iam")
    attached = iam.list_attached_role_policies(RoleName="rehearsed")["AttachedPolicies"]
    assert {each["PolicyName"] for each in attached} == set(role.managed_policies)
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.attach_role_policy(RoleName="rehearsed", PolicyArn="arn:aws:iam::aws:policy/NotAPolicyOfAWS")
