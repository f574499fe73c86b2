"""ARNs: taken apart, put together, and refused."""

from __future__ import annotations

import pytest
from hypothesis import given

from backupkit import testing
from backupkit.arn import Arn, vault_arn
from backupkit.errors import InvalidValueError


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("arn:aws:dynamodb:us-east-1:123456789012:table/orders", "table", "orders"),
        ("arn:aws:backup:us-east-1:123456789012:backup-vault:prod", "backup-vault", "prod"),
        ("arn:aws:s3:::my-bucket", "", "my-bucket"),
        ("arn:aws:ec2:us-east-1::snapshot/snap-1", "snapshot", "snap-1"),
        ("arn:aws:rds:us-east-1:123456789012:snapshot:awsbackup:job-1", "snapshot", "awsbackup:job-1"),
        ("arn:aws:iam::123456789012:role/service-role/r", "role", "service-role/r"),
    ],
)
def test_kind_and_name(text, kind, name):
    """The resource part is split at its first separator."""
    arn = Arn.parse(text)
    assert (arn.kind, arn.name, str(arn)) == (kind, name, text)


@pytest.mark.parametrize(
    "text", ["", "orders", "arn:aws:s3", "arn:aws:s3:::", "arn::s3:::b", " arn:aws:s3:::b", "arn:aws:s3:::b\n"]
)
def test_what_is_no_arn_is_refused(text):
    """Anything that is not an ARN is refused with the form of one."""
    with pytest.raises(InvalidValueError, match="arn:partition:service"):
        Arn.parse(text)


@given(testing.resource_arns(wildcards=False))
def test_parsing_and_spelling_are_inverse(text):
    """An ARN is spelled as it was read."""
    assert str(Arn.parse(text)) == text


def test_vault_arns():
    """A vault's ARN is made of its name, Region and account."""
    made = vault_arn("prod", region="us-east-1", account="123456789012")
    assert str(made) == "arn:aws:backup:us-east-1:123456789012:backup-vault:prod"
    assert (made.kind, made.name) == ("backup-vault", "prod")


@pytest.mark.parametrize("text", [None, 5, b"arn:aws:s3:::b"])
def test_what_is_no_text_is_no_arn(text):
    """A table object passed where its ARN belongs is refused like any other wrong ARN."""
    with pytest.raises(InvalidValueError, match="is not an ARN"):
        Arn.parse(text)
