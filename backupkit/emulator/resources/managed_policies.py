"""AWS's own IAM policies in moto, which has their text and leaves them out: a role of AWS Backup is nothing without."""

from __future__ import annotations

import functools
import importlib
import json
import re
from typing import Any

__all__ = ["provide_managed_policy"]

_NAMED = re.compile(r"(?:^|&)PolicyArn=arn%3A(aws[a-z-]*)%3Aiam%3A%3Aaws%3Apolicy%2F(?:[^&]*%2F)?([^&]+)")
_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}


def provide_managed_policy(body: object) -> None:
    """Let moto have the policy of AWS itself that a request to IAM names.

    Args:
        body: The body of any request.
    """
    text = body.decode(errors="replace") if isinstance(body, bytes) else body
    named = _NAMED.search(text) if isinstance(text, str) and "PolicyArn=" in text else None
    if named is None or named[1] not in _REGIONS:
        return
    partition, name = named.groups()
    found = _published().get(name)
    if found is not None:
        account, models = importlib.import_module("moto.core").DEFAULT_ACCOUNT_ID, _models()
        policy = models.AWSManagedPolicy.from_data(name, account, _REGIONS[partition], found)
        models.iam_backends[account][partition].managed_policies.setdefault(policy.arn, policy)


def _models() -> Any:
    # Of an extra, and not all that it has is exported.
    return importlib.import_module("moto.iam.models")


@functools.cache
def _published() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_models().aws_managed_policies_data)
    return found
