"""Strategies for ARNs."""

from __future__ import annotations

import string

from hypothesis import strategies as st

from backupkit.testing.names import names, vault_names

__all__ = ["key_arns", "resource_arns", "role_arns", "topic_arns", "vault_arns"]

_PARTITIONS = st.sampled_from(("aws", "aws-cn", "aws-us-gov"))
_REGIONS = st.sampled_from(("us-east-1", "eu-west-1", "cn-north-1"))
_ACCOUNTS = st.text(string.digits, min_size=12, max_size=12)


def _arns(service: str, resources: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds("arn:{}:{}:{}:{}:{}".format, _PARTITIONS, st.just(service), _REGIONS, _ACCOUNTS, resources)


def vault_arns() -> st.SearchStrategy[str]:
    """ARNs of backup vaults."""
    return _arns("backup", vault_names().map("backup-vault:{}".format))


def key_arns() -> st.SearchStrategy[str]:
    """ARNs of KMS keys, those of several Regions among them."""
    return _arns("kms", st.one_of(st.uuids().map("key/{}".format), st.uuids().map(lambda key: f"key/mrk-{key.hex}")))


def role_arns() -> st.SearchStrategy[str]:
    """ARNs of IAM roles, with and without a path."""
    return st.builds(
        "arn:{}:iam::{}:role/{}{}".format, _PARTITIONS, _ACCOUNTS, st.sampled_from(("", "service-role/")), names(64)
    )


def topic_arns() -> st.SearchStrategy[str]:
    """ARNs of standard SNS topics."""
    return _arns("sns", vault_names())


def resource_arns(*, wildcards: bool = False) -> st.SearchStrategy[str]:
    """ARNs of resources; with ``wildcards`` also ARNs that stand for many, and ``*``."""
    exact = st.one_of(
        _arns("dynamodb", names().map("table/{}".format)),
        _arns("rds", names().map("db:{}".format)),
        names().map("arn:aws:s3:::{}".format),
    )
    wild = st.one_of(st.just("*"), exact.map("{}*".format), st.just("arn:aws:ec2:*:*:instance/*"))
    return st.one_of(exact, wild) if wildcards else exact
