"""Strategies for ARNs, of any account and Region or of one."""

from __future__ import annotations

import string

from hypothesis import strategies as st

from backupkit.arn import is_account, is_region, partition_of
from backupkit.checks import must_be_bools
from backupkit.errors import InvalidValueError
from backupkit.problems import Problem, quote
from backupkit.testing.names import names, vault_names

__all__ = ["arns", "key_arns", "places", "resource_arns", "role_arns", "topic_arns", "vault_arns"]

_REGIONS = ("us-east-1", "eu-west-1", "cn-north-1", "us-gov-west-1")


def places(account_id: str | None = None, region_name: str | None = None) -> st.SearchStrategy[tuple[str, str, str]]:
    """Partition, Region and account that belong together; any where nothing is said.

    Raises:
        InvalidValueError: The account is not 12 digits, or the Region is not formed like one.
    """
    if account_id is not None and not is_account(account_id):
        what = f"{quote(account_id)} is not an account"
        raise InvalidValueError(Problem("testing/account_id", what, "give 12 digits, as text"))
    if region_name is not None and not is_region(region_name):
        what = f"{quote(region_name)} is not a Region"
        raise InvalidValueError(Problem("testing/region_name", what, "give one like us-east-1"))
    regions = st.sampled_from(_REGIONS) if region_name is None else st.just(region_name)
    accounts = st.text(string.digits, min_size=12, max_size=12) if account_id is None else st.just(account_id)
    return st.builds(lambda region, account: (partition_of(region), region, account), regions, accounts)


def arns(
    service: str, resources: st.SearchStrategy[str], account_id: str | None, region_name: str | None
) -> st.SearchStrategy[str]:
    """ARNs of a service, with these resource parts."""
    return st.builds(
        lambda place, resource: f"arn:{place[0]}:{service}:{place[1]}:{place[2]}:{resource}",
        places(account_id, region_name),
        resources,
    )


def vault_arns(*, account_id: str | None = None, region_name: str | None = None) -> st.SearchStrategy[str]:
    """ARNs of backup vaults."""
    return arns("backup", vault_names().map("backup-vault:{}".format), account_id, region_name)


def key_arns(*, account_id: str | None = None, region_name: str | None = None) -> st.SearchStrategy[str]:
    """ARNs of KMS keys, those of several Regions among them."""
    keys = st.one_of(st.uuids().map("key/{}".format), st.uuids().map(lambda key: f"key/mrk-{key.hex}"))
    return arns("kms", keys, account_id, region_name)


def role_arns(*, account_id: str | None = None, region_name: str | None = None) -> st.SearchStrategy[str]:
    """ARNs of IAM roles, with and without a path; of the partition that the Region is in."""
    return st.builds(
        lambda place, path, name: f"arn:{place[0]}:iam::{place[2]}:role/{path}{name}",
        places(account_id, region_name),
        st.sampled_from(("", "service-role/")),
        names(64),
    )


def topic_arns(*, account_id: str | None = None, region_name: str | None = None) -> st.SearchStrategy[str]:
    """ARNs of standard SNS topics."""
    return arns("sns", vault_names(), account_id, region_name)


def resource_arns(
    *, wildcards: bool = False, account_id: str | None = None, region_name: str | None = None
) -> st.SearchStrategy[str]:
    """ARNs of tables, databases and buckets; with ``wildcards`` also ARNs that stand for many, and ``*``."""
    must_be_bools("testing", wildcards=wildcards)
    exact = st.one_of(
        arns("dynamodb", names().map("table/{}".format), account_id, region_name),
        arns("rds", names().map("db:{}".format), account_id, region_name),
        st.builds(lambda place, name: f"arn:{place[0]}:s3:::{name}", places(account_id, region_name), names()),
    )
    many = places(account_id, region_name).map(lambda place: f"arn:{place[0]}:ec2:*:*:instance/*")
    wild = st.one_of(st.just("*"), exact.map("{}*".format), many)
    return st.one_of(exact, wild) if wildcards else exact
