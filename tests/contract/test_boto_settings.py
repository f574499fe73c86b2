"""Where a connection finds its Region, profile, endpoint and credentials: as boto3 does, and AWS_REGION too."""

from __future__ import annotations

import re

import boto3
import pytest
from loopback import always, serving

from backupkit.boto import Boto3Transport
from backupkit.errors import ConfigurationError, CredentialsError


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch, tmp_path):
    """A machine on which nobody has configured AWS."""
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_BACKUP"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return tmp_path


def test_a_missing_region_is_told_with_the_way_out():
    """Without any Region, connecting fails at once and says what to set."""
    with pytest.raises(ConfigurationError, match="AWS_REGION"):
        Boto3Transport()


@pytest.mark.parametrize(
    ("given", "default", "other", "expected"),
    [
        ("eu-west-1", "us-east-1", "us-west-2", "eu-west-1"),
        (None, "us-east-1", "us-west-2", "us-east-1"),
        (None, None, "us-west-2", "us-west-2"),
    ],
)
def test_the_region_is_boto3s_own_and_aws_region_where_it_has_none(given, default, other, expected, monkeypatch):
    """An argument wins, then what boto3 finds itself, then AWS_REGION."""
    if default:
        monkeypatch.setenv("AWS_DEFAULT_REGION", default)
    monkeypatch.setenv("AWS_REGION", other)
    assert Boto3Transport(region_name=given).region_name == expected


@pytest.mark.parametrize("by", ["argument", "AWS_REGION", "AWS_DEFAULT_REGION"])
@pytest.mark.parametrize(
    ("region", "hint"),
    [
        ("us-east1", "write us-east-1"),
        ("US-East-1", "write us-east-1"),
        ("eu_west_2", "write eu-west-2"),
        ("eu-central", "write eu-central-"),
        ("us-east-1a", "write us-east-1"),
    ],
)
def test_a_region_that_is_misspelt_is_refused_with_the_one_that_was_meant(region, hint, by, monkeypatch):
    """A slip in the Region shows when connecting, not as a host that nobody finds."""
    if by != "argument":
        monkeypatch.setenv(by, region)
    with pytest.raises(ConfigurationError, match=f"'{region}' is not a Region; {hint}"):
        Boto3Transport(region_name=region if by == "argument" else None)


@pytest.mark.parametrize("region", ["us-gov-west-1", "cn-north-1", "eusc-de-east-1", "xx-newest-9"])
def test_a_region_that_may_be_new_is_taken(region):
    """What is spelled like a Region is one: AWS opens new ones without a new version of anything."""
    assert Boto3Transport(region_name=region).region_name == region


def test_a_profile_brings_its_region_and_credentials(nothing_set, monkeypatch):
    """profile_name and AWS_PROFILE mean a profile of the shared configuration."""
    (nothing_set / "config").write_text("[profile dr]\nregion = eu-central-1\n")
    assert Boto3Transport(profile_name="dr").region_name == "eu-central-1"
    monkeypatch.setenv("AWS_PROFILE", "dr")
    assert Boto3Transport().region_name == "eu-central-1"


def test_an_unknown_profile_is_named():
    """A profile that is not there is a ConfigurationError that names it."""
    with pytest.raises(ConfigurationError, match="nobody"):
        Boto3Transport(profile_name="nobody", region_name="us-east-1")


def test_a_session_and_a_profile_contradict_each_other():
    """A session has its profile already; two of them is a mistake, not a choice."""
    with pytest.raises(ConfigurationError, match="not both"):
        Boto3Transport(boto3.Session(region_name="us-east-1"), profile_name="dr")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"session": "dr"}, "a str is not a boto3 session; a profile is profile_name="),
        ({"region_name": 5}, "region_name is an int; give text"),
        ({"endpoint_url": 9}, "endpoint_url is an int; give text"),
        ({"connect_timeout": "2"}, "connect_timeout is '2'; give a number above 0"),
        ({"read_timeout": 0}, "read_timeout is 0; give a number above 0"),
        ({"max_pool_connections": 0}, "max_pool_connections is 0; give a number above 0"),
        ({"max_pool_connections": float("inf")}, "max_pool_connections is inf; give a number above 0"),
        ({"max_pool_connections": 10**9}, "max_pool_connections is 1000000000; give a number above 0 and up to 10,000"),
        ({"max_pool_connections": 2.5}, "max_pool_connections is 2.5; give a number above 0 and up to 10,000 conn"),
        ({"max_answer_bytes": 0}, "max_answer_bytes is 0; give a number above 0"),
        ({"connect_timeout": float("inf")}, "connect_timeout is inf; give a number above 0 and up to 1,000,000"),
        ({"read_timeout": float("nan")}, "read_timeout is nan; give a number above 0"),
        ({"read_timeout": 10**5000}, "read_timeout is "),
    ],
)
def test_a_setting_of_the_wrong_kind_is_named(settings, message):
    """The error names the setting that is wrong, not another, and comes before anything is made."""
    with pytest.raises(ConfigurationError, match=re.escape(message)):
        Boto3Transport(**{"region_name": "us-east-1", **settings})


@pytest.mark.parametrize("url", ["nonsense", "https://[::1", "http://user:pa55word@"])
def test_an_endpoint_that_is_no_url_is_refused(url):
    """A bad endpoint fails at once, and is not repeated in the message."""
    with pytest.raises(ConfigurationError, match="endpoint") as caught:
        Boto3Transport(region_name="us-east-1", endpoint_url=url)
    assert "pa55word" not in str(caught.value)


def test_missing_credentials_are_told_by_the_first_call():
    """Without credentials a call fails with the way out; nothing is sent."""
    with pytest.raises(CredentialsError, match="AWS_PROFILE"):
        Boto3Transport(region_name="us-east-1", endpoint_url="http://127.0.0.1:9").call("ListBackupVaults", {})


def test_half_of_the_credentials_are_a_credentials_error(monkeypatch):
    """A key id without its secret is named as such."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    with pytest.raises(CredentialsError):
        Boto3Transport(region_name="us-east-1").call("ListBackupVaults", {})


def test_the_endpoint_of_the_environment_is_called(monkeypatch):
    """AWS_ENDPOINT_URL_BACKUP says where calls go."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret")
    with serving(always(200, b'{"BackupVaultList": []}')) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BACKUP", url)
        transport = Boto3Transport(region_name="us-east-1")
        assert transport.call("ListBackupVaults", {}) == b'{"BackupVaultList": []}'
        assert url.endswith(transport.endpoint_host)


def test_each_call_is_sent_once():
    """botocore's own retries are off: what fails is sent one time, and repeating is the retry layer's."""
    seen = []

    def throttle(_handler, method, target, _body):
        seen.append((method, target))
        return 503, {"x-amzn-errortype": "ServiceUnavailableException"}, b"{}"

    session = boto3.Session(aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="not-a-secret")
    with serving(throttle) as url, pytest.raises(Exception, match="ServiceUnavailable"):
        Boto3Transport(session, region_name="us-east-1", endpoint_url=url).call("ListBackupVaults", {})
    assert len(seen) == 1
